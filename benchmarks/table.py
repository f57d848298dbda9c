"""A large table of canonical rows in Parquet, once with exact decimals and once with doubles, made only once.

Only the columns that a cube can ask for here, labels as plain strings, in the order of time, as a store would keep it.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DECIMALS, DOUBLES = "decimals.parquet", "doubles.parquet"
_START = datetime(2025, 10, 1, tzinfo=UTC)
_SECONDS = 365 * 24 * 3600
_METERS = ("input", "cache_read", "output")
_KEYS = [f"key-{number:02}" for number in range(50)]
_WORKSPACES, _USERS = ("production", "research", "staging"), [f"user-{number}" for number in range(6)]
_MODELS = (
    "llama-3.3-70b", "venice-uncensored", "mistral-31-24b", "deepseek-v3.2", "claude-sonnet-4-6", "claude-opus-4-8",
    "qwen3-235b-a22b", "zai-org-glm-5-1", "deepseek-r1",
)  # fmt: skip
_PRICES = (700_000, 200_000, 500_000, 400_000, 3_750_000, 6_000_000, 450_000, 900_000, 3_500_000)
_FACTORS = (10, 5, 40)  # tenths of the price of input


def write(folder: Path, *, count: int) -> None:
    """Write about `count` rows, 2 or 3 a request, into both files."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(0)
    requests = count * 4 // 9
    # More by day and on weekdays: of twice as many moments those are kept that a person would be awake at.
    seconds = np.sort(rng.integers(0, _SECONDS, requests * 2))
    hour, day = seconds // 3600 % 24, (seconds // 86400 + _START.weekday()) % 7
    awake = np.exp(-(((hour - 14) / 5) ** 2)) * np.where(day > 4, 0.4, 1.0)
    seconds = np.sort(rng.choice(seconds, requests, p=awake / awake.sum()))
    key = _zipf(rng, requests, len(_KEYS))
    model = (key + _zipf(rng, requests, 3)) % len(_MODELS)  # three models a key
    currency = (key % 4 == 0).astype(np.int64)
    cached = rng.random(requests) < 0.25
    request = np.repeat(np.arange(requests), np.where(cached, 3, 2))
    first = np.r_[True, request[1:] != request[:-1]]
    last = np.r_[request[1:] != request[:-1], True]
    meter = np.where(first, 0, np.where(last, 2, 1))
    tokens = np.clip(rng.lognormal(5, 1.8, len(request)), 1, 200_000).astype(np.int64)
    price = np.array(_PRICES)[model[request]] * np.array(_FACTORS)[meter] // 10
    micros = seconds[request] * 1_000_000 + rng.integers(0, 1_000_000, len(request)) // 1000 * 1000
    rows = pl.DataFrame(
        {
            "time": pl.Series(micros + int(_START.timestamp()) * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "model": _labels(_MODELS, model[request]),
            "api_key": _labels(_KEYS, key[request]),
            "meter": _labels(_METERS, meter),
            "workspace": _labels(_WORKSPACES, key[request] % len(_WORKSPACES)),
            "user": _labels(_USERS, key[request] % len(_USERS)),
            "currency": _labels(("DIEM", "USD"), currency[request]),
            "tokens": tokens,
            "picos": tokens * price,
        }
    ).sort("time")
    labels = rows.select(
        "time", "workspace", "model", "api_key", "user", "meter", "currency",
        provider=pl.lit("venice"), basis=pl.lit("billed"), unit=pl.lit("token"), grain=pl.lit("event"),
    )  # fmt: skip
    exact = rows.select(
        quantity=pl.col("tokens").cast(pl.Decimal(38, 9)), amount=pl.col("picos").cast(pl.Decimal(38, 18)) / 10**12
    ).with_columns(pl.col("amount").cast(pl.Decimal(38, 18)), amount_usd=pl.col("amount").cast(pl.Decimal(38, 18)))
    for name, numbers in ((DECIMALS, exact), (DOUBLES, exact.cast(pl.Float64))):
        labels.hstack(numbers).write_parquet(folder / name, compression="zstd", row_group_size=250_000)


def _zipf(rng: Any, count: int, values: int) -> Any:
    """Choose so that the n-th value comes up 1/n as often as the first."""
    import numpy as np

    weights = 1 / np.arange(1, values + 1)
    return rng.choice(values, count, p=weights / weights.sum())


def _labels(names: Any, codes: Any) -> Any:
    import polars as pl

    return pl.Series(names, dtype=pl.String).gather(codes)


if __name__ == "__main__":
    write(Path(sys.argv[1]), count=int(sys.argv[2]))
