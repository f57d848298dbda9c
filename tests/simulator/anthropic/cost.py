"""`GET /cost_report`: money of the ledger by day, as strings of CENTS; no API key, no hour, no priority tier."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.anthropic.buckets import WIDTHS, paged

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.anthropic.ledger import Charge, Ledger
    from simulator.anthropic.query import Query
    from simulator.wire import Answer

DIMENSIONS = ("workspace_id", "description")
_DESCRIBED = ("description", "cost_type", "token_type", "model", "service_tier", "context_window", "inference_geo")


def cost(ledger: Ledger, query: Query, *, now: datetime) -> Answer:
    """Answer one page; to group by description is to group by all that a description says."""
    query.only(("starting_at", "ending_at", "bucket_width", "limit", "page", "group_by[]"))
    by = query.many("group_by[]", DIMENSIONS)
    fields = [*(_DESCRIBED if "description" in by else ()), *(["workspace_id"] if "workspace_id" in by else [])]
    nothing = dict.fromkeys((*_DESCRIBED, "workspace_id"))

    def results(start: datetime, stop: datetime) -> list[dict[str, Any]]:
        groups: dict[tuple[str | None, ...], list[Charge]] = {}
        for charge in ledger.charged(start, stop):
            groups.setdefault(tuple(getattr(charge, field) for field in fields), []).append(charge)
        return [
            {
                "amount": cents(sum((charge.cents for charge in charges), Decimal(0))),
                "currency": "USD",
                **nothing,
                **dict(zip(fields, group, strict=True)),
            }
            for group, charges in sorted(groups.items(), key=lambda item: tuple(map(str, item[0])))
        ]

    return paged(query, now=now, results=results, widths={"1d": WIDTHS["1d"]})


def cents(amount: Decimal) -> str:
    """All digits of an amount, at least six of them behind the point for a whole number, as seen in real answers."""
    return f"{amount:.6f}" if amount == amount.to_integral_value() else f"{amount.normalize():f}"
