"""Which use stands behind which money, where one report counts and another one bills.

Both are compared within a provider, account, UTC day and meter, by the labels that both of them say there: a label
that all of the money, or all of the use, leaves at ``"(none)"`` is left out. Money that finds nothing in this way
is compared with each use by the labels that the two of them say: with what no other money is for, if there is any.
Workspaces, keys and users are the same if their ids are; a name without an id stands for the one id that it has
elsewhere, in its workspace or else in any.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_

import polars as pl

from usage_toolkit.analysis.rows import coded
from usage_toolkit.schema import NONE

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


def metered(rows: pl.DataFrame, *also: str) -> pl.DataFrame:
    """Add up what was counted beside the bill, per set of labels and `also`; what is not above 0 is no use."""
    counted = rows.filter((pl.col("basis") == "metered") & pl.col("quantity").is_not_null())
    return counted.group_by(*also, *SET, "unit").agg(pl.col("quantity").sum()).filter(pl.col("quantity") > 0)


def match(money: pl.DataFrame, use: pl.DataFrame) -> Matched:
    """Group sets of labels of `money` and `use`; quantities in several units stand behind no money."""
    money, use = money.select(*SET).unique(), use.select(*SET, "unit").unique()
    both = _keyed(pl.concat([money, use.select(*SET)]))
    left = both.head(money.height).with_row_index("set")
    right = both.tail(use.height).with_row_index("set").with_columns(use["unit"])
    said = _said(left).join(_said(right), on=SCOPE, suffix="_there")
    plain, there = _blanked(left, said), _blanked(right, said)
    keys = [*SCOPE, *_LABELS]
    kinds = plain.join(there, on=keys, how="semi").select(keys).unique().with_row_index("group")
    paid, used = (side.join(kinds, on=keys).select("set", "group") for side in (plain, there))
    rest = left.join(paid, on="set", how="anti")
    loose = rest.select(keys).unique().with_row_index("group", offset=kinds.height)
    agree = reduce(and_, ((pl.col(n) == pl.col(f"{n}_there")) | (pl.col(n) == NONE) | (pl.col(f"{n}_there") == NONE)
                          for n in _LABELS))  # fmt: skip
    found = loose.join(right, on=SCOPE, suffix="_there").filter(agree).select("set", "group")
    free = found.join(used, on="set", how="anti")
    found = pl.concat([free, found.join(free, on="group", how="anti")])
    loose = loose.join(found, on="group", how="semi")
    used = pl.concat([used, found])
    paid = pl.concat([paid, rest.join(loose, on=keys).select("set", "group")])
    units = used.join(right.select("set", "unit"), on="set").group_by("group").agg(pl.col("unit").n_unique())
    one = units.filter(pl.col("unit") == 1).select("group")
    return Matched(
        money.with_row_index("set").join(paid, on="set").join(one, on="group", how="semi").drop("set"),
        use.with_row_index("set").join(used, on="set").join(one, on="group", how="semi").drop("set"),
        pl.concat([kinds, loose]).select("group", *SCOPE, *WHAT).join(one, on="group", how="semi"),
    )


def _keyed(sets: pl.DataFrame) -> pl.DataFrame:
    """Write each of `WHO` so that what is the same compares equal."""
    for name in WHO:
        own, is_said = pl.col(f"{name}_id"), pl.col(name) != NONE
        anywhere = ["provider", "account", name]
        within = list(dict.fromkeys([*anywhere, "workspace"]))
        who = sets.select(*within, f"{name}_id").unique()
        known = pl.coalesce(own, *(pl.when(is_said).then(_only(own).over(keys)) for keys in (within, anywhere)))
        called = pl.when(is_said).then("name " + pl.col(name).cast(pl.String)).otherwise(pl.lit(NONE))
        who = coded(who.with_columns(key=pl.coalesce("id " + known, called)), "key")
        sets = sets.join(who, on=[*within, f"{name}_id"], nulls_equal=True, how="left", maintain_order="left")
        sets = sets.drop(name).rename({"key": name})
    return sets


def _only(ids: pl.Expr) -> pl.Expr:
    """Return the id if there is but one."""
    return pl.when(ids.drop_nulls().n_unique() == 1).then(ids.drop_nulls().first()).cast(pl.String)


def _said(sets: pl.DataFrame) -> pl.DataFrame:
    return sets.group_by(SCOPE).agg((pl.col(name) != NONE).any() for name in _LABELS)


def _blanked(sets: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Take away the labels that not both sides say."""
    both = [pl.col(f"{name}_both") & pl.col(f"{name}_there_both") for name in _LABELS]
    flags = said.rename({name: f"{name}_both" for name in said.columns if name not in SCOPE})
    return sets.join(flags, on=SCOPE).with_columns(
        pl.when(flag).then(name).otherwise(pl.lit(NONE, sets.schema[name])).alias(name)
        for name, flag in zip(_LABELS, both, strict=True)
    )  # fmt: skip
