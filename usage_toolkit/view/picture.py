"""What a panel shows for a filter: worked out whole, drawn nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.schema import OTHER, TIME
from usage_toolkit.selectors import folded
from usage_toolkit.times import local_date
from usage_toolkit.view.buckets import FINER, SPANS, Bucket, around, buckets, legible, span
from usage_toolkit.view.hours import SELECTORS, Hours
from usage_toolkit.view.totals import FACTS, Total, totals
from usage_toolkit.words import say

if TYPE_CHECKING:
    from decimal import Decimal

    from usage_toolkit.filters import Filter
    from usage_toolkit.view.drawn import Drawn


GROUPS = ("meter", "model", "api_key", "workspace", "user", "provider")
MOST_SERIES = 8
_TICK = timedelta(microseconds=1)
_LONGEST = timedelta(days=400)
AUTO = "auto"


@dataclass(frozen=True)
class Picture:
    """The bars, the numbers and the words for one filter and one grouping."""

    where: Filter
    drawn: Drawn
    group: str
    asked: str
    every: str
    bars: list[Bucket]
    data: pl.DataFrame
    cut: int
    hours: Hours
    locale: str

    @cached_property
    def totals(self) -> list[Total]:
        """The sums of everything shown."""
        return totals(self.data, locale=self.locale)

    @cached_property
    def places(self) -> dict[datetime, int]:
        """Which bar begins at a time, counted from the left."""
        return {bar.time: place for place, bar in enumerate(self.bars)}

    @cached_property
    def columns(self) -> pl.DataFrame:
        """The same as a frame: the ``time`` and the place, ``bar``, of each."""
        return pl.DataFrame({"time": list(self.places)}, schema={"time": TIME}).with_row_index("bar")

    @cached_property
    def heights(self) -> pl.DataFrame:
        """What is drawn, per bar and value of the group, all but the largest values in one; credits for themselves."""
        measure = self.drawn.measure
        counted = self.data.filter(pl.col("time").is_not_null(), self.drawn.cells)
        if self.group != "meter":
            counted = folded(counted, self.group, MOST_SERIES, measure=measure, apart=self.drawn.apart)
        time = pl.col("time").dt.convert_time_zone("UTC")
        credit = (pl.col(measure) < 0).alias("credit")
        return counted.group_by(time, self.group, credit).agg(pl.col(measure).sum()).sort("time", self.group, "credit")

    @cached_property
    def reach(self) -> tuple[float, float]:
        """How far the bars reach below and above zero."""
        return reach(self.heights, self.drawn.measure)

    @cached_property
    def series(self) -> list[str]:
        """The values of the group that are drawn: meters in their order, others by size."""
        measure = self.drawn.measure
        sizes = self.heights.group_by(self.group).agg(pl.col(measure).abs().sum())
        found = sizes.sort([measure, self.group], descending=[True, False])[self.group].to_list()
        if self.group == "meter":
            return [meter for meter in self.drawn.meters if meter in found]
        return sorted(found, key=lambda value: value == OTHER)

    @cached_property
    def filled(self) -> set[datetime]:
        """The times of the bars that anything lies in that has to do with what is drawn."""
        found = self.data.filter(self.drawn.behind)["time"].drop_nulls().unique()
        return set(found.dt.convert_time_zone("UTC").to_list())

    @property
    def opens(self) -> bool:
        """Whether a bar has anything finer in it."""
        return self.every in FINER

    def finer(self, bar: Bucket) -> str:
        """Return how fine the bars would be if this one were opened."""
        return max(FINER[self.every], span(bar.start, bar.stop), key=SPANS.index)

    @property
    def empty(self) -> str:
        """Say why there are no bars."""
        if self.data.height:
            return self.drawn.empty(locale=self.locale)
        return say("Nothing in this selection", locale=self.locale)

    @property
    def coarser(self) -> str:
        """Say why bars are coarser than was asked for, if they are."""
        if self.asked in (self.every, AUTO):
            return ""
        bars = look.spans(self.every, 2, locale=self.locale)
        if self.bars and legible(self.bars[0].start, self.bars[-1].stop, every=self.asked) != self.asked:
            return say(
                "That would be more bars than can be read, so they are {bars}. Choose a shorter period for finer ones.",
                locale=self.locale,
                bars=bars,
            )
        asked = look.spans(self.asked, 2, locale=self.locale)
        return say(
            "The rows of this selection resolve no {asked}, so the bars are {bars}.",
            locale=self.locale,
            asked=asked,
            bars=bars,
        )

    @cached_property
    def marked(self) -> list[int]:
        """The places of the bars that may have a date or time below them: where there are many, each new day or hour.

        Which of them do is up to the room there is.
        """
        fine = {"1h": 10, "1m": 13}.get(self.every)  # as many characters of a name tell the day, or the hour
        if fine is None or not self._many:
            return list(range(len(self.bars)))
        names = ["", *(bar.name[:fine] for bar in self.bars)]
        return [place for place, (before, name) in enumerate(pairwise(names)) if name != before]

    @cached_property
    def shorts(self) -> list[str]:
        """What stands below each bar."""
        return [self.short(bar) for bar in self.bars]

    @cached_property
    def longs(self) -> list[str]:
        """What each bar is called where it stands alone."""
        return [self.long(bar) for bar in self.bars]

    def short(self, bar: Bucket) -> str:
        """Return what stands below a bar."""
        return self._clock(bar) if self.every in ("1h", "1m") and not self._dated(bar) else self._date(bar, short=True)

    def long(self, bar: Bucket) -> str:
        """Return what a bar is called where it stands alone."""
        if self.every == "1w":
            first, last = (local_date(moment, tz=self.hours.tz) for moment in (bar.start, bar.stop - _TICK))
            return f"{look.short_day(first, locale=self.locale)} \u2013 {look.long_day(last, locale=self.locale)}"
        return ", ".join(filter(None, [self._date(bar, short=False), self._clock(bar)]))

    def left_out(self) -> list[str]:
        """Say which rows are in no number that is shown, and why: nobody may take a total for more than it is."""
        return [*uncut(self.hours, locale=self.locale), *self._cut()]

    def narrowed(self) -> list[str]:
        """Say what the rows are narrowed to that no selector shows."""
        also = [text for name, text in self.labels().items() if name not in SELECTORS]
        return [say("Also narrowed to: {what}.", locale=self.locale, what="; ".join(also))] if also else []

    def labels(self) -> dict[str, str]:
        """Return what the rows are narrowed to, label by label: ``model gpt-5, gpt-6``."""
        locale = self.locale
        return {
            name: f"{look.lower(name, locale=locale)} {', '.join(look.words(name, values, locale=locale))}"
            for name, values in self.where.names().items()
        }

    def notes(self) -> list[str]:
        """Say what is in the numbers but not in the bars, or not to be seen of either."""
        return [*self._whole(), *self._estimated(), *self._unknown()]

    def _count(self, rows: float | Decimal) -> str:
        return look.number(int(rows), locale=self.locale)

    @property
    def _many(self) -> bool:
        """Whether there are more bars of hours than a day has, or of minutes than an hour."""
        return len(self.bars) > {"1h": 25, "1m": 60}.get(self.every, 0)

    def _dated(self, bar: Bucket) -> bool:
        """Whether a date stands below a bar that is shorter than a day."""
        return self._many and (self.every == "1h" or bar.name[11:16] == "00:00")

    def _clock(self, bar: Bucket) -> str:
        return bar.name.partition("T")[2]

    def _date(self, bar: Bucket, *, short: bool) -> str:
        day = local_date(bar.start, tz=self.hours.tz) if self.every == "1w" else _begun(bar.name[:10])
        if self.every == "1mo":
            return look.month(day, locale=self.locale)
        return (look.short_day if short else look.long_day)(day, locale=self.locale)

    def _whole(self) -> list[str]:
        if not self.data["time"].null_count():
            return []
        note = say(
            "In the totals and the table, but in no bar: rows that resolve no {span}s ({rows}).",
            locale=self.locale,
            span=look.span(self.every, locale=self.locale),
            rows=self._count(self.data.filter(pl.col("time").is_null())["rows"].sum()),
        )
        return [note]

    def _cut(self) -> list[str]:
        note = say(
            "Left out: rows of whole days or hours that lie in this period only in part ({rows}).",
            locale=self.locale,
            rows=self._count(self.cut),
        )
        return [note] if self.cut else []

    def _estimated(self) -> list[str]:
        worked_out = self.data.filter(~pl.col("basis").is_in(FACTS), pl.col("unit") != "(none)").height
        note = say(
            "Estimated and allocated quantities are in the table and have totals of their own.", locale=self.locale
        )
        return [note] if worked_out else []

    def _unknown(self) -> list[str]:
        lacks = ((pl.col("unit") != "(none)") & pl.col("quantity").is_null()) | (
            (pl.col("currency") != "(none)") & pl.col("amount").is_null()
        )
        rows = int(self.data.filter(lacks)["rows"].sum())
        note = say(
            "Not added up: spans with rows of unknown quantity or amount ({rows}).",
            locale=self.locale,
            rows=self._count(rows),
        )
        return [note] if rows else []


def picture(hours: Hours, where: Filter, *, drawn: Drawn, group: str, locale: str, every: str = AUTO) -> Picture:
    """Work out what to show for a filter, in bars as fine as asked, as far as rows resolve and eyes can read them."""
    asked = every
    ends = _ends(hours, where)
    if every == AUTO:
        every = span(*ends) if ends else "1d"
    elif ends:
        every = legible(*ends, every=every)
    kept = hours.keep(where, hourly=every in ("1m", "1h"))
    behind = kept.only(drawn.behind)
    every = next(fit for fit in SPANS[SPANS.index(every) :] if hours.resolves(behind, fit))
    data = hours.shown(kept, by=dict.fromkeys((group, "meter")), every=every, where=where)
    bars = buckets(*ends, every=every, tz=hours.tz) if ends else []
    return Picture(where, drawn, group, asked, every, bars, data, kept.cut + hours.begun(where), hours, locale)


@lru_cache(4096)
def _begun(name: str) -> date:
    """Return the day, or the first day of the month, that a bar's name begins with."""
    return date.fromisoformat(name if len(name) == len("2026-10-03") else f"{name}-01")


