"""Money per span of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_toolkit.charts import _rows
from usage_toolkit.charts._stack import stacked
from usage_toolkit.words import say

if TYPE_CHECKING:
    import altair as alt
    import polars as pl


def cost_chart(
    cube: pl.DataFrame,
    *,
    by: str = "model",
    every: str | None = None,
    title: str | None = None,
    locale: str = "en-US",
    width: int = 640,
    height: int = 280,
) -> alt.Chart:
    """Draw money per span of time, stacked by model or any other label; credits hang below zero.

    Each currency has a panel and a scale of its own, and so has what is billed, estimated or allocated: none of these
    is ever added to another.

    Parameters
    ----------
    cube
        What `ut.cube` returns.
    by
        The label to stack by. The eight largest values are drawn, the others together as ``"(other)"``.
    every
        The span that the cube was asked for. Needed only where it can't be seen in the cube, which holds a single one.
    title
        Instead of the one that says what is drawn.
    locale
        Whose words, numbers and dates are shown, as ``en-US`` or ``it-IT``.
    width, height
        Of the drawing within the axes, in pixels; panels share the height.

    Raises
    ------
    ArgumentError
        If `by` is no label of the cube, or `title`, `width` or `height` can't be meant.
    InputError
        If the frame is no cube over time.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> october = ut.cube(ut.sample(), where=ut.Filter("2026-10-01", "2026-11-01", currency="USD"))
    >>> cost_chart(october).to_dict()["title"]["text"]
    'Cost per day by model'
    """
    rows = _rows.measured(cube, by, "amount", chart="cost_chart", also=("time",))
    return stacked(
        rows, "amount", chart="cost_chart", by=by, noun=say("Cost", locale=locale),
        empty=say("No cost in this selection", locale=locale), every=every, title=title, locale=locale,
        width=width, height=height,
    )  # fmt: skip
