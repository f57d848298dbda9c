"""Venice's ledger over a real socket: the same rows whatever the page size, the format and the faults on the way."""

from __future__ import annotations

import functools
import traceback
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import usage_toolkit as ut
from asking import Time
from simulator import faults, pagers
from simulator.ledger import CSV_HEADER
from simulator.sample import make_rows
from simulator.server import VeniceServer
from usage_toolkit import _http
from usage_toolkit.sources import files, pager
from usage_toolkit.sources.venice import walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from simulator.faults import Fault

KEY = "VENICE_ADMIN_KEY_canary0123456789"
WIDE = {"start": "2026-01-01", "stop": "2027-01-01"}
ROWS = sorted(make_rows(seed=5, n=300), key=lambda row: row.timestamp)
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*more than 18 decimals:usage_toolkit.UsageToolkitWarning"),
    pytest.mark.filterwarnings("ignore:.*is deprecated:usage_toolkit.UsageToolkitWarning"),
]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits take no time, and there is enough of it."""
    time = Time()
    still = functools.partial(_http.Client, sleep=time.sleep, clock=time.clock, wall=time.wall, random=lambda: 0.4)
    made = functools.partial(still, budget=1e9)
    monkeypatch.setattr(walk, "Client", made)


@contextmanager
def serving(rows: list[Any] | None = None) -> Iterator[VeniceServer]:
    """A Venice with a ledger."""
    with VeniceServer(ROWS if rows is None else rows, key=KEY) as server:
        yield server


def fetch(server: VeniceServer, **options: Any) -> pl.DataFrame:
    """All that the server has, without a bar."""
    return ut.fetch("venice", key=KEY, **{**WIDE, "base_url": server.base_url, "progress": False, **options})


def same(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows but for the page they came from."""
    return rows.drop("origin")


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The same ledger, read from a file."""
    path: Path = tmp_path_factory.mktemp("ledger") / "ledger.csv"
    path.write_bytes(b"".join([CSV_HEADER, *(row.csv for row in ROWS)]))
    return same(files.read(path))


@pytest.mark.parametrize("form", ["json", "csv"])
def test_i5_every_page_size_gives_the_same_rows(truth: pl.DataFrame, form: str) -> None:
    """From 10 to 1000 rows a page, with faults on the way, nothing is lost, doubled or out of order."""
    few = 120
    with serving(ROWS[:few]) as server:
        server.fault_rate = (1, 0.03)
        for size in range(10, 1001):
            server.gzip, server.chunked = bool(size % 2), bool(size % 3)
            assert same(fetch(server, format=form, page_size=size)).equals(truth[:few]), size
        assert sum(request.status != 200 for request in server.requests) > 20
        assert not [r for r in server.requests if "cursor" in r.query and len(r.query) > 1]


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("size", [1, 7, 299, 300, 500])
def test_the_retired_endpoint_gives_the_same_rows(truth: pl.DataFrame, form: str, size: int) -> None:
    """An archive that still speaks ``/billing/usage`` is read page by page, in ascending order."""
    with serving() as server:
        assert same(fetch(server, endpoint="usage", format=form, page_size=size)).equals(truth)
        asked = [(r.query["page"], r.query["sortOrder"]) for r in server.requests]
    assert asked == [(str(page), "asc") for page in range(1, -(-300 // size) + 1)]


@given(cut=st.integers(0, len(ROWS) - 1), endpoint=st.sampled_from(["usage-history", "usage"]))
def test_i3_windows_that_touch_make_the_whole(cut: int, endpoint: str) -> None:
    """Cutting the time at any row's own instant loses and doubles nothing."""
    with serving() as server:
        moment = ROWS[cut].timestamp
        early, late = moment != ROWS[0].timestamp, fetch(server, start=moment, endpoint=endpoint)
        parts = [fetch(server, stop=moment, endpoint=endpoint), late] if early else [late]
        assert same(pl.concat(parts)).equals(same(fetch(server)))


def test_only_one_currency_can_be_asked_for(truth: pl.DataFrame) -> None:
    """The provider filters, and what it gives is what a filter of ours keeps."""
    with serving() as server:
        assert same(fetch(server, currency="DIEM")).equals(truth.filter(currency="DIEM"))


