"""A sum of a window held against another report of the provider, with the tolerance that was stated."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal

_EXACT = Context(prec=100)


@dataclass(frozen=True)
class Balance:
    """What is stored, and what the other report tells of the same time; numbers are the text of their digits.

    Attributes
    ----------
    of
        The currency, or the meter.
    """

    of: str
    stored: str
    told: str
    tolerance: str

    @property
    def difference(self) -> Decimal:
        """How much more is stored than told."""
        return _EXACT.subtract(Decimal(self.stored), Decimal(self.told))

    def said(self) -> tuple[str, str, str]:
        """Return what is stored, what is told and the difference, as fine as the tolerance."""
        steps = Decimal(self.tolerance)
        numbers = (Decimal(self.stored), Decimal(self.told), self.difference)
        stored, told, difference = (plain(_EXACT.quantize(one, steps) if steps else one) for one in numbers)
        return stored, told, difference

    @property
    def is_even(self) -> bool:
        """Whether both are the same, within the tolerance."""
        return abs(self.difference) <= Decimal(self.tolerance)


def plain(number: Decimal) -> str:
    """Return the digits of a number, without idle ones.

    >>> plain(Decimal("120.500"))
    '120.5'
    """
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
