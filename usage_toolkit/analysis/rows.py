"""The rows that a question is asked of: canonical, on their UTC day, and quick to compare."""

from __future__ import annotations

from typing import Any

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import ArgumentError
from usage_toolkit.schema import COLUMNS, NONE, UNALLOCATED


def expect_rows(rows: Any, *, call: str) -> pl.DataFrame:
    """Return canonical rows as an eager frame, or refuse, in the name of `call`, what is none."""
    if isinstance(rows, pl.LazyFrame):
        rows = rows.collect()
    if not isinstance(rows, pl.DataFrame):
        found = type(rows).__name__
        raise ArgumentError(f"{call}: expected canonical rows in polars, found {found}; pass them through ut.conform.")
    return schema.conform(rows)


def by_day(rows: Any, *, call: str) -> pl.DataFrame:
    """Return canonical rows with the UTC ``day`` that each lies in."""
    return expect_rows(rows, call=call).with_columns(pl.col("time").dt.truncate("1d").alias("day"))


def coded(rows: pl.DataFrame, *labels: str) -> pl.DataFrame:
    """Write labels as numbers in the order of their texts, in which they group, join and sort several times faster."""
    return rows.with_columns(rows[name].cast(_words(rows[name])) for name in labels if rows[name].dtype == pl.String)


def plain(rows: pl.DataFrame) -> pl.DataFrame:
    """Return canonical rows of such ones."""
    return rows.select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())


def _words(texts: pl.Series) -> pl.Enum:
    return pl.Enum(sorted({NONE, UNALLOCATED, *texts.unique().drop_nulls()}))
