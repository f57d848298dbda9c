"""A store beside a simulated Venice, on a clock that the test turns."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import usage_toolkit as ut
from asking import Time
from simulator.ledger import Row, stamp
from simulator.server import VeniceServer
from usage_toolkit import _http
from usage_toolkit.sources.venice import analytics, ask, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import polars as pl

    from usage_toolkit.sync import SyncReport

KEY = "VENICE_ADMIN_KEY_canary0123456789"
FIRST = datetime(2026, 9, 28, tzinfo=UTC)
SETTLE = timedelta(minutes=5)


class Desk:
    """A provider, its clock, and how one syncs and asks it."""

    def __init__(self, server: VeniceServer, clock: list[datetime]) -> None:
        self.server, self._clock = server, clock

    @property
    def now(self) -> datetime:
        """The provider's time."""
        return self._clock[0]

    @now.setter
    def now(self, moment: datetime) -> None:
        self._clock[0] = moment

    def sync(self, store: ut.Store, **more: Any) -> SyncReport:
        """Bring a store in step, from the first day on."""
        asked = {"start": FIRST, "now": self.now, "key": KEY, "base_url": self.server.base_url, "progress": False}
        return store.sync("venice", **{**asked, **more})

    def truth(self, start: datetime = FIRST, stop: datetime | None = None) -> pl.DataFrame:
        """What the provider has."""
        stop = self.through if stop is None else stop
        address: dict[str, Any] = {"key": self.server.key, "base_url": self.server.base_url, "progress": False}
        return ut.fetch("venice", start=start, stop=stop, **address)

    @property
    def through(self) -> datetime:
        """Up to when all is known."""
        return self.now - SETTLE

    def requests(self) -> int:
        """How often the provider has been asked for its ledger."""
        return sum(request.path == "/billing/usage-history" for request in self.server.requests)


@contextmanager
def desk(rows: Iterable[Row] = (), *, now: datetime) -> Iterator[Desk]:
    """Open a provider with a ledger."""
    clock = [now]
    with VeniceServer(rows, key=KEY, clock=lambda: clock[0]) as server:
        yield Desk(server, clock)


def be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let waits take no time, and have enough of it."""
    time = Time()
    still = functools.partial(_http.Client, sleep=time.sleep, clock=time.clock, wall=time.wall, random=lambda: 0.4)
    for module in (ask, walk):
        monkeypatch.setattr(module, "Client", functools.partial(still, budget=1e9))
    analytics._answers.clear()  # of another server at the same port


@contextmanager
def stopped_after(windows: int) -> Iterator[None]:
    """Press stop when so many windows are stored."""
    kept: list[int] = []
    real = ut.Store._keep

    def keep(*args: Any) -> None:
        if len(kept) == windows:
            raise KeyboardInterrupt
        kept.append(1)
        real(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ut.Store, "_keep", keep)
        patch.setattr(walk, "AT_ONCE", 1)  # else several windows may be stored together
        yield


def row(moment: datetime, amount: str = "-0.06", currency: str = "DIEM", sku: str = "glm-llm-input-mtoken") -> Row:
    """One entry of the ledger."""
    return Row(stamp(moment), sku, "0.001", "60", amount, currency)


def new(folder: Path, name: str = "store") -> ut.Store:
    """A store that is not there yet."""
    return ut.Store(folder / name)
