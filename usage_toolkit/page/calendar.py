"""The bars that a page can draw: when each begins in the reader's zone, and what days, weeks and months are called.

A browser is asked for no calendar of its own: it may not know the zone, and knows another one on another machine.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit import look
from usage_toolkit.cube import span_start
from usage_toolkit.times import day, local_date, month, zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from usage_toolkit.times import Interval
    from usage_toolkit.view.period import Ends

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LENGTHS = {"1m": timedelta(minutes=1), "1h": timedelta(hours=1)}


def extent(first: datetime, last: datetime, *, tz: str) -> Interval:
    """Return the whole months around two instants: what a period can be chosen from."""
    dates = (local_date(moment, tz=tz) for moment in (first, last))
    begin, end = (month(of, tz=tz) for of in dates)
    return begin[0], end[1]


def starts(within: Interval, *, every: str, tz: str) -> Sequence[int]:
    """Return when each span begins that has a part in an interval, in milliseconds since 1970."""
    if every == "1m":
        return range(milliseconds(_floor(within[0], every, tz)), milliseconds(within[1]), 60_000)
    step = {"1h": "15m"}.get(every, "1h")
    steps = pl.datetime_range(*within, step, closed="left", time_zone="UTC", eager=True)
    found = pl.select(time=steps).select(span_start(every, tz))["time"].unique().sort()
    known: list[int] = found.dt.epoch("ms").to_list()
    return known


def told(within: Interval, known: dict[str, Sequence[int]], *, tz: str, locale: str) -> dict[str, Any]:
    """Return bars for the page's script.

    Parameters
    ----------
    within
        From where to where the page's periods reach.
    known
        When each span begins, per fineness.
    tz, locale
        The reader's.
    """
    days = [_date(start, tz) for start in known["1d"]]
    months = [_date(start, tz) for start in known["1mo"]]
    return {
        "tz": tz,
        "stop": milliseconds(within[1]),
        "starts": {every: _shortened([of[0], *(b - a for a, b in pairwise(of))]) for every, of in known.items()},
        "offsets": _offsets(known["1d"], tz),
        "short": [look.short_day(of, locale=locale) for of in days],
        "long": [look.long_day(of, locale=locale) for of in days],
        "months": [look.month(of, locale=locale) for of in months],
    }


def milliseconds(moment: datetime) -> int:
    """Return an instant as a browser counts it."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def instant(of: int) -> datetime:
    """Return what a browser counts so."""
    return EPOCH + timedelta(milliseconds=of)


def whole(ends: Ends, *, every: str, tz: str) -> bool:
    """Whether a page of such spans can show a period: its ends lie between two of them."""
    return all(end is None or _floor(end, every, tz) == end for end in ends)


def around(ends: Ends, *, every: str, tz: str) -> Ends:
    """Return a period widened to whole spans of the reader's zone."""
    start, stop = ends
    first = start and _floor(start, every, tz)
    last = stop and _floor(stop, every, tz)
    if stop and last and last != stop:
        last = day(local_date(stop, tz=tz), tz=tz)[1] if every == "1d" else last + _LENGTHS[every]
    return first, last


def _floor(moment: datetime, every: str, tz: str) -> datetime:
    if every == "1d":
        return day(local_date(moment, tz=tz), tz=tz)[0]
    local = moment.astimezone(zone(tz))
    minutes = local.minute if every == "1h" else 0
    return moment - timedelta(minutes=minutes, seconds=local.second, microseconds=local.microsecond)


def _date(start: int, tz: str) -> date:
    return local_date(instant(start), tz=tz)


def _shortened(values: Iterable[object]) -> str:
    """Write values with blanks between them, and how often where one comes again at once.

    >>> _shortened([1, 1, 1, 7, 7])
    '1*3 7 7'
    """
    parts = []
    for value, again in groupby(map(str, values)):
        count = sum(1 for _ in again)
        parts.append(f"{value}*{count}" if count > 2 else " ".join([value] * count))  # noqa: PLR2004 (shorter from 3 on)
    return " ".join(parts)


def _offsets(days: Sequence[int], tz: str) -> list[list[int]]:
    """Return since when clocks are how many seconds ahead of UTC: to the quarter of an hour, as clocks change."""
    found: list[list[int]] = []
    for start, stop in pairwise([*days, days[-1] + 86_400_000]):
        if found and found[-1][1] == _ahead(start, tz) == _ahead(stop - 1, tz):
            continue
        for at in range(start, stop, 900_000):
            ahead = _ahead(at, tz)
            if not found or found[-1][1] != ahead:
                found.append([at, ahead])
    return found


def _ahead(of: int, tz: str) -> int:
    offset = instant(of).astimezone(zone(tz)).utcoffset()
    return int((offset or timedelta()).total_seconds())


def iso(moment: datetime) -> str:
    """Return an instant as ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def date_of(text: str) -> date:
    """Return the date that is written so."""
    return date.fromisoformat(text)
