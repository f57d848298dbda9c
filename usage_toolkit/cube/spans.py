"""Spans of time: where each begins in a reader's zone, what they are made of in UTC, and which rows are too coarse."""

from __future__ import annotations

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import InputError
from usage_toolkit.times import is_utc, whole_hours

EVERY = ("1m", "1h", "1d", "1w", "1mo")


def span_start(every: str, tz: str) -> pl.Expr:
    """Return the instant at which the span of a time in UTC begins; polars' truncate alone misses some by an hour."""
    time = pl.col("time")
    if every == "1m" or (every == "1h" and whole_hours(tz)):
        return time.dt.truncate(every).dt.convert_time_zone(tz)
    start = time.dt.convert_time_zone(tz).dt.truncate(every)
    if every == "1h":  # what is left of an hour that clocks skip into begins where they arrive
        return pl.min_horizontal(start, time.dt.truncate("15m").dt.convert_time_zone(tz))
    # Where clocks go back over midnight a day has two; it begins with the first.
    return start.dt.replace_time_zone(None).dt.replace_time_zone(tz, ambiguous="earliest")


def step_of(every: str, tz: str, *, cut_in: str | None) -> str:
    """Return the longest span that all spans of `tz` are made of, where hours and days are cut in the zone `cut_in`."""
    if every == "1m":
        return "1m"
    if cut_in == "UTC" and is_utc(tz):
        return {"1w": "1d"}.get(every, every)
    # Every zone of today is a multiple of 15 minutes from UTC.
    return "1h" if cut_in == "UTC" and whole_hours(tz) else "15m"


def too_coarse_for(every: str | None, tz: str) -> tuple[str, ...]:
    """Return the grains whose buckets can't be cut into these spans."""
    if every == "1m":
        return ("1h", "1d")
    if every is None or (is_utc(tz) and every != "1h"):
        return ()
    return ("1d",) if whole_hours(tz) else ("1h", "1d")


def refuse_coarse(parts: pl.DataFrame, too_coarse: tuple[str, ...], every: str | None, tz: str) -> None:
    """Refuse rows of buckets that can't be cut into these spans."""
    coarse = parts.filter(pl.col("grain").is_in(too_coarse))
    if coarse.height:
        fine = tuple(grain for grain in schema.GRAINS if grain not in too_coarse)
        found = f"{coarse['rows'].sum():,} rows that only resolve {' or '.join(coarse['grain'].unique().sort())}"
        raise InputError(
            f"expected rows that can be cut into {every} spans of {tz}, found {found}; leave them out with "
            f"Filter(grain={fine!r}), or ask for days in UTC."
        )
