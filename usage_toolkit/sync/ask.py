"""One interval of a provider: its rows and pages, and as of when, by the provider's clock if that is behind ours."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from usage_toolkit import _http
from usage_toolkit.sources import fetch
from usage_toolkit.store.pages import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from concurrent.futures import Future

    import polars as pl

    from usage_toolkit._http import Page
    from usage_toolkit._key import Key
    from usage_toolkit.times import Interval


Ready = TypeVar("Ready")


@dataclass(frozen=True)
class Question:
    """What is asked for: nothing that narrows an answer."""

    provider: str
    account: str
    options: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What came."""

    start: datetime
    stop: datetime
    rows: pl.DataFrame
    kept: Kept
    as_of: datetime


def ask(
    of: Question,
    *,
    start: datetime,
    stop: datetime,
    key: Key,
    base_url: str | None,
    settle: timedelta,
    now: datetime | None,
) -> Told:
    """Ask for an interval; `now` stands for the clock of this machine."""
    asked = datetime.now(UTC) if now is None else now
    with _http.recording(now=asked - settle) as tape:  # a bucket that ended just now is still open
        rows = fetch(
            of.provider, start=start, stop=stop, key=key, base_url=base_url,
            account=of.account, progress=False, **of.options,
        )  # fmt: skip
    words = {"provider": of.provider, "account": of.account, "options": of.options}
    ends = {"start": start.isoformat(), "stop": stop.isoformat()}
    return Told(start, stop, rows, Kept({**words, **ends}, tape.pages), min([asked, *served(tape.pages)]))


def fetched(
    of: Question,
    windows: Sequence[Interval],
    *,
    key: Key,
    base_url: str | None,
    settle: timedelta,
    now: datetime | None,
    many: int,
    ready: Callable[[Told], Ready],
) -> Generator[list[Ready]]:
    """Give what comes for the windows, made `ready` to be stored beside the asking, in their order.

    All that is there is given at a time, while the next windows are asked for.
    """
    pool = ThreadPoolExecutor(many, thread_name_prefix="usage_toolkit")
    waiting: deque[Future[Ready]] = deque()
    left = iter(windows)

    def one(start: datetime, stop: datetime) -> Ready:
        return ready(ask(of, start=start, stop=stop, key=key, base_url=base_url, settle=settle, now=now))

    def fill() -> None:
        for start, stop in islice(left, many - len(waiting)):
            waiting.append(pool.submit(one, start, stop))

    try:
        fill()
        while waiting:
            told = [waiting.popleft().result()]
            while waiting and waiting[0].done() and waiting[0].exception() is None:
                told.append(waiting.popleft().result())
            fill()
            yield told
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def again(kept: Kept, *, key: Key, as_of: datetime) -> pl.DataFrame:
    """Return the rows of pages that were kept, read as they are read today."""
    asked = kept.asked
    with _http.playing(kept.pages, now=as_of):
        return fetch(
            asked["provider"], start=asked["start"], stop=asked["stop"], key=key,
            account=asked["account"], progress=False, **asked["options"],
        )  # fmt: skip


def served(pages: tuple[Page, ...]) -> list[datetime]:
    """Return when the first page was answered, if it says so."""
    try:
        return [parsedate_to_datetime(pages[0].headers["date"]).astimezone(UTC)]
    except (LookupError, ValueError, TypeError, OverflowError):
        return []
