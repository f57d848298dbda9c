"""`allocate`: money that a provider bills by the day, spread over the keys, users and hours that caused it."""

from __future__ import annotations

import polars as pl

from usage_toolkit.analysis.matching import IDS, SET, WHAT, WHO, match, metered
from usage_toolkit.analysis.rows import by_day, coded, plain
from usage_toolkit.analysis.shares import shares
from usage_toolkit.schema import COLUMNS, NONE, UNALLOCATED

_MEASURES = ("amount", "amount_usd", "list_amount")
_ALLOCATED = pl.lit("allocated", COLUMNS["basis"])


def allocate(rows: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Spread each day's bill over API keys, users and hours, in proportion to what they used.

    Billed money of a whole day that does not say its quantity, such as ``anthropic.cost``, is divided by the metered
    quantities behind it, such as ``anthropic.usage``. Within one provider, account, UTC day, meter, workspace, model,
    service tier, context window, region and speed a day has one implied price, so that a part is to its whole as
    its quantity is to all. A label is compared where both sides say it; what one side leaves at ``"(none)"``
    matches whatever the other one says, and of that first what no other money is for.

    Parameters
    ----------
    rows
        Canonical polars rows: the bill, and what was metered. Where several sources report the same,
        pass ``ut.one_book(rows)``.

    Returns
    -------
    polars.DataFrame
        All rows but that money, and in its place its parts, of basis ``allocated``: time, grain, key, user and all
        that the bill does not say are those of the metered rows; the quantity stays with these. Money without
        a quantity above 0 behind it stays at its day, with ``"(unallocated)"`` as the key and user that it does not
        name. Money that has a quantity of its own, or resolves more than a day, stays as it is billed. Sorted by
        time, provider and source.

    Raises
    ------
    ArgumentError
        If this is no polars frame.
    InputError
        If the rows are not canonical.

    Notes
    -----
    Parts add up to their bill to the last digit, credits and list prices too. They are cut at the 18th decimal, the
    last one that money has here, not at the last one that is billed: the cents of a small bill would all go to a
    few hours. What is missing after that goes to the parts that lost most, among equals to the first by
    time and labels, so that the order of the rows does not matter.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> rows = ut.sample(days=7)
    >>> bill = ut.Filter(source="anthropic.cost")
    >>> for frame in (rows, ut.allocate(rows)):
    ...     print(*ut.totals(frame, by="source", where=bill, measure="amount").select("basis", "amount").row(0))
    billed 916.636749680000000000
    allocated 916.636749680000000000
    >>> ut.totals(ut.allocate(rows), by="api_key", where=bill, measure="amount")["api_key"].n_unique()
    10
    """
    dated = coded(by_day(rows, call="allocate"), *SET, "source")
    is_bill = (
        (pl.col("basis") == "billed")
        & (pl.col("grain") == "1d")
        & pl.col("amount").is_not_null()
        & pl.col("quantity").is_null()
    )
    bills, use = _bills(dated.filter(is_bill)), _use(dated)
    matched = match(bills, use)
    behind = bills.join(matched.money, on=SET, nulls_equal=True).select("bill", "group", *_MEASURES)
    used = use.join(matched.use, on=[*SET, "unit"], nulls_equal=True).select("use", "group", "quantity")
    parts = _parts(behind.join(used, on="group").sort("bill", "use"), bills, use)
    left = _unallocated(bills.join(behind, on="bill", how="anti"))
    rest = dated.remove(is_bill).select(*COLUMNS)
    return plain(pl.concat([rest, parts, left]).sort("time", "provider", "source", maintain_order=True))


def _bills(money: pl.DataFrame) -> pl.DataFrame:
    """Add up the money of equal rows, charges and credits apart; a sum with an unknown part is unknown."""
    keys = [name for name in money.columns if name not in _MEASURES]
    known = [pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name) for name in _MEASURES]
    return money.group_by(*keys, credit=pl.col("amount") < 0).agg(known).sort(*keys, "credit").with_row_index("bill")


def _use(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what was metered in the order in which parts come."""
    return metered(rows, "time", "grain").sort("time", "grain", *SET, "unit").with_row_index("use")


def _parts(parts: pl.DataFrame, bills: pl.DataFrame, use: pl.DataFrame) -> pl.DataFrame:
    """Return the canonical rows of all parts: what the bill does not say is as it was metered."""
    said = bills[parts["bill"]].drop(_MEASURES)
    seen = use[parts["use"]].select("time", "grain", *WHO, *IDS, *WHAT)
    made = pl.concat([said, seen.rename("{}_used".format)], how="horizontal")
    return made.with_columns(
        *_split(parts),
        *(pl.when(pl.col(name) != NONE).then(name).otherwise(f"{name}_used").alias(name) for name in (*WHO, *WHAT)),
        *(pl.coalesce(name, f"{name}_used").alias(name) for name in IDS),
        time="time_used",
        grain="grain_used",
        basis=_ALLOCATED,
    ).select(*COLUMNS)


def _split(parts: pl.DataFrame) -> list[pl.Series]:
    """Split each measure; that of a bill in dollars is its amount again."""
    first, *others = _MEASURES
    amount = shares(parts, first)
    same = (parts[first].equals(parts[name], check_names=False) for name in others)
    return [amount, *(amount.alias(name) if is_same else shares(parts, name)
                      for name, is_same in zip(others, same, strict=True))]  # fmt: skip


def _unallocated(bills: pl.DataFrame) -> pl.DataFrame:
    return bills.with_columns(
        *(
            pl.when((pl.col(name) != NONE) | pl.col(f"{name}_id").is_not_null())
            .then(name)
            .otherwise(pl.lit(UNALLOCATED, bills.schema[name]))
            .alias(name)
            for name in ("api_key", "user")
        ),
        basis=_ALLOCATED,
    ).select(*COLUMNS)
