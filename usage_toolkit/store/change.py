"""Windows of one source and account replaced whole: which files go, which come, and what is known afterwards.

Nothing is committed here; files that are written and never committed are in nobody's way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import InputError
from usage_toolkit.store import files
from usage_toolkit.store.fault import Saying
from usage_toolkit.store.files import WINDOWS, File
from usage_toolkit.store.windows import Content, Known, Revision, Window, content, days, from_frame, to_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from usage_toolkit.store.balance import Balance
    from usage_toolkit.store.log import Snapshot
    from usage_toolkit.store.place import Place
    from usage_toolkit.times import Interval

    Balances = Mapping[datetime, tuple[Balance, ...]]


@dataclass(frozen=True)
class Book:
    """One source and account: what is stored, and committed, together."""

    provider: str
    source: str
    account: str

    def of(self, snapshot: Snapshot) -> tuple[list[File], list[File]]:
        """Return its files of rows and of what is known."""
        mine = [file for file in snapshot.files if (file.provider, file.source, file.account) == self.key]
        return [f for f in mine if f.month != WINDOWS], [f for f in mine if f.month == WINDOWS]

    def expect(self, rows: pl.DataFrame, *, start: datetime, stop: datetime) -> None:
        """Refuse what is not canonical, or not of this book and that window."""
        if not isinstance(rows, pl.DataFrame) or rows.schema != pl.Schema(schema.COLUMNS):
            raise InputError(
                "replace: expected canonical rows, found other columns or types; pass them through ut.conform."
            )
        for name, value in zip(("provider", "source", "account"), self.key, strict=True):
            if other := rows.filter(pl.col(name) != value)[name].head(1).to_list():
                raise InputError(
                    f"replace: expected rows of {name} {value!r} alone, found {other[0]!r}; store it apart."
                )
        outside = rows.filter((pl.col("time") < start) | (pl.col("time") >= stop))["time"]
        if outside.len():
            raise InputError(
                f"replace: expected rows from {start:%Y-%m-%d %H:%M}Z to {stop:%Y-%m-%d %H:%M}Z, found one of "
                f"{outside[0].isoformat()}; give the window that they fill."
            )

    @property
    def key(self) -> tuple[str, str, str]:
        """The provider, the source and the account."""
        return (self.provider, self.source, self.account)


@dataclass(frozen=True)
class Part:
    """A window as it was fetched: stored rows, as of when, since when they may change, and what they came from."""

    rows: pl.DataFrame
    start: datetime
    stop: datetime
    as_of: datetime
    provisional_since: datetime | None
    pages: str | None

    @cached_property
    def days(self) -> dict[Interval, Content]:
        """What the rows of each of its days add up to."""
        return {ends: content(self.rows.filter(_within(*ends))) for ends in days(self.start, self.stop)}


@dataclass(frozen=True)
class Change:
    """What a commit does."""

    add: tuple[File, ...]
    remove: tuple[File, ...]
    revisions: tuple[Revision, ...] = ()


def known_of(place: Place, state: Iterable[File]) -> list[Known]:
    """Return what files of state say."""
    with Saying("read", place.url):
        return [one for file in state for one in from_frame(files.read(place, file))]


def replaced(place: Place, snapshot: Snapshot, parts: Sequence[Part], *, book: Book, balances: Balances) -> Change:
    """Write the files that put windows, each beginning where the one before ends, in the place of what is there."""
    start, stop = parts[0].start, parts[-1].stop
    data, state = book.of(snapshot)
    touched = [file for file in state if file.first.year <= stop.year and start.year <= file.last.year]
    known = known_of(place, touched)
    with Saying("written", place.url):
        overlapping = [file for file in data if file.first < stop and start <= file.last]
        inside = [file for file in overlapping if start <= file.first and file.last < stop]
        rest = {file: files.cut(place, file, start, stop) for file in overlapping if file not in inside}
        windows = [one for one in known if isinstance(one, Window)]
        revisions: list[Revision] = []
        for part in parts:
            windows, found = _known(place, windows, part, overlapping)
            revisions += found
            fresh = {one.start for one in found}  # what changed just now may not be in the other report yet
            windows += [
                Window(
                    *book.key, a, b, part.as_of, _since(part.provisional_since, a, b), there, part.pages,
                    _settled(balances, a, fresh),
                )
                for (a, b), there in part.days.items()
            ]  # fmt: skip
        kept = [one for one in known if isinstance(one, Revision)]
        add = [made for sides in rest.values() for made in sides]
        add += _by_month(place, pl.concat([part.rows for part in parts]), book)
        add += _by_year(place, [*windows, *kept, *revisions], book)
        return Change(tuple(add), (*inside, *rest, *touched), tuple(revisions))


def merged(place: Place, snapshot: Snapshot, group: Sequence[File]) -> Change:
    """Write one file for several of the same month, source and account, as far as they are still there."""
    there = tuple(file for file in group if file in snapshot.files)
    if len(there) < 2:  # noqa: PLR2004 (nothing to put together)
        return Change((), ())
    with Saying("written", place.url):
        return Change((files.merge(place, there),), there)


def runs(parts: Iterable[Part]) -> list[list[Part]]:
    """Put together windows of which each begins where the one before ends."""
    found: list[list[Part]] = []
    for part in parts:
        if found and found[-1][-1].stop == part.start:
            found[-1].append(part)
        else:
            found.append([part])
    return found


def _known(
    place: Place, known: Iterable[Window], part: Part, overlapping: Sequence[File]
) -> tuple[list[Window], list[Revision]]:
    """Return the windows that stay, or what is left of them, and how those that were covered before have changed."""
    stay: list[Window] = []
    revisions: list[Revision] = []
    for old in known:
        first, last = max(part.start, old.start), min(part.stop, old.stop)
        if first >= last:
            stay.append(old)
            continue
        before = old.content
        if (first, last) != (old.start, old.stop):
            stored = files.rows(place, overlapping, _within(old.start, old.stop))
            before = content(stored.filter(_within(first, last)))
            for a, b in ((old.start, first), (last, old.stop)):
                if a < b:
                    since = _since(old.provisional_since, a, b)
                    left = content(stored.filter(_within(a, b)))
                    stay.append(replace(old, start=a, stop=b, provisional_since=since, content=left, balances=None))
        after = part.days.get((first, last)) or content(part.rows.filter(_within(first, last)))
        if after != before:
            found = (old.provider, old.source, old.account, first, last, part.as_of, old.as_of, before, after)
            revisions.append(Revision(*found))
    return stay, revisions


def _settled(balances: Balances, start: datetime, fresh: set[datetime]) -> tuple[Balance, ...] | None:
    found = balances.get(start)
    return None if found is None or (start in fresh and not all(one.is_even for one in found)) else found


def _by_month(place: Place, rows: pl.DataFrame, book: Book) -> list[File]:
    month = pl.col("time").dt.truncate("1mo")
    months = rows.select(month.unique().sort()).to_series()
    return [
        files.write(
            place,
            rows if len(months) == 1 else rows.filter(month == first),
            provider=book.provider,
            month=f"{first:%Y-%m}",
        )
        for first in months
    ]


def _by_year(place: Place, known: Iterable[Known], book: Book) -> list[File]:
    years: dict[int, list[Known]] = {}
    for one in known:
        years.setdefault(one.start.year, []).append(one)
    return [
        files.write(place, to_frame(ones), provider=book.provider, month=WINDOWS) for _, ones in sorted(years.items())
    ]


def _within(start: datetime, stop: datetime) -> pl.Expr:
    return (pl.col("time") >= start) & (pl.col("time") < stop)


def _since(provisional: datetime | None, start: datetime, stop: datetime) -> datetime | None:
    return None if provisional is None or provisional >= stop else max(provisional, start)
