"""Anthropic's usage report to rows: disjoint meters, nothing dropped, and what a null means."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import usage_toolkit as ut
from usage_toolkit.sources.anthropic import usage
from usage_toolkit.sources.anthropic.buckets import Page
from usage_toolkit.sources.anthropic.names import Names

DAY = datetime(2026, 10, 1, tzinfo=UTC)
RESULT: dict[str, Any] = {
    "uncached_input_tokens": 46981,
    "cache_creation": {"ephemeral_1h_input_tokens": 7, "ephemeral_5m_input_tokens": 15969},
    "cache_read_input_tokens": 120400,
    "output_tokens": 16932,
    "server_tool_use": {"web_search_requests": 2},
    "account_id": None,
    "api_key_id": "apikey_01",
    "context_window": "0-200k",
    "inference_geo": "not_available",
    "model": "claude-opus-5",
    "service_account_id": None,
    "service_tier": "standard",
    "speed": None,
    "workspace_id": None,
}
NAMES = Names({"wrkspc_1": "Research"}, {"apikey_01": "nightly"}, {"user_1": "ada@example.com"}, "wrkspc_0")
ALL = usage.GROUPS


def decoded(*results: dict[str, Any]) -> list[usage.Result]:
    """Results as they come from the wire."""
    bucket = {"starting_at": "2026-10-01T00:00:00Z", "ending_at": "2026-10-02T00:00:00Z", "results": results}
    body = json.dumps({"data": [bucket], "has_more": False, "next_page": None}).encode()
    return msgspec.json.decode(body, type=Page[usage.Result]).data[0].results


def rows(*results: dict[str, Any], groups: tuple[str, ...] = ALL, names: Names = NAMES) -> pl.DataFrame:
    """Canonical rows of results of one day."""
    table = usage.wide(decoded(*results)).with_columns(
        time=pl.lit(DAY).cast(pl.Datetime("us", "UTC")), origin=pl.lit("page 1")
    )
    return usage.canonical(table, grain="1d", groups=groups, names=names, account="acme")


def test_each_counter_is_a_row_of_its_own_meter() -> None:
    """The five kinds of tokens and the searches, as written, none of them part of another."""
    found = rows(RESULT)
    assert dict(found.select("meter", "quantity").rows()) == {
        "input": 46981, "cache_read": 120400, "cache_write_5m": 15969, "cache_write_1h": 7, "output": 16932,
        "web_search": 2,
    }  # fmt: skip
    assert found["unit"].to_list() == ["token"] * 5 + ["request"]
    assert ut.conform(found).equals(found)


def test_usage_has_no_money() -> None:
    """Quantities alone, metered, so that the bill can stand beside it and nothing is counted twice."""
    found = rows(RESULT)
    assert found.select("amount", "currency", "amount_usd", "list_amount").null_count().sum_horizontal().item() == 24
    who = ("anthropic", "anthropic.usage", "metered", "1d", "acme")
    assert found.select("provider", "source", "basis", "grain", "account").unique().rows() == [who]


def test_kinds_are_kept_as_the_provider_writes_them() -> None:
    """Also one that nobody has seen yet; what nobody asked for is ``(none)``."""
    found = rows(RESULT | {"service_tier": "brand_new", "speed": "warp"})
    labels = ("model", "service_tier", "context_window", "region", "speed")
    assert found.select(labels).unique().rows() == [("claude-opus-5", "brand_new", "0-200k", "not_available", "warp")]
    assert rows(RESULT)["speed"].unique().to_list() == ["(none)"]


@pytest.mark.parametrize(
    ("result", "groups", "label"),
    [
        ({"workspace_id": "wrkspc_1"}, ALL, ("Research", "wrkspc_1")),
        ({"workspace_id": "wrkspc_gone"}, ALL, ("wrkspc_gone", "wrkspc_gone")),
        ({"workspace_id": None}, ALL, ("(default)", "wrkspc_0")),
        ({"workspace_id": "wrkspc_0"}, ALL, ("(default)", "wrkspc_0")),
        ({"workspace_id": None}, ("model",), ("(none)", None)),
    ],
)
def test_a_null_workspace_has_two_meanings(
    result: dict[str, Any], groups: tuple[str, ...], label: tuple[str, str | None]
) -> None:
    """The default workspace if it was grouped by, with its real id; nothing at all if not."""
    found = rows(RESULT | result, groups=groups)
    assert found.select("workspace", "workspace_id").unique().rows() == [label]


@pytest.mark.parametrize(
    ("result", "groups", "label"),
    [
        ({"api_key_id": "apikey_01"}, ALL, ("nightly", "apikey_01")),
        ({"api_key_id": "apikey_02"}, ALL, ("apikey_02", "apikey_02")),
        ({"api_key_id": None}, ALL, ("(console)", None)),
        ({"api_key_id": None}, ("api_key_id",), ("(console)", None)),
        ({"api_key_id": None, "account_id": "user_1"}, ALL, ("(none)", None)),
        ({"api_key_id": None}, ("workspace_id",), ("(none)", None)),
    ],
)
def test_a_null_api_key_has_three_meanings(
    result: dict[str, Any], groups: tuple[str, ...], label: tuple[str, str | None]
) -> None:
    """The Console if it was grouped by, nobody's key if someone had signed in, nothing at all if not asked for."""
    found = rows(RESULT | result, groups=groups)
    assert found.select("api_key", "api_key_id").unique().rows() == [label]


