"""Whether totals are those of plain Python decimals, whatever library holds the rows, and out of any store."""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections import defaultdict
from decimal import Context, Decimal, localcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import child
from benchmarks.table import DECIMALS, STORE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from benchmarks.inputs import Inputs

NAME = "exactness"
NOTE = """The ledger is read once more with `csv` and `decimal`, and added up in a Python loop; every group's quantity,
amount and number of rows is compared with `ut.cube`, for several groupings and with the rows in several libraries. Of
a store the same is done with what pyarrow reads from one Parquet file of the same rows: of all of them up to 1,000,000,
of the last month beyond."""
_WHOLE = 10**6
_SKU = re.compile(r"(.+?)-llm-(input|output|cache-input)-mtoken")
_METERS = {"input": "input", "output": "output", "cache-input": "cache_read"}
_OTHERS = {"search-augmentation": ("(none)", "web_search", "request")}
_Row = tuple[str, dict[str, str], str, str, Decimal, Decimal]
_Sums = dict[tuple[str, ...], tuple[Decimal, Decimal, int]]
_GROUPINGS: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    (None, ()), (None, ("meter",)), (None, ("model", "meter")),
    ("1mo", ("model",)), ("1d", ("model", "meter")), ("1h", ()),
)  # fmt: skip
_LENGTHS = {"1mo": 7, "1d": 10, "1h": 13}


def measure(inputs: Inputs) -> list[dict[str, Any]]:
    """Return how many groups were compared, of what and in which libraries, and how many differ."""
    return [child("-m", __name__, "ledger", str(inputs.ledger))] + [
        child("-m", __name__, "store", str(folder), str(size)) for size, folder in inputs.stores.items()
    ]


def _plain(rows: Iterable[_Row], every: str | None, by: tuple[str, ...]) -> _Sums:
    sums: dict[tuple[str, ...], list[Any]] = defaultdict(lambda: [Decimal(0), Decimal(0), 0])
    for time, labels, unit, currency, quantity, amount in rows:
        group = sums[*((time[: _LENGTHS[every]],) if every else ()), *(labels[name] for name in by), unit, currency]
        group[0] += quantity
        group[1] += amount
        group[2] += 1
    return {key: (quantity, amount, rows) for key, (quantity, amount, rows) in sums.items()}


def _of_ledger(path: Path) -> Iterator[_Row]:
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            model, meter, unit = _product(row["sku"])
            quantity = Decimal(row["units"]) * (1_000_000 if unit == "token" else 1)
            amount = -Decimal(row["amount"])
            yield row["timestamp"], {"model": model, "meter": meter}, unit, row["currency"], quantity, amount


def _of_file(path: Path, start: datetime | None) -> Iterator[_Row]:
    import pyarrow.parquet as pq

    names = ["time", "model", "meter", "unit", "currency", "quantity", "amount"]
    filters = None if start is None else [("time", ">=", start)]
    for batch in pq.read_table(path, columns=names, filters=filters).to_batches(max_chunksize=100_000):
        columns = batch.to_pydict()
        times = (time.isoformat() for time in columns["time"])
        labels = (
            {"model": model, "meter": meter} for model, meter in zip(columns["model"], columns["meter"], strict=True)
        )
        yield from zip(times, labels, *(columns[name] for name in names[3:]), strict=True)


def _product(sku: str) -> tuple[str, str, str]:
    if found := _SKU.fullmatch(sku):
        return found[1], _METERS[found[2]], "token"
    if sku.endswith("-image-unit"):
        return sku.removesuffix("-image-unit"), "image", "image"
    return _OTHERS[sku]


def _cube(rows: Any, every: str | None, by: tuple[str, ...]) -> _Sums:
    import usage_toolkit as ut

    sums: _Sums = {}
    for row in ut.cube(rows, by=by, every=every).iter_rows(named=True):
        time = (row["time"].isoformat()[: _LENGTHS[every]],) if every else ()
        key = (*time, *(row[name] for name in (*by, "unit", "currency")))
        sums[key] = row["quantity"], row["amount"], row["rows"]
    return sums


def _libraries(path: Path) -> dict[str, Callable[[], Any]]:
    import usage_toolkit as ut

    rows = ut.read(path)
    found: dict[str, Callable[[], Any]] = {"polars": lambda: rows, "polars lazy": rows.lazy}
    if find_spec("pyarrow"):
        found["pyarrow"] = rows.to_arrow
        if find_spec("pandas"):
            found["pandas"] = lambda: rows.to_pandas(use_pyarrow_extension_array=True)
    if find_spec("duckdb"):
        found["duckdb"] = lambda: _duckdb(rows)
    return found


def _duckdb(rows: Any) -> Any:
    import duckdb
    import polars as pl

    duckdb.sql("SET TimeZone='UTC'")
    return duckdb.from_arrow(rows.with_columns(pl.col(pl.Enum).cast(pl.String)).to_arrow())


def _compare(path: Path) -> dict[str, Any]:
    libraries = _libraries(path)
    compared = different = 0
    with localcontext(Context(prec=100)):
        for every, by in _GROUPINGS:
            plain = _plain(_of_ledger(path), every, by)
            for rows in libraries.values():
                cube = _cube(rows(), every, by)
                compared += len(plain)
                different += sum(plain.get(key) != cube.get(key) for key in plain.keys() | cube.keys())
    return {"what": "the ledger", "compared": compared, "different": different, "libraries": list(libraries)}


def _compare_store(folder: Path, size: int) -> dict[str, Any]:
    import usage_toolkit as ut

    where = ut.Filter() if size <= _WHOLE else ut.Filter.month("2026-09")
    rows = ut.Store(folder / STORE).scan(where)
    compared = different = 0
    with localcontext(Context(prec=100)):
        for every, by in _GROUPINGS if size <= _WHOLE else _GROUPINGS[4:5]:
            plain = _plain(_of_file(folder / DECIMALS, where.start), every, by)
            cube = _cube(rows, every, by)
            compared += len(plain)
            different += sum(plain.get(key) != cube.get(key) for key in plain.keys() | cube.keys())
    what = f"a store of {size:,} rows" + ("" if size <= _WHOLE else ", its last month")
    return {"what": what, "compared": compared, "different": different, "libraries": ["store"]}


if __name__ == "__main__":
    if sys.argv[1] == "ledger":
        print(json.dumps(_compare(Path(sys.argv[2]))))
    else:
        print(json.dumps(_compare_store(Path(sys.argv[2]), int(sys.argv[3]))))
