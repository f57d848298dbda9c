"""Made-up calls and fees of a made-up organization: seeded, and full of what has broken readers of real reports."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from simulator.anthropic.ledger import Call, Charge, Ledger
from simulator.anthropic.organization import KEYS, SERVICE_ACCOUNTS, USERS, WORKSPACES
from simulator.anthropic.prices import INPUT, price

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2026, 10, 1, tzinfo=UTC)
NEW_COST_TYPE = "container_storage"
_PINNED = "claude-3-5-haiku-20241022"
"""A model from before regions were reported."""


def make_ledger(
    seed: int = 0,
    n: int = 400,
    *,
    start: datetime = START,
    days: int = 4,
    price: Callable[[Call], list[Charge]] = price,
) -> Ledger:
    """Deal `n` calls over some days, the last but one of them without any, and fees on the others.

    Among them: the default workspace and the Workbench, people and service accounts, archived keys, every tier, region,
    speed and window, calls refused but counted, calls on the first and the last microsecond of a day, equal calls.
    """
    rng = random.Random(seed)
    quiet = days - 2 if days > 2 else None
    open_days = [day for day in range(days) if day != quiet]
    edges = (timedelta(0), timedelta(days=1, microseconds=-1))
    calls: list[Call] = []
    for number in range(n):
        day = start + timedelta(days=rng.choice(open_days))
        inside = edges[number % 2] if number < 4 else timedelta(microseconds=rng.randrange(86_400_000_000))
        calls += [_call(day + inside, rng)] * (2 if rng.random() < 0.02 else 1)
    fees = [fee for day in open_days for fee in _fees(start + timedelta(days=day), rng)] if n else []
    return Ledger(calls[:n], fees=fees, price=price)


def later(ledger: Ledger, *, hours: int = 6, seed: int = 0) -> Ledger:
    """The same ledger as it stands when the last hours have settled: some calls grew, some turned up, some went."""
    rng = random.Random(seed)

    def settled(call: Call) -> list[Call]:
        fate = rng.random()
        if fate < 0.1:
            return []
        grown = replace(call, tokens=(*call.tokens[:-1], call.tokens[-1] + 1000))
        return [grown] if fate < 0.4 else [call, grown] if fate < 0.6 else [call]

    last = max((call.time for call in ledger.calls), default=START)
    return ledger.revised(settled, since=last.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1))


def _call(time: datetime, rng: random.Random) -> Call:
    key = rng.choice([None, *KEYS])
    model = rng.choice(list(INPUT))
    long = rng.random() < 0.1
    tier = rng.choice(["standard"] * 7 + ["batch", "batch", "priority"])
    refused = rng.random() < 0.03
    fresh = rng.randrange(200_000, 900_000) if long else rng.randrange(1, 90_000)
    cached = rng.random() < 0.4
    by_service = key is not None and rng.random() < 0.15
    signed_in = not by_service and rng.random() < 0.3
    return Call(
        time=time,
        model=model,
        tokens=(
            fresh,
            rng.randrange(30_000) if cached else 0,
            rng.randrange(30_000) if cached and rng.random() < 0.5 else 0,
            rng.randrange(400_000) if cached else 0,
            0 if refused else rng.randrange(1, 20_000),
        ),
        web_searches=rng.choice([0, 0, 0, 0, 1, 3]),
        workspace_id=key.workspace_id if key else rng.choice([None, *(space.id for space in WORKSPACES)]),
        api_key_id=key.id if key else None,
        account_id=rng.choice(USERS).id if signed_in else None,
        service_account_id=rng.choice(SERVICE_ACCOUNTS).id if by_service else None,
        service_tier=tier,
        context_window="200k-1M" if long else "0-200k",
        inference_geo="not_available" if model == _PINNED else rng.choice(["global", "global", "us"]),
        speed="fast" if model == "claude-opus-5" and tier == "standard" and rng.random() < 0.2 else "standard",
        charged=not refused,
    )


def _fees(day: datetime, rng: random.Random) -> list[Charge]:
    """What a day costs apart from its calls."""
    space = rng.choice([None, *(space.id for space in WORKSPACES)])
    amounts = {
        ("code_execution", "Code Execution Usage"): Decimal(rng.randrange(1, 100_000)) / 1000,
        ("session_usage", "Session Usage"): Decimal(rng.randrange(1, 10_000_000)) / 100_000,
        (NEW_COST_TYPE, "Container Storage Usage"): Decimal(rng.randrange(1, 1000)) / 70_000,
        ("credit", "Credit for a failed run"): -Decimal(rng.randrange(1, 5000)) / 100,
    }
    return [
        Charge(
            time=day + timedelta(seconds=rng.randrange(86_400)),
            cents=cents.quantize(Decimal("1e-12")),
            list_cents=cents.quantize(Decimal("1e-12")),
            description=description,
            cost_type=cost_type,
            workspace_id=space,
        )
        for (cost_type, description), cents in amounts.items()
    ]
