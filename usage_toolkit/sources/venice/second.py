"""What Venice tells of the same account by other means: whose it is, and the charges of each day.

The charges are those of its analytics, doubles that count USD and bundled credits as one and leave earned credits out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.sources.venice import ledger
from usage_toolkit.sources.venice.analytics import LONGEST, TOLERANCE, charged, told_by_day, usage_analytics
from usage_toolkit.sources.venice.lists import api_keys

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from usage_toolkit._key import Key

TOLERANCES = {ledger.SOURCE: TOLERANCE}
AT_A_TIME = timedelta(days=LONGEST)


def whose(*, key: Key, base_url: str | None) -> frozenset[str]:
    """Return ids that only this account has: its API keys, some of which outlive the one that asks."""
    return frozenset(api_keys(key=key, base_url=base_url)["api_key_id"])


def ours(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the sums of rows that the other report tells too: ``source``, ``date``, ``of``, ``value``."""
    return _named(charged(rows))


def theirs(
    sources: Iterable[str],  # noqa: ARG001 (there is one)
    *,
    start: datetime,
    stop: datetime,
    key: Key,
    base_url: str | None,
) -> pl.DataFrame:
    """Ask for the same sums of whole days in UTC; a day that was told has a row, though it may be 0."""
    return _named(told_by_day(usage_analytics(start=start, stop=stop, key=key, base_url=base_url)))


def _named(sums: pl.DataFrame) -> pl.DataFrame:
    return sums.select(pl.lit(ledger.SOURCE).alias("source"), "date", pl.col("currency").alias("of"), "value")
