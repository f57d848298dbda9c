"""A cube of a month brought up to date after a sync that touched one day, against making it anew."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import Line, alternate, child
from benchmarks.table import STORE

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from benchmarks.inputs import Inputs

NAME = "one day anew"
NOTE = """A cube by the hour and all labels that a panel filters by, of one month of a store. After a day has changed,
only that day is added up again, `ut.cube(store.scan(day), where=day)`, and put in its place; against adding up the
month. Both give the same cube, compared before timing. The limits hold from 10,000,000 rows on."""
_LARGE = 10**7
_LABELS = ("workspace", "model", "api_key", "user", "meter")


def measure(inputs: Inputs) -> list[Line]:
    """Measure at each size."""
    lines = []
    for size, folder in inputs.stores.items():
        took = child("-m", __name__, str(folder), "5" if inputs.quick else "15")
        large = size >= _LARGE
        of: dict[str, Any] = {"goal": "P14", "rows": size}
        most = [0.05] * len(took["day"])
        lines += [
            Line(NAME, "against the month", "s", took["day"], took["month"], 0.1 if large else None, **of),
            Line(NAME, "seconds", "s", took["day"], most, 1 if size == _LARGE else None, **of),
        ]
    return lines


def _run(folder: Path, rounds: int) -> dict[str, Any]:
    import polars as pl

    import usage_toolkit as ut

    start = datetime(2026, 9, 17, tzinfo=UTC)
    day, month = ut.Filter(start, start + timedelta(days=1)), ut.Filter.month("2026-09")

    def cube(where: ut.Filter) -> pl.DataFrame:
        return ut.cube(ut.Store(folder / STORE).scan(where), by=_LABELS, every="1h", where=where)

    whole = cube(month)

    def anew() -> pl.DataFrame:
        before, after = whole.filter(pl.col("time") < day.start), whole.filter(pl.col("time") >= day.stop)
        return pl.concat([before, cube(day), after])

    if not anew().equals(whole):
        raise SystemExit(f"{NAME}: the two sides differ.")
    sides: dict[str, Callable[[], Any]] = {"day": anew, "month": lambda: cube(month)}
    return alternate(sides, rounds=rounds)


if __name__ == "__main__":
    print(json.dumps(_run(Path(sys.argv[1]), int(sys.argv[2]))))
