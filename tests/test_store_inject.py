"""A commit that is killed, or refused, at each of its own system calls: the store is as before or as after."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from books import DAY, SOURCE, START, hourly, same_rows, stored
from usage_toolkit.store import Store

CALLS = ("mkdir", "flock", "ftruncate", "fsync", "rename", "link,linkat", "unlink,unlinkat")
FAULTS = ("signal=SIGKILL", "error=ENOSPC", "error=EIO")
MOST = 60
STOP = START + 2 * DAY
BEFORE, AFTER = hourly(START, STOP), hourly(START, STOP, amount="0.07")
WRITE = """
import sys
from books import SOURCE, START, DAY, hourly
from usage_toolkit.store import Store
rows = hourly(START, START + 2 * DAY, amount="0.07")
Store(sys.argv[1]).replace(rows, source=SOURCE, start=START, stop=START + 2 * DAY)
"""
STRACE = shutil.which("strace")
pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(STRACE is None, reason="There is no strace here, which refuses system calls."),
]


def write(folder: Path, inject: str) -> bool:
    """Replace all rows in another process, in which one system call goes wrong; whether it said that it was done."""
    assert STRACE is not None
    tests = Path(__file__).parent
    paths = os.pathsep.join([str(tests.parent), str(tests), os.environ.get("PYTHONPATH", "")])
    words = [STRACE, "-f", "-qq", "-o", "/dev/null", "-e", f"inject={inject}", sys.executable, "-c", WRITE, str(folder)]
    done = subprocess.run(words, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, timeout=60, check=False)
    return done.returncode == 0


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("calls", ["mkdir", "fsync", "link,linkat"])
def test_g14_every_call_of_a_raise(tmp_path: Path, calls: str, fault: str) -> None:
    """The same for a store of an older form, whose first write raises it: its days are there, and writing goes on."""
    for number in range(1, MOST):
        folder = shutil.copytree(Path(__file__).parent / "stores" / "form-1", tmp_path / f"store{number}")
        old = stored(Store(folder)).filter(pl.col("time") < START)
        said = write(folder, f"{calls}:{fault}:when={number}")
        rows = stored(Store(folder))
        assert same_rows(rows.filter(pl.col("time") < START), old), number
        assert not said or same_rows(rows.filter(pl.col("time") >= START), AFTER), number
        assert Store(folder).check().is_empty(), number
        Store(folder).replace(AFTER, source=SOURCE, start=START, stop=STOP, wait=0)
        assert same_rows(stored(Store(folder)).filter(pl.col("time") >= START), AFTER), number
        shutil.rmtree(folder)
        if said and number > 3:
            break
    assert number < MOST - 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("calls", CALLS)
def test_g1_g3_g4_every_call_of_a_commit(tmp_path: Path, calls: str, fault: str) -> None:
    """At each call of a kind: whole before or whole after, done means after, and writing goes on."""
    for number in range(1, MOST):
        folder = tmp_path / f"store{number}"
        Store(folder).replace(BEFORE, source=SOURCE, start=START, stop=STOP)
        said = write(folder, f"{calls}:{fault}:when={number}")
        store = Store(folder)
        rows = stored(store)
        after = same_rows(rows, AFTER)
        assert after or same_rows(rows, BEFORE), number
        assert after or not said, number
        assert store.check().is_empty(), number
        store.replace(AFTER, source=SOURCE, start=START, stop=STOP, wait=0)
        assert same_rows(stored(store), AFTER), number
        shutil.rmtree(folder)
        if said and number > 3:
            break
    assert number < MOST - 1
