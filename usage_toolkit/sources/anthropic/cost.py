"""Anthropic's cost report to canonical rows: money by the day, no quantities.

Amounts are texts in CENTS: one moved by two digits is 100 times too high, and every reader gets it wrong once. The
report knows neither API keys nor users, and leaves out the Priority Tier. Facts: Anthropic's reference of
``/v1/organizations/cost_report``, 2026-09.
"""

from __future__ import annotations

from decimal import Context, Decimal, DecimalException
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct

from usage_toolkit import schema
from usage_toolkit.errors import ArgumentError
from usage_toolkit.sources.anthropic import words
from usage_toolkit.sources.anthropic.buckets import LIMITS, Page, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_toolkit.sources.anthropic.names import Names

SOURCE, PATH = "anthropic.cost", "/v1/organizations/cost_report"
GROUPS = ("description", "workspace_id")
GRAIN = "1d"
_EXACT = Context(prec=200)
_FAST = r"(?i)\bfast\b"


class Result(Struct):
    """One line of a day's bill."""

    amount: str
    currency: str
    description: str | None = None
    cost_type: str | None = None
    token_type: str | None = None
    model: str | None = None
    service_tier: str | None = None
    context_window: str | None = None
    inference_geo: str | None = None
    speed: str | None = None
    workspace_id: str | None = None


_COLUMNS = Result.__struct_fields__


def report(*, size: int | None, groups: tuple[str, ...] = GROUPS) -> Report:
    """Say how to ask for the cost."""
    size = LIMITS[GRAIN] if size is None else size
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise ArgumentError(f"anthropic: expected a page_size of 1 or more buckets, found {size!r}; use one.")
    return Report("cost report", PATH, Page[Result], table, groups, GRAIN, min(size, LIMITS[GRAIN]), {})


def table(results: Sequence[Result], _: str = "") -> pl.DataFrame:
    """Make a table of results, as they are on the wire."""
    columns = {name: [getattr(result, name) for result in results] for name in _COLUMNS}
    return pl.DataFrame(columns, schema=dict.fromkeys(_COLUMNS, pl.String))


def canonical(table: pl.DataFrame, *, names: Names, account: str) -> pl.DataFrame:
    """Make canonical rows of a table with ``time`` and ``origin``: as many, in the same order."""
    kinds = [words.meter(cost, token) for cost, token in table.select("cost_type", "token_type").iter_rows()]
    amount = schema.decimals(dollars(table["amount"]), schema.MONEY, where="anthropic cost report, row {}".format)
    rows = table.with_columns(
        pl.Series("meter", [meter for meter, _ in kinds], pl.String),
        pl.Series("notes", [notes for _, notes in kinds], pl.String),
        amount,
        currency=pl.col("currency").str.to_uppercase(),
    )
    return schema.conform(
        rows.select(
            "time", "model", "service_tier", "context_window", "meter", "amount", "currency", "notes", "origin",
            *names.labels(GROUPS),
            # No field of the report tells the fast mode, which costs a multiple, only the words for it.
            speed=pl.coalesce("speed", pl.when(pl.col("description").str.contains(_FAST)).then(pl.lit("fast"))),
            sku=pl.col("description"), region=pl.col("inference_geo"),
            amount_usd=pl.when(pl.col("currency") == "USD").then("amount"),
            grain=pl.lit(GRAIN), provider=pl.lit("anthropic"), source=pl.lit(SOURCE), basis=pl.lit("billed"),
            account=pl.lit(account),
        )
    )  # fmt: skip


def dollars(cents: pl.Series) -> pl.Series:
    """Move the decimal point of texts by two digits, exactly; a text that is no number stays as it is.

    >>> dollars(pl.Series(["123.78912", "41280.000000", "-0.5"])).to_list()
    ['1.2378912', '412.80000000', '-0.005']
    """
    return pl.Series(cents.name, [None if text is None else _dollars(text) for text in cents], pl.String)


def _dollars(cents: str) -> str:
    try:
        return format(_EXACT.scaleb(_EXACT.create_decimal(cents), Decimal(-2)), "f")
    except (DecimalException, ValueError):
        return cents
