"""Venice.ai: its billing ledger, and the reports that can be held against it.

`pages` reads the ledger's bytes, `ledger` makes canonical rows of them, `walk` asks for them page by page, `lists`
reads the small endpoints and `analytics` the aggregates, `second` makes of them what `sync` holds the ledger against.
`usage_toolkit.fetch` and `usage_toolkit.read` give the ledger; the other reports are called from here, and load what
they need when they are.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from usage_toolkit.sources.venice.analytics import cross_check, usage_analytics
    from usage_toolkit.sources.venice.lists import api_keys, balance, rate_limits

__all__ = ["api_keys", "balance", "cross_check", "rate_limits", "usage_analytics"]

_LATER = {"api_keys": "lists", "balance": "lists", "rate_limits": "lists"}
_LATER |= {"cross_check": "analytics", "usage_analytics": "analytics"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
