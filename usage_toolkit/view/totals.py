"""The totals of what is shown, as exact numbers; how they look is for `tiles`."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from usage_toolkit import look
from usage_toolkit.schema import METERS, NONE, TOKEN_METERS
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FACTS = ("billed", "metered")
"""The bases whose quantities were counted by a provider; the others were worked out from them."""

INPUTS = TOKEN_METERS[:-1]
EXACT = Context(prec=80)
"""For sums of any size: by itself Python rounds to 28 digits."""


class Total(NamedTuple):
    """One sum: of a meter in a unit, or of money in a currency; None where a part of it is unknown."""

    key: str
    label: str
    of: str  # the meter, or empty for money
    value: Decimal | None
    unit: str
    basis: str
    usd: Decimal | None = None  # what the provider itself says that money is worth

    @property
    def what(self) -> tuple[str, str, str]:
        """What it is a sum of, in any period."""
        return self.of, self.unit, self.basis


def totals(shown: pl.DataFrame, *, locale: str = "en-US") -> list[Total]:
    """Add up what is shown, per meter and unit and per currency and basis; meters first, in their order.

    What a provider counted is one sum, whether it came with a bill or without. Estimated and allocated numbers stay
    apart and say so in their key, as does money of any basis but ``billed``, and the unit where a meter has several.
    Keys are English; labels are the reader's.
    """
    return [*_meters(shown, locale), *_money(shown, locale)]


def kinds(shown: pl.DataFrame, currency: str, basis: str) -> dict[str, Decimal | None]:
    """Add up one money per meter, in the order of meters; None where a part is unknown."""
    own = shown.filter(pl.col("currency") == currency, pl.col("basis") == basis)
    return dict(own.group_by("meter").agg(_known("amount")).sort(_ORDER).iter_rows())


def key(currency: str, basis: str) -> str:
    """Return the name of money among totals.

    >>> key("USD", "billed"), key("USD", "estimated")
    ('USD', 'USD (estimated)')
    """
    return currency if basis == "billed" else f"{currency} ({basis})"


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


def added(parts: Sequence[Decimal | None]) -> Decimal | None:
    """Add up the parts of a number to the last digit: unknown with an unknown part, or without any."""
    known = [part for part in parts if part is not None]
    with localcontext(EXACT):
        return sum(known, Decimal()) if parts and len(known) == len(parts) else None


_ORDER = pl.col("meter").replace_strict(METERS, range(len(METERS)), return_dtype=pl.Int64)


def _meters(shown: pl.DataFrame, locale: str) -> Iterable[Total]:
    apart = pl.when(pl.col("basis").is_in(FACTS)).then(pl.lit(FACTS[-1])).otherwise("basis").alias("basis")
    sums = shown.filter(pl.col("unit") != NONE).group_by("meter", "unit", apart).agg(_known("quantity"))
    several = set(sums.filter(pl.struct("meter", "basis").is_duplicated())["meter"])
    for meter, unit, basis, value in sums.sort(_ORDER, "basis", "unit").iter_rows():
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
    own = shown.filter(pl.col("currency") != NONE)
    sums = own.group_by("currency", "basis").agg(_known("amount"), _known("amount_usd"))
    for currency, basis, value, usd in sums.sort("basis", "currency").iter_rows():
        label = look.word("basis", basis, locale=locale).capitalize()
        yield Total(key(currency, basis), label, "", value, currency, basis, usd)


def _known(measure: str) -> pl.Expr:
    """Add up; a sum with an unknown part is unknown, as in the cube."""
    return pl.when(pl.col(measure).null_count() == 0).then(pl.col(measure).sum()).alias(measure)


def _exact(total: Total, locale: str) -> str:
    if total.value is None:
        return say("not reported", locale=locale)
    return (look.quantity if total.of else look.money)(total.value, total.unit, locale=locale)
