"""The price that a row has on its day, or none: where nothing fits, nothing is guessed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.prices.frame import EVER, KEY, TERMS, ordinary, read_prices
from usage_toolkit.prices.listed import list_prices
from usage_toolkit.schema import MONEY, NONE, TIME

if TYPE_CHECKING:
    from collections.abc import Iterable

Prices = pl.DataFrame | Sequence[pl.DataFrame] | None

FOUND = ("unit_price", "currency", "source")
_LENGTHS = {"event": "1us", "1m": "1m", "1h": "1h", "1d": "1d"}
_BY = tuple(name for name in KEY if name != "context_window")


def known(prices: Prices, *, rows: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """Return the tables of prices that are meant, the first to be asked first; None is the list prices of `rows`."""
    if prices is None:
        return (list_prices(rows),)
    tables = (prices,) if isinstance(prices, pl.DataFrame) else prices
    if not isinstance(tables, Sequence) or not all(isinstance(table, pl.DataFrame) for table in tables):
        raise ArgumentError(
            f"expected prices to be a frame, several of them or None, found {type(prices).__name__}; read a file with "
            "ut.read_prices."
        )
    return tuple(read_prices(table) for table in tables)


def priced(rows: pl.DataFrame, tables: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return ``unit_price``, ``currency`` and ``source`` of each of the rows, null where no price is known.

    A price has to hold for all of the row's span of time and for its terms. One for the row's size of prompt comes
    before one for any, and the first table that knows a price before the next.
    """
    asked = rows.select(
        "time", "provider", "meter", "unit", "context_window",
        *(ordinary(name) for name in ("model", *TERMS) if name != "context_window"),
        end=pl.col("time").dt.offset_by(pl.col("grain").cast(pl.String).replace_strict(_LENGTHS)),
    ).with_columns(any_window=pl.lit(NONE)).with_row_index("row").sort("time")  # fmt: skip
    found = asked.select(
        "row", unit_price=pl.lit(None, MONEY), currency=pl.lit(None, pl.String), source=pl.lit(None, pl.String)
    )
    for table in tables:
        for window in ("context_window", "any_window"):
            hits = _hits(asked, table, window)
            found = found.with_columns(
                pl.when(pl.col("unit_price").is_null()).then(hits[name]).otherwise(pl.col(name)).alias(name)
                for name in FOUND
            )
    return found.sort("row").select(FOUND)


def product(quantity: pl.Expr | pl.Series, price: pl.Expr | pl.Series, *, rows: pl.DataFrame) -> pl.Series:
    """Return quantity times price, exact: a whole number of units loses no digit, parts are rounded half-even once."""
    try:
        made = rows.select(amount=(quantity * price).cast(MONEY)).to_series()
    except pl.exceptions.PolarsError:
        made = None
    if made is None or (made.abs() >= schema.LIMITS[MONEY]).any():
        most = f"{schema.LIMITS[MONEY]:.0e}"
        raise InputError(f"expected amounts below {most}, found a quantity times a price above it; check both.")
    return made


def _hits(asked: pl.DataFrame, table: pl.DataFrame, window: str) -> pl.DataFrame:
    """Return what `table` knows, row by row of `asked`, which is sorted by time."""
    begins = table.with_columns(pl.col("valid_from").fill_null(pl.lit(EVER, TIME))).sort("valid_from")
    met = asked.join_asof(
        begins,
        left_on="time",
        right_on="valid_from",
        by_left=[*_BY, window],
        by_right=[*_BY, "context_window"],
        strategy="backward",
        check_sortedness=False,
    )
    holds = pl.col("valid_to").is_null() | (pl.col("end") <= pl.col("valid_to"))
    return met.select(pl.when(holds).then(pl.col(name)).alias(name) for name in FOUND)
