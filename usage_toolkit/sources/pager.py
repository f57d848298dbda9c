"""Walk a provider's pages to the end, believing none of them: every page is held against what was asked.

A walk is whole or nothing. What a page is and how the next is asked for is said by the source, in one function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from usage_toolkit.errors import ContractError, FetchError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import polars as pl

    from usage_toolkit.sources.progress import Progress

MAX_PAGES = 10_000
RESTARTS = 2


@dataclass(frozen=True)
class Answer:
    """One page: its rows as the source keeps them, their times, and how to ask for the next page; None: the last."""

    rows: pl.DataFrame
    times: pl.Series
    origin: str
    next: str | None


class Restart(Exception):  # noqa: N818 (a request to begin again, not an error)
    """Raised by a source when the walk can only go on from its first page; says why."""


def walk(
    ask: Callable[[str | None, int], Answer],
    *,
    start: datetime,
    stop: datetime,
    name: str,
    progress: Progress,
    max_pages: int = MAX_PAGES,
) -> list[Answer]:
    """Ask for page after page and return them all, in the order they came.

    Parameters
    ----------
    ask
        Given the last page's `Answer.next` (None at first) and the number of the page, gets that page.
    start, stop
        The half-open interval that was asked for.
    name
        What to call the walk in errors.
    progress
        Told of every page.
    max_pages
        How many pages are believable.

    Raises
    ------
    ContractError
        If the pages loop, do not end, leave the interval or break the order of time.
    FetchError
        If the walk had to begin again too often.
    KeyboardInterrupt
        If stopped by hand, saying how far it came and that nothing was kept.
    """
    for _ in range(1 + RESTARTS):
        reached: list[datetime] = [start]
        try:
            return _once(
                ask, start=start, stop=stop, name=name, progress=progress, max_pages=max_pages, reached=reached
            )
        except Restart as again:
            reason = str(again)
            progress.restart()
        except KeyboardInterrupt:
            done = f"{reached[-1]:%Y-%m-%d %H:%M}Z"
            break
    else:
        raise FetchError(
            f"{name}: expected a whole walk, had to begin again {RESTARTS} times ({reason}); ask for a shorter time."
        )
    raise KeyboardInterrupt(f"{name}: stopped by you at {done}; nothing was kept: ask again, or for a shorter time.")


def _once(
    ask: Callable[[str | None, int], Answer],
    *,
    start: datetime,
    stop: datetime,
    name: str,
    progress: Progress,
    max_pages: int,
    reached: list[datetime],
) -> list[Answer]:
    answers: list[Answer] = []
    seen: set[str] = set()
    token: str | None = None
    for number in range(1, max_pages + 1):
        answer = ask(token, number)
        where = f"{name}, page {number}"
        if answer.rows.height:
            _check_times(answer.times, start=start, stop=stop, after=reached[-1], where=where)
            reached.append(answer.times[-1])
            answers.append(answer)
        token = answer.next
        progress.page(answer.rows.height, stop if token is None else reached[-1])
        if token is None:
            return answers
        if token in seen:
            raise ContractError(
                f"{where}: expected a new page, found one that was there before; nothing was kept: tell the provider."
            )
        seen.add(token)
    raise ContractError(f"{name}: expected an end, found more than {max_pages:,} pages; ask for a shorter time.")


def _check_times(times: pl.Series, *, start: datetime, stop: datetime, after: datetime, where: str) -> None:
    if (outside := times.filter((times < start) | (times >= stop))).len():
        raise ContractError(
            f"{where}: expected rows from {start:%Y-%m-%dT%H:%M:%SZ} to {stop:%Y-%m-%dT%H:%M:%SZ}, found one of "
            f"{outside[0].isoformat()}; nothing was kept: report it to the provider."
        )
    if not times.is_sorted() or times[0] < after:
        raise ContractError(f"{where}: expected rows in the order of time, found them out of order; nothing was kept.")
