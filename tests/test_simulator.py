"""The simulated Venice keeps the documented contract: walks, cursors, windows, parameters, keys, coding, its log."""

from __future__ import annotations

import gzip
import os
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import ValidationError

from simulator.client import CSV, HISTORY, JSON, KEY, USAGE, Reply, ask, pages, walk
from simulator.contract import Contract
from simulator.ledger import Ledger
from simulator.server import Exceeded, Row, VeniceServer, make_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 9, 4, 12, tzinfo=UTC)
ANALYTICS = "/billing/usage-analytics"
ACCOUNT = ("/billing/balance", "/api_keys", "/api_keys/rate_limits", "/api_keys/rate_limits/log")
OURS = Contract(Path(__file__).parent / "simulator" / "openapi.json")
PUBLISHED = os.environ.get("USAGE_TOOLKIT_VENICE_SPEC")
PUBLISHED_CURRENCIES = {"USD", "DIEM", "BUNDLED_CREDITS"}


def serve(rows: list[Row], **more: Any) -> VeniceServer:
    """A server whose clock stands still, with two API keys and a met rate limit."""
    requests = sorted({row.details.request_id or "" for row in rows if row.details})
    keys = {request: (f"key-{n % 2}", ["Batch", ""][n % 2]) for n, request in enumerate(requests) if n % 3}
    exceeded = [Exceeded("2026-09-04T01:00:00.000Z", "key-0", "llama-3.3-70b")]
    return VeniceServer(rows, key=KEY, **{"clock": lambda: NOW, "keys": keys, "exceeded": exceeded, **more})


def every_answer(server: VeniceServer) -> Iterator[tuple[str, Reply]]:
    """An answer of every kind that an honest server gives."""
    for accept in (JSON, CSV):
        yield from ((HISTORY, reply) for reply in pages(server, accept=accept, pageSize=50))
        yield from ((USAGE, ask(server, USAGE, query={"page": n, "limit": 50}, accept=accept)) for n in (1, 2, 99))
    for query in ({}, {"lookback": "1d"}, {"startDate": "2026-09-01", "endDate": "2026-09-03"}):
        yield ANALYTICS, ask(server, ANALYTICS, query=query)
    yield ANALYTICS, ask(server, ANALYTICS, query={"lookback": "week"})
    yield HISTORY, ask(server, HISTORY, query={"pageSize": 5, "page": 1})
    yield HISTORY, ask(server, HISTORY, query={"cursor": "never-given"})
    yield USAGE, ask(server, USAGE, query={"limit": 501})
    for path in (HISTORY, USAGE, ANALYTICS, *ACCOUNT):
        yield path, ask(server, path, key="VENICE_ADMIN_KEY_of_somebody_else")
    for path in ACCOUNT:
        yield path, ask(server, path)
    server.gone = True
    yield USAGE, ask(server, USAGE, key=None)


@pytest.mark.parametrize("extras", [True, False])
def test_every_answer_keeps_our_contract(*, extras: bool) -> None:
    """Every kind of answer is valid against our fragment, with and without the fields that came later."""
    with serve(make_rows(1, 220)) as server:
        server.extras = extras
        seen = set()
        for path, reply in every_answer(server):
            OURS.check(path, reply)
            seen.add((path, reply.status))
        for path in (HISTORY, USAGE, ANALYTICS, *ACCOUNT):
            server.gone = False
            OURS.check(path, ask(server, path, key=None))
    assert {status for _, status in seen} == {200, 400, 401, 410}
    assert {path for path, status in seen if status == 200} == {HISTORY, USAGE, ANALYTICS, *ACCOUNT}


