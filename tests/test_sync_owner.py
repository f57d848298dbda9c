"""B21, B22: the key of another account is refused before anything is stored; no use is counted in two books."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import usage_toolkit as ut
from books import DAY, HOUR, same_rows, stored, union
from simulator import faults
from simulator.anthropic import organization
from syncing import FIRST, KEY, Desk, be_quick, desk, new, row
from test_sync_anthropic import _no_waiting as _no_waiting  # noqa: PLC0414 (waits take no time here either)
from test_sync_anthropic import clock as clock  # noqa: PLC0414 (fixtures)
from test_sync_anthropic import server as server  # noqa: PLC0414

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from simulator.anthropic.server import AnthropicServer

NOW = datetime(2026, 9, 30, 10, 7, tzinfo=UTC)
LIST = "/api_keys"
OTHER = {"key": KEY + "-of-another"}


@pytest.fixture
def venice(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A Venice with two days, whose account has two keys of its own."""
    be_quick(monkeypatch)
    with desk([row(FIRST + n * HOUR) for n in range(48)], now=NOW) as open_desk:
        open_desk.server.keys = {"r1": ("key-1", "one"), "r2": ("key-2", "two")}
        yield open_desk


def change_key(venice: Desk, *, admin_id: str, **keys: tuple[str, str]) -> None:
    """Let in another admin key, with another id and other keys beside it."""
    venice.server.key = OTHER["key"]
    venice.server.admin_id = admin_id
    venice.server.keys = keys


def asked(venice: Desk) -> int:
    """How often the provider was asked for keys."""
    return [request.path for request in venice.server.requests].count(LIST)


def unchanged(store: ut.Store, before: tuple[Any, ...]) -> bool:
    """Whether rows, coverage and version are as they were."""
    return same_rows(stored(store), before[0]) and union(store) == before[1] and store._snapshot().version == before[2]


def state(store: ut.Store) -> tuple[Any, ...]:
    """What `unchanged` compares."""
    return stored(store), union(store), store._snapshot().version


def test_b21_a_key_of_another_account_is_refused(venice: Desk, tmp_path: Path) -> None:
    """One sentence that asks for another store; nothing of the other account is stored, nor asked for."""
    store = new(tmp_path)
    venice.sync(store)
    before = state(store)
    change_key(venice, admin_id="another", r1=("key-9", "nine"))
    venice.server.rows = [row(FIRST + n * HOUR, amount="-5") for n in range(48)]
    walks = venice.requests()
    with pytest.raises(ut.StoreError, match="found one of another account; nothing was stored: sync it into another s"):
        venice.sync(store, again=True, **OTHER)
    assert unchanged(store, before)
    assert venice.requests() == walks
    other = new(tmp_path, "other")
    venice.sync(other, **OTHER)
    venice.sync(store, account="other", **OTHER)
    assert same_rows(stored(store).filter(account="other").drop("account"), stored(other).drop("account"))


def test_b21_a_new_key_of_the_same_account_is_taken(venice: Desk, tmp_path: Path) -> None:
    """Known by a key that was there before, also by one of several; the provider is asked once for each key."""
    store = new(tmp_path)
    venice.sync(store)
    venice.now = NOW + HOUR
    venice.sync(store)
    assert asked(venice) == 1
    change_key(venice, admin_id="new", r2=("key-2", "two"), r3=("key-3", "three"))
    for _ in range(2):
        venice.now += HOUR
        assert venice.sync(store, **OTHER).complete_through == venice.through
    assert asked(venice) == 2
    venice.server.admin_id, venice.server.keys = "newest", {"r3": ("key-3", "three")}
    venice.server.key = KEY + "-third"
    assert venice.sync(store, again=True, key=KEY + "-third").windows == 3
    assert store.check().is_empty()


@pytest.mark.parametrize("status", [403, 404])
def test_b21_what_can_not_be_told_is_not_guessed(venice: Desk, tmp_path: Path, status: int) -> None:
    """Where the list of keys is refused, a new key needs the word of a person; the first and the same do not."""
    store = new(tmp_path)
    venice.server.faulty = LIST
    venice.server.faults.extend([faults.status(status)] * 9)
    venice.sync(store)
    venice.sync(store, again=True)
    change_key(venice, admin_id="new")
    before = state(store)
    with pytest.raises(ut.StoreError, match=f"that can't be told \\(.*{status}.*with same_account=True"):
        venice.sync(store, again=True, **OTHER)
    assert unchanged(store, before)
    assert venice.sync(store, again=True, same_account=True, **OTHER).windows == 3
    assert venice.sync(store, again=True, **OTHER).windows == 3


def test_b21_a_key_that_is_none_is_said_to_be_none(venice: Desk, tmp_path: Path) -> None:
    """A mistyped key is no other account."""
    store = new(tmp_path)
    venice.sync(store)
    with pytest.raises(ut.AuthError) as refused:
        venice.sync(store, again=True, key=KEY + "x")
    assert "0 of 3 windows are stored" in refused.value.__notes__[0]


def test_b22_one_account_has_one_book(venice: Desk, tmp_path: Path) -> None:
    """The same account under a second name is refused, with the same key and with another: all would count twice."""
    store = new(tmp_path)
    venice.sync(store)
    before = state(store)
    with pytest.raises(ut.StoreError, match=r"the one whose books are '\(default\)'; nothing was stored, or its use"):
        venice.sync(store, account="team")
    change_key(venice, admin_id="new", r2=("key-2", "two"))
    with pytest.raises(ut.StoreError, match=r"sync with account='\(default\)'"):
        venice.sync(store, account="team", **OTHER)
    assert unchanged(store, before)
    venice.sync(store, again=True, **OTHER)
    assert same_rows(stored(store), venice.truth())


def test_b21_an_organization_is_known_by_its_id(
    server: AnthropicServer, clock: list[datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another Admin API key of the organization goes on, one of another organization does not."""
    clock[0] = server.start + 3 * DAY
    store = ut.Store(tmp_path / "store")
    more: dict[str, Any] = {
        "start": server.start,
        "base_url": server.base_url,
        "now": clock[0],
        "progress": False,
        "again": True,
    }
    store.sync("anthropic", key=server.key, **more)
    server.key += "-new"
    store.sync("anthropic", key=server.key, **more)
    before = state(store)
    monkeypatch.setitem(organization.ME, "id", "another")
    server.key += "er"
    with pytest.raises(ut.StoreError, match="expected a key of the account whose books are anthropic"):
        store.sync("anthropic", key=server.key, **more)
    assert unchanged(store, before)


def test_i20_marks_show_no_key_and_no_id(venice: Desk, tmp_path: Path) -> None:
    """Whose the books are is stored as hashes."""
    venice.sync(new(tmp_path))
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert KEY.encode() not in held
    assert b"key-1" not in held
