"""What a source makes of a file: its rows, whether the file says that there are more, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Parsed:
    """Canonical rows of one file; `more` and `total` are what it says about the whole that it is a part of.

    `unknown` names the columns that nobody knows what to make of, and that were left out.
    """

    rows: pl.DataFrame
    more: bool = False
    total: int | None = None
    unknown: tuple[str, ...] = ()
