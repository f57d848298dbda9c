"""The simulated Anthropic keeps the documented contract: pages, buckets, nulls, keys, errors, faults, its lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.anthropic import analytics, errors, usage
from simulator.anthropic.client import COST, USAGE, ask, everything, pages
from simulator.anthropic.organization import DEFAULT_WORKSPACE, KEYS, USERS, WORKSPACES
from simulator.anthropic.sample import make_ledger
from simulator.anthropic.server import BASE, KEY, WORKSPACE_KEY, AnthropicServer
from simulator.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.client import Reply

NOW = datetime(2026, 10, 20, 12, 34, 56, tzinfo=UTC)
OURS = Contract(Path(__file__).parent / "simulator" / "anthropic" / "openapi.json")
FAST = {"anthropic-beta": f"{usage.FAST_MODE}, something-else"}
BETA = {"anthropic-beta": analytics.BETA}
WHOLE = {"starting_at": "2026-10-01T00:00:00Z", "ending_at": "2026-10-05T00:00:00Z"}
CLAUDE_CODE = "/usage_report/claude_code"
ANALYTICS = ("/analytics/usage", "/analytics/cost")
LISTS = ("/workspaces", "/api_keys", "/users")
LIMITS_OF = "/workspaces/{workspace_id}/rate_limits"


@pytest.fixture(scope="module")
def server() -> Iterator[AnthropicServer]:
    """A server of four days, long ago by its clock."""
    with AnthropicServer(make_ledger(1, 150), clock=lambda: NOW) as server:
        yield server


def message(reply: Reply) -> str:
    """What an error says."""
    return str(reply.json["error"]["message"])


def starts(server: AnthropicServer, query: dict[str, Any], path: str = USAGE) -> list[str]:
    """The starts of the buckets of one page."""
    return [bucket["starting_at"] for bucket in ask(server, path, query).json["data"]]


def every_answer(server: AnthropicServer) -> Iterator[tuple[str, Reply]]:
    """An answer of every kind that an honest server gives."""
    for headers, by in (({}, []), (FAST, list(usage.DIMENSIONS))):
        for width in ("1h", "1d"):
            query: dict[str, Any] = {**WHOLE, "bucket_width": width, "group_by[]": by, "limit": 3}
            yield from ((USAGE, reply) for reply in pages(server, USAGE, query, headers=headers))
    for by in ([], ["workspace_id"], ["workspace_id", "description"]):
        yield from ((COST, reply) for reply in pages(server, COST, {**WHOLE, "group_by[]": by, "limit": 3}))
    for path, dimensions in zip(ANALYTICS, (analytics.DIMENSIONS, analytics.COST_DIMENSIONS), strict=True):
        for name in dimensions:
            yield path, ask(server, path, {**WHOLE, "group_by[]": name, "limit": 3}, headers=BETA)
        yield path, ask(server, path, {**WHOLE, "time_bucket_width": "1h"}, headers=BETA)
        token = ask(server, path, {**WHOLE, "group_by[]": "model", "limit": 1}, headers=BETA).json["next_page"]
        server.refresh_analytics()
        yield path, ask(server, path, {**WHOLE, "group_by[]": "model", "page": token}, headers=BETA)
    yield from ((CLAUDE_CODE, reply) for reply in pages(server, CLAUDE_CODE, {"starting_at": "2026-10-01", "limit": 2}))
    for query in ({}, {"limit": 1}, {"include_archived": "true"}):
        yield "/workspaces", ask(server, "/workspaces", query)
    yield "/api_keys", ask(server, "/api_keys")
    yield "/users", ask(server, "/users")
    yield "/me", ask(server, "/me")
    yield "/service_accounts", ask(server, "/service_accounts")
    yield "/service_accounts", ask(server, "/service_accounts", {"include_archived": "true"}, headers=oauth(server))
    yield "/rate_limits", ask(server, "/rate_limits", {"limit": 2})
    yield "/rate_limits", ask(server, "/rate_limits", {"model": "claude-none"})
    for query in ({}, {"include_inherited": "true"}):
        yield LIMITS_OF, ask(server, "/workspaces/wrkspc_01Shop/rate_limits", query)
    for path in (USAGE, COST, CLAUDE_CODE, *ANALYTICS, *LISTS, "/rate_limits"):
        yield path, ask(server, path, {"limit": 0}, headers=BETA)
        yield path, ask(server, path, headers={"x-api-key": "sk-ant-admin01-of-somebody-else"})
    spent = (errors.tier_spent(), errors.account_spent(), errors.own_limit_spent())
    for fault in (errors.rate_limited("7"), *spent, errors.overloaded()):
        server.faults.append(fault)
        yield USAGE, ask(server, USAGE, WHOLE)


def oauth(server: AnthropicServer) -> dict[str, str | None]:
    """The headers of someone who signed in."""
    return {"x-api-key": None, "authorization": f"Bearer {server.token}"}


def test_every_answer_keeps_our_contract(server: AnthropicServer) -> None:
    """Every kind of answer is valid against our fragment, of every endpoint and every documented status."""
    seen = set()
    for path, reply in every_answer(server):
        OURS.check(BASE + path, reply)
        seen.add((path, reply.status))
    assert {status for _, status in seen} == {200, 400, 401, 403, 404, 410, 429, 529}
    good = {path for path, status in seen if status == 200}
    assert good == {
        *(USAGE, COST, CLAUDE_CODE, *ANALYTICS, *LISTS),
        *("/me", "/service_accounts", "/rate_limits", LIMITS_OF),
    }


def test_the_start_is_snapped_down_and_a_cut_end_is_left_out(server: AnthropicServer) -> None:
    """A window that begins and ends inside buckets holds its first one whole and not its last one."""
    query = {"starting_at": "2026-10-01T05:20:00+02:00", "ending_at": "2026-10-01T06:59:59Z", "bucket_width": "1h"}
    assert starts(server, query) == ["2026-10-01T03:00:00Z", "2026-10-01T04:00:00Z", "2026-10-01T05:00:00Z"]


def test_empty_buckets_are_answered_and_none_that_has_not_begun(server: AnthropicServer) -> None:
    """Every day up to today has its bucket, with or without use; tomorrow has none."""
    reply = ask(server, USAGE, {"starting_at": "2026-10-03T00:00:00Z", "limit": 31})
    buckets = reply.json["data"]
    assert len(buckets) == 18  # 3 to 20 October
    assert buckets[-1]["starting_at"] == "2026-10-20T00:00:00Z"
    assert [bool(bucket["results"]) for bucket in buckets] == [False, True, *[False] * 16]
    assert starts(server, {"starting_at": "2026-11-01T00:00:00Z"}) == []


@pytest.mark.parametrize(
    ("path", "width", "default", "most"),
    [(USAGE, "1m", 60, 1440), (USAGE, "1h", 24, 168), (USAGE, "1d", 7, 31), (USAGE, None, 7, 31), (COST, "1d", 7, 31)],
)
def test_pages_have_documented_sizes(
    server: AnthropicServer, path: str, width: str | None, default: int, most: int
) -> None:
    """Each width has its default and its most; one more than that is refused."""
    query = {"starting_at": "2026-09-01T00:00:00Z", **({"bucket_width": width} if width else {})}
    assert len(starts(server, query, path)) == default
    assert len(starts(server, {**query, "limit": most}, path)) == most
    for limit in (0, most + 1, "7.0", "x", -1):
        assert ask(server, path, {**query, "limit": limit}).status == 400


@settings(max_examples=20)
@given(limit=st.integers(1, 168), hours=st.integers(1, 96))
def test_any_size_of_page_walks_the_same_buckets(server: AnthropicServer, limit: int, hours: int) -> None:
    """The pages of a walk, joined, are the window hour by hour, however many come at a time."""
    first = datetime(2026, 10, 1, tzinfo=UTC)
    stop = first + timedelta(hours=hours)
    query = {"starting_at": first.isoformat(), "ending_at": stop.isoformat(), "bucket_width": "1h", "limit": limit}
    replies = list(pages(server, USAGE, query))
    walked = [bucket["starting_at"] for reply in replies for bucket in reply.json["data"]]
    assert walked == [f"{first + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}" for n in range(hours)]
    assert len(replies) == -(-hours // limit)


def test_a_page_token_is_good_for_its_own_question_only(server: AnthropicServer) -> None:
    """The same filters must come with it; a token of another question, or of nobody, is refused."""
    query = {**WHOLE, "group_by[]": ["model"], "limit": 1}
    token = ask(server, USAGE, query).json["next_page"]
    assert ask(server, USAGE, {**query, "page": token}).status == 200
    for other in ({**WHOLE}, {**query, "bucket_width": "1h"}, {**query, "models[]": "claude-opus-5"}):
        assert ask(server, USAGE, {**other, "page": token}).status == 400
    assert ask(server, COST, {**WHOLE, "page": token}).status == 400
    assert ask(server, USAGE, {**query, "page": "page_nonsense"}).status == 400


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        (USAGE, {}, "starting_at"),
        (USAGE, {"starting_at": "2026-10-01"}, "starting_at"),
        (USAGE, {"starting_at": "2026-10-01T00:00:00"}, "starting_at"),
        (USAGE, {**WHOLE, "ending_at": WHOLE["starting_at"]}, "ending_at"),
        (USAGE, {**WHOLE, "bucket_width": "2h"}, "bucket_width"),
        (USAGE, {**WHOLE, "group_by[]": "description"}, "group_by"),
        (USAGE, {**WHOLE, "group_by": "model"}, "group_by"),
        (USAGE, {**WHOLE, "group_by[]": "speed"}, usage.FAST_MODE),
        (USAGE, {**WHOLE, "service_tiers[]": "gold"}, "service_tiers"),
        (USAGE, {**WHOLE, "cursor": "x"}, "cursor"),
        (COST, {**WHOLE, "bucket_width": "1h"}, "bucket_width"),
        (COST, {**WHOLE, "group_by[]": "api_key_id"}, "group_by"),
        (COST, {**WHOLE, "api_key_ids[]": "apikey_01Shop"}, "api_key_ids"),
        (CLAUDE_CODE, {"starting_at": "2026-10-01T00:00:00Z"}, "starting_at"),
        ("/analytics/cost", WHOLE, analytics.BETA),
        ("/workspaces", {"after_id": "wrkspc_nobody"}, "after_id"),
        ("/api_keys", {"status": "lost"}, "status"),
    ],
)
def test_what_is_wrong_is_refused_by_its_name(
    server: AnthropicServer, path: str, query: dict[str, Any], said: str
) -> None:
    """400 in the documented shape, and the message names the parameter."""
    reply = ask(server, path, query)
    assert reply.status == 400
    assert reply.json["error"]["type"] == "invalid_request_error"
    assert said in message(reply)
    assert reply.json["request_id"] == reply.headers["request-id"]


def test_only_admins_are_let_in(server: AnthropicServer) -> None:
    """401 without or with a wrong key, 403 for a workspace's key and where OAuth is needed, 400 without a version."""
    statuses = {
        "ours": ask(server, "/me").status,
        "wrong": ask(server, "/me", headers={"x-api-key": KEY + "x"}).status,
        "none": ask(server, "/me", headers={"x-api-key": None}).status,
        "as a bearer": ask(server, "/me", headers={"x-api-key": None, "authorization": f"Bearer {KEY}"}).status,
        "signed in": ask(server, "/me", headers=oauth(server)).status,
        "of a workspace": ask(server, "/me", headers={"x-api-key": WORKSPACE_KEY}).status,
        "no version": ask(server, "/me", headers={"anthropic-version": None}).status,
        "service accounts": ask(server, "/service_accounts").status,
        "nowhere": ask(server, "/billing").status,
        "written to": ask(server, "/me", method="POST").status,
    }
    assert statuses == {
        "ours": 200,
        "wrong": 401,
        "none": 401,
        "as a bearer": 401,
        "signed in": 200,
        "of a workspace": 403,
        "no version": 400,
        "service accounts": 403,
        "nowhere": 404,
        "written to": 405,
    }


