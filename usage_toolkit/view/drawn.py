"""What bars are made of: tokens, or money of one currency and basis, and how that is said and written.

The one place where token bars and money bars differ; which rows are meant and how they are cut is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.schema import METERS, NONE, TOKEN_METERS
from usage_toolkit.view.totals import FACTS, key
from usage_toolkit.words import say

if TYPE_CHECKING:
    from usage_toolkit.cube import Measure


@dataclass(frozen=True)
class Drawn:
    """One measure in one unit, of some bases: what may stand on top of each other in a bar.

    Parameters
    ----------
    noun
        What the bars show, in one word of this project: it names a field in Vega.
    measure
        The column that is added up.
    unit
        What it counts: the unit of a quantity, or a currency.
    bases
        Whose numbers; with none there is nothing to draw.
    meters
        Of what, in the order in which they are stacked.
    """

    noun: str
    measure: Measure
    unit: str
    bases: tuple[str, ...]
    meters: tuple[str, ...] = METERS

    @property
    def key(self) -> str:
        """Its name among the totals, such as ``USD (estimated)``; empty where there is nothing to draw."""
        return key(self.unit, self.bases[0]) if self.bases else ""

    @property
    def apart(self) -> tuple[str]:
        """The column that says what it counts: no two of its values are added."""
        return ("unit",) if self.measure == "quantity" else ("currency",)

    @property
    def behind(self) -> pl.Expr:
        """Which cells have to do with it: tokens belong to all rows, money only to rows of that money."""
        if self.measure == "quantity":
            return pl.lit(value=True)
        return (pl.col("currency") == self.unit) & pl.col("basis").is_in(self.bases)

    @property
    def cells(self) -> pl.Expr:
        """Which cells are added up."""
        unit = pl.col(*self.apart) == self.unit
        known = pl.col(self.measure).is_not_null()
        return unit & known & pl.col("basis").is_in(self.bases) & pl.col("meter").is_in(self.meters)

    def title(self, *, locale: str) -> str:
        """Say what the bars show."""
        return say("Tokens", locale=locale) if self.measure == "quantity" else say("Cost", locale=locale)

    def heading(self, every: str, *, locale: str) -> str:
        """Say what the bars are, each of a span: ``Cost per day, USD billed``."""
        said = look.per_span(self.title(locale=locale), every, locale=locale)
        return f"{said}, {self._money(locale)}" if self.measure == "amount" and self.bases else said

    def label(self, *, locale: str) -> str:
        """Return what a reader calls its key."""
        said = look.word("currency", self.unit, locale=locale)
        if self.bases in ((), ("billed",)):
            return said
        return f"{said} ({look.word('basis', self.bases[0], locale=locale)})"

    def units(self, *, locale: str) -> tuple[str, str]:
        """Return what one and what many of it are called."""
        if self.measure == "quantity":
            return look.units(self.unit, 1, locale=locale), look.units(self.unit, locale=locale)
        return self.label(locale=locale), self.label(locale=locale)

    @property
    def least(self) -> int:
        """How many decimals are written at least."""
        return 0 if self.measure == "quantity" else look.cents(self.unit)

    def empty(self, *, locale: str) -> str:
        """Say that there is none of it where there is something else."""
        if self.measure == "quantity":
            return say("No tokens in this selection", locale=locale)
        if not self.bases:
            return say("No money in this selection", locale=locale)
        return say("No {money} in this selection", locale=locale, money=self._money(locale))

    def closed(self, bar: str, finer: str, *, locale: str) -> str:
        """Say that a bar can't be opened, as none of its rows can be cut."""
        span = look.span(finer, locale=locale)
        if self.measure == "quantity":
            return say("{bar} can't be opened: its rows resolve no {span}s.", locale=locale, bar=bar, span=span)
        money = self._money(locale)
        return say(
            "{bar} can't be opened: its rows of {money} resolve no {span}s.",
            locale=locale, bar=bar, money=money, span=span,
        )  # fmt: skip

    def _money(self, locale: str) -> str:
        return look.based(look.word("currency", self.unit, locale=locale), self.bases[0], locale=locale)


TOKENS = Drawn("tokens", "quantity", "token", FACTS, TOKEN_METERS)
NO_MONEY = Drawn("cost", "amount", NONE, ())


def moneys(cells: pl.DataFrame) -> dict[str, Drawn]:
    """Return each kind of money in some cells by its key, what is worth most US dollars first; on a tie, USD."""
    in_dollars = pl.coalesce("amount_usd", pl.when(pl.col("currency") == "USD").then("amount"))
    found = (
        cells.filter(pl.col("currency").cast(pl.String).fill_null(NONE) != NONE)
        .group_by(pl.col("currency", "basis").cast(pl.String))
        .agg(in_dollars.sum().abs().alias("size"))
    )
    ranked = found.sort(
        "size", pl.col("basis") == "billed", pl.col("currency") == "USD", "currency", "basis",
        descending=[True, True, True, False, False],
    )  # fmt: skip
    kinds = [Drawn("cost", "amount", currency, (basis,)) for currency, basis, _ in ranked.iter_rows()]
    return {kind.key: kind for kind in kinds}
