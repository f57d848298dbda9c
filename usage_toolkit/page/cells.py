"""The cube that travels in a page: no more columns and no finer times than the page draws, as one text.

A line is a series: all that has the same labels. Its numbers stand side by side, in the order of time, plain and to
their last digit; ``v*n`` is n times the same, ``?`` is not known, ``=`` is the column before. What is too much for a
page is made coarser, never cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.cube import APART, MEASURES, add_up, span_start
from usage_toolkit.errors import InputError
from usage_toolkit.schema import NONE, OTHER
from usage_toolkit.view.hours import LABELS
from usage_toolkit.view.refused import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from usage_toolkit.view.hours import Hours

MOST = 400_000
"""Cells that a page can hold: some four megabytes, which a browser opens and filters without a wait."""
FOLDED = ("user", "api_key", "workspace", "model")
"""What can be given up, in this order."""
_UNKNOWN, _SAME = "?", "="


@dataclass(frozen=True)
class Cells:
    """The cells of a page, how fine they are, and which labels had to be given up for it."""

    frame: pl.DataFrame
    every: str
    folded: tuple[str, ...] = ()


def fitting(cells: pl.DataFrame, *, every: str, most: int = MOST) -> Cells:
    """Return cells as fine as asked, or as fine as a page can hold.

    Parameters
    ----------
    cells
        What `Hours.keep` keeps.
    every
        ``1h`` or ``1d``.
    most
        How many cells are enough.

    Raises
    ------
    InputError
        If even days without users, keys, workspaces and models are too many.
    """
    for span in ("1h", "1d")[("1h", "1d").index(every) :]:
        made = _added(cells, every=span)
        if made.height <= most:
            return Cells(made, span)
    for count in range(1, len(FOLDED) + 1):
        folded = FOLDED[:count]
        made = _added(cells.with_columns(pl.lit(OTHER).alias(label) for label in folded), every="1d")
        if made.height <= most:
            return Cells(made, "1d", folded)
    raise InputError(
        f"write_page: expected at most {most:,} numbers per page, found {made.height:,} even by the day; pass fewer "
        "days of rows."
    )


def limited(hours: Hours, rows: pl.DataFrame, cells: Cells) -> pl.DataFrame:
    """Return refused requests as fine as the other cells, by the kind of limit."""
    whole = rows.filter(pl.col("grain").is_in(hours.grains)).with_columns(
        pl.lit(OTHER).alias(label) for label in cells.folded
    )
    hour = span_start("1h", hours.tz).dt.convert_time_zone("UTC")
    raw = whole.with_columns(
        time=pl.when(pl.col("grain") == "1d").then("time").otherwise(hour),
        day=span_start("1d", hours.tz),
        rows=pl.lit(1, pl.Int64),
        currency=pl.lit(NONE),
        amount=pl.lit(None, pl.Decimal(38, 18)),
        amount_usd=pl.lit(None, pl.Decimal(38, 18)),
    )
    return _added(raw, every=cells.every, also=(LIMIT,))


def text(cells: pl.DataFrame, *, codes: Mapping[str, list[str]], starts: Mapping[str, Sequence[int]]) -> str:
    """Write cells as lines of comma-separated values, a series each.

    Parameters
    ----------
    cells
        What `fitting` or `limited` returns.
    codes
        The values of each label: what stands in a line is their place.
    starts
        When each hour or day begins, in milliseconds since 1970: what stands in a line is how many of them lie between
        a cell and the one before it.
    """
    labels = list(codes)
    coded = cells.with_columns(
        pl.col(label).replace_strict(values, range(len(values)), return_dtype=pl.Int64)
        for label, values in codes.items()
    )
    places = {span: {start: at for at, start in enumerate(known)} for span, known in starts.items()}
    lines = [",".join([*labels, "span", "at", *MEASURES, "rows"])]
    series = coded.group_by(*labels, "span", maintain_order=True).agg(
        pl.col("time").dt.epoch("ms"), *(plain(pl.col(name)).fill_null(_UNKNOWN) for name in MEASURES), "rows"
    )
    for *keys, span, times, quantities, amounts, dollars, rows in series.iter_rows():
        at = [places[span][time] for time in times]
        steps = [at[0], *(now - before for before, now in pairwise(at))]
        worth = [_SAME] if dollars == amounts and _known(dollars) else _known(dollars)
        columns = (steps, _known(quantities), _known(amounts), worth, rows)
        lines.append(",".join([*map(str, keys), span, *map(shortened, columns)]))
    return "\n".join(lines)


def shortened(values: Iterable[object]) -> str:
    """Write values with blanks between them, and how often where one comes again at once.

    >>> shortened([1, 1, 1, 7, 7])
    '1*3 7 7'
    """
    parts = []
    for value, again in groupby(map(str, values)):
        count = sum(1 for _ in again)
        parts.append(f"{value}*{count}" if count > 2 else " ".join([value] * count))  # noqa: PLR2004 (shorter from 3 on)
    return " ".join(parts)


def plain(values: pl.Expr) -> pl.Expr:
    """Write decimals by their digits, without those that only fill a column."""
    return values.cast(pl.String).str.strip_chars_end("0").str.strip_suffix(".")


def places(cells: pl.DataFrame, measure: str) -> int:
    """Return how many decimals a measure has at most."""
    parts = cells.select(plain(pl.col(measure)).str.split_exact(".", 1).struct.field("field_1").str.len_bytes().max())
    return int(parts.item() or 0)


def _added(cells: pl.DataFrame, *, every: str, also: tuple[str, ...] = ()) -> pl.DataFrame:
    """Add up per span; where spans are hours, rows that resolve only days are kept apart."""
    coarse = pl.lit(value=True) if every == "1d" else pl.col("grain").cast(pl.String) == "1d"
    labels = [*LABELS, *also, *APART]
    keyed = cells.with_columns(
        pl.col(*labels).cast(pl.String).fill_null(NONE),
        time=pl.when(coarse).then(pl.col("day").dt.convert_time_zone("UTC")).otherwise("time"),
        span=pl.when(coarse).then(pl.lit("1d")).otherwise(pl.lit("1h")),
    )
    return add_up(keyed, [*labels, "span", "time"])


def _known(column: list[str]) -> list[str]:
    """Return nothing for a column in which nothing is known."""
    return [] if all(value == _UNKNOWN for value in column) else column
