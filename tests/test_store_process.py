"""What processes, disks and other libraries do to a store at a bad moment (G2, G5, G9, G11 to G13, G16, G17)."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import usage_toolkit as ut
from books import DAY, SOURCE, START, hourly, same_rows, stored, within
from usage_toolkit.store import Store, disk, files, log

STOP = START + 3 * DAY
ROWS = hourly(START, STOP)


def put(store: Store, amount: str = "0.06", **more: Any) -> None:
    """Replace all three days."""
    store.replace(hourly(START, STOP, amount=amount), source=SOURCE, start=START, stop=STOP, **more)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="The system does not tell which file was synced.")
def test_g2_what_a_commit_names_is_on_the_disk_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and their folders are synced before a commit names them, and the commit before it is said to be done."""
    store, synced, real, commit = Store(tmp_path / "store"), [], os.fsync, log.commit
    put(store)

    def fsync(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        real(handle)

    def committing(place: Any, base: Any, *, add: Any, **more: Any) -> None:
        names = [tmp_path / "store" / file.path for file in add]
        assert all(path.is_file() and path.parent in synced for path in names)
        assert sum(path.suffix == ".tmp" for path in synced) >= len(names)  # as they are called until they are whole
        synced.append(Path("commit"))
        commit(place, base, add=add, **more)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr("usage_toolkit.store.land.log.commit", committing)
    put(store, "0.07")
    entry = max((tmp_path / "store" / "_delta_log").glob("*.json"))
    assert synced.index(Path("commit")) < synced.index(entry) < synced.index(entry.parent, synced.index(entry))


@pytest.mark.parametrize("name", ["x" * 300, "file/below", "file"])
def test_g5_a_place_that_can_be_no_folder_is_a_sentence(tmp_path: Path, name: str) -> None:
    """A name too long, a file in the way: told as such, and nothing is made."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises((ut.StoreError, ut.ArgumentError), match="expected"):
        put(Store(tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Open files can't be limited here.")
@pytest.mark.parametrize("room", [0, 2, 4, 7])
def test_g5_too_few_open_files_change_nothing(tmp_path: Path, room: int) -> None:
    """With room for hardly a file more, a write is done or refused in a sentence; the store is whole in both cases."""
    put(Store(tmp_path / "store"))
    code = (
        "import resource, os, sys\nfrom books import *\nimport usage_toolkit as ut\n"
        "store = ut.Store(sys.argv[1]); store.coverage(); rows = hourly(START, START + 3 * DAY, amount='0.07')\n"
        f"most = len(os.listdir('/proc/self/fd')) + {room}\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))\n"
        "try:\n    store.replace(rows, source=SOURCE, start=START, stop=START + 3 * DAY)\n"
        "except ut.StoreError as error:\n    print('refused', error)\n"
        "else:\n    print('done')\n"
    )
    tests = Path(__file__).parent
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(tests.parent), str(tests)])}
    words = [sys.executable, "-c", code, str(tmp_path / "store")]
    said = subprocess.run(words, env=env, capture_output=True, check=False)
    assert said.returncode == 0, said.stderr.decode()
    amounts = stored(Store(tmp_path / "store"))["amount"].unique().to_list()
    assert len(amounts) == 1
    assert said.stdout.startswith(b"refused") or str(amounts[0]).startswith("0.07")
    assert Store(tmp_path / "store").check().is_empty()
    put(Store(tmp_path / "store"), "0.08", wait=0)


@pytest.mark.parametrize(("kind", "warned"), [("ext4", False), ("nfs4", True), ("cifs", True), ("fuse.sshfs", True)])
def test_g9_a_disk_of_the_network_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, *, warned: bool
) -> None:
    """Once, when a store is made there; nothing is said on a disk of this machine, or where nobody knows."""
    mounts = tmp_path / "mountinfo"
    where = str(tmp_path).replace(" ", "\\040")
    mounts.write_text(
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        f"40 22 0:50 / {where} rw,relatime shared:2 master:1 - {kind} there:/x rw\nnonsense\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(disk, "MOUNTS", mounts)
    store = Store(tmp_path / "store")
    if warned:
        with pytest.warns(ut.UsageToolkitWarning, match=rf"found one of the network \({kind}\)"):
            put(store)
    put(store)
    monkeypatch.setattr(disk, "MOUNTS", tmp_path / "nowhere")
    put(Store(tmp_path / "other"))


def test_g10_a_reader_that_comes_while_the_store_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks at a folder another process may make a store of it: that is no foreign folder."""
    folder = tmp_path / "store"
    folder.mkdir()
    real = Path.iterdir

    def made_meanwhile(path: Path) -> Any:
        if path == folder:
            monkeypatch.undo()
            put(Store(folder))
        return real(path)

    monkeypatch.setattr(Path, "iterdir", made_meanwhile)
    assert stored(Store(folder)).height == 72


def test_g11_a_reader_of_an_old_version_finishes_or_is_told(tmp_path: Path) -> None:
    """What was scanned before all was merged is still read; after it was cleared away, a sentence, never other rows."""
    store = Store(tmp_path / "store")
    put(store)
    before = store.scan()
    put(store, "0.07")
    store.compact()
    assert same_rows(before.collect(), ROWS)
    old = store.as_of(1)
    store.vacuum(keep=timedelta(0))
    with pytest.raises(ut.StoreError, match="take a newer version if it was vacuumed"):
        old.coverage()
    with pytest.raises((OSError, pl.exceptions.PolarsError)):
        before.collect()


def interrupt(folder: Path, times: int) -> None:
    """Interrupt a write at a random moment, again and again; whole before or after, and the lock is free."""
    chance = random.Random(times)
    store = Store(folder)
    put(store)
    stopped = 0

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    try:
        for number in range(times):
            try:
                signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.0005, 0.12))
                put(store, f"0.{number + 1}")
                signal.setitimer(signal.ITIMER_REAL, 0)
            except (KeyboardInterrupt, TypeError):  # what polars makes of one that comes while it looks at a type
                stopped += 1
            assert stored(store)["amount"].n_unique() == 1
            assert store.coverage()["rows"].to_list() == [24] * 3
            with store.writing(wait=0):
                pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert stopped > 0
    assert store.check().is_empty()


