"""What bars are made of: tokens, or money of one currency and basis, and how that is said and written.

The one place where token bars and money bars differ; which rows are meant and how they are cut is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.panel.totals import FACTS, key
from usage_toolkit.schema import METERS, NONE, TOKEN_METERS

if TYPE_CHECKING:
    from decimal import Decimal

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
    def behind(self) -> pl.Expr:
        """Which cells have to do with it: tokens belong to all rows, money only to rows of that money."""
        if self.measure == "quantity":
            return pl.lit(value=True)
        return (pl.col("currency") == self.unit) & pl.col("basis").is_in(self.bases)

    @property
    def cells(self) -> pl.Expr:
        """Which cells are added up."""
        unit = pl.col("unit" if self.measure == "quantity" else "currency") == self.unit
        known = pl.col(self.measure).is_not_null()
        return unit & known & pl.col("basis").is_in(self.bases) & pl.col("meter").is_in(self.meters)

    def heading(self, span: str) -> str:
        """Say what the bars are, each of a span: ``Cost per day, USD billed``."""
        said = f"{self.noun.capitalize()} per {span}"
        return f"{said}, {self._money}" if self.measure == "amount" and self.bases else said

    def text(self, value: Decimal, *, locale: str) -> str:
        """Write a value to its last digit."""
        if self.measure == "quantity":
            return look.quantity(value, self.unit, locale=locale)
        said = look.money(value, self.unit, locale=locale)
        return said if self.bases[0] == "billed" else f"{said} ({self.bases[0]})"

    @property
    def empty(self) -> str:
        """Say that there is none of it where there is something else."""
        what = self.noun if self.measure == "quantity" else self._money if self.bases else "money"
        return f"No {what} in this selection"

    @property
    def whose(self) -> str:
        """Say which rows of a bar can't be cut."""
        return "its rows" if self.measure == "quantity" else f"its rows of {self._money}"

    @property
    def _money(self) -> str:
        return f"{look.word('currency', self.unit)} {self.bases[0]}"


TOKENS = Drawn("tokens", "quantity", "token", FACTS, TOKEN_METERS)
NO_MONEY = Drawn("cost", "amount", NONE, ())


def moneys(cells: pl.DataFrame) -> dict[str, Drawn]:
    """Return each kind of money in some cells by its key, what is worth most US dollars first; on a tie, USD."""
    in_dollars = pl.coalesce("amount_usd", pl.when(pl.col("currency") == "USD").then("amount"))
    found = (
        cells.filter(pl.col("currency").is_not_null())
        .group_by(pl.col("currency", "basis").cast(pl.String))
        .agg(in_dollars.sum().abs().alias("size"))
    )
    ranked = found.sort(
        "size", pl.col("basis") == "billed", pl.col("currency") == "USD", "currency", "basis",
        descending=[True, True, True, False, False],
    )  # fmt: skip
    kinds = [Drawn("cost", "amount", currency, (basis,)) for currency, basis, _ in ranked.iter_rows()]
    return {kind.key: kind for kind in kinds}
