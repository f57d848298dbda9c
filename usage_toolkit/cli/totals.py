"""What was used and what it cost, per span of time and label: tokens by kind, then money, a column for each currency.

Money of different bases is never in one column, nor are two currencies; where there was none there is a dash, not 0.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit import schema
from usage_toolkit.cli.health import status
from usage_toolkit.cli.table import table
from usage_toolkit.cube import cube
from usage_toolkit.errors import ArgumentError
from usage_toolkit.export import to_csv
from usage_toolkit.filters import Filter
from usage_toolkit.times import day, zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from usage_toolkit.store import Store

SPANS = {"hour": "1h", "day": "1d", "week": "1w", "month": "1mo"}
LABELS = {name: name for name in ("provider", "source", "account", "workspace", "model", "user", "meter")}
LABELS |= {"key": "api_key"}
_SHOWN = {"hour": "%Y-%m-%d %H:%M", "day": "%Y-%m-%d", "week": "%Y-%m-%d", "month": "%Y-%m"}


def totals(
    store: Store,
    *,
    by: Sequence[str],
    start: str | None,
    stop: str | None,
    tz: str,
    form: str,
    where: Mapping[str, Iterable[str]],
) -> str:
    """Return the totals of a store as a table with a note on what is missing, as CSV or as JSON."""
    spans = [name for name in by if name in SPANS]
    if len(spans) > 1 or (odd := [name for name in by if name not in SPANS and name not in LABELS]):
        found = spans[1] if len(spans) > 1 else odd[0]
        known = ", ".join([*SPANS, *LABELS])
        raise ArgumentError(f"totals: expected one span of time at most, and labels among {known}, found {found!r}.")
    tz = zone(tz).key
    first, last = (None if text is None else day(text, tz=tz)[0] for text in (start, stop))
    wanted = Filter(first, last).replace(**where)
    made = _wide(store.scan(wanted), by, SPANS[spans[0]] if spans else None, tz)
    if spans:
        made = made.with_columns(pl.col("time").dt.strftime(_SHOWN[spans[0]]).alias(spans[0])).drop("time")
        made = made.select(spans[0], pl.exclude(spans[0]))
    if form == "csv":
        return to_csv(made, bom=False).decode()
    if form == "json":
        return json.dumps(made.to_dicts(), default=_digits, ensure_ascii=False, indent=1) + "\n"
    rows = [[_cell(value) for value in row] for row in made.rows()]
    numbers = [dtype.is_numeric() for dtype in made.dtypes]
    said = table(made.columns, rows, numbers=numbers) if rows else "No rows."
    return f"{said}\n\n{status(store)}\n"


def _wide(rows: pl.LazyFrame, by: Sequence[str], every: str | None, tz: str) -> pl.DataFrame:
    labels = [LABELS[name] for name in by if name in LABELS]
    keys = [*(["time"] if every else []), *labels]
    tokens = cube(rows, by=[*labels, "meter"], every=every, tz=tz, measure="quantity").filter(unit="token")
    money = cube(rows, by=labels, every=every, tz=tz, measure="amount")
    if "meter" in labels:
        wide_tokens = _pivot(tokens, keys, pl.lit("tokens"), "quantity", order=())
    else:
        wide_tokens = _pivot(tokens, keys, pl.col("meter"), "quantity", order=schema.TOKEN_METERS)
        if wide_tokens.width > len(keys):
            wide_tokens = wide_tokens.with_columns(tokens=pl.sum_horizontal(pl.exclude(keys)))
    billed = pl.when(pl.col("basis") == "billed").then("currency").otherwise(pl.format("{} {}", "currency", "basis"))
    wide_money = _pivot(money, keys, billed, "amount", order=())
    if not keys:
        return pl.concat([wide_tokens, wide_money], how="horizontal")
    return wide_tokens.join(wide_money, on=keys, how="full", coalesce=True, nulls_equal=True).sort(keys)


def _pivot(sums: pl.DataFrame, keys: list[str], name: pl.Expr, value: str, *, order: Sequence[str]) -> pl.DataFrame:
    """Make a column of each name, null where there was none of it."""
    long = sums.with_columns(name.cast(pl.String).alias("_name"))
    found = long["_name"].unique().sort().to_list()
    names = [one for one in order if one in found] + [one for one in found if one not in order]
    dtype = sums.schema[value]
    columns = [_sum(pl.col(value).filter(pl.col("_name") == one)).cast(dtype).alias(one) for one in names]
    if not keys:
        return long.select(columns)
    return long.group_by(keys).agg(columns)


def _sum(values: pl.Expr) -> pl.Expr:
    return pl.when(values.len() > 0).then(values.sum())


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if not isinstance(value, Decimal):
        return str(value)
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _digits(value: Decimal) -> str:
    return _cell(value).replace(",", "")
