"""`CostPanel`: what it cost, by what and by whom, in one currency at a time, with the same ways in as `UsagePanel`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from usage_toolkit import look
from usage_toolkit.errors import ArgumentError
from usage_toolkit.panel.bill import bill, outlook
from usage_toolkit.panel.board import Board
from usage_toolkit.panel.controls import field, offer
from usage_toolkit.panel.tiles import note
from usage_toolkit.view.drawn import NO_MONEY, Drawn, moneys
from usage_toolkit.view.markup import join
from usage_toolkit.view.picture import Picture, picture

if TYPE_CHECKING:
    from usage_toolkit.filters import Filter
    from usage_toolkit.panel.tiles import Figures
    from usage_toolkit.view.markup import Html

GROUPS = ("model", "meter", "workspace", "api_key", "user", "provider")


class CostPanel(Board):
    """Look at cost: filter, totals, bars of one currency that open into hours and minutes, and the table behind them.

    Bars are money of one currency and one basis: neither two currencies nor a bill and an estimate are ever added.
    Credits hang below zero. Totals and table hold all money of the selection, each kind for itself; what a provider
    says its own currency is worth in US dollars stands beside it and is added to nothing.

    Totals stand with their change against the period before, and what is in none of them is said, as in
    `UsagePanel`. The month of the last row, while it is running, has an estimate for its end: that of
    `usage_toolkit.run_rate`.

    Parameters
    ----------
    rows
        What `usage_toolkit.cube` takes.
    value
        The filter to begin with.
    tz
        The time zone whose days and hours are meant. Rows that resolve only days of UTC are left out in others.
    locale
        Whose words, dates and numbers are shown, for example ``it-IT``. It never changes a currency.
    coverage
        The windows that were fetched whole, as for `UsagePanel`.

    Attributes
    ----------
    value : Filter
        Which rows are shown. Setting it moves everything; `traitlets.link` keeps two panels on one filter.
    currency : str
        Which money is drawn, such as ``USD`` or ``USD (estimated)``. Until one is chosen it is what is worth most
        US dollars in the selection; ``""`` chooses that again, and is what there is without any money.
    group : str
        What the bars are stacked by: ``model``, ``meter``, ``workspace``, ``api_key``, ``user`` or ``provider``.
    every : str
        How fine the bars are: ``auto``, or ``1m``, ``1h``, ``1d``, ``1w`` (from Monday), ``1mo``, as far as the rows
        resolve it and there are no more than can be read. Opening a bar sets it to ``auto``, going up sets it back.
    separator : str
        How a CSV file is written: ``,`` with decimal points, or ``;`` with decimal commas.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> panel = ut.CostPanel(ut.sample(days=7))
    >>> panel.currency
    'USD'
    >>> panel.currency = "DIEM"
    >>> panel.drill("2026-10-30")
    >>> panel.value
    Filter(start='2026-10-30T00:00:00Z', stop='2026-10-31T00:00:00Z')
    """

    currency = traitlets.Unicode()
    group = traitlets.Enum(GROUPS, default_value="model")

    _subject = "cost"
    _groups = GROUPS

    _chosen = ""
    _moving = False

    @cached_property
    def _known(self) -> dict[str, Drawn]:
        """All money there is in any row."""
        return moneys(self._hours.cells)

    @traitlets.validate("currency")
    def _one_that_exists(self, proposal: Any) -> str:
        asked: str = proposal["value"]
        if asked and asked not in self._known:
            known = ", ".join(look.words("currency", self._known)) or "none"
            found = look.visible(asked)
            raise ArgumentError(f"expected a currency of these rows, {known}, found {found!r}; choose one of those.")
        return asked

    @traitlets.observe("currency")
    def _choose(self, change: Any) -> None:
        if not self._moving:
            self._chosen = change["new"] or ""
            self._show()
            self._offer()  # also where the largest is chosen that is shown already

    @property
    def _asked(self) -> tuple[Any, ...]:
        return (*super()._asked, self._chosen)

    def _return(self) -> None:
        if self._shown:
            self._chosen = self._shown[-1]
        super()._return()
        self._offer()

    def _choices(self) -> list[widgets.Widget]:
        self._money = field(widgets.Dropdown(description=look.name("currency", locale=self._locale)), "140px")
        self._money.observe(self._choose, "value")
        return [self._money]

    def _made(self, value: Filter) -> Picture:
        offers = moneys(self._hours.keep(value).cells) if not self._chosen else self._known
        drawn = offers[self._chosen] if self._chosen else next(iter(offers.values()), NO_MONEY)
        return picture(self._hours, value, drawn=drawn, group=self.group, every=self.every, locale=self._locale)

    def _told(self, figures: Figures) -> Html:
        shown = self._picture
        estimate = outlook(self._hours, shown.where, shown.drawn, complete=self._complete, locale=self._locale)
        said = note(figures.note, estimate=estimate, left_out=shown.left_out(), locale=self._locale)
        return join([bill(shown, self._before, self._all, figures), said])

    def _show_words(self) -> None:
        super()._show_words()
        self._offer()

    def _offer(self) -> None:
        """Show which money is drawn, and which others there are."""
        drawn = self._picture.drawn
        offers = moneys(self._picture.data) | ({drawn.key: drawn} if drawn.key else {})
        self._moving, before = True, self._moving
        try:
            options = [(kind.label(locale=self._locale), key) for key, kind in offers.items()]
            offer(self._money, options, drawn.key or None)
            self._money.disabled = not offers
            self.currency = drawn.key
        finally:
            self._moving = before
