"""What `import usage_toolkit` costs, against polars, which it needs anyway."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.rounds import Line, alternate, child

if TYPE_CHECKING:
    from benchmarks.inputs import Inputs

NAME = "import"
NOTE = """`import usage_toolkit` against `import polars`, each in a fresh process: the import alone, as that process
sees it, and the whole process with the start and the end of Python."""
_TIMED = "from time import perf_counter as now; begin = now(); import {}; print(now() - begin)"


def measure(inputs: Inputs) -> list[Line]:
    """Compare the imports."""
    alone: dict[str, list[float]] = {"usage_toolkit": [], "polars": []}

    def run(name: str) -> None:
        alone[name].append(child("-c", _TIMED.format(name)))

    whole = alternate({name: partial(run, name) for name in alone}, rounds=5 if inputs.quick else 25)
    return [
        Line(NAME, "the import alone", "s", alone["usage_toolkit"], alone["polars"], limit=1.3),
        Line(NAME, "whole process", "s", whole["usage_toolkit"], whole["polars"], limit=1.3),
    ]
