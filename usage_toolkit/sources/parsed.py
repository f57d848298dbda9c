"""What a source makes of a file: its rows, and whether the file says that there are more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Parsed:
    """Canonical rows of one file; `more` and `total` are what it says about the whole that it is a part of."""

    rows: pl.DataFrame
    more: bool = False
    total: int | None = None
