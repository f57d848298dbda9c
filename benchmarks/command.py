"""`usage-toolkit totals` in a fresh process, against starting Python with polars."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import Line, alternate, child
from benchmarks.table import STORE

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.inputs import Inputs

NAME = "command line"
NOTE = """`usage-toolkit totals --by model` of one month of a store, as a table, against `python -c "import polars"`:
whole fresh processes. That neither Altair, pandas, pyarrow nor httpx is loaded is a test. The limit holds at 1,000,000
rows."""
_RUN = "import sys; from usage_toolkit.cli import main; sys.exit(main(sys.argv[1:]))"
_GOAL = 10**6


def measure(inputs: Inputs) -> list[Line]:
    """Measure at each size."""
    lines = []
    for size, folder in inputs.stores.items():
        words = ["totals", "--by", "model", "--start", "2026-06-01", "--stop", "2026-07-01", "--format", "table"]
        sides: dict[str, Callable[[], Any]] = {
            "totals": partial(child, "-c", _RUN, *words, "--store", str(folder / STORE), parse=False),
            "polars": partial(child, "-c", "import polars"),
        }
        took = alternate(sides, rounds=5 if inputs.quick else 15)
        limit = 2 if size == _GOAL else None
        lines.append(
            Line(NAME, "totals of a month by model", "s", took["totals"], took["polars"], limit, goal="P13", rows=size)
        )
    return lines
