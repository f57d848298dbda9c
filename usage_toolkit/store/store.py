"""`Store`: rows of many fetches, each window of time replaced whole, with what is known of it in the same commit.

Readers see one version and never wait. Asking providers is for `sync`.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from usage_toolkit import schema
from usage_toolkit.errors import ArgumentError, StoreError
from usage_toolkit.filters import Filter, expect_filter
from usage_toolkit.store import check, files, log, pages, upkeep
from usage_toolkit.store.change import Book, Part, known_of, replaced
from usage_toolkit.store.fault import Saying
from usage_toolkit.store.files import WINDOWS
from usage_toolkit.store.land import land
from usage_toolkit.store.lock import Lock, NoLock
from usage_toolkit.store.place import Folder, place
from usage_toolkit.store.tables import balance_frame, coverage_frame, revision_frame
from usage_toolkit.store.windows import Revision, Window
from usage_toolkit.times import instant

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    import polars as pl

    from usage_toolkit.store.change import Balances
    from usage_toolkit.store.files import File
    from usage_toolkit.times import Moment

_DIGITS = 16


class Store:
    """Rows on disk that stay whole whatever happens; see `usage_toolkit.Store`."""

    def __init__(
        self,
        path_or_url: str | os.PathLike[str],
        *,
        storage_options: dict[str, str] | None = None,
        version: int | None = None,
    ) -> None:
        self._place = place(path_or_url, storage_options)
        self.version = version

    def __repr__(self) -> str:
        at = "" if self.version is None else f", version={self.version}"
        return f"Store({self._place.url!r}{at})"

    @property
    def url(self) -> str:
        """Where the store is."""
        return self._place.url

    def scan(self, where: Filter = Filter()) -> pl.LazyFrame:  # noqa: B008 (a Filter is frozen)
        """Return the stored rows as a lazy frame; files and columns that are not needed are not read.

        Parameters
        ----------
        where
            Which rows to take.

        Returns
        -------
        polars.LazyFrame
            Canonical rows of one version of the store, however long it is worked with. Their order is that of time
            for each source and account.
        """
        rows = files.scan(self._place, self._wanted(where))
        return files.canonical(rows if where == Filter() else rows.filter(where.to_expr()))

    def files(self, where: Filter = Filter()) -> list[str]:  # noqa: B008 (a Filter is frozen)
        """Return the files of rows, for an engine that reads them by itself.

        Parameters
        ----------
        where
            Which rows are wanted: files in which none of them can be are left out.

        Returns
        -------
        list of str
            Paths or URLs of Parquet files, all of one version. Provider and month are in their paths, as Spark reads
            them with ``spark.read.option("basePath", store.url).parquet(*store.files())``.
        """
        return [self._place.uri(file.path) for file in self._wanted(where)]

    def coverage(self) -> pl.DataFrame:
        """Return the windows that were fetched whole.

        Returns
        -------
        polars.DataFrame
            ``provider``, ``source``, ``account``, ``start``, ``stop``, ``provisional_since`` (from when on the window
            may still change; null: it is not expected to), ``as_of`` (when it was fetched) and ``rows``. Sorted. This
            is what panels take as ``coverage=``.
        """
        return coverage_frame(one for one in self._known() if isinstance(one, Window))

    def revisions(self) -> pl.DataFrame:
        """Return what providers changed after it had been fetched.

        Returns
        -------
        polars.DataFrame
            A row for each window that was not the same again and each sum in it that differs: ``provider``, ``source``,
            ``account``, ``start``, ``stop``, ``as_of_before``, ``as_of``, ``rows_before``, ``rows_after``, ``measure``
            (amount or quantity), its currency or unit in ``of``, ``before`` and ``after``. Where rows changed and no
            sum did, the last four are null. Sorted by ``as_of``.
        """
        return revision_frame(one for one in self._known() if isinstance(one, Revision))

    def reconciliation(self) -> pl.DataFrame:
        """Return how the sums of each window compare with another report of the provider.

        Returns
        -------
        polars.DataFrame
            A row for each sum that was held against it: ``provider``, ``source``, ``account``, ``start``, ``stop``,
            ``as_of``, ``of`` (a currency or a meter), ``stored``, ``told``, ``difference``, the ``tolerance`` of the
            other report, and ``status``: ``balanced`` or ``differs``. A window that was held against nothing has one
            row, ``provisional`` if it may still change, ``not checked`` if there was no other report. Sorted.
        """
        return balance_frame(one for one in self._known() if isinstance(one, Window))

    def as_of(self, when: int | Moment) -> Self:
        """Return the store as it was: in a version, or at a moment; what `vacuum` deleted can't be read any more.

        Parameters
        ----------
        when
            The number of a version, or a moment: then the last version of which everything had been fetched by then.
        """
        version = when if isinstance(when, int) else log.version_of(self._place, instant(when))
        return type(self)(self._place.url, storage_options=self._place.options, version=version)

    def replace(
        self,
        rows: pl.DataFrame,
        *,
        source: str,
        account: str = schema.DEFAULT,
        start: Moment,
        stop: Moment,
        provider: str | None = None,
        as_of: Moment | None = None,
        provisional_since: Moment | None = None,
        kept: pages.Kept | None = None,
        balances: Balances | None = None,
        wait: float = 60.0,
    ) -> tuple[Revision, ...]:
        """Put `rows` in the place of all that is stored from `start` to `stop` of one source and account.

        Parameters
        ----------
        rows
            Canonical rows, all of them; none if there were none.
        source, account, provider
            Whose they are; the provider is what stands before the dot of the source, unless told.
        start, stop
            The half-open window; all rows are within.
        as_of
            When they were fetched; None is now.
        provisional_since
            From when on they may still change; None: they are not expected to.
        kept
            The pages they came from.
        balances
            By the start of a day, its sums beside those of another report.
        wait
            Seconds to wait for another writer.

        Returns
        -------
        tuple of Revision
            What was covered before and is not the same now.

        Raises
        ------
        ArgumentError
            If the window is empty or the store is one of the past.
        InputError
            If a row is not canonical, or not of that source, account and window.
        StoreError
            If nothing was stored.
        """
        first, last = instant(start), instant(stop)
        if first >= last:
            raise ArgumentError(f"replace: expected start before stop, found {start} and {stop}; swap them.")
        book = Book(provider or source.partition(".")[0], source, account)
        book.expect(rows, start=first, stop=last)
        known = datetime.now(UTC) if as_of is None else instant(as_of)
        since = None if provisional_since is None else instant(provisional_since)
        with self.writing(wait=wait):
            part = Part(files.as_stored(rows), first, last, known, since, self._keep_pages(kept))
            return self._put(book, [part], balances or {})

    def _keep_pages(self, kept: pages.Kept | None) -> str | None:
        return None if kept is None or not kept.pages else pages.write(self._place, kept)

    def _put(self, book: Book, parts: Sequence[Part], balances: Balances) -> tuple[Revision, ...]:
        """Replace windows, each of which begins where the one before ends, in one commit."""
        known = max(part.as_of for part in parts)
        ends = {"from": str(parts[0].start), "to": str(parts[-1].stop)}
        made = land(
            self._place,
            lambda snapshot: replaced(self._place, snapshot, parts, book=book, balances=balances),
            note={"as_of": known.isoformat(), "what": f"{book.source} {book.account}", **ends},
        )
        return made.revisions

    def page(self, origin: str) -> bytes:
        """Return the page that a row came from, as the provider sent it.

        Parameters
        ----------
        origin
            What stands in the row's ``origin``.

        Raises
        ------
        StoreError
            If it was not kept.
        """
        digest = origin.partition("sha256:")[2][:_DIGITS]
        for name in sorted({one.pages for one in self._known() if isinstance(one, Window) and one.pages}):
            found = pages.origins(pages.read(self._place, name).pages)
            if digest in found:
                return found[digest].body
        raise StoreError(
            f"{self.url}: expected the page of {origin[:80]!r}, found none; it was not fetched into this store."
        )

    def check(self) -> pl.DataFrame:
        """Hold all that is stored against what was stored: every file, each window's rows, sums and digest, all pages.

        Returns
        -------
        polars.DataFrame
            What is wrong: ``provider``, ``source``, ``account``, ``start``, ``stop`` and ``problem``; no rows if all is
            well. A window that is named can be had again with ``sync(..., start=, stop=, again=True)``.
        """
        return check.check(self._place, self._snapshot())

    def compact(self, *, wait: float = 60.0, many: int = 2) -> int:
        """Make one file of each month that has `many` or more for a source and account; return how many files went."""
        with self.writing(wait=wait):
            return upkeep.merge(self._place, lambda _, count: count >= many)

    def vacuum(self, *, keep: timedelta = timedelta(days=90), dry: bool = False, wait: float = 60.0) -> list[str]:
        """Delete the files that no version of the last `keep` needs; older versions can't be read afterwards.

        Parameters
        ----------
        keep
            How long back `as_of` and readers that are at work shall reach.
        dry
            Only say what would be deleted.

        Returns
        -------
        list of str
            The files, by name.
        """
        with self.writing(wait=wait):
            return upkeep.vacuum(self._place, keep=keep, dry=dry)

    @contextmanager
    def writing(self, *, wait: float = 60.0) -> Iterator[None]:
        """Be the only writer for as long as the block takes."""
        if self.version is not None:
            raise ArgumentError(f"{self!r}: expected the store of today, found one of the past; write to Store(path).")
        with Saying("written", self.url):
            if self._place.is_new:
                self._place.make()
        with self._lock.hold(wait=wait):
            log.create(self._place)
            yield

    @cached_property
    def _lock(self) -> Lock | NoLock:
        return Lock(self._place.root / "_lock") if isinstance(self._place, Folder) else NoLock()

    def _wanted(self, where: Filter) -> list[File]:
        expect_filter(where)
        return [file for file in self._snapshot().files if file.month != WINDOWS and file.may_hold(where)]

    def _snapshot(self) -> log.Snapshot:
        return log.snapshot(self._place, self.version)

    def _known(self) -> Iterator[Any]:
        yield from known_of(self._place, (file for file in self._snapshot().files if file.month == WINDOWS))
