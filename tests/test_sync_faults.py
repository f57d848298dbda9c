"""The fault matrix, seen from the store: whatever a provider does, whole windows or nothing, and the next sync ends it.

Real sockets throughout. What one page makes of a fault stands in test_http*, test_*_walk; random ones in test_sync.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import usage_toolkit as ut
from books import DAY, HOUR, same_rows, stored, union
from simulator import faults, pagers
from simulator.anthropic import breaches, errors
from syncing import FIRST, Desk, be_quick, desk, new, row, stopped_after
from test_sync_anthropic import _no_waiting as _no_waiting  # noqa: PLC0414 (waits take no time here either)
from test_sync_anthropic import clock as clock  # noqa: PLC0414 (fixtures)
from test_sync_anthropic import server as server  # noqa: PLC0414
from test_sync_anthropic import sync, truth
from usage_toolkit.sync import ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from simulator.anthropic.server import AnthropicServer
    from simulator.faults import Fault
    from simulator.walk import Pager

NOW = datetime(2026, 10, 1, 10, 7, tzinfo=UTC)
ROWS = [row(FIRST + n * HOUR) for n in range(24 * 4)]
WRONG_SHAPE = b'{"data":null,"nextCursor":null}'
NO_NUMBER = b'"amount":NaN'

# By the row of the matrix: what comes instead of an answer, again and again.
FAULTS: dict[str, Fault] = {
    "a3": faults.reset_mid_body(),
    "a4": faults.overlong_length(),
    "a6": faults.truncated_gzip(),
    "a7": faults.spoilt_gzip(),
    "a13": faults.reset(),
    "a17": faults.redirect("http://127.0.0.2:9/elsewhere"),
    "b4": faults.rate_limited(),
    "b6": faults.rate_limited("86400"),
    "b7": faults.status(503),
    "b9": faults.status(401),
    "b10": faults.status(402),
    "b11": faults.status(410),
    "b13": faults.cursor_expired(),
    "b14": faults.status(404),
    "b15": faults.error_in_200(),
    "b16": faults.html(),
    "b17": faults.empty_body(),
    "b18": faults.edited(lambda _: WRONG_SHAPE),
    "b19": faults.edited(lambda body: body.replace(b'"amount":-0.06', NO_NUMBER)),
}
PAGERS: dict[str, Pager] = {
    "c5": pagers.cycle(2),
    "c5_same": pagers.same_cursor(),
    "c7": pagers.missing_cursor(),
    "c7_empty": pagers.empty_cursor(),
    "c10": pagers.swapped_pages(),
    "c11": pagers.early_row(),
    "c11_late": pagers.late_row(),
    "a10": pagers.too_many_rows(),
}


@pytest.fixture
def venice(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A Venice with a row an hour, which answers in gzip and has faults for its ledger alone."""
    be_quick(monkeypatch)
    with desk(ROWS, now=NOW) as open_desk:
        open_desk.server.gzip = True
        open_desk.server.faulty = "/billing/usage-history"
        yield open_desk


def whole_so_far(store: ut.Store, venice: Desk) -> None:
    """What is covered is one stretch from the first day on and holds what the provider has."""
    covered = union(store)
    assert len(covered) <= 1
    for start, stop in covered:
        assert start == FIRST
        assert same_rows(stored(store), venice.truth(start, stop))
    assert covered or stored(store).is_empty()
    assert store.check().is_empty()


def ends_well(store: ut.Store, venice: Desk) -> None:
    """The next sync ends where one without any fault would have."""
    venice.sync(store, page_size=10)
    assert union(store) == [(FIRST, venice.through)]
    assert same_rows(stored(store), venice.truth())
    assert store.revisions().is_empty()


@pytest.mark.parametrize("good", [0, 5])
@pytest.mark.parametrize("fault", FAULTS)
def test_i17_a_fault_that_stays(venice: Desk, tmp_path: Path, fault: str, good: int) -> None:
    """One of our errors, in time; the windows before it are there and no part of another."""
    store = new(tmp_path)
    venice.server.faults.extend([*[None] * good, *[FAULTS[fault]] * 60])
    with pytest.raises(ut.FetchError) as refused:
        venice.sync(store, page_size=10)
    assert "windows are stored; the next sync goes on there." in refused.value.__notes__[-1]
    venice.server.faults.clear()
    whole_so_far(store, venice)
    ends_well(store, venice)


@pytest.mark.parametrize("breach", PAGERS)
def test_i17_a_broken_contract(venice: Desk, tmp_path: Path, breach: str) -> None:
    """A walk that may have lost or doubled a row is not stored at all."""
    store = new(tmp_path)
    venice.server.pager = PAGERS[breach]
    with pytest.raises(ut.FetchError):
        venice.sync(store, page_size=10)
    venice.server.pager = None
    whole_so_far(store, venice)
    ends_well(store, venice)


