"""The two charts of the tab of rate limits: what was refused beside the use, and the highest minutes.

Each is one Vega view of two bands, one above the other, over the columns of the use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import altair as alt

from usage_toolkit import look
from usage_toolkit.panel.limited import DRAWN
from usage_toolkit.panel.live_chart import INK, POINTER, WIDE, LiveChart, along, coloured, said_when, themed
from usage_toolkit.panel.wire import BASE, legend, placed, ranked, spans, table, text, written
from usage_toolkit.view.picture import reach
from usage_toolkit.view.refused import LIMIT
from usage_toolkit.words import say

if TYPE_CHECKING:
    from usage_toolkit.panel.limited import Limited

_QUIET = "#8A8A8A"
_SERIES = "state.series[datum.kind]"
_COLUMNS = "max(1, floor(width / 180))"  # of the legend


class Band(NamedTuple):
    """Where in a view one of its charts stands, in pixels from the top."""

    top: int
    bottom: int


_USE, _REFUSED = Band(24, 94), Band(128, 278)
_PEAKS = dict(zip(DRAWN, (Band(24, 134), Band(168, 278)), strict=True))


class RefusedChart(LiveChart):
    """Draws how many requests were refused, by kind of limit, below what was used."""

    def _columns(self, picture: Limited) -> dict[str, Any]:
        return refused_state(picture, rev=self._rev)

    def _spec(self, first: dict[str, Any], picture: Limited) -> alt.LayerChart:
        locale = picture.picture.locale
        used = (
            table("use", "bar", "digits")
            .transform_calculate(
                exact=written(unit="state.use_units", locale=locale),
                said="datum.bucket + ', ' + datum.exact",
            )
            .mark_bar(color=_QUIET, cursor=POINTER, width=WIDE)
            .encode(
                x=along(),
                y=_y(_USE, "use_high", locale=locale),
                description="said:N",
                tooltip=_tips(locale=locale),
            )
        )
        refused = (
            table("refused", "bar", "kind", "digits")
            .transform_calculate(**_said("units", locale=locale))
            .mark_bar(cursor=POINTER, width=WIDE)
            .encode(
                x=along(),
                y=_y(_REFUSED, "high", locale=locale),
                order=alt.Order("kind:Q", sort="ascending"),
                color=coloured(legend=_legend("bottom")),
                description="said:N",
                tooltip=_tips("series:N", locale=locale),
            )
        )
        said = say("Rate-limited requests beside the use", locale=locale)
        bands = [_title("use", _USE), used, _title("refused", _REFUSED), refused]
        return _banded(bands, first, locale=locale, description=said)


class PeaksChart(LiveChart):
    """Draws the highest minute of each column, model by model, and a line at each limit that is known."""

    def _columns(self, picture: Limited) -> dict[str, Any]:
        return peaks_state(picture, rev=self._rev)

    def _spec(self, first: dict[str, Any], picture: Limited) -> alt.LayerChart:
        locale = picture.picture.locale
        bands: list[Any] = []
        for meter, band in _PEAKS.items():
            y = _y(band, f"{meter}_high", locale=locale, stack=None)
            marks = (
                table(meter, "bar", "kind", "digits")
                .transform_calculate(**_said("units", locale=locale))
                .mark_bar(cursor=POINTER, width=WIDE, cornerRadius=1, height=4)
                .encode(
                    x=along(),
                    y=y,
                    color=coloured(legend=_legend("top")),
                    description="said:N",
                    tooltip=_tips("series:N", locale=locale),
                )
            )
            rules = (
                table(f"{meter}_limit", "kind", "digits")
                .transform_calculate(
                    series=_SERIES,
                    exact=written(unit="state.units", locale=locale),
                    said="datum.series + ': ' + datum.exact",
                )
                .mark_rule(strokeDash=[6, 4], strokeWidth=1.5)
                .encode(
                    y=y,
                    color=coloured(legend=_legend("top")),
                    description="said:N",
                    tooltip=[
                        alt.Tooltip("series:N", title=say("What", locale=locale)),
                        alt.Tooltip("exact:N", title=say("Limit per minute", locale=locale)),
                    ],
                )
            )
            bands += [_title(meter, band), alt.layer(marks, rules)]
        said = say("The most tokens of any one minute", locale=locale)
        return _banded(bands, first, locale=locale, description=said)


def refused_state(limited: Limited, *, rev: int) -> dict[str, Any]:
    """Return refused requests and the use beside them as what travels."""
    shown = limited.picture
    drawn = ranked(placed(limited.heights, shown.columns), LIMIT, limited.series)
    used = placed(limited.use, shown.columns)
    return {
        **spans(shown, rev=rev),
        **legend(LIMIT, limited.series, locale=shown.locale),
        "refused": text(drawn, "bar", "kind", "height"),
        "use": text(used, "bar", "height"),
        "titles": limited.titles(),
        "units": _units("request", shown.locale),
        "use_units": shown.drawn.units(locale=shown.locale),
        "high": reach(limited.heights, "quantity")[1] or 1.0,
        "use_high": reach(limited.use, shown.drawn.measure)[1] or 1.0,
    }


def peaks_state(limited: Limited, *, rev: int) -> dict[str, Any]:
    """Return the highest minutes and their limits as what travels."""
    shown = limited.picture
    made: dict[str, Any] = {
        **spans(shown, rev=rev),
        **legend("model", limited.names, locale=shown.locale),
        "titles": limited.titles(),
        "units": _units("token", shown.locale),
    }
    for meter in DRAWN:
        drawn = ranked(placed(limited.peaks_of(meter), shown.columns), "name", limited.names)
        rules = ranked(limited.limits_of(meter), "name", limited.names)
        made[meter], made[f"{meter}_limit"] = text(drawn, "bar", "kind", "height"), text(rules, "kind", "limit")
        made[f"{meter}_high"] = 1.05 * float(max([0, *drawn["height"], *rules["limit"]])) or 1.0
    return made


def _units(unit: str, locale: str) -> tuple[str, str]:
    return look.units(unit, 1, locale=locale), look.units(unit, locale=locale)


def _said(units: str, *, locale: str) -> dict[str, str]:
    """Return the expressions of what a bar of a series is called and how high it is."""
    exact = written(unit=f"state.{units}", locale=locale)
    return {"series": _SERIES, "exact": exact, "said": "datum.bucket + ', ' + datum.series + ': ' + datum.exact"}


def _y(band: Band, high: str, *, locale: str, **stack: Any) -> alt.Y:
    return alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=[0, alt.ExprRef(f"state.{high}")], range=[band.bottom, band.top], nice=True),
        axis=alt.Axis(
            labelExpr=f"datum.value % 1 ? '' : {look.axis_text(locale)}",
            orient="left", tickCount=3, domain=False, ticks=False, gridOpacity=0.12,
        ),
        **stack,
    )  # fmt: skip


def _legend(orient: Any) -> alt.Legend:
    return alt.Legend(
        labelExpr="state.series[datum.value]",
        labelLimit=alt.ExprRef(f"width / {_COLUMNS} - 30"),
        symbolType="square",
        orient=orient,
        columns=alt.ExprRef(_COLUMNS),
        offset=4,
    )


def _tips(*what: str, locale: str) -> list[alt.Tooltip]:
    named = [alt.Tooltip(field, title=say("What", locale=locale)) for field in what]
    return [said_when(locale), *named, alt.Tooltip("exact:N", title=look.name("quantity", locale=locale))]


def _title(of: str, band: Band) -> alt.Chart:
    text = alt.ExprRef(f"state.titles.{of}")
    mark = BASE.mark_text(text=text, align="left", baseline="bottom", color=INK, fontSize=12, aria=False)
    made: alt.Chart = mark.encode(x=alt.value(0), y=alt.value(band.top - 8))
    return made


def _banded(bands: list[Any], first: dict[str, Any], *, locale: str, description: str) -> alt.LayerChart:
    whole = themed(bands, first, height=_REFUSED.bottom, locale=locale, description=description)
    apart: alt.LayerChart = whole.resolve_scale(y="independent")
    return apart
