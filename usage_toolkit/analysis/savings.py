"""What caching the prompt saved, net of what writing the cache cost more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import schema
from usage_toolkit.analysis.rows import expect_rows
from usage_toolkit.cube import expect_labels
from usage_toolkit.prices import known, priced, product

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_toolkit.prices import Prices

_WRITES = ("cache_write_5m", "cache_write_1h", "cache_write")


def cache_savings(
    rows: pl.DataFrame | pl.LazyFrame, *, by: str | Iterable[str] = "model", prices: Prices = None
) -> pl.DataFrame:
    """Tell what cache reads saved against plain input, what cache writes cost more than it, and what is left.

    Parameters
    ----------
    rows
        Canonical rows in polars. Their quantities count, whatever is billed for them; allocated rows have none.
    by
        The labels to group by.
    prices
        As for `ut.estimate`: a table, several of which the first that knows a price wins, or None for list prices.
        So are the implied prices of a bill, in one currency.

    Returns
    -------
    polars.DataFrame
        The labels and ``currency``; the tokens read from a cache and written to one (``cache_read``,
        ``cache_write``); ``saved`` = reads times (price of input - price of a read), ``premium`` = writes times
        (price of a write - price of input), and ``net`` = saved - premium, below zero where caching lost money.
        Sorted. Tokens of which a price is not known stand in a row of their own with currency ``"(none)"`` and no
        money, and no row with the same labels has a ``net``.

    Raises
    ------
    ArgumentError
        For an unknown label, rows that are not polars, or list prices without genai-prices.
    InputError
        If the rows or the prices can't be right.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> rows = ut.sample(days=7).filter(api_key="support-bot", provider="anthropic")
    >>> model = rows["model"][0]
    >>> table = {"provider": "anthropic", "model": model, "meter": ["input", "cache_read", "cache_write_5m"],
    ...          "unit_price": ["3", "0.30", "3.75"], "per": 1_000_000, "currency": "USD"}
    >>> made = ut.cache_savings(rows, by="api_key", prices=pl.DataFrame(table))
    >>> made.select(pl.col("saved") == pl.col("cache_read") * 27 / 10_000_000, pl.col("net") > 0).rows()
    [(True, True)]
    """
    labels = expect_labels(by)
    counted = pl.col("quantity").is_not_null() & (pl.col("basis") != "allocated") & (pl.col("unit") == "token")
    cached = expect_rows(rows, call="cache_savings").filter(counted, pl.col("meter").is_in(("cache_read", *_WRITES)))
    tables = known(prices, rows=cached)
    own = priced(cached, tables)
    plain = priced(cached.with_columns(meter=pl.lit("input", schema.COLUMNS["meter"])), tables)
    is_known = own["currency"].eq(plain["currency"])  # null where either price is not known
    gain = pl.when(is_known).then(plain["unit_price"] - own["unit_price"])
    is_read = pl.col("meter") == "cache_read"
    parts = cached.select(
        *(pl.col(name).cast(pl.String).fill_null(schema.NONE) for name in labels if name != "currency"),
        pl.when(is_known).then(own["currency"]).fill_null(schema.NONE).alias("currency"),
        cache_read=pl.when(is_read).then("quantity"),
        cache_write=pl.when(~is_read).then("quantity"),
        saved=product(pl.when(is_read).then("quantity"), gain, rows=cached),
        premium=product(pl.when(~is_read).then("quantity"), -gain, rows=cached),
    )
    return _added_up(parts, [name for name in labels if name != "currency"])


def _added_up(parts: pl.DataFrame, labels: list[str]) -> pl.DataFrame:
    sums = ("cache_read", "cache_write", "saved", "premium")
    unknown = pl.col("currency") == schema.NONE
    made = parts.group_by(*labels, "currency").agg(pl.col(sums).sum()).sort(*labels, "currency")
    some_unknown = unknown.any().over(labels) if labels else unknown.any()
    return made.with_columns(
        pl.when(~unknown).then("saved").alias("saved"),
        pl.when(~unknown).then("premium").alias("premium"),
        net=pl.when(~some_unknown).then(pl.col("saved") - pl.col("premium")),
    )