@pytest.mark.parametrize("options", [{}, {"format": "csv"}, {"endpoint": "usage"}])
def test_rows_of_another_currency_are_no_answer(options: dict[str, Any]) -> None:
    """A provider that leaves the filter out is not believed."""
    with serving() as server:
        server.faults.append(faults.edited(lambda body: body.replace(b"DIEM", b"USDX", 1)))
        with pytest.raises(ut.ContractError, match="expected rows in DIEM alone, found 'USDX'; nothing was kept"):
            fetch(server, currency="DIEM", **options)


def test_nothing_in_a_window_is_an_empty_frame() -> None:
    """No usage is an answer, with all columns."""
    with serving() as server:
        for options in ({}, {"endpoint": "usage"}, {"format": "csv"}):
            rows = fetch(server, start="2020-01-01", stop="2020-01-02", **options)
            assert (rows.height, rows.schema) == (0, ut.sample(days=1).schema)


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(500), faults.status(503), faults.status(529), faults.rate_limited("7"), faults.reset(),
        faults.reset_mid_body(), faults.overlong_length(), faults.truncated_gzip(),
        faults.truncated_gzip(in_chunks=True), faults.spoilt_gzip(), faults.empty_body(), faults.closed_quietly(),
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", [0, 1, 4])
def test_b8_a_passing_fault_leaves_no_trace(truth: pl.DataFrame, fault: Fault, page: int) -> None:
    """Whatever happens once to a page, at the beginning, in the middle or at the end, the rows are the same."""
    with serving() as server:
        server.gzip = True
        server.faults.extend([*[None] * page, fault])
        assert same(fetch(server, page_size=60)).equals(truth)


@pytest.mark.parametrize("page", range(1, 5))
def test_b13_an_expired_cursor_begins_the_walk_again(truth: pl.DataFrame, page: int) -> None:
    """A cursor that expires at any page costs a new walk and mixes nothing."""
    with serving() as server:
        server.faults.extend([*[None] * page, faults.cursor_expired()])
        assert same(fetch(server, page_size=60)).equals(truth)
        assert len(server.requests) == page + 1 + 5


def test_b13_a_cursor_that_always_expires_ends_the_walk() -> None:
    """After two new beginnings there is one sentence."""
    with serving() as server:
        server.faults.extend([None, faults.cursor_expired()] * 3)
        with pytest.raises(ut.FetchError, match="had to begin again 2 times"):
            fetch(server, page_size=60)
        assert len(server.requests) == 6


def test_b11_a_closed_endpoint_names_the_one_that_takes_over() -> None:
    """410 is a friendly end with a date and a successor, asked for once, never 'no usage'."""
    with serving() as server:
        server.gone = True
        with pytest.raises(ut.EndpointGoneError, match=r"2026-09-16.*usage-history") as error:
            fetch(server, endpoint="usage")
        assert len(server.requests) == 1
    assert error.value.successor is not None


@pytest.mark.parametrize("code", [400, 401, 402, 403, 404, 410])
def test_what_will_not_change_is_not_asked_again(code: int) -> None:
    """A refusal is one request and one sentence."""
    with serving() as server:
        server.faults.append(faults.status(code))
        with pytest.raises(ut.FetchError):
            fetch(server)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("breach", "sentence"),
    [
        (pagers.same_cursor(), "expected a new page, found one that was there before"),
        (pagers.cycle(2), "expected a new page, found one that was there before"),
        (pagers.cycle(5), "expected a new page, found one that was there before"),
        (pagers.missing_cursor(), "expected a cursor, or null after the last page, found none"),
        (pagers.empty_cursor(), "expected a cursor, or null after the last page, found an empty one"),
        (pagers.early_row(), "expected rows from 2026-01-01T00:00:00Z"),
        (pagers.late_row(), "expected rows from 2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z"),
        (pagers.broken_order(), "expected rows in the order of time"),
        (pagers.swapped_pages(), "expected rows in the order of time"),
        (pagers.too_many_rows(), "expected at most 20 rows, found 21"),
    ],
)
def test_c5_to_c12_a_broken_contract_is_no_walk(breach: Any, sentence: str) -> None:
    """Loops, contradictions, foreign rows and broken order: one sentence, and nothing is kept."""
    with serving() as server:
        server.pager = breach
        with pytest.raises(ut.ContractError, match=sentence):
            fetch(server, page_size=20)


