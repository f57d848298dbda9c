"""The Console's export of tokens (``claude_api_tokens_*.csv``) to canonical rows: quantities, no money.

The month's view has a row a day, the day's view one an hour, the hour's view one a minute, and each tells the same use
again: of two views only one is to be read. A counter at 0 gives no row. Keys and workspaces have names but no ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import InputError
from usage_toolkit.sources import sheet
from usage_toolkit.sources.anthropic import console
from usage_toolkit.sources.parsed import Parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SOURCE = "anthropic.tokens_csv"
SPLIT = ("usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write_1h")
WHOLE = "usage_input_tokens_cache_write"
"""The cache writes of 2025, not told apart by how long they last."""

COUNTERS = {
    "usage_input_tokens_no_cache": ("input", "token"),
    "usage_input_tokens_cache_read": ("cache_read", "token"),
    SPLIT[0]: ("cache_write_5m", "token"),
    SPLIT[1]: ("cache_write_1h", "token"),
    WHOLE: ("cache_write", "token"),
    "usage_output_tokens": ("output", "token"),
    "web_search_count": ("web_search", "request"),
}
"""The counters by their columns, and their meter and unit."""

_NEEDED = (
    console.DATE, "model_version", "api_key", "workspace", "usage_type", "context_window",
    "usage_input_tokens_no_cache", "usage_input_tokens_cache_read", "usage_output_tokens",
)  # fmt: skip
_LATER = ("inference_geo", "speed")
_OWN = (b"usage_date_utc", b"model_version", b"usage_input_tokens", b"usage_output_tokens", b"web_search_count")


def matches(data: bytes) -> bool:
    """Whether `data` looks like this export, by its header."""
    header = sheet.header(data)
    return sum(word in header for word in _OWN) > 1


def parse(data: bytes, *, name: str, origin: str, account: str) -> Parsed:
    """Turn an exported file into canonical rows; see `usage_toolkit.read`."""
    texts, unknown = console.table(data, name=name, needed=_NEEDED, numbers=tuple(COUNTERS), labels=_LATER)
    where = f"{name}, row {{}}".format
    counters = _counters(texts.columns, name)
    console.refuse_empty(texts, [console.DATE, *counters], where)
    time, grain = console.times(texts[console.DATE], where)
    labels = texts.select(
        time,
        console.workspace(),
        console.context_window(),
        console.said("api_key"), console.said("speed"),
        model=console.said("model_version"), service_tier=console.said("usage_type"),
        region=console.said("inference_geo"), grain=pl.lit(grain, schema.COLUMNS["grain"]),
        provider=pl.lit("anthropic"), source=pl.lit(SOURCE), basis=pl.lit("metered", schema.COLUMNS["basis"]),
        account=pl.lit(account), origin=pl.lit(origin), row=pl.int_range(pl.len()),
    )  # fmt: skip
    meters = [
        labels.with_columns(_count(texts[column], where), meter=pl.lit(meter), unit=pl.lit(unit))
        for column in counters
        for meter, unit in [COUNTERS[column]]
    ]
    rows = pl.concat(meters).filter(pl.col("quantity") > 0).sort("row", maintain_order=True).drop("row")
    return Parsed(schema.conform(rows), unknown=unknown)


def _counters(columns: Sequence[str], name: str) -> list[str]:
    """Return the counters that a file has, none of which may be part of another."""
    split = [column for column in SPLIT if column in columns]
    if WHOLE in columns and split:
        raise InputError(
            f"{name}: expected either {WHOLE!r} or its parts, found {split[0]!r} too, so that tokens may be there "
            "twice; leave one of them out."
        )
    if WHOLE not in columns and (missing := set(SPLIT) - set(split)):
        found = ", ".join(columns)[:200]
        raise InputError(f"{name}: expected a column {max(missing)!r}, found {found}; export it with all its columns.")
    return [column for column in COUNTERS if column in columns]


def _count(texts: pl.Series, where: Callable[[int], str]) -> pl.Series:
    """Return whole numbers of 0 or more."""
    counts = schema.decimals(texts, schema.QUANTITY, where=where)
    wrong = (counts < 0) | (counts != counts.round(0))
    if wrong.any():
        row = wrong.arg_true()[0]
        raise InputError(
            f"{where(row + 1)}, column {texts.name!r}: expected a whole number, 0 or more, found {texts[row]!r}; get "
            "the file anew."
        )
    return counts.alias("quantity")
