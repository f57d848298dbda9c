"""What the simulated Venice does wrong on demand, seen from outside: each fault and breach is what its name says."""

from __future__ import annotations

import contextlib
import zlib
from datetime import timedelta
from http.client import HTTPException, IncompleteRead
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.client import CSV, HISTORY, JSON, KEY, Reply, ask, pages, walk
from simulator.faults import (
    closed_quietly,
    cursor_expired,
    edited,
    empty_body,
    error_in_200,
    gzip_members,
    html,
    overlong_length,
    rate_limited,
    redirect,
    reset,
    reset_mid_body,
    spoilt_gzip,
    status,
    truncated_gzip,
    unframed,
)
from simulator.host import FAULTS_IN_A_ROW
from simulator.pagers import (
    broken_order,
    cycle,
    early_row,
    empty_cursor,
    empty_page,
    endless,
    late_row,
    missing_cursor,
    next_cursor,
    same_cursor,
    short_page,
    swapped_pages,
    too_many_rows,
)
from simulator.server import VeniceServer, make_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.faults import Fault
    from simulator.walk import Pager

ROWS = make_rows(0, 120)
START, STOP = "2026-09-01T00:00:00.000Z", "2026-10-01T00:00:00.000Z"


@pytest.fixture
def server() -> Iterator[VeniceServer]:
    """A server of 120 rows."""
    with VeniceServer(ROWS, key=KEY) as running:
        yield running


def spoilt(server: VeniceServer, fault: Fault) -> Reply:
    """The answer under a fault; the request after it is served honestly."""
    honest = ask(server, HISTORY).body
    server.faults.append(fault)
    try:
        return ask(server, HISTORY)
    finally:
        assert ask(server, HISTORY).body == honest


def first_pages(server: VeniceServer, pager: Pager, *, n: int) -> list[Reply]:
    """The first pages of a walk over pages of ten under a pager, or as many as there are."""
    server.pager = pager
    replies = []
    for reply, _ in zip(pages(server, pageSize=10, startTimestamp=START, endTimestamp=STOP), range(n), strict=False):
        replies.append(reply)
    return replies


@pytest.mark.parametrize("code", [500, 502, 503, 504, 529])
def test_statuses(server: VeniceServer, code: int) -> None:
    """A status fault answers with its status and the usual error body."""
    reply = spoilt(server, status(code))
    assert (reply.status, list(reply.json)) == (code, ["error"])


def test_rate_limit_hints(server: VeniceServer) -> None:
    """429 carries the hints that it was given and no others."""
    hints = ("retry-after", "x-ratelimit-reset-requests")
    for fault, expected in (
        (rate_limited("7"), ["7", None]),
        (rate_limited(reset_requests=1_790_000_000_000), [None, "1790000000000"]),
        (rate_limited(), [None, None]),
    ):
        reply = spoilt(server, fault)
        assert reply.status == 429
        assert [reply.headers.get(name) for name in hints] == expected


def test_answers_that_only_look_right(server: VeniceServer) -> None:
    """Some faults are 200 or a plain status, and wrong only in what they say."""
    assert (spoilt(server, empty_body()).status, spoilt(server, empty_body()).body) == (200, b"")
    assert spoilt(server, html()).headers["content-type"].startswith("text/html")
    assert (spoilt(server, error_in_200()).status, list(spoilt(server, error_in_200()).json)) == (200, ["error"])
    assert spoilt(server, redirect("https://elsewhere.invalid/")).headers["location"] == "https://elsewhere.invalid/"
    assert spoilt(server, cursor_expired()).json["error"].startswith("Invalid or expired cursor")
    assert spoilt(server, edited(lambda body: body[:7])).body == b'{"data"'
    assert spoilt(server, closed_quietly()).rows == ROWS


def test_broken_connections(server: VeniceServer) -> None:
    """A reset gives no answer, a reset in the body or a length too long gives a part of it."""
    with pytest.raises((ConnectionError, HTTPException)):
        spoilt(server, reset())
    with pytest.raises((ConnectionError, IncompleteRead)):
        spoilt(server, reset_mid_body())
    with pytest.raises(IncompleteRead):
        spoilt(server, overlong_length())
    assert [request.status for request in server.requests if request.status != 200] == [None]


def test_body_without_a_length_ends_anywhere(server: VeniceServer) -> None:
    """Without a length, a client cannot tell half a body from a whole one by the connection alone."""
    whole = ask(server, HISTORY).body
    half = spoilt(server, unframed(0.5))
    assert "content-length" not in half.headers
    assert whole.startswith(half.body)
    assert 0 < len(half.body) < len(whole)
    assert spoilt(server, unframed()).body == whole


@settings(max_examples=20)
@given(at=st.floats(0, 1), in_chunks=st.booleans())
def test_truncated_gzip_is_whole_on_the_wire(at: float, *, in_chunks: bool) -> None:
    """Wherever the stream is cut, HTTP sees a complete body and gzip an unfinished one."""
    with VeniceServer(ROWS, key=KEY) as server:
        reply = spoilt(server, truncated_gzip(at, in_chunks=in_chunks))
    reader = zlib.decompressobj(wbits=31)
    reader.decompress(reply.body)
    assert not reader.eof
    assert ("transfer-encoding" in reply.headers) is in_chunks


def test_odd_gzip(server: VeniceServer) -> None:
    """A wrong check sum is an error; two members are both needed for the whole."""
    with pytest.raises(zlib.error):
        zlib.decompress(spoilt(server, spoilt_gzip()).body, wbits=31)
    first = zlib.decompressobj(wbits=31)
    half = first.decompress(spoilt(server, gzip_members()).body)
    assert half + zlib.decompress(first.unused_data, wbits=31) == ask(server, HISTORY).body


