"""Balance, API keys and rate limits of one account, in the shapes that the provider answers them.

Uses of a key are sums of the ledger over the last seven days; everything else is told to the server by the test.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from simulator.ledger import Ledger, stamp
from simulator.wire import Answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator.analytics import Keys

_LOGGED = 50
ADMIN = "0a0a0a0a-0000-4000-8000-000000000001"
_CREATED = "2026-01-05T08:00:00.000Z"


@dataclass(frozen=True)
class Balance:
    """Funds left, None where there is no such account; `earned` and `bundled` are newer than the published contract."""

    diem: float | None = 90.5
    usd: float | None = 25.0
    bundled: float | None = 10.0
    earned: float | None = None
    allocation: float = 100.0


@dataclass(frozen=True)
class Exceeded:
    """One request that met a rate limit."""

    timestamp: str
    key: str
    model: str
    kind: str = "RPM"
    tier: str = "paid"


def balance(funds: Balance, *, extras: bool) -> Answer:
    """Answer `/billing/balance`; the first currency with funds pays."""
    left = {"DIEM": funds.diem, "EARNED_CREDITS": funds.earned, "BUNDLED_CREDITS": funds.bundled, "USD": funds.usd}
    newer = {"bundledCredits": funds.bundled, "earnedCredits": funds.earned} if extras else {}
    return json_answer(
        {
            "canConsume": sum(amount or 0 for amount in left.values()) >= 0.1,
            "consumptionCurrency": next((name for name, amount in left.items() if amount and amount > 0), None),
            "balances": {"diem": funds.diem, "usd": funds.usd, **newer},
            "diemEpochAllocation": funds.allocation,
        }
    )


def api_keys(ledger: Ledger, keys: Keys, *, now: datetime, admin: str = ADMIN) -> Answer:
    """Answer `/api_keys`: the key that asks, and every key that the ledger's requests are assigned to."""
    used: dict[str | None, dict[str, Decimal]] = {}
    for row in ledger.window(now - timedelta(days=7), now, closed=True):
        key = keys.get((row.details and row.details.request_id) or "", (None, ""))[0]
        part = {"USD": "usd", "BUNDLED_CREDITS": "usd", "DIEM": "diem", "VCU": "vcu"}.get(row.currency)
        if part and not (amount := Decimal(row.amount)) >= 0:
            sums = used.setdefault(key, {})
            sums[part] = sums.get(part, Decimal(0)) - amount
    ids = {admin: "Billing reader", **dict(keys.values())}
    return json_answer(
        {
            "object": "list",
            "data": [
                {
                    "id": key,
                    "apiKeyType": "ADMIN" if key == admin else "INFERENCE",
                    "description": description,
                    "createdAt": _CREATED,
                    "expiresAt": None,
                    "lastUsedAt": None,
                    "last6Chars": hashlib.blake2b(key.encode(), digest_size=3).hexdigest(),
                    "consumptionLimits": {"usd": None, "diem": None, "vcu": None},
                    "limitPeriod": "EPOCH",
                    "modelPrivacy": "ALL",
                    "usage": {
                        "trailingSevenDays": {
                            part: f"{used.get(key, {}).get(part, Decimal(0)):.4f}" for part in ("usd", "diem", "vcu")
                        }
                    },
                }
                for key, description in ids.items()
            ],
        }
    )


def rate_limits(funds: Balance, *, now: datetime) -> Answer:
    """Answer `/api_keys/rate_limits`."""
    epoch = datetime.combine(now.date() + timedelta(days=1), time.min, tzinfo=now.tzinfo)
    return json_answer(
        {
            "data": {
                "accessPermitted": True,
                "apiTier": {"id": "paid", "isCharged": True},
                "balances": {"USD": funds.usd or 0, "DIEM": funds.diem or 0},
                "keyExpiration": None,
                "nextEpochBegins": stamp(epoch),
                "rateLimits": [
                    {
                        "apiModelId": "llama-3.3-70b",
                        "rateLimits": [{"amount": 50, "type": "RPM"}, {"amount": 750_000, "type": "TPM"}],
                    }
                ],
            }
        }
    )


def rate_limits_log(exceeded: Iterable[Exceeded]) -> Answer:
    """Answer `/api_keys/rate_limits/log`: the last ones only, newest first."""
    newest = sorted(exceeded, key=lambda event: event.timestamp, reverse=True)[:_LOGGED]
    return json_answer(
        {
            "object": "list",
            "data": [
                {
                    "apiKeyId": event.key,
                    "modelId": event.model,
                    "rateLimitTier": event.tier,
                    "rateLimitType": event.kind,
                    "timestamp": event.timestamp,
                }
                for event in newest
            ],
        }
    )
