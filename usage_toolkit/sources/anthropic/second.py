"""What Anthropic tells of the same organization by other means: its id, and each report by the day without any groups.

A group that was lost on the way, or is in none of the dimensions that were asked for, shows as a difference.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct

from usage_toolkit import schema
from usage_toolkit.sources.anthropic import cost, usage
from usage_toolkit.sources.anthropic.ask import client, decode
from usage_toolkit.sources.anthropic.buckets import collect
from usage_toolkit.sources.anthropic.names import Names
from usage_toolkit.sources.contract import as_contract
from usage_toolkit.sources.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from usage_toolkit._key import Key

TOLERANCES = {usage.SOURCE: Decimal(0), cost.SOURCE: Decimal("0.000001")}
AT_A_TIME = timedelta(days=31)
_ME = "/v1/organizations/me"


class _Me(Struct):
    id: str


def whose(*, key: Key, base_url: str | None) -> frozenset[str]:
    """Return the id of the organization."""
    with client(key, base_url=base_url) as asking:
        return frozenset({decode(asking.get(_ME, {}), _Me, "anthropic /me").id})


def ours(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the sums of rows that the other reports tell too: ``source``, ``date``, ``of``, ``value``."""
    named = rows.select("source", pl.col("time").dt.date().alias("date"), "amount", "quantity", "currency", "meter")
    of, value = (
        pl.when(pl.col("source") == cost.SOURCE).then(pl.col(money).cast(dtype)).otherwise(pl.col(count).cast(dtype))
        for money, count, dtype in (("currency", "meter", pl.String), ("amount", "quantity", schema.MONEY))
    )
    return named.group_by("source", "date", of.alias("of")).agg(value.sum().alias("value"))


def theirs(sources: Iterable[str], *, start: datetime, stop: datetime, key: Key, base_url: str | None) -> pl.DataFrame:
    """Ask for the same sums of whole days in UTC; a day that was told has a row, though nothing may be in it."""
    told = []
    with as_contract("anthropic", key):
        for source in sources:
            report = (
                usage.report(grain="1d", size=None, groups=(), filters={})
                if source == usage.SOURCE
                else cost.report(size=None, groups=())
            )
            bar = Progress("anthropic", start=start, stop=stop, shown=False)
            with bar, client(key, base_url=base_url) as asking:
                table = collect(asking, report, start=start, stop=stop, progress=bar)
            told.append(
                usage.canonical(table, grain="1d", groups=(), names=Names(), account="")
                if source == usage.SOURCE
                else cost.canonical(table, names=Names(), account="")
            )
    days = pl.date_range(start.date(), (stop - timedelta(days=1)).date(), eager=True).alias("date")
    every = pl.DataFrame({"source": list(sources)}).join(days.to_frame(), how="cross")
    return every.join(ours(pl.concat(told)), on=["source", "date"], how="left")