def test_c6_a_walk_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fresh cursors for ever stop at a limit, which is said."""
    monkeypatch.setattr(pager.walk, "__kwdefaults__", {"max_pages": 30})
    with serving() as server:
        server.pager = pagers.endless()
        with pytest.raises(ut.ContractError, match="found more than 30 pages"):
            fetch(server, page_size=10)


@pytest.mark.parametrize("breach", [pagers.empty_page(), pagers.short_page(3)])
def test_c8_short_and_empty_pages_go_on(truth: pl.DataFrame, breach: Any) -> None:
    """Only the cursor says whether there is more."""
    with serving() as server:
        server.pager = breach
        assert same(fetch(server, page_size=50)).equals(truth)


def test_c1_a_total_that_does_not_come_true_is_walked_again() -> None:
    """Pages that do not add up to their own total are not believed."""
    with serving() as server:
        server.total = lambda true: true + 1
        with pytest.raises(ut.FetchError, match="rows came in between"):
            fetch(server, endpoint="usage", page_size=100)
        assert len(server.requests) == 3 * 4


def test_c1_a_total_that_changes_on_the_way_is_walked_again(truth: pl.DataFrame) -> None:
    """A second page with another total than the first means that rows came in, though the pages may add up."""
    with serving() as server:
        server.faults.extend([None, faults.edited(lambda body: body.replace(b'"total":300', b'"total":299'))])
        assert same(fetch(server, endpoint="usage", page_size=100)).equals(truth)
        assert [request.query["page"] for request in server.requests] == ["1", "2", "1", "2", "3"]


def test_c2_a_page_that_was_not_asked_for_is_refused() -> None:
    """Page 3 in the place of page 2 would lose rows."""
    with serving() as server:
        server.faults.extend([None, faults.edited(lambda body: body.replace(b'"page":2', b'"page":3'))])
        with pytest.raises(ut.ContractError, match="venice usage, page 2: expected that page, found page 3"):
            fetch(server, endpoint="usage", page_size=100)


@pytest.mark.parametrize(
    "fault",
    [
        faults.html(),
        faults.error_in_200(),
        faults.edited(lambda body: body.replace(b'"amount":', b'"amount":null,"x":', 1)),
    ],
)
def test_b15_an_answer_that_is_no_page_is_refused(fault: Fault) -> None:
    """HTML, an error with status 200, a null amount: a sentence, never an empty frame."""
    with serving() as server:
        server.faults.extend([None, fault])
        with pytest.raises(ut.FetchError, match="expected"):
            fetch(server, page_size=50)


def test_a5_a_csv_without_a_length_is_refused() -> None:
    """A CSV that ends with the connection may have been cut at any row, so it does not count."""
    with serving() as server:
        server.faults.append(faults.unframed())
        with pytest.raises(ut.ContractError, match="ask for json"):
            fetch(server, format="csv")
        server.faults.append(faults.unframed())
        assert fetch(server).height == len(ROWS)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"start": "2026-10-02", "stop": "2026-10-01"}, "expected start before stop"),
        ({"page_size": 9}, "expected a page_size from 10 to 1000"),
        ({"page_size": True}, "expected a page_size from 10 to 1000 for usage-history, found True"),
        ({"page_size": 50.5}, "expected a page_size from 10 to 1000 for usage-history, found 50.5"),
        ({"page_size": "50"}, "expected a page_size from 10 to 1000 for usage-history, found '50'"),
        ({"base_url": 7}, "base_url: expected https://, a host and a path"),
        ({"start": "2999-01-01", "stop": None}, "expected a start in the past, found 2999-01-01"),
        ({"page_size": 501, "endpoint": "usage"}, "expected a page_size from 1 to 500"),
        ({"endpoint": "invoices"}, "expected endpoint usage-history or usage"),
        ({"format": "xml"}, "expected endpoint usage-history or usage and format json or csv"),
        ({"start": "yesterday"}, "expected a date or time such as"),
    ],
)
def test_c19_a_question_that_makes_no_sense_is_not_asked(options: dict[str, Any], sentence: str) -> None:
    """Wrong arguments are told before any request."""
    with serving() as server:
        with pytest.raises(ut.ArgumentError, match=sentence):
            fetch(server, **options)
        assert not server.requests


@pytest.mark.parametrize("provider", ["acme", None, 7, ["venice"]])
def test_an_unknown_provider_is_named(provider: Any) -> None:
    """What is not there is said with what is."""
    with pytest.raises(ut.ArgumentError) as error:
        ut.fetch(provider, start="2026-10-01", key=KEY)
    assert f"expected a provider among anthropic, venice, found {provider!r}" in str(error.value)


def test_what_the_provider_finds_wrong_is_told() -> None:
    """A refused question brings the provider's own details, in short."""
    body = b'{"error":"Invalid request","details":{"endTimestamp":{"_errors":["31 days at most"]}}}'
    with serving() as server:
        server.faults.append(lambda answer: replace(answer, status=400, body=body))
        with pytest.raises(ut.FetchError, match=r"Invalid request: .*endTimestamp.*31 days at most"):
            fetch(server)


