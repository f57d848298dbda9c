"""When the sample's people and programs work, and its dice; who they are is for the files that use it.

Everything here is integers and the four basic operations on doubles, which come out the same on every machine.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOUR, SATURDAY = timedelta(hours=1), 5
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PICO = 10**12
"""Money is counted in whole picodollars: an exact integer for every price here, per token or per image."""


@dataclass(frozen=True)
class Rhythm:
    """The share of a full hour's work that is done in each hour of a weekday in UTC, and how much of it at weekends."""

    by_hour: tuple[float, ...]
    weekend: float


OFFICE = Rhythm(
    (0, 0, 0, 0, 0, 0.1, 0.4, 0.9, 1, 1, 0.9, 0.5, 0.8, 1, 1, 0.8, 0.4, 0.2, 0.1, 0.1, 0, 0, 0, 0), weekend=0.06
)
CUSTOMERS = Rhythm(
    (0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1, 1, 0.9, 0.9, 1, 1, 1, 0.9, 0.8, 0.8, 0.7, 0.6, 0.4, 0.3),
    weekend=0.45,
)
NIGHTLY = Rhythm((0, 0, 1, 1, 0.6, *[0] * 19), weekend=0.5)
ALWAYS = Rhythm((1,) * 24, weekend=1)


def at(day: str, hour: int = 0) -> datetime:
    """Return an hour of a day, in UTC."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + hour * HOUR


def hours(start: datetime, stop: datetime) -> Iterator[datetime]:
    """Yield the hours of a half-open stretch of time."""
    while start < stop:
        yield start
        start += HOUR


def dice(seed: int, hour: datetime, stream: int) -> Callable[[], float]:
    """Return the numbers from 0 up to 1 of one hour and one stream.

    Each hour has its own, so that a shorter sample is the tail of a longer one.
    """
    number = (seed * 10**9 + (hour - EPOCH) // HOUR) * 10 + stream
    return random.Random(number).random


def busy(rhythm: Rhythm, hour: datetime) -> float:
    """Return the share of a full hour's work that falls into `hour`."""
    return rhythm.by_hour[hour.hour] * (rhythm.weekend if hour.weekday() >= SATURDAY else 1)


def micros(hour: datetime) -> int:
    """Return the instant as microseconds since 1970."""
    return (hour - EPOCH) // timedelta(microseconds=1)


def money(pico: int) -> str:
    """Write picodollars, from 0 up, as exact decimal text."""
    return f"{pico // PICO}.{pico % PICO:012d}"
