"""Questions about rows, each a function in a file of its own: a frame in, an exact frame out."""

from __future__ import annotations

from usage_toolkit.analysis.alternatives import what_if
from usage_toolkit.analysis.estimates import estimate, unpriced
from usage_toolkit.analysis.savings import cache_savings

__all__ = ["cache_savings", "estimate", "unpriced", "what_if"]
