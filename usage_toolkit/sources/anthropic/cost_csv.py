"""The Console's export of cost (``claude_api_cost_*.csv``) to canonical rows: money by the day and API key.

Each row is rounded to cents, so that many are 0.00 and the sum drifts from the bill: its own digits are kept, and no
report agrees with it to better than half a cent a row. Rows that are equal but for their cost, or altogether, are
different charges. Models go by the name that is shown, which `words.model` turns into the id of the other reports.
"""

from __future__ import annotations

import polars as pl

from usage_toolkit import schema
from usage_toolkit.sources import sheet
from usage_toolkit.sources.anthropic import console, words
from usage_toolkit.sources.parsed import Parsed

SOURCE = "anthropic.cost_csv"
_NEEDED = (
    console.DATE, "model", "workspace", "api_key", "usage_type", "context_window", "token_type", "cost_usd",
    "cost_type",
)  # fmt: skip
_LATER = ("inference_geo", "speed", "api_key_id", "api_key_status")
_LIST = "list_price_usd"
_OWN = (b"usage_date_utc", b"cost_usd", b"token_type", b"cost_type")


def matches(data: bytes) -> bool:
    """Whether `data` looks like this export, by its header."""
    header = sheet.header(data)
    return sum(word in header for word in _OWN) > 1


def parse(data: bytes, *, name: str, origin: str, account: str) -> Parsed:
    """Turn an exported file into canonical rows, as many and in the same order; see `usage_toolkit.read`."""
    texts, unknown = console.table(data, name=name, needed=_NEEDED, numbers=(_LIST,), labels=_LATER)
    where = f"{name}, row {{}}".format
    console.refuse_empty(texts, [console.DATE, "cost_usd"], where)
    time, grain = console.times(texts[console.DATE], where)
    amount = schema.decimals(texts["cost_usd"], schema.MONEY, where=where)
    kinds = texts.select(console.said("cost_type"), console.said("token_type"))
    meters = [words.meter(*kind) for kind in kinds.iter_rows()]
    known = texts.select(console.said(_LIST)).to_series() if _LIST in texts.columns else None
    rows = texts.select(
        time,
        console.workspace(),
        console.context_window(),
        console.said("api_key"), console.said("api_key_id"), console.said("speed"),
        _models(texts["model"]),
        service_tier=_tier(), region=console.said("inference_geo"), sku=_product(),
        meter=pl.Series([meter for meter, _ in meters], dtype=pl.String),
        notes=pl.Series([notes for _, notes in meters], dtype=pl.String),
        amount=amount, amount_usd=amount, currency=pl.lit("USD"),
        list_amount=None if known is None else schema.decimals(known, schema.MONEY, where=where),
        grain=pl.lit(grain), provider=pl.lit("anthropic"), source=pl.lit(SOURCE), basis=pl.lit("billed"),
        account=pl.lit(account), origin=pl.lit(origin),
    )  # fmt: skip
    return Parsed(schema.conform(rows, where=where), unknown=unknown)


def _models(shown: pl.Series) -> pl.Expr:
    ids = {name: words.model(name) for name in shown.unique().drop_nulls()}
    return console.said("model").replace(ids).alias("model")


def _product() -> pl.Expr:
    """Return all words for what was charged, as they are shown."""
    kind = pl.coalesce(console.said("token_type"), console.said("cost_type"))
    told = pl.concat_str(console.said("model"), console.said("usage_type"), kind, separator=", ", ignore_nulls=True)
    return pl.when(told != "").then(told)


def _tier() -> pl.Expr:
    """Return the service tier; a message has none, and may be of any."""
    return pl.when(pl.col("usage_type") != words.MESSAGE).then(console.said("usage_type"))
