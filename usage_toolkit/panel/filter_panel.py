"""`FilterPanel`: stock controls that are one `Filter`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ipywidgets as widgets
import traitlets

from usage_toolkit.filters import Filter, expect_filter
from usage_toolkit.panel.choice import Choice
from usage_toolkit.panel.message import Message
from usage_toolkit.panel.period_control import PeriodControl
from usage_toolkit.view.hours import SELECTORS, Hours
from usage_toolkit.view.markup import Html, fill


class FilterPanel(widgets.VBox):
    """Choose rows by provider, workspace, model, API key, user and time.

    Each selector offers only what exists in the rows that the others keep, with its number of rows: all of it, one
    value, or several, which are ticked in a list.

    Parameters
    ----------
    rows
        What `usage_toolkit.cube` takes.
    value
        The filter to begin with.
    tz
        The time zone whose days and months are meant.
    locale
        Whose words, dates and numbers are shown, for example ``it-IT``.

    Attributes
    ----------
    value : Filter
        What is chosen. Setting it moves the controls; what they can't show is kept.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> panel = ut.FilterPanel(ut.sample(days=7))
    >>> panel.value = ut.Filter("2026-10-31", "2026-11-01", model="claude-opus-4-8")
    >>> panel
    FilterPanel(Filter(start='2026-10-31T00:00:00Z', stop='2026-11-01T00:00:00Z', model=('claude-opus-4-8',)))
    """

    value = traitlets.Instance(Filter)

    def __init__(
        self,
        rows: Any,
        *,
        value: Filter = Filter(),  # noqa: B008 (frozen)
        tz: str = "UTC",
        locale: str = "en-US",
    ) -> None:
        expect_filter(value, name="value")
        self._hours = rows if isinstance(rows, Hours) else Hours(rows, tz)
        self._locale = locale
        self._moving = False
        self._message = Message(locale=locale)
        self._fields = {label: Choice(label, locale=locale) for label in SELECTORS}
        self._period = PeriodControl(
            self._hours.first, self._hours.last, tz=self._hours.tz, locale=locale, message=self._message
        )
        selectors = widgets.Box(list(self._fields.values()))
        selectors.add_class("ut-selectors")
        super().__init__([style(), selectors, self._period, self._message], layout={"grid_gap": "8px"}, value=value)
        self.add_class("ut-panel")
        self._show()
        for label, control in self._fields.items():
            control.observe(lambda change, label=label: self._choose(**{label: change["new"]}), "value")
            control.observe(self._opened, "unfolded")
        self._period.observe(lambda change: self._choose(start=change["new"][0], stop=change["new"][1]), "ends")
        self.observe(self._moved, "value")

    def __repr__(self) -> str:
        return f"FilterPanel({self.value!r})"

    def _choose(self, **changes: Any) -> None:
        if self._moving:
            return
        with self._message.careful():
            self.value = self.value.replace(**changes)
            return
        self._show()  # what can't be is not chosen

    def _opened(self, change: Any) -> None:
        """Close the other lists: one at a time is enough to look at."""
        for control in self._fields.values():
            if change["new"] and control is not change["owner"]:
                control.unfolded = False

    def _moved(self, _: Any) -> None:
        with self._message.careful():
            self._show()

    def _show(self) -> None:
        offers = self._hours.offers(self.value)
        self._moving, before = True, self._moving
        try:
            for label, control in self._fields.items():
                control.show(offers[label], getattr(self.value, label))
            self._period.ends = (self.value.start, self.value.stop)
        finally:
            self._moving = before


def style() -> widgets.HTML:
    """Return the look of all panels, as a child that each brings along."""
    css = Path(__file__).with_name("panel.css").read_text(encoding="utf-8")
    return widgets.HTML(fill("<style>{css}</style>", css=Html(css)), layout={"display": "none"})
