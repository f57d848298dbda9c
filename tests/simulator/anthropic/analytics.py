"""`GET /analytics/usage` and `/analytics/cost`: rows of the ledger by any dimension, with the actor, hour and minute.

Rows come ranked, without empty ones, under a beta header. Money is after discount and before credits, beside its list
price. A walk sees the ledger as it was on its first page; after a refresh its tokens are refused with 410.

Of the documented dimensions those without a meaning here (agents, sessions, products of chat) are always null. That
the default workspace is null here as in the older reports, and that the fields of an actor other than a person are
named as they are here, is not documented in what was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.anthropic.buckets import WIDTHS, printed, snapped
from simulator.anthropic.cost import cents
from simulator.anthropic.errors import refusal
from simulator.anthropic.organization import KEYS, ME, SERVICE_ACCOUNTS, USERS
from simulator.anthropic.usage import counted
from simulator.wire import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulator.anthropic.ledger import Call, Charge, Ledger
    from simulator.anthropic.query import Query
    from simulator.wire import Answer

BETA = "analytics-usage-cost-2026-08-24"
ACTOR_TYPES = {"user": "account_id", "service_account": "service_account_id", "api_key": "api_key_id"}
_KNOWN = ("api_key_id", "context_window", "inference_geo", "model", "service_tier", "speed", "workspace_id")
_EMPTY = (
    *("agent_id", "claude_tag_category", "claude_tag_user_id", "deployment_id", "environment_id", "product"),
    *("rbac_group_id", "session_id", "slack_channel_id", "user_profile_id"),
)
DIMENSIONS = ("actor", "actor_type", *_KNOWN, *_EMPTY)
COST_DIMENSIONS = (*DIMENSIONS, "cost_type", "token_type")
_FILTERS = {
    "api_key_ids[]": "api_key_id",
    "context_windows[]": "context_window",
    "inference_geos[]": "inference_geo",
    "models[]": "model",
    "service_tiers[]": "service_tier",
    "speeds[]": "speed",
    "workspace_ids[]": "workspace_id",
}
_ASKED = ("starting_at", "ending_at", "time_bucket_width", "group_by[]", "limit", "page", "order", "order_by")
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_LONGEST = timedelta(days=31)
_LONGEST_BY_MINUTE = timedelta(days=1)


@dataclass(frozen=True)
class _Report:
    """What the two reports differ in."""

    dimensions: tuple[str, ...]
    order_by: tuple[str, ...]
    entries: Callable[[datetime, datetime], Sequence[Any]]
    metrics: Callable[[Sequence[Any], Sequence[str]], dict[str, Any]]
    name: str
    rank: Callable[[Sequence[Any]], Decimal]


class Analytics:
    """The walks of one server that are under way, by their place."""

    def __init__(self) -> None:
        self._walks: dict[str, list[dict[str, Any]]] = {}

    def refresh(self) -> None:
        """Forget all walks, as happens when newer data comes in."""
        self._walks.clear()

    def usage(self, ledger: Ledger, query: Query, *, now: datetime, betas: frozenset[str]) -> Answer:
        """Answer `/analytics/usage`."""
        report = _Report(DIMENSIONS, ("total_tokens", "requests"), ledger.called, _used, "usage", _tokens)
        return self._answer(report, query, now, betas)

    def cost(self, ledger: Ledger, query: Query, *, now: datetime, betas: frozenset[str]) -> Answer:
        """Answer `/analytics/cost`; credits and what is no use of the API are not in it."""

        def before_credits(start: datetime, stop: datetime) -> list[Charge]:
            return [charge for charge in ledger.charged(start, stop) if charge.cents >= 0]

        report = _Report(COST_DIMENSIONS, ("amount", "requests"), before_credits, _cost, "cost", _amount)
        return self._answer(report, query, now, betas)

    def _answer(self, report: _Report, query: Query, now: datetime, betas: frozenset[str]) -> Answer:
        if BETA not in betas:
            raise refusal(400, f"anthropic-beta: this endpoint needs {BETA}")
        query.only((*_ASKED, *_FILTERS, "actor_ids[]", "actor_types[]"))
        limit = query.integer("limit", default=100, low=1, high=1000)
        place = query.resume()
        if place is None:
            first, walk = 0, f"{len(self._walks)} {now.isoformat()}"
            rows = self._walks[walk] = _rows(report, query, now)
        else:
            start, _, walk = place.partition(" ")
            if walk not in self._walks:
                raise refusal(410, "page: This token has expired; start again from the first page")
            first, rows = int(start), self._walks[walk]
        last = first + limit
        more = last < len(rows)
        return json_answer(
            {
                "data": rows[first:last],
                "data_refreshed_at": printed(now),
                "has_more": more,
                "next_page": query.token(f"{last} {walk}") if more else None,
                "organization_id": ME["id"],
            }
        )


def _rows(report: _Report, query: Query, now: datetime) -> list[dict[str, Any]]:
    by = query.many("group_by[]", report.dimensions)
    width = query.choice("time_bucket_width", tuple(WIDTHS))
    start, stop = _range(query, width, now)
    query.choice("order_by", ("time_bucket", *report.order_by))
    chronological = query.text("order_by") == "time_bucket"
    descending = (query.choice("order", ("asc", "desc")) or ("asc" if chronological else "desc")) == "desc"
    kept = {field: set(values) for name, field in _FILTERS.items() if (values := query.many(name))}
    ids, types = query.many("actor_ids[]"), query.many("actor_types[]", tuple(ACTOR_TYPES))

    groups: dict[tuple[Any, ...], list[Any]] = {}
    for entry in report.entries(start, stop):
        actor_type, actor = _actor(entry)
        if (ids and actor not in ids) or (types and actor_type not in types):
            continue
        if all(getattr(entry, field) in values for field, values in kept.items()):
            bucket = snapped(entry.time, WIDTHS[width].span) if width else start
            seen: dict[str, Any] = {"actor": (actor_type, actor), "actor_type": actor_type, **dict.fromkeys(_EMPTY)}
            group = tuple(seen[name] if name in seen else getattr(entry, name) for name in by)
            groups.setdefault((bucket, *group), []).append(entry)
    ranked = sorted(groups.items(), key=lambda item: tuple(map(str, item[0])))
    ranked.sort(key=lambda item: item[0][0] if chronological else report.rank(item[1]), reverse=descending)
    return [
        {
            "starting_at": printed(bucket),
            "ending_at": printed(bucket + WIDTHS[width].span if width else stop),
            "group": {
                **dict.fromkeys(report.dimensions),
                **{
                    name: _identity(*value) if name == "actor" else value for name, value in zip(by, group, strict=True)
                },
            },
            report.name: report.metrics(entries, by),
        }
        for (bucket, *group), entries in ranked
    ]


def _printed_group(by: Sequence[str], group: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(by, group, strict=True))
    return {**values, "actor": _identity(*values["actor"])} if "actor" in values else values


def _range(query: Query, width: str | None, now: datetime) -> tuple[datetime, datetime]:
    """The range in whole buckets, or in whole hours where there are none."""
    asked = query.needed("starting_at")
    ending = query.instant("ending_at") or min(now, asked + _LONGEST)
    if asked < _FIRST:
        raise refusal(400, f"starting_at: must not be before {printed(_FIRST)}")
    if ending <= asked:
        raise refusal(400, "ending_at: must be after starting_at")
    if ending - asked > (_LONGEST_BY_MINUTE if width == "1m" else _LONGEST):
        raise refusal(400, "ending_at: the range may span at most 31 days, or 24 hours by the minute")
    span = WIDTHS[width or "1h"].span
    return snapped(asked, span), snapped(ending, span)


def _actor(entry: Call | Charge) -> tuple[str | None, str | None]:
    """The identity behind an entry: a service account, a person, the key itself, or nobody."""
    for kind in ("service_account", "user", "api_key"):
        if (found := getattr(entry, ACTOR_TYPES[kind])) is not None:
            return kind, found
    return None, None


def _identity(kind: str | None, number: str | None) -> dict[str, Any] | None:
    """An actor as it is printed."""
    if kind == "user":
        user = next(user for user in USERS if user.id == number)
        return {
            "type": "user_actor",
            "user_id": number,
            "email_address": user.email,
            "name": user.name,
            "deleted": False,
        }
    if kind is None:
        return None
    named = SERVICE_ACCOUNTS if kind == "service_account" else KEYS
    name = next(entry.name for entry in named if entry.id == number)
    return {"type": f"{kind}_actor", f"{kind}_id": number, "name": name}


def _used(calls: Sequence[Call], _: Sequence[str]) -> dict[str, Any]:
    return {**counted(calls), "total_tokens": int(_tokens(calls)), "requests": len(calls)}


def _cost(charges: Sequence[Charge], by: Sequence[str]) -> dict[str, Any]:
    # A request has several charges; where they are told apart, the provider counts no requests.
    apart = {"cost_type", "token_type"} & set(by)
    requests = None if apart else len({charge.call for charge in charges} - {None})
    return {
        "amount": cents(_amount(charges)),
        "list_amount": cents(sum((charge.list_cents for charge in charges), Decimal(0))),
        "currency": "USD",
        "requests": requests,
    }


def _tokens(calls: Sequence[Call]) -> Decimal:
    return Decimal(sum(sum(call.tokens) for call in calls))


def _amount(charges: Sequence[Charge]) -> Decimal:
    return sum((charge.cents for charge in charges), Decimal(0))