unheard = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""An interrupt may come while polars, in Rust, asks Python for a type: it is told of there and goes no further."""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="There is no timer on this system.")
@unheard
def test_g12_an_interrupt_at_any_moment(tmp_path: Path) -> None:
    """Sixty interrupts: nothing is half done, and no lock is kept."""
    interrupt(tmp_path / "store", 60)


@pytest.mark.torture
@unheard
def test_g12_two_thousand_interrupts(tmp_path: Path) -> None:
    """The same, 2,000 times."""
    interrupt(tmp_path / "store", 2000)


def test_g13_a_store_works_in_a_running_loop_and_in_threads(tmp_path: Path) -> None:
    """Inside an event loop, as in Jupyter, and from several threads at once, which take turns to write."""
    store = Store(tmp_path / "store")

    async def inside() -> int:
        put(store)
        return stored(store).height

    assert asyncio.run(inside()) == 72

    def work(day: int) -> int:
        start = START + day * DAY
        store.replace(hourly(start, start + DAY, amount="1"), source=SOURCE, start=start, stop=start + DAY)
        return within(stored(store), start, start + DAY).height

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(work, range(3))) == [24] * 3
    assert same_rows(stored(store), hourly(START, STOP, amount="1"))


def test_g13_another_thread_that_writes_is_told_of(tmp_path: Path) -> None:
    """Who does not want to wait for it is told, and may read."""
    store, held, done = Store(tmp_path / "store"), threading.Event(), threading.Event()
    put(store)

    def hold() -> None:
        with store.writing():
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    with pytest.raises(ut.StoreBusyError, match="another thread"):
        put(store, "1", wait=0)
    assert same_rows(stored(store), ROWS)
    done.set()
    thread.join()


@pytest.mark.parametrize("where", ["write", "commit"])
def test_g16_a_panic_of_another_library_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A panic is no Exception; it is told as what it is, and the store is as it was."""
    store = Store(tmp_path / "store")
    put(store)

    def panic(*_: Any, **__: Any) -> None:
        raise pl.exceptions.PanicException("called `Option::unwrap()` on a `None` value")

    with monkeypatch.context() as patch:
        if where == "write":
            patch.setattr(files, "write", panic)
        else:
            patch.setattr("deltalake.DeltaTable.create_write_transaction", panic)
        with pytest.raises(ut.StoreError, match="expected to be written, found: called"):
            put(store, "0.07")
    assert same_rows(stored(store), ROWS)
    put(store, "0.07", wait=0)


def test_g17_the_log_of_many_commits_is_read_from_a_checkpoint(tmp_path: Path) -> None:
    """After many commits a reader opens the last checkpoint and a few entries, not all of them."""
    store = Store(tmp_path / "store")
    for number in range(50):
        start = START + number % 3 * DAY
        store.replace(hourly(start, start + DAY, amount=f"{number + 1}"), source=SOURCE, start=start, stop=start + DAY)
    entries = tmp_path / "store" / "_delta_log"
    last = max(entries.glob("*.checkpoint.parquet"))
    assert int(last.name.partition(".")[0]) >= 39
    for entry in entries.glob("*.json"):  # what is older than the checkpoint is not needed to read the newest version
        if entry.name < last.name and entry.name[0] == "0":
            entry.unlink()
    assert stored(Store(tmp_path / "store")).height == 72
    assert Store(tmp_path / "store").coverage().height == 3