def test_faults_are_used_one_for_each_request(server: VeniceServer) -> None:
    """The queue is used up in order, None letting a request through."""
    server.faults.extend([None, status(503), None, status(500)])
    assert [ask(server, HISTORY).status for _ in range(6)] == [200, 503, 200, 500, 200, 200]
    assert not server.faults


def outcomes(seed: int, probability: float) -> list[int | None]:
    """What a random plan does to 60 requests; None is a connection that breaks, -1 a body that is not the true one."""
    seen: list[int | None] = []
    with VeniceServer(ROWS[:1], key=KEY) as server:
        honest = ask(server, HISTORY).body
        server.fault_rate = (seed, probability)
        for _ in range(60):
            try:
                reply = ask(server, HISTORY)
                seen.append(-1 if reply.status == 200 and reply.body != honest else reply.status)
            except (ConnectionError, HTTPException):
                seen.append(None)
    return seen


def test_random_faults_are_seeded_and_leave_a_way_through() -> None:
    """The same seed gives the same faults; certain faults still let every fourth request through; none stay away."""
    assert outcomes(1, 0.4) == outcomes(1, 0.4) != outcomes(2, 0.4)
    assert outcomes(1, 0) == [200] * 60
    always = outcomes(3, 1)
    assert all(200 in always[at : at + FAULTS_IN_A_ROW + 1] for at in range(60 - FAULTS_IN_A_ROW))
    assert {500, 502, 503, 504, 529, 429, None, -1} <= set(always)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_cycles(server: VeniceServer, length: int) -> None:
    """A cycle comes round after as many cursors as were asked for."""
    cursors = [reply.next for reply in first_pages(server, cycle(length), n=12)]
    assert cursors == [cursors[n % length] for n in range(12)]
    assert len(set(cursors)) == length


def test_same_cursor_is_the_shortest_cycle(server: VeniceServer) -> None:
    """A page may hand back the cursor that it was asked with."""
    first, second, third = (reply.next for reply in first_pages(server, same_cursor(), n=3))
    assert first == second == third


def test_endless_cursors_are_fresh(server: VeniceServer) -> None:
    """After the last row the walk goes on with empty pages and cursors never seen before."""
    replies = first_pages(server, endless(), n=40)
    assert len({reply.next for reply in replies}) == 40
    assert [row for reply in replies for row in reply.rows] == ROWS
    assert replies[-1].rows == []


def test_contradicting_cursors(server: VeniceServer) -> None:
    """A cursor may be missing, empty, or no text at all."""
    server.pager = missing_cursor()
    assert "nextCursor" not in ask(server, HISTORY, query={"pageSize": 10}).json
    assert "x-next-cursor" not in ask(server, HISTORY, query={"pageSize": 10}, accept=CSV).headers
    server.pager = empty_cursor()
    assert ask(server, HISTORY, query={"pageSize": 10}).next == ""
    assert ask(server, HISTORY, query={"pageSize": 10}, accept=CSV).headers["x-next-cursor"] == ""
    server.pager = next_cursor(value=False)
    assert ask(server, HISTORY).next is False


def test_rows_out_of_the_window(server: VeniceServer) -> None:
    """A row may lie before the start, or on the end, which is no longer inside."""
    assert first_pages(server, early_row(), n=1)[0].rows[0].timestamp == "2026-08-31T23:59:59.999Z"
    assert first_pages(server, late_row(), n=99)[-1].rows[-1].timestamp == STOP
    fine = first_pages(server, late_row(timedelta(microseconds=1)), n=99)[-1].rows[-1]
    assert fine.timestamp == "2026-10-01T00:00:00.000001Z"


def test_broken_order(server: VeniceServer) -> None:
    """Order may break inside a page, or only from one page to the next."""
    inside = [row.timestamp for row in first_pages(server, broken_order(), n=1)[0].rows]
    assert inside != sorted(inside)
    replies = first_pages(server, swapped_pages(at=2), n=99)
    times = [[row.timestamp for row in reply.rows] for reply in replies]
    assert all(page == sorted(page) for page in times)
    assert [n for n, (one, two) in enumerate(pairwise(times), 1) if one[-1] > two[0]] == [2]
    assert sorted(row.json for reply in replies for row in reply.rows) == sorted(row.json for row in ROWS)


def test_more_rows_than_asked_for(server: VeniceServer) -> None:
    """A page may hold more rows than its size."""
    assert [len(reply.rows) for reply in first_pages(server, too_many_rows(at=2, extra=3), n=3)] == [10, 13, 10]


@pytest.mark.parametrize("accept", [JSON, CSV])
@pytest.mark.parametrize("pager", [empty_page(at=1), empty_page(at=12), short_page(3, at=2)])
def test_short_pages_lose_nothing(server: VeniceServer, pager: Pager, accept: str) -> None:
    """An empty or short page with a cursor is in order: who goes on gets every row once."""
    server.pager = pager
    assert walk(server, accept=accept, pageSize=10) == ROWS
    assert len(server.requests) == 13


def test_a_breach_that_cannot_happen_is_an_error() -> None:
    """A pager that finds nothing to spoil makes the test fail instead of passing for nothing."""
    server = VeniceServer(ROWS, key=KEY)
    server.pager = early_row()
    with pytest.raises(ValueError, match="early_row needs"), server, contextlib.suppress(HTTPException):
        ask(server, HISTORY)