@pytest.mark.parametrize(
    ("result", "groups", "label"),
    [
        ({"account_id": "user_1"}, ALL, ("ada@example.com", "user_1")),
        ({"service_account_id": "svac_1"}, ALL, ("svac_1", "svac_1")),
        ({}, ALL, ("(none)", None)),
        ({}, ("model",), ("(none)", None)),
    ],
)
def test_a_user_is_a_person_or_a_service(
    result: dict[str, Any], groups: tuple[str, ...], label: tuple[str, str | None]
) -> None:
    """By name where it is known, else by id, else nobody."""
    assert rows(RESULT | result, groups=groups).select("user", "user_id").unique().rows() == [label]


def test_a_default_workspace_without_a_known_id() -> None:
    """It is still the default workspace, whose id is not known."""
    found = rows(RESULT, names=Names())
    assert found.select("workspace", "workspace_id", "api_key").unique().rows() == [("(default)", None, "apikey_01")]


def test_equal_results_are_two() -> None:
    """Rows that look the same are not one."""
    assert rows(RESULT, RESULT).height == 2 * rows(RESULT).height


def test_a_new_kind_of_cache_write_is_not_lost() -> None:
    """Its tokens are counted as a cache write of unknown length, and its name is kept."""
    new = RESULT | {"cache_creation": {"ephemeral_24h_input_tokens": 11}, "server_tool_use": {"fetches": 3}}
    found = rows(RESULT, new).filter(pl.col("notes").is_not_null())
    assert found.select("meter", "quantity", "unit", "notes").rows() == [
        ("cache_write", 11, "token", "cache_creation.ephemeral_24h_input_tokens"),
        ("other", 3, "unit", "server_tool_use.fetches"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"output_tokens": -1}, {"output_tokens": 1.5}, {"output_tokens": "1"}, {"output_tokens": None},
        {"output_tokens": 10**18}, {"cache_creation": None}, {"cache_creation": {"ephemeral_5m_input_tokens": -1}},
        {"model": 5},
    ],
)  # fmt: skip
def test_what_cannot_be_a_count_is_refused(wrong: dict[str, Any]) -> None:
    """Unknown is never 0, and below 0 is nothing at all."""
    with pytest.raises(msgspec.ValidationError):
        decoded(RESULT | wrong)


counts = st.integers(0, 10**15)


@given(
    st.lists(
        st.builds(
            lambda fresh, read, short, long, out, search: {
                **RESULT,
                "uncached_input_tokens": fresh,
                "cache_read_input_tokens": read,
                "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
                "output_tokens": out,
                "server_tool_use": {"web_search_requests": search},
            },
            *[counts] * 6,
        ),
        max_size=5,
    )
)
def test_the_parts_are_the_whole(results: list[dict[str, Any]]) -> None:
    """All tokens of any results are in the rows, once, and a count of 0 is no row."""
    found = rows(*results)
    tokens = sum(
        result["uncached_input_tokens"]
        + result["cache_read_input_tokens"]
        + sum(result["cache_creation"].values())
        + result["output_tokens"]
        for result in results
    )
    assert found.filter(unit="token")["quantity"].sum() == tokens
    assert not found.filter(pl.col("quantity") == 0).height


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"grain": "1w"}, "expected a grain of 1m, 1h or 1d, found '1w'"),
        ({"size": 0}, "expected a page_size from 1 to 168 at 1h, found 0"),
        ({"size": 169}, "expected a page_size from 1 to 168 at 1h, found 169"),
        ({"size": True}, "found True"),
        ({"groups": "model"}, "expected group_by as some of account_id, .*, found 'model'"),
        ({"groups": ["colour"]}, "found 'colour'"),
    ],
)
def test_what_cannot_be_asked_is_said(wrong: dict[str, Any], said: str) -> None:
    """One sentence, before any request."""
    with pytest.raises(ut.ArgumentError, match=said):
        usage.report(**{"grain": "1h", "size": None, "groups": ALL, "filters": {}, **wrong})
