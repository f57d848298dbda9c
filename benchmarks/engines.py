"""The same questions put to DuckDB and pandas over the same files: other sides of ratios. Knows nothing of the toolkit.

As fast as we know how to ask, and with the same answer: same keys, three sums, the number of rows, in order. pandas
with doubles reads a file that has doubles in it, so that it needs to convert nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.by_hand import KEYS

if TYPE_CHECKING:
    from pathlib import Path

_SUMS = ("quantity", "amount", "amount_usd")
_COLUMNS = [*KEYS, *_SUMS]


def duckdb_cube(files: str, where: str = "true") -> Any:
    """Add up by the day in SQL."""
    import duckdb

    keys = ", ".join(KEYS[1:])
    sums = ", ".join(f"CASE WHEN count({name}) = count(*) THEN sum({name}) END AS {name}" for name in _SUMS)
    connection = duckdb.connect()
    connection.execute("SET TimeZone='UTC'")
    return connection.sql(
        f"SELECT date_trunc('day', time) AS time, {keys}, {sums}, count(*) AS rows "  # noqa: S608 (our own words)
        f"FROM read_parquet('{files}') WHERE {where} GROUP BY ALL ORDER BY time, {keys}"
    ).to_arrow_table()


def pandas_cube(file: Path, **filters: Any) -> Any:
    """Add up by the day in pandas: doubles or Decimals, whatever the file has."""
    import pandas as pd

    rows = pd.read_parquet(file, columns=_COLUMNS + [name for name in filters if name not in _COLUMNS])
    for name, values in filters.items():
        rows = rows[(rows[name] >= values[0]) & (rows[name] < values[1]) if name == "time" else rows[name].isin(values)]
    rows["time"] = rows["time"].dt.floor("D")
    groups = rows.groupby(list(KEYS), observed=True)
    return groups[list(_SUMS)].sum().assign(rows=groups.size()).reset_index()
