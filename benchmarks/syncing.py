"""A sync over a real socket from a provider that takes 20 ms to answer: side by side, and one after the other.

The provider is the simulator of the tests, in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import Line, alternate, child, peak

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.inputs import Inputs

NAME = "sync"
NOTE = """`Store.sync` of a month of a ledger, a window a day and 1000 rows a page, into a new store: pages fetched,
checked and parsed, windows that have arrived committed to the disk together. From the simulated Venice over a real
socket, in a process of its own, 20 ms before each answer. "8 windows" asks for 8 days side by side, where 4 is what the
toolkit does at Venice. "Pages times latency" is what those 8 would take if only the latency took time. "Decode" is
reading the same pages again from memory to the same frames. Provider and toolkit share one machine, so the work of both
comes on top of the latency. "Peak memory" is that of a process that syncs a year of 1,000,000 rows, 4 windows side by
side."""
_TESTS = Path(__file__).parents[1] / "tests"
_KEY = "VENICE_ADMIN_KEY_of_nobody"
_LATENCY, _SIDE_BY_SIDE, _SYNC_MB = 0.02, 8, 512.0
_NOW = datetime(2026, 10, 20, tzinfo=UTC)
_MONTH, _YEAR = ("2026-06-01", "2026-07-01"), ("2025-10-01", "2026-10-01")


def measure(inputs: Inputs) -> list[Line]:
    """Sync a month several times, and a year once."""
    rows = 20_000 if inputs.quick else 1_000_000
    with _provider(rows, _MONTH) as url:
        took = child("-m", __name__, "both", url, "1" if inputs.quick else "5")
    ends = _MONTH if inputs.quick else _YEAR
    with _provider(rows, ends) as url:
        most = child("-m", __name__, "memory", url, *ends)
    ideal = [took["pages"] * _LATENCY / _SIDE_BY_SIDE] * len(took["together"])
    return [
        Line(NAME, "8 windows, against one", "s", took["together"], took["alone"], 6, at_least=True, goal="P10"),
        Line(NAME, "8 windows, against pages times latency", "s", took["together"], ideal, 1.3, goal="P10"),
        Line(NAME, "decode, against all of it", "s", took["decode"], took["alone"], 0.1, goal="P10"),
        Line(NAME, "peak memory", "MB", [most], [_SYNC_MB], 1, goal="memory", rows=rows),
    ]


@contextmanager
def _provider(rows: int, ends: tuple[str, str]) -> Iterator[str]:
    """Start a provider with the part of a ledger that is within `ends`, and give its address."""
    words = [sys.executable, "-m", __name__, "serve", str(rows), *ends]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout:
            yield process.stdout.readline().strip()
        process.communicate()


def _serve(count: int, start: str, stop: str) -> None:
    sys.path.insert(0, str(_TESTS))
    from benchmarks import ledger, traffic
    from simulator.ledger import Details, Row
    from simulator.server import VeniceServer

    class Distant(VeniceServer):
        """A provider that is far away."""

        def respond(self, *request: Any) -> Any:
            time.sleep(_LATENCY)
            return super().respond(*request)

    rows = []
    for month in traffic.months(seed=0, count=count):
        for when, sku, price, units, amount, currency, notes, name, took, prompt, answer in ledger.fields(month):
            if start <= when < stop:
                counts = (int(text) if text else None for text in (prompt, answer, took))
                rows.append(Row(when, sku, units, price, amount, currency, notes, Details(name, *counts)))
    for row in rows:
        row.json  # noqa: B018 (made once and kept)
    with Distant(rows, key=_KEY, clock=lambda: _NOW) as server:
        print(server.base_url, flush=True)
        sys.stdin.read()


def _sync(url: str, folder: Path, ends: tuple[str, str], many: int) -> Any:
    import usage_toolkit as ut
    from usage_toolkit.sources.venice import walk

    walk.AT_ONCE = many
    return ut.Store(folder).sync(
        "venice", start=ends[0], stop=ends[1], key=_KEY, base_url=url, now=_NOW, progress=False
    )


def _both(url: str, rounds: int) -> dict[str, Any]:
    from usage_toolkit._key import Key
    from usage_toolkit.store import pages
    from usage_toolkit.store.place import Folder
    from usage_toolkit.sync.ask import again

    with tempfile.TemporaryDirectory() as home:
        number = iter(range(1000))

        def sync(many: int) -> Any:
            return _sync(url, Path(home) / str(next(number)), _MONTH, many)

        done = sync(1)
        place = Folder(Path(home) / "0")
        names = [path.relative_to(place.root).as_posix() for path in (place.root / pages.FOLDER).glob("*.parquet")]
        kept = [pages.read(place, name) for name in names]
        key = Key.of(_KEY, env="VENICE_ADMIN_KEY")
        sides = {
            "alone": lambda: sync(1),
            "together": lambda: sync(_SIDE_BY_SIDE),
            "decode": lambda: [again(one, key=key, as_of=_NOW) for one in kept],
        }
        return {"pages": done.pages} | alternate(sides, rounds=rounds)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve(int(sys.argv[2]), *sys.argv[3:])
    elif sys.argv[1] == "both":
        print(json.dumps(_both(sys.argv[2], int(sys.argv[3]))))
    else:
        with tempfile.TemporaryDirectory() as home:
            _sync(sys.argv[2], Path(home) / "store", (sys.argv[3], sys.argv[4]), 4)
        print(json.dumps(peak()))
