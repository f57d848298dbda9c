"""The bars of a panel: what is stacked in each column, by colour, and the words and digits that tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from usage_toolkit import look
from usage_toolkit.panel.live_chart import INK, POINTER, WIDE, LiveChart, along, coloured, said_when, themed
from usage_toolkit.panel.wire import BASE, legend, placed, ranked, spans, table, text, written
from usage_toolkit.words import say

if TYPE_CHECKING:
    from usage_toolkit.view.drawn import Drawn
    from usage_toolkit.view.picture import Picture

HEIGHT = 280
_LIMIT = 150  # pixels of a name, whatever the room: Vega makes room for a legend before it looks at a limit again
_ZERO: Any = {"condition": {"test": "datum.value === 0 && state.low < 0", "value": 0.5}, "value": 0.12}


class StackChart(LiveChart):
    """Draws the bars of a `Picture`, stacked by what it is grouped by."""

    def _columns(self, picture: Picture) -> dict[str, Any]:
        return state(picture, rev=self._rev)

    def _spec(self, first: dict[str, Any], picture: Picture) -> alt.LayerChart:
        locale, drawn = picture.locale, picture.drawn
        empty = BASE.mark_text(color=INK, opacity=0.7, fontSize=13, text=alt.ExprRef("state.empty"), aria=False).encode(
            x=alt.value(alt.ExprRef("width / 2")), y=alt.value(alt.ExprRef("height / 2"))
        )
        said = say("{what} over time, stacked", locale=locale, what=drawn.title(locale=locale))
        return themed([_bars(drawn, locale), empty], first, height=HEIGHT, locale=locale, description=said)


def state(picture: Picture, *, rev: int) -> dict[str, Any]:
    """Return a picture as what travels; bars and series are numbers into lists of names."""
    drawn = ranked(placed(picture.heights, picture.columns), picture.group, picture.series)
    low, high = picture.reach
    return {
        **spans(picture, rev=rev),
        **legend(picture.group, picture.series, locale=picture.locale),
        "stack": text(drawn, "bar", "kind", "height"),
        "empty": "" if drawn.height else picture.empty,
        "units": picture.drawn.units(locale=picture.locale),
        "least": picture.drawn.least,
        "low": low,
        "high": high or 1.0,  # an axis needs two ends
    }


def _bars(drawn: Drawn, locale: str) -> alt.Chart:
    values = alt.Axis(labelExpr=_labels(drawn, locale), tickCount=6, domain=False, ticks=False, gridOpacity=_ZERO)
    made: alt.Chart = (
        table("stack", "bar", "kind", "digits")
        .transform_calculate(
            series="state.series[datum.kind]",
            exact=written(unit="state.units", least="state.least", locale=locale),
            said="datum.bucket + ', ' + datum.series + ': ' + datum.exact",
        )
        .mark_bar(cursor=POINTER, width=WIDE)
        .encode(
            x=along(),
            y=alt.Y(
                "value:Q",
                title=None,
                scale=alt.Scale(domain=[alt.ExprRef("state.low"), alt.ExprRef("state.high")], nice=True),
                axis=values,
            ),
            order=alt.Order("kind:Q", sort="ascending"),
            color=coloured(
                legend=alt.Legend(
                    labelExpr="state.series[datum.value]",
                    labelLimit=_LIMIT,
                    symbolType="square",
                )
            ),
            description="said:N",
            tooltip=[
                said_when(locale),
                alt.Tooltip("series:N", title=say("What", locale=locale)),
                alt.Tooltip("exact:N", title=look.name(drawn.measure, locale=locale)),
            ],
        )
    )
    return made


def _labels(drawn: Drawn, locale: str) -> str:
    """Write no parts of tokens, for there are none, and parts of money as such, where SI would say 500m."""
    large = look.axis_text(locale)
    if drawn.measure == "quantity":
        return f"state.empty || datum.value % 1 ? '' : {large}"
    return f"state.empty ? '' : abs(datum.value) < 1000 ? format(datum.value, '~g') : {large}"
