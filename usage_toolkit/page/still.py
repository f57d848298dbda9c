"""What a page shows where scripts are off, and before they run: the boards as they stand at first, drawn once."""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor, log10
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.view.markup import Html, fill, join
from usage_toolkit.view.table import counted, table
from usage_toolkit.view.totals import lines
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_toolkit.page.redaction import Redaction
    from usage_toolkit.view.picture import Picture

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 960, 280, 96, 8, 10, 24
_LABEL = 90  # pixels


def still(picture: Picture, *, redaction: Redaction | None) -> Html:
    """Draw a board: what it shows, its totals, its bars and the table behind them."""
    locale, group = picture.locale, picture.group
    data = redaction.frame(picture.data) if redaction else picture.data
    series = redaction.names(group, picture.series) if redaction else picture.series
    names = dict(zip(picture.places, picture.longs, strict=True))
    colours = look.colours(group, picture.series)
    found = [total for total in picture.totals if bool(total.of) == (picture.drawn.measure == "quantity")]
    legend = join(
        fill('<span class="kind">{mark}{name}</span>', mark=_mark(colour), name=name)
        for colour, name in zip(colours, look.words(group, series, locale=locale), strict=True)
    )
    return fill(
        '<section class="board"><h2>{heading}</h2><ul class="told">{totals}</ul><div class="left-out">{left}</div>'
        '<div class="chart">{bars}</div>'
        '<div class="legend">{legend}</div><details><summary>{behind}</summary>'
        '<div class="table">{rows}</div></details>'
        "</section>",
        heading=picture.drawn.heading(picture.every, locale=locale),
        totals=join(fill("<li>{line}</li>", line=line) for line in lines(found, locale=locale)),
        bars=_bars(picture, colours) if picture.series else fill("<p>{empty}</p>", empty=picture.empty),
        left=join(fill("<p>{line}</p>", line=line) for line in picture.left_out()),
        legend=legend,
        behind=say("Table behind the chart ({rows})", locale=locale, rows=counted(data.height, locale=locale)),
        rows=table(data, names=names, whole=say("All time", locale=locale), locale=locale),
    )


def _bars(picture: Picture, colours: Sequence[str]) -> Html:
    measure = picture.drawn.measure
    heights = picture.heights.with_columns(pl.col(measure).cast(pl.Float64))  # from here on it is drawn
    low, high = picture.reach
    room = (_WIDTH - _LEFT - _RIGHT) / max(1, len(picture.bars))
    scale = (_HEIGHT - _TOP - _BOTTOM) / ((high - low) or 1)
    zero = _TOP + high * scale
    found: dict[tuple[object, object], float] = {
        (time, value): size for time, value, credit, size in heights.iter_rows() if not credit
    }
    back = {(time, value): size for time, value, credit, size in heights.iter_rows() if credit}
    pieces: list[Html] = []
    for parts in (found, back):
        reached = dict.fromkeys(picture.places, 0.0)
        for colour, value in zip(colours, picture.series, strict=True):
            for time, at in picture.places.items():
                size = parts.get((time, value), 0.0) * scale
                if size:
                    top = zero - reached[time] - max(size, 0)
                    pieces.append(_bar(_LEFT + room * at + room * 0.08, top, room * 0.84, abs(size), colour))
                    reached[time] += size
    every = max(1, int(_LABEL // room) + 1)
    named = [(at, name) for at, name in enumerate(picture.shorts) if at % every == 0]
    below = join(
        fill('<text x="{x}" y="{y}" text-anchor="middle">{name}</text>', x=f"{_LEFT + room * (at + 0.5):.1f}",
             y=_HEIGHT - 6, name=name)
        for at, name in named
    )  # fmt: skip
    rules = join(_rule(mark, zero - float(mark) * scale, picture.locale) for mark in marks(low, high))
    return fill(
        '<svg viewBox="0 0 {width} {height}" role="img" aria-label="{said}">{rules}{pieces}{below}'
        '<path class="zero" d="M{left} {zero}H{right}"/></svg>',
        width=_WIDTH,
        height=_HEIGHT,
        rules=rules,
        pieces=join(pieces),
        below=below,
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        zero=f"{zero:.1f}",
        said=say("{what} over time, stacked", locale=picture.locale, what=picture.drawn.title(locale=picture.locale)),
    )


def marks(low: float, high: float) -> list[Decimal]:
    """Return round numbers between two values, some five of them.

    >>> [str(mark) for mark in marks(-3, 17)]
    ['0', '5', '10', '15']
    """
    if high <= low:
        return []
    ten = Decimal(10) ** floor(log10((high - low) / 5))
    step = next(ten * times for times in (1, 2, 5, 10) if float(ten * times) >= (high - low) / 5)
    return [step * at for at in range(ceil(low / float(step)), floor(high / float(step)) + 1)]


def _rule(mark: Decimal, y: float, locale: str) -> Html:
    return fill(
        '<path class="rule" d="M{left} {y}H{right}"/><text x="{end}" y="{middle}" text-anchor="end">{mark}</text>',
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        y=f"{y:.1f}",
        end=_LEFT - 8,
        middle=f"{y + 4:.1f}",
        mark=look.number(mark, locale=locale),
    )


def _bar(x: float, y: float, width: float, height: float, colour: str) -> Html:
    return fill(
        '<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{colour}"/>',
        x=f"{x:.1f}", y=f"{y:.1f}", width=f"{width:.1f}", height=f"{height:.1f}", colour=colour,
    )  # fmt: skip


def _mark(colour: str) -> Html:
    return fill('<svg class="swatch" viewBox="0 0 10 10"><rect width="10" height="10" fill="{c}"/></svg>', c=colour)