@pytest.mark.parametrize(("form", "body"), [("json", b"timestamp,sku\n"), ("csv", b'{"data":[]}')])
def test_the_other_form_is_told(form: str, body: bytes) -> None:
    """Who asks for JSON and gets something else is told what, and the other way round."""
    with serving() as server:
        server.faults.append(faults.edited(lambda _: body))
        with pytest.raises(ut.ContractError) as error:
            fetch(server, format=form)
        assert f"page 1: expected {form.upper()}, found {body.decode()!r}" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new"), [(b'"currency":"DIEM"', f'"currency":"{KEY}"'), (b"2026-", KEY), (b'{"data"', KEY)]
)
def test_a_page_that_repeats_the_key_is_not_shown(old: bytes, new: str) -> None:
    """Whatever a server puts into a page, no error shows the key."""
    with serving() as server:
        server.faults.append(faults.edited(lambda body: body.replace(old, new.encode())))
        with pytest.raises(ut.ContractError, match="found a value that repeats the key") as error:
            fetch(server, currency="DIEM")
    assert KEY[:20] not in "".join(traceback.format_exception(error.value))


def test_a_missing_key_is_told_before_any_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key: which variable to set; a key from the environment serves."""
    monkeypatch.delenv("VENICE_ADMIN_KEY", raising=False)
    with serving() as server:
        with pytest.raises(ut.AuthError, match="VENICE_ADMIN_KEY"):
            ut.fetch("venice", base_url=server.base_url, **WIDE)
        assert not server.requests
        monkeypatch.setenv("VENICE_ADMIN_KEY", KEY)
        assert ut.fetch("venice", base_url=server.base_url, progress=False, **WIDE).height == len(ROWS)


def test_stopping_by_hand_says_how_far_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt keeps nothing, and says so with the time that was reached."""
    with serving() as server:
        asked = _http.Client.get

        def get(client: Any, *args: Any, **kwargs: Any) -> Any:
            if len(server.requests) == 3:
                raise KeyboardInterrupt
            return asked(client, *args, **kwargs)

        monkeypatch.setattr(_http.Client, "get", get)
        with pytest.raises(KeyboardInterrupt, match=r"stopped by you at 2026-\d\d-\d\d \d\d:\d\dZ; nothing was kept"):
            fetch(server, page_size=50)


def test_a_long_walk_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows, pages and the time reached, in a terminal."""
    monkeypatch.setattr("usage_toolkit.sources.progress.DELAY", 0)
    with serving() as server:
        server.faults.extend([None, None, faults.rate_limited("7")])
        fetch(server, page_size=50, progress=True)
    shown = capsys.readouterr().err
    for words in ("venice", "waiting 7 s (rate limit)", "300 rows, 6 pages, to 2027-01-01", "100%"):
        assert words in shown
