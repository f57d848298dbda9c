"""How things are called and coloured, wherever they are shown: words, colours, numbers and dates.

Charts and panels read from here, so that a meter has one name and one colour everywhere. Nothing is drawn here.
"""

from __future__ import annotations

import unicodedata
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

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
from usage_toolkit.schema import DIMENSIONS, METERS, NONE, OTHER
from usage_toolkit.words import names, say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

# At least 3:1 on white, 2:1 on #111111 (JupyterLab's dark theme), and told apart by colour-blind readers.
PALETTE = ("#4433BB", "#1F83C4", "#3A9A6E", "#CC3311", "#E07806", "#8A1174", "#604038", "#830DFF")
REST = "#858585"
"""The colour of ``"(other)"``, and of what has no colour of its own."""

METER_COLOURS = {
    "input": PALETTE[0],
    "cache_read": PALETTE[1],
    "cache_write_5m": PALETTE[2],
    "cache_write_1h": "#17604A",
    "cache_write": "#7C8F2B",
    "output": PALETTE[3],
    "web_search": PALETTE[4],
    "code_execution": PALETTE[6],
    "session": "#A8845A",
    "image": PALETTE[7],
    "audio": PALETTE[5],
    "video": "#C255C9",
    "request": "#2F6878",
    "rate_limited": "#D4709A",
    "other": REST,
}

BASIS_COLOURS = {"billed": PALETTE[1], "metered": "#7A7A7A", "estimated": "#CC6600", "allocated": "#9A4FA8"}
"""Beside the word: at least 3:1 on white and on #111111, and told apart by colour-blind readers."""

TEXT = "#757575"
"""Text that is read on white (4.6:1) and on #111111 (4.1:1) alike."""
RULE = "#75757540"
"""Lines that guide the eye and may be missed."""
BAR = PALETTE[1]
"""Bars that need no telling apart."""
GAP = "#FFFFFF"
"""The thin line between parts of a bar."""

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
_EXACT = Context(prec=80)


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


def colours(label: str, values: Iterable[str]) -> list[str]:
    """Return a colour for each value: its own for a meter, else by its place; grey for ``"(other)"``."""
    if label == "meter":
        return [METER_COLOURS.get(value, REST) for value in values]
    places = iter(PALETTE)
    return [REST if value == OTHER else next(places, REST) for value in values]


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


def money(value: Decimal, currency: str, *, locale: str = "en-US") -> str:
    """Return an amount to its last digit, with its currency.

    Examples
    --------
    >>> money(Decimal("1234.5"), "USD"), money(Decimal("0.000123"), "DIEM", locale="de-DE")
    ('1,234.50 USD', '0,000123 DIEM')
    """
    return f"{number(value, locale=locale, least=_cents(currency))} {word('currency', currency, locale=locale)}"


def short_money(value: Decimal, currency: str, *, locale: str = "en-US") -> str:
    """Return an amount rounded to cents, or to three digits where it is less than one; what is not 0 never looks it.

    Examples
    --------
    >>> short_money(Decimal("1234.5678"), "USD"), short_money(Decimal("0.00012345"), "USD")
    ('1,234.57 USD', '0.000123 USD')
    """
    places = _cents(currency)
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


def units(unit: str, count: Decimal | int | None = None, *, locale: str = "en-US") -> str:
    """Return what `count` of a unit are called, or many of it."""
    one = count is not None and abs(count) == 1
    own = names("unit" if one else "units", locale=locale).get(unit)
    if own or one:
        return own or unit
    return "no unit" if unit == NONE else f"{visible(unit, locale=locale)}s"


def axis_text(locale: str = "en-US") -> str:
    """Return the expression by which Vega writes a large number at an axis: ``2k``, ``3M``, ``4B``."""
    text = "format(datum.value, '~s')"
    for letter, own in (names("axis", locale=locale) or {"G": "B"}).items():
        text = f"replace({text}, '{letter}', '{own}')"
    return text


def short_day(of: date, *, locale: str = "en-US") -> str:
    """Return a day without its year: ``3 Oct``."""
    return format_date(of, "d MMM", locale=_locale(locale))


def long_day(of: date, *, locale: str = "en-US") -> str:
    """Return a day: ``3 Oct 2026``."""
    return format_date(of, "d MMM y", locale=_locale(locale))


def month(of: date, *, locale: str = "en-US") -> str:
    """Return a month: ``Oct 2026``."""
    return format_date(of, "LLL y", locale=_locale(locale))


def vega_locale(locale: str = "en-US") -> dict[str, Any]:
    """Return how Vega shall write numbers.

    A ``$`` in a format always means US dollars here: the locale only says how digits are grouped.
    """
    marks = _marks(locale)
    rest = [marks["grouping"][-1]] * 6
    return marks | {"grouping": [*marks["grouping"], *rest], "currency": ["US$\u00a0", ""]}


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


def _cents(currency: str) -> int:
    return get_currency_precision(currency) if is_currency(currency) else 2


def _symbol(text: str, at: int) -> str:
    char = text[at]
    category = unicodedata.category(char)
    if ord(char) in _SYMBOLS:
        return _SYMBOLS[ord(char)]
    if category not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return char
    joined = char == "\u200d" and at and unicodedata.category(text[at - 1]) in ("So", "Sk", "Mn")
    return char if joined else f"\u2039U+{ord(char):04X}\u203a"
