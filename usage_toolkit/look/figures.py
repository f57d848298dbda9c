"""How numbers, money and dates are written for their reader: every digit, by the marks of a locale."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache, lru_cache
from typing import Any

import polars as pl
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import (
    get_currency_precision,
    get_decimal_symbol,
    get_group_symbol,
    get_minus_sign_symbol,
    is_currency,
)

from usage_toolkit.errors import ArgumentError
from usage_toolkit.look.names import units, word
from usage_toolkit.words import names

_EXACT = Context(prec=80)


def number(value: Decimal | int, *, locale: str = "en-US", least: int = 0) -> str:
    """Return all digits of `value` as its reader writes them, with at least `least` decimals.

    Examples
    --------
    >>> number(Decimal("1234567.250"), locale="it-IT"), number(Decimal("0.1"), least=2)
    ('1.234.567,25', '0.10')
    """
    marks = _marks(locale)
    whole, _, part = f"{Decimal(value).copy_abs():f}".partition(".")  # abs would round to 28 digits
    part = part.rstrip("0").ljust(least, "0")
    sign = marks["minus"] if value < 0 else ""
    return sign + _grouped(whole, marks["thousands"], marks["grouping"]) + (part and marks["decimal"] + part)


def numbers(values: pl.Expr, *, locale: str = "en-US", least: int = 0) -> pl.Expr:
    """Return what `number` does, of a column of decimals.

    Examples
    --------
    >>> amounts = pl.DataFrame({"amount": [Decimal("1234567.250"), Decimal("-0.1"), None]})
    >>> amounts.select(numbers(pl.col("amount"), locale="it-IT")).to_series().to_list()
    ['1.234.567,25', '-0,1', None]
    """
    marks = _marks(locale)
    first, *more = marks["grouping"]
    text = values.cast(pl.String)
    parts = text.str.strip_prefix("-").str.split_exact(".", 1)
    whole = parts.struct.field("field_0").str.reverse()
    rest = whole.str.slice(first).str.replace_all(rf"(\d{{{(more or [first])[0]}}})", f"${{1}}{marks['thousands']}")
    grouped = (whole.str.head(first) + pl.lit(marks["thousands"]) + rest).str.strip_chars_end(marks["thousands"])
    part = parts.struct.field("field_1").fill_null("").str.strip_chars_end("0").str.pad_end(least, "0")
    tail = pl.when(part != "").then(pl.lit(marks["decimal"]) + part).otherwise(pl.lit(""))
    sign = pl.when(values < 0).then(pl.lit(marks["minus"])).otherwise(pl.lit(""))
    return (sign + grouped.str.reverse() + tail).alias(values.meta.output_name())


def quantities(values: pl.Expr, unit: str, *, locale: str = "en-US") -> pl.Expr:
    """Return what `quantity` does, of a column."""
    one, many = (pl.lit(f" {units(unit, count, locale=locale)}") for count in (1, 2))
    return numbers(values, locale=locale) + pl.when(values.abs() == 1).then(one).otherwise(many)


def money(value: Decimal, currency: str, *, locale: str = "en-US") -> str:
    """Return an amount to its last digit, with its currency.

    Examples
    --------
    >>> money(Decimal("1234.5"), "USD"), money(Decimal("0.000123"), "DIEM", locale="de-DE")
    ('1,234.50 USD', '0,000123 DIEM')
    """
    return f"{number(value, locale=locale, least=cents(currency))} {word('currency', currency, locale=locale)}"


def short_money(value: Decimal, currency: str, *, locale: str = "en-US") -> str:
    """Return an amount rounded to cents, or to three digits where it is less than one; what is not 0 never looks it.

    Examples
    --------
    >>> short_money(Decimal("1234.5678"), "USD"), short_money(Decimal("0.00012345"), "USD")
    ('1,234.57 USD', '0.000123 USD')
    """
    places = cents(currency)
    if value and value.copy_abs() < 1:
        places = max(places, 2 - value.adjusted())
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN, context=_EXACT)
    return money(rounded, currency, locale=locale)


def quantity(value: Decimal | int, unit: str, *, locale: str = "en-US") -> str:
    """Return a quantity to its last digit, with its unit.

    Examples
    --------
    >>> quantity(1200000, "token"), quantity(1, "image")
    ('1,200,000 tokens', '1 image')
    """
    return f"{number(value, locale=locale)} {units(unit, value, locale=locale)}"


def is_money(currency: str) -> bool:
    """Whether this is a currency of the world, as USD is and DIEM is not."""
    return is_currency(currency)


def axis_text(locale: str = "en-US") -> str:
    """Return the expression by which Vega writes a large number at an axis: ``2k``, ``3M``, ``4B``."""
    text = "format(datum.value, '~s')"
    for letter, own in (names("axis", locale=locale) or {"G": "B"}).items():
        text = f"replace({text}, '{letter}', '{own}')"
    return text


def short_day(of: date, *, locale: str = "en-US") -> str:
    """Return a day without its year: ``3 Oct``."""
    return _dated(of.year, of.month, of.day, "d MMM", locale)


def long_day(of: date, *, locale: str = "en-US") -> str:
    """Return a day: ``3 Oct 2026``."""
    return _dated(of.year, of.month, of.day, "d MMM y", locale)


def month(of: date, *, locale: str = "en-US") -> str:
    """Return a month: ``Oct 2026``."""
    return _dated(of.year, of.month, of.day, "LLL y", locale)


def vega_locale(locale: str = "en-US") -> dict[str, Any]:
    """Return how Vega shall write numbers.

    A ``$`` in a format always means US dollars here: the locale only says how digits are grouped.
    """
    marks = _marks(locale)
    rest = [marks["grouping"][-1]] * 6
    return marks | {"grouping": [*marks["grouping"], *rest], "currency": ["US$\u00a0", ""]}


@lru_cache(4096)
def _dated(year: int, month: int, day: int, pattern: str, locale: str) -> str:
    """Write a day; by its numbers, since equal instants of two zones may be two days."""
    return format_date(date(year, month, day), pattern, locale=_locale(locale))


@cache
def _locale(text: str) -> Locale:
    try:
        return Locale.parse(text.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError, TypeError, AttributeError):
        raise ArgumentError(f"expected a locale such as en-US or it-IT, found {text!r}; name one.") from None


@cache
def _marks(text: str) -> dict[str, Any]:
    locale = _locale(text)
    first, second = locale.decimal_formats[None].grouping
    return {
        "decimal": get_decimal_symbol(locale),
        "thousands": get_group_symbol(locale),
        "grouping": [first] if first == second else [first, second],
        "minus": get_minus_sign_symbol(locale),
    }


def _grouped(digits: str, mark: str, sizes: list[int]) -> str:
    groups = []
    sizes = list(sizes)
    while digits:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        groups.append(digits[-size:])
        digits = digits[:-size]
    return mark.join(reversed(groups))


def cents(currency: str) -> int:
    """Return how many decimals an amount is written with at least."""
    return get_currency_precision(currency) if is_currency(currency) else 2
