"""Requests as people and programs make them, and what each is billed: seeded, of any number, a month at a time.

After what is published of real traffic. ServeGen (Xiang et al., arXiv:2505.09999; data of Alibaba Cloud, Apache-2.0)
finds that load is made of clients that differ: a few send most of it, each has hours of its own, some are switched on
and off, and requests come in bursts, with gaps as of a Weibull distribution of a shape between 0.3 and 1. Its data has
a client's rate in windows of ten minutes over two weeks. So have ours, repeated over a year that grows from 1 to 2.5.
Lengths are drawn from quantiles of the lengths there; input and output have little to do with each other. A request is
2.25 rows: one in four has a part of its input in the cache. Models and prices are ours, and their shares.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

START, DAYS, MONTHS = datetime(2025, 10, 1, tzinfo=UTC), 365, 12
MODELS = {  # millionths of a dollar for a million tokens of input, cached input and output; share of the requests
    "llama-3.3-70b": (700_000, 350_000, 2_800_000, 576),
    "venice-uncensored": (200_000, 100_000, 900_000, 147),
    "mistral-31-24b": (500_000, 250_000, 2_000_000, 119),
    "deepseek-v3.2": (400_000, 200_000, 1_000_000, 47),
    "claude-sonnet-4-6": (3_750_000, 375_000, 18_750_000, 38),
    "claude-opus-4-8": (6_000_000, 600_000, 30_000_000, 29),
    "qwen3-235b-a22b": (450_000, 225_000, 3_500_000, 20),
    "zai-org-glm-5-1": (900_000, 450_000, 3_000_000, 15),
    "deepseek-r1": (3_500_000, 1_750_000, 7_000_000, 9),
}
CURRENCIES = {"DIEM": 800, "USD": 175, "BUNDLED_CREDITS": 25}
METERS = ("input", "cache_read", "output", "image", "web_search")
IMAGE, IMAGE_PRICE, SEARCH_PRICE = "grok-imagine-image", 40_000, 10_000
KEYS = tuple(f"key-{number:02}" for number in range(50))
WORKSPACES, USERS = ("production", "research", "staging"), tuple(f"user-{number}" for number in range(6))
ROWS_A_REQUEST = 2.25
_CLIENTS, _LARGE, _WINDOW, _FORTNIGHT = 332, 6, 600, 14 * 144
_CACHED, _SEARCHES, _IMAGES = 0.248, 0.01, 0.007
_SHARES_OF = (0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1)
_LENGTHS = {
    "input": (1, 6, 19, 47, 143, 223, 590, 3035, 8242, 54_000),
    "cache_read": (1, 9, 18, 75, 112, 173, 508, 2361, 10_861, 36_000),
    "output": (1, 1, 2, 8, 27, 59, 108, 787, 2976, 22_000),
}
_ALIKE = 0.12  # so often is a long question a long answer


@dataclass(frozen=True)
class _Clients:
    """Who asks: how much in each window of two weeks, in what bursts, for what, and who pays."""

    rates: Any
    shapes: Any
    key: Any
    model: Any
    currency: Any

    @classmethod
    def make(cls, rng: Any) -> _Clients:
        import numpy as np

        share = 1 / np.arange(1, _CLIENTS + 1) ** 1.1
        minutes = np.arange(_FORTNIGHT)
        hour, day = minutes % 144 / 6, minutes // 144
        peak, swing = rng.normal(14, 7, (_CLIENTS, 1)), rng.uniform(0, 0.9, (_CLIENTS, 1))
        rates = 1 + swing * np.cos((hour - peak) / 24 * 2 * np.pi)
        rates = rates * rng.lognormal(0, 0.6, (_CLIENTS, 14))[:, day]
        rates = rates * rng.lognormal(0, 0.8, (_CLIENTS, _FORTNIGHT))
        switched = rng.random((_CLIENTS, 1)) < 1 / 3  # on for some hours a day; none that sends most of all
        switched[:_LARGE] = False
        on = (hour - peak) % 24 < rng.uniform(2, 8, (_CLIENTS, 1))
        rates = np.where(switched & ~on, 0, rates)
        rates *= (share / share.sum() / rates.sum(axis=1))[:, None]
        return cls(
            rates,
            shapes=rng.uniform(0.3, 1, _CLIENTS),
            key=rng.integers(0, len(KEYS), _CLIENTS),
            model=_dealt(share, [price[-1] for price in MODELS.values()]),
            currency=_dealt(share, list(CURRENCIES.values())),
        )


def months(*, seed: int, count: int) -> Iterator[pl.DataFrame]:
    """Give a year of about `count` billed rows, a month after the other, in the order of time.

    Yields
    ------
    polars.DataFrame
        ``time``, ``api_key``, ``workspace``, ``user``, ``model``, ``meter``, ``currency``, ``units``, ``price``
        (millionths of a unit of money for a million tokens, or for one picture or search), ``request_id`` and
        ``latency_ms``.
    """
    import numpy as np

    clients = _Clients.make(np.random.default_rng(seed))
    total = count / ROWS_A_REQUEST / (1.75 * DAYS / 14)
    first = 0
    for number in range(MONTHS):
        year, month = divmod(START.month - 1 + number, 12)
        days = monthrange(START.year + year, month + 1)[1]
        rng = np.random.default_rng([seed, number])
        yield _billed(rng, clients, *_arrivals(rng, clients, total, first, days))
        first += days


def _arrivals(rng: Any, clients: _Clients, total: float, first: int, days: int) -> tuple[Any, Any]:
    """Return the client and the microsecond of the year of each request of a month, in the order of time."""
    import numpy as np

    windows = np.arange(first * 144, (first + days) * 144)
    growth = 1 + 1.5 * windows / (DAYS * 144)
    counts = rng.poisson(clients.rates[:, windows % _FORTNIGHT] * growth * total).astype(np.int64)
    who, when = np.nonzero(counts)
    many = counts[who, when]
    # As many gaps as requests and one more for each window, stretched to fill it.
    cell = np.repeat(np.arange(len(many)), many + 1)
    gaps = rng.standard_exponential(len(cell)) ** (1 / clients.shapes[who[cell]]) + 1e-9
    ends = np.cumsum(many + 1)
    reached = np.cumsum(gaps)
    before = np.r_[0, reached[ends[:-1] - 1]] if len(ends) else reached
    within = (reached - before[cell]) / (reached[ends - 1] - before)[cell] if len(ends) else reached
    keep = np.ones(len(cell), dtype=bool)
    keep[ends - 1] = False
    client = who[cell[keep]]
    micros = ((windows[when[cell[keep]]] + np.minimum(within[keep], 0.999)) * _WINDOW * 1000).astype(np.int64) * 1000
    order = np.argsort(micros, kind="stable")
    return client[order], micros[order]


def _billed(rng: Any, clients: _Clients, client: Any, micros: Any) -> pl.DataFrame:
    """Return the rows that each request is billed as."""
    import numpy as np
    import polars as pl

    requests = len(client)
    luck = rng.random(requests)
    tokens = {name: _lengths(rng, rng.random(requests), name) for name in ("input", "cache_read")}
    alike = np.where(rng.random(requests) < _ALIKE, np.argsort(np.argsort(tokens["input"])) / max(requests, 1), 2)
    tokens["output"] = _lengths(rng, np.where(alike < 1, alike, rng.random(requests)), "output")
    is_image, is_search = luck < _IMAGES, luck > 1 - _SEARCHES
    has = [~is_image, ~is_image & (rng.random(requests) < _CACHED), ~is_image, is_image, is_search]
    prices = np.array([price[:3] for price in MODELS.values()])[clients.model[client]]
    one = np.full(requests, 1_000_000)
    units = np.stack([tokens["input"], tokens["cache_read"], tokens["output"], one, one], axis=1)
    costs = np.column_stack([prices, np.full(requests, IMAGE_PRICE), np.full(requests, SEARCH_PRICE)])
    request, meter = np.nonzero(np.stack(has, axis=1))
    later = rng.integers(0, 10, len(request)) + 10 * meter  # parts of a request are written one after the other
    latency = (200 + rng.lognormal(6, 0.8, requests) + 15 * tokens["output"]).astype(np.int64)
    key = clients.key[client]
    rows = pl.DataFrame(
        {
            "time": pl.Series(micros[request] + later * 1000 + int(START.timestamp()) * 1_000_000),
            "api_key": _labels(KEYS, key[request]),
            "workspace": _labels(WORKSPACES, key[request] % len(WORKSPACES)),
            "user": _labels(USERS, key[request] % len(USERS)),
            "model": _labels((*MODELS, IMAGE, "(none)"), _model(clients.model[client][request], meter)),
            "meter": _labels(METERS, meter),
            "currency": _labels(tuple(CURRENCIES), clients.currency[client][request]),
            "units": units[request, meter],
            "price": costs[request, meter],
            "request_id": _names(rng, requests).gather(request),
            "latency_ms": latency[request],
        }
    )
    return rows.with_columns(pl.col("time").cast(pl.Datetime("us", "UTC"))).sort("time", maintain_order=True)


def _dealt(share: Any, wanted: list[int]) -> Any:
    """Deal clients out, the largest first, to whom the most is missing of the wanted shares."""
    import numpy as np

    missing = np.array(wanted) / sum(wanted) * share.sum()
    dealt = np.zeros(len(share), dtype=np.int64)
    for client, part in enumerate(share):
        dealt[client] = missing.argmax()
        missing[dealt[client]] -= part
    return dealt


def _lengths(rng: Any, chance: Any, name: str) -> Any:
    """Return token counts of the quantiles that `chance` says."""
    import numpy as np

    logs = np.interp(chance, _SHARES_OF, np.log(_LENGTHS[name]))
    return np.maximum(np.exp(logs) + rng.random(len(logs)), 1).astype(np.int64)


def _model(model: Any, meter: Any) -> Any:
    import numpy as np

    image, search = METERS.index("image"), METERS.index("web_search")
    return np.where(meter == image, len(MODELS), np.where(meter == search, len(MODELS) + 1, model))


def _names(rng: Any, count: int) -> Any:
    """Return request ids of 128 random bits each."""
    import numpy as np
    import polars as pl
    import pyarrow as pa

    pairs = np.array([f"{byte:02x}" for byte in range(256)], dtype="S2").view("<u2")
    hexed = pairs[rng.integers(0, 256, (count, 16), dtype=np.uint8)].view(np.uint8).reshape(count, 32)
    prefix = np.frombuffer(b"chatcmpl-", dtype=np.uint8)
    texts = np.concatenate([np.broadcast_to(prefix, (count, len(prefix))), hexed], axis=1)
    offsets = np.arange(count + 1, dtype=np.int64) * texts.shape[1]
    made = pa.LargeStringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(texts)))
    return pl.Series(pl.from_arrow(made))


def _labels(names: tuple[str, ...], codes: Any) -> Any:
    import polars as pl

    return pl.Series(names, dtype=pl.String).gather(codes)
