"""Stretches of time as a person names them: a month, a day, a range of days; what comes before, after and above.

Plain functions on the two ends of a half-open interval, in the reader's time zone; either end may be open.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from usage_toolkit import look, times
from usage_toolkit.times import local_date, zone
from usage_toolkit.words import say

Ends = tuple[datetime | None, datetime | None]
ALL, MONTH, DAY, RANGE, EXACT = "all", "month", "day", "range", "exact"
OPEN: Ends = (None, None)
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 1000, 9999


def kind(ends: Ends, *, tz: str) -> str:
    """Return the simplest name for a period: ``all``, ``month``, ``day``, ``range`` of whole days, or ``exact``.

    Examples
    --------
    >>> kind(times.month(date(2026, 10, 1)), tz="UTC"), kind(times.month(date(2026, 10, 1)), tz="Europe/Rome")
    ('month', 'exact')
    """
    start, stop = ends
    if start is None and stop is None:
        return ALL
    if not all(end is None or _begins_a_day(end, tz) for end in ends):
        return EXACT
    if start is None or stop is None:
        return RANGE
    first = local_date(start, tz=tz)
    if ends == times.month(first, tz=tz):
        return MONTH
    return DAY if ends == times.day(first, tz=tz) else RANGE


def days(ends: Ends, *, tz: str) -> tuple[date | None, date | None]:
    """Return the first and the last date of a period, both inside it."""
    start, stop = ends
    return start and local_date(start, tz=tz), stop and local_date(stop - _TICK, tz=tz)


def of_days(first: date | None, last: date | None, *, tz: str) -> Ends:
    """Return the period from one date to another, both inside it."""
    return times.day(first, tz=tz)[0] if first else None, times.day(last, tz=tz)[1] if last else None


def months(first: datetime, last: datetime, *, tz: str) -> list[date]:
    """Return the first day of each month from one instant to another.

    Examples
    --------
    >>> [str(month) for month in months(*times.month(date(2026, 10, 1)), tz="UTC")]
    ['2026-10-01', '2026-11-01']
    """
    found, month, end = [], local_date(first, tz=tz).replace(day=1), local_date(last, tz=tz)
    while month <= end:
        found.append(month)
        month = _month_after(month)
    return found


def step(ends: Ends, by: int, *, tz: str) -> Ends:
    """Return the period of the same kind that comes next (`by` is 1) or came before (-1).

    Examples
    --------
    >>> kind(step(times.month(date(2026, 1, 1)), -1, tz="UTC"), tz="UTC")
    'month'
    """
    start, stop = ends
    if start is None or stop is None or not _within_calendar(ends):
        return ends
    what, first, last = kind(ends, tz=tz), local_date(start, tz=tz), local_date(stop - _TICK, tz=tz)
    if what == MONTH:
        return times.month(_month_after(first) if by > 0 else first - _DAY, tz=tz)
    if what == EXACT:
        moved = start + by * (stop - start), stop + by * (stop - start)
        return moved if _within_calendar(moved) else ends
    by_days = by * (last - first + _DAY)
    return of_days(first + by_days, last + by_days, tz=tz)


def wider(ends: Ends, *, tz: str) -> Ends:
    """Return the day around an hour, the month around days of one month, all time around anything else."""
    start, stop = ends
    if start is None or stop is None or not _within_calendar(ends):
        return OPEN
    first, last = local_date(start, tz=tz), local_date(stop - _TICK, tz=tz)
    for around in (times.day(first, tz=tz), times.month(first, tz=tz)):
        if first <= last and around[0] <= start and stop <= around[1] and around != ends:
            return around
    return OPEN


def inside(inner: Ends, outer: Ends) -> bool:
    """Whether a period lies in another one that is longer."""
    (start, stop), (first, last) = inner, outer
    begins = first is None or (start is not None and first <= start)
    ends = last is None or (stop is not None and stop <= last)
    return begins and ends and inner != outer


def text(ends: Ends, *, tz: str, locale: str) -> str:
    """Return what a reader calls a period, for example ``3 Oct 2026, 13:00 to 14:00``."""
    start, stop = ends
    what, (first, last) = kind(ends, tz=tz), days(ends, tz=tz)
    if what == ALL:
        return say("All time", locale=locale)
    if what == MONTH and first:
        return look.month(first, locale=locale)
    if what == DAY and first:
        return look.long_day(first, locale=locale)
    if what == RANGE:
        return _open(*(look.long_day(day, locale=locale) if day else None for day in (first, last)), locale=locale)
    if start and stop and first == last:
        return between(moment(start, tz=tz, locale=locale), _clock(stop, tz), locale=locale)
    return _open(*(moment(end, tz=tz, locale=locale) if end else None for end in ends), locale=locale)


def between(first: str, last: str, *, locale: str) -> str:
    """Return two moments as what lies between them: ``13:00 to 14:00``."""
    return say("{first} to {last}", locale=locale, first=first, last=last)


def _open(first: str | None, last: str | None, *, locale: str) -> str:
    if first and last:
        return say("from {first} to {last}", locale=locale, first=first, last=last)
    if first:
        return say("from {first}", locale=locale, first=first)
    return say("to {last}", locale=locale, last=last)


def moment(of: datetime, *, tz: str, locale: str) -> str:
    """Return a date and time of day, for example ``3 Oct 2026, 13:00``."""
    return f"{look.long_day(local_date(of, tz=tz), locale=locale)}, {_clock(of, tz)}"


def _begins_a_day(moment: datetime, tz: str) -> bool:
    return _within_calendar((moment,)) and times.day(local_date(moment, tz=tz), tz=tz)[0] == moment


def _within_calendar(ends: tuple[datetime | None, ...]) -> bool:
    """Whether there is a month before and after: the calendar of Python has a first and a last day."""
    return all(end is None or _FIRST_YEAR < end.year < _LAST_YEAR for end in ends)


def _clock(of: datetime, tz: str) -> str:
    """Return hours and minutes, seconds only where there are any, and the offset where the hour comes twice."""
    local = of.astimezone(zone(tz))
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return local.strftime("%H:%M" if local.second == 0 else "%H:%M:%S") + (f" ({local:%z})" if twice else "")


def _month_after(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)
