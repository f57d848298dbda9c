"""I-15: days that are final are held against another report of the provider, and nothing is ticked that was not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import usage_toolkit as ut
from books import DAY, HOUR
from simulator import faults
from simulator.sample import make_rows
from syncing import FIRST, Desk, be_quick, desk, new, row
from test_sync_anthropic import LEDGER, sync
from test_sync_anthropic import _no_waiting as _no_waiting  # noqa: PLC0414 (waits take no time here either)
from test_sync_anthropic import clock as clock  # noqa: PLC0414 (fixtures)
from test_sync_anthropic import server as server  # noqa: PLC0414
from usage_toolkit.cli.health import balance, doctor, status
from usage_toolkit.store.balance import Balance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from pathlib import Path

    from simulator.anthropic.server import AnthropicServer

NOW = datetime(2026, 10, 2, 10, 7, tzinfo=UTC)
ROWS = [row(FIRST + n * HOUR, currency=["USD", "DIEM", "BUNDLED_CREDITS"][n % 3]) for n in range(24 * 5)]
pytestmark = pytest.mark.filterwarnings("ignore:.*more than 18 decimals:usage_toolkit.UsageToolkitWarning")


@pytest.fixture
def venice(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A Venice with a row an hour, in three currencies."""
    be_quick(monkeypatch)
    with desk(ROWS, now=NOW) as open_desk:
        yield open_desk


def said(store: ut.Store) -> list[str]:
    """The status of each window, in the order of time."""
    return store.reconciliation().group_by("start", maintain_order=True).agg(pl.col("status").max())["status"].to_list()


def test_i15_final_days_balance_with_the_analytics(venice: Desk, tmp_path: Path) -> None:
    """Three days are final and balance, in two requests at most; the other two may still change and are not judged."""
    store = new(tmp_path)
    report = venice.sync(store)
    assert repr(report.books) == "balanced (3 windows)"
    assert balance(store) == ["venice.ledger (default): 3 balanced"]
    assert ", books balanced (3 windows), " in repr(report)
    assert said(store) == ["balanced"] * 3 + ["provisional"] * 2
    sums = store.reconciliation().drop_nulls("of")
    assert sums["of"].to_list() == ["DIEM", "USD"] * 3  # which counts bundled credits as dollars
    assert (sums["difference"].abs() <= sums["tolerance"]).all()
    assert [request.path for request in venice.server.requests].count("/billing/usage-analytics") == 1
    assert repr(venice.sync(store).books) == "not checked (nothing that was read is final)"
    assert said(store) == ["balanced"] * 3 + ["provisional"] * 2
    venice.now = NOW + DAY
    assert repr(venice.sync(store).books) == "balanced (1 window)"


def test_i15_doubles_of_a_real_ledger_are_within_the_tolerance(venice: Desk, tmp_path: Path) -> None:
    """Currencies that no analytics count, refunds and the noise of doubles are no difference."""
    venice.server.rows = make_rows(seed=5, n=900)
    venice.now = datetime(2026, 9, 9, tzinfo=UTC)
    store = new(tmp_path)
    assert venice.sync(store, start="2026-09-01").books.differing == ()
    assert store.reconciliation().filter(status="balanced").height > 3


