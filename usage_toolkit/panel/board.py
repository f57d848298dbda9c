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
from usage_toolkit.panel.compare import before, changes
from usage_toolkit.panel.download import Download
from usage_toolkit.panel.filter_panel import FilterPanel, style
from usage_toolkit.panel.granularity import granularities, to_open
from usage_toolkit.panel.live_chart import LiveChart
from usage_toolkit.panel.message import Message
from usage_toolkit.panel.period_control import field, offer
from usage_toolkit.panel.snapshot import Snapshot
from usage_toolkit.panel.tiles import Figures, mark
from usage_toolkit.times import local_date
from usage_toolkit.view import period
from usage_toolkit.view.buckets import SPANS, Bucket, find
from usage_toolkit.view.drawn import moneys
from usage_toolkit.view.hours import Hours
from usage_toolkit.view.markup import Html, fill, join
from usage_toolkit.view.picture import AUTO, GROUPS
from usage_toolkit.view.status import complete, expect_coverage, freshness
from usage_toolkit.view.table import table
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
    from usage_toolkit.view.period import Ends
    from usage_toolkit.view.picture import Picture

    Level = tuple[Ends, str]  # a period, and how fine its bars were asked to be


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
        known = expect_coverage(coverage)
        self._hours, self._locale = Hours(rows, tz), locale
        self._fresh, self._complete = freshness(self._hours, known, locale=locale), complete(known)
        self._trail: list[Level] = []
        self._picture, self._before = self._made(value), self._compared(value)
        self._asked = (value, self.group, self.every)
        self._filters = FilterPanel(self._hours, value=value, locale=locale)
        self._message = Message(locale=locale)
        self._status, self._tiles, self._crumb, self._rows = (
            _html("ut-status"),
            _html(),
            _html("ut-crumb"),
            _html("ut-table"),
        )
        groups = [(self._called(label), label) for label in self._groups]
        self._group = field(widgets.Dropdown(description=say("Group by", locale=locale), options=groups), "150px")
        self._every = field(
            widgets.Dropdown(description=say("Granularity", locale=locale), options=granularities(locale=locale)),
            "100px",
        )
        self._bar = field(widgets.Dropdown(), "170px")
        self._open = widgets.Button(
            description=say("Open", locale=locale),
            tooltip=say("Show what is in this bar", locale=locale),
            layout={"width": "64px"},
        )
        self._up = widgets.Button(description=say("Up", locale=locale), layout={"width": "64px"})
        self._live = LiveChart(self._picture, picked=self._picked)
        self._behind = widgets.Accordion([self._rows])
        self._download = Download(self._subject, lambda: self._picture, message=self._message, locale=locale)
        behind = widgets.Box([self._behind, self._download])
        behind.add_class("ut-behind")
        controls = widgets.Box(
            [self._crumb, *self._choices(), self._group, self._every, self._bar, self._open, self._up]
        )
        controls.add_class("ut-bar")
        super().__init__(
            [
                style(),
                self._filters,
                self._message,
                *self._arranged([self._tiles, controls, self._live.widget, behind]),
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
        self._behind.observe(lambda _: self._show_table(), "selected_index")
        self._open.on_click(lambda _: self._picked(self._bar.value))
        self._up.on_click(lambda _: self.up())
        self._show_words()

    def __repr__(self) -> str:
        first, last = self._hours.first, self._hours.last
        days = f", {self._date(first)} to {self._date(last)}" if first and last else ""
        return f"{type(self).__name__}({self._hours.count:,} rows{days}, {self._hours.tz})"

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
        return Snapshot(self._picture, self.chart, name=repr(self), period=self._period())

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
        self._trail.append(((self.value.start, self.value.stop), self.every))
        self._go(((bar.start, bar.stop), AUTO))

    def up(self) -> None:
        """Go back to where the last bar was opened, or else to the day, the month, all time around what is shown."""
        self._go(self._above())

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

    def _above(self) -> Level:
        ends = (self.value.start, self.value.stop)
        return self._trail[-1] if self._trail else (period.wider(ends, tz=self._hours.tz), self.every)

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
            ends = (self.value.start, self.value.stop)
            made, then = self._made(self.value), self._compared(self.value)
            self._picture, self._before = made, then
            self._trail = [outer for outer in self._trail if period.inside(ends, outer[0])]
            self._live.show(made)
            self._show_words()
            if made.coarser:
                self._message.say(made.coarser)

    def _show_words(self) -> None:
        shown = self._picture
        self._tiles.value = self._told(Figures(self._before, tz=self._hours.tz, locale=self._locale))
        self._crumb.value = self._crumbs(self._heading())
        filled = [bar for bar in shown.bars if bar.time in shown.filled] if shown.opens else []
        offer(self._bar, [(shown.long(bar), bar.name) for bar in filled], filled[0].name if filled else None)
        self._bar.description = to_open(shown.every, locale=self._locale)
        self._bar.disabled = self._open.disabled = not filled
        self._bar.layout.visibility = self._open.layout.visibility = (
            None if shown.opens else "hidden"
        )  # keeps its place
        above, _ = self._above()
        self._up.disabled = above == (self.value.start, self.value.stop)
        self._up.tooltip = (
            say("There is nothing above", locale=self._locale)
            if self._up.disabled
            else say("Back to {period}", locale=self._locale, period=self._said(above))
        )
        count = look.number(shown.data.height, locale=self._locale)
        self._behind.set_title(0, say("Table behind the chart ({count} rows)", locale=self._locale, count=count))
        self._status.value = self._said_status()
        self._show_table()

    def _show_table(self) -> None:
        """Draw the table only while it is open: most of the time nobody looks."""
        if self._behind.selected_index is None:
            self._rows.value = ""
            return
        names = {bar.time: self._picture.long(bar) for bar in self._picture.bars}
        whole = say("all of {period}", locale=self._locale, period=self._period())
        self._rows.value = table(self._picture.data, names=names, whole=whole, locale=self._locale)

    def _heading(self) -> Html:
        drawn = self._picture.drawn
        basis = drawn.bases[0] if drawn.measure == "amount" and drawn.bases else ""
        said = drawn.heading(self._picture.every, locale=self._locale)
        return fill("{mark}{said}", mark=mark(basis), said=said)

    def _crumbs(self, heading: str) -> Html:
        above = [self._said(outer) for outer, _ in self._trail]
        steps = join(fill("{text} \u203a ", text=text) for text in above)
        return fill(
            '<h4>{heading}</h4><nav aria-label="{where}">{steps}<b aria-current="true">{now}</b></nav>',
            heading=heading,
            where=say("Where you are", locale=self._locale),
            steps=steps,
            now=self._period(),
        )

    def _said_status(self) -> Html:
        shown, locale = self._picture, self._locale
        rows, count = (look.number(int(n), locale=locale) for n in (shown.data["rows"].sum(), self._hours.count))
        behind = say("{rows} of {count} rows behind this picture", locale=locale, rows=rows, count=count)
        lines = [f"{self._hours.tz} \u00b7 {behind}", *self._fresh, *shown.notes()]
        return fill('<div role="status">{lines}</div>', lines=join(fill("<p>{line}</p>", line=line) for line in lines))

    def _period(self) -> str:
        return self._said((self.value.start, self.value.stop))

    def _said(self, ends: Ends) -> str:
        return period.text(ends, tz=self._hours.tz, locale=self._locale)

    def _date(self, moment: datetime) -> str:
        return local_date(moment, tz=self._hours.tz).isoformat()


def _html(kind: str = "") -> widgets.HTML:
    made = widgets.HTML()
    if kind:
        made.add_class(kind)
    return made
