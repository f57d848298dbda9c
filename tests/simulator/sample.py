"""Made-up Venice ledgers: seeded, plausible, and full of what has broken readers of real ones.

Requests are dealt from a deck that holds every recipe at least once, so that a ledger of some 200 rows has them all.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from simulator.ledger import Details, Ledger, Row, stamp

BURST = 25
DECK_ROWS = 200
NEW_CURRENCY = "GEMS"
_START = datetime(2026, 9, 1, tzinfo=UTC)
_MTOKEN = Decimal("0.000001")
_ROUTES = {  # USD for a million input tokens
    "llama-3.3-70b": "0.7",
    "zai-org-glm-5-1": "0.9",
    "deepseek-v4-pro-api": "0.275",
    "deepseek-v4-pro-0813": "0.28",
    "qwen3-235b-a22b": "0.45",
}
_PRICES = {**_ROUTES, "claude-opus-4-8": "6", "openai-gpt-56-sol": "6.25"}
_MULTIPLES = {  # of the price of input
    "input": "1",
    "cache-input": "0.1",
    "cache-write": "1.25",
    "cache-write-5m": "1.25",
    "cache-write-1h": "2",
    "output": "5",
}


@dataclass(frozen=True)
class _Recipe:
    """A kind of request: token rows of a route, then a flat fee; None leaves the choice to chance."""

    meters: tuple[str, ...] = ("input", "output")
    route: str | None = None
    most: int = 90_000
    spread: int = 9
    fee: tuple[str, str] | None = None
    traced: bool = False
    currency: str | None = None
    sign: int = -1
    copies: int = 1
    notes: str = "API Inference"


_CHAT = _Recipe()
_CACHED = _Recipe(meters=("input", "cache-input", "output"))
_IMAGE = ("grok-imagine-image-image-unit", "0.1")
_DECK = (
    *[_CHAT] * 8,
    *[_CACHED] * 3,
    _Recipe(meters=("input", "cache-input", "cache-write-5m", "output"), route="claude-opus-4-8"),
    _Recipe(meters=("input", "cache-input", "cache-write-1h", "output"), route="claude-opus-4-8"),
    _Recipe(meters=("input", "cache-write", "output"), route="openai-gpt-56-sol"),
    _Recipe(fee=("search-augmentation", "0.01")),
    _Recipe(meters=(), fee=_IMAGE),
    _Recipe(meters=(), fee=_IMAGE, copies=BURST),
    _Recipe(meters=(), fee=("future-thing-gigaflop", "0.0375"), traced=True),
    _Recipe(meters=(), fee=("venice-credit", "0.5"), sign=1, currency="USD", notes="Refund"),
    _Recipe(spread=0, copies=2),
    _Recipe(route="zai-org-glm-5-1", most=1),
    _Recipe(notes='Trial, "beta" of équipe </script>\nsecond line'),
    *(_Recipe(currency=name) for name in ("BUNDLED_CREDITS", "EARNED_CREDITS", "VCU", NEW_CURRENCY)),
)


def make_rows(seed: int, n: int) -> list[Row]:
    """Deal `n` rows in ascending time; the same seed gives the same rows, a longer ledger begins like a shorter one.

    Among them: 2 to 4 rows a request that repeat its details, rows equal in everything, bursts of one millisecond that
    are longer than the smallest page, rows without details, details without tokens, refunds, a retired, a newer and an
    unknown currency, an unknown SKU, every kind of cache, numbers with an exponent and with the noise of a double.
    """
    rng = random.Random(seed)
    now = _START
    rows: list[Row] = []
    # Rows of one request lie some ms apart and mingle with the next ones: a surplus keeps the cut out of reach of them.
    while len(rows) < n + 4 * BURST:
        for recipe in rng.sample(_DECK, len(_DECK)):
            now += timedelta(milliseconds=rng.randrange(1, 600_000))
            rows += _request(recipe, now, rng)
    return Ledger(rows).rows[:n]


def digits(value: Decimal) -> str:
    """The number as JavaScript prints it: no trailing zeros, an exponent below a millionth (`9e-7`)."""
    if value == 0:
        return "0"
    value = value.normalize()
    if value.adjusted() >= -6:
        return format(value, "f")
    return format(value, "e").replace("e-0", "e-")


def _request(recipe: _Recipe, now: datetime, rng: random.Random) -> list[Row]:
    """The rows of one request, each as often as the recipe says."""
    currency = recipe.currency or rng.choice(["DIEM", "DIEM", "USD"])
    route = recipe.route or rng.choice(list(_ROUTES))
    counts = {meter: rng.randint(1, recipe.most) for meter in recipe.meters}
    output = counts.get("output")
    details = Details(
        request_id=f"{'chatcmpl' if counts else 'gen'}-{rng.getrandbits(64):016x}",
        prompt_tokens=None if output is None else sum(counts.values()) - output,
        completion_tokens=output,
        execution_ms=rng.randrange(200, 40_000) if counts else None,
    )
    rows = []
    moment = now
    for meter, count in counts.items():
        units, price = count * _MTOKEN, Decimal(_PRICES[route]) * Decimal(_MULTIPLES[meter])
        sku = f"{route}-llm-{meter}-mtoken"
        charge = _charge(units, price, rng)
        rows.append(
            Row(stamp(moment), sku, digits(units), digits(price), charge, currency, recipe.notes, details),
        )
        moment += timedelta(milliseconds=rng.randint(0, recipe.spread))
    if recipe.fee:
        sku, price_text = recipe.fee
        amount = digits(recipe.sign * Decimal(price_text))
        traced = details if recipe.traced else None
        rows.append(Row(stamp(moment), sku, "1", price_text, amount, currency, recipe.notes, traced))
    return [row for row in rows for _ in range(recipe.copies)]


def _charge(units: Decimal, price: Decimal, rng: random.Random) -> str:
    """Units times price, now and then with the noise of a double."""
    noisy = rng.random() < 0.05
    return digits(-Decimal(repr(float(units) * float(price))) if noisy else -units * price)
