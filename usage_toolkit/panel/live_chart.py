"""The chart that stands still: one Vega view for the life of a panel, fed through one variable.

A new picture is one message and one redraw. The chart is never embedded again, since each embedding would leave the
old view and its listeners behind. Names travel as data, never as fields, keys or code.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import altair as alt

from usage_toolkit import look
from usage_toolkit.schema import METERS
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_toolkit.panel.drawn import Drawn
    from usage_toolkit.panel.picture import Picture

WIDTH, HEIGHT = 1000, 320
SERIES = len(METERS)  # other labels have fewer
_ZERO: Any = {"condition": {"test": "datum.value === 0 && state.low < 0", "value": 0.5}, "value": 0.12}
_GAPS = "length(state.names) > 200 ? 0 : 0.15"  # bars of few pixels need them all
_TEXT = "currentColor"  # of the panel around it, so that it follows the theme of the page


class LiveChart:
    """Draws a `Picture` and tells which bar was clicked.

    Parameters
    ----------
    picture
        What to draw first.
    picked
        Called with the name of a bar that was clicked.
    """

    def __init__(self, picture: Picture, *, picked: Callable[[str], None]) -> None:
        alt.JupyterChart.enable_offline()
        self._rev, self._picked = 1, picked
        self._state = state(picture, rev=1)
        self.widget = alt.JupyterChart(
            _chart(self._state, picture.drawn, picture.locale),
            debounce_wait=20,
            embed_options={"renderer": "svg", "actions": False},
            layout={"width": "100%", "min_height": "200px"},
        )
        self.widget.add_class("ut-chart")
        self.widget.selections.observe(self._clicked, "pick")
        self.widget.params.observe(self._echoed)  # any name, to be heard after Altair's own observer

    def show(self, picture: Picture) -> None:
        """Draw another picture in the same view."""
        self._rev += 1
        self._state = state(picture, rev=self._rev)
        self._send()

    def _send(self) -> None:
        self.widget.params.set_trait("state", self._state)

    def _clicked(self, change: Any) -> None:
        bars = change["new"].value
        if bars and bars[0].get("rev") == self._rev:  # else a click on what is no longer shown
            self._picked(bars[0]["bucket"])

    def _echoed(self, change: Any) -> None:
        """Send the picture again to a view that has just opened: it began with the first one and told us so."""
        if change["new"].get("rev") != self._rev:
            self._send()


def state(picture: Picture, *, rev: int) -> dict[str, Any]:
    """Return a picture as the columns that are drawn; bars and series are numbers into lists of names."""
    places = {bar.time: place for place, bar in enumerate(picture.bars)}
    ranks = {value: rank for rank, value in enumerate(picture.series)}
    colours = look.colours(picture.group, picture.series)
    called = look.words(picture.group, picture.series, locale=picture.locale)
    drawn = [
        (places[time], ranks[value], float(height), picture.drawn.text(height, locale=picture.locale))
        for time, value, _, height in picture.heights.iter_rows()
        if time in places
    ]
    low, high = _extent(drawn)
    bars, series, heights, texts = zip(*drawn, strict=True) if drawn else ((), (), (), ())
    return {
        "rev": rev,
        "open": picture.opens,
        "empty": "" if drawn else picture.empty,
        "names": [bar.name for bar in picture.bars],
        "ticks": picture.marked,
        "short": [picture.short(bar) for bar in picture.bars],
        "long": [picture.long(bar) for bar in picture.bars],
        "series": called or [" "],  # a legend of nothing has no size and no place
        "colours": [*colours, *["transparent"] * (SERIES - len(colours))],
        "low": low,
        "high": high or 1.0,  # an axis needs two ends
        "filled": [places[time] for time in sorted(picture.filled) if time in places],
        "bar": list(bars),
        "kind": list(series),
        picture.drawn.noun: list(heights),
        "exact": list(texts),
    }


def _extent(drawn: list[tuple[int, int, float, str]]) -> tuple[float, float]:
    """Return how far the stacks reach below and above zero."""
    below: defaultdict[int, float] = defaultdict(float)
    above: defaultdict[int, float] = defaultdict(float)
    for bar, _, height, _ in drawn:
        below[bar] += min(height, 0)
        above[bar] += max(height, 0)
    return min(below.values(), default=0), max(above.values(), default=0)


def _labels(drawn: Drawn, locale: str) -> str:
    """Write no parts of tokens, for there are none, and parts of money as such, where SI would say 500m."""
    large = look.axis_text(locale)
    if drawn.measure == "quantity":
        return f"state.empty || datum.value % 1 ? '' : {large}"
    return f"state.empty ? '' : abs(datum.value) < 1000 ? format(datum.value, '~g') : {large}"


def _chart(first: dict[str, Any], drawn: Drawn, locale: str) -> alt.LayerChart:
    base = alt.Chart(alt.InlineData(values=[{}]))
    x = alt.X(
        "bar:O",
        title=None,
        scale=alt.Scale(domain=alt.ExprRef("sequence(length(state.names))"), paddingInner=alt.ExprRef(_GAPS)),
        axis=alt.Axis(
            values=alt.ExprRef("state.ticks"),
            labelExpr="state.short[datum.value]",
            labelAngle=0,
            labelOverlap=True,
            labelSeparation=8,
        ),
    )
    when = alt.Tooltip("when:N", title=look.name("time", locale=locale))
    named = {"bucket": "state.names[datum.bar]", "rev": "state.rev", "when": "state.long[datum.bar]"}
    columns = (
        base.transform_calculate(bar="state.filled")
        .transform_flatten(["bar"])
        .transform_calculate(**named)
        .mark_bar(opacity=0, cursor=alt.ExprRef("state.open ? 'pointer' : 'default'"), aria=False)
        .encode(x=x, y=alt.value(0), y2=alt.value("height"), tooltip=when)
    )
    bars = (
        base.transform_calculate(
            bar="state.bar", kind="state.kind", exact="state.exact", **{drawn.noun: f"state.{drawn.noun}"}
        )
        .transform_flatten(["bar", "kind", "exact", drawn.noun])
        .transform_calculate(
            **named,
            series="state.series[datum.kind]",
            said="datum.bucket + ', ' + datum.series + ': ' + datum.exact",
        )
        .mark_bar(cursor=alt.ExprRef("state.open ? 'pointer' : 'default'"))
        .encode(
            x=x,
            y=alt.Y(
                f"{drawn.noun}:Q",
                title=None,
                scale=alt.Scale(domain=[alt.ExprRef("state.low"), alt.ExprRef("state.high")], nice=True),
                axis=alt.Axis(
                    labelExpr=_labels(drawn, locale), tickCount=6, domain=False, ticks=False, gridOpacity=_ZERO
                ),
            ),
            order=alt.Order("kind:Q", sort="ascending"),
            color=alt.Color(
                "kind:O",
                title=None,
                scale=alt.Scale(
                    domain=alt.ExprRef("sequence(length(state.series))"),
                    range=[alt.ExprRef(f"state.colours[{rank}]") for rank in range(SERIES)],
                ),
                legend=alt.Legend(labelExpr="state.series[datum.value]", labelLimit=180, symbolType="square"),
            ),
            description="said:N",
            tooltip=[
                when,
                alt.Tooltip("series:N", title=say("What", locale=locale)),
                alt.Tooltip("exact:N", title=look.name(drawn.measure, locale=locale)),
            ],
        )
    )
    empty = base.mark_text(color=_TEXT, opacity=0.7, fontSize=13, text=alt.ExprRef("state.empty"), aria=False).encode(
        x=alt.value(alt.ExprRef("width / 2")), y=alt.value(alt.ExprRef("height / 2"))
    )
    pick = alt.selection_point(name="pick", fields=["bucket", "rev"], on="click", toggle=False, clear=False)
    whole: alt.LayerChart = (
        alt.layer(columns.add_params(pick), bars, empty)
        .add_params(alt.param(name="state", value=first))
        .properties(
            width=WIDTH,
            height=HEIGHT,
            autosize=alt.AutoSizeParams(type="fit", contains="padding", resize=True),
            background="transparent",
            padding=4,
            description=say("{what} over time, stacked", locale=locale, what=drawn.title(locale=locale)),
        )
        .configure(locale=alt.Locale(number=look.vega_locale(locale)))
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=_TEXT, titleColor=_TEXT, tickColor=_TEXT, domainColor=_TEXT, gridColor=_TEXT,
            tickOpacity=0.4, domainOpacity=0.4, labelFontSize=12, titleFontSize=12,
            titleFontWeight="normal",
        )
        .configure_legend(labelColor=_TEXT, labelFontSize=12, symbolStrokeWidth=0)
        .configure_bar(stroke=None)
    )  # fmt: skip
    return whole
