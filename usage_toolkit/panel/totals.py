"""The totals of what is shown: as exact numbers, and as tiles to read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from usage_toolkit import look
from usage_toolkit.panel.markup import Html, fill, join
from usage_toolkit.schema import METERS, NONE, TOKEN_METERS
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_toolkit.cube import Measure

FACTS = ("billed", "metered")
"""The bases whose quantities were counted by a provider; the others were worked out from them."""

INPUTS = TOKEN_METERS[:-1]


class Total(NamedTuple):
    """One sum: of a meter in a unit, or of money in a currency; None where a part of it is unknown."""

    key: str
    label: str
    of: str  # the meter, or empty for money
    value: Decimal | None
    unit: str
    basis: str


def totals(shown: pl.DataFrame, *, locale: str = "en-US") -> list[Total]:
    """Add up what is shown, per meter and unit and per currency and basis; meters first, in their order.

    What a provider counted is one sum, whether it came with a bill or without. Estimated and allocated numbers stay
    apart and say so in their key, as does money of any basis but ``billed``, and the unit where a meter has several.
    Keys are English; labels are the reader's.
    """
    return [*_meters(shown, locale), *_money(shown, locale)]


def key(currency: str, basis: str) -> str:
    """Return the name of money among totals.

    >>> key("USD", "billed"), key("USD", "estimated")
    ('USD', 'USD (estimated)')
    """
    return currency if basis == "billed" else f"{currency} ({basis})"


def tiles(found: list[Total], *, locale: str, lead: Measure = "quantity") -> Html:
    """Draw totals: the ones that matter large, tokens or (`lead` is ``amount``) money first; each kind small below."""
    counted = {total.of: total.value for total in found if total.of in TOKEN_METERS and total.basis in FACTS}
    whole = _added([counted[meter] for meter in INPUTS if meter in counted])
    counts = [
        _count(say("All input", locale=locale), whole, "token", locale, say("all kinds of input", locale=locale)),
        _count(look.word("meter", "output", locale=locale), counted.get("output"), "token", locale),
        _share(counted.get("cache_read"), whole, locale),
    ]
    money = [total for total in found if not total.of]
    amounts = [_amount(total, locale) for total in money] or [_tile(say("Cost", locale=locale), None, locale)]
    main = [*counts, *amounts] if lead == "quantity" else [*amounts, *counts]
    kinds = [total for total in found if total.of and not (total.of == "output" and total.basis in FACTS)]
    minor = [_count(total.label, total.value, total.unit, locale) for total in kinds]
    return join([_row("ut-tiles", main), *([_row("ut-tiles ut-minor", minor)] if minor else [])])


def lines(found: list[Total], *, locale: str) -> list[str]:
    """Say totals as plain text, one a line, exact."""
    return [f"{total.label}: {_exact(total, locale)}" for total in found]


def plain(value: Decimal | None) -> Decimal | None:
    """Drop the zeros that only fill a column; the value is the same.

    >>> plain(Decimal("7.500")), plain(Decimal("1200.000")), plain(Decimal("0E-18"))
    (Decimal('7.5'), Decimal('1200'), Decimal('0'))
    """
    if value is None:
        return None
    digits = f"{value:f}"
    return Decimal(digits.rstrip("0").rstrip(".") if "." in digits else digits)


def _meters(shown: pl.DataFrame, locale: str) -> Iterable[Total]:
    apart = pl.when(pl.col("basis").is_in(FACTS)).then(pl.lit(FACTS[-1])).otherwise("basis").alias("basis")
    sums = shown.filter(pl.col("unit") != NONE).group_by("meter", "unit", apart).agg(_known("quantity"))
    several = set(sums.filter(pl.struct("meter", "basis").is_duplicated())["meter"])
    order = pl.col("meter").replace_strict(METERS, range(len(METERS)), return_dtype=pl.Int64)
    for meter, unit, basis, value in sums.sort(order, "basis", "unit").iter_rows():
        named, label = (
            _with(
                called,
                *([look.units(unit, locale=language)] if meter in several else []),
                *([look.word("basis", basis, locale=language)] if basis not in FACTS else []),
            )
            for called, language in ((meter, "en-US"), (look.word("meter", meter, locale=locale), locale))
        )
        yield Total(named, label, meter, value, unit, basis)


def _with(called: str, *more: str) -> str:
    return f"{called} ({', '.join(more)})" if more else called


def _money(shown: pl.DataFrame, locale: str) -> Iterable[Total]:
    sums = shown.filter(pl.col("currency") != NONE).group_by("currency", "basis").agg(_known("amount"))
    for currency, basis, value in sums.sort("basis", "currency").iter_rows():
        label = look.word("basis", basis, locale=locale).capitalize()
        yield Total(key(currency, basis), label, "", value, currency, basis)


def _known(measure: str) -> pl.Expr:
    """Add up; a sum with an unknown part is unknown, as in the cube."""
    return pl.when(pl.col(measure).null_count() == 0).then(pl.col(measure).sum()).alias(measure)


def _added(parts: list[Decimal | None]) -> Decimal | None:
    known = [part for part in parts if part is not None]
    return sum(known, Decimal()) if parts and len(known) == len(parts) else None


def _exact(total: Total, locale: str) -> str:
    if total.value is None:
        return say("not reported", locale=locale)
    return (look.quantity if total.of else look.money)(total.value, total.unit, locale=locale)


def _share(cached: Decimal | None, whole: Decimal | None, locale: str) -> Html:
    """Draw which share of all input was read from a cache; where no cache was reported it is not known."""
    label = say("Cache hit share", locale=locale)
    said = say("cache reads as a share of all input", locale=locale)
    if cached is None or not whole:
        return _tile(label, None, locale, exact=said)
    text = look.number((100 * cached / whole).quantize(Decimal("0.1")), locale=locale, least=1)
    return _tile(label, text, locale, unit="%", exact=said)


def _count(label: str, value: Decimal | None, unit: str, locale: str, exact: str = "") -> Html:
    if value is None:
        return _tile(label, None, locale)
    said = look.quantity(value, unit, locale=locale)
    whole = look.number(value.quantize(Decimal(1)) if abs(value) >= 1 else value, locale=locale)
    return _tile(
        label, whole, locale, unit=look.units(unit, value, locale=locale), exact=f"{exact}: {said}" if exact else said
    )


def _amount(total: Total, locale: str) -> Html:
    if total.value is None:
        return _tile(f"{total.label} {look.word('currency', total.unit, locale=locale)}", None, locale)
    rounded = look.short_money(total.value, total.unit, locale=locale)
    number, _, currency = rounded.partition(" ")
    return _tile(total.label, number, locale, unit=currency, exact=look.money(total.value, total.unit, locale=locale))


def _tile(label: str, number: str | None, locale: str, *, unit: str = "", exact: str = "") -> Html:
    shown = (
        fill('<div class="ut-unknown">{text}</div>', text=say("not reported", locale=locale))
        if number is None
        else fill("<div>{number} <small>{unit}</small></div>", number=number, unit=unit)
    )
    return fill(
        '<div class="ut-tile" title="{exact}"><div class="ut-label">{label}</div>{shown}</div>',
        exact=exact,
        label=label[:1].upper() + label[1:],
        shown=shown,
    )


def _row(kind: str, found: list[Html]) -> Html:
    return fill('<div class="{kind}">{tiles}</div>', kind=kind, tiles=join(found))
