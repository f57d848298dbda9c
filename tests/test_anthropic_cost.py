"""Anthropic's cost report to rows: cents are not dollars, and no line of a bill is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import usage_toolkit as ut
from usage_toolkit.sources.anthropic import cost
from usage_toolkit.sources.anthropic.names import Names

DAY = datetime(2026, 10, 1, tzinfo=UTC)
TOKENS: dict[str, Any] = {
    "amount": "23.4905", "currency": "USD", "description": "Claude Opus 5 Usage - Input Tokens",
    "cost_type": "tokens", "token_type": "uncached_input_tokens", "model": "claude-opus-5",
    "service_tier": "standard", "context_window": "0-200k", "inference_geo": "global", "workspace_id": None,
}  # fmt: skip
SEARCH: dict[str, Any] = {
    "amount": "2.000000", "currency": "USD", "description": "Web Search Usage", "cost_type": "web_search",
    "token_type": None, "model": None, "service_tier": None, "context_window": None, "inference_geo": None,
    "workspace_id": "wrkspc_1",
}  # fmt: skip


def rows(*results: dict[str, Any]) -> pl.DataFrame:
    """Canonical rows of lines of one day's bill."""
    decoded = msgspec.json.decode(json.dumps(results).encode(), type=list[cost.Result])
    table = cost.table(decoded).with_columns(time=pl.lit(DAY).cast(pl.Datetime("us", "UTC")), origin=pl.lit("page 1"))
    return cost.canonical(table, names=Names({"wrkspc_1": "Research"}, default="wrkspc_0"), account="acme")


@pytest.mark.parametrize(
    ("cents", "dollars"),
    [
        ("123.78912", "1.2378912"), ("41280.000000", "412.80"), ("0", "0"), ("-50", "-0.5"), ("1", "0.01"),
        ("0.0000000000000001", "0.000000000000000001"), ("1e2", "1"), ("99999999999999", "999999999999.99"),
    ],
)  # fmt: skip
def test_cents_are_not_dollars(cents: str, dollars: str) -> None:
    """The amount is a hundredth of what is on the wire, to the last digit."""
    assert rows(TOKENS | {"amount": cents})["amount"].to_list() == [Decimal(dollars)]


@given(st.lists(st.decimals(-(10**9), 10**9, places=12), max_size=20))
def test_a_bill_adds_up(cents: list[Decimal]) -> None:
    """The sum of the rows is the sum of the lines, credits below zero included."""
    found = rows(*(TOKENS | {"amount": str(one)} for one in cents))
    assert found["amount"].sum() == sum(cents, Decimal(0)) / 100
    assert found["amount_usd"].equals(found["amount"].alias("amount_usd"))


def test_a_line_is_a_row_with_its_meter() -> None:
    """What was paid for is told by the kinds that the provider gives, what it is called by its description."""
    labels = ("meter", "sku", "model", "service_tier", "context_window", "region", "workspace", "workspace_id")
    assert rows(TOKENS, SEARCH).select(labels).rows() == [
        (
            "input", "Claude Opus 5 Usage - Input Tokens", "claude-opus-5", "standard", "0-200k", "global", "(default)",
            "wrkspc_0",
        ),
        ("web_search", "Web Search Usage", "(none)", "(none)", "(none)", "(none)", "Research", "wrkspc_1"),
    ]  # fmt: skip


def test_a_bill_has_no_quantities() -> None:
    """Money alone, billed by the day, of no API key and no user."""
    found = rows(TOKENS, SEARCH)
    assert found.select("quantity", "unit", "api_key_id", "user_id").null_count().row(0) == (2, 2, 2, 2)
    one = ("anthropic", "anthropic.cost", "billed", "1d", "acme", "(none)", "(none)")
    assert found.select("provider", "source", "basis", "grain", "account", "api_key", "user").unique().rows() == [one]
    assert ut.conform(found).equals(found)


@pytest.mark.parametrize(
    ("kinds", "meter", "notes"),
    [
        (("tokens", "output_tokens"), "output", None),
        (("tokens", "cache_read_input_tokens"), "cache_read", None),
        (("tokens", "cache_creation.ephemeral_5m_input_tokens"), "cache_write_5m", None),
        (("tokens", "cache_creation.ephemeral_1h_input_tokens"), "cache_write_1h", None),
        (("code_execution", None), "code_execution", None),
        (("session_usage", None), "session", None),
        (("tokens", "thinking_tokens"), "other", "cost_type=tokens, token_type=thinking_tokens"),
        (("container_storage", None), "other", "cost_type=container_storage"),
        (("container_storage", "output_tokens"), "other", "cost_type=container_storage, token_type=output_tokens"),
        ((None, None), "other", None),
    ],
)
def test_a_kind_that_nobody_knows_passes_through(
    kinds: tuple[str | None, str | None], meter: str, notes: str | None
) -> None:
    """Its money counts all the same, and its name is kept."""
    found = rows(TOKENS | {"cost_type": kinds[0], "token_type": kinds[1]})
    assert found.select("meter", "notes", "amount").rows() == [(meter, notes, Decimal("0.234905"))]


@pytest.mark.parametrize(
    ("told", "speed"),
    [
        ({"description": "Claude Opus 5 Usage (Fast Mode) - Input Tokens"}, "fast"),
        ({"description": "Claude Breakfast 5 Usage - Input Tokens"}, "(none)"),
        ({"speed": "standard"}, "standard"),
        ({"description": None}, "(none)"),
    ],
)
def test_the_fast_mode_is_told_apart(told: dict[str, str | None], speed: str) -> None:
    """Fast tokens cost a multiple, so what is billed for them is for them alone; what says nothing is not standard."""
    assert rows(TOKENS | told)["speed"].to_list() == [speed]


def test_equal_lines_are_two() -> None:
    """Rows that look the same are not one."""
    assert rows(TOKENS, TOKENS)["amount"].sum() == Decimal("0.46981")


def test_another_currency_is_no_dollar() -> None:
    """It keeps its name, and nobody says what it is in dollars."""
    assert rows(TOKENS | {"currency": "eur"}).select("currency", "amount_usd").rows() == [("EUR", None)]


@pytest.mark.parametrize("amount", ["", "NaN", "Infinity", "12,5", "$1", "1" + "0" * 16])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    """With the row and what is in it."""
    with pytest.raises(ut.InputError, match="row 2, column 'amount'"):
        rows(TOKENS, TOKENS | {"amount": amount})


@pytest.mark.parametrize("amount", [23.4905, 23, None])
def test_a_bare_number_is_refused(amount: object) -> None:
    """The provider writes texts; a number might be dollars."""
    with pytest.raises(msgspec.ValidationError):
        rows(TOKENS | {"amount": amount})
