"""What is measured on: a ledger and a large table, made by processes of their own: this one stays small."""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rounds import child

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True)
class Inputs:
    """The files, their sizes, and whether to be quick about it."""

    ledger: Path
    table: Path
    said: str
    quick: bool

    @classmethod
    def make(cls, folder: Path, *, quick: bool) -> Self:
        """Make the files in `folder`; the environment's LEDGER names a real ledger to take instead of a made-up one."""
        given = os.environ.get("LEDGER")
        ledger = Path(given) if given else folder / "ledger.csv.gz"
        if not given:
            child("-m", "benchmarks.ledger", str(ledger), "10000" if quick else "100000")
        rows = 1_000_000 if quick else 10_000_000
        child("-m", "benchmarks.table", str(folder), str(rows))
        with gzip.open(ledger) as file:
            held = sum(1 for _ in file) - 1
        kind = "given in LEDGER" if given else "made up, seed 0"
        return cls(ledger, folder, f"A ledger of {held:,} rows ({kind}); a table of about {rows:,} rows.", quick)
