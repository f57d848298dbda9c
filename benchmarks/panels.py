"""A panel over a large table: what making it costs, and what a change of its filter costs from then on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import Line, alternate, child
from benchmarks.table import DECIMALS

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.inputs import Inputs

NAME = "panel"
NOTE = """`ut.UsagePanel(pl.scan_parquet(...))` adds all rows up once, by the hour. Making it is held against 1.5
times the bare polars group_by of the same keys and sums on the same file, plus 2 s: that sum is the "other". "Filter
to text" is what a panel works out for a filter, up to the text that travels to the browser, for 100 filters (each
model in each month, three keys, and everything): its median is held against 15 ms and its worst against 50 ms, and it
is compared with the same question asked of the file. "Text of a picture" is that text alone, the bars of each hour of
a month by model, against `write_json` of the frame that is drawn and against Altair's `Chart.to_json` of the same
bars. One process; each panel works on what the one before has read."""
_MS = 1000


def measure(inputs: Inputs) -> list[Line]:
    """Measure a panel over the large table in a process of its own."""
    took = child("-m", __name__, str(inputs.table), "3" if inputs.quick else "7")
    changes, allowed = took["changes"], [1.5 * seconds + 2 for seconds in took["grouped"]]
    return [
        Line(NAME, "making it, against 1.5 group_by + 2 s", "s", took["made"], allowed, limit=1),
        Line(NAME, "filter to text, median of 100", "ms", [median(changes)], [15.0], limit=1),
        Line(NAME, "filter to text, worst of 100", "ms", [max(changes)], [50.0], limit=1),
        Line(NAME, "filter to text, against the file", "s", took["change"], took["asked"]),
        Line(NAME, "text of a picture, against write_json", "s", took["text"], took["write_json"], limit=1.5),
        Line(NAME, "text of a picture, against Altair", "s", took["text"], took["altair"], limit=8, at_least=True),
    ]


def _run(folder: Path, rounds: int) -> dict[str, Any]:
    from time import perf_counter

    import polars as pl

    import usage_toolkit as ut
    from benchmarks import by_hand
    from usage_toolkit.panel.stack_chart import state
    from usage_toolkit.view.drawn import TOKENS
    from usage_toolkit.view.hours import Hours
    from usage_toolkit.view.picture import Picture, picture

    rows = pl.scan_parquet(folder / DECIMALS)
    ut.UsagePanel(rows)  # what loads when first needed is loaded
    made = alternate(
        {"made": lambda: ut.UsagePanel(rows), "grouped": lambda: by_hand.hour_cube(folder / DECIMALS)}, rounds=3
    )
    hours = Hours(rows)
    hours.days.height  # noqa: B018 (added up by every panel as it is made)

    def drawn(where: ut.Filter, **how: Any) -> Picture:
        return picture(hours, where, drawn=TOKENS, group="model", locale="en-US", **how)

    def text(of: Picture) -> str:
        return json.dumps(state(of, rev=1))

    months = [ut.Filter.month(f"2026-{month:02}") for month in range(1, 10)]
    models = ut.options(rows, of="model")["model"]
    filters = [month.replace(model=model) for month in months for model in models]
    filters += [month.replace(api_key=("key-01", "key-02", "key-03")) for month in months]
    filters += [ut.Filter()] * (100 - len(filters))
    changes = []
    for where in filters:
        begin = perf_counter()
        text(drawn(where))
        changes.append((perf_counter() - begin) * _MS)
    wheres = iter(filters)
    turns = {
        "change": lambda: text(drawn(next(wheres))),
        "asked": lambda: ut.cube(rows, by=("model", "meter"), where=next(wheres)),
    }
    asked = alternate(turns, rounds=rounds)
    hourly = drawn(months[2], every="1h")
    chart = ut.token_chart(hourly.data, by="model", every="1h")
    sides: dict[str, Callable[[], Any]] = {
        "text": lambda: text(hourly),
        "write_json": hourly.heights.write_json,
        "altair": chart.to_json,
    }
    return made | {"changes": changes} | asked | alternate(sides, rounds=10 * rounds)


if __name__ == "__main__":
    print(json.dumps(_run(Path(sys.argv[1]), int(sys.argv[2]))))