def test_analytics_can_be_out_of_reach() -> None:
    """403 where the key may not read analytics, while the older reports still answer."""
    with AnthropicServer(make_ledger(1, 5), clock=lambda: NOW) as server:
        server.analytics = False
        assert [ask(server, path, WHOLE, headers=BETA).status for path in ANALYTICS] == [403, 403]
        assert ask(server, USAGE, WHOLE).status == 200


@settings(max_examples=10)
@given(limit=st.integers(1, 8))
def test_lists_page_by_the_last_id(server: AnthropicServer, limit: int) -> None:
    """Page by page, each list has all its entries once; archived workspaces only if they are asked for."""
    assert [key["id"] for key in everything(server, "/api_keys", {"limit": limit})] == [key.id for key in KEYS]
    assert [user["id"] for user in everything(server, "/users", {"limit": limit})] == [user.id for user in USERS]
    spaces = everything(server, "/workspaces", {"limit": limit, "include_archived": "true"})
    assert [space["id"] for space in spaces] == [space.id for space in WORKSPACES]
    assert len(everything(server, "/workspaces", {"limit": limit})) == len(WORKSPACES) - 1


def test_the_default_workspace_is_null_in_reports_and_has_an_id_in_the_scope_of_its_keys() -> None:
    """No report and by default no list has the id that the scope of a key tells."""
    with AnthropicServer(make_ledger(1, 150), clock=lambda: NOW) as server:
        reply = ask(server, USAGE, {**WHOLE, "group_by[]": "workspace_id"})
        spaces = {row["workspace_id"] for bucket in reply.json["data"] for row in bucket["results"]}
        scopes = {key["scope"]["workspace_id"]: key["workspace_id"] for key in everything(server, "/api_keys")}
        listed = {space["id"] for space in everything(server, "/workspaces", {"include_archived": "true"})}
        assert None in spaces
        assert DEFAULT_WORKSPACE not in spaces | listed
        assert scopes[DEFAULT_WORKSPACE] is None
        server.default_listed = True
        assert DEFAULT_WORKSPACE in {space["id"] for space in everything(server, "/workspaces")}


