"""`GET /usage_report/messages`: tokens and searches of the ledger by minute, hour or day, cut as the request says.

There is no count of requests. What is not grouped by is null, which is also what the default workspace, the Workbench
and a request of nobody are: the answer does not tell one from the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.anthropic.buckets import paged
from simulator.anthropic.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from simulator.anthropic.ledger import Call, Ledger
    from simulator.anthropic.query import Query
    from simulator.wire import Answer

FAST_MODE = "fast-mode-2026-02-01"
DIMENSIONS = (
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "speed",
    "workspace_id",
)
FILTERS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "account_ids[]": ("account_id", None),
    "api_key_ids[]": ("api_key_id", None),
    "service_account_ids[]": ("service_account_id", None),
    "workspace_ids[]": ("workspace_id", None),
    "models[]": ("model", None),
    "context_window[]": ("context_window", ("0-200k", "200k-1M")),
    "service_tiers[]": (
        "service_tier",
        ("batch", "flex", "flex_discount", "priority", "priority_on_demand", "standard"),
    ),
    "inference_geos[]": ("inference_geo", ("global", "us", "not_available")),
    "speeds[]": ("speed", ("fast", "standard")),
}


def usage(ledger: Ledger, query: Query, *, now: datetime, betas: frozenset[str]) -> Answer:
    """Answer one page; without its beta header nothing is said about speed."""
    query.only(("starting_at", "ending_at", "bucket_width", "limit", "page", "group_by[]", *FILTERS))
    by = query.many("group_by[]", DIMENSIONS)
    kept = {field: set(values) for name, (field, words) in FILTERS.items() if (values := query.many(name, words))}
    fast = FAST_MODE in betas
    if not fast and ("speed" in by or "speed" in kept):
        raise refusal(400, f"speed: needs the header anthropic-beta: {FAST_MODE}")

    def results(start: datetime, stop: datetime) -> list[dict[str, Any]]:
        groups: dict[tuple[str | None, ...], list[Call]] = {}
        for call in ledger.called(start, stop):
            if all(getattr(call, field) in values for field, values in kept.items()):
                groups.setdefault(tuple(getattr(call, name) for name in by), []).append(call)
        nothing = dict.fromkeys(name for name in DIMENSIONS if fast or name != "speed")
        return [
            {**counted(calls), **nothing, **dict(zip(by, group, strict=True))}
            for group, calls in sorted(groups.items(), key=lambda item: tuple(map(str, item[0])))
        ]

    return paged(query, now=now, results=results)


def counted(calls: Iterable[Call]) -> dict[str, Any]:
    """The sums of some calls, in the shape of the report."""
    calls = list(calls)
    fresh, short, long, read, output = map(sum, zip(*(call.tokens for call in calls), strict=True))
    return {
        "uncached_input_tokens": fresh,
        "cache_creation": {"ephemeral_1h_input_tokens": long, "ephemeral_5m_input_tokens": short},
        "cache_read_input_tokens": read,
        "output_tokens": output,
        "server_tool_use": {"web_search_requests": sum(call.web_searches for call in calls)},
    }
