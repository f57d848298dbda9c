"""Whether all that is stored is what was stored; nothing is mended here.

Files are held against their names, the log against the files, and the rows of every window against what was known of
them when they were fetched.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import StoreError
from usage_toolkit.store import files, pages
from usage_toolkit.store.fault import Saying
from usage_toolkit.store.files import WINDOWS
from usage_toolkit.store.windows import Window, content, from_frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from usage_toolkit.store.files import File
    from usage_toolkit.store.log import Snapshot
    from usage_toolkit.store.place import Place

PROBLEMS = {
    "provider": pl.String(), "source": pl.String(), "account": pl.String(),
    "start": schema.TIME, "stop": schema.TIME, "problem": pl.String(),
}  # fmt: skip
_Problem = tuple["str | None", "str | None", "str | None", "datetime | None", "datetime | None", str]


def check(place: Place, snapshot: Snapshot) -> pl.DataFrame:
    """Return what is wrong with a version of a store, sorted; a row for each window or file."""
    books: dict[tuple[str, str, str], list[File]] = defaultdict(list)
    for file in snapshot.files:
        books[file.provider, file.source, file.account].append(file)
    found = [problem for book in sorted(books) for problem in _check_book(place, book, books[book])]
    return pl.DataFrame(found, schema=PROBLEMS, orient="row").sort(pl.all())


def _check_book(place: Place, book: tuple[str, str, str], held: list[File]) -> Iterator[_Problem]:
    """Check a month after the other, which is all that is in memory."""
    months: dict[str, list[Window]] = defaultdict(list)
    for file in held:
        if file.month == WINDOWS:
            try:
                for one in from_frame(_read(place, file)):
                    if isinstance(one, Window):
                        months[f"{one.start:%Y-%m}"].append(one)
            except StoreError as error:
                yield (*book, file.first, file.last, str(error))
    for month in sorted({*months, *(file.month for file in held)} - {WINDOWS}):
        yield from _check_month(place, book, [file for file in held if file.month == month], months[month])
    for name in sorted({one.pages for windows in months.values() for one in windows if one.pages}):
        using = [one for windows in months.values() for one in windows if one.pages == name]
        try:
            with Saying("read", place.url):
                pages.read(place, name)
        except StoreError as error:
            yield (*book, min(one.start for one in using), max(one.stop for one in using), str(error))


def _check_month(
    place: Place, book: tuple[str, str, str], held: list[File], windows: list[Window]
) -> Iterator[_Problem]:
    rows = [pl.DataFrame(schema=files.ROWS)]
    for file in held:
        try:
            rows.append(_read(place, file))
        except StoreError as error:
            yield (*book, file.first, file.last, str(error))
    stored = pl.concat(rows)
    counted = 0
    reached: datetime | None = None
    for window in sorted(windows, key=lambda one: one.start):
        where = (*book, window.start, window.stop)
        if reached is not None and window.start < reached:
            yield (*where, "the window is known twice")
        reached = window.stop
        there = content(stored.filter(pl.col("time") >= window.start, pl.col("time") < window.stop))
        counted += there.rows
        if there != window.content:
            said = f"expected {window.content.rows} rows, found {there.rows}"
            same = window.content.rows == there.rows
            yield (*where, f"{said}, of which some are not those that were stored" if same else said)
    if counted != stored.height:
        yield (*book, None, None, f"{stored.height - counted} rows are in no window")


def _read(place: Place, file: File) -> pl.DataFrame:
    with Saying("read", place.url):
        frame = files.read(place, file)
    times, whose = frame["time"], frame.select("source", "account").unique().rows()
    there = (frame.height, times[0], times[-1], whose, place.size(file.path))
    said = (file.rows, file.first, file.last, [(file.source, file.account)], file.size)
    path = files.folder(file.provider, file.month)
    if there != said or not file.path.startswith(path):
        raise StoreError(f"{place.uri(file.path)}: expected what the log says of it, found other rows.")
    return frame
