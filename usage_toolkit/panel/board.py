"""What all panels with bars share: a filter, totals, bars that open at a click, the table behind them, and their words.

What the bars are made of is said by each panel.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from usage_toolkit import look
from usage_toolkit.filters import Filter, expect_filter
from usage_toolkit.panel.behind import Behind
from usage_toolkit.panel.compare import before, changes
from usage_toolkit.panel.download import Download
from usage_toolkit.panel.filter_panel import FilterPanel, style
from usage_toolkit.panel.granularity import granularities
from usage_toolkit.panel.message import Message
from usage_toolkit.panel.period_control import field
from usage_toolkit.panel.snapshot import Snapshot
from usage_toolkit.panel.stack_chart import StackChart
from usage_toolkit.panel.tiles import Figures, mark
from usage_toolkit.panel.tooltip import Tooltip
from usage_toolkit.panel.trail import Trail
from usage_toolkit.times import local_date
from usage_toolkit.view import period
from usage_toolkit.view.buckets import SPANS, Bucket, find
from usage_toolkit.view.drawn import moneys
from usage_toolkit.view.hours import Hours
from usage_toolkit.view.markup import Html, fill
from usage_toolkit.view.picture import AUTO, GROUPS
from usage_toolkit.view.status import complete, expect_coverage, freshness, status
from usage_toolkit.view.table import counted, table
from usage_toolkit.view.totals import Total, plain, totals
from usage_toolkit.words import say

if TYPE_CHECKING:
    import os
    from datetime import date, datetime
    from decimal import Decimal
    from pathlib import Path

    import altair as alt
    import polars as pl

    from usage_toolkit.panel.compare import Before
    from usage_toolkit.panel.trail import Level
    from usage_toolkit.view.period import Ends
    from usage_toolkit.view.picture import Picture


class Board(widgets.VBox):
    """A panel without a measure of its own; see `UsagePanel` for what its parameters and attributes mean."""

    _subject = ""
    _groups: tuple[str, ...] = ()

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
        self._asked = (value, self.group, self.every)
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
        traitlets.link((self, "value"), (self._filters, "value"))
        traitlets.link((self, "group"), (self._group, "value"))
        traitlets.link((self, "every"), (self._every, "value"))
        traitlets.link((self, "separator"), (self._download, "separator"))
        self.observe(self._changed, ["value", "group", "every"])
        self._show_words()

    def __repr__(self) -> str:
        first, last = self._hours.first, self._hours.last
        days = f", {self._date(first)} to {self._date(last)}" if first and last else ""
        return f"{type(self).__name__}({self._hours.count:,} rows{days}, {self._hours.tz})"

    @property
    def picture(self) -> Picture:
        """What is shown, worked out: where it comes from, its bars and its words."""
        return self._picture

    @property
    def data(self) -> pl.DataFrame:
        """What is shown, as `usage_toolkit.cube` returns it; ``time`` is null for what lies in no single bar."""
        return self._picture.data

    @property
    def totals(self) -> dict[str, Decimal | None]:
        """The exact sums of what is shown: of each meter by its name, and of money by its currency.

        A name says more where it must: ``USD (estimated)``, or ``audio (seconds)`` next to ``audio (characters)``.
        What no row reports is not there; None where a part is unknown.
        """
        return {total.key: plain(total.value) for total in self._picture.totals}

    @property
    def changes(self) -> dict[str, Decimal | None]:
        """By how much each of the totals differs from the period before, exactly, in its own unit.

        What one of the two has no row of counts as 0 there, so a name may be here and not among the totals; None
        where a number is unknown. Empty where the periods can't be compared, which the panel explains.
        """
        if self._before.why:
            return {}
        found = changes(self._picture.totals, self._before.totals)
        return {name: plain(change) for name, change in found.items()}

    @property
    def chart(self) -> alt.Chart:
        """What is drawn, as a chart that stands alone."""
        from usage_toolkit.charts import cost_chart, token_chart

        shown = self._picture
        bars = shown.data.filter(shown.data["time"].is_not_null(), shown.drawn.behind)
        chart = token_chart if shown.drawn.measure == "quantity" else cost_chart
        return chart(bars, by=shown.group, every=shown.every, locale=self._locale)

    def snapshot(self) -> Snapshot:
        """Return what is shown now as an output that lasts without a kernel."""
        return Snapshot(self._picture, self.chart, name=repr(self), period=self._period)

    def download(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write what is shown to a CSV file, the same bytes that the button gives, and return its path.

        Parameters
        ----------
        path
            A file, or a folder for a file of the name that the button gives: by default the current one. The name
            tells provider, period and filter.
        """
        return self._download.write(path or ".")

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

    def _changed(self, change: Any) -> None:
        asked = (self.value, self.group, self.every)
        if change and asked == self._asked:
            return  # two traits were set at once, and this is the second
        self._asked = asked
        with self._message.careful():
            made, then = self._made(self.value), self._compared(self.value)
            self._picture, self._before = made, then
            self._trail.arrive(self._ends)
            self._live.show(made)
            self._tooltip.hide()
            self._show_words()
            if made.coarser:
                self._message.say(made.coarser)

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

    @property
    def _period(self) -> str:
        return period.text(self._ends, tz=self._hours.tz, locale=self._locale)

    def _date(self, moment: datetime) -> str:
        return local_date(moment, tz=self._hours.tz).isoformat()
