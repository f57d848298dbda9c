"""What a careful person would write with polars alone: the other side of every ratio. Knows nothing of the toolkit.

As exact as the toolkit where it is said to be, and with none of its checks, messages or other formats.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MONEY, QUANTITY = pl.Decimal(38, 18), pl.Decimal(38, 9)
SKU = r"^(.+?)-llm-(input|output|cache-input|cache-write(?:-5m|-1h)?)-mtoken$"
INSTANT = "%Y-%m-%dT%H:%M:%S%.3fZ"
NUMBERS = ("units", "pricePerUnitUsd", "amount")
TEXTS = ("timestamp", "sku", "currency", "notes")
METERS = {"cache-input": "cache_read", "cache-write-5m": "cache_write_5m", "cache-write-1h": "cache_write_1h"}
PARITY = ("USD", "DIEM", "BUNDLED_CREDITS", "EARNED_CREDITS")
LEDGER_KEYS = ("time", "model", "unit", "currency")
KEYS = ("time", "model", "api_key", "meter", "basis", "unit", "currency")
HOUR_KEYS = ("provider", "workspace", "model", "api_key", "user", "meter", "grain", "basis", "unit", "currency")
_MEASURES = ("quantity", "amount", "amount_usd")


def model_days(path: Path) -> pl.DataFrame:
    """Add up a gzipped ledger by day, model, unit and currency; polars reads only the columns that this needs."""
    model, kind = (pl.col("sku").str.extract(SKU, group) for group in (1, 2))
    image = pl.col("sku").str.ends_with("-image-unit")
    unit = (
        pl.when(kind.is_not_null()).then(pl.lit("token")).when(image).then(pl.lit("image"))
        .when(pl.col("sku") == "search-augmentation").then(pl.lit("request")).otherwise(pl.lit("unit"))
    )  # fmt: skip
    factor = pl.when(kind.is_not_null()).then(1_000_000).otherwise(1)
    return (
        pl.scan_csv(path, infer_schema=False)
        .select(
            time=pl.col("timestamp").str.to_datetime(INSTANT, time_unit="us", time_zone="UTC").dt.truncate("1d"),
            model=pl.coalesce(
                model, pl.when(image).then(pl.col("sku").str.strip_suffix("-image-unit")), pl.lit("(none)")
            ),
            unit=unit,
            currency="currency",
            quantity=(pl.col("units").cast(MONEY) * factor).cast(QUANTITY),
            amount=-pl.col("amount").cast(MONEY),
        )
        .group_by(LEDGER_KEYS)
        .agg(pl.col("quantity", "amount").sum(), rows=pl.len().cast(pl.Int64))
        .sort(LEDGER_KEYS)
        .collect(engine="streaming")
    )


def day_cube(path: Path | str, where: pl.Expr | bool = True) -> pl.DataFrame:  # noqa: FBT001, FBT002 (what polars takes)
    """Add up Parquet files: the same keys and sums as the toolkit's cube, unknown where one part is unknown."""
    known = [pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name) for name in _MEASURES]
    return (
        pl.scan_parquet(path, hive_partitioning=False)
        .filter(where)
        .group_by(pl.col("time").dt.truncate("1d"), *KEYS[1:])
        .agg(*known, rows=pl.len().cast(pl.Int64))
        .sort(KEYS)
        .collect(engine="streaming")
    )


def hour_cube(path: Path) -> pl.DataFrame:
    """Add up the same table by the hour and all labels that a panel can filter by, and nothing else."""
    known = [pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name) for name in _MEASURES]
    return (
        pl.scan_parquet(path)
        .group_by(pl.col("time").dt.truncate("1h"), *HOUR_KEYS)
        .agg(*known, rows=pl.len().cast(pl.Int64))
        .sort("time", *HOUR_KEYS)
        .collect(engine="streaming")
    )


def least_day_cube(path: Path | str) -> pl.DataFrame:
    """Add up the same table by no more than day, model, key and meter, trusting that nothing in it needs care."""
    return (
        pl.scan_parquet(path)
        .group_by(pl.col("time").dt.truncate("1d"), "model", "api_key", "meter")
        .agg(pl.col("quantity", "amount").sum())
        .sort("time", "model", "api_key", "meter")
        .collect(engine="streaming")
    )


