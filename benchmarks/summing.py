"""A large table to a cube: `ut.cube` against polars by hand, and exact decimals against doubles."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rounds import Line, alternate, child, peak
from benchmarks.table import DECIMALS, DOUBLES

if TYPE_CHECKING:
    from benchmarks.inputs import Inputs

NAME = "large cube"
NOTE = """`ut.cube(pl.scan_parquet(...), by=("model", "api_key", "meter"))`, a day each, against the same group_by by
hand on polars' streaming engine, with the same result: same keys, three sums that are null where a part is unknown, the
number of rows, sorted. Both scan the same zstd Parquet; compared before timing. "Least by hand" leaves out all that can
be left out if nothing in the table needs care: 4 keys (day, model, key, meter), 2 sums (quantity, amount), no count.
"Decimals against doubles" is a query by hand on each kind of column: the least one, and the one with the same result,
which has a third sum. One process, everything warm; memory from fresh processes."""
_BY = ("model", "api_key", "meter")


def measure(inputs: Inputs) -> list[Line]:
    """Compare the cube with polars by hand, and decimals with doubles, in the same rounds."""
    folder, rounds = str(inputs.table), 5 if inputs.quick else 11
    took = child("-m", __name__, "all", folder, str(rounds))
    peaks = {side: [child("-m", __name__, side, folder) for _ in range(3)] for side in ("toolkit", "hand")}
    return [
        Line(NAME, "time", "s", took["toolkit"], took["hand"], limit=1.15),
        Line(NAME, "time, against least by hand", "s", took["toolkit"], took["least"]),
        Line(NAME, "peak memory", "MB", peaks["toolkit"], peaks["hand"]),
        Line(NAME, "time, decimals against doubles", "s", took["least"], took["least doubles"], limit=1.1),
        Line(NAME, "time, decimals against doubles, three sums", "s", took["hand"], took["doubles"]),
    ]


def _run(side: str, folder: Path, rounds: int) -> object:
    import polars as pl

    import usage_toolkit as ut
    from benchmarks import by_hand

    sides = {
        "toolkit": lambda: ut.cube(pl.scan_parquet(folder / DECIMALS), by=_BY),
        "hand": lambda: by_hand.day_cube(folder / DECIMALS),
        "least": lambda: by_hand.least_day_cube(folder / DECIMALS),
        "doubles": lambda: by_hand.day_cube(folder / DOUBLES),
        "least doubles": lambda: by_hand.least_day_cube(folder / DOUBLES),
    }
    if side != "all":
        sides[side]()
        return peak()
    theirs = sides["hand"]()
    if not sides["toolkit"]().select(theirs.columns).equals(theirs):
        raise SystemExit("large cube: the two sides differ.")
    return alternate(sides, rounds=rounds)


if __name__ == "__main__":
    print(json.dumps(_run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)))
