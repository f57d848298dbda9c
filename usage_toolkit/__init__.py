"""What AI costs: load usage and bills into exact polars frames, look at them, share them.

Names that need a browser, a notebook or the network load their libraries when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from usage_toolkit.cube import cube, totals
from usage_toolkit.errors import (
    ArgumentError,
    AuthError,
    ContractError,
    EndpointGoneError,
    FetchError,
    InputError,
    RateLimitedError,
    StoreBusyError,
    StoreError,
    UsageToolkitError,
    UsageToolkitWarning,
)
from usage_toolkit.export import write_csv
from usage_toolkit.filters import Filter
from usage_toolkit.sample import sample  # not later: its module has the same name
from usage_toolkit.schema import conform
from usage_toolkit.selectors import options, top

if TYPE_CHECKING:
    from usage_toolkit.analysis import (
        allocate,
        cache_savings,
        estimate,
        implied_price,
        one_book,
        overlaps,
        peaks,
        run_rate,
        unpriced,
        what_if,
    )
    from usage_toolkit.charts import breakdown_chart, cost_chart, price_chart, token_chart
    from usage_toolkit.page import write_page
    from usage_toolkit.panel import CostPanel, FilterPanel, UsagePanel
    from usage_toolkit.prices import list_prices, read_prices
    from usage_toolkit.report import MonthlyReport, monthly_report, write_report
    from usage_toolkit.sources import fetch, read
    from usage_toolkit.sync import Store, SyncReport

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "AuthError",
    "ContractError",
    "CostPanel",
    "EndpointGoneError",
    "FetchError",
    "Filter",
    "FilterPanel",
    "InputError",
    "MonthlyReport",
    "RateLimitedError",
    "Store",
    "StoreBusyError",
    "StoreError",
    "SyncReport",
    "UsagePanel",
    "UsageToolkitError",
    "UsageToolkitWarning",
    "allocate",
    "breakdown_chart",
    "cache_savings",
    "conform",
    "cost_chart",
    "cube",
    "estimate",
    "fetch",
    "implied_price",
    "list_prices",
    "monthly_report",
    "one_book",
    "options",
    "overlaps",
    "peaks",
    "price_chart",
    "read",
    "read_prices",
    "run_rate",
    "sample",
    "token_chart",
    "top",
    "totals",
    "unpriced",
    "what_if",
    "write_csv",
    "write_page",
    "write_report",
]

_LATER = {
    "CostPanel": "panel",
    "FilterPanel": "panel",
    "MonthlyReport": "report",
    "Store": "sync",
    "SyncReport": "sync",
    "UsagePanel": "panel",
    "allocate": "analysis",
    "breakdown_chart": "charts",
    "cache_savings": "analysis",
    "cost_chart": "charts",
    "estimate": "analysis",
    "fetch": "sources",
    "implied_price": "analysis",
    "list_prices": "prices",
    "monthly_report": "report",
    "one_book": "analysis",
    "overlaps": "analysis",
    "peaks": "analysis",
    "price_chart": "charts",
    "read": "sources",
    "read_prices": "prices",
    "run_rate": "analysis",
    "token_chart": "charts",
    "unpriced": "analysis",
    "what_if": "analysis",
    "write_page": "page",
    "write_report": "report",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
