"""Measure everything and write `RESULTS.md`: ``python -m benchmarks [--quick | --long]``, or ``LEDGER=file`` before."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import (
    browser,
    command,
    exactness,
    imports,
    pages,
    panels,
    reading,
    refreshing,
    results,
    shared_pages,
    storing,
    summing,
    syncing,
)
from benchmarks.inputs import Inputs

BENCHMARKS = (
    reading,
    summing,
    storing,
    syncing,
    refreshing,
    command,
    pages,
    imports,
    panels,
    browser,
    shared_pages,
)
RESULTS = Path(__file__).with_name("RESULTS.md")
_QUICK, _USUAL, _LONG = (10_000, 100_000), (10**5, 10**6, 10**7), (10**5, 10**6, 10**7, 10**8)


def main() -> int:
    """Run the benchmarks one after the other; 1 if a limit was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure time and memory.")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true", help="small inputs and few rounds; prints, writes no file")
    how.add_argument("--long", action="store_true", help="a store of 100,000,000 rows too: an hour, 12 GB of disk")
    parser.add_argument(
        "--folder", type=Path, help="where the stores are made, and removed in the end; else where /tmp is"
    )
    said = parser.parse_args()
    sizes = _QUICK if said.quick else _LONG if said.long else _USUAL
    with tempfile.TemporaryDirectory(dir=said.folder) as folder:
        inputs = Inputs.make(Path(folder), sizes=sizes, quick=said.quick)
        lines = []
        for benchmark in BENCHMARKS:
            print(f"{benchmark.NAME} …", file=sys.stderr)
            lines += benchmark.measure(inputs)
        exact = exactness.measure(inputs)
    notes = {benchmark.NAME: benchmark.NOTE for benchmark in (*BENCHMARKS, exactness)}
    text = results.markdown(lines, exact, said=inputs.said, notes=notes)
    print(text)
    if not said.quick:
        RESULTS.write_text(text, encoding="utf-8")
    return int(any(found["different"] for found in exact) or any(line.met is False for line in lines))


if __name__ == "__main__":
    sys.exit(main())
