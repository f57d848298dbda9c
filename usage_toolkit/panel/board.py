"""What all panels with bars share: a filter, totals, bars that open at a click, the table behind them, and their words.

What the bars are made of is said by each panel.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from usage_toolkit import look
from usage_toolkit.filters import Filter, expect_filter
from usage_toolkit.panel.behind import Behind
from usage_toolkit.panel.compare import before
from usage_toolkit.panel.controls import field, tie
from usage_toolkit.panel.download import Download
from usage_toolkit.panel.filter_panel import FilterPanel, style
from usage_toolkit.panel.granularity import granularities
from usage_toolkit.panel.message import Message
from usage_toolkit.panel.reading import Reading
from usage_toolkit.panel.stack_chart import StackChart
from usage_toolkit.panel.tiles import Figures, mark
from usage_toolkit.panel.tooltip import Tooltip
from usage_toolkit.panel.trail import Trail
from usage_toolkit.view.buckets import SPANS, Bucket, find
from usage_toolkit.view.drawn import moneys
from usage_toolkit.view.hours import Hours
from usage_toolkit.view.markup import Html, fill
from usage_toolkit.view.picture import AUTO, GROUPS
from usage_toolkit.view.status import complete, expect_coverage, freshness, status
from usage_toolkit.view.table import counted, table
from usage_toolkit.view.totals import Total, totals
from usage_toolkit.words import say

if TYPE_CHECKING:
    from datetime import date, datetime

    import polars as pl

    from usage_toolkit.panel.compare import Before
    from usage_toolkit.panel.trail import Level
    from usage_toolkit.view.period import Ends
    from usage_toolkit.view.picture import Picture


class Board(Reading):
    """A panel without a measure of its own; see `UsagePanel` for what its parameters and attributes mean."""

    _subject = ""
    _groups: tuple[str, ...] = ()
    _shown: tuple[Any, ...] | None = None

    value = traitlets.Instance(Filter)
    group = traitlets.Enum(GROUPS)
    every = traitlets.Enum((AUTO, *SPANS), default_value=AUTO)
    separator = traitlets.Enum((",", ";"), default_value=",")

    def __init__(
        self,
        rows: Any,
        *,
        value: Filter = Filter(),  # noqa: B008 (frozen)
        tz: str = "UTC",
        locale: str = "en-US",
        coverage: pl.DataFrame | None = None,
    ) -> None:
        expect_filter(value, name="value")
        self.coverage = known = expect_coverage(coverage)
        self._hours, self._locale = Hours(rows, tz), locale
        self._fresh, self._complete = freshness(self._hours, known, locale=locale), complete(known)
        self._picture, self._before = self._made(value), self._compared(value)
        self._filters = FilterPanel(self._hours, value=value, locale=locale)
        self._message = Message(locale=locale)
        self._status, self._tiles = widgets.HTML(), widgets.HTML()
        self._status.add_class("ut-status")
        groups = [(self._called(label), label) for label in self._groups]
        self._group = field(widgets.Dropdown(description=say("Group by", locale=locale), options=groups), "130px")
        self._every = field(
            widgets.Dropdown(description=say("Granularity", locale=locale), options=granularities(locale=locale)),
            "100px",
        )
        self._trail = Trail(tz=self._hours.tz, locale=locale, opened=self._picked, back=self.up)
        self._live, self._tooltip = StackChart(self._picture, picked=self._picked), Tooltip()
        self._download = Download(self._subject, lambda: self._picture, message=self._message, locale=locale)
        self._behind = Behind(self._listed, self._download, message=self._message)
        ways = [self._trail.bar, self._trail.open, self._trail.up]
        controls = widgets.Box([self._trail.crumb, *self._choices(), self._group, self._every, *ways])
        controls.add_class("ut-bar")
        super().__init__(
            [
                style(),
                self._tooltip,
                self._filters,
                self._message,
                *self._arranged([self._tiles, controls, self._live, self._behind]),
                self._status,
            ],
            layout={"grid_gap": "12px"},
            value=value,
        )
        self.add_class("ut-panel")
        self._shown = self._asked
        tie(self, "value", self._filters, "value")
        tie(self, "group", self._group, "value")
        tie(self, "every", self._every, "value")
        traitlets.link((self, "separator"), (self._download, "separator"))
        self._show_words()

    def drill(self, bucket: str | date | datetime) -> None:
        """Open a bar: a month or a week into days, a day into hours, an hour into minutes.

        Bars are then as fine as suits what is opened: `every` is ``auto``, until `up` goes back.

        Parameters
        ----------
        bucket
            The name of a bar, such as ``2026-10-03`` or ``2026-10-03T13:00``, or a moment in it.

        Raises
        ------
        ArgumentError
            If there is no such bar.
        """
        bar = find(self._picture.bars, bucket, tz=self._hours.tz)
        if refusal := self._refusal(bar):
            self._message.say(refusal)
            return
        self._trail.leave((self._ends, self.every))
        self._go(((bar.start, bar.stop), AUTO))

    def up(self) -> None:
        """Go back to where the last bar was opened, or else to the day, the month, all time around what is shown."""
        self._go(self._trail.above(self._ends, self.every))

    def _go(self, level: Level) -> None:
        (start, stop), every = level
        with self.hold_trait_notifications():
            self.value, self.every = self.value.replace(start=start, stop=stop), every

    def _made(self, value: Filter) -> Picture:
        """Work out what to show."""
        raise NotImplementedError

    def _told(self, figures: Figures) -> Html:
        """Draw the totals."""
        raise NotImplementedError

    @cached_property
    def _all(self) -> list[Total]:
        """The totals of all rows, what there is a tile for: money last, by what it is worth."""
        cells = self._hours.cells
        order = list(moneys(cells))
        found = totals(self._hours.sums(cells), locale=self._locale)
        return sorted(found, key=lambda total: -1 if total.of else order.index(total.key))

    def _compared(self, value: Filter) -> Before:
        return before(self._hours, value, complete=self._complete, locale=self._locale)

    def _choices(self) -> list[widgets.Widget]:
        """Return controls that only this panel has."""
        return []

    def _called(self, label: str) -> str:
        """Return what a group is called on this panel."""
        return look.name(label, locale=self._locale)

    def _arranged(self, parts: list[widgets.Widget]) -> list[widgets.Widget]:
        """Return what stands between the filter and the status."""
        return parts

    def _refusal(self, bar: Bucket) -> str:
        """Say why a bar can't be opened, if it can't."""
        shown = self._picture
        if not shown.opens:
            return say("Minutes are as fine as it gets: there is nothing to open.", locale=self._locale)
        finer = shown.finer(bar)
        kept = self._hours.keep(self.value.replace(start=bar.start, stop=bar.stop)).only(shown.drawn.behind)
        if self._hours.resolves(kept, finer):
            return ""
        return shown.drawn.closed(shown.long(bar), finer, locale=self._locale)

    def _picked(self, name: str | None) -> None:
        with self._message.careful():
            if name is None:
                none = say("There is no bar to open in this selection; choose another one.", locale=self._locale)
                self._message.say(none)
                return
            self.drill(name)

    @property
    def _asked(self) -> tuple[Any, ...]:
        """All that a picture depends on, first by name what is a trait."""
        return self.value, self.group, self.every

    def notify_change(self, change: Any) -> None:
        """Show what is asked for before anybody hears of it, so that nobody hears of what can't be shown."""
        if change["name"] in ("value", "group", "every") and self._shown:
            self._show()
            if getattr(self, change["name"]) != change["new"]:
                return
        super().notify_change(change)

    def _show(self) -> None:
        if self._asked == self._shown:
            return
        before = self._shown, self._picture, self._before
        with self._message.careful():
            made, then = self._made(self.value), self._compared(self.value)
            self._shown, self._picture, self._before = self._asked, made, then
            self._draw()
            if made.coarser:
                self._message.say(made.coarser)
            return
        self._shown, self._picture, self._before = before
        self._return()

    def _draw(self) -> None:
        self._trail.arrive((self._ends, self.every))
        self._live.show(self._picture)
        self._tooltip.hide()
        self._show_words()

    def _return(self) -> None:
        """Go back to what is shown: what could not be is not chosen."""
        self.value, self.group, self.every, *_ = self._shown or self._asked
        with suppress(Exception):  # what has failed may fail again, and has been told
            self._draw()

    def _show_words(self) -> None:
        shown = self._picture
        self._tiles.value = self._told(Figures(self._before, tz=self._hours.tz, locale=self._locale))
        self._trail.show(shown, self._heading())
        rows = counted(shown.data.height, locale=self._locale)
        self._behind.show(say("Table behind the chart ({rows})", locale=self._locale, rows=rows))
        self._status.value = status(shown, self._fresh)

    def _listed(self) -> Html:
        names = dict(zip(self._picture.places, self._picture.longs, strict=True))
        whole = say("all of {period}", locale=self._locale, period=self._period)
        return table(self._picture.data, names=names, whole=whole, locale=self._locale)

    def _heading(self) -> Html:
        drawn = self._picture.drawn
        basis = drawn.bases[0] if drawn.measure == "amount" and drawn.bases else ""
        said = drawn.heading(self._picture.every, locale=self._locale)
        return fill("{mark}{said}", mark=mark(basis), said=said)

    @property
    def _ends(self) -> Ends:
        return self.value.start, self.value.stop
