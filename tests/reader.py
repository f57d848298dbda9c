"""A process that reads a store again and again while others write, until its input ends; says what it saw."""

from __future__ import annotations

import sys
import threading

import polars as pl

from usage_toolkit.store import Store


def main(folder: str) -> None:
    """Hold each version's rows against its own coverage."""
    store, done = Store(folder), threading.Event()

    def listen() -> None:
        sys.stdin.read()
        done.set()

    threading.Thread(target=listen, daemon=True).start()
    seen, rows = 0, 0
    while not done.is_set() or not seen:
        version = store._snapshot().version
        if version < 0:
            continue
        then = store.as_of(version)
        coverage = then.coverage()
        stored = then.scan().select("time").collect()
        assert stored.height == coverage["rows"].sum(), f"version {version} is torn"
        for start, stop, count in coverage.select("start", "stop", "rows").rows():
            assert stored.filter(pl.col("time").is_between(start, stop, closed="left")).height == count
        assert stored.height >= rows, f"version {version} has lost rows"
        seen, rows = seen + 1, stored.height
    print(seen)  # noqa: T201 (the answer)


if __name__ == "__main__":
    main(sys.argv[1])
