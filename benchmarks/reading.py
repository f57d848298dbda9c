"""A ledger from its file to a cube of days and models: `ut.read` and `ut.cube` against a script by hand."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import Line, alternate, child, peak

if TYPE_CHECKING:
    from benchmarks.inputs import Inputs

NAME = "read + cube"
NOTE = """`ut.read(ledger.csv.gz)`, which makes whole canonical rows and checks every value, and `ut.cube(rows,
by="model")`; by hand `pl.scan_csv` of the same file with the columns that the result needs, and no checks: money as
decimals from its digits, currencies and units apart, tokens from units, SKUs taken apart, streaming. Same result,
compared before timing. "Whole process" starts Python anew each time, so imports count; "in process" has both warm."""


def measure(inputs: Inputs) -> list[Line]:
    """Compare time and peak memory of whole processes, and time within one."""
    path, rounds = str(inputs.ledger), 5 if inputs.quick else 15
    within = child("-m", __name__, "both", path, str(2 * rounds))
    peaks: dict[str, list[float]] = {"toolkit": [], "hand": []}

    def run(side: str) -> None:
        peaks[side].append(child("-m", __name__, side, path))

    whole = alternate({side: partial(run, side) for side in peaks}, rounds=rounds)
    return [
        Line(NAME, "whole process, time", "s", whole["toolkit"], whole["hand"], limit=1.5),
        Line(NAME, "whole process, peak memory", "MB", peaks["toolkit"], peaks["hand"], limit=1.5),
        Line(NAME, "in process, time", "s", within["toolkit"], within["hand"], limit=1.5),
    ]


def _toolkit(path: Path) -> Any:
    import usage_toolkit as ut

    return ut.cube(ut.read(path), by="model")


def _hand(path: Path) -> Any:
    from benchmarks import by_hand

    return by_hand.model_days(path)


def _both(path: Path, rounds: int) -> dict[str, list[float]]:
    ours, theirs = _toolkit(path), _hand(path)
    if not ours.select(theirs.columns).sort("time", "model", "unit", "currency").equals(theirs):
        raise SystemExit("read + cube: the two sides differ.")
    return alternate({"toolkit": lambda: _toolkit(path), "hand": lambda: _hand(path)}, rounds=rounds)


if __name__ == "__main__":
    file = Path(sys.argv[2])
    if sys.argv[1] == "both":
        print(json.dumps(_both(file, int(sys.argv[3]))))
    else:
        (_toolkit if sys.argv[1] == "toolkit" else _hand)(file)
        print(json.dumps(peak()))
