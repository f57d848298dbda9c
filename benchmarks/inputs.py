"""What is measured on: a ledger, and stores of several sizes, made by processes of their own: this one stays small."""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.rounds import child

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Self

LEDGER_ROWS = 100_000


@dataclass(frozen=True)
class Inputs:
    """The files, how many rows they are about, and whether to be quick about it."""

    ledger: Path
    stores: dict[int, Path]
    said: str
    quick: bool

    @property
    def table(self) -> Path:
        """The folder of the largest store that also fits into memory."""
        return self.stores[max(size for size in self.stores if size <= 10**7)]

    @classmethod
    def make(cls, folder: Path, *, sizes: Sequence[int], quick: bool, ledger_rows: int = LEDGER_ROWS) -> Self:
        """Make the files in `folder`; the environment's LEDGER names a real ledger to take instead of a made-up one."""
        given = os.environ.get("LEDGER")
        ledger = type(folder)(given) if given else folder / "ledger.csv.gz"
        if not given:
            child("-m", "benchmarks.ledger", str(ledger), str(ledger_rows))
        stores = {}
        for size in sizes:
            stores[size] = folder / f"rows-{size}"
            stores[size].mkdir()
            child("-m", "benchmarks.table", str(stores[size]), str(size))
        with gzip.open(ledger) as file:
            held = sum(1 for _ in file) - 1
        kind = "given in LEDGER" if given else "made up, seed 0"
        many = ", ".join(f"{size:,}" for size in sizes)
        return cls(ledger, stores, f"A ledger of {held:,} rows ({kind}); stores of about {many} rows of a year.", quick)
