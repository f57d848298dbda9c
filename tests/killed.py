"""A process that forks writers and kills them: started by the tests, told on its input how long each may live.

It loads the libraries and never uses them itself, so that a writer begins at once and forks from a process with one
thread.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

for name in ("deltalake", "deltalake.transaction", "deltalake.schema", "polars", "usage_toolkit.store"):
    importlib.import_module(name)

START, DAYS = datetime(2026, 9, 29, tzinfo=UTC), 4


def write(folder: str, seed: int, ready: int) -> None:
    """Say so when all is loaded; then replace days for ever, by another amount; now and then merge and clear."""
    from books import DAY, SOURCE, hourly
    from usage_toolkit.store import Store

    store = Store(folder)
    store.coverage()
    hourly(START, START + DAY)
    os.write(ready, b"!")
    for number in count(seed):
        start = START + number % DAYS * DAY
        rows = hourly(start, start + timedelta(days=1), amount=str(number % 1000 + 1))
        store.replace(rows, source=SOURCE, start=start, stop=start + DAY)
        if number % 5 == 0:
            store.compact()
        if number % 7 == 0:
            store.vacuum(keep=timedelta(0))


def main(folder: str) -> None:
    """Fork, wait, kill; a line for each."""
    for line in sys.stdin:
        seed, seconds = line.split()
        ready, is_ready = os.pipe()
        child = os.fork()
        if child == 0:
            sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 (until the end)
            write(folder, int(seed), is_ready)
        os.read(ready, 1)
        os.close(ready)
        os.close(is_ready)
        time.sleep(float(seconds))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print("killed", flush=True)  # noqa: T201 (the answer)


if __name__ == "__main__":
    main(sys.argv[1])
