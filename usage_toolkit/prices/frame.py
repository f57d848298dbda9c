"""A table of prices: its columns, and `read_prices`, the one door for prices of one's own.

A price holds for one provider, model, meter and set of terms, from an instant until before another. Where prices
come from otherwise is for `listed`, which of them a row has is for `lookup`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import schema, times
from usage_toolkit.errors import ArgumentError, InputError, notify
from usage_toolkit.schema import MONEY, NONE, TIME

if TYPE_CHECKING:
    from usage_toolkit.schema import Dtype

TERMS = ("service_tier", "context_window", "region", "speed")
COLUMNS: dict[str, Dtype] = {
    "provider": pl.String,
    "model": pl.String,
    "meter": pl.Enum(schema.METERS),
    **dict.fromkeys(TERMS, pl.String),
    "unit": pl.Enum(schema.UNITS),
    "unit_price": MONEY,
    "currency": pl.String,
    "valid_from": TIME,
    "valid_to": TIME,
    "source": pl.String,
}
"""Name and dtype of every column of a table of prices; ``unit_price`` is of a single unit, never of a million."""

KEY = ("provider", "model", "meter", *TERMS, "unit")
EVER = datetime.min.replace(tzinfo=UTC)

# What providers call their ordinary terms; a price for them says "(none)".
_ORDINARY = {
    "service_tier": ("standard", "default"),
    "region": ("global", "not_available"),
    "speed": ("standard",),
}
_REQUIRED = ("provider", "meter", "unit_price", "currency")
_UNIT_OF = dict.fromkeys(schema.TOKEN_METERS, "token") | {
    "web_search": "request", "request": "request", "image": "image", "audio": "second", "video": "second",
    "code_execution": "hour", "session": "hour",
}  # fmt: skip
_PER = tuple(str(10**power) for power in range(10))


def read_prices(prices: pl.DataFrame | str | Path) -> pl.DataFrame:
    """Make a table of prices of a frame or of a CSV file, or say which row and column can't be.

    Parameters
    ----------
    prices
        ``provider``, ``meter``, ``unit_price`` and ``currency``, and what else of `usage_toolkit.prices.COLUMNS` is
        said. ``unit_price`` is of a single unit, unless a column ``per`` says of how many: ``1000000``. Numbers are
        decimal, integer or text, never a float. ``valid_from`` and ``valid_to`` are dates or instants, half open; a
        missing one is open. A missing ``unit`` is the meter's usual one. Terms that are missing, ``"(none)"`` or a
        provider's word for the ordinary ones (standard, default, global, not_available) are the ordinary ones: no
        batch, no priority, no fast mode, no region at a surcharge. A missing ``context_window`` is any.
        Also prices of days in UTC, as a bill implies them: ``time`` and ``price``, where null is none.

    Returns
    -------
    polars.DataFrame
        The same prices, each once, with exactly `usage_toolkit.prices.COLUMNS`, sorted.

    Raises
    ------
    ArgumentError
        If this is neither a frame nor a path.
    InputError
        If the file can't be read, a column is missing, a value can't be right, or two prices claim the same time.

    Warns
    -----
    UsageToolkitWarning
        When columns that no price has are left out, other than those of canonical rows and cubes.

    Examples
    --------
    >>> from decimal import Decimal
    >>> contract = {"provider": "anthropic", "model": "claude-opus-4-8", "meter": ["input", "output"],
    ...             "unit_price": ["4.50", "22.50"], "per": 1_000_000, "currency": "USD", "valid_from": "2026-07-01"}
    >>> read_prices(pl.DataFrame(contract)).select("meter", "unit", "unit_price").rows()
    [('input', 'token', Decimal('0.000004500000000000')), ('output', 'token', Decimal('0.000022500000000000'))]
    """
    frame, name = _opened(prices)
    if {"time", "price"} <= set(frame.columns) and "unit_price" not in frame.columns:
        frame = _of_days(frame)
    if missing := [column for column in _REQUIRED if column not in frame.columns]:
        raise InputError(f"{name}: expected a column {missing[0]!r}, found none; add it.")
    foreign = [column for column in frame.columns if column not in {*COLUMNS, *schema.COLUMNS, "per", "rows"}]
    if foreign:
        notify(f"{name}: {', '.join(map(repr, foreign))} say nothing about a price and were left out.")
    made = frame.select(_column(frame, column, dtype, name) for column, dtype in COLUMNS.items())
    _refuse(made, pl.any_horizontal(pl.col(*_REQUIRED).is_null()), "a provider, meter, unit price and currency", name)
    _refuse(made, pl.col("unit").is_null(), "a unit", name)
    _refuse(made, pl.col("unit_price") < 0, "a price of at least 0", name)
    _refuse(made, pl.col("valid_from") >= pl.col("valid_to"), "valid_from before valid_to", name)
    made = made.unique(pl.exclude("source"), keep="first", maintain_order=True).sort(*KEY, "valid_from", "valid_to")
    _refuse_overlaps(made, name)
    return made


def ordinary(term: str) -> pl.Expr:
    """Return the column of a term with one word for what is ordinary."""
    return pl.col(term).fill_null(NONE).replace(dict.fromkeys(_ORDINARY.get(term, ()), NONE))


def _opened(prices: pl.DataFrame | str | Path) -> tuple[pl.DataFrame, str]:
    if isinstance(prices, pl.DataFrame):
        return prices, "prices"
    if not isinstance(prices, str | Path):
        found = type(prices).__name__
        raise ArgumentError(f"read_prices: expected a polars DataFrame or the path of a CSV file, found {found}.")
    path = Path(prices).expanduser()
    try:
        return pl.read_csv(path.read_bytes(), infer_schema=False), path.name
    except OSError as error:
        raise InputError(f"{path.name}: expected a CSV file, found none ({error.strerror}); check the path.") from None
    except pl.exceptions.PolarsError:
        raise InputError(f"{path.name}: expected a CSV file in UTF-8, found none; save it as one.") from None


def _of_days(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the prices of days as a table, without what says how they were found."""
    said = [name for name in COLUMNS if name in frame.columns]
    priced = frame.filter(pl.col("price").is_not_null())
    return priced.select(
        *said,
        unit_price="price",
        valid_from="time",
        valid_to=pl.col("time").dt.offset_by("1d"),
        source=pl.lit("implied"),
    )


