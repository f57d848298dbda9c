"""What a sync has done so far, and what it goes by."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from usage_toolkit.errors import UsageToolkitError
from usage_toolkit.sync.books import checked
from usage_toolkit.sync.report import SyncReport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from usage_toolkit.store.change import Part
    from usage_toolkit.store.windows import Revision, Window
    from usage_toolkit.sync.ask import Question
    from usage_toolkit.sync.books import Balances, Books


@dataclass(frozen=True)
class Ready:
    """A window that was asked for: its end, as of when, how many rows and pages came, and what is to be stored."""

    stop: datetime
    as_of: datetime
    rows: int
    pages: int
    parts: tuple[Part, ...]


class Done:
    """The windows that are stored, and the clock and times by which that is done."""

    def __init__(
        self,
        sources: Sequence[str],
        *,
        look_back: timedelta,
        settle: timedelta,
        step: timedelta,
        clock: datetime | None,
        books: Books | None,
    ) -> None:
        self.sources, self.look_back, self.settle, self.step, self.clock = sources, look_back, settle, step, clock
        self.windows = self.rows = self.pages = 0
        self._books = books
        self._revisions: list[Revision] = []
        self._read: list[tuple[str, datetime, datetime]] = []

    def balances(self, parts: Sequence[Part], source: str) -> Balances:
        """Return the sums of what came beside those of the other report, where it will not change any more."""
        assert self._books is not None  # noqa: S101 (there are windows, or nothing came)
        found: Balances = {}
        for part in parts:
            final = part.as_of - self.look_back
            found |= self._books.of(part.rows, source, start=part.start, stop=part.stop, final=final)
        return found

    def read(self, start: datetime, stop: datetime, source: str, revisions: tuple[Revision, ...]) -> None:
        """Count a window that is stored."""
        self._read.append((source, start, stop))
        self._revisions += revisions

    def report(self, of: Question, windows: Sequence[Window], *, seconds: float) -> SyncReport:
        """Return what was done; `windows` is all that is known of the account now."""
        through = [_through(windows, source) for source in self.sources]
        since = [one.provisional_since for one in windows if one.provisional_since is not None]
        read = [
            one for one in windows
            if any(one.source == source and start <= one.start < stop for source, start, stop in self._read)
        ]  # fmt: skip
        whole = [one for one in through if one is not None]
        return SyncReport(
            of.provider, of.account, self.windows, self.rows, self.pages,
            min(whole) if len(whole) == len(self.sources) else None, min(since, default=None),
            checked(read, problem=self._books.problem if self._books else ""), tuple(self._revisions), seconds,
        )  # fmt: skip


def _through(windows: Sequence[Window], source: str) -> datetime | None:
    """Return up to when all is stored, without a gap from the first window on."""
    reached: datetime | None = None
    for one in sorted((one for one in windows if one.source == source), key=lambda one: one.start):
        if reached is not None and one.start > reached:
            break
        reached = one.stop if reached is None else max(reached, one.stop)
    return reached


@contextmanager
def counted(of: Question, done: Done, windows: int) -> Iterator[None]:
    """Whatever stops a sync, say how much of it is stored."""
    stored, stopped = "{:,} of {:,} windows are stored; the next sync goes on there.".format, False
    try:
        yield
    except UsageToolkitError as error:
        error.add_note(stored(done.windows, windows))
        raise
    except KeyboardInterrupt:
        stopped = True
    if stopped:
        raise KeyboardInterrupt(f"{of.provider}: stopped by you; {stored(done.windows, windows)}")
