"""`UsagePanel`: what was used, by whom and when, as totals, a chart that opens at a click, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from usage_toolkit.analysis.minutes import expect_limits
from usage_toolkit.filters import Filter
from usage_toolkit.panel.board import Board
from usage_toolkit.panel.limited import Limited
from usage_toolkit.panel.limits import Limits
from usage_toolkit.panel.tiles import note, usage
from usage_toolkit.view.drawn import TOKENS
from usage_toolkit.view.markup import join
from usage_toolkit.view.picture import GROUPS, Picture, picture
from usage_toolkit.view.refused import Refused
from usage_toolkit.words import say

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import polars as pl

    from usage_toolkit.panel.tiles import Figures
    from usage_toolkit.view.markup import Html

TABS = ("use", "limits")


class UsagePanel(Board):
    """Look at token use and cost: filter, totals, bars that open into hours and minutes, and the table behind them.

    A second tab shows which requests were turned away at a rate limit, and how near to one the highest minutes came:
    `rate_limited` and `peaks` are the frames behind it.

    The rows are added up once, when the panel is made. Everything that a click does is also a method.

    Totals stand with their change against the period before: the month before for a month, else what is as long;
    closed periods only. The panel says so where there is none, as for a month that is still running. A provider that
    `coverage` does not name is taken to be whole up to its last row. `changes` has the changes exactly, by the names
    of `totals`. Requests and web searches are "not reported" where no row counts them, which is not 0.

    Rows that can't be cut where the period or the time zone would cut them are in no total; how many is said below
    the totals.

    Parameters
    ----------
    rows
        What `usage_toolkit.cube` takes.
    value
        The filter to begin with.
    tz
        The time zone whose days and hours are meant. Rows that resolve only days of UTC are left out in others.
    locale
        Whose words, dates and numbers are shown, for example ``it-IT``.
    coverage
        The windows that were fetched whole, so that the panel can say through when its rows are complete: a polars
        frame with ``provider``, ``source``, ``account``, ``start``, ``stop`` (half-open) and, if known,
        ``provisional_since``. Without it the panel tells only the last row, and days without any.
    limits
        What is allowed, as far as it is known: a polars frame with ``provider``, ``model``, ``meter`` (``input``,
        ``output`` or ``request``) and ``per_minute``, a whole number or a decimal.

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
    tab : str
        What is open: ``use`` or ``limits``. `download` writes what it shows.

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
    tab = traitlets.Enum(TABS, default_value=TABS[0])

    _subject = "usage"
    _groups = GROUPS

    def _called(self, label: str) -> str:
        return say("Token kind", locale=self._locale) if label == "meter" else super()._called(label)

    def __init__(
        self,
        rows: Any,
        *,
        value: Filter = Filter(),  # noqa: B008 (frozen)
        tz: str = "UTC",
        locale: str = "en-US",
        coverage: pl.DataFrame | None = None,
        limits: pl.DataFrame | None = None,
    ) -> None:
        expect_limits(limits)
        self._allowed = limits
        super().__init__(rows, value=value, tz=tz, locale=locale, coverage=coverage)

    @property
    def rate_limited(self) -> pl.DataFrame:
        """Requests that a rate limit turned away, per bar, model, API key and ``limit``; ``time`` as in `data`."""
        return self._limited.data

    @property
    def peaks(self) -> pl.DataFrame:
        """The most tokens (or requests) of one minute in each bar, by model, and the ``limit`` where it is known."""
        return self._limited.peaks

    def download(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write what the open tab shows to a CSV file, the same bytes that its button gives, and return its path.

        Parameters
        ----------
        path
            A file, or a folder for a file of the name that the button gives: by default the current one. The name
            tells provider, period and filter.
        """
        if self._limits is None or self.tab == "use":
            return super().download(path)
        return self._limits.download.write(path or ".")

    def _made(self, value: Filter) -> Picture:
        return picture(self._hours, value, drawn=TOKENS, group=self.group, every=self.every, locale=self._locale)

    def _told(self, figures: Figures) -> Html:
        told = usage(self._picture.totals, self._before, self._all, figures)
        return join([told, note(figures.note, left_out=self._picture.left_out(), locale=self._locale)])

    def _arranged(self, parts: list[widgets.Widget]) -> list[widgets.Widget]:
        self._refused = Refused(self._hours)
        self._limited_now: Limited | None = None
        self._limits: Limits | None = None
        self._second = widgets.VBox()
        names = [say("Use", locale=self._locale), say("Rate limits", locale=self._locale)]
        self._tabs = widgets.Tab(
            [widgets.VBox(parts, layout={"grid_gap": "12px"}), self._second], titles=names, selected_index=0
        )
        self._tabs.add_class("ut-tabs")
        self._tabs.observe(lambda change: self.set_trait("tab", TABS[change["new"] or 0]), "selected_index")
        return [self._tabs]

    @property
    def _limited(self) -> Limited:
        """What the second tab shows; none of it is worked out before it is asked for."""
        if self._limited_now is None or self._limited_now.picture is not self._picture:
            self._limited_now = Limited(self._picture, self._refused, self._allowed)
        return self._limited_now

    @traitlets.observe("tab")
    def _open_tab(self, change: Any) -> None:
        self._tabs.selected_index = TABS.index(self.tab)
        if self.tab == "use":
            return
        with self._message.careful():
            self._show_limits()
            return
        self.tab = change["old"]

    def _show_words(self) -> None:
        super()._show_words()
        self._show_limits()

    def _show_limits(self) -> None:
        """Make the second tab when it is first opened, and keep it up to date while it is open."""
        if self.tab == "use":
            return
        limited = self._limited
        if self._limits is None:
            ways = [self._every, self._trail.bar, self._trail.open, self._trail.up]
            self._limits = Limits(limited, controls=ways, picked=self._picked, message=self._message)
            traitlets.link((self, "separator"), (self._limits.download, "separator"))
            self._second.children = [self._limits]
        else:
            self._limits.show(limited)
        self._limits.crumb.value = self._trail.crumbs(self._ends, say("Rate limits", locale=self._locale))
