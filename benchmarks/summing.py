"""A question put to all rows of a store, and to a few: the toolkit, polars by hand, DuckDB and pandas side by side."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import Line, alternate, child, peak
from benchmarks.table import DECIMALS, DOUBLES, STORE

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.inputs import Inputs

NAME = "cube of a store"
NOTE = """`ut.cube(store.scan(), by=("model", "api_key", "meter"))`, a day each, over a compacted store; by hand the
same group_by on polars' streaming engine over the store's own files, with the same result: same keys, three sums that
are null where a part is unknown, the number of rows, sorted. DuckDB asks the same in SQL of the same files. pandas asks
the same of one Parquet file of the same rows, once with doubles in it and once with Decimals. "Few rows" takes two
models and one workspace in one month. All are compared before timing. "Least by hand" leaves out all that can be left
out if nothing in the table needs care: 4 keys (day, model, key, meter), 2 sums (quantity, amount), no count; "decimals
against doubles" is that query by hand on each kind of column, so that nothing of ours is in it. One process, everything
warm; memory from fresh processes. The limits hold from 10,000,000 rows on: below, opening the store is most of the
time."""
_BY = ("model", "api_key", "meter")
_LARGE, _MOST_FOR_PANDAS, _FEW = 10**7, 10**7, 3
_MODELS, _WORKSPACE, _MONTH = ("llama-3.3-70b", "deepseek-v3.2"), "research", "2026-06"
_CUBE_MB = 2048.0


def measure(inputs: Inputs) -> list[Line]:
    """Compare at each size."""
    lines = []
    for size, folder in inputs.stores.items():
        lines += _at(size, folder, rounds=_FEW if inputs.quick or size > _LARGE else 9)
    return lines


def _at(size: int, folder: Path, *, rounds: int) -> list[Line]:
    took = child("-m", __name__, "all", str(folder), str(rounds))

    def line(said: str, ours: str, other: str, goal: str = "", limit: float | None = None, **more: Any) -> Line:
        kept = limit if size >= _LARGE else None
        return Line(NAME, said, "s", took[ours], took[other], kept, goal=goal, rows=size, **more)

    peaks = {
        side: [child("-m", __name__, side, str(folder)) for _ in range(1 if rounds == _FEW else 3)]
        for side in ("toolkit", "hand", "duckdb")
    }
    lines = [
        line("against polars by hand", "toolkit", "hand", "P1", 1.15),
        line("against least by hand", "toolkit", "least"),
        line("against DuckDB", "toolkit", "duckdb", "P3", 0.65),
        line("few rows, against polars by hand", "few", "few by hand"),
        line("few rows, against DuckDB", "few", "few in duckdb", "P3", 0.8),
        line("decimals against doubles", "least decimals", "least doubles", "P4", 1.1),
        Line(NAME, "peak memory, against polars by hand", "MB", peaks["toolkit"], peaks["hand"], rows=size),
        Line(NAME, "peak memory, against DuckDB", "MB", peaks["toolkit"], peaks["duckdb"], rows=size),
    ]
    if size <= _MOST_FOR_PANDAS:
        exact = child("-m", __name__, "exact", str(folder), "1" if size >= _LARGE or rounds == _FEW else "3")
        took |= {f"{side} again": seconds for side, seconds in exact.items()}
        whole = alternate(
            {side: partial(child, "-m", __name__, side, str(folder)) for side in ("toolkit", "pandas")},
            rounds=len(peaks["hand"]),
        )
        took |= {f"{side} whole": seconds for side, seconds in whole.items()}
        theirs = [child("-m", __name__, "pandas", str(folder)) for _ in peaks["toolkit"]]
        lines += [
            line("against pandas with doubles", "toolkit", "pandas", "P2", 3.5, at_least=True),
            line("against pandas, whole process", "toolkit whole", "pandas whole", "P2", 2.5, at_least=True),
            line("against pandas with Decimals", "toolkit again", "exact again", "P2", 10, at_least=True),
            line("few rows, against pandas with doubles", "few", "few in pandas", at_least=True),
            Line(
                NAME, "peak memory, against pandas with doubles", "MB", peaks["toolkit"], theirs,
                1 / 3 if size >= _LARGE else None, goal="P2", rows=size,
            ),
        ]  # fmt: skip
    if size > _LARGE:
        most = [_CUBE_MB] * len(peaks["toolkit"])
        lines.append(Line(NAME, "peak memory, at most", "MB", peaks["toolkit"], most, 1, goal="memory", rows=size))
    return lines


def _sides(folder: Path) -> dict[str, Callable[[], Any]]:
    import polars as pl

    import usage_toolkit as ut
    from benchmarks import by_hand, engines

    files = str(folder / STORE / "provider=*" / "month=20*" / "*.parquet")
    month = ut.Filter.month(_MONTH)
    ends = (month.start, month.stop)
    few = (
        pl.col("time").is_between(*ends, closed="left")
        & pl.col("model").is_in(_MODELS)
        & (pl.col("workspace") == _WORKSPACE)
    )
    sql = " AND ".join(
        [f"time >= '{ends[0]}' AND time < '{ends[1]}'", f"model IN {_MODELS}", f"workspace = '{_WORKSPACE}'"]
    )
    where = month.replace(model=_MODELS, workspace=_WORKSPACE)

    def cube(where: ut.Filter) -> pl.DataFrame:
        return ut.cube(ut.Store(folder / STORE).scan(where), by=_BY, where=where)

    return {
        "toolkit": partial(cube, ut.Filter()),
        "hand": partial(by_hand.day_cube, files),
        "duckdb": partial(engines.duckdb_cube, files),
        "pandas": partial(engines.pandas_cube, folder / DOUBLES),
        "exact": partial(engines.pandas_cube, folder / DECIMALS),
        "few": partial(cube, where),
        "few by hand": partial(by_hand.day_cube, files, few),
        "few in duckdb": partial(engines.duckdb_cube, files, sql),
        "few in pandas": partial(
            engines.pandas_cube, folder / DOUBLES, time=ends, model=_MODELS, workspace=[_WORKSPACE]
        ),
        "least": partial(by_hand.least_day_cube, files),
        "least decimals": partial(by_hand.least_day_cube, folder / DECIMALS),
        "least doubles": partial(by_hand.least_day_cube, folder / DOUBLES),
    }


def _run(side: str, folder: Path, rounds: int) -> object:
    sides = _sides(folder)
    if side == "exact":
        return alternate({name: sides[name] for name in ("toolkit", "exact")}, rounds=rounds)
    if side != "all":
        sides[side]()
        return peak()
    sides.pop("exact")
    if not _pandas_fits(folder):
        sides = {name: turn for name, turn in sides.items() if "pandas" not in name}
    for ours, *others in (
        ("toolkit", "hand", "duckdb", "pandas"),
        ("few", "few by hand", "few in duckdb", "few in pandas"),
    ):
        for other in others:
            if other in sides:
                _expect_same(sides[ours](), sides[other](), other)
    return alternate(sides, rounds=rounds)


def _pandas_fits(folder: Path) -> bool:
    import polars as pl

    return bool(pl.scan_parquet(folder / DOUBLES).select(pl.len()).collect().item() < 2 * _MOST_FOR_PANDAS)


def _expect_same(ours: Any, theirs: Any, name: str) -> None:
    """Stop if two answers differ: in any digit, or for doubles in what a double can't help."""
    import polars as pl
    from polars.testing import assert_frame_equal

    other = theirs if isinstance(theirs, pl.DataFrame) else pl.DataFrame(theirs)
    doubles = "pandas" in name
    money = pl.col("quantity", "amount", "amount_usd").cast(pl.Float64 if doubles else pl.Decimal(38, 18))
    frames = [frame.with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")), money, pl.col("rows").cast(pl.Int64))
              for frame in (ours, other.select(ours.columns))]  # fmt: skip
    labels = pl.exclude("time", "quantity", "amount", "amount_usd", "rows").cast(pl.String)
    try:
        assert_frame_equal(*(frame.with_columns(labels) for frame in frames), check_exact=not doubles)
    except AssertionError as error:
        raise SystemExit(f"{NAME}: the toolkit and {name} differ: {error}") from None


if __name__ == "__main__":
    print(json.dumps(_run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)))
