"""The sample's Anthropic organization: tokens by the hour, and the bill of each day that follows from them.

Who runs what is in `workloads`; here are the list prices, and the two reports that come of both.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.sample.rhythm import EPOCH, OFFICE, PICO, SATURDAY, at, busy, dice, hours, micros, money
from usage_toolkit.sample.workloads import API_KEYS, HAIKU, NEW_SONNET, OPUS, SONNET, USERS, WORKLOADS, WORKSPACES
from usage_toolkit.schema import NONE

if TYPE_CHECKING:
    from datetime import datetime

# USD per million tokens: model, name on the bill, input, output.
PRICES = (
    (OPUS, "Claude Opus 4.8", "5", "25"),
    (SONNET, "Claude Sonnet 4.6", "3", "15"),
    (NEW_SONNET, "Claude Sonnet 5", "3", "15"),
    (HAIKU, "Claude Haiku 4.5", "1", "5"),
)
# Percent of the price of plain input: meter, name on the bill, percent.
INPUTS = (
    ("input", "Input Tokens", 100),
    ("cache_read", "Cache Read Tokens", 10),
    ("cache_write_5m", "Cache Write Tokens (5m)", 125),
    ("cache_write_1h", "Cache Write Tokens (1h)", 200),
    ("cache_write", "Cache Write Tokens", 125),
)
# Percent of the standard price for input and for output: column, value, percent, percent.
TERMS = (
    ("service_tier", "standard", 100, 100),
    ("service_tier", "batch", 50, 50),
    ("context_window", "0-200k", 100, 100),
    ("context_window", "200k-1M", 200, 150),
    ("region", "global", 100, 100),
    ("region", "not_available", 100, 100),
    ("region", "us", 110, 110),
    ("speed", "standard", 100, 100),
    ("speed", "fast", 600, 600),
)
WEB_SEARCH_PRICE = PICO // 100

# Money without tokens: workspace, meter, name on the bill, USD per hour, most hours on a weekday.
EXTRAS = (
    ("Research", "code_execution", "Code Execution Usage", "0.05", 40),
    ("Platform", "code_execution", "Code Execution Usage", "0.05", 12),
    ("Platform", "session", "Managed Agents Session Runtime", "0.08", 60),
)

WORTH_STARTING = 0.08  # share of a full hour
DAY_OFF = 0.1  # how often
DAYS_STREAM, USAGE_STREAM, EXTRAS_STREAM = 0, 1, 2

_TERMS = ("service_tier", "context_window", "region", "speed")
_USAGE = ("time", "workspace", "api_key", "user", "model", *_TERMS, "meter", "quantity", "unit")


def price(model: str, meter: str, **terms: str) -> int:
    """Return the list price of one token, in picodollars."""
    usd_input, usd_output = next((row[2], row[3]) for row in PRICES if row[0] == model)
    made = int(Decimal(usd_output if meter == "output" else usd_input) * (PICO // 10**6))
    percents = [percent for name, _, percent in INPUTS if name == meter]
    for column, value, on_input, on_output in TERMS:
        if terms[column] == value:
            percents.append(on_output if meter == "output" else on_input)
    for percent in percents:
        made = made * percent // 100
    return made


def usage(seed: int, *, start: str, stop: str) -> pl.DataFrame:
    """Return what the hourly usage report would say: quantities, no money."""
    rows: list[tuple[object, ...]] = []
    paces: list[float] = []
    for hour in hours(at(start), at(stop)):
        if hour.hour == 0:
            paces = _paces(seed, hour)
        roll, moment, label = dice(seed, hour, USAGE_STREAM), micros(hour), f"{hour:%Y-%m-%dT%H}"
        for job, pace in zip(WORKLOADS, paces, strict=True):
            share = busy(job.rhythm, hour) * pace * (0.7 + 0.6 * roll())
            if share < WORTH_STARTING or not job.start <= label < job.stop:
                continue
            who = (moment, job.workspace, job.api_key, job.user, job.model)
            terms = (job.service_tier, job.context_window, job.region, job.speed)
            for meter, size in job.tokens:
                if tokens := int(size * share * (0.8 + 0.4 * roll())):
                    rows.append((*who, *terms, meter, tokens, "token"))
            if searches := int(job.web_searches * share + roll() * 0.5):
                rows.append((*who, *terms, "web_search", searches, "request"))
    return _frame(rows, _USAGE).with_columns(
        pl.col("workspace").replace_strict(WORKSPACES, return_dtype=pl.String).alias("workspace_id"),
        pl.col("api_key").replace_strict(API_KEYS, return_dtype=pl.String).alias("api_key_id"),
        pl.col("user").replace_strict(USERS, default=None, return_dtype=pl.String).alias("user_id"),
        source=pl.lit("anthropic.usage"), basis=pl.lit("metered"), grain=pl.lit("1h"), provider=pl.lit("anthropic"),
    )  # fmt: skip


def cost(seed: int, *, usage: pl.DataFrame) -> pl.DataFrame:
    """Return what the daily cost report would say of `usage`: its money at list prices, and what has no tokens."""
    days = usage.with_columns(pl.col("time") // (86_400 * 10**6) * (86_400 * 10**6))
    searches = days.filter(pl.col("meter") == "web_search").with_columns(
        pl.lit(NONE).alias(name) for name in ("model", *_TERMS)
    )
    keys = ["time", "workspace", "model", *_TERMS, "meter"]
    used = (
        pl.concat([days.filter(pl.col("meter") != "web_search"), searches])
        .group_by(keys, maintain_order=True)
        .agg(pl.col("quantity").sum())
        .sort(keys)
    )
    rows = [
        (*key, _description(key[2], key[-1]), money(quantity * _unit_price(key))) for *key, quantity in used.iter_rows()
    ]
    rows += _extras(seed, sorted(set(days["time"])))
    return _frame(rows, (*keys, "sku", "amount")).with_columns(
        pl.col("workspace").replace_strict(WORKSPACES, return_dtype=pl.String).alias("workspace_id"),
        pl.col("amount").alias("amount_usd"),
        currency=pl.lit("USD"),
        source=pl.lit("anthropic.cost"), basis=pl.lit("billed"), grain=pl.lit("1d"), provider=pl.lit("anthropic"),
    )  # fmt: skip


def _paces(seed: int, day: datetime) -> list[float]:
    """Return how hard each workload runs on a day; people with office hours have days off."""
    roll, paces = dice(seed, day, DAYS_STREAM), []
    for job in WORKLOADS:
        pace, off = 0.7 + 0.6 * roll(), roll() < DAY_OFF
        paces.append(0 if off and job.user != NONE and job.rhythm is OFFICE else pace)
    return paces


def _extras(seed: int, days: list[int]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for moment in days:
        day = EPOCH + timedelta(microseconds=moment)
        roll = dice(seed, day, EXTRAS_STREAM)
        for workspace, meter, name, usd, most in EXTRAS:
            steps = int(most * 20 * (0.4 + 0.6 * roll()) * (0.1 if day.weekday() >= SATURDAY else 1))  # of 3 minutes
            amount = money(steps * int(Decimal(usd) * PICO) // 20)
            rows.append((moment, workspace, NONE, *[NONE] * len(_TERMS), meter, name, amount))
    return rows


def _unit_price(key: list[str]) -> int:
    _, _, model, *terms, meter = key
    return WEB_SEARCH_PRICE if meter == "web_search" else price(model, meter, **dict(zip(_TERMS, terms, strict=True)))


def _description(model: str, meter: str) -> str:
    if meter == "web_search":
        return "Web Search Usage"
    names = {row[0]: row[1] for row in PRICES}
    meters = {row[0]: row[1] for row in INPUTS} | {"output": "Output Tokens"}
    return f"{names[model]} Usage - {meters[meter]}"


def _frame(rows: list[tuple[object, ...]], names: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(dict(zip(names, zip(*rows, strict=True), strict=True)))
