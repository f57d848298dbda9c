"""Seeded demo data that looks like what two providers report, with events planted for a reader to find.

This file assembles and describes; who does what and when is in the tables of `workloads` and
`venice`. Every name, id and price is invented; no clock, no network, no other randomness than the seed.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from usage_toolkit.errors import ArgumentError
from usage_toolkit.sample import anthropic, venice
from usage_toolkit.schema import TIME, conform

STOP = "2026-11-01"
MOST_DAYS = 1096


def sample(seed: int = 0, days: int = 92) -> pl.DataFrame:
    """Make three months of plausible use and cost at two providers: the same rows for the same seed, anywhere.

    A small company has one Anthropic organization (``anthropic.usage``: tokens by the hour; ``anthropic.cost``: the
    money of each day, which is those tokens at list prices) and one Venice account (``venice.ledger``: money and
    quantity of every request; ``venice.rate_limits``: requests that were turned away). There are 3 workspaces, 8
    models, 12 API keys and 6 users, every meter, and charges in USD, DIEM and BUNDLED_CREDITS.

    Parameters
    ----------
    seed
        A whole number from 0; another seed gives other quantities and the same events.
    days
        How many days before 2026-11-01 UTC to return, 1 to 1096. Fewer days are the tail of more days.

    Returns
    -------
    polars.DataFrame
        The canonical frame, sorted by time, provider and source.

    Notes
    -----
    Planted events, all days in UTC:

    - Caching switched on, 2026-08-24: ``input`` of the key ``support-bot`` falls to a sixth, ``cache_read`` begins.
    - A price change, 2026-09-08: ``unit_price`` of the four SKUs of ``openai-gpt-56-sol`` halves.
    - A runaway key, 2026-09-16 19:00 to 2026-09-17 07:00: tokens of ``agent-sandbox``, by hour or day.
    - A new model, 2026-09-22 to 2026-09-29: key by key ``claude-sonnet-5`` takes over from ``claude-sonnet-4-6``.
    - A burst of rate-limited requests, 2026-10-08 13:00 to 16:00: meter ``rate_limited`` of ``chat-backend``, by hour.
    - A refund, 2026-10-20 09:30: the one row with an ``amount`` below zero, in USD, with its reason in ``notes``.
    - Quiet weekends: any measure by day of the week; only what serves customers goes on.

    Examples
    --------
    >>> rows = sample(seed=0, days=7)
    >>> rows["source"].unique().sort().to_list()
    ['anthropic.cost', 'anthropic.usage', 'venice.ledger', 'venice.rate_limits']
    >>> rows.equals(sample(seed=0, days=7))
    True
    """
    _check("seed", seed, 0, 10**9)
    _check("days", days, 1, MOST_DAYS)
    window = {"start": (date.fromisoformat(STOP) - timedelta(days=days)).isoformat(), "stop": STOP}
    usage = anthropic.usage(seed, **window)
    parts = [
        usage,
        anthropic.cost(seed, usage=usage),
        venice.ledger(seed, **window),
        venice.limits(seed, **window),
    ]
    rows = pl.concat(parts, how="diagonal").sort("time", "provider", "source", maintain_order=True)
    return conform(rows.with_columns(pl.col("time").cast(TIME), origin=pl.lit(f"sample(seed={seed})")))


def _check(name: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ArgumentError(f"sample: expected {name!r} to be a whole number from {least} to {most}, found {value!r}.")
