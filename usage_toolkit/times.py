"""Instants, and the days and months of a reader's time zone.

Everything stored is an instant in UTC and every interval is half open; a zone only says where a reader's days begin.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from usage_toolkit.errors import ArgumentError

Moment = str | date | datetime
Interval = tuple[datetime, datetime]


def instant(moment: Moment) -> datetime:
    """Return `moment` as an instant in UTC.

    A date is its first instant in UTC; a time without a zone is taken as UTC.

    Raises
    ------
    ArgumentError
        If it is no date, time or ISO 8601 text, or lies outside the years 1 to 9999.

    Examples
    --------
    >>> instant("2026-10-01T02:00:00+02:00")
    datetime.datetime(2026, 10, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    if isinstance(moment, str):
        moment = _parsed(moment)
    if not isinstance(moment, datetime):
        if not isinstance(moment, date):
            raise ArgumentError(f"expected a date or time, found {type(moment).__name__}; pass one of those.")
        moment = datetime.combine(moment, time())
    try:
        there = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return datetime.combine(there.date(), there.timetz())  # plain, also where a subclass came in
    except (OverflowError, ValueError):
        raise ArgumentError(f"expected a moment in the years 1 to 9999, found {moment}; pass one of those.") from None


def zone(tz: str | ZoneInfo) -> ZoneInfo:
    """Return the time zone called `tz`, for example ``"Europe/Rome"``; a `ZoneInfo` goes by its name.

    Raises
    ------
    ArgumentError
        If the name is not in the IANA time zone database, or means another zone on another machine.
    """
    name = tz.key if isinstance(tz, ZoneInfo) else tz
    if not isinstance(name, str):
        raise ArgumentError(f"expected an IANA time zone such as Europe/Rome, found {tz!r}; name one.")
    return _named(name)


@cache
def _named(tz: str) -> ZoneInfo:
    try:
        pl.Series([], dtype=pl.Datetime("us", "UTC")).dt.convert_time_zone(tz)  # knows none of this machine's own
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError, pl.exceptions.PolarsError):
        raise ArgumentError(f"expected an IANA time zone such as Europe/Rome, found {tz!r}; name one.") from None


def is_utc(tz: str) -> bool:
    """Whether `tz` has been UTC by this or another name since 2015, so that days in UTC are days there."""
    return _offsets(tz) == {timedelta()}


def whole_hours(tz: str) -> bool:
    """Whether `tz` has been whole hours away from UTC since 2015, so that hours in UTC are hours there."""
    return all(offset % timedelta(hours=1) == timedelta() for offset in _offsets(tz))


def day(of: str | date, *, tz: str | ZoneInfo = "UTC") -> Interval:
    """Return the first instant of that day in `tz` and of the next: 23, 24 or 25 hours apart.

    Examples
    --------
    >>> start, stop = day("2026-03-29", tz="Europe/Rome")
    >>> stop - start
    datetime.timedelta(seconds=82800)
    """
    first = _date(of, "day", like="2026-10-03")
    return _midnight(first, tz), _midnight(first + timedelta(days=1), tz)


def month(of: str | date, *, tz: str | ZoneInfo = "UTC") -> Interval:
    """Return the first instant in `tz` of a month, given as text or as any of its days, and of the next month.

    Examples
    --------
    >>> month("2026-10") == month(date(2026, 10, 17))
    True
    >>> month("2026-10")[1]
    datetime.datetime(2026, 11, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    first = _date(of, "month", like="2026-10").replace(day=1)
    return _midnight(first, tz), _midnight((first + timedelta(days=32)).replace(day=1), tz)


def local_date(moment: datetime, *, tz: str = "UTC") -> date:
    """Return the date that `moment` falls on in `tz`."""
    return moment.astimezone(zone(tz)).date()


@cache
def _offsets(tz: str) -> frozenset[timedelta]:
    days = (datetime(year, month, 1, tzinfo=UTC) for year in range(2015, 2038) for month in range(1, 13))
    return frozenset(day.astimezone(zone(tz)).utcoffset() or timedelta() for day in days)


def _parsed(text: str) -> datetime:
    with suppress(ValueError):
        if text[10:11] in ("", "T", " "):  # or digits without end, such as those of a Unix time, would pass for a date
            return datetime.fromisoformat(text)
    raise ArgumentError(f"expected a date or time such as 2026-10-01, found {text[:40]!r}; write it so.")


def _date(of: str | date, what: str, *, like: str) -> date:
    """Return the date meant, for the text of a month its first."""
    found = None if isinstance(of, datetime) else of  # the date of a time depends on a zone
    if isinstance(of, str):
        with suppress(ValueError):
            made = date.fromisoformat(of if what == "day" else f"{of}-01")
            found = made if made.isoformat()[: len(like)] == of else None
    if not isinstance(found, date):
        raise ArgumentError(f"expected a {what} such as {like}, found {str(of)[:40]!r}; write it so.")
    return found


def _midnight(of: date, tz: str | ZoneInfo) -> datetime:
    """Return the first instant of a day; where clocks skip midnight that is one o'clock (PEP 495, fold=0 maps it)."""
    return datetime.combine(of, time(), zone(tz)).astimezone(UTC)
