"""The controls for a stretch of time: all of it, a month, a day, a range of days, and one step back or on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from usage_toolkit import look, times
from usage_toolkit.panel.controls import field, offer
from usage_toolkit.view import period
from usage_toolkit.view.markup import fill
from usage_toolkit.view.period import ALL, DAY, EXACT, MONTH, OPEN, RANGE, Ends
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from usage_toolkit.panel.message import Message


class PeriodControl(widgets.HBox):
    """Controls whose trait `ends` is a half-open interval, open where an end is None.

    A period set from outside shows in its simplest form, so that all of October is a month. A form chosen by hand
    stays while it can show the period, so that a range may start as a month.
    """

    ends = traitlets.Any(OPEN)

    def __init__(
        self, first: datetime | None, last: datetime | None, *, tz: str, locale: str, message: Message
    ) -> None:
        self._first, self._last, self._tz, self._locale, self._message = first, last, tz, locale, message
        self._moving, self._chosen = False, ALL
        self._kind = field(widgets.Dropdown(description=say("Period", locale=locale)), "140px")
        self._month = field(widgets.Dropdown(description=say("Month", locale=locale)), "130px")
        self._day = field(widgets.DatePicker(description=say("Day", locale=locale)), "140px")
        self._from = field(widgets.DatePicker(description=say("From", locale=locale)), "140px")
        self._to = field(widgets.DatePicker(description=say("To", locale=locale)), "140px")
        self._exact = widgets.HTML()
        self._exact.add_class("ut-exact")
        self._back, self._on = _step("back"), _step("on")
        super().__init__([self._kind, self._back, self._month, self._day, self._from, self._to, self._exact, self._on])
        self.add_class("ut-fields")
        self._kind.observe(self._by_kind, "value")
        self._month.observe(lambda change: self._by_hand(MONTH, lambda: times.month(change["new"], tz=tz)), "value")
        self._day.observe(self._by_day, "value")
        self._from.observe(self._by_range, "value")
        self._to.observe(self._by_range, "value")
        self._back.on_click(lambda _: self.step(-1))
        self._on.on_click(lambda _: self.step(1))
        self.observe(self._moved, "ends")
        self._show()

    def step(self, by: int) -> None:
        """Go to the next period of the same length (1), or to the one before (-1)."""
        self._by_hand(self._chosen, lambda: period.step(self.ends, by, tz=self._tz))

    def _moved(self, _: Any) -> None:
        if not self._moving:
            self._chosen = period.kind(self.ends, tz=self._tz)
        self._show()

    def _by_hand(self, chosen: str, ends: Callable[[], Ends]) -> None:
        if self._moving:
            return
        with self._message.careful(), self._move():
            self._chosen, self.ends = chosen, ends()
        self._show()

    def _by_kind(self, change: Any) -> None:
        self._by_hand(change["new"], lambda: self._as(change["new"]))

    def _by_day(self, change: Any) -> None:
        shown = change["new"] or change["old"]  # there is no day without a date
        self._by_hand(DAY, lambda: times.day(shown, tz=self._tz))

    def _by_range(self, change: Any) -> None:
        first, last = self._from.value, self._to.value
        if first and last and first > last:  # the end that was set wins
            first = last = change["new"]
        self._by_hand(RANGE, lambda: period.of_days(first, last, tz=self._tz))

    def _as(self, kind: str) -> Ends:
        """Return the period of another kind that is nearest to the one shown."""
        first, last = self._days()
        if kind == MONTH and last:
            return times.month(last, tz=self._tz)
        if kind in (DAY, RANGE):
            return period.of_days(last if kind == DAY else first, last, tz=self._tz)
        return OPEN if kind == ALL else self.ends

    def _days(self) -> tuple[date | None, date | None]:
        """Return the first and last date shown, no further than the data reaches where it reaches there at all."""
        first, last = period.days(self.ends, tz=self._tz)
        if self._first is None or self._last is None:
            return first or last, last or first
        begin, end = (times.local_date(moment, tz=self._tz) for moment in (self._first, self._last))
        first, last = first or begin, last or end
        return (max(first, begin), min(last, end)) if first <= end and begin <= last else (first, last)

    @contextmanager
    def _move(self) -> Iterator[None]:
        self._moving, before = True, self._moving
        try:
            yield
        finally:
            self._moving = before

    def _show(self) -> None:
        kind = period.kind(self.ends, tz=self._tz)
        if self._chosen == RANGE and kind in (MONTH, DAY):
            kind = RANGE
        first, last = period.days(self.ends, tz=self._tz)
        with self._move():
            offer(self._kind, [(_word(known, self._locale), known) for known in self._kinds(kind)], kind)
            for control, kinds in (
                (self._month, (MONTH,)),
                (self._day, (DAY,)),
                (self._from, (RANGE,)),
                (self._to, (RANGE,)),
                (self._exact, (EXACT,)),
                (self._back, (MONTH, DAY, RANGE, EXACT)),
                (self._on, (MONTH, DAY, RANGE, EXACT)),
            ):
                control.layout.display = None if kind in kinds else "none"
            if kind == MONTH and first:
                self._offer_months(first)
            elif kind == DAY:
                self._day.value = first
            elif kind == RANGE:
                self._from.value, self._to.value = first, last
            elif kind == EXACT:
                self._exact.value = fill("{text}", text=period.text(self.ends, tz=self._tz, locale=self._locale))
            self._show_steps(kind)

    def _kinds(self, shown: str) -> list[str]:
        known = [ALL, MONTH, DAY, RANGE] if self._first or shown != ALL else [ALL]
        return [*known, EXACT] if shown == EXACT else known

    def _offer_months(self, shown: date) -> None:
        known = period.months(self._first, self._last, tz=self._tz) if self._first and self._last else []
        months = sorted({*known, shown})
        offer(self._month, [(look.month(month, locale=self._locale), month) for month in months], shown)

    def _show_steps(self, kind: str) -> None:
        for button, said in zip((self._back, self._on), _ways(kind, self._locale), strict=True):
            button.description = button.tooltip = said
        if None in self.ends:
            self._back.disabled = self._on.disabled = True
            return
        before, after = (period.step(self.ends, by, tz=self._tz) for by in (-1, 1))
        self._back.disabled = not (self._first and before[1] and before[1] > self._first)
        self._on.disabled = not (self._last and after[0] and after[0] <= self._last)


def _word(kind: str, locale: str) -> str:
    return {
        ALL: say("All time", locale=locale),
        MONTH: say("Month", locale=locale),
        DAY: say("Day", locale=locale),
        RANGE: say("Range", locale=locale),
        EXACT: say("Exact time", locale=locale),
    }[kind]


def _ways(kind: str, locale: str) -> tuple[str, str]:
    if kind == MONTH:
        return say("Previous month", locale=locale), say("Next month", locale=locale)
    if kind == DAY:
        return say("Previous day", locale=locale), say("Next day", locale=locale)
    return say("Previous period", locale=locale), say("Next period", locale=locale)


def _step(way: str) -> widgets.Button:
    """Make a button that looks like an arrow and is called by its words."""
    button = widgets.Button(layout={"width": "32px"})
    button.add_class("ut-step")
    button.add_class(f"ut-{way}")
    return button
