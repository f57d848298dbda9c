"""The two charts of the tab of rate limits: what was refused beside the use, and the highest minutes.

Each is one Vega view of two rows that share their columns, and so those of the use, fed as `LiveChart` feeds its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from usage_toolkit import look
from usage_toolkit.panel.limited import DRAWN
from usage_toolkit.panel.live_chart import (
    BASE,
    CLICK,
    INK,
    NAMED,
    POINTER,
    WIDTH,
    LiveChart,
    along,
    coloured,
    columns,
    extent,
    padded,
    placed,
    said_when,
    spans,
    themed,
)
from usage_toolkit.view.refused import LIMIT
from usage_toolkit.words import say

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from usage_toolkit.panel.limited import Limited

_AXIS = 56  # the same for all rows, so that their columns stand below each other
_PLOT = WIDTH - _AXIS - 12
_LOW, _HIGH = 70, 150
_SAID = {"series": "state.series[datum.kind]", "said": "datum.bucket + ', ' + datum.series + ': ' + datum.exact"}
_QUIET = "#8A8A8A"


class RefusedChart(LiveChart):
    """Draws how many requests were refused, by kind of limit, below what was used."""

    def _columns(self, picture: Limited) -> dict[str, Any]:
        return refused_state(picture, rev=self._rev)

    def _spec(self, first: dict[str, Any], picture: Limited) -> Any:
        locale = picture.picture.locale
        used = (
            _table(bar="use_bar", tokens="tokens", exact="use_exact")
            .transform_calculate(said="datum.bucket + ', ' + datum.exact")
            .mark_bar(color=_QUIET, cursor=POINTER)
            .encode(
                x=_x(labels=False),
                y=_y("tokens", "tokens_high", locale=locale),
                description="said:N",
                tooltip=_tips(locale=locale),
            )
        )
        refused = (
            _table(bar="bar", kind="kind", requests="requests", exact="exact")
            .transform_calculate(**_SAID)
            .mark_bar(cursor=POINTER)
            .encode(
                x=_x(),
                y=_y("requests", "requests_high", locale=locale),
                order=alt.Order("kind:Q", sort="ascending"),
                color=coloured(legend=_legend("square")),
                description="said:N",
                tooltip=_tips("series:N", locale=locale),
            )
        )
        rows = [_row([used], "use", _LOW, locale), _row([refused], "refused", _HIGH, locale)]
        return _stacked(
            rows, first, locale=locale, description=say("Rate-limited requests beside the use", locale=locale)
        )


class PeaksChart(LiveChart):
    """Draws the highest minute of each column, model by model, and a line at each limit that is known."""

    def _columns(self, picture: Limited) -> dict[str, Any]:
        return peaks_state(picture, rev=self._rev)

    def _spec(self, first: dict[str, Any], picture: Limited) -> Any:
        rows, locale = [], picture.picture.locale
        for meter in DRAWN:
            labels = meter == DRAWN[-1]
            marks = (
                _table(bar=f"{meter}_bar", kind=f"{meter}_kind", tokens=meter, exact=f"{meter}_exact")
                .transform_calculate(**_SAID)
                .mark_bar(cursor=POINTER, cornerRadius=1, height=4)
                .encode(
                    x=_x(labels=labels),
                    y=_y("tokens", f"{meter}_high", locale=locale, stack=None),
                    color=coloured(legend=_legend("square") if meter == DRAWN[0] else None),
                    description="said:N",
                    tooltip=_tips("series:N", locale=locale),
                )
            )
            rules = (
                BASE.transform_calculate(
                    kind=f"state.{meter}_limit_kind", tokens=f"state.{meter}_limit", exact=f"state.{meter}_limit_exact"
                )
                .transform_flatten(["kind", "tokens", "exact"])
                .transform_calculate(series="state.series[datum.kind]", said="datum.series + ': ' + datum.exact")
                .mark_rule(strokeDash=[6, 4], strokeWidth=1.5)
                .encode(
                    y=_y("tokens", f"{meter}_high", locale=locale, stack=None),
                    color=coloured(legend=None),
                    description="said:N",
                    tooltip=[
                        alt.Tooltip("series:N", title=say("What", locale=locale)),
                        alt.Tooltip("exact:N", title=say("Limit per minute", locale=locale)),
                    ],
                )
            )
            rows.append(_row([marks, rules], meter, _LOW + 50, locale))
        return _stacked(rows, first, locale=locale, description=say("The most tokens of any one minute", locale=locale))


def refused_state(limited: Limited, *, rev: int) -> dict[str, Any]:
    """Return refused requests and the use beside them as the columns that are drawn."""
    shown = limited.picture
    places, ranks = shown.places, {value: rank for rank, value in enumerate(limited.series)}
    drawn = placed(limited.heights, places).with_columns(
        kind=pl.col(LIMIT).replace_strict(ranks, return_dtype=pl.Int64),
        exact=look.quantities(pl.col("height"), "request", locale=shown.locale),
    )
    used = placed(limited.use, places).with_columns(exact=shown.drawn.texts(pl.col("height"), locale=shown.locale))
    return {
        **spans(shown, rev=rev),
        "titles": limited.titles(),
        "series": look.words(LIMIT, limited.series, locale=shown.locale) or [" "],
        "colours": padded(look.colours(LIMIT, limited.series)),
        **_travelling(drawn, bar="bar", kind="kind", requests="height", exact="exact"),
        "requests_high": extent(drawn)[1] or 1.0,
        **_travelling(used, use_bar="bar", tokens="height", use_exact="exact"),
        "tokens_high": extent(used)[1] or 1.0,
    }


def peaks_state(limited: Limited, *, rev: int) -> dict[str, Any]:
    """Return the highest minutes and their limits as the columns that are drawn."""
    locale = limited.picture.locale
    ranks = {whose: rank for rank, whose in enumerate(limited.models)}
    made: dict[str, Any] = {
        **spans(limited.picture, rev=rev),
        "titles": limited.titles(),
        "series": limited.names or [" "],
        "colours": padded(look.colours("model", limited.names)),
    }
    places = limited.picture.places
    for meter in DRAWN:
        drawn = [
            (places[time], ranks[whose], float(most), look.quantity(most, "token", locale=locale))
            for time, whose, most in _peaks(limited, meter)
            if time in places and whose in ranks
        ]
        rules = [
            (ranks[whose], float(limit), look.quantity(limit, "token", locale=locale))
            for whose, limit in limited.limits_of(meter)
        ]
        made |= _columns(drawn, f"{meter}_bar", f"{meter}_kind", meter, f"{meter}_exact")
        made |= _columns(rules, f"{meter}_limit_kind", f"{meter}_limit", f"{meter}_limit_exact")
        made[f"{meter}_high"] = 1.05 * max([0.0, *made[meter], *made[f"{meter}_limit"]]) or 1.0
    return made


def _peaks(limited: Limited, meter: str) -> list[tuple[datetime, tuple[str, str], Decimal]]:
    found = limited.peaks.filter(limited.peaks["meter"] == meter, limited.peaks["quantity"].is_not_null())
    times = found["time"].dt.convert_time_zone("UTC")
    return list(zip(times, found.select("provider", "model").rows(), found["quantity"], strict=True))


def _travelling(drawn: pl.DataFrame, **names: str) -> dict[str, list[Any]]:
    """Return columns by the names that they travel under, decimals as the floats that are drawn."""
    floats = drawn.with_columns(pl.col(pl.Decimal).cast(pl.Float64))
    return {name: floats[column].to_list() for name, column in names.items()}


def _columns(rows: list[Any], *names: str) -> dict[str, list[Any]]:
    """Turn rows into columns, which are there even without a row."""
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def _table(**fields: str) -> alt.Chart:
    """Return rows of these columns of the state, each with the name of its bar."""
    made: alt.Chart = (
        BASE.transform_calculate(**{field: f"state.{column}" for field, column in fields.items()})
        .transform_flatten(list(fields))
        .transform_calculate(**NAMED)
    )
    return made


def _x(*, labels: bool = True) -> alt.X:
    return along() if labels else along(alt.Axis(labels=False, ticks=False))


def _y(field: str, high: str, *, locale: str, **stack: Any) -> alt.Y:
    return alt.Y(
        f"{field}:Q",
        title=None,
        scale=alt.Scale(domain=[0, alt.ExprRef(f"state.{high}")], nice=True),
        axis=alt.Axis(
            labelExpr=f"datum.value % 1 ? '' : {look.axis_text(locale)}",
            tickCount=3, domain=False, ticks=False, gridOpacity=0.12, minExtent=_AXIS, maxExtent=_AXIS,
        ),
        **stack,
    )  # fmt: skip


def _legend(symbol: str) -> alt.Legend:
    return alt.Legend(
        labelExpr="state.series[datum.value]", labelLimit=260, symbolType=symbol, orient="top", columns=4, offset=4
    )


def _tips(*what: str, locale: str) -> list[alt.Tooltip]:
    named = [alt.Tooltip(field, title=say("What", locale=locale)) for field in what]
    return [said_when(locale), *named, alt.Tooltip("exact:N", title=look.name("quantity", locale=locale))]


def _row(layers: list[alt.Chart], title: str, height: int, locale: str) -> Any:
    said = alt.Title(
        text=alt.ExprRef(f"state.titles.{title}"), anchor="start", frame="group", color=INK, fontSize=12,
        fontWeight="normal", offset=8,
    )  # fmt: skip
    return alt.layer(columns(_x(), locale=locale).properties(name=title), *layers).properties(
        title=said, width=_PLOT, height=height
    )


def _stacked(rows: list[Any], first: dict[str, Any], *, locale: str, description: str) -> Any:
    whole = alt.vconcat(*rows, spacing=12).resolve_scale(color="independent")
    made = themed(whole, first, locale=locale, description=description)
    # One click for all rows: Altair would only make it, with a warning, by taking several for the same.
    views = [row.layer[0].name for row in made.vconcat]
    select = alt.PointSelectionConfig(type="point", **CLICK)
    click = alt.TopLevelSelectionParameter(name="pick", select=select, views=views)
    made.params = [*made.params, click]
    return made
