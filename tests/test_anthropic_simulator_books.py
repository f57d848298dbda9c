"""The reports of the simulated Anthropic are sums of its ledger: by every width, every cut, every size of page."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.anthropic import analytics, usage
from simulator.anthropic.client import COST, USAGE, ask, pages
from simulator.anthropic.ledger import KINDS, Call, Ledger
from simulator.anthropic.prices import INPUT, price, raised
from simulator.anthropic.sample import NEW_COST_TYPE, START, later, make_ledger
from simulator.anthropic.server import AnthropicServer

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 10, 20, 12, 34, 56, tzinfo=UTC)
FAST = {"anthropic-beta": usage.FAST_MODE}
BETA = {"anthropic-beta": analytics.BETA}
WHOLE = {"starting_at": "2026-10-01T00:00:00Z", "ending_at": "2026-10-05T00:00:00Z"}
MOST = {"1m": 1440, "1h": 168, "1d": 31}


@pytest.fixture(scope="module")
def server() -> Iterator[AnthropicServer]:
    """A server of four days, long ago by its clock."""
    with AnthropicServer(make_ledger(3, 300), clock=lambda: NOW) as server:
        yield server


def results(server: AnthropicServer, path: str, query: dict[str, Any], **more: Any) -> list[tuple[str, dict[str, Any]]]:
    """Every result of a walk with the start of its bucket."""
    return [
        (bucket["starting_at"], result)
        for reply in pages(server, path, {**WHOLE, **query}, **more)
        for bucket in reply.json["data"]
        for result in bucket["results"]
    ]


def counts(result: dict[str, Any]) -> Counter[str]:
    """The tokens and searches of a result, by the names of the ledger; zeros are not there."""
    flat = {
        **result,
        **{f"cache_creation.{name}": count for name, count in result["cache_creation"].items()},
        **result["server_tool_use"],
    }
    return +Counter({name: int(flat[name]) for name in (*KINDS, "web_search_requests")})


def true_counts(calls: list[Call]) -> Counter[str]:
    """The same of calls."""
    total: Counter[str] = Counter()
    for call in calls:
        total.update(dict(zip(KINDS, call.tokens, strict=True)))
        total["web_search_requests"] += call.web_searches
    return +total


def added(found: list[tuple[str, dict[str, Any]]]) -> Counter[str]:
    """All counts of all results."""
    return sum((counts(result) for _, result in found), Counter())


def dollars(found: list[tuple[str, dict[str, Any]]]) -> Decimal:
    """All money of all results: cents become dollars."""
    return sum((Decimal(result["amount"]) for _, result in found), Decimal(0)) / 100


@pytest.mark.parametrize("width", MOST)
def test_usage_by_every_width_is_the_truth(server: AnthropicServer, width: str) -> None:
    """Minutes, hours and days add up to the same tokens, those of the ledger."""
    found = results(server, USAGE, {"bucket_width": width, "limit": MOST[width]})
    assert added(found) == true_counts(server.ledger.calls)
    assert server.truth.tokens.items() <= added(found).items()


@settings(max_examples=15)
@given(
    by=st.lists(st.sampled_from(usage.DIMENSIONS), unique=True),
    width=st.sampled_from(["1h", "1d"]),
    limit=st.integers(1, 31),
)
def test_every_cut_adds_up_to_the_whole(server: AnthropicServer, by: list[str], width: str, limit: int) -> None:
    """However usage is grouped and paged, each bucket and group has the tokens of its calls, and no row comes twice."""
    found = results(server, USAGE, {"bucket_width": width, "limit": limit, "group_by[]": by}, headers=FAST)
    shape = {"1h": "%Y-%m-%dT%H:00:00Z", "1d": "%Y-%m-%dT00:00:00Z"}[width]
    expected: dict[tuple[str | None, ...], list[Call]] = {}
    for call in server.ledger.calls:
        expected.setdefault((f"{call.time:{shape}}", *(getattr(call, name) for name in by)), []).append(call)
    got = {(start, *(result[name] for name in by)): counts(result) for start, result in found}
    assert len(got) == len(found)
    assert got == {group: true_counts(calls) for group, calls in expected.items()}


@settings(max_examples=15)
@given(data=st.data(), name=st.sampled_from(sorted(usage.FILTERS)))
def test_a_filter_and_its_complement_are_the_whole(server: AnthropicServer, data: st.DataObject, name: str) -> None:
    """A filter keeps the calls that have one of its values; calls with none of them are what is missing."""
    field = usage.FILTERS[name][0]
    words = sorted({value for call in server.ledger.calls if (value := getattr(call, field)) is not None})
    chosen = data.draw(st.lists(st.sampled_from(words), min_size=1, unique=True))
    kept = added(results(server, USAGE, {name: chosen}, headers=FAST))
    assert kept == true_counts([call for call in server.ledger.calls if getattr(call, field) in chosen])


@pytest.mark.parametrize("by", [[], ["workspace_id"], ["description"], ["workspace_id", "description"]])
def test_cost_in_cents_is_a_hundred_times_the_truth(server: AnthropicServer, by: list[str]) -> None:
    """All cuts of the cost report have the dollars of the ledger to the last digit once they are divided by 100."""
    found = results(server, COST, {"group_by[]": by, "limit": 1})
    assert dollars(found) == server.truth.dollars
    by_space: dict[tuple[str, str | None], Decimal] = {}
    for start, result in found:
        group = start, result["workspace_id"]
        by_space[group] = by_space.get(group, Decimal(0)) + Decimal(result["amount"]) / 100
    truth = server.truth.money(every="1d", by=("workspace_id",) if "workspace_id" in by else ())
    assert by_space == {
        (f"{row['time']:%Y-%m-%dT%H:%M:%SZ}", row.get("workspace_id")): row["amount"] for row in truth.to_dicts()
    }


def test_the_money_of_a_call_can_be_worked_out_by_hand() -> None:
    """2,000 fresh tokens at 517 cents a million in batch and the US, and 3 searches at 1.1 cents."""
    call = Call(
        time=START,
        model="claude-opus-5",
        tokens=(2000, 0, 0, 0, 0),
        web_searches=3,
        service_tier="batch",
        inference_geo="us",
    )
    with AnthropicServer(Ledger([call], price=price), clock=lambda: NOW) as server:
        found = [result for _, result in results(server, COST, {"group_by[]": ["description"]})]
    amounts = {result["cost_type"]: result["amount"] for result in found}
    assert amounts == {"tokens": "0.5687", "web_search": "3.3"}  # 2000 x 0.000517 x 0.5 x 1.1
    assert [result["token_type"] for result in found] == ["uncached_input_tokens", None]


def test_a_price_can_change_for_good() -> None:
    """From the day on, the same tokens cost as many times more; before it, what they did."""
    dearer = raised(Decimal("1.5"), since=START + timedelta(days=1))
    calls = [Call(time=START + timedelta(days=n), model="claude-opus-5", tokens=(0, 0, 0, 0, 8)) for n in range(3)]
    with AnthropicServer(Ledger(calls, price=dearer), clock=lambda: NOW) as server:
        amounts = [result["amount"] for _, result in results(server, COST, {})]
    assert amounts == ["0.02068", "0.03102", "0.03102"]  # 8 x 0.000517 x 5, then half as much again


def test_priority_and_refused_calls_are_counted_but_cost_nothing() -> None:
    """Tokens without money: of the tier that is paid elsewhere, and of requests that were refused."""
    plain = Call(time=START, model="claude-opus-5", tokens=(10, 0, 0, 0, 5))
    calls = [plain, replace(plain, service_tier="priority"), replace(plain, charged=False)]
    with AnthropicServer(Ledger(calls, price=price), clock=lambda: NOW) as server:
        tokens = added(results(server, USAGE, {}))
        money = dollars(results(server, COST, {}))
    assert tokens == {"uncached_input_tokens": 30, "output_tokens": 15}
    assert money == sum(charge.cents for charge in price(plain)) / 100


def test_the_sample_has_what_breaks_readers() -> None:
    """Nulls, a day of nothing, credits, cost types nobody has heard of, a long context, a refusal, a discount."""
    ledger = make_ledger(0, 400)
    with AnthropicServer(ledger, clock=lambda: NOW) as server:
        found = [result for _, result in results(server, COST, {"group_by[]": ["workspace_id", "description"]})]
        days = [bucket for reply in pages(server, COST, WHOLE) for bucket in reply.json["data"]]
    assert [len(day["results"]) for day in days] == [1, 1, 0, 1]
    kinds = {result["cost_type"] for result in found}
    assert kinds == {"tokens", "web_search", "code_execution", "session_usage", "credit", NEW_COST_TYPE}
    assert any(Decimal(result["amount"]) < 0 for result in found)
    assert {result["workspace_id"] for result in found} > {None}
    for field in ("workspace_id", "api_key_id", "account_id", "service_account_id"):
        values = {getattr(call, field) for call in ledger.calls}
        assert values > {None}, field
    assert {call.charged for call in ledger.calls} == {True, False}
    assert {call.model for call in ledger.calls} == set(INPUT)
    assert any(charge.cents < charge.list_cents for charge in ledger.charges)
    assert make_ledger(0, 400).charges == ledger.charges


@settings(max_examples=5)
@given(hours=st.integers(1, 40))
def test_a_revision_changes_the_last_hours_only(server: AnthropicServer, hours: int) -> None:
    """After the truth has settled, the last hours answer otherwise and all hours before them the same."""
    old = server.ledger
    before = results(server, USAGE, {"bucket_width": "1h", "limit": 168})
    server.ledger = later(old, hours=hours)
    try:
        after = results(server, USAGE, {"bucket_width": "1h", "limit": 168})
        assert added(after) == true_counts(server.ledger.calls) != true_counts(old.calls)
    finally:
        server.ledger = old
    since = f"{datetime(2026, 10, 5, tzinfo=UTC) - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
    assert [pair for pair in after if pair[0] < since] == [pair for pair in before if pair[0] < since]


@settings(max_examples=15)
@given(
    by=st.lists(
        st.sampled_from(["actor", "api_key_id", "workspace_id", "model", "service_tier", "speed"]), unique=True
    ),
    width=st.sampled_from([None, "1h", "1d"]),
    limit=st.integers(50, 1000),
)
def test_analytics_restate_the_ledger(server: AnthropicServer, by: list[str], width: str | None, limit: int) -> None:
    """By every dimension the newer reports have the same tokens, and the same money but for credits."""
    query = {**WHOLE, "group_by[]": by, "limit": limit, **({"time_bucket_width": width} if width else {})}
    used = [row for reply in pages(server, "/analytics/usage", query, headers=BETA) for row in reply.json["data"]]
    assert sum((counts(row["usage"]) for row in used), Counter()) == true_counts(server.ledger.calls)
    assert sum(int(row["usage"]["requests"]) for row in used) == len(server.ledger.calls)
    paid = [row for reply in pages(server, "/analytics/cost", query, headers=BETA) for row in reply.json["data"]]
    charges = [charge for charge in server.ledger.charges if charge.cost_type != "credit"]
    assert sum(Decimal(row["cost"]["amount"]) for row in paid) == sum(charge.cents for charge in charges)
    assert sum(Decimal(row["cost"]["list_amount"]) for row in paid) == sum(charge.list_cents for charge in charges)
    amounts = [Decimal(row["cost"]["amount"]) for row in paid]
    assert amounts == sorted(amounts, reverse=True)


def test_the_money_of_a_key_by_the_hour_is_in_analytics(server: AnthropicServer) -> None:
    """What the cost report does not tell: dollars per key and hour, as the truth has them."""
    query = {**WHOLE, "group_by[]": ["api_key_id"], "time_bucket_width": "1h", "limit": 1000}
    rows = [row for reply in pages(server, "/analytics/cost", query, headers=BETA) for row in reply.json["data"]]
    found = {
        (row["starting_at"], row["group"]["api_key_id"]): Decimal(row["cost"]["amount"]) / 100
        for row in rows
        if row["group"]["api_key_id"] is not None
    }
    truth = server.truth.money(every="1h", by=("api_key_id",)).drop_nulls()
    assert found == {
        (f"{row['time']:%Y-%m-%dT%H:%M:%SZ}", row["api_key_id"]): row["amount"] for row in truth.to_dicts()
    }


def test_claude_code_restates_the_calls_of_people_and_of_one_key(server: AnthropicServer) -> None:
    """On each day its tokens are those of signed-in calls and of the coding key; its cents are whole."""
    for day in ("2026-10-01", "2026-10-02", "2026-10-03"):
        rows = [
            row
            for reply in pages(server, "/usage_report/claude_code", {"starting_at": day, "limit": 3})
            for row in reply.json["data"]
        ]
        output = sum(int(model["tokens"]["output"]) for row in rows for model in row["model_breakdown"])
        own = [
            call
            for call in server.ledger.calls
            if f"{call.time:%F}" == day and (call.account_id or call.api_key_id == "apikey_01Nightly")
        ]
        assert output == sum(call.tokens[-1] for call in own)
        assert all(row["date"] == f"{day}T00:00:00Z" for row in rows)
    assert ask(server, "/usage_report/claude_code", {"starting_at": "2026-10-03"}).json["data"] == []
