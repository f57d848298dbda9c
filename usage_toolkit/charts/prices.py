"""What a unit cost, day by day: lines that step where a price changes."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

import altair as alt
import polars as pl

from usage_toolkit import look
from usage_toolkit.charts import _rows
from usage_toolkit.charts._picture import PanelledPicture, csv, nothing, params, plain, surround, text_width
from usage_toolkit.charts._spans import Spans
from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.schema import METERS, NONE
from usage_toolkit.selectors import expect_number
from usage_toolkit.words import say

_PANEL = ("model", "unit", "currency", "basis")
_TERMS = ("provider", "account", "service_tier", "context_window", "region", "speed")
_NEEDED = ("time", *_PANEL, "meter", *_TERMS, "amount", "price", "before", "changed")
_EXACT = Context(prec=80)
_SPACING = 36
_DOT, _CHANGE = 10, 90  # square pixels


def price_chart(
    prices: pl.DataFrame,
    *,
    n: int = 6,
    title: str | None = None,
    locale: str = "en-US",
    width: int = 640,
    height: int = 160,
) -> alt.VConcatChart | alt.Chart:
    """Draw implied prices by day, with the days marked on which one changed.

    Each model has a panel in each currency and unit, and a line for each meter and for what else has a price of
    its own: service tier, context window, region, speed. Tokens are priced by the million.

    Parameters
    ----------
    prices
        What `ut.implied_price` returns, or some of its rows.
    n
        How many panels to draw: those in which a price changed, then the largest share of any currency.
    title
        Instead of the one that says what is drawn.
    locale
        How numbers and dates are written, as ``en-US`` or ``it-IT``.
    width, height
        Of each panel within its axes, in pixels.

    Raises
    ------
    ArgumentError
        If this is no polars frame, or `n`, `title`, `width` or `height` can't be meant.
    InputError
        If the frame has not the columns of `ut.implied_price`.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> prices = ut.implied_price(ut.sample().filter(provider="venice", currency="USD"))
    >>> price_chart(prices, n=1).to_dict()["title"]["subtitle"][0].split(",")[0]
    '4 changes of price'
    """
    _expect_prices(prices)
    expect_number(n, least=1, call="price_chart")
    _rows.expect_looks(chart="price_chart", title=title, width=width, height=height)
    known = prices.drop_nulls("price")
    heading = _rows.heading(title, say("Implied prices per day", locale=locale))
    if known.is_empty():
        sentence = say("No price in this selection", locale=locale)
        said = _rows.sentences(f"{heading}: {sentence}")
        return nothing(sentence, width=width, **surround(f"price_chart: {sentence}", heading, [], said, locale))
    ranked = _ranked(known)
    panels = ranked.head(n).with_row_index("panel")
    points, names = _points(known.join(panels, on=_PANEL), locale=locale)
    spans = Spans.of(points["time"], every="1d")
    meters = sorted(points["meter"].unique(), key=lambda one: METERS.index(one) if one in METERS else len(METERS))
    drawn = _drawn(points, spans, meters, locale=locale)
    lines = [_changes(int(drawn["change"].sum()), locale=locale), spans.range(locale=locale)]
    notes = _left_out(ranked.height - panels.height, locale=locale)
    return PanelledPicture(
        data=csv(
            drawn, bucket="string", panel="number", line="number", kind="number", value="number", change="number",
            rule="number", when="string", text="string",
        ),
        params=params(
            kinds=look.words("meter", meters, locale=locale),
            names=names,
            ticks=_ticks(spans, width, locale=locale),
        ),
        transform=[
            alt.CalculateTransform(calculate="names[datum.line]", **{"as": "name"}),
            alt.CalculateTransform(calculate="datum.when + ', ' + datum.name + ': ' + datum.text", **{"as": "said"}),
        ],
        vconcat=[
            _panel(number, _words(*labels, locale=locale), spans, meters, width=width, height=height, locale=locale)
            for number, *labels in panels.select("panel", *_PANEL).iter_rows()
        ],
        spacing=_SPACING,
        resolve=alt.Resolve(scale={"color": "shared"}),
        **surround(
            f"price_chart: {len(names)} \u00d7 {spans.count(locale=locale)}, {lines[0]}",
            heading,
            [", ".join(lines), *notes],
            _rows.sentences(f"{heading}, {lines[1]}: {lines[0]}", *notes),
            locale,
        ),
    )  # fmt: skip


def _expect_prices(prices: Any) -> None:
    if not isinstance(prices, pl.DataFrame):
        found = type(prices).__name__
        raise ArgumentError(
            f"price_chart: expected the polars frame that ut.implied_price returns, found {found}; pass that frame."
        )
    if missing := [name for name in _NEEDED if name not in prices.columns]:
        raise InputError(
            f"price_chart: expected a column {missing[0]!r}, found none; make the frame with ut.implied_price(rows)."
        )
    if not prices.schema["price"].is_decimal():
        found = str(prices.schema["price"])
        raise InputError(f"price_chart: expected exact decimals in 'price', found {found}; use ut.implied_price(rows).")


def _ranked(known: pl.DataFrame) -> pl.DataFrame:
    """Return what has a panel: where a price changed first, then the largest share of its currency."""
    spent = pl.col("amount").abs().cast(pl.Float64).sum().alias("share")
    share = (pl.col("share") / pl.col("share").sum().over("currency", "basis")).fill_nan(0)
    panels = known.group_by(_PANEL).agg(pl.col("changed").any(), spent).with_columns(share)
    keys = ["changed", "share", *_PANEL]
    return panels.sort(keys, descending=[True, True, *[False] * len(_PANEL)]).select(_PANEL)


def _points(known: pl.DataFrame, *, locale: str) -> tuple[pl.DataFrame, list[str]]:
    """Number the lines, and name each by its meter and by what else tells it from others of its panel."""
    lines = known.select("panel", "meter", *_TERMS).unique().sort("panel", "meter", *_TERMS).with_row_index("line")
    varied = {
        panel: [name for name in _TERMS if part[name].n_unique() > 1]
        for (panel,), part in lines.group_by("panel", maintain_order=True)
    }
    names = [
        ", ".join(
            [look.word("meter", row["meter"], locale=locale)]
            + [look.word(name, row[name], locale=locale) for name in varied[row["panel"]] if row[name] != NONE]
        )
        for row in lines.iter_rows(named=True)
    ]
    return known.join(lines, on=["panel", "meter", *_TERMS]), names


def _drawn(points: pl.DataFrame, spans: Spans, meters: list[str], *, locale: str) -> pl.DataFrame:
    """Return one row per line and day, sorted, with nothing in it that was not made here."""
    days = {start: (key, words) for (start, key), words in zip(
        spans.keys().items(), spans.words(locale=locale), strict=True
    )}  # fmt: skip
    points = points.sort("panel", "line", "time")
    rows = points.select("time", "meter", "unit", "currency", "price", "before", "changed", "panel", "line").rows()
    marked: set[tuple[int, Any]] = set()
    made = []
    for time, meter, unit, currency, price, before, changed, panel, line in rows:
        key, when = days[time]
        text = _priced(price, unit, currency, locale=locale)
        if changed:
            text = say("{price}, before {before}", locale=locale, price=text,
                       before=look.money(_shown(before, unit), currency, locale=locale))  # fmt: skip
        rule = changed and (panel, key) not in marked
        marked |= {(panel, key)} if rule else set()
        made.append((key, panel, line, meters.index(meter), _shown(price, unit), int(changed), int(rule), when, text))
    names = ("bucket", "panel", "line", "kind", "value", "change", "rule", "when", "text")
    frame = pl.DataFrame(made, schema=list(names), orient="row", schema_overrides={"value": pl.Decimal(38, 18)})
    return frame.with_columns(plain(frame["value"]))


def _shown(price: Decimal, unit: str) -> Decimal:
    """Return the price of a million tokens, or of one of anything else."""
    return _EXACT.multiply(price, Decimal(10**6)) if unit == "token" else price


def _priced(price: Decimal, unit: str, currency: str, *, locale: str) -> str:
    return _per(look.money(_shown(price, unit), currency, locale=locale), unit, locale=locale)


def _per(money: str, unit: str, *, locale: str) -> str:
    if unit == "token":
        return say("{price} per million tokens", locale=locale, price=money)
    return say("{price} per {unit}", locale=locale, price=money, unit=look.units(unit, 1, locale=locale))


def _words(model: str, unit: str, currency: str, basis: str, *, locale: str) -> str:
    """Return what stands above a panel: ``claude-opus-4-8, USD per million tokens``."""
    per = _per(look.word("currency", currency, locale=locale), unit, locale=locale)
    said = f"{look.word('model', model, locale=locale)}, {per}"
    return said if basis == "billed" else f"{said} ({look.word('basis', basis, locale=locale)})"


def _changes(count: int, *, locale: str) -> str:
    if count <= 1:
        return say("1 change of price", locale=locale) if count else say("no change of price", locale=locale)
    return say("{count} changes of price", locale=locale, count=look.number(count, locale=locale))


def _left_out(count: int, *, locale: str) -> list[str]:
    if count == 1:
        return [say("1 more panel is not drawn", locale=locale)]
    return [say("{count} more panels are not drawn", locale=locale, count=count)] if count else []


def _ticks(spans: Spans, width: int, *, locale: str) -> dict[str, str]:
    labels = list(spans.ticks(room=len(spans.starts), locale=locale).values())
    return spans.ticks(room=max(1, int(width / (text_width(labels) + 8))), locale=locale)


def _panel(
    number: int, words: str, spans: Spans, meters: list[str], *, width: int, height: int, locale: str
) -> alt.LayerChart:
    keys = list(spans.keys().values())
    axis = alt.Axis(values=list(_ticks(spans, width, locale=locale)), labelExpr="ticks[datum.value]", labelAngle=0,
                    labelOverlap=True, title=None, domain=False)  # fmt: skip
    x = alt.X(field="bucket", type="ordinal", axis=axis, scale=alt.Scale(domain=keys, padding=0.5))
    amounts = alt.Axis(title=None, tickCount=4, domain=False, ticks=False)
    y = alt.Y(field="value", type="quantitative", axis=amounts, scale=alt.Scale(zero=True))
    kinds = alt.Scale(domain=list(range(len(meters))), range=look.colours("meter", meters))
    legend = alt.Legend(title=None, orient="top", direction="horizontal", labelExpr="kinds[datum.value]", columns=4)
    colour = alt.Color(field="kind", type="nominal", scale=kinds, legend=legend)
    rule = alt.Chart(
        transform=[alt.FilterTransform(filter="datum.rule === 1")],
        mark=alt.MarkDef(type="rule", strokeDash=[3, 3], color=look.TEXT, aria=False),
        encoding=alt.FacetedEncoding(x=x),
    )
    line = alt.Chart(
        mark=alt.MarkDef(type="line", interpolate="step-after", strokeWidth=1.5, aria=False),
        encoding=alt.FacetedEncoding(x=x, y=y, color=colour, detail=alt.Detail(field="line", type="nominal")),
    )
    dot = alt.Chart(
        mark=alt.MarkDef(type="point", filled=True, opacity=1),
        encoding=alt.FacetedEncoding(
            x=x, y=y, color=colour,
            size=alt.SizeValue(value=_DOT, condition={"test": "datum.change === 1", "value": _CHANGE}),
            description=alt.Description(field="said", type="nominal"),
            tooltip=[
                alt.Tooltip(field="when", type="nominal", title=look.span("1d", locale=locale).capitalize()),
                alt.Tooltip(field="name", type="nominal", title=look.name("meter", locale=locale)),
                alt.Tooltip(field="text", type="nominal", title=say("Price", locale=locale)),
            ],
        ),
    )  # fmt: skip
    return alt.LayerChart(
        title=alt.TitleParams(text=words, fontSize=12, offset=6),
        transform=[alt.FilterTransform(filter=f"datum.panel === {number}")],
        layer=[rule, line, dot],
        width=width,
        height=height,
    )
