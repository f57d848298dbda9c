"""The bars of a stretch of time: how fine they are, where each begins, and what it is called.

Spans are cut as `cube` cuts them, in the reader's time zone, so a day has 23, 24 or 25 hours and each has a name of
its own. What lies in a bar is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.cube import span_start
from usage_toolkit.errors import ArgumentError
from usage_toolkit.times import day, local_date, month, zone

if TYPE_CHECKING:
    from usage_toolkit.times import Interval

SPANS = ("1m", "1h", "1d", "1w", "1mo")
FINER = {"1mo": "1d", "1w": "1d", "1d": "1h", "1h": "1m"}
MOST_BARS = 800
"""All hours of a month; more bars are too thin to read."""
_FORMATS = {"1mo": "%Y-%m", "1w": "%G-W%V", "1d": "%Y-%m-%d", "1h": "%Y-%m-%dT%H:%M", "1m": "%Y-%m-%dT%H:%M"}
_STEPS = {"1mo": "6h", "1w": "6h", "1d": "1h", "1h": "15m", "1m": "1m"}  # every span begins on one of these
_LONGEST = {"1m": timedelta(hours=1), "1h": timedelta(hours=25), "1d": timedelta(days=400)}
_LENGTHS = {
    "1m": timedelta(minutes=1),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "1w": timedelta(days=7),
}


@dataclass(frozen=True)
class Bucket:
    """One bar: its name, for example ``2026-10-03``, its ``time`` in a cube, and the interval that it shows."""

    name: str
    time: datetime
    start: datetime
    stop: datetime


def span(start: datetime, stop: datetime) -> str:
    """Return how fine the bars of that interval are: the finest that are not too many to read.

    Examples
    --------
    >>> span(datetime(2026, 10, 3), datetime(2026, 10, 4)), span(datetime(2026, 10, 1), datetime(2026, 11, 1))
    ('1h', '1d')
    """
    return next((every for every, longest in _LONGEST.items() if stop - start <= longest), "1mo")


def legible(start: datetime, stop: datetime, *, every: str) -> str:
    """Return `every`, or the finest coarser span of which the interval has no more than can be read.

    Examples
    --------
    >>> october = datetime(2026, 10, 1), datetime(2026, 11, 1)
    >>> legible(*october, every="1h"), legible(*october, every="1m")
    ('1h', '1h')
    """
    coarser = SPANS[SPANS.index(every) :]
    return next(
        (every for every in coarser if every in _LENGTHS and stop - start <= MOST_BARS * _LENGTHS[every]), "1mo"
    )


def buckets(start: datetime, stop: datetime, *, every: str, tz: str = "UTC") -> list[Bucket]:
    """Return the bars of an interval, also those with nothing in them.

    Examples
    --------
    >>> from usage_toolkit.times import day
    >>> hours = buckets(*day(date(2026, 10, 25), tz="Europe/Rome"), every="1h", tz="Europe/Rome")
    >>> len(hours), hours[2].name, hours[3].name
    (25, '2026-10-25T02:00+02:00', '2026-10-25T02:00+01:00')
    """
    steps = pl.datetime_range(start, stop, _STEPS[every], closed="left", time_zone="UTC", eager=True)
    starts = pl.select(time=steps).select(span_start(every, tz))["time"].unique().sort()
    names = starts.dt.strftime(_FORMATS[every])
    names = names.zip_with(~names.is_duplicated(), starts.dt.strftime(_FORMATS[every] + "%:z"))
    begins = starts.dt.convert_time_zone("UTC").to_list()  # in UTC, since Python takes the two hours of autumn for one
    ends = [*begins[1:], stop.astimezone(UTC)]
    return [Bucket(name, a, max(a, start), b) for name, a, b in zip(names, begins, ends, strict=True)]


def find(bars: list[Bucket], of: str | date | datetime, *, tz: str = "UTC") -> Bucket:
    """Return the bar with that name, or the bar that a moment lies in; without a zone it is one of `tz`.

    Raises
    ------
    ArgumentError
        If no bar is meant.
    """
    named = {bar.name: bar for bar in bars}
    if isinstance(of, str) and of in named:
        return named[of]
    moment = _moment(of, tz)
    for bar in bars:
        if moment is not None and bar.start <= moment < bar.stop:
            return bar
    shown = f"{bars[0].name} to {bars[-1].name}" if bars else "none"
    raise ArgumentError(f"expected one of the bars shown, {shown}, found {str(of)[:40]!r}; name one of those.")


def _moment(of: str | date | datetime, tz: str) -> datetime | None:
    if isinstance(of, str):
        try:
            of = datetime.fromisoformat(of)
        except ValueError:
            return None
    if not isinstance(of, date):
        return None
    if not isinstance(of, datetime):
        of = datetime.combine(of, datetime.min.time())
    return of if of.tzinfo else of.replace(tzinfo=zone(tz))


def around(start: datetime, stop: datetime, *, every: str, tz: str) -> Interval:
    """Return the interval widened to whole spans of `tz`."""
    first, last = (local_date(moment, tz=tz) for moment in (start, stop - timedelta(microseconds=1)))
    whole = {"1d": day, "1mo": month}[every]
    return whole(first, tz=tz)[0], whole(last, tz=tz)[1]
