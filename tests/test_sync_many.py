"""Several processes sync one store while others read it: nothing is lost, doubled or torn, and nobody waits to read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import usage_toolkit as ut
from books import HOUR, same_rows, stored, union
from syncing import FIRST, KEY, desk, row
from test_store_kill import run

NOW = datetime(2026, 10, 12, 10, 7, tzinfo=UTC)
WRITE = """
import sys, usage_toolkit as ut
folder, url, key, start, now = sys.argv[1:]
store = ut.Store(folder)
for again in (False, True):
    print(store.sync("venice", start=start, now=now, key=key, base_url=url, again=again, progress=False, wait=500))
"""


def together(folder: Path, *, many: int) -> None:
    """Start as many writers as readers, on overlapping times, and compare with one that was alone."""
    rows = [row(FIRST + n * HOUR) for n in range(24 * 15)]
    with desk(rows, now=NOW) as venice:
        readers = [run(str(Path(__file__).parent / "reader.py"), str(folder)) for _ in range(many)]
        starts = [FIRST + n * 30 * HOUR for n in range(many)]
        words = [(str(folder), venice.server.base_url, KEY, start.isoformat(), NOW.isoformat()) for start in starts]
        writers = [run("-c", WRITE, *said) for said in words]
        for writer in writers:
            said, _ = writer.communicate()
            assert writer.returncode == 0
            assert said.count("complete through 2026-10-12 10:02Z") == 2
        for reader in readers:
            seen, _ = reader.communicate("")
            assert reader.returncode == 0
            assert int(seen) > 0
        store = ut.Store(folder)
        assert same_rows(stored(store), venice.truth())
        assert union(store) == [(FIRST, venice.through)]
        assert store.check().is_empty()
        assert store.revisions().is_empty()


def test_i19_g10_four_sync_while_four_read(tmp_path: Path) -> None:
    """Four writers and four readers at once."""
    together(tmp_path / "store", many=4)


@pytest.mark.torture
def test_i19_g10_eight_at_once_ten_times(tmp_path: Path) -> None:
    """The same, ten times."""
    for number in range(10):
        together(tmp_path / f"store{number}", many=4)
