"""A sync leaves a store that equals what the provider has, whatever came in between."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from books import DAY, HOUR, same_rows, stored, union
from simulator import faults
from simulator.sample import make_rows
from syncing import FIRST, KEY, SETTLE, Desk, be_quick, desk, new, row, stopped_after
from usage_toolkit.sources.venice import walk
from usage_toolkit.store import log
from usage_toolkit.store.place import Folder
from usage_toolkit.sync.plan import plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 10, 2, 10, 7, tzinfo=UTC)
ROWS = [row(FIRST + n * HOUR) for n in range(24 * 5)]
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*more than 18 decimals:usage_toolkit.UsageToolkitWarning"),
    pytest.mark.filterwarnings("ignore:.*is deprecated:usage_toolkit.UsageToolkitWarning"),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    be_quick(monkeypatch)


@pytest.fixture
def venice() -> Iterator[Desk]:
    """A Venice with a row an hour."""
    with desk(ROWS, now=NOW) as open_desk:
        yield open_desk


def in_step(store: ut.Store, venice: Desk) -> bool:
    """Whether a store holds what the provider has, and covers it."""
    whole = union(store) == [(FIRST, venice.through)]
    return whole and same_rows(stored(store), venice.truth()) and store.check().is_empty()


def test_i1_a_sync_stores_what_the_provider_has(venice: Desk, tmp_path: Path) -> None:
    """Rows, digits and multiplicity are those of the provider, up to now but for what has not settled."""
    venice.server.rows = make_rows(seed=5, n=900)
    venice.now = datetime(2026, 9, 2, 9, tzinfo=UTC)
    store = new(tmp_path)
    report = venice.sync(store, start="2026-09-01")
    assert same_rows(stored(store), venice.truth(datetime(2026, 9, 1, tzinfo=UTC)))
    assert report.rows == stored(store).height > 700
    assert report.complete_through == venice.through
    assert "complete through 2026-09-02 08:55Z, provisional since 2026-09-01 09:00Z; 2 windows" in repr(report)


def test_i2_a_second_sync_changes_nothing(venice: Desk, tmp_path: Path) -> None:
    """Syncing again at the same time reads only what may still change, and finds no revision."""
    store = new(tmp_path)
    venice.sync(store)
    rows, known, asked = stored(store), store.coverage(), venice.requests()
    report = venice.sync(store, start=None)
    assert same_rows(stored(store), rows)
    assert store.coverage().equals(known)
    assert store.revisions().is_empty()
    assert report.revisions == ()
    assert venice.requests() - asked == report.windows == 2  # today, and yesterday: its 24 hours are not over


@given(cut=st.integers(0, 24 * 4 * 60))
@settings(max_examples=8)
def test_i3_syncs_that_follow_each_other_make_the_whole(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """Stopping anywhere and going on later ends where one sync does."""
    store = new(tmp_path_factory.mktemp("store"))
    with desk(ROWS, now=NOW) as venice:
        venice.now = FIRST + timedelta(minutes=cut) + SETTLE + timedelta(minutes=1)
        venice.sync(store)
        assert in_step(store, venice)
        venice.now = NOW
        venice.sync(store)
        assert in_step(store, venice)


@given(order=st.permutations(range(4)))
@settings(max_examples=6)
def test_i4_days_in_any_order_make_the_same(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    """The order in which days are asked for leaves no trace."""
    store = new(tmp_path_factory.mktemp("store"))
    with desk(ROWS, now=NOW) as venice:
        for day in order:
            venice.sync(store, start=FIRST + day * DAY, stop=FIRST + (day + 1) * DAY)
        venice.sync(store)
        assert in_step(store, venice)
        assert store.revisions().is_empty()


@pytest.mark.parametrize("size", [10, 17, 1000])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_i5_the_size_and_format_of_pages_leave_no_trace(venice: Desk, tmp_path: Path, size: int, form: str) -> None:
    """However pages are cut and written, the store is the same: a sync with others finds no revision."""
    store = new(tmp_path)
    venice.sync(store)
    report = venice.sync(store, again=True, page_size=size, format=form)
    assert report.revisions == ()
    assert report.windows == 5
    assert in_step(store, venice)


class Crash(BaseException):
    """The end of a process, as far as one can be had without one."""


@pytest.mark.parametrize("point", range(0, 24, 3))
def test_i6_a_sync_that_dies_anywhere_is_finished_by_the_next(
    venice: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    """Whole windows are there after a crash at any write or commit, and the next sync ends where one would have."""
    store, calls = new(tmp_path), []

    def crash_at(real: Any) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            calls.append(1)
            if len(calls) == point + 1:
                raise Crash
            return real(*args, **more)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "put", crash_at(Folder.put))
        patch.setattr(log, "commit", crash_at(log.commit))
        with suppress(Crash):
            venice.sync(store)
    through = max([FIRST, *(stop for _, stop in union(store))])
    assert through == FIRST or same_rows(stored(store), venice.truth(FIRST, through))
    venice.sync(store)
    assert in_step(store, venice)


def test_g12_an_interrupt_says_how_far_it_came(venice: Desk, tmp_path: Path) -> None:
    """Stopped by hand, whole windows are stored, the lock is free, and the next sync goes on."""
    store = new(tmp_path)
    said = "stopped by you; 2 of 5 windows are stored; the next sync goes on"
    with stopped_after(2), pytest.raises(KeyboardInterrupt, match=said):
        venice.sync(store)
    assert union(store) == [(FIRST, FIRST + 2 * DAY)]
    venice.sync(store, wait=0)
    assert in_step(store, venice)


def test_i7_nothing_younger_than_the_settle_time_is_complete(venice: Desk, tmp_path: Path) -> None:
    """Complete-through stays behind the provider's own clock, also where this machine's is ahead, which is said."""
    store = new(tmp_path)
    with pytest.warns(ut.UsageToolkitWarning, match="the clock of this machine is 1 day"):
        venice.sync(store, now=NOW + DAY)
    assert in_step(store, venice)
    assert store.coverage()["as_of"].max() == NOW
    venice.sync(store, now=NOW - 3 * DAY)  # and a clock that is behind takes nothing away
    assert in_step(store, venice)


def test_i8_late_withdrawn_and_changed_rows_arrive(venice: Desk, tmp_path: Path) -> None:
    """Within the look-back a late row, a refund and a withdrawal are found, and told with their money."""
    store = new(tmp_path)
    venice.sync(store)
    late = row(NOW - 20 * HOUR, amount="-0.5")
    refund = row(NOW - 2 * HOUR, amount="0.25", currency="USD")
    gone = venice.server.rows[24 * 4 + 3]
    venice.server.rows = [one for one in [*venice.server.rows, late, refund] if one != gone]
    report = venice.sync(store)
    assert in_step(store, venice)
    assert len(report.revisions) == 2
    money = store.revisions().filter(measure="amount").sort("start", "of")
    assert money["of"].to_list() == ["DIEM", "DIEM", "USD"]
    change = [after - (before or 0) for before, after in money.select("before", "after").rows()]
    assert change == [Decimal("0.5"), Decimal("-0.06"), Decimal("-0.25")]
    assert same_rows(
        stored(store.as_of(NOW)).filter(pl.col("currency") == "USD"), stored(store).filter(pl.col("currency") == "USD")
    )


def test_c3_what_comes_later_than_the_look_back_is_found_by_the_audit(venice: Desk, tmp_path: Path) -> None:
    """A row that appears a week late is in the store after the month was read again, and told as a revision."""
    store = new(tmp_path)
    venice.sync(store)
    venice.server.rows = [*venice.server.rows, row(FIRST + 3 * HOUR, amount="-1")]
    venice.now = NOW + 3 * HOUR
    assert venice.sync(store).revisions == ()
    venice.now = datetime(2026, 10, 7, 0, 30, tzinfo=UTC)
    venice.sync(store)
    venice.now = datetime(2026, 10, 8, 0, 30, tzinfo=UTC)
    venice.sync(store)
    assert in_step(store, venice)
    assert store.revisions()["start"].unique().to_list() == [FIRST]
    asked = venice.requests()
    venice.sync(store)
    assert venice.requests() - asked == 2


@pytest.mark.parametrize("seed", range(4))
def test_i17_faults_on_the_way_leave_no_trace(venice: Desk, tmp_path: Path, seed: int) -> None:
    """With a fault at every third request the store is that of a quiet day, and pages are read again if need be."""
    store = new(tmp_path)
    venice.server.fault_rate = (seed, 0.35)
    venice.sync(store, page_size=10)
    venice.server.fault_rate, asked = None, venice.requests()
    assert in_step(store, venice)
    assert asked > 14  # as many as there are pages


@pytest.mark.parametrize("good", range(6))
def test_i17_a_fault_that_stays_leaves_whole_windows(venice: Desk, tmp_path: Path, good: int) -> None:
    """Refused after some requests, the windows before are stored, as the error says, and the next sync ends it."""
    store = new(tmp_path)
    venice.server.faulty = "/billing/usage-history"
    venice.server.faults.extend([None] * good + [faults.status(403)] * 20)
    if good < 5:
        with pytest.raises(ut.AuthError) as refused:
            venice.sync(store)
        assert "of 5 windows are stored; the next sync goes on there." in refused.value.__notes__[0]
    else:
        venice.sync(store)
    through = max([FIRST, *(stop for _, stop in union(store))])
    assert through <= FIRST + good * DAY
    assert through == FIRST or len(union(store)) == 1
    venice.server.faults.clear()
    venice.sync(store)
    assert in_step(store, venice)


def test_i18_only_what_is_due_is_asked_for(venice: Desk, tmp_path: Path) -> None:
    """A sync an hour later asks for two days, one a month later for the days that were not final, each in one walk."""
    store = new(tmp_path)
    venice.sync(store)
    first = venice.requests()
    venice.now = NOW + HOUR
    assert venice.sync(store).windows == venice.requests() - first == 2
    venice.server.check_cursors_alone()
    assert all(request.status == 200 for request in venice.server.requests)


def test_a_new_store_needs_a_start(venice: Desk, tmp_path: Path) -> None:
    """Without a day to begin with, nothing is asked for."""
    with pytest.raises(ut.ArgumentError, match="expected a start for venice"):
        venice.sync(new(tmp_path), start=None)
    assert venice.requests() == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"currency": "USD"}, "leave no row out, found 'currency'"),
        ({"start": "2026-10-02", "stop": "2026-10-01"}, "start before stop"),
    ],
)
def test_what_would_leave_rows_out_is_refused(venice: Desk, tmp_path: Path, more: dict[str, Any], said: str) -> None:
    """A part of the rows is never stored as if it were all."""
    with pytest.raises(ut.ArgumentError, match=said):
        venice.sync(new(tmp_path), **more)
    with pytest.raises(ut.ArgumentError, match="among anthropic, venice"):
        new(tmp_path).sync("nobody", key=KEY)


def test_c19_time_that_has_not_come_is_nothing_to_ask_for(venice: Desk, tmp_path: Path) -> None:
    """A start in the future stores nothing and asks nobody."""
    store = new(tmp_path)
    report = venice.sync(store, start=NOW + 3 * DAY)
    assert (report.windows, report.complete_through, venice.requests()) == (0, None, 0)
    assert "nothing stored" in repr(report)


def test_a_row_is_traced_to_its_page(venice: Desk, tmp_path: Path) -> None:
    """The page that a row names is kept as the provider sent it."""
    store = new(tmp_path)
    venice.sync(store, page_size=10)
    origin = store.scan(ut.Filter(FIRST + DAY + 15 * HOUR)).collect()["origin"][0]
    body = store.page(origin)
    assert body.startswith(b'{"data":[')
    assert body.count(b'"timestamp"') == 10
    with pytest.raises(ut.StoreError, match="expected the page"):
        store.page("elsewhere, sha256:0000000000000000")


def test_rebuild_reads_the_pages_again(venice: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read again as they are read today, pages give the same store, or one that a better reader makes of them."""
    from usage_toolkit.sources.venice import ledger

    store = new(tmp_path)
    venice.sync(store, page_size=10)
    venice.now = NOW + 2 * HOUR
    venice.sync(store)
    rows, asked = stored(store), venice.requests()
    assert store.rebuild() == ()
    assert same_rows(stored(store), rows)
    assert stored(store)["origin"].sort().equals(rows["origin"].sort())
    real = ledger.canonical
    monkeypatch.setattr(
        ledger, "canonical", lambda *args, **more: real(*args, **more).with_columns(model=pl.lit("better"))
    )
    assert len(store.rebuild()) == 5
    assert stored(store)["model"].unique().to_list() == ["better"]
    assert venice.requests() == asked
    assert store.check().is_empty()


