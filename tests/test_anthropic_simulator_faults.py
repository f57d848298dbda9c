"""The simulated Anthropic fails as told: documented errors, broken connections, pages that breach the contract."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import ValidationError

from simulator.anthropic import breaches, errors
from simulator.anthropic.client import COST, USAGE, ask
from simulator.anthropic.organization import ME
from simulator.anthropic.sample import make_ledger
from simulator.anthropic.server import BASE, AnthropicServer
from simulator.contract import Contract
from simulator.faults import reset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.faults import Fault

NOW = datetime(2026, 10, 20, 12, 34, 56, tzinfo=UTC)
OURS = Contract(Path(__file__).parent / "simulator" / "anthropic" / "openapi.json")
WHOLE = {"starting_at": "2026-10-01T00:00:00Z", "ending_at": "2026-10-05T00:00:00Z"}


@pytest.fixture(scope="module")
def server() -> Iterator[AnthropicServer]:
    """A server of four days, long ago by its clock."""
    with AnthropicServer(make_ledger(1, 150), clock=lambda: NOW) as server:
        yield server


def test_the_contract_would_notice(server: AnthropicServer) -> None:
    """An amount that is a number, a missing count, a page that has no more but goes on: none of them is valid."""
    query = {**WHOLE, "limit": 1}
    spoilt = [
        (COST, b'"amount":"', b'"amount":1.5,"other":"'),
        (USAGE, b'"output_tokens"', b'"outputs"'),
        (USAGE, b'"has_more":true', b'"has_more":false'),
    ]
    for path, old, new in spoilt:
        reply = ask(server, path, query)
        assert old in reply.body
        with pytest.raises(ValidationError):
            OURS.check(BASE + path, type(reply)(reply.status, reply.headers, reply.body.replace(old, new)))


def test_faults_come_in_turn_and_in_the_documented_shape(server: AnthropicServer) -> None:
    """One fault a request: limits that pass or stay, too much load, a broken connection, then the truth."""
    spent = [errors.tier_spent(), errors.account_spent(), errors.own_limit_spent()]
    server.faults.extend([errors.rate_limited("3"), *spent, errors.overloaded(), reset()])
    passing, tier, account, own, busy = (ask(server, USAGE, WHOLE) for _ in range(5))
    assert (passing.status, passing.headers["retry-after"]) == (429, "3")
    assert (tier.status, tier.headers.get("retry-after")) == (429, None)
    assert tier.json["error"]["details"] == {"error_code": "enforced_spend_limit_reached"}
    assert (account.status, account.headers["retry-after"]) == (429, "600")
    assert "spend limit" in account.json["error"]["message"]
    assert (own.status, own.json["error"]["type"]) == (400, "invalid_request_error")
    assert (busy.status, busy.json["error"]["type"]) == (529, "overloaded_error")
    with pytest.raises((ConnectionError, HTTPException)):
        ask(server, USAGE, WHOLE)
    assert ask(server, USAGE, WHOLE).status == 200


@pytest.mark.parametrize(
    "breach",
    [
        breaches.next_page("again", has_more=False),
        breaches.next_page(None, has_more=True),
        breaches.next_page(7),
        breaches.missing("has_more"),
        breaches.results_null(),
        breaches.result(output_tokens=-1),
        breaches.result(output_tokens=1.5),
        breaches.more_fields(),
    ],
)
def test_the_contract_tells_a_breach_from_an_answer(server: AnthropicServer, breach: Fault) -> None:
    """What a page may not be is refused by our fragment, a new field too: it holds what we answer to the word."""
    server.faults.append(breach)
    with pytest.raises(ValidationError):
        OURS.check(BASE + USAGE, ask(server, USAGE, WHOLE))


def test_buckets_can_be_lost_doubled_turned_and_moved(server: AnthropicServer) -> None:
    """What no schema sees: which buckets a page has, and in which order."""
    breach = [breaches.bucket_lost(1), breaches.bucket_twice(0), breaches.buckets_backwards()]
    server.faults.extend([*breach, breaches.bucket_shifted(timedelta(days=-1))])
    lost, twice, backwards, shifted = (
        [int(bucket["starting_at"][8:10]) for bucket in ask(server, USAGE, {**WHOLE, "limit": 3}).json["data"]]
        for _ in range(4)
    )
    assert (lost, twice, backwards, shifted) == ([1, 3], [1, 1, 2, 3], [3, 2, 1], [30, 2, 3])


@settings(max_examples=5)
@given(seed=st.integers(0, 99))
def test_random_faults_pass_by_themselves(server: AnthropicServer, seed: int) -> None:
    """Even when every request may fail, four in a row have an honest answer among them."""
    server.fault_rate = (seed, 1.0)
    try:
        honest = 0
        for _ in range(4):
            with suppress(ConnectionError, HTTPException, ValueError):
                honest += ask(server, "/me").json == ME
        assert honest
    finally:
        server.fault_rate = None
