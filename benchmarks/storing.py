"""What it costs to put a day into a large store, and how large that store is on the disk."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import Line, alternate, child
from benchmarks.table import DECIMALS, SOURCE, STORE

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from benchmarks.inputs import Inputs

NAME = "store"
NOTE = """A day of 50,000 rows put into a compacted store of a year with `Store.replace`: as a new day of a month that
is open; again in the place of that day; and in the place of a day of a month that is over and was compacted, whose
other rows are then written anew. Against `write_parquet` of the same rows, and for the month that is over against
`write_deltalake` with a predicate for the same rows of the same table. The toolkit also checks the rows, hashes them,
keeps what is known of the day, and waits until all is on the disk; the other sides do not. "Bytes a row" are those of
the whole store, its log and state too: 9.6 are request ids, 16 random bytes each, and 2.8 are `amount_usd`, which
repeats `amount` where the provider defines parity, and which polars can't pack together. "Scan" is the least query of
the cube above, of the store's files and of one Parquet file of the same rows. The limits hold from 10,000,000 rows
on."""
_LARGE, _DAY, _ROWS = 10**7, timedelta(days=1), 50_000
_OPEN = datetime(2026, 10, 1, tzinfo=UTC)
_CLOSED = [datetime(2025 + month // 12, month % 12 + 1, 11, tzinfo=UTC) for month in range(10, 20)]


def measure(inputs: Inputs) -> list[Line]:
    """Measure at each size."""
    return [line for size, folder in inputs.stores.items() for line in _at(size, folder, quick=inputs.quick)]


def _at(size: int, folder: Path, *, quick: bool) -> list[Line]:
    took = child("-m", __name__, str(folder), "3" if quick else "7")
    large = size >= _LARGE

    def line(said: str, ours: str, theirs: str | list[float], goal: str, limit: float) -> Line:
        other = took[theirs] if isinstance(theirs, str) else theirs * len(took[ours])
        return Line(NAME, said, "s", took[ours], other, limit if large else None, goal=goal, rows=size)

    return [
        line("a new day, seconds", "new", [0.1], "P7", 1),
        line("a new day, against write_parquet", "new", "write_parquet", "P7", 3),
        line("that day again, against the first time", "again", "new", "P7", 2),
        line("a day of a compacted month, against write_deltalake", "closed", "write_deltalake", "P7", 1.3),
        Line(NAME, "bytes a row", "B", took["bytes"], [22.0], 1 if large else None, goal="P8", rows=size),
        line("scan, against one file", "store", "file", "P8", 1.05),
    ]


def _run(folder: Path, rounds: int) -> dict[str, Any]:
    import usage_toolkit as ut

    size = sum(path.stat().st_size for path in (folder / STORE).rglob("*") if path.is_file())
    with tempfile.TemporaryDirectory(dir=folder) as copies:
        return (
            {"bytes": [size / ut.Store(folder / STORE).coverage()["rows"].sum()]}
            | _scans(folder, rounds)
            | _commits(folder, Path(copies), rounds)
        )


def _scans(folder: Path, rounds: int) -> dict[str, list[float]]:
    from benchmarks import by_hand

    files = str(folder / STORE / "provider=*" / "month=20*" / "*.parquet")
    sides: dict[str, Callable[[], Any]] = {
        "store": lambda: by_hand.least_day_cube(files),
        "file": lambda: by_hand.least_day_cube(folder / DECIMALS),
    }
    sides["store"]()
    return alternate(sides, rounds=2 * rounds)


def _commits(folder: Path, copies: Path, rounds: int) -> dict[str, list[float]]:
    """Write into copies, whose files are the same ones: none ever changes."""
    import usage_toolkit as ut

    for name in ("ours", "theirs"):
        shutil.copytree(folder / STORE, copies / name, copy_function=os.link)
        (copies / name / "_lock").unlink(missing_ok=True)
    store = ut.Store(copies / "ours")
    took: dict[str, list[float]] = {name: [] for name in ("new", "write_parquet", "again", "closed", "write_deltalake")}

    def timed(name: str, turn: Callable[[], Any]) -> None:
        begin = perf_counter()
        turn()
        if number:  # the first round warms up
            took[name].append(perf_counter() - begin)

    def put(rows: pl.DataFrame, day: datetime) -> None:
        store.replace(rows, source=SOURCE, start=day, stop=day + _DAY)

    for number, closed in enumerate(_CLOSED[: rounds + 1]):
        day = _OPEN + number * _DAY
        rows, others = _rows_of(folder, day, first=0), _rows_of(folder, day, first=1)
        old = _rows_of(folder, closed, first=0)
        timed("new", partial(put, rows, day))
        timed("write_parquet", partial(rows.write_parquet, copies / "rows.parquet", compression_level=1))
        timed("again", partial(put, others, day))
        timed("closed", partial(put, old, closed))
        timed("write_deltalake", partial(_by_delta, copies / "theirs", old, closed))
    return took


def _rows_of(folder: Path, day: datetime, *, first: int) -> pl.DataFrame:
    """Return 50,000 rows of the store spread over another day."""
    import polars as pl

    from usage_toolkit import schema

    rows = pl.scan_parquet(folder / DECIMALS).slice(first, _ROWS).collect()
    step = _DAY // rows.height // timedelta(milliseconds=1)
    return schema.conform(
        rows.with_columns(time=pl.lit(day).cast(schema.TIME) + pl.row_index() * pl.duration(milliseconds=step))
    )


def _by_delta(table: Path, rows: pl.DataFrame, day: datetime) -> None:
    import polars as pl
    from deltalake import WriterProperties, write_deltalake

    month = f"{day:%Y-%m}"
    texts = rows.with_columns(pl.col(pl.Enum).cast(pl.String), state=pl.lit(None, pl.String), month=pl.lit(month))
    ends = f"time >= '{day:%Y-%m-%dT%H:%M:%SZ}' AND time < '{day + _DAY:%Y-%m-%dT%H:%M:%SZ}'"
    write_deltalake(
        table,
        texts,
        mode="overwrite",
        predicate=f"provider = 'venice' AND month = '{month}' AND {ends}",
        writer_properties=WriterProperties(compression="ZSTD", compression_level=1),
    )


if __name__ == "__main__":
    print(json.dumps(_run(Path(sys.argv[1]), int(sys.argv[2]))))