def test_months_that_are_over_become_one_file(venice: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a month was audited it is one file; rows and windows stay."""
    monkeypatch.setattr(walk, "AT_ONCE", 1)  # else several windows may be stored together, in one file
    venice.server.rows = [row(datetime(2026, 9, 1, tzinfo=UTC) + n * 6 * HOUR) for n in range(4 * 45)]
    store = new(tmp_path)
    venice.now = datetime(2026, 10, 10, 1, tzinfo=UTC)
    venice.sync(store, start="2026-09-01")
    files = [file.month for file in store._snapshot().files]
    assert files.count("2026-09") == 1
    assert files.count("2026-10") == 10
    assert same_rows(stored(store), venice.truth(datetime(2026, 9, 1, tzinfo=UTC)))


def test_a_line_is_logged_for_each_window_and_no_key(
    venice: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Who reads the log sees each window, how many rows and pages, and never the key."""
    caplog.set_level(logging.DEBUG)
    store = new(tmp_path)
    venice.sync(store)
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
    lines = [line for line in lines if line.startswith("venice.ledger")]
    assert len(lines) == 5
    assert lines[0].startswith(
        "venice.ledger (default): 2026-09-28 to 2026-09-29T00:00Z: 24 rows, 0 revisions, 1 pages"
    )
    assert KEY not in caplog.text
    held = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [data for data in held if KEY.encode() in data]


@given(
    read=st.lists(st.integers(0, 24 * 40), max_size=6),
    now=st.integers(24 * 35, 24 * 60),
    back=st.sampled_from([24, 48]),
)
def test_a_plan_asks_for_all_that_is_missing_or_not_final(read: list[int], now: int, back: int) -> None:
    """Days that were read after all that can change them are left alone, all others asked for, none twice."""
    first = datetime(2026, 8, 20, tzinfo=UTC)
    today = first + now * HOUR
    known = [
        (first + d * DAY, first + (d + 1) * DAY, first + (d + 1) * DAY + hours * HOUR) for d, hours in enumerate(read)
    ]
    coverage = pl.DataFrame(
        [("s", *one) for one in known],
        schema={"source": pl.String, **dict.fromkeys(("start", "stop", "as_of"), pl.Datetime("us", "UTC"))},
        orient="row",
    )
    look_back = back * HOUR
    windows = plan(coverage, sources=["s"], start=first, stop=today, now=today, look_back=look_back, span=3 * DAY)
    assert all(stop - start <= 3 * DAY for start, stop in windows)
    assert all(one[1] <= other[0] for one, other in pairwise(windows))
    asked = {start + n * DAY for start, stop in windows for n in range(-(-(stop - start) // DAY))}
    month = datetime(2026, 9, 1, tzinfo=UTC)
    for day in (first + n * DAY for n in range(now // 24)):
        as_of = next((one[2] for one in known if one[0] == day), None)
        ends = [month if day < month else datetime(2026, 10, 1, tzinfo=UTC)]
        final = [day + DAY + look_back, *(end + n * DAY for end in ends for n in (3, 7) if end + n * DAY <= today)]
        assert (day in asked) == (as_of is None or as_of < max(final))