def reach(heights: pl.DataFrame, measure: str) -> tuple[float, float]:
    """Return how far stacks reach below and above zero, as floats: from here on they are drawn."""
    height = pl.col(measure).cast(pl.Float64)
    ends = heights.group_by("time", (height < 0).alias("below")).agg(height.sum())[measure]
    return min([0.0, *ends]), max([0.0, *ends])


def uncut(hours: Hours, *, locale: str) -> list[str]:
    """Say which rows are left out, as they can't be cut into days of the zone."""
    return [
        say(
            "Left out: rows that resolve only {spans} of UTC ({rows}), as they can't be cut into days of {tz}.",
            locale=locale,
            spans=look.spans(grain, 2, locale=locale),
            rows=look.number(rows, locale=locale),
            tz=hours.tz,
        )
        for grain, rows in hours.uncut.items()
    ]


def _ends(hours: Hours, where: Filter) -> tuple[datetime, datetime] | None:
    """Return where the bars begin and end: as asked, else as far as there are rows, in whole days."""
    start, stop = where.start, where.stop
    if hours.first is None or hours.last is None:
        return (start, stop) if start and stop and stop - start <= _LONGEST else None
    every = "1mo" if start is None and stop is None and hours.last - hours.first > _LONGEST else "1d"
    first, last = around(hours.first, hours.last + _TICK, every=every, tz=hours.tz)
    if start and stop and stop - start <= _LONGEST:
        return start, stop
    start, stop = max(start or first, first), min(stop or last, last)
    return (start, stop) if start < stop else None
