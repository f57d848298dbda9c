"""The chart that stands still: one Vega view for the life of a panel, fed through one variable.

A new picture is one message and one redraw. The chart is never embedded again, since each embedding would leave the
old view and its listeners behind. Names travel as data, never as fields, keys or code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from usage_toolkit import look
from usage_toolkit.panel.tooltip import OPTIONS
from usage_toolkit.schema import METERS
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from usage_toolkit.view.drawn import Drawn
    from usage_toolkit.view.picture import Picture

WIDTH, HEIGHT = 1000, 320
SERIES = len(METERS)  # other labels have fewer
_ZERO: Any = {"condition": {"test": "datum.value === 0 && state.low < 0", "value": 0.5}, "value": 0.12}
_GAPS = "length(state.names) > 200 ? 0 : 0.15"  # bars of few pixels need them all
INK = "currentColor"  # of the panel around it, so that it follows the theme of the page


class LiveChart:
    """Draws a `Picture` and tells which bar was clicked; another chart says what travels, and what draws it.

    Parameters
    ----------
    picture
        What to draw first.
    picked
        Called with the name of a bar that was clicked.
    """

    def __init__(self, picture: Any, *, picked: Callable[[str], None]) -> None:
        alt.JupyterChart.enable_offline()
        self._rev, self._picked = 1, picked
        self._state = self._columns(picture)
        self.widget = alt.JupyterChart(
            self._spec(self._state, picture),
            debounce_wait=20,
            embed_options={"renderer": "svg", "actions": False, "tooltip": OPTIONS},
            layout={"width": "100%", "min_height": "200px"},
        )
        self.widget.add_class("ut-chart")
        self.widget.selections.observe(self._clicked, "pick")
        self.widget.params.observe(self._echoed)  # any name, to be heard after Altair's own observer

    def show(self, picture: Any) -> None:
        """Draw another picture in the same view."""
        self._rev += 1
        self._state = self._columns(picture)
        self._send()

    def _columns(self, picture: Any) -> dict[str, Any]:
        """Return what of the picture travels."""
        return state(picture, rev=self._rev)

    def _spec(self, first: dict[str, Any], picture: Any) -> alt.LayerChart | alt.VConcatChart:
        """Return what draws it."""
        return _chart(first, picture.drawn, picture.locale)

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
    ranks = {value: rank for rank, value in enumerate(picture.series)}
    colours = look.colours(picture.group, picture.series)
    called = look.words(picture.group, picture.series, locale=picture.locale)
    drawn = placed(picture.heights, picture.places).with_columns(
        kind=pl.col(picture.group).replace_strict(ranks, return_dtype=pl.Int64),
        exact=picture.drawn.texts(pl.col("height"), locale=picture.locale),
    )
    low, high = extent(drawn)
    return {
        **spans(picture, rev=rev),
        "empty": "" if drawn.height else picture.empty,
        "series": called or [" "],  # a legend of nothing has no size and no place
        "colours": padded(colours),
        "low": low,
        "high": high or 1.0,  # an axis needs two ends
        "bar": drawn["bar"].to_list(),
        "kind": drawn["kind"].to_list(),
        picture.drawn.noun: drawn["height"].cast(pl.Float64).to_list(),
        "exact": drawn["exact"].to_list(),
    }


def spans(picture: Picture, *, rev: int) -> dict[str, Any]:
    """Return what the columns of a picture are called, and which of them can be clicked."""
    return {
        "rev": rev,
        "open": picture.opens,
        "names": [bar.name for bar in picture.bars],
        "ticks": picture.marked,
        "short": [picture.short(bar) for bar in picture.bars],
        "long": [picture.long(bar) for bar in picture.bars],
        "filled": [picture.places[time] for time in sorted(picture.filled) if time in picture.places],
    }


def padded(colours: list[str]) -> list[str]:
    """Return a colour for each series that there may be."""
    return [*colours, *["transparent"] * (SERIES - len(colours))]


def placed(heights: pl.DataFrame, places: dict[datetime, int]) -> pl.DataFrame:
    """Put heights in their bars, and leave out what lies in none."""
    measure = next(name for name in ("quantity", "amount") if name in heights.columns)
    bar = pl.col("time").replace_strict(places, default=None, return_dtype=pl.Int64)
    return heights.with_columns(bar=bar).rename({measure: "height"}).filter(pl.col("bar").is_not_null())


def extent(drawn: pl.DataFrame) -> tuple[float, float]:
    """Return how far the stacks reach below and above zero."""
    height = pl.col("height").cast(pl.Float64)
    stacks = drawn.group_by("bar").agg(below=height.clip(upper_bound=0).sum(), above=height.clip(lower_bound=0).sum())
    low, high = stacks.select(pl.col("below").min(), pl.col("above").max()).row(0)
    return low or 0.0, high or 0.0


def _labels(drawn: Drawn, locale: str) -> str:
    """Write no parts of tokens, for there are none, and parts of money as such, where SI would say 500m."""
    large = look.axis_text(locale)
    if drawn.measure == "quantity":
        return f"state.empty || datum.value % 1 ? '' : {large}"
    return f"state.empty ? '' : abs(datum.value) < 1000 ? format(datum.value, '~g') : {large}"


BASE = alt.Chart(alt.InlineData(values=[{}]))
"""One datum without a field: all others are calculated from the one variable."""
NAMED = {"bucket": "state.names[datum.bar]", "rev": "state.rev", "when": "state.long[datum.bar]"}
CLICK: dict[str, Any] = {"fields": ["bucket", "rev"], "on": "click", "toggle": False, "clear": False}
"""What tells the kernel which column was meant."""
POINTER = alt.ExprRef("state.open ? 'pointer' : 'default'")


def along(axis: alt.Axis | None = None) -> alt.X:
    """Return the axis of the columns, by default with what each is called."""
    named = alt.Axis(
        values=alt.ExprRef("state.ticks"),
        labelExpr="state.short[datum.value]",
        labelAngle=0,
        labelOverlap=True,
        labelSeparation=8,
    )
    return alt.X(
        "bar:O",
        title=None,
        scale=alt.Scale(domain=alt.ExprRef("sequence(length(state.names))"), paddingInner=alt.ExprRef(_GAPS)),
        axis=axis or named,
    )


def said_when(locale: str) -> alt.Tooltip:
    """Return what a column is called, to be told where the pointer is."""
    return alt.Tooltip("when:N", title=look.name("time", locale=locale))


def columns(x: alt.X, *, locale: str) -> alt.Chart:
    """Return what hears a click anywhere in a column."""
    made: alt.Chart = (
        BASE.transform_calculate(bar="state.filled")
        .transform_flatten(["bar"])
        .transform_calculate(**NAMED)
        .mark_bar(opacity=0, cursor=POINTER, aria=False)
        .encode(x=x, y=alt.value(0), y2=alt.value("height"), tooltip=said_when(locale))
    )
    return made


def themed(whole: Any, first: dict[str, Any], *, locale: str, description: str) -> Any:
    """Return a chart in the ink of the page, with the variable that feeds it."""
    dressed = (
        whole.properties(background="transparent", padding=4, description=description)
        .configure(locale=alt.Locale(number=look.vega_locale(locale)))
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK, titleColor=INK, tickColor=INK, domainColor=INK, gridColor=INK,
            tickOpacity=0.4, domainOpacity=0.4, labelFontSize=12, titleFontSize=12,
            titleFontWeight="normal",
        )
        .configure_legend(labelColor=INK, labelFontSize=12, symbolStrokeWidth=0)
        .configure_bar(stroke=None)
    )  # fmt: skip
    return dressed.add_params(alt.param(name="state", value=first))  # last, as each step copies all that is there


def coloured(*, field: str = "kind", legend: alt.Legend | None) -> alt.Color:
    """Return the colour of a series by its rank."""
    return alt.Color(
        f"{field}:O",
        title=None,
        scale=alt.Scale(
            domain=alt.ExprRef("sequence(length(state.series))"),
            range=[alt.ExprRef(f"state.colours[{rank}]") for rank in range(SERIES)],
        ),
        legend=legend,
    )


def _chart(first: dict[str, Any], drawn: Drawn, locale: str) -> alt.LayerChart:
    x = along()
    bars = (
        BASE.transform_calculate(
            bar="state.bar", kind="state.kind", exact="state.exact", **{drawn.noun: f"state.{drawn.noun}"}
        )
        .transform_flatten(["bar", "kind", "exact", drawn.noun])
        .transform_calculate(
            **NAMED,
            series="state.series[datum.kind]",
            said="datum.bucket + ', ' + datum.series + ': ' + datum.exact",
        )
        .mark_bar(cursor=POINTER)
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
            color=coloured(
                legend=alt.Legend(labelExpr="state.series[datum.value]", labelLimit=180, symbolType="square")
            ),
            description="said:N",
            tooltip=[
                said_when(locale),
                alt.Tooltip("series:N", title=say("What", locale=locale)),
                alt.Tooltip("exact:N", title=look.name(drawn.measure, locale=locale)),
            ],
        )
    )
    empty = BASE.mark_text(color=INK, opacity=0.7, fontSize=13, text=alt.ExprRef("state.empty"), aria=False).encode(
        x=alt.value(alt.ExprRef("width / 2")), y=alt.value(alt.ExprRef("height / 2"))
    )
    click = alt.selection_point(name="pick", **CLICK)
    whole: alt.LayerChart = themed(
        alt.layer(columns(x, locale=locale).add_params(click), bars, empty).properties(
            width=WIDTH,
            height=HEIGHT,
            autosize=alt.AutoSizeParams(type="fit", contains="padding", resize=True),
        ),
        first,
        locale=locale,
        description=say("{what} over time, stacked", locale=locale, what=drawn.title(locale=locale)),
    )
    return whole