@pytest.mark.parametrize("later", [False, True])
def test_i17_a_fault_in_what_is_known_changes_nothing(venice: Desk, tmp_path: Path, *, later: bool) -> None:
    """Where a day is asked for again and can't be had, the one that is stored stays."""
    store = new(tmp_path)
    venice.sync(store)
    rows, known = stored(store), store.coverage()
    if later:
        venice.now = NOW + HOUR
    venice.server.faults.extend([faults.status(503)] * 60)
    with pytest.raises(ut.FetchError, match="503"):
        venice.sync(store, again=True)
    assert same_rows(stored(store), rows)
    assert store.coverage().equals(known)


ANTHROPIC: dict[str, Fault] = {
    "b4": errors.rate_limited(None),
    "b5": errors.own_limit_spent(),
    "b8": errors.overloaded(),
    "b18": breaches.results_null(),
    "c5": breaches.next_page("again"),
    "c7": breaches.missing("has_more"),
    "c10": breaches.buckets_backwards(),
    "c11": breaches.bucket_shifted(timedelta(hours=1)),
    "c12": breaches.bucket_twice(),
    "c15": breaches.bucket_lost(),
}


@pytest.mark.parametrize("path", ["/usage_report/messages", "/cost_report"])
@pytest.mark.parametrize("fault", ANTHROPIC)
def test_i17_anthropic_both_books_or_none(
    server: AnthropicServer, clock: list[datetime], tmp_path: Path, fault: str, path: str
) -> None:
    """Where one of the two reports can't be had, or can't be true, neither is stored; the next sync ends it."""
    store = ut.Store(tmp_path / "store")
    clock[0] = server.start + 4 * DAY
    server.faulty = f"/v1/organizations{path}"
    server.faults.extend([ANTHROPIC[fault]] * 60)
    with pytest.raises(ut.FetchError):
        sync(store, server, clock[0])
    assert store.coverage().is_empty()
    assert stored(store).is_empty()
    server.faults.clear()
    sync(store, server, clock[0])
    assert store.check().is_empty()
    whole = truth(server, server.start + 4 * DAY)
    through = store.coverage()["stop"].max()
    assert same_rows(stored(store), whole.filter(whole["time"] < through))


def test_i18_no_other_origin_and_no_filter_with_a_cursor(venice: Desk, tmp_path: Path) -> None:
    """Whatever happens, requests are those of the contract, and no thirty seconds see more than ten failures."""
    store = new(tmp_path)
    venice.server.fault_rate = (3, 0.4)
    venice.sync(store, page_size=10)
    venice.server.check_cursors_alone()
    asked = {request.path for request in venice.server.requests}
    assert asked <= {"/billing/usage-history", "/billing/usage-analytics", "/api_keys"}
    assert {request.method for request in venice.server.requests} == {"GET"}


@pytest.mark.parametrize(("provider", "most"), [("venice", 4), ("anthropic", 1)])
def test_i18_no_more_walks_side_by_side_than_a_provider_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: str, most: int
) -> None:
    """Four of Venice's days are asked for at once, and one of Anthropic's months."""
    at_once, seen, lock = [0], [0], threading.Lock()

    def count(*_: Any, **__: Any) -> Any:
        with lock:
            at_once[0] += 1
            seen[0] = max(seen[0], at_once[0])
        time.sleep(0.02)
        with lock:
            at_once[0] -= 1
        return ut.schema.empty()

    monkeypatch.setattr(ask, "fetch", count)
    monkeypatch.setattr("usage_toolkit.sync.store.expect_owner", lambda *_, **__: None)
    monkeypatch.setattr("usage_toolkit.sync.books.Books.of", lambda *_, **__: {})
    store = new(tmp_path)
    report = store.sync(provider, start="2026-01-01", now="2026-04-11", key="sk-ant-admin01-x", progress=False)
    assert report.windows > most
    assert seen == [most]


def test_a_long_sync_shows_how_far_it_is(
    venice: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The days that are stored, of how many, how long it took and will take, rows and windows; silent if told so."""
    monkeypatch.setattr("usage_toolkit.sources.progress.DELAY", 0)
    venice.sync(new(tmp_path, "silent"))
    assert capsys.readouterr().err == ""
    venice.sync(new(tmp_path), progress=True)
    shown = capsys.readouterr().err
    for words in ("venice: ", "0.0/3.4 days [00:00<?", "3.4/3.4 days", "83 rows, 4 pages, to 2026-10-01 10:02Z"):
        assert words in shown


@pytest.mark.torture
def test_c20_four_hundred_days_are_caught_up(venice: Desk, tmp_path: Path) -> None:
    """After a long pause days are stored one by one, stopped at any of them, and ended by the next sync."""
    venice.server.rows = [row(FIRST + n * 30 * HOUR) for n in range(330)]
    store = new(tmp_path)
    venice.sync(store)
    venice.now = FIRST + 400 * DAY
    with stopped_after(150), pytest.raises(KeyboardInterrupt, match="stopped by you; 150 of 4"):
        venice.sync(store)
    assert union(store)[0][1] == FIRST + 150 * DAY  # those of September were due for audit
    ends_well(store, venice)
    assert store.check().is_empty()
