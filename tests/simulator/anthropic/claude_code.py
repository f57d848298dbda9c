"""`GET /usage_report/claude_code`: what people and keys did with Claude Code on one day, and an ESTIMATE of its cost.

It restates calls that the other reports have too, in whole cents. An actor has a row for each terminal.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from simulator.anthropic.organization import KEYS, ME, USERS
from simulator.anthropic.prices import price
from simulator.wire import json_answer

if TYPE_CHECKING:
    from simulator.anthropic.ledger import Call, Ledger
    from simulator.anthropic.query import Query
    from simulator.wire import Answer

_CODING_KEY = KEYS[0]
_TERMINALS = ("vscode", "iTerm.app")
_TOOLS = ("edit_tool", "multi_edit_tool", "write_tool", "notebook_edit_tool")


def claude_code(ledger: Ledger, query: Query) -> Answer:
    """Answer one page of the rows of a day."""
    query.only(("starting_at", "limit", "page"))
    start = datetime.combine(query.day("starting_at"), time.min, tzinfo=UTC)
    limit = query.integer("limit", default=20, low=1, high=1000)
    groups: dict[tuple[str, str, str], list[Call]] = defaultdict(list)
    for call in ledger.called(start, start + timedelta(days=1)):
        if actor := _actor(call):
            groups[(*actor, _TERMINALS[call.time.hour % 2])].append(call)
    rows = [_row(f"{start:%Y-%m-%dT%H:%M:%SZ}", *who, groups[who]) for who in sorted(groups)]
    first = int(query.resume() or 0)
    more = first + limit < len(rows)
    return json_answer(
        {
            "data": rows[first : first + limit],
            "has_more": more,
            "next_page": query.token(str(first + limit)) if more else None,
        }
    )


def _actor(call: Call) -> tuple[str, str] | None:
    for user in USERS:
        if user.id == call.account_id:
            return "user_actor", user.email
    return ("api_actor", _CODING_KEY.name) if call.api_key_id == _CODING_KEY.id else None


def _row(day: str, kind: str, name: str, terminal: str, calls: list[Call]) -> dict[str, Any]:
    models = sorted({call.model for call in calls})
    return {
        "date": day,
        "actor": {"type": kind, "email_address" if kind == "user_actor" else "api_key_name": name},
        "organization_id": ME["id"],
        "customer_type": "api",
        "subscription_type": None,
        "terminal_type": terminal,
        "is_remote": False,
        "core_metrics": {
            "num_sessions": len(calls),
            "lines_of_code": {"added": 7 * len(calls), "removed": 3 * len(calls)},
            "commits_by_claude_code": len(calls) // 2,
            "pull_requests_by_claude_code": len(calls) // 5,
        },
        "tool_actions": {tool: {"accepted": len(calls), "rejected": len(calls) // 4} for tool in _TOOLS},
        "model_breakdown": [_breakdown(model, [call for call in calls if call.model == model]) for model in models],
    }


def _breakdown(model: str, calls: list[Call]) -> dict[str, Any]:
    fresh, short, long, read, output = map(sum, zip(*(call.tokens for call in calls), strict=True))
    cents = sum((charge.list_cents for call in calls for charge in price(call)), Decimal(0))
    return {
        "model": model,
        "tokens": {"input": fresh, "output": output, "cache_read": read, "cache_creation": short + long},
        "estimated_cost": {"currency": "USD", "amount": int(cents.quantize(Decimal(1), ROUND_HALF_UP))},
    }
