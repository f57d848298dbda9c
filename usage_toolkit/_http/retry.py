"""When to ask again: what the server wishes, how long to wait otherwise, and when to stop.

Every instant comes in as an argument; `patience` does the waiting, and `fault` says what may be tried again.
"""

from __future__ import annotations

import math
import re
import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BASE, CAP = 0.5, 20.0
_LEAST = 0.1  # even a lucky draw is no tight loop
_NUMBER = re.compile(r"\d+(\.\d*)?(e\+?\d+)?", re.ASCII | re.IGNORECASE)
_MILLISECONDS = 1e11  # a Unix time beyond this (the year 5138) counts milliseconds


def backoff(failures: int, *, random: Callable[[], float]) -> float:
    """Return seconds to wait after so many failures, when the server did not say: full jitter, doubling.

    >>> [backoff(n, random=lambda: 1.0) for n in (1, 2, 3, 9)]
    [0.5, 1.0, 2.0, 20.0]
    """
    return max(_LEAST, random() * min(CAP, BASE * 2.0 ** (failures - 1)))


def asked(headers: Mapping[str, str], *, status: int, wall: float) -> float | None:
    """Return how many seconds the server asks to wait, or None when it asks nothing that makes sense.

    Its instants are read against its own ``Date``, since the clock here (`wall`, Unix seconds) may be wrong.

    >>> asked({"retry-after": "1.5"}, status=503, wall=0.0)
    1.5
    >>> asked({"date": "Sun, 22 Nov 2026 10:00:00 GMT", "x-ratelimit-resets": "1795341607000"}, status=429, wall=0.0)
    7.0
    """
    now = served(headers, wall=wall)
    after = headers.get("retry-after", "")
    when = _instant(after)
    wishes = [_number(after), None if when is None else when - now]
    if status == HTTPStatus.TOO_MANY_REQUESTS:  # other answers carry these too, without meaning that one has to wait
        for name in ("x-ratelimit-reset-requests", "x-ratelimit-resets"):
            reset = _number(headers.get(name, ""))
            wishes.append(None if reset is None else (reset / 1000 if reset > _MILLISECONDS else reset) - now)
        wishes.append(_number(headers.get("x-ratelimit-reset-tokens", "")))
    return next((wish for wish in wishes if wish is not None and wish >= 0), None)


def served(headers: Mapping[str, str], *, wall: float) -> float:
    """Return the server's own time as Unix seconds, or `wall` if it does not say."""
    date = _instant(headers.get("date", ""))
    return wall if date is None else date


def clock_time(seconds: float) -> str:
    """Return Unix seconds as a time to read.

    >>> clock_time(1795341600.2)
    '2026-11-22 10:00:01 UTC'
    """
    try:
        instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=math.ceil(seconds))
    except OverflowError:
        return "the year 9999"
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"


class Quota:
    """Holds failures at one host to `most` in any `within` seconds; every request in flight counts as one."""

    def __init__(self, *, most: int = 10, within: float = 30.0) -> None:
        self._most, self._within = most, within
        self._times: list[float] = []
        self._lock = threading.Lock()

    def enter(self, now: float) -> float:
        """Take a place and return 0, or return the seconds until there may be one."""
        with self._lock:
            self._times = sorted(time for time in self._times if now - self._within < time <= now)
            if len(self._times) >= self._most:
                return max(_LEAST, self._times[-self._most] + self._within - now)
            self._times.append(now)
            return 0.0

    def leave(self, now: float, *, entered: float, failed: bool) -> None:
        """Give the place back, unless the request failed; then it stays taken from now on."""
        with self._lock:
            if entered in self._times:
                self._times.remove(entered)
            if failed:
                self._times.append(now)


class Pace:
    """Lets a question be asked `burst` times at once, and over time once in `every` seconds."""

    def __init__(self) -> None:
        self._due = -math.inf
        self._lock = threading.Lock()

    def enter(self, now: float, *, burst: int, every: float) -> float:
        """Take a turn and return 0, or return the seconds until there is one.

        >>> pace = Pace()
        >>> [pace.enter(now, burst=2, every=60.0) for now in (0.0, 1.0, 2.0, 60.0, 61.0)]
        [0.0, 0.0, 58.0, 0.0, 59.0]
        """
        with self._lock:
            wait = max(self._due, now) - (burst - 1) * every - now
            if wait > 0:
                return wait
            self._due = max(self._due, now) + every
            return 0.0


_QUOTAS: dict[str, Quota] = {}
_PACES: dict[str, Pace] = {}


def quota(host: str) -> Quota:
    """Return the quota that every client in this process shares for `host`."""
    return _QUOTAS.setdefault(host, Quota())


def pace(question: str) -> Pace:
    """Return the pace that every client in this process keeps with `question`."""
    return _PACES.setdefault(question, Pace())


def _number(text: str) -> float | None:
    value = float(text) if _NUMBER.fullmatch(text.strip()) else math.nan
    return value if math.isfinite(value) else None


def _instant(text: str) -> float | None:
    """Read an HTTP date; email's parser takes more than that, so a bare number is no date here."""
    if ":" not in text:
        return None
    try:
        instant = parsedate_to_datetime(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