def _column(frame: pl.DataFrame, column: str, dtype: Dtype, name: str) -> pl.Series:
    """Return one column of the table, made of what the frame says."""
    if column == "unit_price":
        return _unit_prices(frame, name)
    found = frame[column] if column in frame.columns else pl.Series(column, [None] * frame.height, dtype=dtype)
    if dtype == TIME:
        return _instants(found)
    made = _cast(found, dtype, name)
    if column in ("model", *TERMS):
        return made.to_frame().select(ordinary(column))[column]
    if column == "source":
        return made.fill_null("own" if name == "prices" else name)
    if column == "unit":
        usual = _cast(frame["meter"], COLUMNS["meter"], name).cast(pl.String)
        return made.fill_null(usual.replace_strict(_UNIT_OF, default=None, return_dtype=dtype))
    return made


def _cast(series: pl.Series, dtype: Dtype, name: str) -> pl.Series:
    made = series.cast(pl.String).cast(dtype, strict=False)
    wrong = made.is_null() & series.is_not_null()
    if wrong.any():
        row, known = wrong.arg_true()[0], ", ".join(dtype.categories) if isinstance(dtype, pl.Enum) else str(dtype)
        raise InputError(
            f"{name}, row {row + 1}, column {series.name!r}: expected one of {known}, found {series[row]!r}."
        )
    return made


def _unit_prices(frame: pl.DataFrame, name: str) -> pl.Series:
    prices = frame["unit_price"]
    if prices.dtype.is_float():
        raise InputError(
            f"{name}, column 'unit_price': expected decimals, integers or text, found {prices.dtype}, whose digits are "
            "already rounded; read the numbers as text."
        )
    where = f"{name}, row {{}}".format
    made = schema.decimals(prices.cast(pl.String), MONEY, where=where)
    if "per" not in frame.columns:
        return made
    per = frame["per"].cast(pl.String).fill_null("1")
    if odd := [text for text in per.unique() if text not in _PER]:
        raise InputError(f"{name}, column 'per': expected 1, 1000, 1000000 or the like, found {odd[0]!r}; use one.")
    single = pl.Series(
        "unit_price",
        [None if price is None else price.scaleb(1 - len(of)) for price, of in zip(made, per, strict=True)],
        dtype=pl.Decimal(38, 27),
    )
    return schema.decimals(single.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end("."), MONEY, where=where)


def _instants(moments: pl.Series) -> pl.Series:
    if moments.dtype == pl.String:
        texts = {text: times.instant(text) for text in moments.unique().drop_nulls()}
        return moments.replace_strict(texts, default=None, return_dtype=TIME)
    if isinstance(moments.dtype, pl.Datetime) and moments.dtype.time_zone:
        return moments.dt.convert_time_zone("UTC").cast(TIME)
    if isinstance(moments.dtype, pl.Datetime | pl.Date) or moments.dtype in (pl.Date, pl.Null):
        return moments.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    raise InputError(f"prices, column {moments.name!r}: expected dates or instants, found {moments.dtype}.")


def _refuse(prices: pl.DataFrame, wrong: pl.Expr, expected: str, name: str) -> None:
    rows = prices.select(wrong.fill_null(value=False).arg_true()).to_series()
    if len(rows):
        found = {key: str(value) for key, value in prices.row(rows[0], named=True).items() if value not in (None, NONE)}
        raise InputError(f"{name}, row {rows[0] + 1}: expected {expected}, found {found}; mend that row.")


def _refuse_overlaps(prices: pl.DataFrame, name: str) -> None:
    """Refuse two prices of the same thing at the same time; `prices` are sorted."""
    begin, before = pl.col("valid_from").fill_null(EVER), pl.col("valid_to").shift(1).over(KEY)
    follows = pl.int_range(pl.len()).over(KEY) > 0
    overlaps = prices.filter(follows & (before.is_null() | (before > begin)))
    if overlaps.height:
        first = overlaps.row(0, named=True)
        what = ", ".join(str(first[key]) for key in KEY if first[key] != NONE)
        since = f"from {first['valid_from']:%Y-%m-%d %H:%M}" if first["valid_from"] else "without a beginning"
        raise InputError(
            f"{name}: expected one price at a time, found two for {what} {since}; let valid_to of one be valid_from of "
            "the next, or keep one currency."
        )
