"""`UsagePanel`: what was used, by whom and when, as totals, a chart that opens at a click, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from usage_toolkit.panel.board import Board
from usage_toolkit.panel.drawn import TOKENS
from usage_toolkit.panel.markup import join
from usage_toolkit.panel.picture import GROUPS, Picture, picture
from usage_toolkit.panel.tiles import note, usage
from usage_toolkit.words import say

if TYPE_CHECKING:
    from usage_toolkit.filters import Filter
    from usage_toolkit.panel.markup import Html
    from usage_toolkit.panel.tiles import Figures


class UsagePanel(Board):
    """Look at token use and cost: filter, totals, bars that open into hours and minutes, and the table behind them.

    The rows are added up once, when the panel is made. Everything that a click does is also a method.

    Totals stand with their change against the period before: the month before for a month, else what is as long;
    closed periods only. The panel says so where there is none, as for a month that is still running. A provider that
    `coverage` does not name is taken to be whole up to its last row. `changes` has the changes exactly, by the names
    of `totals`.
    Requests and web searches are "not reported" where no row counts them, which is not 0.

    Parameters
    ----------
    rows
        What `usage_toolkit.cube` takes.
    value
        The filter to begin with.
    tz
        The time zone whose days and hours are meant. In another one than UTC, rows that resolve only days of UTC
        are left out, and the panel says so.
    locale
        Whose words, dates and numbers are shown, for example ``it-IT``.
    coverage
        The windows that were fetched whole, so that the panel can say through when its rows are complete: a polars
        frame with ``provider``, ``source``, ``account``, ``start``, ``stop`` (half-open) and, if known,
        ``provisional_since``. Without it the panel tells only the last row, and days without any.

    Attributes
    ----------
    value : Filter
        Which rows are shown. Setting it moves everything; `traitlets.link` keeps two panels on one filter.
    group : str
        What the bars are stacked by: ``meter``, ``model``, ``api_key``, ``workspace``, ``user`` or ``provider``.
    every : str
        How fine the bars are: ``auto``, or ``1m``, ``1h``, ``1d``, ``1w`` (from Monday), ``1mo``, as far as the rows
        resolve it and there are no more than can be read. Opening a bar sets it to ``auto``, going up sets it back.
    separator : str
        How a CSV file is written: ``,`` with decimal points, or ``;`` with decimal commas.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> panel = ut.UsagePanel(ut.sample(days=7), value=ut.Filter(provider="anthropic"))
    >>> panel.drill("2026-10-30")
    >>> panel.value
    Filter(start='2026-10-30T00:00:00Z', stop='2026-10-31T00:00:00Z', provider=('anthropic',))
    >>> panel.up()
    >>> panel.value
    Filter(provider=('anthropic',))
    """

    group = traitlets.Enum(GROUPS, default_value="meter")

    _subject = "usage"
    _groups = GROUPS

    def _called(self, label: str) -> str:
        return say("Token kind", locale=self._locale) if label == "meter" else super()._called(label)

    def _made(self, value: Filter) -> Picture:
        return picture(self._hours, value, drawn=TOKENS, group=self.group, every=self.every, locale=self._locale)

    def _told(self, figures: Figures) -> Html:
        return join(
            [usage(self._picture.totals, self._before, self._all, figures), note(figures.note, locale=self._locale)]
        )
