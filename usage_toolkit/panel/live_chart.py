"""The chart that stands still: one Vega view for the life of a panel, fed through one variable.

A new picture is one message and one redraw. The chart is never embedded again, since each embedding would leave the
old view and its listeners behind. It is as wide as its place, so that its letters are as large as all others. Names
travel as data, never as fields, keys or code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import ipywidgets as widgets

from usage_toolkit import look
from usage_toolkit.panel.room import Room
from usage_toolkit.panel.tooltip import OPTIONS
from usage_toolkit.panel.wire import BASE, NAMED, SERIES

if TYPE_CHECKING:
    from collections.abc import Callable

_GAPS = "length(state.names) > 200 ? 0 : 0.15"  # bars of few pixels need them all
INK = "currentColor"  # of the panel around it, so that it follows the theme of the page


class LiveChart(widgets.Box):
    """Draws a picture and tells which bar was clicked; each chart says what travels, and what draws it.

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
        self._view = alt.JupyterChart(
            self._spec(self._state, picture),
            debounce_wait=5,
            embed_options={"renderer": "svg", "actions": False, "tooltip": OPTIONS},
        )
        self._view.add_class("ut-view")
        super().__init__([self._view, Room()])
        self.add_class("ut-chart")
        self._view.selections.observe(self._clicked, "pick")
        self._view.params.observe(self._echoed)  # any name, to be heard after Altair's own observer

    def show(self, picture: Any) -> None:
        """Draw another picture in the same view."""
        self._rev += 1
        self._state = self._columns(picture)
        self._feed()

    def _columns(self, picture: Any) -> dict[str, Any]:
        """Return what of the picture travels."""
        raise NotImplementedError

    def _spec(self, first: dict[str, Any], picture: Any) -> alt.LayerChart:
        """Return what draws it."""
        raise NotImplementedError

    def _feed(self) -> None:
        self._view.params.set_trait("state", self._state)

    def _clicked(self, change: Any) -> None:
        bars = change["new"].value
        if bars and bars[0].get("rev") == self._rev:  # else a click on what is no longer shown
            self._picked(bars[0]["bucket"])

    def _echoed(self, change: Any) -> None:
        """Send the picture again to a view that has just opened: it began with the first one and told us so."""
        if change["new"].get("rev") != self._rev:
            self._feed()


_CLICK: dict[str, Any] = {"fields": ["bucket", "rev"], "on": "click", "toggle": False, "clear": False}
"""What tells the kernel which column was meant."""
WIDE: Any = alt.ExprRef("min(bandwidth('x'), 96)")
"""How wide a bar is: where there is one alone it is still a bar."""
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


def _columns(x: alt.X, *, locale: str) -> alt.Chart:
    """Return what hears a click anywhere in a column."""
    made: alt.Chart = (
        BASE.transform_calculate(bar="state.filled")
        .transform_flatten(["bar"])
        .transform_calculate(**NAMED)
        .mark_bar(opacity=0, cursor=POINTER, aria=False)
        .encode(x=x, y=alt.value(0), y2=alt.value("height"), tooltip=said_when(locale))
        .add_params(alt.selection_point(name="pick", **_CLICK))
    )
    return made


def themed(
    layers: list[alt.Chart], first: dict[str, Any], *, height: int, locale: str, description: str
) -> alt.LayerChart:
    """Return layers over columns that hear clicks, in the ink of the page, with the variable that feeds them."""
    whole: alt.LayerChart = (
        alt.layer(_columns(along(), locale=locale), *layers)
        .properties(
            width="container",
            height=height,
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding", resize=True),
            background="transparent",
            padding=4,
            description=description,
        )
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
    return whole.add_params(alt.param(name="state", value=first))  # last, as each step copies all that is there


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
