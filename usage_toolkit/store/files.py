"""Rows as files that are named by their content, so that each can be held against its name.

A file holds rows of one month of one source and account, in the order of time.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from usage_toolkit.filters import Filter
    from usage_toolkit.store.place import Place

WINDOWS = "windows"
"""The ``month`` of what is known of windows, which is no rows."""

STATE = {"time": schema.TIME, "source": pl.String(), "account": pl.String(), "state": pl.String()}
ROWS = {
    name: pl.String() if isinstance(dtype, pl.Enum) else dtype
    for name, dtype in schema.COLUMNS.items()
    if name != "provider"
}
"""What is in a file of rows; words are texts, since a list of known words may grow."""

_ROW_GROUP = 2**18
_ENUMS = {name: dtype for name, dtype in schema.COLUMNS.items() if isinstance(dtype, pl.Enum)}


@dataclass(frozen=True)
class File:
    """A file, and what the table's log says of it: whose rows it holds, how many, from when to when."""

    path: str
    provider: str
    month: str
    source: str
    account: str
    rows: int
    first: datetime
    last: datetime
    size: int

    def may_hold(self, where: Filter) -> bool:
        """Whether rows that `where` keeps can be in it."""
        if (where.start and self.last < where.start) or (where.stop and self.first >= where.stop):
            return False
        whose = ((where.provider, self.provider), (where.source, self.source), (where.account, self.account))
        return all(not wanted or found in wanted for wanted, found in whose)


def write(place: Place, rows: pl.DataFrame, *, provider: str, month: str) -> File:
    """Write rows of one source and account, sorted, and return the file."""
    rows = rows if rows["time"].is_sorted() else rows.sort("time", maintain_order=True)
    made = io.BytesIO()
    rows.write_parquet(made, compression="zstd", compression_level=1)
    data = made.getvalue()
    path = f"{folder(provider, month)}{hashlib.sha256(data).hexdigest()}.parquet"
    place.put(path, data)
    first, last = rows["time"][0], rows["time"][-1]
    return File(path, provider, month, rows["source"][0], rows["account"][0], rows.height, first, last, len(data))


def read(place: Place, file: File) -> pl.DataFrame:
    """Return the rows of a file, once it is what its name says.

    Raises
    ------
    StoreError
        If it is not.
    """
    data = place.get(file.path)
    _expect(place, file, hashlib.sha256(data).hexdigest())
    return pl.read_parquet(io.BytesIO(data))


def merge(place: Place, group: Sequence[File]) -> File:
    """Write one file for several of one month, source and account, in the order in which they begin."""
    _expect_all(place, group)
    rows = _scan(place, [file.path for file in group])
    if any(after.first < before.last for before, after in pairwise(group)):
        rows = rows.sort("time", maintain_order=True)
    made = _sink(place, rows, group[0])
    if made is None:
        raise StoreError(f"{place.url}: expected rows in {group[0].path}, found none; restore the store.")
    return made


def cut(place: Place, file: File, start: datetime, stop: datetime) -> list[File]:
    """Write what a file has before and after a window, a file each, so that no file lies within another."""
    _expect_all(place, [file])
    sides = (pl.col("time") < start, pl.col("time") >= stop)
    made = [_sink(place, _scan(place, [file.path]).filter(side), file) for side in sides]
    return [one for one in made if one is not None]


def _sink(place: Place, rows: pl.LazyFrame, first: File) -> File | None:
    """Write rows as one file like `first`, a part at a time; None if there are none."""
    with place.fresh() as new:
        rows.sink_parquet(
            new, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP, maintain_order=True, mkdir=False
        )
        ends = pl.scan_parquet(new).select(pl.len(), pl.col("time").min(), last=pl.col("time").max()).collect().row(0)
        if not ends[0]:
            return None
        path, size = place.adopt(new, folder(first.provider, first.month), ".parquet")
    return replace(first, path=path, rows=ends[0], first=ends[1], last=ends[2], size=size)


def rows(place: Place, group: Sequence[File], keep: pl.Expr) -> pl.DataFrame:
    """Return the rows of some files that `keep` says, in the order of time."""
    if not group:
        return pl.DataFrame(schema=ROWS)
    return _scan(place, [file.path for file in group]).filter(keep).collect()


def _expect_all(place: Place, group: Iterable[File]) -> None:
    for file in group:
        _expect(place, file, place.digest(file.path))


def _expect(place: Place, file: File, digest: str) -> None:
    if digest != file.path.rpartition("/")[2].removesuffix(".parquet"):
        raise StoreError(
            f"{place.uri(file.path)}: expected what its name says, found other bytes; sync "
            f"{file.source} from {file.first:%Y-%m-%d} to {file.last:%Y-%m-%d} again, or restore the file."
        )


def scan(place: Place, files: Iterable[File]) -> pl.LazyFrame:
    """Return the rows of files as a canonical lazy frame, in which filters and columns reach the files."""
    providers: dict[str, list[str]] = {}
    for file in files:
        providers.setdefault(file.provider, []).append(file.path)
    frames = [
        _scan(place, paths).with_columns(pl.lit(provider).alias("provider")).select(*schema.COLUMNS)
        for provider, paths in providers.items()
    ]
    if not frames:
        return pl.LazyFrame(schema={"provider": pl.String(), **ROWS}).select(*schema.COLUMNS)
    return pl.concat(frames)


def _scan(place: Place, paths: Sequence[str]) -> pl.LazyFrame:
    uris = [place.uri(path) for path in paths]
    return pl.scan_parquet(uris, schema=ROWS, hive_partitioning=False, storage_options=place.options, glob=False)


def folder(provider: str, month: str) -> str:
    """Return where files of a month lie."""
    return f"provider={quote(provider, safe='')}/month={month}/"


def as_stored(rows: pl.DataFrame) -> pl.DataFrame:
    """Return canonical rows as they lie in files."""
    return rows.select(pl.col(name).cast(dtype) for name, dtype in ROWS.items())


def canonical(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return what `scan` gives with the dtypes of the canonical frame."""
    return rows.with_columns(pl.col(name).cast(dtype) for name, dtype in _ENUMS.items())
