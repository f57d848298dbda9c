"""One answer of Anthropic is two books: quantities and money, each stored and covered for itself."""

from __future__ import annotations

import functools
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import usage_toolkit as ut
from asking import Time
from books import DAY, HOUR, same_rows, stored
from simulator.anthropic.sample import later, make_ledger
from simulator.anthropic.server import KEY, AnthropicServer
from usage_toolkit import _http
from usage_toolkit.sources.anthropic import ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from usage_toolkit.sync import SyncReport

LEDGER = make_ledger(seed=3, n=250)
BOOKS = ["anthropic.cost", "anthropic.usage"]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits take no time, and there is enough of it."""
    time = Time()
    still = functools.partial(_http.Client, sleep=time.sleep, clock=time.clock, wall=time.wall, random=lambda: 0.4)
    monkeypatch.setattr(ask, "Client", functools.partial(still, budget=1e9))


@pytest.fixture
def clock() -> list[datetime]:
    """The provider's time: an hour and some minutes into the third day."""
    return [AnthropicServer(LEDGER).start + 2 * DAY + 75 * timedelta(minutes=1)]


@pytest.fixture
def server(clock: list[datetime]) -> Iterator[AnthropicServer]:
    """An organization at that time."""
    with AnthropicServer(LEDGER, clock=lambda: clock[0]) as one:
        yield one


def sync(store: ut.Store, server: AnthropicServer, now: datetime, **more: Any) -> SyncReport:
    """Bring a store in step."""
    return store.sync(
        "anthropic", start=server.start, key=KEY, base_url=server.base_url, now=now, progress=False, **more
    )


def truth(server: AnthropicServer, stop: datetime) -> Any:
    """What the provider has."""
    return ut.fetch(
        "anthropic", start=server.start, stop=stop, key=KEY, base_url=server.base_url, progress=False, names=True
    )


@pytest.mark.parametrize("minutes", [1, 6, 30, 59])
def test_i1_both_books_are_stored_and_covered(
    server: AnthropicServer, clock: list[datetime], tmp_path: Path, minutes: int
) -> None:
    """Usage by the hour and cost by the day reach as far as whole hours do, around midnight too."""
    store = ut.Store(tmp_path / "store")
    clock[0] = server.start + 4 * DAY + minutes * timedelta(minutes=1)
    report = sync(store, server, clock[0])
    through = server.start + 4 * DAY - (HOUR if minutes < 5 else 0 * HOUR)
    assert report.complete_through == through
    coverage = store.coverage()
    assert coverage["source"].unique().sort().to_list() == BOOKS
    whole = truth(server, server.start + 4 * DAY)
    assert same_rows(stored(store), whole.filter(whole["time"] < through))
    assert store.check().is_empty()
    assert report.windows == 1


def test_i8_revised_buckets_are_replaced(server: AnthropicServer, clock: list[datetime], tmp_path: Path) -> None:
    """Buckets that changed within the look-back are the provider's again, and told; pages give the same again."""
    store = ut.Store(tmp_path / "store")
    clock[0] = server.start + 4 * DAY + HOUR
    sync(store, server, clock[0])
    server.ledger = later(LEDGER, hours=30)
    clock[0] += HOUR
    report = sync(store, server, clock[0])
    assert report.revisions
    assert same_rows(stored(store), truth(server, server.start + 4 * DAY))
    assert store.rebuild() == ()
    assert store.check().is_empty()


def test_one_report_alone_covers_itself_alone(server: AnthropicServer, clock: list[datetime], tmp_path: Path) -> None:
    """Asked for the usage alone, no cost is said to be known; asked for all later, the cost is fetched."""
    store = ut.Store(tmp_path / "store")
    clock[0] = server.start + 30 * DAY
    sync(store, server, clock[0], endpoint="usage", stop=server.start + 4 * DAY)
    assert store.coverage()["source"].unique().to_list() == ["anthropic.usage"]
    report = sync(store, server, clock[0], stop=server.start + 4 * DAY)
    assert report.windows == 1
    assert same_rows(stored(store), truth(server, server.start + 4 * DAY))
    with pytest.raises(ut.ArgumentError, match="found 'models'"):
        sync(store, server, clock[0], endpoint="usage", models="x")
