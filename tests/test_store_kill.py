"""A writer killed at any moment leaves a store of whole windows, and the next one goes on at once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

import usage_toolkit as ut
from books import DAY, SOURCE, START, hourly, same_rows, stored, within
from usage_toolkit.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parent
DAYS = 4
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="There is no kill -9 on this system.")


def run(*words: str) -> subprocess.Popen[str]:
    """Start a Python beside this one, with this package and the tests in reach."""
    paths = os.pathsep.join([str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    )


def kills(folder: Path, times: int, *, seed: int) -> Iterator[int]:
    """Kill that many writers, and give the number of each when it is dead."""
    chance = random.Random(seed)
    with run(str(TESTS / "killed.py"), str(folder)) as killer:
        assert killer.stdin is not None
        assert killer.stdout is not None
        for number in range(times):
            killer.stdin.write(f"{number * 7} {chance.uniform(0, 0.12):.4f}\n")
            killer.stdin.flush()
            assert killer.stdout.readline() == "killed\n"
            yield number


def is_whole(store: Store) -> int:
    """Assert that each covered day has 24 rows of one amount, and no other row is there; return how many days."""
    rows = stored(store).with_columns(day=pl.col("time").dt.truncate("1d"))
    days = rows.group_by("day").agg(pl.len(), pl.col("amount").n_unique()).sort("day")
    coverage = store.coverage()
    assert coverage["start"].to_list() == days["day"].to_list()
    assert coverage["stop"].to_list() == [day + DAY for day in days["day"]]
    assert (days["len"] == 24).all()
    assert (days["amount"] == 1).all()
    return days.height


def survive(folder: Path, times: int) -> None:
    """Kill writers, look at the store after each, and write to it in the end as if nothing had been."""
    store = Store(folder)
    reached = [is_whole(store) for number in kills(folder, times, seed=times)]
    assert reached == sorted(reached)
    assert reached[-1] == DAYS
    assert store._snapshot().version > times / 4
    assert store.check().is_empty()
    stop = START + DAYS * DAY
    rows = hourly(START, stop)
    store.replace(rows, source=SOURCE, start=START, stop=stop, wait=0)
    assert same_rows(stored(store), rows)
    store.vacuum(keep=timedelta(0))
    assert store.check().is_empty()
    assert len(list(folder.rglob("*.parquet"))) == len(store._snapshot().files) + len(
        list((folder / "_delta_log").glob("*.parquet"))
    )


def test_i6_g1_kill_at_200_random_points(tmp_path: Path) -> None:
    """After each of 200 kills all days are whole, no start fails, and nothing is lost that was there before."""
    survive(tmp_path / "store", 200)


@pytest.mark.torture
def test_i6_g1_kill_at_3000_random_points(tmp_path: Path) -> None:
    """The same, 3,000 times."""
    survive(tmp_path / "store", 3000)


def test_g7_g8_a_second_writer_waits_and_a_dead_one_is_not_waited_for(tmp_path: Path) -> None:
    """The second is told who writes since when; once that one is killed, the lock is free at once."""
    folder = tmp_path / "store"
    hold = "import sys, usage_toolkit.store as s\nwith s.Store(sys.argv[1]).writing():\n"
    hold += " print('held', flush=True)\n sys.stdin.read()"
    with run("-c", hold, str(folder)) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        store = Store(folder)
        with pytest.raises(
            ut.StoreBusyError, match=rf"process {holder.pid}, writing since 20\d\d-.*Z; reading goes on"
        ):
            store.replace(hourly(START, START + DAY), source=SOURCE, start=START, stop=START + DAY, wait=0)
        assert stored(store).is_empty()
        holder.kill()
        holder.wait()
        store.replace(hourly(START, START + DAY), source=SOURCE, start=START, stop=START + DAY, wait=0)
    assert same_rows(stored(store), within(hourly(START, START + DAY), START, START + DAY))
