"""Whether totals are those of plain Python decimals, whatever library holds the rows."""

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

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.inputs import Inputs

NAME = "exactness"
NOTE = """The file is read once more with `csv` and `decimal`, and added up in a Python loop; every group's quantity,
amount and number of rows is compared with `ut.cube`, for several groupings and with the rows in several libraries."""
_SKU = re.compile(r"(.+?)-llm-(input|output|cache-input)-mtoken")
_METERS = {"input": "input", "output": "output", "cache-input": "cache_read"}
_OTHERS = {"search-augmentation": ("(none)", "web_search", "request")}
_Sums = dict[tuple[str, ...], tuple[Decimal, Decimal, int]]
_GROUPINGS: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    (None, ()), (None, ("meter",)), (None, ("model", "meter")),
    ("1mo", ("model",)), ("1d", ("model", "meter")), ("1h", ()),
)  # fmt: skip
_LENGTHS = {"1mo": 7, "1d": 10, "1h": 13}


def measure(inputs: Inputs) -> dict[str, Any]:
    """Return how many groups were compared with which libraries, and how many differ."""
    found: dict[str, Any] = child("-m", __name__, str(inputs.ledger))
    return found


def _plain(path: Path, every: str | None, by: tuple[str, ...]) -> _Sums:
    sums: dict[tuple[str, ...], list[Any]] = defaultdict(lambda: [Decimal(0), Decimal(0), 0])
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            model, meter, unit = _product(row["sku"])
            labels = {"model": model, "meter": meter}
            time = (row["timestamp"][: _LENGTHS[every]],) if every else ()
            group = sums[*time, *(labels[name] for name in by), unit, row["currency"]]
            group[0] += Decimal(row["units"]) * (1_000_000 if unit == "token" else 1)
            group[1] -= Decimal(row["amount"])
            group[2] += 1
    return {key: (quantity, amount, rows) for key, (quantity, amount, rows) in sums.items()}


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
            plain = _plain(path, every, by)
            for rows in libraries.values():
                cube = _cube(rows(), every, by)
                compared += len(plain)
                different += sum(plain.get(key) != cube.get(key) for key in plain.keys() | cube.keys())
    return {"groupings": len(_GROUPINGS), "compared": compared, "different": different, "libraries": list(libraries)}


if __name__ == "__main__":
    print(json.dumps(_compare(Path(sys.argv[1]))))
