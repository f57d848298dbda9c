"""Two reports of the same use: `overlaps` sees them, `one_book` keeps one of them or refuses.

What decides is the meter: tokens of a usage report and money of a cost report are two measures, and a ledger and
a log of refused requests have no meter in common. Estimates are no bill, and what is allocated is a bill spread out;
neither is looked at here.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.schema import NONE, TIME

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a row must have to report a measure, on what basis, and what goes with it.
_MEASURES = {
    "quantity": ("unit", ("billed", "metered"), ("quantity", "unit", "unit_price")),
    "amount": ("currency", ("billed",), ("amount", "currency", "amount_usd", "list_amount")),
}
# Reports that come in parts, one for each kind of use.
_PARTS = ("openai.usage.",)
_CELL = ("provider", "account", "day", "meter")
_NEEDED = ("time", "provider", "account", "source", "grain", "meter", "basis", "unit", "currency")


def overlaps(rows: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """List where more than one report says the same: adding them up would count it twice.

    A report is a source at one grain, for example ``anthropic.csv_tokens 1h`` beside ``anthropic.csv_tokens 1d``. Two
    of them overlap where both have quantities, or both billed money, of one meter on one UTC day of an account.

    Parameters
    ----------
    rows
        Canonical polars rows, or a cube by at least provider, account, source, grain and meter.

    Returns
    -------
    polars.DataFrame
        One row for each ``time`` (the UTC day), ``provider``, ``account`` and ``measure`` (``quantity`` or
        ``amount``), with the ``meters`` and the ``reports`` that overlap. Sorted; empty is good.

    Raises
    ------
    ArgumentError
        If this is no polars frame.
    InputError
        If a column is missing.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> ut.overlaps(ut.sample(days=7)).height
    0
    """
    cells = _cells(_lazy(rows, "overlaps"))
    shared = cells.filter(pl.col("report").n_unique().over("measure", *_CELL) > 1)
    return (
        shared.group_by(time="day", *[])
        if False
        else shared.group_by("day", "provider", "account", "measure")
        .agg(pl.col("meter").unique().sort().alias("meters"), pl.col("report").unique().sort().alias("reports"))
        .sort("day", "provider", "account", "measure")
        .rename({"day": "time"})
    )
