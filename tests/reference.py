"""What a cube is, in plain Python: dictionaries, `Decimal` and `zoneinfo`, and nothing of polars but its rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from functools import cache, reduce
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from usage_toolkit.cube import APART, MEASURES
from usage_toolkit.schema import NONE

Row = dict[str, Any]
EXACT = Context(prec=100)  # the usual 28 digits round what polars keeps


@cache
def first_instant(day: date, zone: str) -> datetime:
    """The first instant at which calendars in `zone` show `day`, found by looking at every quarter of an hour."""
    before = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=16)
    quarters = (before + timedelta(minutes=15) * step for step in range(4 * 32))
    return next(quarter for quarter in quarters if quarter.astimezone(ZoneInfo(zone)).date() == day)


def span_start(time: datetime, every: str, zone: str) -> datetime:
    """Where the span that `time` lies in begins."""
    local = time.astimezone(ZoneInfo(zone))
    if every == "1m":
        return time.replace(second=0, microsecond=0)
    if every == "1h":
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    day = local.date()
    first = {"1d": day, "1w": day - timedelta(days=day.weekday()), "1mo": day.replace(day=1)}[every]
    return first_instant(first, zone)


def reference(rows: pl.DataFrame, by: list[str], every: str | None, zone: str = "UTC") -> list[tuple[Any, ...]]:
    """The cube of `rows`: sums by key, unknown where one part is unknown."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    starts: dict[datetime, datetime] = {}
    keys = list(dict.fromkeys([*by, *APART]))
    for row in rows.iter_rows(named=True):
        labels = tuple(NONE if row[key] is None else row[key] for key in keys)
        if every is not None and row["time"] not in starts:
            starts[row["time"]] = span_start(row["time"], every, zone)
        groups[labels if every is None else (starts[row["time"]], *labels)].append(row)
    return [(*key, *(total(parts, name) for name in MEASURES), len(parts)) for key, parts in sorted(groups.items())]


def total(rows: list[Row], name: str) -> Decimal | None:
    """The sum of a column, unknown where one value is."""
    values = [row[name] for row in rows]
    return None if None in values else reduce(EXACT.add, values, Decimal(0))


def sums(frame: pl.DataFrame) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """What is known of each basis, unit and currency, and how many rows there are."""
    totals: dict[tuple[str, ...], list[Any]] = {}
    for row in frame.iter_rows(named=True):
        key = tuple(NONE if row[name] is None else row[name] for name in APART)
        old = totals.setdefault(key, [Decimal(0), Decimal(0), 0])
        new = (row["amount"] or 0, row["quantity"] or 0, row.get("rows", 1))
        totals[key] = [EXACT.add(one, another) for one, another in zip(old, new, strict=True)]
    return {key: tuple(values) for key, values in totals.items()}


def plain(cube: pl.DataFrame) -> list[tuple[Any, ...]]:
    """The rows of a cube with its times in UTC: Python calls no two times of a repeated hour equal across zones."""
    return cube.with_columns(pl.col(pl.Datetime).dt.convert_time_zone("UTC")).rows()
