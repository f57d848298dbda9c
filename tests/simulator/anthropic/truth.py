"""What a reader of all reports should come to: frames of plain sums over the ledger, made without any report."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from simulator.anthropic.ledger import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.anthropic.ledger import Ledger

COUNTS = (*KINDS, "web_search_requests")
_MONEY = pl.Decimal(38, 18)


class Truth:
    """The sums of a ledger as it stands."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def usage(self, *, every: str = "1h", by: Sequence[str] = ("api_key_id",)) -> pl.DataFrame:
        """Tokens of each kind, searches and requests by the start of each bucket and by fields of a call."""
        rows = [
            {**_without_tokens(asdict(call)), **dict(zip(KINDS, call.tokens, strict=True))}
            for call in self._ledger.calls
        ]
        counts = [pl.col(kind).sum() for kind in KINDS]
        return _summed(rows, every, by, [*counts, pl.col("web_searches").sum().alias(COUNTS[-1]), _REQUESTS])

    def money(self, *, every: str = "1d", by: Sequence[str] = ("workspace_id",)) -> pl.DataFrame:
        """Dollars billed by the start of each bucket and by fields of a charge, such as `api_key_id` or `model`."""
        rows = [{**asdict(charge), "amount": charge.cents / 100} for charge in self._ledger.charges]
        return _summed(rows, every, by, [pl.col("amount").sum()])

    @property
    def dollars(self) -> Decimal:
        """All that is billed."""
        return sum((charge.cents for charge in self._ledger.charges), Decimal(0)) / 100

    @property
    def tokens(self) -> dict[str, int]:
        """All tokens of each kind."""
        sums = [sum(call.tokens[place] for call in self._ledger.calls) for place in range(len(KINDS))]
        return dict(zip(KINDS, sums, strict=True))


_REQUESTS = pl.len().cast(pl.Int64).alias("requests")


def _without_tokens(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "tokens"}


def _summed(rows: list[dict[str, Any]], every: str, by: Sequence[str], sums: list[pl.Expr]) -> pl.DataFrame:
    schema: dict[str, Any] = {"time": pl.Datetime("us", "UTC"), **dict.fromkeys(by, pl.String)}
    columns = {name: [row[name] for row in rows] for name in [*schema, *_numbers(rows)]}
    types = {name: _MONEY if name == "amount" else pl.Int64 for name in _numbers(rows)}
    frame = pl.DataFrame(columns, schema={**schema, **types})
    return (
        frame.with_columns(pl.col("time").dt.truncate(every)).group_by("time", *by).agg(sums).sort("time", *by)
        if rows
        else frame
    )


def _numbers(rows: list[dict[str, Any]]) -> list[str]:
    return [name for name in ("amount", *KINDS, "web_searches") if rows and name in rows[0]]
