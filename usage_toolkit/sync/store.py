"""`Store`, as people use it: what `usage_toolkit.store` keeps, and how it is kept in step with providers."""

from __future__ import annotations

import logging
import time
from contextlib import closing, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit import schema, store
from usage_toolkit._key import Key
from usage_toolkit.errors import ArgumentError, notify
from usage_toolkit.sources import PROVIDERS
from usage_toolkit.sources.progress import Progress
from usage_toolkit.store import pages as stored_pages
from usage_toolkit.store import upkeep
from usage_toolkit.store.change import Book, Part, runs
from usage_toolkit.store.files import as_stored
from usage_toolkit.store.tables import coverage_frame
from usage_toolkit.store.windows import Owner, Window
from usage_toolkit.sync.ask import Question, fetched
from usage_toolkit.sync.ask import again as read_again
from usage_toolkit.sync.books import Books, beside_again
from usage_toolkit.sync.done import Done, Ready, counted
from usage_toolkit.sync.owner import expect_owner
from usage_toolkit.sync.plan import DAY, floor, midnight, plan
from usage_toolkit.times import instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_toolkit.store.windows import Revision
    from usage_toolkit.sync.ask import Told
    from usage_toolkit.sync.report import SyncReport
    from usage_toolkit.times import Interval, Moment

_LOG = logging.getLogger("usage_toolkit")
_WRONG_CLOCK = timedelta(minutes=2)
_CLOSED = timedelta(days=8)
_MANY, _VERY_MANY = 8, 64
SETTLE = timedelta(minutes=5)


