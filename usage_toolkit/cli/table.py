"""Columns of text, aligned as people read them: words to the left, numbers to the right."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(names: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[bool]) -> str:
    """Return lines; `numbers` says which columns are.

    >>> print(table(["day", "tokens"], [["2026-10-01", "1,200"], ["2026-10-02", "7"]], numbers=[False, True]))
    day         tokens
    2026-10-01   1,200
    2026-10-02       7
    """
    lines = [[_plain(cell) for cell in line] for line in (names, *rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(names))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numbers, strict=True)
        ).rstrip()
        for line in lines
    )


def _plain(cell: str) -> str:
    """A name that a provider gave may hold what a terminal would obey."""
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(sign)[0] == "C" else sign for sign in cell)
