"""Measure everything and write `RESULTS.md`: ``python -m benchmarks [--quick]``, or ``LEDGER=file`` before it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import browser, exactness, imports, pages, panels, reading, results, summing
from benchmarks.inputs import Inputs

BENCHMARKS = (reading, summing, pages, imports, panels, browser)
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> int:
    """Run the benchmarks one after the other; 1 if a limit was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure time and memory.")
    parser.add_argument("--quick", action="store_true", help="small inputs and few rounds; prints, writes no file")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as folder:
        inputs = Inputs.make(Path(folder), quick=quick)
        lines = []
        for benchmark in BENCHMARKS:
            print(f"{benchmark.NAME} …", file=sys.stderr)
            lines += benchmark.measure(inputs)
        exact = exactness.measure(inputs)
    notes = {benchmark.NAME: benchmark.NOTE for benchmark in (*BENCHMARKS, exactness)}
    text = results.markdown(lines, exact, said=inputs.said, notes=notes)
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")
    return int(exact["different"] > 0 or any(line.met is False for line in lines))


if __name__ == "__main__":
    sys.exit(main())
