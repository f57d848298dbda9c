"""Venice's billing ledger to canonical rows.

One request is several rows, one per product (SKU), and each repeats the details of the request: the quantity of a row
is its own ``units``, never ``promptTokens``. Charges are negative in the ledger and positive in the frame. The ledger
knows no workspace, API key or user. Facts: Venice's API reference of ``/billing/usage-history``, 2026-08, and billed
rows for the grammar of SKUs, which Venice doesn't publish.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import InputError, notify
from usage_toolkit.sources import sheet
from usage_toolkit.sources.parsed import Parsed
from usage_toolkit.sources.venice import pages

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = "venice.ledger"
PARITY = ("USD", "DIEM", "BUNDLED_CREDITS", "EARNED_CREDITS")
"""The currencies that Venice counts as one US dollar each; the retired VCU is not among them."""

_TOKENS = re.compile(r"(?P<model>.+?)-llm-(?P<kind>input|output|cache-input|cache-write(?:-5m|-1h)?)-mtoken")
_KINDS = {
    "input": "input", "output": "output", "cache-input": "cache_read",
    "cache-write": "cache_write", "cache-write-5m": "cache_write_5m", "cache-write-1h": "cache_write_1h",
}  # fmt: skip
_USUAL = r"^20(1[5-9]|[2-9][0-9])-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]\.[0-9]{3}Z$"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_YEARS = range(2015, 2101)  # a row of the year 9999 would stretch every chart to it
_MILLION = 1_000_000


def matches(data: bytes) -> bool:
    """Whether `data` looks like a page or an export of this ledger, by its content."""
    head = data[:65536].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"{"):
        return any(word in head for word in (b'"pricePerUnitUsd"', b'"nextCursor"', b'"totalPages"'))
    header = sheet.header(data)
    return sum(word in header for word in (b"timestamp", b"sku", b"pricePerUnitUsd", b"inferenceDetails.")) > 1


def read(data: bytes, *, name: str, form: Literal["json", "csv"] | None = None) -> pages.Page:
    """Read a page or an export, JSON or CSV (None: whichever it is), as a table of texts."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    found = "json" if data.lstrip()[:1] in (b"{", b"[") else "csv"
    if form not in (None, found):
        start = data[:40].decode(errors="replace")
        raise InputError(f"{name}: expected {str(form).upper()}, found {start!r}; nothing was kept.")
    return pages.from_json(data, name=name) if found == "json" else pages.from_csv(data, name=name)


def parse(data: bytes, *, name: str, origin: str, account: str) -> Parsed:
    """Turn an exported file into canonical rows; see `usage_toolkit.read`."""
    page = read(data, name=name)
    rows = canonical(page.texts, where=f"{name}, row {{}}".format, origin=origin, account=account)
    return Parsed(rows, more=isinstance(page.cursor, str), total=page.pagination.total if page.pagination else None)


def canonical(
    texts: pl.DataFrame, *, where: Callable[[int], str], origin: str | pl.Series, account: str = schema.DEFAULT
) -> pl.DataFrame:
    """Turn a table of texts into canonical rows, as many and in the same order.

    Parameters
    ----------
    texts
        As `pages.Page` has it.
    where
        Names a row in an error, from its number (first row = 1).
    origin
        The audit trail: one for all rows, or one for each.
    account
        The books that the rows belong to.

    Raises
    ------
    InputError
        If a value can't be right; names the row and the column.
    """
    for column in pages.NEEDED:
        if texts[column].null_count():
            row = texts[column].is_null().arg_true()[0] + 1
            raise InputError(f"{where(row)}, column {column!r}: expected a value, found none; get the file anew.")
    units, price, amount = (
        schema.decimals(texts[c], schema.MONEY, where=where) for c in ("units", "pricePerUnitUsd", "amount")
    )
    products = texts.select("sku").join(_products(texts["sku"]), on="sku", how="left", maintain_order="left")
    factor = products["factor"]
    quantity = _whole_tokens(units * factor, products["unit"])
    return schema.conform(
        texts.select(
            "sku", "currency", "notes",
            time=instants(texts["timestamp"], where),
            grain=pl.lit("event", schema.COLUMNS["grain"]), basis=pl.lit("billed", schema.COLUMNS["basis"]),
            provider=pl.lit("venice"), source=pl.lit(SOURCE), account=pl.lit(account),
            model=products["model"], meter=products["meter"], quantity=quantity, unit=products["unit"],
            amount=-amount,
            amount_usd=pl.when(pl.col("currency").is_in(PARITY)).then(-amount),
            unit_price=price / factor,
            request_id=pl.col("requestId"),
            latency_ms=pl.col("executionTime").cast(pl.Float64, strict=False).round().cast(pl.Int64, strict=False),
            origin=pl.lit(origin),
        ),
        where=where,
    )  # fmt: skip


def _products(skus: pl.Series) -> pl.DataFrame:
    """Say per SKU which model, meter and unit it is, and how many of our units one of Venice's is."""
    names = skus.unique().sort()
    columns = {name: schema.COLUMNS[name] for name in ("model", "meter", "unit")} | {"factor": pl.Decimal(38, 0)}
    return pl.DataFrame([_product(name) for name in names], schema=columns, orient="row").insert_column(0, names)


def _product(sku: str) -> tuple[str, str, str, int]:
    if found := _TOKENS.fullmatch(sku):
        return found["model"], _KINDS[found["kind"]], "token", _MILLION
    if sku.endswith("-mtoken"):
        return schema.NONE, "other", "token", _MILLION
    if sku.endswith("-image-unit"):
        return sku.removesuffix("-image-unit"), "image", "image", 1
    if sku == "search-augmentation":
        return schema.NONE, "web_search", "request", 1
    return schema.NONE, "other", "unit", 1


def _whole_tokens(quantity: pl.Series, unit: pl.Series) -> pl.Series:
    """Round tokens to whole ones: millions of tokens arrive as doubles, whose last digits may be noise."""
    whole = quantity.round(0, mode="half_to_even")
    noisy = (quantity != whole) & (unit == "token")
    if noisy.any():
        most = max((quantity - whole).filter(noisy).abs())
        notify(
            f"units: {noisy.sum()} of {len(quantity)} token counts are not whole and were rounded half-even, "
            f"by at most {most:.1e} tokens."
        )
        quantity = whole.zip_with(noisy, quantity)
    return quantity.cast(schema.QUANTITY)


def instants(texts: pl.Series, where: Callable[[int], str]) -> pl.Series:
    """Read Venice's instants; one without a zone, with a 60th second, too fine or too far away is refused."""
    text = pl.col(texts.name)
    # polars reads whole seconds six times as fast as seconds with a fraction, and the three columns at the same time.
    parts = texts.to_frame().select(
        usual=text.str.contains(_USUAL),
        second=text.str.head(19).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", time_zone="UTC", strict=False),
        milliseconds=text.str.slice(20, 3).cast(pl.Int64, strict=False),
    )
    instant = pl.col("second") + pl.duration(milliseconds="milliseconds")
    made = parts.select(pl.when("usual").then(instant)).to_series()
    rest = made.is_null()
    if not rest.any():
        return made
    others = [_instant(texts[row], row + 1, where) for row in rest.arg_true()]
    return made.scatter(rest.arg_true(), pl.Series(others, dtype=schema.TIME))


def _instant(text: str, row: int, where: Callable[[int], str]) -> datetime:
    if _MOMENT.fullmatch(text):
        try:
            instant = datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            instant = None
        if instant and instant.year in _YEARS:
            return instant
    raise InputError(
        f"{where(row)}, column 'timestamp': expected an instant such as 2026-10-01T00:00:00.000Z, from {_YEARS[0]} to "
        f"{_YEARS[-1]}, found {text[:40]!r}; mend or remove that row."
    )