@pytest.mark.skipif(
    not PUBLISHED, reason="Set USAGE_TOOLKIT_VENICE_SPEC to a published OpenAPI file of Venice to check against it too."
)
def test_every_answer_keeps_the_published_contract() -> None:
    """Every kind of answer is valid against the published file, once what is newer than the file is left out."""
    contract = Contract(Path(PUBLISHED or ""))
    with serve([row for row in make_rows(1, 300) if row.currency in PUBLISHED_CURRENCIES]) as server:
        server.extras = False
        for path, reply in every_answer(server):
            contract.check(path, reply)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"amount":-', b'"cost":-'),
        (b'"currency":"', b'"extra":1,"currency":"'),
        (b'"units":', b'"units":"1","was":'),
        (b'"nextCursor"', b'"cursor"'),
        (b'"timestamp":"2026-09-01T', b'"timestamp":"2026-09-01 '),
    ],
)
def test_contract_sees_a_spoilt_page(old: bytes, new: bytes) -> None:
    """A page with a missing, new or changed field is refused, so that a valid one means something."""
    with serve(make_rows(1, 20)) as server:
        reply = ask(server, HISTORY)
    spoilt = Reply(reply.status, reply.headers, reply.body.replace(old, new, 1))
    assert spoilt.body != reply.body
    with pytest.raises(ValidationError):
        OURS.check(HISTORY, spoilt)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32), n=st.integers(0, 260), size=st.integers(10, 1000), accept=st.sampled_from([JSON, CSV])
)
def test_walk_gives_back_the_ledger(seed: int, n: int, size: int, accept: str) -> None:
    """Whatever the page size and the form, a walk gives exactly the rows of the ledger, digit for digit."""
    rows = make_rows(seed, n)
    with serve(rows) as server:
        replies = list(pages(server, accept=accept, pageSize=size))
    assert [row for reply in replies for row in reply.rows] == rows
    assert len(replies) == max(1, -(-n // size))


@pytest.mark.parametrize("size", [10, 11, 97, 1000])
def test_csv_equals_json(size: int) -> None:
    """Page by page, CSV holds the rows of JSON and ends in the same place."""
    with serve(make_rows(2, 230)) as server:
        both = [list(pages(server, accept=accept, pageSize=size)) for accept in (JSON, CSV)]
    assert [reply.rows for reply in both[0]] == [reply.rows for reply in both[1]]
    names = [reply.headers["content-disposition"] for reply in both[1]]
    assert names == sorted(set(names))
    assert "x-next-cursor" not in both[1][-1].headers


@pytest.mark.parametrize("digits", ["0.000022700000000000002", "9e-7", "1E+3", "-0.0", "9" * 40, "1." + "3" * 40])
def test_digits_are_kept(digits: str) -> None:
    """Any number that JSON can say goes out by its own digits, in both forms."""
    row = Row("2026-09-01T00:00:00.000Z", "thing", digits, digits, digits, "USD")
    with serve([row]) as server:
        assert walk(server) == walk(server, accept=CSV) == [row]
        assert digits.encode() in ask(server, USAGE).body


@settings(max_examples=20)
@given(seed=st.integers(0, 99), cuts=st.lists(st.integers(0, 119), min_size=2, max_size=4))
def test_windows_compose(seed: int, cuts: list[int]) -> None:
    """Windows that share a boundary hold every row between them once, also where rows share the boundary's instant."""
    rows = make_rows(seed, 120)
    borders = sorted({rows[cut].timestamp for cut in cuts})
    with serve(rows) as server:
        parts = [
            walk(server, startTimestamp=start, endTimestamp=stop, pageSize=10) for start, stop in pairwise(borders)
        ]
    assert [row for part in parts for row in part] == [row for row in rows if borders[0] <= row.timestamp < borders[-1]]


def test_currency_is_a_filter() -> None:
    """A walk of one currency gives its rows and no others."""
    rows = make_rows(3, 250)
    with serve(rows) as server:
        for currency in ("USD", "DIEM", "BUNDLED_CREDITS", "EARNED_CREDITS"):
            mine = [row for row in rows if row.currency == currency]
            assert walk(server, currency=currency, pageSize=10) == mine != []


def test_walk_is_stable_while_rows_arrive() -> None:
    """A walk under way never sees rows recorded after it began; a cursor asked twice gives the same page."""
    rows = make_rows(4, 100)
    with serve(rows[:90]) as server:
        seen = []
        for reply in pages(server, pageSize=10):
            seen += reply.rows
            server.rows = rows
            if reply.next:
                again = [ask(server, HISTORY, query={"cursor": reply.next}).body for _ in range(2)]
                assert again[0] == again[1]
        assert seen == rows[:90]
        assert walk(server) == rows


def test_cursors_belong_to_their_walk() -> None:
    """Cursors of another walk differ; those of another server, made up or expired, are refused."""
    rows = make_rows(5, 30)
    with serve(rows) as server, serve(rows) as other:
        first, second, foreign = (ask(who, HISTORY, query={"pageSize": 10}).next for who in (server, server, other))
        assert len({first, second, foreign}) == 3
        assert ask(server, HISTORY, query={"cursor": first}).status == 200
        server.expire_cursors()
        for cursor in (first, foreign, first[::-1], ""):
            reply = ask(server, HISTORY, query={"cursor": cursor})
            assert (reply.status, reply.json["error"]) == (
                400,
                "Invalid or expired cursor; restart from the first page",
            )


def test_cursor_goes_alone() -> None:
    """A filter beside a cursor is refused, and the server remembers that it was sent."""
    with serve(make_rows(6, 30)) as server:
        cursor = ask(server, HISTORY, query={"pageSize": 10}).next
        ask(server, HISTORY, query={"cursor": cursor})
        server.check_cursors_alone()
        reply = ask(server, HISTORY, query={"cursor": cursor, "pageSize": 10})
        assert reply.status == 400
        assert "pageSize" in reply.json["details"]
        with pytest.raises(AssertionError, match="pageSize"):
            server.check_cursors_alone()


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        (HISTORY, {"pageSize": 9}, "pageSize"),
        (HISTORY, {"pageSize": 1001}, "pageSize"),
        (HISTORY, {"pageSize": "many"}, "pageSize"),
        (HISTORY, {"currency": "VCU"}, "currency"),
        (HISTORY, {"startTimestamp": "2026-09-01"}, "startTimestamp"),
        (HISTORY, {"startTimestamp": "2026-02-30T00:00:00Z"}, "startTimestamp"),
        (HISTORY, {"startTimestamp": "2026-09-01T00:00:00+00:00"}, "startTimestamp"),
        (HISTORY, {"endTimestamp": "2026-09-01T00:00:00." + "0" * 40 + "Z"}, "endTimestamp"),
        (HISTORY, {"startTimestamp": "2026-09-01T00:00:00Z", "endTimestamp": "2026-09-01T00:00:00Z"}, "endTimestamp"),
        (HISTORY, {"limit": 10}, "limit"),
        (USAGE, {"limit": 0}, "limit"),
        (USAGE, {"page": 0}, "page"),
        (USAGE, {"sortOrder": "up"}, "sortOrder"),
        (USAGE, {"currency": "EARNED_CREDITS"}, "currency"),
        (USAGE, {"startDate": "yesterday"}, "startDate"),
        (ANALYTICS, {"lookback": "0d"}, "lookback"),
        (ANALYTICS, {"startDate": "2026-09-02", "endDate": "2026-09-01"}, "endDate"),
        (ANALYTICS, {"startDate": "2026-01-01", "endDate": "2026-09-01"}, "endDate"),
        (ANALYTICS, {"startDate": "2026-9-1", "endDate": "2026-09-01"}, "startDate"),
    ],
)
def test_bad_parameters_are_named(path: str, query: dict[str, Any], name: str) -> None:
    """A parameter that the contract does not allow is refused by name."""
    with serve(make_rows(7, 10)) as server:
        reply = ask(server, path, query=query)
    OURS.check(path, reply)
    assert reply.status == 400
    assert reply.json["details"][name]["_errors"]
    assert [issue["path"] for issue in reply.json["issues"]] == [[name]]


