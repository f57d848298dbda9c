"""Which time to ask a provider for: what is missing, what was read too early to be final, and what is due for audit.

Pure: coverage and a clock in, intervals out.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from usage_toolkit.times import Interval

DAY = timedelta(days=1)
AUDITS = (timedelta(days=3), timedelta(days=7))
"""When a month is read again after its end, whatever was known of it: providers settle late."""


def plan(
    coverage: pl.DataFrame,
    *,
    sources: Iterable[str],
    start: datetime,
    stop: datetime,
    now: datetime,
    look_back: timedelta,
    span: timedelta,
    again: bool = False,
) -> list[Interval]:
    """Return the intervals to ask for, in the order of time.

    Parameters
    ----------
    coverage
        The windows of the account, with ``source``, ``start``, ``stop`` and ``as_of``.
    sources
        Those that one answer is whole for: what is due for one of them is asked for.
    start, stop
        Where a day of UTC begins, and the end of what can be known.
    now
        What is due by now.
    look_back
        How long after its end a day may still change.
    span
        The longest interval.
    again
        Whether to ask for all of it, whatever is known.
    """
    books = [coverage.filter(source=source).select("start", "stop", "as_of").sort("start").rows() for source in sources]
    found: list[Interval] = []
    day = start
    while day < stop:
        end = min(day + DAY, stop)
        if again or any(_due(book, day, end, now=now, look_back=look_back) for book in books):
            if found and found[-1][1] == day and end - found[-1][0] <= span:
                found[-1] = (found[-1][0], end)
            else:
                found.append((day, end))
        day += DAY
    return found


def midnight(moment: datetime) -> datetime:
    """Return where the day of UTC began."""
    return datetime.combine(moment.astimezone(UTC).date(), time(), tzinfo=UTC)


def floor(moment: datetime, step: timedelta) -> datetime:
    """Return the last multiple of `step` since midnight."""
    first = midnight(moment)
    return first + (moment - first) // step * step


def _due(
    book: list[tuple[datetime, datetime, datetime]],
    start: datetime,
    stop: datetime,
    *,
    now: datetime,
    look_back: timedelta,
) -> bool:
    final = start + DAY + look_back
    month = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    due = max([final, *(month + after for after in AUDITS if month + after <= now)])
    reached = start
    for first, last, as_of in book:
        if last <= reached or first >= stop:
            continue
        if first > reached or as_of < due:
            return True
        reached = last
    return reached < stop
