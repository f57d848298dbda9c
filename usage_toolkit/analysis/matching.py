"""Which use stands behind which money, where one report counts and another one bills.

Both are compared within a provider, account, UTC day and meter, by the labels that both of them say there: a label
that all of the money, or all of the use, leaves at ``"(none)"`` is left out. Money that finds nothing in this way
is compared with each use by the labels that the two of them say. Workspaces, keys and users are the same if their
ids are; a name without an id stands for the one id that it has elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_

import polars as pl

from usage_toolkit.schema import NONE, conform

SCOPE = ("provider", "account", "day", "meter")
WHO = ("workspace", "api_key", "user")
IDS = tuple(f"{name}_id" for name in WHO)
WHAT = ("model", "service_tier", "context_window", "region", "speed")
SET = (*SCOPE, *WHO, *IDS, *WHAT)
"""What tells one set of labels from another, on both sides."""

_LABELS = (*WHO, *WHAT)


@dataclass(frozen=True)
class Matched:
    """Sets of labels, and the group that each belongs to: within one, money is for quantity at one price.

    Attributes
    ----------
    money
        `SET` and ``group``; money without use behind it is in none, other money in one.
    use
        `SET`, ``unit`` and ``group``; use without money is in none.
    kinds
        ``group``, `SCOPE` and `WHAT`, as far as both sides say it.
    """

    money: pl.DataFrame
    use: pl.DataFrame
    kinds: pl.DataFrame


def by_day(rows: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return canonical rows with the UTC ``day`` that each lies in."""
    frame = rows.collect() if isinstance(rows, pl.LazyFrame) else rows
    return conform(frame).with_columns(pl.col("time").dt.truncate("1d").alias("day"))


def metered(rows: pl.DataFrame, *also: str) -> pl.DataFrame:
    """Add up what was counted beside the bill, per set of labels and `also`; what is not above 0 is no use."""
    counted = rows.filter((pl.col("basis") == "metered") & pl.col("quantity").is_not_null())
    return counted.group_by(*also, *SET, "unit").agg(pl.col("quantity").sum()).filter(pl.col("quantity") > 0)


def match(money: pl.DataFrame, use: pl.DataFrame) -> Matched:
    """Group sets of labels of `money` and `use`; quantities in several units stand behind no money."""
    money, use = money.select(*SET).unique(), use.select(*SET, "unit").unique()
    ids = _ids(pl.concat([money, use.select(*SET)]))
    left, right = _keyed(money, ids), _keyed(use, ids)
    said = _said(left).join(_said(right), on=SCOPE, suffix="_there")
    plain, there = _blanked(left, said), _blanked(right, said)
    keys = [*SCOPE, *_LABELS]
    kinds = plain.join(there, on=keys, how="semi").select(keys).unique().with_row_index("group")
    paid, used = (side.join(kinds, on=keys).select("set", "group") for side in (plain, there))
    rest = left.join(paid, on="set", how="anti")
    loose = rest.select(keys).unique().with_row_index("group", offset=kinds.height)
    agree = reduce(and_, ((pl.col(n) == pl.col(f"{n}_there")) | (pl.col(n) == NONE) | (pl.col(f"{n}_there") == NONE)
                          for n in _LABELS))  # fmt: skip
    found = loose.join(right, on=SCOPE, suffix="_there").filter(agree)
    loose = loose.join(found, on="group", how="semi")
    used = pl.concat([used, found.select("set", "group")])
    paid = pl.concat([paid, rest.join(loose, on=keys).select("set", "group")])
    units = used.join(right.select("set", "unit"), on="set").group_by("group").agg(pl.col("unit").n_unique())
    one = units.filter(pl.col("unit") == 1).select("group")
    return Matched(
        money.with_row_index("set").join(paid, on="set").join(one, on="group", how="semi").drop("set"),
        use.with_row_index("set").join(used, on="set").join(one, on="group", how="semi").drop("set"),
        pl.concat([kinds, loose]).select("group", *SCOPE, *WHAT).join(one, on="group", how="semi"),
    )


def _ids(sets: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return for each of `WHO` the names that have one id, and which."""
    ids = {}
    for name in WHO:
        keys = ["provider", "account", name]
        known = sets.select(*keys, known=f"{name}_id").drop_nulls().unique()
        ids[name] = known.filter(pl.len().over(keys) == 1)
    return ids


def _keyed(sets: pl.DataFrame, ids: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Number the sets and write each of `WHO` so that what is the same compares equal."""
    made = sets.with_row_index("set")
    for name in WHO:
        made = made.join(ids[name], on=["provider", "account", name], how="left")
        known = pl.coalesce(f"{name}_id", "known")
        key = pl.when(known.is_not_null()).then("id " + known).when(pl.col(name) != NONE).then("name " + pl.col(name))
        made = made.with_columns(key.otherwise(pl.lit(NONE)).alias(name)).drop("known")
    return made


def _said(sets: pl.DataFrame) -> pl.DataFrame:
    return sets.group_by(SCOPE).agg((pl.col(name) != NONE).any() for name in _LABELS)


def _blanked(sets: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Take away the labels that not both sides say."""
    both = [pl.col(f"{name}_both") & pl.col(f"{name}_there_both") for name in _LABELS]
    flags = said.rename({name: f"{name}_both" for name in said.columns if name not in SCOPE})
    return sets.join(flags, on=SCOPE).with_columns(
        pl.when(flag).then(name).otherwise(pl.lit(NONE)).alias(name)
        for name, flag in zip(_LABELS, both, strict=True)
    )  # fmt: skip
