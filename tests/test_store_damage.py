"""A store that was damaged says so: a changed byte is found or harmless, a full disk changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl
import pytest

import usage_toolkit as ut
from books import DAY, SOURCE, START, hourly, same_rows, stored, within
from usage_toolkit._http import Page
from usage_toolkit.store import Store
from usage_toolkit.store.pages import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STOP = START + 3 * DAY
ROWS = hourly(START, STOP)
PAGES = Kept({"provider": "venice"}, (Page("/usage", "a=1", {"date": "x"}, b"{}" * 40, framed=True),))


def make(folder: Path) -> Store:
    """A store with three days, two of them in files of their own, a revision, and pages."""
    store = Store(folder)
    for day in range(3):
        ends = (START + day * DAY, START + (day + 1) * DAY)
        store.replace(within(ROWS, *ends), source=SOURCE, start=ends[0], stop=ends[1], kept=PAGES)
    store.replace(within(ROWS, START, START + DAY).head(5), source=SOURCE, start=START, stop=START + DAY)
    store.replace(within(ROWS, START, START + DAY), source=SOURCE, start=START, stop=START + DAY)
    return store


def answer(store: Store) -> tuple[pl.DataFrame, ...]:
    """All that a reader may ask a store for, in an order of its own."""
    october = store.scan(ut.Filter("2026-10-01")).collect()
    rows = stored(store).sort(pl.all()).drop("origin")
    return rows, october.drop("origin").sort(pl.all()), store.coverage(), store.revisions()


def harmless(store: Store, before: tuple[pl.DataFrame, ...]) -> bool:
    """Whether every answer is the same, or there is none."""
    try:
        return all(one.equals(other) for one, other in zip(answer(store), before, strict=True))
    except (ut.StoreError, pl.exceptions.PolarsError):
        return True


def found(store: Store) -> bool:
    """Whether `check` says that something is wrong."""
    try:
        return not store.check().is_empty()
    except ut.StoreError:
        return True


def flip(folder: Path, *, step: int, first: int = 0) -> list[str]:
    """Change one byte after the other, and name those that gave another answer without being found."""
    store = make(folder)
    before = answer(store)
    silent = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "_lock"):
        data = path.read_bytes()
        for at in range(first, len(data), step):
            path.write_bytes(data[:at] + bytes([data[at] ^ 0x15]) + data[at + 1 :])
            if not found(store) and not harmless(store, before):
                silent.append(f"{path.relative_to(folder)} at {at}: {data[max(0, at - 20) : at + 20]!r}")
        path.write_bytes(data)
    assert store.check().is_empty()
    return silent


def test_g6_a_changed_byte_is_found_or_harmless(tmp_path: Path) -> None:
    """No byte of any file, changed, gives another total that `check` finds nothing wrong with."""
    assert flip(tmp_path / "store", step=151) == []


@pytest.mark.torture
@pytest.mark.parametrize("first", range(7))
def test_g6_every_byte(tmp_path: Path, first: int) -> None:
    """The same for every byte there is."""
    assert flip(tmp_path / "store", step=7, first=first) == []


@pytest.mark.parametrize("damage", ["cut", "gone", "zero"])
def test_g6_a_damaged_day_is_named_and_can_be_stored_again(tmp_path: Path, damage: str) -> None:
    """A file that is cut, gone or zeros is named with its days, others are read, and storing them again mends it."""
    store = make(tmp_path / "store")
    file = next(file for file in store._snapshot().files if file.first == START + DAY and file.month != "windows")
    path = tmp_path / "store" / file.path
    data = path.read_bytes()
    path.unlink() if damage == "gone" else path.write_bytes(data[:100] if damage == "cut" else bytes(len(data)))
    problems = store.check()
    assert problems.filter(pl.col("start") == START + DAY, pl.col("stop") == START + 2 * DAY).height
    assert problems.filter(pl.col("start") != START + DAY).is_empty()
    assert same_rows(store.scan(ut.Filter("2026-10-01")).collect(), within(ROWS, START + 2 * DAY, STOP))
    with pytest.raises(pl.exceptions.PolarsError if damage != "gone" else (OSError, pl.exceptions.PolarsError)):
        stored(store)
    store.replace(within(ROWS, START + DAY, START + 2 * DAY), source=SOURCE, start=START + DAY, stop=START + 2 * DAY)
    assert store.check().is_empty()
    assert same_rows(stored(store), ROWS)


def test_g6_damaged_pages_are_found(tmp_path: Path) -> None:
    """Pages that are not what they were are named, though no row needs them."""
    store = make(tmp_path / "store")
    (path,) = (tmp_path / "store" / "_pages").iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert store.check()["problem"].str.contains("the pages of its name").all()
    assert same_rows(stored(store), ROWS)


def test_g5_a_store_that_may_not_be_written_is_read(tmp_path: Path) -> None:
    """Without the right to write, reading goes on, and writing is one sentence."""
    store = make(tmp_path / "store")
    with _tmpfs(tmp_path / "mount", "8m") as mount:
        shutil.copytree(tmp_path / "store", mount / "store")
        subprocess.run(["mount", "-o", "remount,ro", str(mount)], check=True)  # noqa: S607 (wherever mount is)
        store = Store(mount / "store")
        assert same_rows(stored(store), ROWS)
        with pytest.raises(ut.StoreError, match="expected to be allowed to be written"):
            store.replace(ROWS, source=SOURCE, start=START, stop=STOP)


def fill(tmp_path: Path, levels: int) -> None:
    """Write to a store on a disk with ever less room; each time it is as before or as after, and goes on later."""
    after = hourly(START, STOP, amount="0.07")
    with _tmpfs(tmp_path / "mount", "2m") as mount:
        make(mount / "store")
        free = os.statvfs(mount)
        room = free.f_bavail * free.f_bsize
        refused = 0
        for level in range(levels):
            shutil.rmtree(mount / "store")
            make(mount / "store")
            free = os.statvfs(mount)
            room = free.f_bavail * free.f_bsize
            left = level * 40_000 // levels
            (mount / "ballast").write_bytes(bytes(room - left - left % 4096))
            store = Store(mount / "store")
            try:
                store.replace(after, source=SOURCE, start=START, stop=STOP)
                expected = after
            except ut.StoreError as error:
                assert "full disk" in str(error), error  # noqa: PT017 (whether it is raised depends on the room)
                refused += 1
                expected = ROWS
            (mount / "ballast").unlink()
            assert same_rows(stored(store), expected)
            assert store.check().is_empty()
            store.replace(after, source=SOURCE, start=START, stop=STOP)
            assert same_rows(stored(store), after)
        assert 0 < refused < levels


def test_g3_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    """At ten levels of room left a commit is whole or refused with a sentence, and works when there is room again."""
    fill(tmp_path, 10)


@pytest.mark.torture
def test_g3_a_full_disk_at_every_level(tmp_path: Path) -> None:
    """The same at two hundred levels."""
    fill(tmp_path, 200)


@contextmanager
def _tmpfs(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],  # noqa: S607 (wherever mount is)
        capture_output=True,
        check=False,
    )
    if not mounted or mounted.returncode:
        pytest.skip("No small disk can be made here: mounting one needs the right to.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)  # noqa: S607 (as above)
