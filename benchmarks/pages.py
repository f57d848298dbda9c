"""Venice's JSON pages to canonical rows: the toolkit against the exact and the inexact way by hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.ledger import PAGE_ROWS, pages
from benchmarks.rounds import Line, alternate, child

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from benchmarks.inputs import Inputs

NAME = "JSON pages"
NOTE = f"""The ledger as pages of {PAGE_ROWS} rows, in memory, to the frame of all canonical columns. The toolkit does
what `ut.fetch` does after the network: each page to texts, all texts together to rows, every value checked. By hand:
`json.loads(parse_float=Decimal)`, exact; and msgspec with floats, then String, then Decimal, right for up to 15 digits.
Both make the other columns by the same expressions, the fastest we know, without checks. All three frames are equal,
compared before timing."""


def measure(inputs: Inputs) -> list[Line]:
    """Compare with both ways by hand in the same rounds; here a higher ratio is a faster toolkit."""
    took = child("-m", __name__, str(inputs.ledger), str(5 if inputs.quick else 15))
    return [
        Line(NAME, "speed, against Decimal by hand", "s", took["toolkit"], took["decimal"], limit=2.5, at_least=True),
        Line(NAME, "speed, against floats by hand", "s", took["toolkit"], took["float"], limit=0.8, at_least=True),
    ]


def _run(path: Path, rounds: int) -> dict[str, list[float]]:
    import polars as pl

    from benchmarks import by_hand
    from usage_toolkit.schema import COLUMNS
    from usage_toolkit.sources.venice import ledger

    bodies = pages(path)

    def toolkit() -> pl.DataFrame:
        texts = pl.concat([ledger.read(body, name="page").texts for body in bodies], rechunk=True)
        return ledger.canonical(texts, where="row {}".format, origin="pages")

    sides: dict[str, Callable[[], pl.DataFrame]] = {
        "toolkit": toolkit,
        "decimal": lambda: by_hand.exact_rows(bodies, COLUMNS),
        "float": lambda: by_hand.float_rows(bodies, COLUMNS),
    }
    if not all(side().equals(toolkit()) for side in sides.values()):
        raise SystemExit("JSON pages: the sides differ.")
    return alternate(sides, rounds=rounds)


if __name__ == "__main__":
    print(json.dumps(_run(Path(sys.argv[1]), int(sys.argv[2]))))
