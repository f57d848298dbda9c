"""A scan reads the files, parts of files and columns that it needs: all others may be destroyed without any harm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from books import DAY, HOUR, SOURCE, START, hourly, within
from usage_toolkit.store import Store, files

if TYPE_CHECKING:
    from collections.abc import Callable

DAYS = 6
STOP = START + DAYS * DAY


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Six days of two sources and accounts, a file for each day."""
    made = Store(tmp_path_factory.mktemp("store") / "store")
    for names in ({}, {"account": "team"}, {"source": "venice.other"}):
        for day in range(DAYS):
            ends = {"start": START + day * DAY, "stop": START + (day + 1) * DAY}
            whose = {"source": SOURCE, "account": "(default)", **names}
            made.replace(hourly(*ends.values(), **whose), **whose, **ends)  # type: ignore[arg-type]
    return made


@given(
    hours=st.lists(st.integers(-30, DAYS * 24 + 30), min_size=2, max_size=2, unique=True).map(sorted),
    account=st.sampled_from([(), "team", ("team", "(default)")]),
    source=st.sampled_from([(), SOURCE, "nobody"]),
)
@settings(max_examples=40)
def test_only_files_that_can_hold_what_is_wanted_are_read(
    store: Store, hours: list[int], account: tuple[str, ...], source: tuple[str, ...]
) -> None:
    """As many as have a row that is wanted, and not one more."""
    where = ut.Filter(START + hours[0] * HOUR, START + hours[1] * HOUR, account=account, source=source)
    rows = store.scan().filter(where.to_expr()).select("source", "account", pl.col("time").dt.date()).unique()
    assert len(store.files(where)) == rows.collect().height
    assert len(store.files()) == 3 * DAYS


def destroy(path: Path, doomed: Callable[[int, str], bool]) -> int:
    """Overwrite the parts of a file that hold a doomed row group and column; return how many."""
    parquet = pytest.importorskip("pyarrow.parquet")
    data, gone = bytearray(path.read_bytes()), 0
    known = parquet.ParquetFile(path).metadata
    for group in range(known.num_row_groups):
        for at in range(known.num_columns):
            part = known.row_group(group).column(at)
            if doomed(group, part.path_in_schema):
                first = part.dictionary_page_offset or part.data_page_offset
                data[first : first + part.total_compressed_size] = bytes(part.total_compressed_size)
                gone += 1
    path.write_bytes(data)
    return gone


def test_only_columns_that_are_asked_for_are_read(tmp_path: Path) -> None:
    """Money by day needs three columns of twenty-eight; the others are zeros on the disk."""
    store = Store(tmp_path / "store")
    store.replace(hourly(START, STOP), source=SOURCE, start=START, stop=STOP)
    expected = ut.cube(store.scan(), by="currency", measure="amount")
    needed = {"time", "basis", "currency", "amount", "amount_usd"}
    for path in store.files():
        assert destroy(Path(path), lambda _, name: name not in needed) == len(files.ROWS) - len(needed)
    assert ut.cube(Store(tmp_path / "store").scan(), by="currency", measure="amount").equals(expected)
    with pytest.raises(pl.exceptions.PolarsError):
        store.scan().collect()


def test_only_parts_that_can_hold_what_is_wanted_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a merged month a day is read from its own part; the others are zeros on the disk."""
    monkeypatch.setattr(files, "_ROW_GROUP", 24)
    start, stop = START + 3 * DAY, STOP
    store = Store(tmp_path / "store")
    for day in range(3):
        ends = {"start": start + day * DAY, "stop": start + (day + 1) * DAY}
        store.replace(hourly(*ends.values()), source=SOURCE, **ends)  # type: ignore[arg-type]
    store.compact()
    (path,) = store.files(ut.Filter(start, stop))
    assert destroy(Path(path), lambda group, _: group != 1) == 2 * len(files.ROWS)
    middle = ut.Filter(start + DAY, start + 2 * DAY)
    assert store.scan(middle).collect().equals(within(hourly(start, stop), start + DAY, start + 2 * DAY))
    with pytest.raises(pl.exceptions.PolarsError):
        store.scan().collect()
