"""Answers kept as they came, and played again in the place of a provider: for those who ask through the same code.

What is kept holds no key: of an answer's headers only those that tell how to read it, of a request its path and
parameters, among which a key never is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from usage_toolkit.errors import FetchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_KEPT = ("content-type", "date", "x-next-cursor", "x-pagination-page", "x-pagination-total", "x-pagination-total-pages")
Params = Mapping[str, str | int | Sequence[str]]


@dataclass(frozen=True)
class Page:
    """One answer: the path and parameters that were asked for, and what came."""

    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    framed: bool


class Tape:
    """The last answer to each question that was asked while it ran."""

    def __init__(self, pages: Iterable[Page] = (), *, now: datetime | None, plays: bool) -> None:
        self.plays, self.now = plays, now
        self._pages = {(page.path, page.query): page for page in pages}

    @property
    def pages(self) -> tuple[Page, ...]:
        """The answers, in the order in which they were first asked for."""
        return tuple(self._pages.values())

    def keep(self, path: str, params: Params, *, headers: Mapping[str, str], body: bytes, framed: bool) -> None:
        """Keep an answer."""
        few = {name: headers[name] for name in _KEPT if name in headers}
        query = urlencode(params, doseq=True)
        self._pages[path, query] = Page(path, query, few, body, framed)

    def find(self, path: str, params: Params) -> Page:
        """Return the answer that was kept.

        Raises
        ------
        FetchError
            If there is none.
        """
        page = self._pages.get((path, urlencode(params, doseq=True)))
        if page is None:
            raise FetchError(f"expected the page of {path} that was kept, found none; fetch that time again.")
        return page


_RUNNING: ContextVar[Tape | None] = ContextVar("tape", default=None)


def running() -> Tape | None:
    """Return the tape that runs, if one does."""
    return _RUNNING.get()


def now() -> datetime:
    """Return the time at which a provider is asked: that of the tape, if one runs and has its own."""
    tape = running()
    return datetime.now(UTC) if tape is None or tape.now is None else tape.now


@contextmanager
def recording(*, now: datetime | None = None) -> Iterator[Tape]:
    """Keep every answer that this thread gets."""
    yield from _run(Tape(now=now, plays=False))


@contextmanager
def playing(pages: Iterable[Page], *, now: datetime) -> Iterator[Tape]:
    """Answer this thread from `pages` alone, as at that time; nothing is asked of anyone."""
    yield from _run(Tape(pages, now=now, plays=True))


def _run(tape: Tape) -> Iterator[Tape]:
    before = _RUNNING.set(tape)
    try:
        yield tape
    finally:
        _RUNNING.reset(before)
