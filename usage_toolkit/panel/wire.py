"""What travels to a live chart: the numbers of a table as one text, made by polars, and how Vega reads it there.

A number travels as its own digits, so that none is lost on the way, and is grouped by the browser. A name travels
once, and a bar says which one is its own; so nothing is written bar by bar before the browser does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from usage_toolkit import look
from usage_toolkit.schema import METERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_toolkit.view.picture import Picture

SERIES = len(METERS)  # other labels have fewer
BASE = alt.Chart(alt.InlineData(values=[{}]))
"""One datum without a field: all others are calculated from the one variable."""
_END = ";"  # of a row
NAMED = {"bucket": "state.names[datum.bar]", "rev": "state.rev", "when": "state.long[datum.bar]"}


def spans(picture: Picture, *, rev: int) -> dict[str, Any]:
    """Return what the columns of a picture are called, and which of them can be clicked."""
    return {
        "rev": rev,
        "open": picture.opens,
        "names": [bar.name for bar in picture.bars],
        "ticks": picture.marked,
        "short": picture.shorts,
        "long": picture.longs,
        "filled": [place for time, place in picture.places.items() if time in picture.filled],
    }


def legend(label: str, values: Sequence[str], *, locale: str) -> dict[str, list[str]]:
    """Return what the series are called, and a colour for each that there may be."""
    colours = look.colours(label, values)
    return {
        "series": look.words(label, values, locale=locale) or [" "],  # a legend of nothing has no size and no place
        "colours": [*colours, *["transparent"] * (SERIES - len(colours))],
    }


def placed(heights: pl.DataFrame, columns: pl.DataFrame) -> pl.DataFrame:
    """Put heights in their bars, and leave out what lies in none."""
    measure = next(name for name in ("quantity", "amount") if name in heights.columns)
    return heights.rename({measure: "height"}).join(columns, on="time", maintain_order="left")


def ranked(drawn: pl.DataFrame, label: str, series: Sequence[str]) -> pl.DataFrame:
    """Say of which series each row is, by its place among them."""
    return drawn.with_columns(kind=pl.col(label).cast(pl.String).cast(pl.Enum(series)).to_physical())


def text(drawn: pl.DataFrame, *columns: str) -> str:
    """Return columns of numbers as lines of digits."""
    return drawn.select(columns).write_csv(include_header=False, line_terminator=_END).removesuffix(_END)


def table(of: str, *fields: str) -> alt.Chart:
    """Return the rows of such a text, each with the name of its bar where it has one.

    Parameters
    ----------
    of
        The name under which it travels.
    fields
        What its columns are called: ``bar``, ``kind``, and ``digits``, which stay digits.
    """
    cells = {field: f"split(datum.row, ',')[{at}]" for at, field in enumerate(fields)}
    numbers = {field: f"toNumber({cell})" for field, cell in cells.items() if field != "digits"}
    made: alt.Chart = (
        BASE.transform_calculate(row=f"state.{of} ? split(state.{of}, '{_END}') : []")
        .transform_flatten(["row"])
        .transform_calculate(**(cells | numbers), value=f"toNumber({cells['digits']})")
        .transform_calculate(**(NAMED if "bar" in fields else {}))
    )
    return made


def written(*, unit: str, locale: str, least: str = "0") -> str:
    """Return the expression that writes a number as `look.quantity` and `look.money` do, every digit of it.

    Parameters
    ----------
    unit
        The expression of what one and what many of them are called.
    locale
        How digits are grouped.
    least
        The expression of how many decimals are written at least.
    """
    marks = look.vega_locale(locale)
    last, *more = marks["grouping"]
    between = rf"\B(?=(\d{{{(more or [last])[0]}}})*\d{{{last}}}$)"
    pattern, mark, minus, point = (
        json.dumps(text) for text in (between, marks["thousands"], marks["minus"], marks["decimal"])
    )
    whole = f"replace(replace(split(datum.digits, '.')[0], regexp({pattern}, 'g'), {mark}), '-', {minus})"
    part = f"pad(replace(split(datum.digits + '.', '.')[1], regexp('0+$'), ''), {least}, '0', 'right')"
    return f"{whole} + ({part} && {point} + {part}) + ' ' + {unit}[abs(datum.value) === 1 ? 0 : 1]"
