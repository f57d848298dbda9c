"""Whatever the provider and the clients do, in whatever order: what is covered is what was there when it was read."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from books import DAY, HOUR, same_rows, stored, union, within
from simulator.ledger import Row
from syncing import FIRST, be_quick, desk, new, row
from usage_toolkit.store import log
from usage_toolkit.store.place import Folder

pytestmark = pytest.mark.filterwarnings("ignore:.*the clock of this machine is")
MOMENTS = st.integers(0, 6 * 24 * 4).map(lambda quarters: FIRST + quarters * timedelta(minutes=15))
AMOUNTS = st.integers(-200, 50).map(lambda cents: f"{cents / 100:.2f}")


class Crash(BaseException):
    """The end of a process."""


def _days(start: datetime, stop: datetime) -> list[datetime]:
    return [start + n * DAY for n in range(-(-(stop - start) // DAY))]


class Ledger(RuleBasedStateMachine):
    """A Venice that goes on, two clients of one store, and all that comes in between."""

    @initialize()
    def begin(self) -> None:
        """Open the provider, and name a store."""
        self.ends = ExitStack()
        self.folder = Path(tempfile.mkdtemp())
        self.ends.callback(shutil.rmtree, self.folder)
        self.patch = self.ends.enter_context(pytest.MonkeyPatch.context())
        be_quick(self.patch)
        self.venice = self.ends.enter_context(desk([], now=FIRST + 5 * DAY - HOUR))
        self.clients = [new(self.folder), new(self.folder)]
        self.covered: list[tuple[datetime, datetime]] = []
        self.changes = 0

    def teardown(self) -> None:
        """Close the provider."""
        if hasattr(self, "ends"):
            self.ends.close()

    @rule(moment=MOMENTS, amount=AMOUNTS, currency=st.sampled_from(["USD", "DIEM"]), copies=st.integers(1, 3))
    def add(self, moment: datetime, amount: str, currency: str, copies: int) -> None:
        """Something is charged or refunded, now or late; rows may be equal."""
        moment = min(moment, self.venice.now)
        self.venice.server.rows = [*self.venice.server.rows, *[row(moment, amount, currency)] * copies]

    @precondition(lambda self: self.venice.server.rows)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """A row is taken back."""
        rows = self.venice.server.rows
        del rows[data.draw(st.integers(0, len(rows) - 1))]
        self.venice.server.rows = rows

    @precondition(lambda self: self.venice.server.rows)
    @rule(data=st.data(), amount=AMOUNTS)
    def revise(self, data: st.DataObject, amount: str) -> None:
        """A row costs something else."""
        rows = self.venice.server.rows
        at = data.draw(st.integers(0, len(rows) - 1))
        old: Row = rows[at]
        rows[at] = Row(old.timestamp, old.sku, old.units, old.price, amount, old.currency)
        self.venice.server.rows = rows

    def read(self, who: int, **more: Any) -> None:
        """Sync, and hold what was read against the provider, and what is told of it against what was stored before."""
        store = self.clients[who]
        tick = timedelta(seconds=1)  # so that what was read now tells itself from what was read before
        self.venice.now, more["now"] = self.venice.now + tick, more.get("now", self.venice.now) + tick
        before, covered = stored(store), union(store)
        told = {one.start.date() for one in self.venice.sync(store, **more).revisions}
        after, coverage = stored(store), store.coverage()
        truth = self.venice.truth()
        for start, stop in coverage.filter(as_of=self.venice.now).select("start", "stop").rows():
            assert same_rows(within(after, start, stop), within(truth, start, stop))
        days = {day for start, stop in covered for day in _days(start, stop)}
        known = [(max(day, start), min(day + DAY, stop)) for day in days for start, stop in covered]
        changed = {
            start.date()
            for start, stop in known
            if start < stop and not same_rows(within(before, start, stop), within(after, start, stop))
        }
        assert told == changed

    @rule(hours=st.integers(1, 40))
    def wait(self, hours: int) -> None:
        """Time goes by."""
        self.venice.now = min(self.venice.now + hours * HOUR, FIRST + 14 * DAY)

    @rule(who=st.integers(0, 1), jump=st.sampled_from([timedelta(0), timedelta(0), 3 * DAY, -3 * DAY, -20_000 * DAY]))
    def sync(self, who: int, jump: timedelta) -> None:
        """A client syncs all, perhaps with a clock that is wrong."""
        self.read(who, now=self.venice.now + jump)
        if not jump:
            recent = self.clients[who].coverage().filter(pl.col("stop") > self.venice.now - DAY)
            assert (recent["as_of"] == self.venice.now).all()

    @rule(who=st.integers(0, 1), day=st.integers(0, 9), again=st.booleans())
    def sync_a_day(self, who: int, day: int, *, again: bool) -> None:
        """A client syncs one day."""
        start = FIRST + day * DAY
        self.read(who, start=start, stop=start + DAY, again=again)

    @rule(point=st.integers(1, 14))
    def crash(self, point: int) -> None:
        """A client dies at a write or a commit, or just after it."""
        calls: list[int] = []

        def dying(real: Any) -> Any:
            def call(*args: Any, **more: Any) -> Any:
                calls.append(1)
                if len(calls) == point:
                    raise Crash
                made = real(*args, **more)
                calls.append(1)
                if len(calls) == point:
                    raise Crash
                return made

            return call

        with self.patch.context() as patch, suppress(Crash):
            patch.setattr(Folder, "put", dying(Folder.put))
            patch.setattr(log, "commit", dying(log.commit))
            self.venice.sync(new(self.folder))

    @rule()
    def tidy(self) -> None:
        """Files are merged, and those that nobody needs deleted."""
        self.clients[0].compact()
        self.clients[1].vacuum(keep=timedelta(0))

    @rule()
    def catch_up(self) -> None:
        """A client reads all again: then the store is what the provider has, and a second time changes nothing."""
        self.venice.sync(self.clients[0], again=True)
        if self.venice.through > FIRST and union(self.clients[1]):
            assert same_rows(stored(self.clients[1]), self.venice.truth(FIRST, union(self.clients[1])[-1][1]))
        changes = self.clients[1].revisions().height
        assert self.venice.sync(self.clients[1], again=True).revisions == ()
        assert self.clients[1].revisions().height == changes

    @invariant()
    def i7_coverage_never_shrinks_and_stays_behind_the_clock(self) -> None:
        """What was covered stays so; nothing is complete that has not come."""
        if not hasattr(self, "ends"):
            return
        covered = union(self.clients[0])
        assert all(any(start <= first and last <= stop for start, stop in covered) for first, last in self.covered)
        assert not covered or covered[-1][1] <= self.venice.through
        self.covered = covered

    @invariant()
    def i1_i24_what_is_stored_is_what_was_read(self) -> None:
        """Every row is in a covered window, every window's rows are those of its sums and digest."""
        if not hasattr(self, "ends"):
            return
        store = self.clients[0]
        assert store.check().is_empty()
        assert store.coverage()["rows"].sum() == stored(store).height

    @invariant()
    def i8_changes_are_told(self) -> None:
        """Revisions only grow, and each names another content than before."""
        if not hasattr(self, "ends"):
            return
        told = self.clients[1].revisions()
        assert told.height >= self.changes
        self.changes = told.height


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=10, stateful_step_count=15)