class Store(store.Store):
    """Rows on disk that stay whole whatever happens: a Delta Lake table, and the pages that it was read from.

    Each window of time of a source and account is replaced whole, in one commit with what is known of it: when it was
    fetched, how many rows, their sums and a digest. One writer at a time; readers see one version and never wait.

    Parameters
    ----------
    path_or_url
        A folder, made on first use, or a place on an object store.
    storage_options
        Options of Delta Lake for an object store.
    version
        A version of the past, to read only.

    Examples
    --------
    >>> import tempfile
    >>> import usage_toolkit as ut
    >>> rows = ut.sample(days=2).filter(source="venice.ledger")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = ut.Store(folder)
    ...     changed = store.replace(rows, source="venice.ledger", start="2026-10-30", stop="2026-11-01")
    ...     ut.totals(store.scan(), measure="quantity").equals(ut.totals(rows, measure="quantity"))
    True
    """

    def sync(
        self,
        provider: str,
        *,
        start: Moment | None = None,
        stop: Moment | None = None,
        account: str = schema.DEFAULT,
        key: Key | str | None = None,
        base_url: str | None = None,
        again: bool = False,
        same_account: bool = False,
        settle: timedelta = SETTLE,
        look_back: timedelta | None = None,
        now: Moment | None = None,
        wait: float = 60.0,
        progress: bool = True,
        **options: Any,
    ) -> SyncReport:
        """Ask a provider for what is missing or may have changed, and store it window by window.

        Stopped at any time, it leaves whole windows; the next call ends where this one would have. A day is asked for
        again until it was read `look_back` after its end, and once more three and seven days after its month. Then it
        is held against another report of the provider, where that is to be had: see ``books`` of what is returned.

        Parameters
        ----------
        provider
            ``"anthropic"`` or ``"venice"``.
        start
            The first day, in UTC; None goes on from the first that is stored.
        stop
            The end; None is now, but for `settle`.
        account
            The books that the rows belong to: one for each organization or key's owner.
        key, base_url
            As for `usage_toolkit.fetch`.
        again
            Whether to ask for all of it, whatever is stored: to mend what `check` found.
        same_account
            Say that a new key is of the account whose books are stored, where the provider can't be asked.
        settle
            What is younger is not asked for: providers count it a little later.
        look_back
            How long a day may change after its end; None is what is known of the provider (Venice 24 h,
            Anthropic 48 h).
        now
            Another clock than this machine's, for tests.
        wait
            Seconds to wait while another process writes.
        progress
            Whether to show a bar when it takes longer than a second.
        **options
            As for `usage_toolkit.fetch`, but none that leaves rows out.

        Returns
        -------
        SyncReport
            What was done.

        Raises
        ------
        ArgumentError
            If a `start` is needed, or an option would leave rows out.
        FetchError
            If the provider could not be asked; the windows before are stored.
        StoreError
            If the key is of another account than the one whose books are stored.
        StoreBusyError
            If another process still writes after `wait` seconds.
        """
        if provider not in PROVIDERS:
            key = None
            known = ", ".join(PROVIDERS)
            raise ArgumentError(f"sync: expected a provider among {known}, found {provider!r}; name one of those.")
        source = import_module(f"usage_toolkit.sources.{PROVIDERS[provider]}")
        key = Key.of(key, env=source.KEY)
        if odd := options.keys() - source.WHOLE:
            raise ArgumentError(
                f"sync: expected options that leave no row out, found {min(odd)!r}; filter what is stored."
            )
        key.check()
        clock = None if now is None else instant(now)
        of = Question(provider, account, options)
        began = time.monotonic()
        with self.writing(wait=wait):
            sources = source.REPORTS.get(options.get("endpoint"), source.REPORTS[None])
            late = source.LOOK_BACK if look_back is None else look_back
            today = datetime.now(UTC) if clock is None else clock
            windows = self._due(
                of, sources, start=start, stop=stop, end=floor(today - settle, source.STEP),
                now=today, look_back=late, span=source.SPAN, again=again,
            )  # fmt: skip
            books = Books(provider, sources, stop=windows[-1][1], key=key, base_url=base_url) if windows else None
            done = Done(sources, look_back=late, settle=settle, step=source.STEP, clock=clock, books=books)
            shown = Progress(provider, start=windows[0][0], stop=windows[-1][1], shown=progress) if windows else None
            asked = fetched(
                of, windows, key=key, base_url=base_url, settle=settle, now=clock, many=source.AT_ONCE,
                ready=partial(self._ready, of=of, done=done),
            )  # fmt: skip
            with shown or nullcontext(), closing(asked), counted(of, done, len(windows)):
                if windows:
                    owners = (one for one in self._known() if isinstance(one, Owner))
                    expect_owner(self._place, owners, of, key=key, base_url=base_url, same=same_account)
                for told in asked:
                    self._keep(told, of, done)
                    if shown is not None:
                        for one in told:
                            shown.page(one.rows, one.stop)
            self._tidy(today)
        return done.report(of, self._windows(of, sources), seconds=time.monotonic() - began)

    def rebuild(self, *, wait: float = 60.0) -> tuple[Revision, ...]:
        """Read all pages that were kept again, as they are read today, and store what comes of them.

        Returns
        -------
        tuple of Revision
            The windows that are not the same.
        """
        changed: list[Revision] = []
        with self.writing(wait=wait):
            for name, windows in sorted(self._paged().items()):
                kept = stored_pages.read(self._place, name)
                source = import_module(f"usage_toolkit.sources.{PROVIDERS[kept.asked['provider']]}")
                key = Key.of("read-again", env=source.KEY)
                rows = read_again(kept, key=key, as_of=max(window.as_of for window in windows))
                for w in windows:
                    mine = rows.filter(pl.col("source") == w.source, pl.col("time") >= w.start, pl.col("time") < w.stop)
                    changed += self.replace(
                        mine, source=w.source, account=w.account, provider=w.provider, start=w.start, stop=w.stop,
                        as_of=w.as_of, provisional_since=w.provisional_since, kept=kept,
                        balances=beside_again(w, mine),
                    )  # fmt: skip
        return tuple(changed)

    def _due(
        self,
        of: Question,
        sources: Sequence[str],
        *,
        start: Moment | None,
        stop: Moment | None,
        end: datetime,
        **more: Any,
    ) -> list[Interval]:
        """Return what to ask for, in whole days as far as the clock allows."""
        mine = coverage_frame(self._windows(of, sources))
        if start is None and mine.is_empty():
            raise ArgumentError(
                f"sync: expected a start for {of.provider} {of.account}, of which nothing is stored; give one."
            )
        first = midnight(mine["start"].min() if start is None else instant(start))  # type: ignore[arg-type]  # polars types min by no column
        last = end if stop is None else min(midnight(instant(stop) + DAY - timedelta(microseconds=1)), end)
        if start is not None and stop is not None and instant(start) >= instant(stop):
            raise ArgumentError(f"sync: expected start before stop, found {start} and {stop}; swap them.")
        return plan(mine, sources=sources, start=first, stop=last, **more)

    def _ready(self, told: Told, of: Question, done: Done) -> Ready:
        """Keep the pages, and make the rest ready to be stored, up to where the provider's clock says it is whole."""
        stop = min(told.stop, floor(told.as_of - done.settle, done.step))
        since, parts = told.as_of - done.look_back, []
        name = self._keep_pages(told.kept) if told.start < stop else None
        for source in done.sources if told.start < stop else ():
            rows = told.rows.filter(pl.col("source") == source, pl.col("time") < stop)
            Book(of.provider, source, of.account).expect(rows, start=told.start, stop=stop)
            part = Part(as_stored(rows), told.start, stop, told.as_of, since, name)
            part.days  # noqa: B018 (hashed here, beside the asking)
            parts.append(part)
        return Ready(told.stop, told.as_of, told.rows.height, len(told.kept.pages), tuple(parts))

    def _keep(self, told: Sequence[Ready], of: Question, done: Done) -> None:
        """Store what came."""
        asked = datetime.now(UTC) if done.clock is None else done.clock
        if (ahead := asked - told[0].as_of) > _WRONG_CLOCK and done.windows == 0:
            notify(
                f"{of.provider}: the clock of this machine is {ahead} ahead of the provider's, which was used; set it."
            )
        pages = {part.start: one.pages for one in told for part in one.parts}
        for at, source in enumerate(done.sources):
            for parts in runs(one.parts[at] for one in told if one.parts):
                began = time.monotonic()
                book = Book(of.provider, source, of.account)
                changed = self._put(book, parts, done.balances(parts, source))
                for part in parts:
                    mine = tuple(one for one in changed if part.start <= one.start < part.stop)
                    done.read(part.start, part.stop, source, mine)
                    _LOG.info(
                        "%s %s: %s to %s: %d rows, %d revisions, %d pages, %.2f s",
                        source, of.account, f"{part.start:%Y-%m-%d}", f"{part.stop:%Y-%m-%dT%H:%M}Z",
                        part.rows.height, len(mine), pages[part.start], time.monotonic() - began,
                    )  # fmt: skip
        done.windows += len(told)
        done.pages += sum(one.pages for one in told)
        done.rows += sum(one.rows for one in told)

    def _windows(self, of: Question, sources: Sequence[str]) -> list[Window]:
        return [
            one for one in self._known()
            if isinstance(one, Window) and (one.provider, one.account) == (of.provider, of.account)
            and one.source in sources
        ]  # fmt: skip

    def _tidy(self, today: datetime) -> None:
        """Make one file of each month that is over and audited, and of one with very many."""
        over = f"{today - _CLOSED:%Y-%m}"
        upkeep.merge(self._place, lambda month, count: count >= (_MANY if month < over else _VERY_MANY))

    def _paged(self) -> dict[str, list[Window]]:
        found: dict[str, list[Window]] = {}
        for one in self._known():
            if isinstance(one, Window) and one.pages is not None:
                found.setdefault(one.pages, []).append(one)
        return found
