"""Stacked bars per span of time: what token and cost charts share."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from usage_toolkit import look
from usage_toolkit.charts import _rows
from usage_toolkit.charts._picture import SPACING, Picture, csv, headers, nothing, params, plain, surround, text_width
from usage_toolkit.charts._spans import Spans
from usage_toolkit.words import say

COLOURS = len(look.PALETTE)
_DENSE = 200  # spans
_LEAST_WITH_GAP, _WIDEST = 6, 72  # pixels of a bar


def stacked(
    rows: pl.DataFrame,
    measure: str,
    *,
    chart: str,
    by: str,
    noun: str,
    empty: str,
    every: str | None,
    title: str | None,
    locale: str,
    width: int,
    height: int,
) -> Picture:
    """Draw the measured `rows` of a cube per span, one panel for all that may be added together."""
    _rows.expect_looks(chart=chart, title=title, width=width, height=height)
    spans = Spans.of(rows["time"], every=every)
    known, notes = _rows.split(rows, measure, locale=locale)
    known = _rows.folded(known, COLOURS)
    kinds, panels = _rows.ranked(known, by), _rows.panels(known)
    drawn = look.per_span(noun, spans.every, locale=locale) if spans.every else noun
    heading = _rows.heading(
        title, say("{what} by {label}", locale=locale, what=drawn, label=look.lower(by, locale=locale))
    )
    if known.is_empty():
        sentence = _rows.nothing_known(rows, empty, locale=locale)
        around = surround(
            f"{chart}: {sentence.lower()}", heading, notes, _rows.sentences(f"{heading}: {sentence}", *notes), locale
        )
        return nothing(sentence, width=width, **around)
    bars = _bars(known, spans, kinds, panels, measure, locale=locale)
    totals, exact = _rows.totals(panels, measure, locale=locale)
    range_ = spans.range(locale=locale)
    around = surround(
        f"{chart}: {spans.count(locale=locale)} \u00d7 {_rows.extent(by, kinds, locale=locale)}, {', '.join(exact)}",
        heading,
        [range_ if panels.height > 1 else f"{totals[0]}, {range_}", *notes],
        _rows.sentences(f"{heading}, {range_}: {', '.join(exact)}", *notes),
        locale,
    )
    legend = look.words(by, kinds, limit=28, locale=locale)
    ticks = spans.ticks(room=_room(spans, width, locale), locale=locale)
    when = look.span(spans.every, locale=locale).capitalize() if spans.every else look.name("time", locale=locale)
    encoding: dict[str, Any] = {
        "x": _x(spans, ticks),
        "y": _y(measure, None if panels.height > 1 else panels["what"][0], height // panels.height, locale),
        "color": _colour(by, kinds, legend, width),
        "order": alt.Order(field="kind", type="quantitative", sort="ascending"),
        "description": alt.Description(field="said", type="nominal"),
        "tooltip": [
            alt.Tooltip(field="when", type="nominal", title=when),
            alt.Tooltip(field="name", type="nominal", title=look.name(by, locale=locale)),
            alt.Tooltip(field="text", type="nominal", title=look.name(measure, locale=locale)),
        ],
    }
    if panels.height > 1:
        encoding["row"] = alt.Row.from_dict(headers() | {"spacing": SPACING})
        around["resolve"] = alt.Resolve(scale={"y": "independent"})
    return Picture(
        data=csv(bars, bucket="string", panel="number", kind="number", value="number", when="string", text="string"),
        params=params(kinds=legend, names=look.words(by, kinds, limit=200, locale=locale), ticks=ticks, panels=totals),
        transform=[
            alt.CalculateTransform(calculate="names[datum.kind]", **{"as": "name"}),
            alt.CalculateTransform(calculate="datum.when + ', ' + datum.name + ': ' + datum.text", **{"as": "said"}),
        ],
        mark=_mark(len(spans.starts), width),
        encoding=alt.FacetedEncoding(**encoding),
        width=width,
        height=max(height // panels.height, min(height, 110)),
        **around,
    )


def _bars(
    known: pl.DataFrame, spans: Spans, kinds: list[str], panels: pl.DataFrame, measure: str, *, locale: str
) -> pl.DataFrame:
    """Return one row per bar, sorted, with nothing in it that was not made here."""
    keys = spans.keys()
    named = pl.DataFrame(
        {"time": list(keys), "bucket": list(keys.values()), "when": spans.words(locale=locale)},
        schema_overrides={"time": pl.Datetime("us", "UTC")},
    )
    order = pl.DataFrame({"of": kinds, "kind": range(len(kinds))}, schema={"of": pl.String, "kind": pl.Int64})
    summed = _rows.summed(
        known.with_columns(pl.col("time").dt.convert_time_zone("UTC").dt.cast_time_unit("us")), "time"
    )
    bars = (
        summed.join(named, on="time")
        .join(order, on="of")
        .join(panels.select("panel", "what", "basis"), on=["what", "basis"])
        .sort("panel", "time", "kind", "credit")
    )
    texts = _rows.texts(bars, measure, locale=locale)
    return bars.with_columns(texts, value=plain(bars["value"]))


def _room(spans: Spans, width: int, locale: str) -> int:
    labels = spans.ticks(room=len(spans.starts), locale=locale).values()
    return max(1, int(width / (text_width(list(labels)) + 8)))


def _mark(spans: int, width: int) -> alt.MarkDef:
    mark = alt.MarkDef(type="bar", stroke=look.GAP, strokeWidth=0.5 if spans <= width / _LEAST_WITH_GAP else 0)
    if spans * _WIDEST < width * 0.85:
        mark.size = _WIDEST
    return mark


def _x(spans: Spans, ticks: dict[str, str]) -> alt.X:
    axis = alt.Axis(values=list(ticks), labelExpr="ticks[datum.value]", labelAngle=0, labelOverlap=True, title=None)
    axis.domain, axis.ticks = False, len(ticks) < len(spans.starts)
    padding = 0.15 if len(spans.starts) <= _DENSE else 0
    scale = alt.Scale(domain=list(spans.keys().values()), paddingInner=padding, paddingOuter=padding / 2)
    return alt.X(field="bucket", type="ordinal", axis=axis, scale=scale)


def _y(measure: str, what: str | None, height: float, locale: str) -> alt.Y:
    axis = alt.Axis(title=None, tickCount=max(3, int(height / 55)), domain=False, ticks=False)
    axis.gridColor = {"condition": {"test": "datum.value === 0", "value": look.TEXT}, "value": look.RULE}
    if measure == "quantity":
        axis.tickMinStep = 1
        axis.labelExpr = look.axis_text(locale)
    if what is not None:
        axis.title = (
            look.units(what, locale=locale) if measure == "quantity" else look.word("currency", what, locale=locale)
        )
    return alt.Y(field="value", type="quantitative", stack="zero", axis=axis)


def _colour(by: str, kinds: list[str], legend: list[str], width: int) -> alt.Color:
    lines = -(-len(kinds) // max(1, int(width / (text_width(legend) + 28))))
    columns = -(-len(kinds) // lines)
    key = alt.Legend(title=None, orient="top", direction="horizontal", columns=columns, labelExpr="kinds[datum.value]")
    scale = alt.Scale(domain=list(range(len(kinds))), range=look.colours(by, kinds))
    return alt.Color(field="kind", type="nominal", scale=scale, legend=key)
