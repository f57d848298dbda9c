"""The cells of a page: sums of no more labels and no finer times than the page draws.

What is too much for a page is made coarser, never cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.cube import APART, MEASURES, add_up, span_start
from usage_toolkit.errors import InputError
from usage_toolkit.page.packing import CREDIT
from usage_toolkit.schema import MONEY, NONE, OTHER
from usage_toolkit.view.hours import LABELS
from usage_toolkit.view.refused import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_toolkit.filters import Filter
    from usage_toolkit.view.hours import Hours

MOST = 400_000
"""Cells that a page can hold: some three megabytes, which a browser opens and filters without a wait."""
LONGEST = timedelta(days=400)
"""Of how long a stretch a page knows minutes."""
SPANS = ("1m", "1h", "1d")
FOLDED = ("user", "api_key", "workspace", "model")
"""What can be given up, in this order."""


@dataclass(frozen=True)
class Cells:
    """The cells of a page, how fine they are, and which labels had to be given up for it."""

    frame: pl.DataFrame
    every: str
    folded: tuple[str, ...] = ()


def fitting(hours: Hours, where: Filter, *, every: str, hidden: tuple[str, ...] = (), most: int = MOST) -> Cells:
    """Return cells as fine as asked, or as fine as a page can hold.

    Parameters
    ----------
    hours
        All rows.
    where
        Which of them to take.
    every
        ``1m``, ``1h`` or ``1d``.
    hidden
        Labels that must not be told apart in any case.
    most
        How many cells are enough.

    Raises
    ------
    InputError
        If even days without users, keys, workspaces and models are too many.
    """
    for span, folded in _ways(hours, every, hidden):
        made = _added(_cells(hours, where, span), every=span, folded=(*hidden, *folded))
        if made.height <= most:
            return Cells(_with_credits(made, hours, where, span, (*hidden, *folded)), span, folded)
    raise InputError(
        f"write_page: expected at most {most:,} numbers per page, found {made.height:,} even by the day; pass fewer "
        "days of rows."
    )


def limited(hours: Hours, rows: pl.DataFrame, cells: Cells, hidden: tuple[str, ...] = ()) -> pl.DataFrame:
    """Return refused requests as fine as the other cells, by the kind of limit."""
    moment = span_start("1m" if cells.every == "1m" else "1h", hours.tz).dt.convert_time_zone("UTC")
    raw = rows.filter(pl.col("grain").is_in(hours.grains)).with_columns(
        time=pl.when(pl.col("grain") == "1d").then("time").otherwise(moment),
        day=span_start("1d", hours.tz),
        rows=pl.lit(1, pl.Int64),
        currency=pl.lit(NONE),
        amount=pl.lit(None, MONEY),
        amount_usd=pl.lit(None, MONEY),
    )
    return _added(raw, every=cells.every, folded=(*hidden, *cells.folded), also=(LIMIT,))


def _ways(hours: Hours, every: str, hidden: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give each span from the one asked on, then days with fewer and fewer labels."""
    long = hours.first is not None and hours.last is not None and hours.last - hours.first > LONGEST
    for span in SPANS[SPANS.index(every) :]:
        if span != "1m" or not long:
            yield span, ()
    left = [label for label in FOLDED if label not in hidden]
    for count in range(1, len(left) + 1):
        yield "1d", tuple(left[:count])


def _cells(hours: Hours, where: Filter, span: str) -> pl.DataFrame:
    return hours.minutes(where) if span == "1m" else hours.keep(where, hourly=True).cells


def _with_credits(made: pl.DataFrame, hours: Hours, where: Filter, span: str, folded: tuple[str, ...]) -> pl.DataFrame:
    """Put what was given back beside each amount, if anything was."""
    if not hours.credits.count:
        return made
    back = _added(_cells(hours.credits, where, span), every=span, folded=folded)
    keys = [*LABELS, *APART, "span", "time"]
    found = made.join(back.select(*keys, pl.col("amount").alias(CREDIT)), on=keys, how="left", maintain_order="left")
    none = pl.when(pl.col("currency") != NONE).then(pl.lit(0, MONEY))
    return found.with_columns(pl.col(CREDIT).fill_null(none))


def _added(cells: pl.DataFrame, *, every: str, folded: tuple[str, ...], also: tuple[str, ...] = ()) -> pl.DataFrame:
    """Add up per span; rows that resolve less than the page are kept apart."""
    labels = [*LABELS, *also, *APART]
    keyed = cells.with_columns(
        pl.col(*labels).cast(pl.String).fill_null(NONE), span=_span(pl.col("grain").cast(pl.String), every)
    ).with_columns(pl.lit(OTHER).alias(label) for label in folded)
    day = pl.col("day").dt.convert_time_zone("UTC")
    timed = keyed.with_columns(time=pl.when(pl.col("span") == "1d").then(day).otherwise("time"))
    return add_up(timed.select(*labels, "span", "time", *MEASURES, "rows"), [*labels, "span", "time"])


def _span(grain: pl.Expr, every: str) -> pl.Expr:
    """Return how fine a cell is: as its page, or as its rows where those are coarser."""
    coarser = SPANS[SPANS.index(every) + 1 :]
    return pl.when(grain.is_in(coarser)).then(grain).otherwise(pl.lit(every))
