"""Who or what used it: one bar for each value of a label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from usage_toolkit import look
from usage_toolkit.charts import _rows
from usage_toolkit.charts._picture import (
    PanelledPicture,
    csv,
    nothing,
    params,
    plain,
    surround,
    text_width,
)
from usage_toolkit.errors import ArgumentError
from usage_toolkit.schema import OTHER
from usage_toolkit.selectors import expect_number
from usage_toolkit.words import say

if TYPE_CHECKING:
    from usage_toolkit.cube import Measure

_BAR, _SPACING = 24, 44


def breakdown_chart(
    cube: pl.DataFrame,
    dimension: str,
    *,
    measure: Measure | None = None,
    n: int = 10,
    title: str | None = None,
    locale: str = "en-US",
    width: int = 640,
) -> alt.VConcatChart | alt.Chart:
    """Draw one bar for each value of a label, the largest first, with its number at the end.

    Each currency has a panel and a scale of its own, and so has what is billed, estimated or allocated, and each unit
    of a quantity.

    Parameters
    ----------
    cube
        What `ut.totals` or `ut.cube` returns.
    dimension
        The label to look at.
    measure
        ``amount`` or ``quantity``; None takes the amount, if the cube has it.
    n
        How many values to draw; the others are drawn together as ``"(other)"``.
    title
        Instead of the one that says what is drawn.
    locale
        Whose words and numbers are shown, as ``en-US`` or ``it-IT``.
    width
        Of labels, bars and numbers together, in pixels, roughly.

    Raises
    ------
    ArgumentError
        If `dimension` is no label of the cube, `measure` is neither of the two, or `n`, `title` or `width`
        can't be meant.
    InputError
        If the frame is no cube.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> breakdown_chart(ut.totals(ut.sample(), by="model"), "model", n=3).to_dict()["title"]["text"]
    'Cost by model'
    """
    columns = cube.columns if isinstance(cube, pl.DataFrame) else ()
    measure = measure or ("quantity" if "quantity" in columns and "amount" not in columns else "amount")
    if measure not in tuple(_rows.MEASURES):
        raise ArgumentError(
            f"breakdown_chart: expected measure amount or quantity, found {measure!r}; use one of those."
        )
    expect_number(n, least=1, call="breakdown_chart")
    _rows.expect_looks(chart="breakdown_chart", title=title, width=width)
    rows = _rows.measured(cube, dimension, measure, chart="breakdown_chart")
    known, notes = _rows.split(rows, measure, locale=locale)
    parts = known.partition_by("what", "basis", maintain_order=True)
    known = pl.concat([_rows.folded(part, n) for part in parts]) if parts else known
    what = say("Cost", locale=locale) if measure == "amount" else say("Usage", locale=locale)
    label = look.lower(dimension, locale=locale)
    heading = _rows.heading(title, say("{what} by {label}", locale=locale, what=what, label=label))
    if known.is_empty():
        nothing_of_it = (
            say("No cost in this selection", locale=locale)
            if measure == "amount"
            else say("No usage in this selection", locale=locale)
        )
        sentence = _rows.nothing_known(rows, nothing_of_it, locale=locale)
        around = surround(
            f"breakdown_chart: {sentence.lower()}",
            heading,
            notes,
            _rows.sentences(f"{heading}: {sentence}", *notes),
            locale,
        )
        return nothing(sentence, width=width, **around)
    panels = _rows.panels(known)
    totals, exact = _rows.totals(panels, measure, locale=locale)
    bars = _bars(known, panels, dimension, measure, locale)
    labels, names = bars["label"].to_list(), bars["name"].to_list()
    extent = _rows.extent(dimension, known["of"].unique().to_list(), locale=locale)
    around = surround(
        f"breakdown_chart: {extent}, {', '.join(exact)}",
        heading,
        notes,
        _rows.sentences(f"{heading}: {', '.join(exact)}", *notes),
        locale,
    )
    room = width - text_width(labels) - text_width(bars["short"].to_list()) - 24
    return PanelledPicture(
        data=csv(bars, bar="number", panel="number", value="number", short="string", text="string"),
        params=params(labels=labels, names=names),
        transform=[
            alt.CalculateTransform(calculate="names[datum.bar]", **{"as": "name"}),
            alt.CalculateTransform(calculate="datum.name + ': ' + datum.text", **{"as": "said"}),
            alt.CalculateTransform(calculate="max(datum.value, 0)", **{"as": "end"}),
        ],
        vconcat=[
            _panel(part, total, dimension, measure, width=max(room, 120), locale=locale)
            for part, total in zip(bars.partition_by("panel", maintain_order=True), totals, strict=True)
        ],
        bounds="flush",
        spacing=_SPACING,
        **around,
    )


def _bars(known: pl.DataFrame, panels: pl.DataFrame, dimension: str, measure: str, locale: str) -> pl.DataFrame:
    """Return one row per bar in the order to draw, with all its words."""
    bars = (
        known.group_by("what", "basis", "of")
        .agg(pl.col("value").sum())
        .join(panels.select("panel", "what", "basis"), on=["what", "basis"])
        .sort("panel", pl.col("of") == OTHER, pl.col("value").neg(), "of")
        .with_row_index("bar")
    )
    values = bars.select("value", "what").rows()
    kinds = sorted(set(bars["of"]))
    short = dict(zip(kinds, look.words(dimension, kinds, limit=36, locale=locale), strict=True))
    long = dict(zip(kinds, look.words(dimension, kinds, limit=200, locale=locale), strict=True))
    own = dimension == "meter"
    return bars.with_columns(
        plain(bars["value"]),
        label=pl.Series([short[kind] for kind in bars["of"]]),
        name=pl.Series([long[kind] for kind in bars["of"]]),
        colour=pl.Series(
            [look.METER_COLOURS.get(k, look.REST) if own else look.REST if k == OTHER else look.BAR for k in bars["of"]]
        ),
        short=pl.Series([_rows.short_text(value, what, measure, locale=locale) for value, what in values]),
        text=_rows.texts(bars, measure, locale=locale),
    )


def _panel(
    bars: pl.DataFrame, total: str, dimension: str, measure: str, *, width: float, locale: str
) -> alt.LayerChart:
    numbers, colours = bars["bar"].to_list(), bars["colour"].to_list()
    label = alt.Axis(
        title=None, labelExpr="labels[datum.value]", labelLimit=0, domain=False, ticks=False, labelPadding=8
    )
    scale = alt.Scale(domain=numbers, paddingInner=0.25, paddingOuter=0.15)
    y = alt.Y(field="bar", type="ordinal", axis=label, scale=scale)
    zero = alt.Axis(title=None, values=[0], labels=False, ticks=False, domain=False, gridColor=look.TEXT)
    bar = alt.Chart(
        mark=alt.MarkDef(type="bar"),
        encoding=alt.FacetedEncoding(
            x=alt.X(field="value", type="quantitative", axis=zero, stack=None, scale=alt.Scale(nice=False)),
            y=y,
            color=alt.Color(field="bar", type="nominal", scale=alt.Scale(domain=numbers, range=colours), legend=None),
            description=alt.Description(field="said", type="nominal"),
            tooltip=[
                alt.Tooltip(field="name", type="nominal", title=look.name(dimension, locale=locale)),
                alt.Tooltip(field="text", type="nominal", title=look.name(measure, locale=locale)),
            ],
        ),
    )
    number = alt.Chart(
        mark=alt.MarkDef(type="text", align="left", baseline="middle", dx=5, aria=False),
        encoding=alt.FacetedEncoding(
            x=alt.X(field="end", type="quantitative", axis=zero),
            y=y,
            text=alt.Text(field="short", type="nominal"),
        ),
    )
    return alt.LayerChart(
        title=alt.TitleParams(text=total, fontSize=12, offset=6),
        transform=[alt.FilterTransform(filter=f"datum.panel === {bars['panel'][0]}")],
        layer=[bar, number],
        width=width,
        height=alt.Step(_BAR),
        resolve=alt.Resolve(scale={"color": "independent"}),
    )