def test_only_the_admin_key_opens_the_books() -> None:
    """No header is 402, a wrong key 401, an inference key opens its own limits only, and other doors do not exist."""
    with serve([], inference_key="VENICE_INFERENCE_KEY_x") as server:
        assert ask(server, HISTORY, key=None).json["x402Version"] == "2"
        assert ask(server, HISTORY, key=KEY[:-1]).json["error"] == "Authentication failed"
        assert ask(server, HISTORY, key="VENICE_INFERENCE_KEY_x").json["error"] == "Admin API key required"
        assert ask(server, "/api_keys/rate_limits", key="VENICE_INFERENCE_KEY_x").status == 200
        assert [ask(server, HISTORY, method="POST").status, ask(server, "/billing").status] == [405, 404]
        assert [request.status for request in server.requests] == [402, 401, 401, 200, 405, 404]


@pytest.mark.parametrize("chunked", [True, False])
def test_gzip_only_where_the_client_takes_it(*, chunked: bool) -> None:
    """Compressed or not, in chunks or not, the body is the same; who does not ask for gzip gets none."""
    with serve(make_rows(8, 100)) as server:
        plain = ask(server, HISTORY).body
        server.gzip, server.chunked = True, chunked
        coded = ask(server, HISTORY, encoding="br, gzip")
        assert coded.headers["content-encoding"] == "gzip"
        assert ("content-length" in coded.headers) is not chunked
        assert gzip.decompress(coded.body) == plain == ask(server, HISTORY).body


def test_connections_are_kept() -> None:
    """Many requests go over one connection."""
    with serve(make_rows(9, 10)) as server, closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        sockets = set()
        for _ in range(5):
            connection.request("GET", "/api/v1" + HISTORY, headers={"Authorization": f"Bearer {KEY}"})
            with closing(connection.getresponse()) as response:
                response.read()
            sockets.add(connection.sock)
        assert len(sockets) == 1
        assert len(server.requests) == 5


def test_log_holds_no_key() -> None:
    """The log names the headers of a request and keeps the value of none."""
    with serve([]) as server:
        ask(server, HISTORY, query={"currency": "USD"})
        (request,) = server.requests
    assert (request.method, request.path, request.query) == ("GET", HISTORY, {"currency": "USD"})
    assert {"authorization", "accept"} <= request.headers
    assert KEY not in repr(request)


def test_rows_may_come_in_any_order() -> None:
    """A ledger is served in the order of time, whatever the order in which it was given."""
    rows = make_rows(10, 60)
    shuffled = rows[30:] + rows[:30]
    with serve(shuffled) as server:
        assert walk(server, pageSize=10) == Ledger(shuffled).rows
        assert sorted(row.timestamp for row in rows) == [row.timestamp for row in server.rows]


def test_window_border_may_be_finer_than_a_millisecond() -> None:
    """A border between two milliseconds parts the rows on its two sides."""
    rows = make_rows(11, 40)
    border = (datetime.fromisoformat(rows[20].timestamp) - timedelta(microseconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with serve(rows) as server:
        assert walk(server, endTimestamp=border) + walk(server, startTimestamp=border) == rows
