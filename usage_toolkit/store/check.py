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
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import Any, TypeVar

    from usage_toolkit.store.files import File
    from usage_toolkit.store.log import Snapshot
    from usage_toolkit.store.place import Place

    Thing = TypeVar("Thing")

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
    windows: list[Window] = []
    rows: list[pl.DataFrame] = []
    for file in held:
        try:
            frame = _read(place, file)
            if file.month == WINDOWS:
                windows += [one for one in _tell(place, lambda: from_frame(frame)) if isinstance(one, Window)]  # noqa: B023
            else:
                rows.append(frame)
        except StoreError as error:
            yield (*book, file.first, file.last, str(error))
    windows.sort(key=lambda window: window.start)
    stored = pl.concat([pl.DataFrame(schema=files.ROWS), *rows]).sort("time")
    counted = 0
    reached: datetime | None = None
    for window in windows:
        where = (*book, window.start, window.stop)
        if reached is not None and window.start < reached:
            yield (*where, "the window is known twice")
        reached = window.stop
        mine = stored.filter(pl.col("time").is_between(window.start, window.stop, closed="left"))
        counted += mine.height
        if (there := content(mine)) != window.content:
            said = f"expected {window.content.rows} rows, found {there.rows}"
            same = window.content.rows == there.rows
            yield (*where, f"{said}, of which some are not those that were stored" if same else said)
        if window.pages is not None:
            name = window.pages
            try:
                _tell(place, lambda: pages.read(place, name))  # noqa: B023
            except StoreError as error:
                yield (*where, str(error))
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


def _tell(place: Place, read: Callable[[], Any]) -> Any:
    with Saying("read", place.url):
        return read()
