"""Tokens per span of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.charts import _rows
from usage_toolkit.charts._stack import stacked
from usage_toolkit.schema import NONE
from usage_toolkit.words import say

if TYPE_CHECKING:
    import altair as alt


def token_chart(
    cube: pl.DataFrame,
    *,
    by: str = "meter",
    every: str | None = None,
    title: str | None = None,
    locale: str = "en-US",
    width: int = 640,
    height: int = 280,
) -> alt.Chart:
    """Draw tokens per span of time, stacked by meter or any other label.

    Tokens that a provider billed and tokens that another metered are both counts, and drawn as one; estimates have a
    panel of their own. Two reports of the same use are counted twice if both are loaded: draw one of them.

    Parameters
    ----------
    cube
        What `ut.cube` returns; only its tokens are drawn.
    by
        The label to stack by. The eight largest values are drawn, the others together as ``"(other)"``.
    every
        The span that the cube was asked for. Needed only where it can't be seen in the cube, which holds a single one.
    title
        Instead of the one that says what is drawn.
    locale
        Whose words, numbers and dates are shown, as ``en-US`` or ``it-IT``.
    width, height
        Of the drawing within the axes, in pixels.

    Raises
    ------
    ArgumentError
        If `by` is no label of the cube, or `title`, `width` or `height` can't be meant.
    InputError
        If the frame is no cube over time.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> october = ut.cube(ut.sample(), by="meter", where=ut.Filter("2026-10-01", "2026-11-01"))
    >>> token_chart(october).to_dict()["title"]["text"]
    'Tokens per day by meter'
    """
    rows = _rows.measured(cube, by, "quantity", chart="token_chart", also=("time",))
    tokens = rows.filter(pl.col("what").is_in(["token", NONE]))
    return stacked(
        tokens, "quantity", chart="token_chart", by=by, noun=say("Tokens", locale=locale),
        empty=say("No tokens in this selection", locale=locale), every=every, title=title, locale=locale,
        width=width, height=height,
    )  # fmt: skip
