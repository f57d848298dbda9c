"""G14: a store that an older program wrote is read, and raised whole; one of a newer one is refused."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from deltalake import DeltaTable

import usage_toolkit as ut
from books import DAY, SOURCE, hourly, same_rows, stored, union, within
from syncing import FIRST, be_quick, desk, row
from usage_toolkit.store.form import FORM, description

if TYPE_CHECKING:
    from collections.abc import Callable

STORES = Path(__file__).parent / "stores"
THROUGH = FIRST + timedelta(days=2, hours=7, minutes=2)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store of the first form: two days and seven hours, a row that came late, and the pages of it all."""
    return Path(shutil.copytree(STORES / "form-1", tmp_path / "store"))


def described(folder: Path) -> str | None:
    """What the table says of itself."""
    found: str | None = DeltaTable(folder).metadata().description
    return found


def is_whole(store: ut.Store) -> None:
    """Everything that was in the old store is there."""
    rows = stored(store)
    assert (rows.height, rows["amount"].sum()) == (15, Decimal("1.34"))
    assert union(store) == [(FIRST, THROUGH)]
    assert store.revisions()["after"].to_list() == [Decimal("0.86"), Decimal(7000)]
    assert store.reconciliation()["status"].to_list() == ["not checked", "provisional", "provisional"]
    assert store.check().is_empty()
    assert store.page(rows["origin"][0]).startswith(b'{"data":[')


def test_g14_an_older_store_is_read_as_it_is(old: Path) -> None:
    """Reading writes nothing, and finds rows, windows, revisions, pages and earlier versions."""
    files = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    store = ut.Store(old)
    is_whole(store)
    assert stored(store.as_of(3)).height == 14
    assert described(old) is None
    assert {path: path.read_bytes() for path in old.rglob("*") if path.is_file()} == files


def test_g14_the_first_write_raises_it(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync goes on where the old program ended; what was there before can still be read as it was."""
    be_quick(monkeypatch)
    rows = [*(row(FIRST + n * timedelta(hours=4)) for n in range(20)), row(FIRST + timedelta(hours=30), amount="-0.5")]
    with desk(rows, now=FIRST + 3 * DAY) as venice:
        report = venice.sync(ut.Store(old), start=None)
        assert report.revisions == ()
        assert same_rows(stored(ut.Store(old)), venice.truth())
    assert described(old) == description(FORM)
    is_whole(ut.Store(old).as_of(5))
    assert ut.Store(old).rebuild() == ()
    assert ut.Store(old).check().is_empty()


class Crash(BaseException):
    """The end of a process."""


@pytest.mark.parametrize("after", [False, True])
def test_g14_a_raise_that_dies_leaves_one_form_or_the_other(
    old: Path, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    """Killed before or after its one commit, the store is whole, and the next write goes on."""
    from deltalake.table import TableAlterer

    real: Callable[..., Any] = TableAlterer.set_table_description

    def die(*args: Any, **more: Any) -> None:
        if after:
            real(*args, **more)
        raise Crash

    with monkeypatch.context() as patch, suppress(Crash):
        patch.setattr(TableAlterer, "set_table_description", die)
        with ut.Store(old).writing():
            pass
    assert described(old) == (description() if after else None)
    is_whole(ut.Store(old))
    day = hourly(FIRST, FIRST + DAY)
    ut.Store(old).replace(day, source=SOURCE, start=FIRST, stop=FIRST + DAY, wait=0)
    assert same_rows(within(stored(ut.Store(old)), FIRST, FIRST + DAY), day)
    assert described(old) == description()


@pytest.mark.parametrize("form", [str(FORM + 1), "10" * 20, "2b"])
def test_g14_a_newer_store_is_refused(old: Path, form: str) -> None:
    """Neither read nor written: what a newer program keeps in it may mean something else."""
    DeltaTable(old).alter.set_table_description(description().replace(str(FORM), form))
    files = {path: path.read_bytes() for path in old.rglob("*") if path.is_file() and path.name != "_lock"}
    store = ut.Store(old)
    for use in (
        store.coverage,
        store.scan,
        store.check,
        store.compact,
        lambda: store.replace(hourly(FIRST, FIRST), source=SOURCE, start=FIRST, stop=FIRST + DAY),
    ):
        with pytest.raises(ut.StoreError, match=f"expected a store of form {FORM} or older, found form .*: update usa"):
            use()
    after = {path: path.read_bytes() for path in old.rglob("*") if path.is_file() and path.name != "_lock"}
    assert after == files


def test_a_new_store_says_its_form(tmp_path: Path) -> None:
    """From the first version on."""
    with ut.Store(tmp_path / "store").writing():
        pass
    assert described(tmp_path / "store") == description()
    assert DeltaTable(tmp_path / "store").version() == 0
