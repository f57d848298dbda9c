"""The spans of time that a cube is cut into: which there are, gaps included, and what each is called.

A span travels as a text in the cube's zone, since a browser would move a time into its own zone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.cube import EVERY, span_start
from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.times import whole_hours, zone
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 5000
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_LENGTHS = {"1m": timedelta(minutes=1), "1h": _HOUR, "1d": _DAY, "1w": 7 * _DAY, "1mo": 28 * _DAY}

# Which spans may carry a label: each so many minutes of the day, spans, or months of the year.
_STEPS = {
    "1m": (1, 5, 10, 15, 30, 60, 180, 360, 720, 1440),
    "1h": (60, 120, 180, 240, 360, 720, 1440),
    "1w": (1, 2, 4),
    "1mo": (1, 3, 6, 12),
}
_DAYS = (1, 2, 3)


@dataclass(frozen=True)
class Spans:
    """All spans from the first to the last of a cube, with or without use.

    Attributes
    ----------
    every
        Their length, as `cube` takes it; None where there is only one, whose length can't be seen.
    tz
        The zone that they begin in.
    starts
        When each begins, in that zone.
    """

    every: str | None
    tz: str
    starts: tuple[datetime, ...]

    @classmethod
    def of(cls, time: pl.Series, *, every: str | None = None) -> Spans:
        """Return the spans of a cube's ``time``; their length is seen in the distances where it is not said."""
        if every not in (*EVERY, None):
            known = ", ".join(EVERY)
            raise ArgumentError(f"expected every to be one of {known} or None, found {every!r}; use one.")
        dtype = time.dtype
        if not isinstance(dtype, pl.Datetime) or dtype.time_zone is None:
            raise InputError(f"column 'time': expected times with a zone, found {dtype}; make the cube with ut.cube.")
        if time.null_count():
            raise InputError("column 'time': expected a time in each row, found null; make the cube with ut.cube.")
        tz = dtype.time_zone
        present = time.cast(pl.Datetime("us", tz)).dt.convert_time_zone("UTC").unique().sort()
        if every is not None and (row := (_cut(present, every, tz) != present).arg_true()).len():
            found = present[row[0]].astimezone(zone(tz))
            raise ArgumentError(
                f"expected times that begin a span of {every} in {tz}, found {found:%Y-%m-%d %H:%M}; pass the every "
                "that ut.cube was asked for."
            )
        every = every or _seen(present, tz)
        starts = present if every is None else _filled(present, every, tz)
        return cls(every, tz, tuple(start.astimezone(zone(tz)) for start in starts))

    def count(self, *, locale: str) -> str:
        """Return how many there are: ``31 days``."""
        count = len(self.starts)
        if self.every:
            return f"{count} {look.spans(self.every, count, locale=locale)}"
        return say("1 span", locale=locale) if count == 1 else say("{count} spans", locale=locale, count=count)

    def keys(self) -> dict[datetime, str]:
        """Return a text for each span that is its own: the hour that comes twice in autumn carries its offset."""
        pattern = {"1d": "%Y-%m-%d", "1w": "%Y-%m-%d", "1mo": "%Y-%m"}.get(self.every or "", "%Y-%m-%d %H:%M")
        texts = [start.strftime(pattern) for start in self.starts]
        return dict(zip(map(_utc, self.starts), _apart(texts, self.starts, "{}"), strict=True))

    def words(self, *, locale: str) -> list[str]:
        """Return each span in full, as a person would say it."""
        if self.every == "1mo":
            return [look.month(start, locale=locale) for start in self.starts]
        texts = self._days(locale=locale)
        if self.every == "1w":
            return [say("week from {day}", locale=locale, day=text) for text in texts]
        return texts if self.every else [say("from {first}", locale=locale, first=text) for text in texts]

    def ticks(self, *, room: int, locale: str) -> dict[str, str]:
        """Return the labels of the axis: as many spans as `room` holds, at places that are easy to count on from."""
        keys = list(self.keys().values())
        chosen = max((choice for choice in self._choices() if len(choice) <= room), key=len, default=[])
        if len(chosen) * 3 < min(room, len(self.starts)):
            chosen = list(range(0, len(self.starts), -(-len(self.starts) // room)))
        return {keys[i]: self._short(self.starts[i], locale=locale) for i in chosen}

    def range(self, *, locale: str) -> str:
        """Return the first and the last span, and the zone."""
        words = self.words(locale=locale)
        first, last = self.starts[0], self.starts[-1]
        from_, to = words[0], words[-1]
        if self.every == "1w":
            to = self._days(locale=locale)[-1]
        if self.every in ("1m", "1h") and first.date() == last.date():
            to = _clock(last)
        if self.every == "1d" and first.year == last.year:
            from_ = look.short_day(first, locale=locale)
        ends = [words[0]] if len(words) == 1 else [from_, to]
        return " \u2013 ".join(ends) + f" ({self.tz})"

    def _days(self, *, locale: str) -> list[str]:
        clock = self.every in ("1m", "1h") or (self.every is None and any(start.hour for start in self.starts))
        texts = [look.long_day(start, locale=locale) + f", {_clock(start)}" * clock for start in self.starts]
        return _apart(texts, self.starts, " (UTC{})")

    def _choices(self) -> Iterator[list[int]]:
        """Give places for labels that are easy to count on from: Mondays, firsts of a month, every third hour."""
        spans = [(i, start) for i, start in enumerate(self.starts) if not start.fold]
        for step in _STEPS.get(self.every or "", _DAYS):
            yield [i for i, start in spans if self._place(i, start) % step == 0]
        midnights = [(i, start) for i, start in spans if start.hour == start.minute == 0]
        yield [i for i, start in midnights if start.weekday() == 0]
        for months in (1, 3, 12):
            yield [i for i, start in midnights if start.day == 1 and start.month % months == 1 % months]

    def _place(self, i: int, start: datetime) -> int:
        if self.every in ("1m", "1h"):
            return start.hour * 60 + start.minute
        return start.month - 1 if self.every == "1mo" else i

    def _short(self, start: datetime, *, locale: str) -> str:
        if self.every in ("1m", "1h"):
            one_day = self.starts[0].date() == self.starts[-1].date()
            return _clock(start) if one_day or start.hour or start.minute else look.short_day(start, locale=locale)
        if self.every == "1mo":
            return look.month(start, locale=locale)
        return look.short_day(start, locale=locale)


def _cut(instants: pl.Series, every: str, tz: str) -> pl.Series:
    """Return when the spans begin that these instants lie in, by the rule that the cube itself cuts time by."""
    starts = instants.alias("time").to_frame().select(span_start(every, tz).dt.convert_time_zone("UTC"))
    return starts.to_series()


def _seen(present: pl.Series, tz: str) -> str | None:
    """Return the longest span that all these instants begin, unless that would be a guess."""
    if len(present) <= 1:
        return None
    return next(every for every in reversed(EVERY) if (_cut(present, every, tz) == present).all() or every == "1m")


def _filled(present: pl.Series, every: str, tz: str) -> pl.Series:
    """Add the spans without use, by the same rule that the cube cuts time by."""
    if len(present) <= 1:
        return present
    first, last = present[0], present[-1]
    if (number := (last - first) // _LENGTHS[every]) >= _MOST:
        raise ArgumentError(
            f"expected at most {_MOST:,} spans to draw, found {number + 1:,} from {first:%Y-%m-%d} to {last:%Y-%m-%d}; "
            "ask ut.cube for longer spans, or narrow its Filter."
        )
    step = {"1m": "1m", "1h": "1h" if whole_hours(tz) else "15m"}.get(every, "1h")
    instants = pl.datetime_range(first, last, step, time_zone="UTC", time_unit="us", eager=True)
    return pl.concat([_cut(instants, every, tz), present]).unique().sort()


def _apart(texts: list[str], starts: tuple[datetime, ...], pattern: str) -> list[str]:
    copies = Counter(texts)
    pairs = zip(texts, starts, strict=True)
    return [text + pattern.format(start.strftime("%z")) * (copies[text] > 1) for text, start in pairs]


def _utc(start: datetime) -> datetime:
    return start.astimezone(UTC)


def _clock(start: datetime) -> str:
    return f"{start:%H:%M}"
