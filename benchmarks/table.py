"""`traffic` as canonical rows: in a store, some days at a time as a sync would bring them, and in one Parquet file.

The store is compacted, and what compacting left behind is gone. A second file has the sums as doubles, and of the
other columns only those that questions here are about.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import traffic
from benchmarks.ledger import sku

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import polars as pl

DECIMALS, DOUBLES, STORE = "decimals.parquet", "doubles.parquet", "store"
SOURCE = "venice.ledger"
ROW_GROUP = ENOUGH = 2**18
_LABELS = ("time", "provider", "workspace", "model", "api_key", "user", "meter", "basis", "unit", "currency", "grain")
_SUMS = ("quantity", "amount", "amount_usd")
_UNITS = {"image": "image", "web_search": "request"}
_PAGE = 1000


def write(folder: Path, *, count: int) -> None:
    """Make the store and both files of about `count` rows in `folder`."""
    import polars as pl

    import usage_toolkit as ut
    from usage_toolkit import schema

    store = ut.Store(folder / STORE)
    for month in traffic.months(seed=0, count=count):
        for start, stop, lines in _days(month):
            store.replace(canonical(lines), source=SOURCE, start=start, stop=stop)
    store.compact()
    store.vacuum(keep=timedelta(0))
    whole = store.scan().with_columns(pl.col(pl.Enum).cast(pl.String)).select(*schema.COLUMNS)
    doubles = pl.scan_parquet(folder / DECIMALS).select(*_LABELS, *(pl.col(name).cast(pl.Float64) for name in _SUMS))
    for frame, name in ((whole, DECIMALS), (doubles, DOUBLES)):
        frame.sink_parquet(folder / name, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)


def _days(month: pl.DataFrame) -> Iterator[tuple[datetime, datetime, pl.DataFrame]]:
    """Give as many days of a month as have enough rows, one time after the other, and where they begin and end."""
    import polars as pl

    first: datetime = month["time"][0].replace(hour=0, minute=0, second=0, microsecond=0, day=1)
    start, end = first, (first + timedelta(days=32)).replace(day=1)
    while start < end:
        days = timedelta(days=max(1, ENOUGH * 31 // (month.height + 1)))
        stop = min(start + days, end)
        yield start, stop, month.filter(pl.col("time") >= start, pl.col("time") < stop)
        start = stop


def canonical(lines: pl.DataFrame) -> pl.DataFrame:
    """Return billed rows as `usage_toolkit.fetch` gives them."""
    import polars as pl

    from usage_toolkit import schema

    is_token = ~pl.col("meter").is_in(list(_UNITS))
    names = pl.struct("model", "meter").map_elements(lambda of: sku(of["model"], of["meter"]), return_dtype=pl.String)
    products = lines.select("model", "meter").unique().with_columns(sku=names)
    quantity = pl.when(is_token).then("units").otherwise(1).cast(schema.QUANTITY)
    amount = (pl.col("price") * pl.col("units")).cast(pl.Decimal(38, 18)) / 10**12
    page = pl.row_index() // _PAGE
    return schema.conform(
        lines.join(products, on=["model", "meter"], how="left", maintain_order="left").select(
            "time", "workspace", "api_key", "user", "model", "sku", "meter", "currency", "request_id", "latency_ms",
            grain=pl.lit("event"), provider=pl.lit("venice"), source=pl.lit(SOURCE), basis=pl.lit("billed"),
            quantity=quantity,
            unit=pl.col("meter").replace_strict(_UNITS, default="token", return_dtype=pl.String),
            amount=amount.cast(schema.MONEY), amount_usd=amount.cast(schema.MONEY),
            unit_price=(pl.col("price").cast(schema.MONEY) / pl.when(is_token).then(10**12).otherwise(10**6)).cast(
                schema.MONEY
            ),
            notes=pl.lit("API Inference"),
            origin=pl.format(
                "venice usage-history, page {}, sha256:{}",
                page + 1,
                pl.col("request_id").get(page * _PAGE).str.tail(16),
            ),
        )
    )  # fmt: skip


if __name__ == "__main__":
    write(Path(sys.argv[1]), count=int(sys.argv[2]))
