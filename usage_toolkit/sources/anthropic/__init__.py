"""Anthropic: what an organization of the Claude Console used and what it was billed, and who and what its limits are.

`buckets` asks for the pages of a report, `usage` and `cost` make canonical rows of them, `lists` and `names` know who
is behind an id, and `walk` puts them together for `usage_toolkit.fetch`. The other reports are called from here, and
load what they need when they are: `claude_code`, `analytics_usage` and `analytics_cost` tell the same use by other
cuts, so their rows are never to be added to those of `fetch`. `tokens_csv` and `cost_csv` read what the Console
exports, for `usage_toolkit.read`; `second` is what `sync` holds the reports against; `console` is what those two have
in common, `words` what each of them calls the same.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from usage_toolkit.sources.anthropic.analytics import analytics_cost, analytics_usage
    from usage_toolkit.sources.anthropic.estimates import claude_code
    from usage_toolkit.sources.anthropic.limits import rate_limits
    from usage_toolkit.sources.anthropic.lists import api_keys, service_accounts, users, workspaces

__all__ = [
    "analytics_cost",
    "analytics_usage",
    "api_keys",
    "claude_code",
    "rate_limits",
    "service_accounts",
    "users",
    "workspaces",
]

_LATER = dict.fromkeys(("api_keys", "service_accounts", "users", "workspaces"), "lists")
_LATER |= {"analytics_cost": "analytics", "analytics_usage": "analytics"}
_LATER |= {"claude_code": "estimates", "rate_limits": "limits"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
