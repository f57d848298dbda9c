"""The sample's Venice account: its ledger, one row per part of a request, and its log of exceeded limits.

`KINDS` says what is asked for and how often, `PRICES` what it costs and when that changed, `LIMITS` who ran into a
limit. A request is charged to the first allowance with something left: DIEM, then bundled credits, then dollars.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.sample.rhythm import CUSTOMERS, OFFICE, PICO, at, busy, dice, hours, micros, money
from usage_toolkit.schema import NONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from usage_toolkit.sample.rhythm import Rhythm

GLM, GPT, OPUS = "zai-org-glm-5-1", "openai-gpt-56-sol", "claude-opus-4-8"
IMAGES, FILMS = "flux-2-max", "ltx-2-pro"

# The part of a token SKU after the model: name, meter.
TOKEN_SKUS = (
    ("-llm-input-mtoken", "input"),
    ("-llm-cache-input-mtoken", "cache_read"),
    ("-llm-cache-write-5m-mtoken", "cache_write_5m"),
    ("-llm-cache-write-mtoken", "cache_write"),
    ("-llm-output-mtoken", "output"),
)
# Every other SKU: name, model, meter, unit.
FLAT_SKUS = (
    ("flux-2-max-image-unit", IMAGES, "image", "image"),
    ("ltx-2-pro-audio-second", FILMS, "audio", "second"),
    ("ltx-2-pro-video-second", FILMS, "video", "second"),
    ("search-augmentation", NONE, "web_search", "request"),
    ("crypto-rpc-request", NONE, "request", "request"),
    ("image-upscale-2x", NONE, "other", "unit"),
)
# SKU, first day, USD per million tokens or per unit. The price of openai-gpt-56-sol was halved once.
PRICES = (
    (GLM + "-llm-input-mtoken", "2000-01-01", "1.00"),
    (GLM + "-llm-cache-input-mtoken", "2000-01-01", "0.20"),
    (GLM + "-llm-output-mtoken", "2000-01-01", "3.20"),
    (GPT + "-llm-input-mtoken", "2000-01-01", "5.00"),
    (GPT + "-llm-input-mtoken", "2026-09-08", "2.50"),
    (GPT + "-llm-cache-input-mtoken", "2000-01-01", "0.50"),
    (GPT + "-llm-cache-input-mtoken", "2026-09-08", "0.25"),
    (GPT + "-llm-cache-write-mtoken", "2000-01-01", "6.25"),
    (GPT + "-llm-cache-write-mtoken", "2026-09-08", "3.125"),
    (GPT + "-llm-output-mtoken", "2000-01-01", "20.00"),
    (GPT + "-llm-output-mtoken", "2026-09-08", "10.00"),
    (OPUS + "-llm-input-mtoken", "2000-01-01", "6.00"),
    (OPUS + "-llm-cache-input-mtoken", "2000-01-01", "0.60"),
    (OPUS + "-llm-cache-write-5m-mtoken", "2000-01-01", "7.50"),
    (OPUS + "-llm-output-mtoken", "2000-01-01", "30.00"),
    ("flux-2-max-image-unit", "2000-01-01", "0.06"),
    ("ltx-2-pro-audio-second", "2000-01-01", "0.004"),
    ("ltx-2-pro-video-second", "2000-01-01", "0.08"),
    ("search-augmentation", "2000-01-01", "0.01"),
    ("crypto-rpc-request", "2000-01-01", "0.0004"),
    ("image-upscale-2x", "2000-01-01", "0.02"),
)

DIEM_PER_DAY, CREDITS_PER_MONTH = 4 * PICO, 25 * PICO

# Day and hour, minute, currency, USD, notes.
REFUND = ("2026-10-20", 9, 30, "USD", "18.40", "Refund: failed video renders, 2026-10-12 to 2026-10-19")


@dataclass(frozen=True)
class Kind:
    """One kind of request: how many in a full hour, and its parts as SKU, least, most, how often it is there."""

    per_hour: float
    rhythm: Rhythm
    parts: tuple[tuple[str, int, int, float], ...]
    ms_per_unit: int = 0
    traced: bool = True
    """Whether the ledger knows the request behind the row."""


KINDS = (
    Kind(7, CUSTOMERS, (
        ("search-augmentation", 1, 1, 0.12),
        (GLM + "-llm-input-mtoken", 500, 16_000, 1),
        (GLM + "-llm-cache-input-mtoken", 1_000, 24_000, 0.4),
        (GLM + "-llm-output-mtoken", 60, 2_400, 1),
    ), ms_per_unit=9),
    Kind(6, OFFICE, (
        (GPT + "-llm-input-mtoken", 800, 18_000, 1),
        (GPT + "-llm-cache-input-mtoken", 4_000, 60_000, 0.8),
        (GPT + "-llm-cache-write-mtoken", 1_000, 8_000, 0.5),
        (GPT + "-llm-output-mtoken", 150, 3_000, 1),
    ), ms_per_unit=14),
    Kind(0.8, OFFICE, (
        (OPUS + "-llm-input-mtoken", 200, 9_000, 1),
        (OPUS + "-llm-cache-input-mtoken", 8_000, 90_000, 0.7),
        (OPUS + "-llm-cache-write-5m-mtoken", 1_000, 12_000, 0.5),
        (OPUS + "-llm-output-mtoken", 150, 3_500, 1),
    ), ms_per_unit=16),
    Kind(2.5, OFFICE, (("flux-2-max-image-unit", 1, 5, 1),), traced=False),
    Kind(0.5, OFFICE, (
        ("ltx-2-pro-audio-second", 4, 12, 0.7),
        ("ltx-2-pro-video-second", 4, 12, 1),
    ), ms_per_unit=6_500),
    Kind(0.6, OFFICE, (("ltx-2-pro-audio-second", 8, 90, 1),), ms_per_unit=120),
    Kind(1.5, CUSTOMERS, (("crypto-rpc-request", 1, 1, 1),), traced=False),
    Kind(0.3, OFFICE, (("image-upscale-2x", 1, 2, 1),), traced=False),
)  # fmt: skip

API_KEYS = {
    "chat-backend": "5f0c1a52-0000-4000-8000-00000000c4a7",
    "code-review": "5f0c1a52-0000-4000-8000-00000000c0de",
    "media-studio": "5f0c1a52-0000-4000-8000-00000000f11e",
}
# Who runs into which limit: key, model, limit, times in a full hour, rhythm, first hour, hour after the last.
LIMITS = (
    ("chat-backend", GLM, "RPM", 0.15, CUSTOMERS, "2000-01-01T00", "3000-01-01T00"),
    ("code-review", GPT, "TPM", 0.25, OFFICE, "2000-01-01T00", "3000-01-01T00"),
    ("media-studio", IMAGES, "RPD", 0.05, OFFICE, "2000-01-01T00", "3000-01-01T00"),
    # The burst: a retry loop without a pause.
    ("chat-backend", GLM, "RPM", 240, CUSTOMERS, "2026-10-08T13", "2026-10-08T16"),
)

Request = tuple[int, Kind, list[tuple[str, int]], str, int]

LEDGER_STREAM, LIMITS_STREAM = 3, 4
_HOUR_MS = 3_600_000
_LEDGER = ("time", "sku", "quantity", "unit_price", "amount", "currency", "request_id", "latency_ms", "notes")


def ledger(seed: int, *, start: str, stop: str) -> pl.DataFrame:
    """Return the ledger: charges above zero, the refund below it.

    Bundled credits come on the first of the month, so the walk begins there and is cut afterwards.
    """
    rows: list[tuple[object, ...]] = []
    balance = {"DIEM": 0, "BUNDLED_CREDITS": 0}
    for hour in hours(at(start[:8] + "01"), at(stop)):
        if hour.hour == 0:
            balance["DIEM"] = DIEM_PER_DAY
            balance["BUNDLED_CREDITS"] = CREDITS_PER_MONTH if hour.day == 1 else balance["BUNDLED_CREDITS"]
        prices = _prices(f"{hour:%Y-%m-%d}")
        for moment, kind, parts, request_id, latency in _requests(dice(seed, hour, LEDGER_STREAM), hour):
            currency = next((name for name, left in balance.items() if left > 0), "USD")
            for number, (sku, quantity) in enumerate(parts):
                amount = quantity * prices[sku]
                if currency in balance:
                    balance[currency] -= amount
                rows.append((
                    moment + number * 3_000, sku, quantity, money(prices[sku]), money(amount), currency,
                    request_id if kind.traced else None, latency if kind.traced else None, "API Inference",
                ))  # fmt: skip
        if hour == at(*REFUND[:2]):
            rows.append(_refund())
    kinds = [(model + name, model, meter, "token") for model in (GLM, GPT, OPUS) for name, meter in TOKEN_SKUS]
    skus = pl.DataFrame([*kinds, *FLAT_SKUS], schema=["sku", "model", "meter", "unit"], orient="row")
    made = pl.DataFrame(dict(zip(_LEDGER, zip(*rows, strict=True), strict=True)))
    made = made.filter(pl.col("time") >= micros(at(start))).join(skus, on="sku", how="left", maintain_order="left")
    return made.with_columns(
        pl.col("meter").fill_null("other"),
        pl.col("amount").alias("amount_usd"),
        source=pl.lit("venice.ledger"), basis=pl.lit("billed"), grain=pl.lit("event"), provider=pl.lit("venice"),
    )  # fmt: skip


def limits(seed: int, *, start: str, stop: str) -> pl.DataFrame:
    """Return the log of requests that were turned away: one row each, no money."""
    rows = []
    for hour in hours(at(start), at(stop)):
        roll, label = dice(seed, hour, LIMITS_STREAM), f"{hour:%Y-%m-%dT%H}"
        for api_key, model, limit, per_hour, rhythm, first, end in LIMITS:
            count = int(per_hour * busy(rhythm, hour) + roll()) if first <= label < end else 0
            offsets = sorted(int(_HOUR_MS * roll()) for _ in range(count))
            rows += [(micros(hour) + offset * 1_000, api_key, model, limit) for offset in offsets]
    made = pl.DataFrame(
        rows, schema={"time": pl.Int64, "api_key": pl.String, "model": pl.String, "notes": pl.String}, orient="row"
    )
    return made.with_columns(
        pl.col("api_key").replace_strict(API_KEYS, return_dtype=pl.String).alias("api_key_id"),
        quantity=pl.lit(1, pl.Int64), unit=pl.lit("request"), meter=pl.lit("rate_limited"),
        source=pl.lit("venice.rate_limits"), basis=pl.lit("metered"), grain=pl.lit("event"), provider=pl.lit("venice"),
    )  # fmt: skip


def _requests(roll: Callable[[], float], hour: datetime) -> list[Request]:
    """Return the requests of an hour by time: when, kind, parts as SKU and quantity, id, milliseconds taken."""
    made = []
    for kind in KINDS:
        for _ in range(int(kind.per_hour * busy(kind.rhythm, hour) + roll())):
            offset = int((_HOUR_MS - 100) * roll())  # its last part is written within the hour, too
            request_id, waited = f"chatcmpl-{int(16**12 * roll()):012x}", 250 + int(900 * roll())
            parts = [
                (sku, least + int((most - least + 1) * roll() * roll()))  # more small ones than large ones
                for sku, least, most, often in kind.parts
                if roll() < often
            ]
            latency = waited + kind.ms_per_unit * parts[-1][1]
            made.append((micros(hour) + offset * 1_000, kind, parts, request_id, latency))
    return sorted(made, key=lambda request: request[0])


def _prices(day: str) -> dict[str, int]:
    """Return the picodollars of one token or unit on a day."""
    known = {sku: usd for sku, first, usd in PRICES if first <= day}  # the last one that began
    return {sku: int(Decimal(usd) * (PICO // (10**6 if "-mtoken" in sku else 1))) for sku, usd in known.items()}


def _refund() -> tuple[object, ...]:
    day, hour, minute, currency, usd, notes = REFUND
    moment = micros(at(day, hour)) + minute * 60 * 10**6
    return (moment, "credit-adjustment", None, None, f"-{usd}", currency, None, None, notes)
