"""The canonical frame: its columns, meters and dtypes, and `conform`, the one door into it.

Long, not wide: one row per time, identity and meter. This is the only place that knows dtypes; what a provider
calls a thing is for `sources` to translate, and what may be added up is for `cube` to decide.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.errors import ArgumentError, InputError, notify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from polars.datatypes import DataTypeClass

    Dtype = pl.DataType | DataTypeClass

NONE, DEFAULT, OTHER, UNALLOCATED = "(none)", "(default)", "(other)", "(unallocated)"

MONEY = pl.Decimal(38, 18)
QUANTITY = pl.Decimal(38, 9)
TIME = pl.Datetime("us", "UTC")

GRAINS = ("event", "1m", "1h", "1d")
BASES = ("billed", "metered", "estimated", "allocated")
TOKEN_METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write", "output")
METERS = (
    *TOKEN_METERS, "web_search", "code_execution", "session", "image", "audio", "video",
    "request", "rate_limited", "other",
)  # fmt: skip
UNITS = ("token", "request", "image", "second", "hour", "character", "unit")

DIMENSIONS = (
    "provider", "source", "basis", "account", "workspace", "api_key", "user", "model", "sku",
    "service_tier", "context_window", "region", "speed", "meter", "grain",
)  # fmt: skip

COLUMNS: dict[str, Dtype] = {
    "time": TIME,
    "grain": pl.Enum(GRAINS),
    "provider": pl.String,
    "source": pl.String,
    "basis": pl.Enum(BASES),
    "account": pl.String,
    "workspace": pl.String,
    "workspace_id": pl.String,
    "api_key": pl.String,
    "api_key_id": pl.String,
    "user": pl.String,
    "user_id": pl.String,
    "model": pl.String,
    "sku": pl.String,
    "service_tier": pl.String,
    "context_window": pl.String,
    "region": pl.String,
    "speed": pl.String,
    "meter": pl.Enum(METERS),
    "quantity": QUANTITY,
    "unit": pl.Enum(UNITS),
    "amount": MONEY,
    "currency": pl.String,
    "amount_usd": MONEY,
    "list_amount": MONEY,
    "unit_price": MONEY,
    "request_id": pl.String,
    "latency_ms": pl.Int64,
    "notes": pl.String,
    "origin": pl.String,
}
"""Name and dtype of every column, in order. ``MONEY`` is ``Decimal(38, 18)``, ``QUANTITY`` is ``Decimal(38, 9)``."""

CLASSES = ("shareable", "internal", "secret")
"""How far a column may travel: sums and what they are of; who used it, and on what terms; what names one request, key
or person to a provider, or may hold anything at all. A key itself is in no column."""

CLASS_OF = dict.fromkeys(COLUMNS, "shareable") | {
    "account": "internal",
    "workspace": "internal",
    "workspace_id": "secret",
    "api_key": "internal",
    "api_key_id": "secret",
    "user": "internal",
    "user_id": "secret",
    "list_amount": "internal",
    "unit_price": "internal",
    "request_id": "secret",
    "latency_ms": "internal",
    "notes": "secret",
    "origin": "secret",
}
"""The class of every column."""

REQUIRED = ("time", "grain", "provider", "source", "basis", "meter")
_LABELS = {name: NONE for name in DIMENSIONS if name not in REQUIRED} | {"account": DEFAULT}
_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
# Far above any bill, and low enough that a sum over 1e8 rows can't overflow (polars' group_by would wrap around).
LIMITS = {MONEY: Decimal(10) ** 12, QUANTITY: Decimal(10) ** 18}


def within(limit: str, columns: Iterable[str] = COLUMNS, *, call: str = "within") -> list[str]:
    """Return those columns that may travel as far as a limit allows; ``rows`` of a cube is shareable.

    Parameters
    ----------
    limit
        The last class that is allowed: ``shareable``, ``internal`` or ``secret``.
    columns
        Canonical ones and ``rows``.
    call
        Who asks, for errors.

    Raises
    ------
    ArgumentError
        If there is no such class, or a column has none.

    Examples
    --------
    >>> within("shareable", ["time", "user", "request_id", "rows"])
    ['time', 'rows']
    """
    if limit not in CLASSES:
        known = ", ".join(CLASSES)
        raise ArgumentError(f"{call}: expected limit to be one of {known}, found {limit!r}; use one of those.")
    if limit == CLASSES[-1]:
        return [*columns]
    classes = CLASS_OF | {"rows": CLASSES[0]}
    if unknown := [name for name in columns if name not in classes]:
        raise ArgumentError(
            f"{call}: expected canonical columns, whose class is known, found {unknown[0]!r}; drop it, or set no limit."
        )
    return [name for name in columns if CLASSES.index(classes[name]) <= CLASSES.index(limit)]


def empty() -> pl.DataFrame:
    """Return the canonical frame without rows."""
    return pl.DataFrame(schema=COLUMNS)


def conform(frame: pl.DataFrame, *, where: Callable[[int], str] = "row {}".format) -> pl.DataFrame:
    """Make `frame` canonical, or say which row and column can't be.

    Parameters
    ----------
    frame
        Some or all of `COLUMNS`. Missing labels become ``"(none)"``, other missing columns null. Numbers may be
        decimal, integer or text; a float is refused, since its digits are already lost.
    where
        Names a row in an error, from its number (first row = 1).

    Returns
    -------
    polars.DataFrame
        The same rows in the same order, with exactly `COLUMNS`.

    Raises
    ------
    InputError
        For an unknown or missing column, a null where a value must be, a number without its unit or currency, a
        value outside the known words, or a number that is not one or is implausibly large.

    Warns
    -----
    UsageToolkitWarning
        When a number had more decimals than its column keeps, how often, and by how much it was rounded at most.
    """
    if not isinstance(frame, pl.DataFrame):
        found = type(frame).__name__
        raise ArgumentError(f"conform: expected a polars DataFrame, found {found}; collect or convert it first.")
    if unknown := [name for name in frame.columns if name not in COLUMNS]:
        raise InputError(f"conform: expected the canonical columns, found {unknown[0]!r}; drop or rename it.")
    if missing := [name for name in REQUIRED if name not in frame.columns]:
        raise InputError(f"conform: expected a column {missing[0]!r}, found none; add it to the frame.")
    columns = [
        _column(frame[name], name, dtype, where) if name in frame.columns else _missing(name, dtype)
        for name, dtype in COLUMNS.items()
    ]
    made = frame.select(columns) if frame.height else empty()
    _check_pairs(made, where)
    return made


def decimals(text: pl.Series, dtype: pl.Decimal, *, where: Callable[[int], str] = "row {}".format) -> pl.Series:
    """Turn the digits in `text` into exact decimals; null stays null.

    A double is never made on the way. What has more decimals than `dtype` keeps is rounded half-even, once, with a
    `UsageToolkitWarning` that counts it; what is no number, or is implausibly large, is an `InputError`.
    """
    digits = pl.col("text")
    made, at_risk = text.to_frame("text").select(  # both at the same time
        made=digits.cast(dtype, strict=False),
        at_risk=(digits.str.len_bytes() > dtype.scale + 1) | digits.str.contains("[eE]"),
    )
    wrong = (made.is_null() & text.is_not_null()) | (made.abs() >= LIMITS[dtype]).fill_null(value=False)
    if (row := wrong.arg_max()) is not None and wrong[row]:
        is_plain = _PLAIN.fullmatch(text[row])
        expected = f"a number below {LIMITS[dtype]:.0e}" if is_plain else "a plain number such as -0.0015"
        raise InputError(
            f"{where(row + 1)}, column {text.name!r}: expected {expected}, found {_short(text[row])}; "
            "nothing was loaded: mend or remove that row."
        )
    _warn_rounding(text, at_risk, dtype)
    return made.alias(text.name)


def _missing(name: str, dtype: Dtype) -> pl.Expr:
    return pl.lit(_LABELS.get(name), dtype=dtype).alias(name)


def _column(series: pl.Series, name: str, dtype: Dtype, where: Callable[[int], str]) -> pl.Series:
    if series.dtype == dtype and not isinstance(dtype, pl.Decimal):
        made = series
    elif isinstance(dtype, pl.Decimal):
        made = _number(series, dtype, where)
    elif name == "time" and not (isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone):
        raise InputError(f"column 'time': expected instants with a time zone, found {series.dtype}; add the zone.")
    else:
        made = _cast(series, dtype)
        lossy = series.dtype.is_float() and dtype == pl.Int64
        wrong = made.cast(series.dtype).ne_missing(series) if lossy else made.is_null()
        if (row := _first(wrong & series.is_not_null())) is not None:
            raise InputError(
                f"{where(row + 1)}, column {name!r}: expected {_words(dtype)}, found {_short(series[row])}; "
                "mend that value."
            )
    made = made.fill_null(_LABELS[name]) if name in _LABELS and made.null_count() else made
    if name in REQUIRED and (row := _first(made.is_null())) is not None:
        raise InputError(f"{where(row + 1)}, column {name!r}: expected a value, found null; fill it in.")
    return made


def _number(series: pl.Series, dtype: pl.Decimal, where: Callable[[int], str]) -> pl.Series:
    if series.dtype.is_float():
        raise InputError(
            f"column {series.name!r}: expected decimals, integers or text, found {series.dtype}, whose digits are "
            "already rounded; read the numbers as text."
        )
    if series.dtype == dtype:
        wrong = (series.abs() >= LIMITS[dtype]).fill_null(value=False)
        return series if not wrong.any() else decimals(series.cast(pl.String), dtype, where=where)
    return decimals(_cast(series, pl.String()), dtype, where=where)


def _cast(series: pl.Series, dtype: Dtype) -> pl.Series:
    try:
        if not series.dtype.is_nested():
            return series.cast(dtype, strict=False)
    except pl.exceptions.PolarsError:
        pass
    raise InputError(
        f"column {series.name!r}: expected texts or numbers, found values of type {series.dtype}; make them text."
    )


def _check_pairs(frame: pl.DataFrame, where: Callable[[int], str]) -> None:
    for number, word in (("quantity", "unit"), ("amount", "currency")):
        if (row := _first(frame[number].is_null() != frame[word].is_null())) is not None:
            has, lacks = (number, word) if frame[word][row] is None else (word, number)
            raise InputError(
                f"{where(row + 1)}: expected {number!r} and {word!r} together, found {has!r} without {lacks!r}; "
                "give both or neither."
            )


def _warn_rounding(text: pl.Series, at_risk: pl.Series, dtype: pl.Decimal) -> None:
    scale = dtype.scale
    step, exact = Decimal(1).scaleb(-scale), Context(prec=200)
    errors = []
    for digits in text.filter(at_risk).drop_nulls():
        value = exact.create_decimal(digits)
        if rounding := abs(value - value.quantize(step, rounding=ROUND_HALF_EVEN, context=exact)):
            errors.append(rounding)
    if errors:
        notify(
            f"{text.name}: {len(errors)} of {len(text)} numbers have more than {scale} decimals and were rounded "
            f"half-even, by at most {max(errors):.1e}."
        )


def _first(mask: pl.Series) -> int | None:
    return mask.arg_true()[0] if mask.any() else None


def _words(dtype: Dtype) -> str:
    return f"one of {', '.join(dtype.categories)}" if isinstance(dtype, pl.Enum) else str(dtype)


def _short(value: object, limit: int = 40) -> str:
    text = str(value)
    return repr(text if len(text) <= limit else text[:limit] + "…")
