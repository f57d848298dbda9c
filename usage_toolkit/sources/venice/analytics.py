"""Venice's usage analytics: totals by day, by model and by API key, to hold against the ledger.

Three cuts of one sum, so never rows to add to the ledger's: they are frames of their own. The part that matters most
is money by API key, which the ledger does not know. Facts: Venice's API reference of ``/billing/usage-analytics``,
2026-08: debits only, USD includes bundled credits and leaves earned ones out, answers are kept for ten minutes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Raw, Struct

from usage_toolkit._key import Key
from usage_toolkit.errors import ArgumentError, ContractError
from usage_toolkit.schema import NONE
from usage_toolkit.sources.venice.ask import BASE_URL, KEY, ask, money
from usage_toolkit.times import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from usage_toolkit.times import Moment

KEPT = 600.0  # seconds for which Venice repeats an answer, so that asking again tells nothing new
LONGEST = 90  # days
TOLERANCE = Decimal("0.000001")  # the reports are doubles, the ledger is exact
_answers: dict[tuple[str, str, str, str], tuple[float, Analytics]] = {}


class _Day(Struct):
    date: str
    USD: Raw
    DIEM: Raw


class _Part(Struct):
    type: str
    usd: Raw
    diem: Raw
    units: Raw


class _Model(Struct):
    modelName: str
    unitType: str
    totalUsd: Raw
    totalDiem: Raw
    totalUnits: Raw
    breakdown: list[_Part] | None = None


class _ByKey(Struct):
    description: str
    totalUsd: Raw
    totalDiem: Raw
    totalUnits: Raw
    apiKeyId: str | None = None


class _Answer(Struct):
    byDate: list[_Day]
    byModel: list[_Model]
    byKey: list[_ByKey]


@dataclass(frozen=True)
class Analytics:
    """One answer of Venice's analytics.

    Attributes
    ----------
    by_date
        ``date``, ``usd``, ``diem``.
    by_model
        ``model`` (its display name), ``unit``, ``part`` (such as Input; ``"(none)"`` where the model has one part),
        ``usd``, ``diem``, ``units``. The parts are disjoint.
    by_key
        ``api_key_id`` (null for the web app), ``api_key``, ``usd``, ``diem``, ``units``.
    as_of
        When Venice answered; the numbers may be ten minutes older.
    """

    by_date: pl.DataFrame
    by_model: pl.DataFrame
    by_key: pl.DataFrame
    as_of: datetime


def usage_analytics(
    *,
    start: Moment,
    stop: Moment,
    key: Key | str | None = None,
    base_url: str | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Analytics:
    """Ask for totals of the UTC days from `start` up to, not including, `stop`: 90 days at most.

    An answer is kept for ten minutes, as long as Venice would repeat it.

    Parameters
    ----------
    start, stop
        Dates, half open; of an instant, its day in UTC.
    key
        A Venice admin key; else the environment's ``VENICE_ADMIN_KEY``.
    base_url
        Another server than Venice's own.
    clock
        Seconds, to tell how old an answer is.

    Returns
    -------
    Analytics
        Totals by day, by model and by API key.

    Raises
    ------
    ArgumentError
        If the interval is empty or too long.
    ContractError
        If the answer is not the documented one.
    """
    key = Key.of(key, env=KEY)
    first, end = instant(start).date(), instant(stop).date()
    if not 0 < (end - first).days <= LONGEST:
        raise ArgumentError(
            f"venice analytics: expected 1 to {LONGEST} days, found {(end - first).days}; move start or stop."
        )
    params = {"startDate": first.isoformat(), "endDate": (end - timedelta(days=1)).isoformat()}
    which = (BASE_URL if base_url is None else str(base_url), key.digest, params["startDate"], params["endDate"])
    asked, kept = _answers.get(which, (0.0, None))
    if kept is None or clock() - asked >= KEPT:
        answer, as_of = ask("/billing/usage-analytics", _Answer, key=key, base_url=base_url, params=params)
        kept = Analytics(_by_date(answer.byDate), _by_model(answer.byModel), _by_key(answer.byKey), as_of)
        _answers[which] = (clock(), kept)
    return kept


def cross_check(rows: pl.DataFrame, report: Analytics) -> pl.DataFrame:
    """Hold the ledger's charges against the analytics, day by day.

    Parameters
    ----------
    rows
        Canonical rows of Venice's ledger.
    report
        As `usage_analytics` gives it.

    Returns
    -------
    polars.DataFrame
        ``date``, ``currency`` (``USD`` with the bundled credits that Venice counts in, or ``DIEM``), ``ledger``,
        ``analytics``, ``difference`` and ``status``: ``balanced`` within a millionth, ``differs``, ``provisional``
        (the day was not over, or only just, when Venice answered), ``not in rows`` (outside the ledger's days) or
        ``not in report`` (charged in the ledger, on a day that the report leaves out).
    """
    ledger = charged(rows).rename({"value": "ledger"})
    told = told_by_day(report).rename({"value": "analytics"})
    covered = pl.col("date").is_between(*_span(rows))
    difference = pl.col("ledger") - pl.col("analytics")
    settled = pl.lit(report.as_of - timedelta(seconds=KEPT)).cast(pl.Datetime("us", "UTC"))
    closed = (pl.col("date") + pl.duration(days=1)).cast(pl.Datetime("us")).dt.replace_time_zone("UTC") <= settled
    return (
        told.join(ledger, on=["date", "currency"], how="full", coalesce=True, validate="1:1")
        .with_columns(ledger=pl.when(covered).then(pl.col("ledger").fill_null(0)))
        .with_columns(difference=difference)
        .with_columns(
            status=pl.when(pl.col("ledger").is_null())
            .then(pl.lit("not in rows"))
            .when(pl.col("analytics").is_null())
            .then(pl.lit("not in report"))
            .when(difference.abs() <= TOLERANCE)
            .then(pl.lit("balanced"))
            .when(~closed)
            .then(pl.lit("provisional"))
            .otherwise(pl.lit("differs"))
        )
        .select("date", "currency", "ledger", "analytics", "difference", "status")
        .sort("date", "currency")
    )


def charged(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what the ledger charged, as the analytics count it: ``date``, ``currency``, ``value``."""
    charges = rows.filter((pl.col("source") == "venice.ledger") & (pl.col("amount") > 0)).with_columns(
        date=pl.col("time").dt.date(), currency=pl.col("currency").replace("BUNDLED_CREDITS", "USD")
    )
    days = charges.filter(pl.col("currency").is_in(["USD", "DIEM"])).group_by("date", "currency")
    return days.agg(value=pl.col("amount").sum())


def told_by_day(report: Analytics) -> pl.DataFrame:
    """Return what the analytics tell of each day: ``date``, ``currency``, ``value``."""
    days = report.by_date.rename({"usd": "USD", "diem": "DIEM"})
    return days.unpivot(["USD", "DIEM"], index="date", variable_name="currency", value_name="value")


def _span(rows: pl.DataFrame) -> tuple[date, date]:
    days = rows.filter(pl.col("source") == "venice.ledger")["time"].dt.date()
    return (days.min(), days.max()) if days.len() else (date.max, date.min)  # type: ignore[return-value]  # typed by no column


def _by_date(days: list[_Day]) -> pl.DataFrame:
    texts = pl.Series("date", [day.date for day in days], dtype=pl.String)
    dates = texts.str.to_date("%Y-%m-%d", strict=False)
    wrong = texts.filter(dates.is_null() | dates.is_duplicated())
    if wrong.len():
        raise ContractError(
            f"venice analytics: expected each day once, such as 2026-10-01, found {wrong[0][:40]!r}; nothing was kept."
        )
    made = pl.DataFrame([dates, money("usd", (day.USD for day in days)), money("diem", (day.DIEM for day in days))])
    return made.sort("date")


def _by_model(models: list[_Model]) -> pl.DataFrame:
    parts = [
        (model, part)
        for model in models
        for part in model.breakdown or [_Part(NONE, model.totalUsd, model.totalDiem, model.totalUnits)]
    ]
    labels = {
        "model": [model.modelName for model, _ in parts],
        "unit": [model.unitType for model, _ in parts],
        "part": [part.type for _, part in parts],
    }
    numbers = _numbers((part.usd, part.diem, part.units) for _, part in parts)
    return pl.DataFrame(labels, schema=dict.fromkeys(labels, pl.String)).hstack(numbers).sort("model", "part")


def _by_key(keys: list[_ByKey]) -> pl.DataFrame:
    labels = {"api_key_id": [key.apiKeyId for key in keys], "api_key": [key.description for key in keys]}
    numbers = _numbers((key.totalUsd, key.totalDiem, key.totalUnits) for key in keys)
    return pl.DataFrame(labels, schema=dict.fromkeys(labels, pl.String)).hstack(numbers).sort("api_key", "api_key_id")


def _numbers(rows: Iterable[tuple[Raw, Raw, Raw]]) -> list[pl.Series]:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return [money(name, column) for name, column in zip(("usd", "diem", "units"), columns, strict=True)]
