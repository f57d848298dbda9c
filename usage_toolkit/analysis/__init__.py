"""Questions about rows, each a function in a file of its own: a frame in, an exact frame out.

Which use stands behind which money is for `matching`, exact division for `shares`.
"""

from __future__ import annotations

from usage_toolkit.analysis.allocation import allocate
from usage_toolkit.analysis.alternatives import what_if
from usage_toolkit.analysis.books import one_book, overlaps
from usage_toolkit.analysis.estimates import estimate, unpriced
from usage_toolkit.analysis.implied import implied_price
from usage_toolkit.analysis.minutes import peaks
from usage_toolkit.analysis.outlook import run_rate
from usage_toolkit.analysis.savings import cache_savings

__all__ = [
    "allocate",
    "cache_savings",
    "estimate",
    "implied_price",
    "one_book",
    "overlaps",
    "peaks",
    "run_rate",
    "unpriced",
    "what_if",
]