@pytest.mark.parametrize("lost", [0, 25, 71])
def test_i15_a_row_that_was_not_served_is_a_difference(
    venice: Desk, tmp_path: Path, lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger that lost a row does not balance: the report, status and doctor say when, of what and how much."""
    monkeypatch.setattr(venice.server, "_ledger", Short(venice.server._ledger, lost))
    store = new(tmp_path)
    books = venice.sync(store).books
    day, of = FIRST + lost // 24 * DAY, ["USD", "DIEM", "USD"][lost % 3]
    assert [(window.start, [one.of for one in sums]) for window, sums in books.differing] == [(day, [of])]
    assert repr(books).startswith(f"difference -0.06 {of} on {day:%Y-%m-%d} (venice.ledger: stored ")
    assert repr(books).endswith(", balanced (2 windows)")
    assert said(store).count("differs") == 1
    assert "1 differs" in status(store)
    (line,) = [line for line in doctor(store) if "the provider's other report" in line]
    assert f"{day:%Y-%m-%d}: {of} is " in line
    assert f"usage-toolkit sync venice --start {day:%Y-%m-%d} --stop {day + DAY:%Y-%m-%d} --again" in line


class Short:
    """A ledger that leaves a row out of the walks, and of nothing else."""

    def __init__(self, real: object, lost: int) -> None:
        self._real, self._lost = real, lost

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def window(self, *args: object, **more: object) -> list[object]:
        """All rows, but for the lost one where they are walked over: analytics ask for days without a currency."""
        rows: list[object] = self._real.window(*args, **more)  # type: ignore[attr-defined]
        return [one for one in rows if one is not self._real.rows[self._lost]] if more else rows  # type: ignore[attr-defined]


def test_i15_a_report_that_does_not_answer_is_no_balance(venice: Desk, tmp_path: Path) -> None:
    """Where the other report is refused the rows are stored all the same, and nothing is said to balance."""
    store = new(tmp_path)
    venice.server.faulty = "/billing/usage-analytics"
    venice.server.faults.extend([faults.status(403)] * 20)
    report = venice.sync(store)
    assert report.complete_through == venice.through
    assert repr(report.books).startswith("not checkable (3: 127.0.0.1:")
    assert "found 403" in report.books.problem
    assert len(venice.server.faults) == 19  # it is not asked again and again
    assert said(store) == ["not checked"] * 3 + ["provisional"] * 2
    assert "balanced" not in status(store)
    assert balance(store) == ["venice.ledger (default): 3 not checked"]


def test_i15_what_changed_just_now_is_no_false_alarm(venice: Desk, tmp_path: Path) -> None:
    """Analytics are ten minutes old at times: a final day that was changed is not called different because of that."""
    store = new(tmp_path)
    venice.sync(store)
    venice.server.rows = [*venice.server.rows, row(FIRST + 3 * HOUR, amount="-1")]
    report = venice.sync(store, again=True)
    assert len(report.revisions) == 1
    assert report.books.differing == ()
    assert said(store)[0] == "not checked"


def test_i15_pages_that_are_read_again_are_held_against_the_same_totals(
    venice: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that loses rows is found out when it rebuilds the store; one that is right still balances."""
    from usage_toolkit.sources.venice import ledger

    store = new(tmp_path)
    venice.sync(store)
    before = store.reconciliation()
    assert store.rebuild() == ()
    assert store.reconciliation().equals(before)
    real = ledger.canonical
    monkeypatch.setattr(ledger, "canonical", lambda *args, **more: real(*args, **more)[1:])
    assert store.rebuild()
    assert said(store)[:3] == ["not checked"] * 3


def test_i15_a_window_that_is_cut_is_not_said_to_balance(venice: Desk, tmp_path: Path) -> None:
    """What balanced as a day says nothing of half of it."""
    store = new(tmp_path)
    venice.sync(store)
    half = FIRST + 12 * HOUR
    rows = store.scan(ut.Filter(FIRST, half)).collect()
    store.replace(rows, source="venice.ledger", start=FIRST, stop=half)
    assert said(store)[:3] == ["not checked", "not checked", "balanced"]


def test_i15_anthropic_grouped_is_ungrouped(
    server: AnthropicServer, clock: list[datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each token and each cent of both reports is in a group; a group that is lost is a difference of both books."""
    clock[0] = server.start + 9 * DAY
    store = ut.Store(tmp_path / "store")
    report = sync(store, server, clock[0])
    days = store.coverage().filter(pl.col("provisional_since").is_null()).height
    assert repr(report.books) == f"balanced ({days} windows)"
    assert set(store.reconciliation().drop_nulls("of")["of"]) >= {"input", "output", "cache_read", "USD"}
    assert LEDGER.calls

    from usage_toolkit.sources.anthropic import usage

    real = usage.canonical
    monkeypatch.setattr(usage, "canonical", lambda table, **more: real(table[1:] if more["groups"] else table, **more))
    books = sync(ut.Store(tmp_path / "other"), server, clock[0]).books
    ((window, sums),) = books.differing
    assert (window.source, window.start) == ("anthropic.usage", server.start)
    assert sums
    assert all(one.difference < 0 for one in sums)


@given(stored=st.decimals(-(10**19), 10**19, places=18), told=st.decimals(-(10**19), 10**19, places=18))
def test_i15_differences_are_exact(stored: Decimal, told: Decimal) -> None:
    """No digit of a difference is rounded, however long the sums are."""
    one = Balance("USD", f"{stored:f}", f"{told:f}", "0.000001")
    whole = int(f"{stored:.18f}".replace(".", "")) - int(f"{told:.18f}".replace(".", ""))
    assert int(f"{one.difference:.18f}".replace(".", "")) == whole
    assert one.is_even == (abs(whole) <= 10**12)