def exact_rows(pages: Sequence[bytes], columns: dict[str, Any]) -> pl.DataFrame:
    """Turn JSON pages into rows, exactly, as the standard library offers it: a Decimal for every number."""
    lists: dict[str, list[Any]] = {name: [] for name in (*TEXTS, *NUMBERS, "request_id", "latency_ms")}
    for page in pages:
        rows = json.loads(page, parse_float=Decimal)["data"]
        details = [row["inferenceDetails"] or {} for row in rows]
        for name in TEXTS:
            lists[name] += [row[name] for row in rows]
        for name in NUMBERS:
            lists[name] += [Decimal(row[name]) for row in rows]
        lists["request_id"] += [found.get("requestId") for found in details]
        lists["latency_ms"] += [found.get("inferenceExecutionTime") for found in details]
    return _canonical(pl.DataFrame(lists, schema_overrides=dict.fromkeys(NUMBERS, MONEY)), columns)


def float_rows(pages: Sequence[bytes], columns: dict[str, Any]) -> pl.DataFrame:
    """Turn JSON pages into rows through doubles and their shortest text: right for up to 15 digits."""
    lists: dict[str, list[Any]] = {name: [] for name in (*TEXTS, *NUMBERS, "request_id", "latency_ms")}
    decode = _decoder()
    for page in pages:
        rows = decode(page).data
        lists["timestamp"] += [row.timestamp for row in rows]
        lists["sku"] += [row.sku for row in rows]
        lists["currency"] += [row.currency for row in rows]
        lists["notes"] += [row.notes for row in rows]
        lists["units"] += [row.units for row in rows]
        lists["pricePerUnitUsd"] += [row.pricePerUnitUsd for row in rows]
        lists["amount"] += [row.amount for row in rows]
        lists["request_id"] += [row.inferenceDetails.requestId for row in rows]
        lists["latency_ms"] += [row.inferenceDetails.inferenceExecutionTime for row in rows]
    doubles = pl.DataFrame(lists, schema_overrides=dict.fromkeys(NUMBERS, pl.Float64))
    return _canonical(doubles.with_columns(pl.col(NUMBERS).cast(pl.String).cast(MONEY)), columns)


def _decoder() -> Any:
    from msgspec import defstruct
    from msgspec.json import Decoder

    details: Any = defstruct(
        "Details", [("requestId", str | None, None), ("inferenceExecutionTime", int | None, None)], gc=False
    )
    fields = [(name, str) for name in TEXTS] + [(name, float) for name in NUMBERS]
    row: Any = defstruct("Row", [*fields, ("inferenceDetails", details)], gc=False)
    body: Any = defstruct("Body", [("data", list[row])])
    return Decoder(body).decode


def _canonical(rows: pl.DataFrame, columns: dict[str, Any]) -> pl.DataFrame:
    """Fill all columns of the canonical frame; the same for both ways to read."""
    seconds = pl.col("timestamp").str.head(19).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", time_zone="UTC")
    labels = {"provider": "venice", "source": "venice.ledger", "account": "(default)", "origin": "pages"}
    made = rows.join(_products(rows["sku"]), on="sku", how="left", maintain_order="left").select(
        "sku", "model", "meter", "unit", "currency", "notes", "request_id", "latency_ms",
        time=seconds + pl.duration(milliseconds=pl.col("timestamp").str.slice(20, 3).cast(pl.Int64)),
        grain=pl.lit("event"), basis=pl.lit("billed"),
        quantity=pl.col("units") * pl.col("factor"),
        amount=-pl.col("amount"),
        amount_usd=pl.when(pl.col("currency").is_in(PARITY)).then(-pl.col("amount")),
        unit_price=pl.col("pricePerUnitUsd") / pl.col("factor"),
        **{name: pl.lit(text) for name, text in labels.items()},
    )  # fmt: skip
    nulls = ("workspace_id", "api_key_id", "user_id", "list_amount")
    missing = {name: pl.lit(None if name in nulls else "(none)") for name in columns if name not in made.columns}
    return made.select(missing.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in columns.items())


def _products(skus: pl.Series) -> pl.DataFrame:
    """Take apart each SKU once."""
    model, kind = (pl.col("sku").str.extract(SKU, group) for group in (1, 2))
    image, search = pl.col("sku").str.ends_with("-image-unit"), pl.col("sku") == "search-augmentation"
    return skus.unique().to_frame().select(
        "sku",
        model=pl.coalesce(model, pl.when(image).then(pl.col("sku").str.strip_suffix("-image-unit")), pl.lit("(none)")),
        meter=pl.when(image).then(pl.lit("image")).when(search).then(pl.lit("web_search"))
        .otherwise(kind.replace(METERS).fill_null("other")),
        unit=pl.when(kind.is_not_null()).then(pl.lit("token")).when(image).then(pl.lit("image"))
        .when(search).then(pl.lit("request")).otherwise(pl.lit("unit")),
        factor=pl.when(kind.is_not_null()).then(1_000_000).otherwise(1).cast(pl.Decimal(38, 0)),
    )  # fmt: skip
