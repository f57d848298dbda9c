"""What a call costs, in cents: an invented list of prices that no provider ever had, exact to the last digit.

Calls of the priority tier are paid for elsewhere, and a refused call is counted but not charged: both cost nothing.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from simulator.anthropic.ledger import KINDS, Charge

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from simulator.anthropic.ledger import Call

INPUT = {  # invented: cents for a million input tokens
    "claude-opus-5": Decimal(517),
    "claude-sonnet-5": Decimal(303),
    "claude-haiku-4-5-20251001": Decimal(97),
    "claude-3-5-haiku-20241022": Decimal(83),
}
NAMES = {
    "claude-opus-5": "Claude Opus 5",
    "claude-sonnet-5": "Claude Sonnet 5",
    "claude-haiku-4-5-20251001": "Claude Haiku 4.5",
    "claude-3-5-haiku-20241022": "Claude Haiku 3.5",
}
DISCOUNT = {"claude-sonnet-5": Decimal("0.9")}
"""What is left of the list price where one was agreed."""

SEARCH = Decimal("1.1")
_MULTIPLE = dict(zip(KINDS, map(Decimal, ("1", "1.25", "2", "0.1", "5")), strict=True))
_WORDS = dict(
    zip(
        KINDS,
        (
            "Input Tokens",
            "Input Tokens, Cache Write 5m",
            "Input Tokens, Cache Write 1h",
            "Input Tokens, Cache Hit",
            "Output Tokens",
        ),
        strict=True,
    )
)
_TIER = {"batch": Decimal("0.5")}
_WINDOW = {"200k-1M": Decimal(2)}
_GEO = {"us": Decimal("1.1")}
_SPEED = {"fast": Decimal(6)}
_MILLION = 1_000_000
_ONE = Decimal(1)


def price(call: Call) -> list[Charge]:
    """The charges for one call: one for each kind of token that it used, one for its searches."""
    if not call.charged or call.service_tier == "priority":
        return []
    who = {
        "time": call.time,
        "workspace_id": call.workspace_id,
        "api_key_id": call.api_key_id,
        "account_id": call.account_id,
        "service_account_id": call.service_account_id,
    }
    charges = []
    for kind, count in zip(KINDS, call.tokens, strict=True):
        if count:
            cents = count * cents_per_token(call, kind)
            charges.append(
                Charge(
                    **who,  # type: ignore[arg-type]  # each value has the type of the field of the same name
                    cents=cents * DISCOUNT.get(call.model, _ONE),
                    list_cents=cents,
                    description=_description(call, kind),
                    cost_type="tokens",
                    token_type=kind,
                    model=call.model,
                    service_tier=call.service_tier,
                    context_window=call.context_window,
                    inference_geo=call.inference_geo,
                    speed=call.speed,
                )
            )
    if call.web_searches:
        cents = call.web_searches * SEARCH
        charges.append(
            Charge(
                **who,  # type: ignore[arg-type]  # as above
                cents=cents,
                list_cents=cents,
                description="Web Search Usage",
                cost_type="web_search",
            )
        )
    return charges


def raised(factor: Decimal, *, since: datetime) -> Callable[[Call], list[Charge]]:
    """The same prices, all of them times `factor` from a moment on."""

    def dearer(call: Call) -> list[Charge]:
        charges = price(call)
        if call.time < since:
            return charges
        return [
            replace(charge, cents=charge.cents * factor, list_cents=charge.list_cents * factor) for charge in charges
        ]

    return dearer


def cents_per_token(call: Call, kind: str) -> Decimal:
    """The list price of one token."""
    factors = (
        _MULTIPLE[kind],
        _TIER.get(call.service_tier, _ONE),
        _WINDOW.get(call.context_window, _ONE),
        _GEO.get(call.inference_geo, _ONE),
        _SPEED.get(call.speed, _ONE),
    )
    cents = INPUT[call.model] / _MILLION
    for factor in factors:
        cents *= factor
    return cents


def _description(call: Call, kind: str) -> str:
    tier = " (Batch)" if call.service_tier == "batch" else ""
    fast = " (Fast Mode)" if call.speed == "fast" else ""
    long = " (>200k)" if call.context_window == "200k-1M" else ""
    return f"{NAMES[call.model]} Usage{tier}{fast}{long} - {_WORDS[kind]}"
