"""Rows of small books for the tests of the store, and what must hold of a store of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

import usage_toolkit as ut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_toolkit.store import Store

SOURCE, ACCOUNT = "venice.ledger", "(default)"
START = datetime(2026, 9, 29, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def book(
    entries: Iterable[tuple[datetime, str, str]],
    *,
    source: str = SOURCE,
    account: str = ACCOUNT,
    provider: str = "venice",
    model: str = "a",
) -> pl.DataFrame:
    """Canonical rows of entries: when, how much money, in which currency; a thousand tokens each."""
    rows = list(entries)
    words = {"grain": "event", "provider": provider, "source": source, "account": account, "basis": "billed"}
    words |= {"meter": "input", "model": model, "unit": "token"}
    given = pl.DataFrame(
        {
            "time": [row[0] for row in rows],
            "amount": [Decimal(row[1]) for row in rows],
            "currency": [row[2] for row in rows],
            "quantity": [1000 for _ in rows],
        },
        schema={
            "time": ut.schema.TIME,
            "amount": ut.schema.MONEY,
            "currency": pl.String,
            "quantity": pl.Int64,
        },
    )
    return ut.conform(given.with_columns(pl.lit(word).alias(name) for name, word in words.items()))


def hourly(
    start: datetime, stop: datetime, *, amount: str = "0.06", currency: str = "USD", **names: str
) -> pl.DataFrame:
    """A row at each hour."""
    hours = int((stop - start) / HOUR)
    return book([(start + n * HOUR, amount, currency) for n in range(hours)], **names)


def within(rows: pl.DataFrame, start: datetime, stop: datetime) -> pl.DataFrame:
    """The rows of a window."""
    return rows.filter(pl.col("time") >= start, pl.col("time") < stop)


def same_rows(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Whether two frames hold the same rows as often, in any order, wherever they came from."""
    first, second = (frame.drop("origin").sort(pl.all()) for frame in (one, other))
    return first.equals(second)


def stored(store: Store) -> pl.DataFrame:
    """All rows of a store."""
    return store.scan().collect()


def covered(store: Store) -> pl.DataFrame:
    """What is covered, without when it was read."""
    return store.coverage().select("provider", "source", "account", "start", "stop", "rows")


def union(store: Store) -> list[tuple[datetime, datetime]]:
    """The intervals that are covered, each as long as it goes on."""
    found: list[tuple[datetime, datetime]] = []
    for start, stop in store.coverage().select("start", "stop").sort("start").rows():
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((start, stop))
    return found
