"""What things are called: columns, their values, units and spans; whatever a provider wrote, made visible."""

from __future__ import annotations

import unicodedata
from itertools import count
from typing import TYPE_CHECKING

from usage_toolkit.schema import DIMENSIONS, METERS, NONE
from usage_toolkit.words import names, say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

_NAMES = (
    *DIMENSIONS,
    "workspace_id",
    "api_key_id",
    "user_id",
    "unit",
    "currency",
    "time",
    "quantity",
    "amount",
    "rows",
)
DIMENSION_LABELS = {name: name.replace("_", " ").capitalize().replace("Api", "API") for name in _NAMES} | {"sku": "SKU"}
METER_LABELS = {meter: meter.replace("_", " ") for meter in METERS} | {
    "cache_write_5m": "cache write, 5 min",
    "cache_write_1h": "cache write, 1 h",
}
_WORDS = {
    "meter": METER_LABELS,
    "currency": {"BUNDLED_CREDITS": "bundled credits", NONE: "no currency"},
    "grain": {"event": "each event", "1m": "minute", "1h": "hour", "1d": "day"},
}
_SPANS = {"1m": "minute", "1h": "hour", "1d": "day", "1w": "week", "1mo": "month"}
_SYMBOLS = {0x7F: "\u2421", **{code: chr(0x2400 + code) for code in range(0x20)}}


def name(label: str, *, locale: str = "en-US") -> str:
    """Return what a column is called: ``API key`` for ``api_key``."""
    return names("column", locale=locale).get(label) or DIMENSION_LABELS.get(label) or visible(label, locale=locale)


def plural(label: str, count: int, *, locale: str = "en-US") -> str:
    """Return what `count` values of a column are called: ``API keys``."""
    one = lower(label, locale=locale)
    if count == 1:
        return one
    many = names("columns", locale=locale) or {"basis": "bases", "currency": "currencies"}
    return many.get(label) or f"{one}s"


def lower(label: str, *, locale: str = "en-US") -> str:
    """Return what a column is called within a sentence: ``service tier``, but ``API key``."""
    called = name(label, locale=locale)
    return called if called[:2].isupper() else called[:1].lower() + called[1:]


def word(label: str, value: str, *, limit: int = 40, locale: str = "en-US") -> str:
    """Return what to show for one value of a column.

    Examples
    --------
    >>> word("meter", "cache_write_1h"), word("model", "gpt-4.1")
    ('cache write, 1 h', 'gpt-4.1')
    """
    own = names(label, locale=locale).get(value) or names("any", locale=locale).get(value)
    return own or _WORDS.get(label, {}).get(value) or visible(value, limit=limit, locale=locale)


def words(label: str, values: Iterable[str], *, limit: int = 40, locale: str = "en-US") -> list[str]:
    """Return what to show for each of several values: different values never look the same.

    Examples
    --------
    >>> words("user", ["anna-of-rome", "anna-of-romagna"], limit=8)
    ['anna-of…', 'anna-of… (2)']
    """
    shown: dict[str, str] = {}
    for value in values:
        text = first = word(label, value, limit=limit, locale=locale)
        copies = count(2)
        while (alike := unicodedata.normalize("NFKC", text)) in shown:
            text = f"{first} ({next(copies)})"
        shown[alike] = text
    return list(shown.values())


def visible(text: str, *, limit: int = 40, locale: str = "en-US") -> str:
    r"""Return `text` as one line of at most `limit` characters in which nothing is invisible.

    Control characters become symbols, and so do marks that would turn the direction of the text around it.

    Examples
    --------
    >>> visible("a\tb"), visible("x" * 9, limit=5), visible(""), ascii(visible("\u202egpj.exe"))
    ('a␉b', 'xxxx…', '(empty)', "'\\u2039U+202E\\u203agpj.exe'")
    """
    shown = "".join(_symbol(text, at) for at in range(min(len(text), limit + 1)))
    if not text:
        return say("(empty)", locale=locale)
    if not shown.strip():
        one = len(text) == 1
        return say("(1 blank)", locale=locale) if one else say("({count} blanks)", locale=locale, count=len(text))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def span(every: str, *, locale: str = "en-US") -> str:
    """Return what one span of time is called: ``day`` for ``1d``."""
    return names("span", locale=locale).get(every) or _SPANS[every]


def spans(every: str, count: int, *, locale: str = "en-US") -> str:
    """Return what `count` spans of time are called."""
    one = span(every, locale=locale)
    return one if count == 1 else names("spans", locale=locale).get(every) or f"{one}s"


def per_span(what: str, every: str, *, locale: str = "en-US") -> str:
    """Return what is told for each span of time: ``Cost per day``."""
    return {
        "1m": say("{what} per minute", locale=locale, what=what),
        "1h": say("{what} per hour", locale=locale, what=what),
        "1d": say("{what} per day", locale=locale, what=what),
        "1w": say("{what} per week", locale=locale, what=what),
        "1mo": say("{what} per month", locale=locale, what=what),
    }[every]


def based(amount: str, basis: str, *, locale: str = "en-US") -> str:
    """Return an amount, or a currency, with what it is worth: ``1.50 USD billed``."""
    return {
        "billed": say("{amount} billed", locale=locale, amount=amount),
        "metered": say("{amount} metered", locale=locale, amount=amount),
        "estimated": say("{amount} estimated", locale=locale, amount=amount),
        "allocated": say("{amount} allocated", locale=locale, amount=amount),
    }.get(basis) or f"{amount} {visible(basis, locale=locale)}"


def units(unit: str, count: Decimal | int | None = None, *, locale: str = "en-US") -> str:
    """Return what `count` of a unit are called, or many of it."""
    one = count is not None and abs(count) == 1
    own = names("unit" if one else "units", locale=locale).get(unit)
    if own or one:
        return own or unit
    return "no unit" if unit == NONE else f"{visible(unit, locale=locale)}s"


def _symbol(text: str, at: int) -> str:
    char = text[at]
    category = unicodedata.category(char)
    if ord(char) in _SYMBOLS:
        return _SYMBOLS[ord(char)]
    if category not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return char
    joined = char == "\u200d" and at and unicodedata.category(text[at - 1]) in ("So", "Sk", "Mn")
    return char if joined else f"\u2039U+{ord(char):04X}\u203a"