def test_limits_are_the_organization_s_unless_a_workspace_has_its_own(server: AnthropicServer) -> None:
    """A workspace answers with its overrides, or with all limits and where each comes from."""
    path = "/workspaces/wrkspc_01Shop/rate_limits"
    whole, own = ask(server, "/rate_limits").json["data"], ask(server, path).json["data"]
    inherited = ask(server, path, {"include_inherited": "true"}).json["data"]
    assert {entry["group_type"] for entry in whole} == {"model_group", "batch"}
    assert [limit["value"] for entry in own for limit in entry["limits"]] == ["50"]
    sources = [limit["source"]["type"] for entry in inherited for limit in entry["limits"]]
    assert sources.count("workspace") == 1
    assert len(sources) == sum(len(entry["limits"]) for entry in whole)
    found = ask(server, "/rate_limits", {"model": "claude-sonnet-latest"}).json["data"]
    assert [entry["group"]["display_name"] for entry in found] == ["Claude Sonnet 5"]


def test_it_can_stay_open_as_long_as_a_notebook() -> None:
    """Outside a with block it is opened and closed by hand."""
    server = AnthropicServer(make_ledger(1, 5), clock=lambda: NOW).open()
    try:
        assert ask(server, "/me").status == 200
    finally:
        server.close()
    with pytest.raises(RuntimeError, match="AnthropicServer"):
        _ = server.port


def test_the_log_has_names_of_headers_and_no_key(server: AnthropicServer) -> None:
    """What was asked can be looked up, every value of an array too, without anything secret in it."""
    ask(server, USAGE, {**WHOLE, "group_by[]": ["model", "workspace_id"]})
    last = server.requests[-1]
    assert last.path == BASE + USAGE
    assert [value for name, value in last.pairs if name == "group_by[]"] == ["model", "workspace_id"]
    assert "x-api-key" in last.headers
    assert KEY not in repr(server.requests)


def test_the_window_of_the_ledger_is_known(server: AnthropicServer) -> None:
    """`start` and `stop` are the midnights around all calls and charges, for whoever fetches everything."""
    assert (server.start, server.stop) == (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC))
