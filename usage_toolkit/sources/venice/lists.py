"""Venice's small lists: what is left to spend, which keys there are, and which requests were refused.

Not usage: the balances are gauges, read now. Only `rate_limits` gives canonical rows, which no other report has.
Facts: Venice's API reference of ``/billing/balance``, ``/api_keys`` and ``/api_keys/rate_limits/log``, 2026-08.
"""

from __future__ import annotations

import polars as pl
from msgspec import Raw, Struct

from usage_toolkit import schema
from usage_toolkit._key import Key
from usage_toolkit.errors import notify
from usage_toolkit.sources.contract import as_contract
from usage_toolkit.sources.venice.ask import KEY, ask, money
from usage_toolkit.sources.venice.ledger import instants

LOG_LENGTH = 50
"""How many refused requests Venice keeps; older ones are gone."""

_BALANCES = {"diem": "DIEM", "usd": "USD", "bundledCredits": "BUNDLED_CREDITS", "earnedCredits": "EARNED_CREDITS"}


class _Balance(Struct):
    balances: dict[str, Raw]
    consumptionCurrency: str | None = None
    diemEpochAllocation: Raw = Raw(b"null")


class _Spent(Struct, frozen=True):
    usd: str | None = None
    diem: str | None = None


class _KeyUsage(Struct, frozen=True):
    trailingSevenDays: _Spent = _Spent()


class _ApiKey(Struct):
    id: str
    description: str | None = None
    apiKeyType: str | None = None
    last6Chars: str | None = None
    createdAt: str | None = None
    expiresAt: str | None = None
    lastUsedAt: str | None = None
    usage: _KeyUsage = _KeyUsage()


class _ApiKeys(Struct):
    data: list[_ApiKey]


class _Refusal(Struct):
    apiKeyId: str
    modelId: str
    rateLimitTier: str
    rateLimitType: str
    timestamp: str


class _Refusals(Struct):
    data: list[_Refusal]


def balance(*, key: Key | str | None = None, base_url: str | None = None) -> pl.DataFrame:
    """Ask what is left to spend, as of now.

    Parameters
    ----------
    key
        A Venice admin key; else the environment's ``VENICE_ADMIN_KEY``.
    base_url
        Another server than Venice's own.

    Returns
    -------
    polars.DataFrame
        ``currency``; ``balance``, null where Venice does not report it; ``allocation`` a UTC day (of DIEM);
        ``in_use``, whether requests are charged to it now; ``as_of``, when Venice said so.
    """
    key = Key.of(key, env=KEY)
    answer, as_of = ask("/billing/balance", _Balance, key=key, base_url=base_url)
    names = [_BALANCES.get(name, name) for name in answer.balances]
    allocation = [answer.diemEpochAllocation if name == "DIEM" else None for name in names]
    return pl.DataFrame(
        {
            "currency": pl.Series(names, dtype=pl.String),
            "balance": money("balance", answer.balances.values()),
            "allocation": money("allocation", allocation),
        }
    ).with_columns(in_use=pl.col("currency") == answer.consumptionCurrency, as_of=pl.lit(as_of).cast(schema.TIME))


def api_keys(*, key: Key | str | None = None, base_url: str | None = None) -> pl.DataFrame:
    """Ask which API keys there are; expired ones are not listed by Venice.

    Parameters
    ----------
    key
        A Venice admin key; else the environment's ``VENICE_ADMIN_KEY``.
    base_url
        Another server than Venice's own.

    Returns
    -------
    polars.DataFrame
        ``api_key_id``; ``api_key``, its description or else its last six characters; ``kind``; ``created``,
        ``expires`` and ``last_used`` as Venice writes them; ``usd_7d`` and ``diem_7d``, spent in seven days.
    """
    key = Key.of(key, env=KEY)
    answer, _ = ask("/api_keys", _ApiKeys, key=key, base_url=base_url)
    keys = answer.data
    texts = {
        "api_key_id": [key.id for key in keys],
        "api_key": [key.description or f"…{key.last6Chars or key.id[-6:]}" for key in keys],
        "kind": [key.apiKeyType for key in keys],
        "created": [key.createdAt for key in keys],
        "expires": [key.expiresAt for key in keys],
        "last_used": [key.lastUsedAt for key in keys],
    }
    return pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String)).with_columns(
        money("usd_7d", [key.usage.trailingSevenDays.usd for key in keys]),
        money("diem_7d", [key.usage.trailingSevenDays.diem for key in keys]),
    )


def rate_limits(
    *, key: Key | str | None = None, base_url: str | None = None, account: str = schema.DEFAULT
) -> pl.DataFrame:
    """Ask for the last requests that a rate limit refused.

    Parameters
    ----------
    key
        A Venice admin key; else the environment's ``VENICE_ADMIN_KEY``.
    base_url
        Another server than Venice's own.
    account
        The books that the rows belong to.

    Returns
    -------
    polars.DataFrame
        Canonical rows of meter ``rate_limited`` in the order of time; `notes` names the limit and the tier.

    Warns
    -----
    UsageToolkitWarning
        If the log is full, so that older refusals are missing.
    """
    key = Key.of(key, env=KEY)
    names = api_keys(key=key, base_url=base_url).select("api_key_id", "api_key")
    answer, _ = ask("/api_keys/rate_limits/log", _Refusals, key=key, base_url=base_url)
    log = answer.data
    if len(log) >= LOG_LENGTH:
        notify(f"venice: the log of refused requests is full ({len(log)}), so older ones are not in it.")
    columns = {
        "api_key_id": [entry.apiKeyId for entry in log],
        "model": [entry.modelId for entry in log],
        "notes": [f"{entry.rateLimitType}, {entry.rateLimitTier}" for entry in log],
    }
    with as_contract("venice"):
        times = instants(pl.Series([entry.timestamp for entry in log], dtype=pl.String), "rate limit {}".format)
    rows = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        time=times,
        grain=pl.lit("event"),
        provider=pl.lit("venice"),
        source=pl.lit("venice.rate_limits"),
        basis=pl.lit("metered"),
        account=pl.lit(account),
        meter=pl.lit("rate_limited"),
        quantity=pl.lit(1),
        unit=pl.lit("request"),
        origin=pl.lit("venice /api_keys/rate_limits/log"),
    )
    named = rows.join(names.unique("api_key_id"), on="api_key_id", how="left", maintain_order="left")
    return schema.conform(named).sort("time", maintain_order=True)
