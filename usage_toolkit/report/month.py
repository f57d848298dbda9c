"""`monthly_report`: what finance asks of a month, each answer a section that a notebook shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit.analysis import allocate, cache_savings, implied_price
from usage_toolkit.analysis.comparison import compared
from usage_toolkit.cube import Measure, cube
from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.filters import Filter
from usage_toolkit.report import costs, finality, uses
from usage_toolkit.report.known import Known
from usage_toolkit.schema import NONE
from usage_toolkit.store import Store
from usage_toolkit.times import is_utc, zone
from usage_toolkit.view import period
from usage_toolkit.view.hours import Hours
from usage_toolkit.view.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from usage_toolkit.report.section import Section


def monthly_report(
    source: Any,
    month: str | date,
    *,
    tz: str = "UTC",
    locale: str = "en-US",
    provider: str | Iterable[str] = (),
) -> MonthlyReport:
    """Answer what finance asks of a month: what it cost, whose and for what, what changed, and how final that is.

    Parameters
    ----------
    source
        A `Store`, which also knows how complete a month is and what changed after it; or canonical polars rows.
    month
        As ``"2026-10"``, or any date in it.
    tz
        The time zone whose month is meant. Bills of whole days are cut there as `allocate` spreads them.
    locale
        Whose words, dates and numbers are shown, for example ``it-IT``.
    provider
        One or several; by default all.

    Returns
    -------
    MonthlyReport
        Each of its answers is shown by a notebook; ``.frame`` of one holds its exact numbers.

    Raises
    ------
    ArgumentError
        If an argument can't be meant.
    InputError
        If there are no rows in that month.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> october = ut.monthly_report(ut.sample(), "2026-10")
    >>> october.money.frame.filter(basis="billed", currency="USD")["now"].item() > 3_000
    True
    """
    tz = zone(tz).key
    where = Filter.month(month, tz=tz, provider=provider)
    first, last = period.step((where.start, where.stop), -1, tz=tz)
    before = where.replace(start=first, stop=last)
    wanted = Filter(before.start, where.stop, provider=provider)
    coverage = revised = None
    if isinstance(source, Store):
        rows = source.scan(wanted).collect()
        inside = pl.col("stop") > before.start, pl.col("start") < where.stop
        coverage, revised = source.coverage().filter(*inside), source.revisions()
    elif isinstance(source, pl.DataFrame | pl.LazyFrame):
        rows = source.lazy().filter(wanted.to_expr()).collect()
    else:
        found = type(source).__name__
        raise ArgumentError(f"monthly_report: expected a Store or polars rows, found {found}; pass one of those.")
    if rows.filter(where.to_expr()).is_empty():
        called = period.text((where.start, where.stop), tz=tz, locale="en-US")
        raise InputError(f"report: expected rows of {called}, found none; sync that month or name another one.")
    whole = rows if is_utc(tz) else allocate(rows)
    return MonthlyReport(whole, where, before, tz, locale, coverage, revised)


@dataclass(frozen=True, repr=False)
class MonthlyReport:
    """A month in answers; made by `monthly_report`."""

    rows: pl.DataFrame
    where: Filter
    before: Filter
    tz: str
    locale: str
    coverage: pl.DataFrame | None
    revised: pl.DataFrame | None

    def __repr__(self) -> str:
        month = period.text((self.where.start, self.where.stop), tz=self.tz, locale="en-US")
        return f"MonthlyReport({month}, {self.tz}, {self.rows.filter(self.where.to_expr()).height:,} rows)"

    @property
    def money(self) -> Section:
        """What the month cost, per currency, against the month before."""
        return costs.money(self._compared((), "amount"), self.known)

    @property
    def tokens(self) -> Section:
        """What was used, per kind."""
        return uses.tokens(self._compared("meter", "quantity"), self.known)

    @property
    def days(self) -> Any:
        """The cost of each day, as a chart."""
        from usage_toolkit.charts import cost_chart

        daily = cube(self.rows, by="model", every="1d", where=self._cut(self.where), tz=self.tz, measure="amount")
        return cost_chart(daily, locale=self.locale, width=840)

    @property
    def bases(self) -> Section:
        """What is a bill, and what was worked out from it or beside it."""
        return costs.bases(self._compared(("source",), "amount"), self.known)

    def by(self, label: str) -> Section:
        """Return the cost by a label, the largest first; a label that no bill has is that of `allocate`."""
        return costs.by(self._compared(label, "amount", spread=label in costs.SPREAD), label, self.known)

    def drivers(self, label: str = "api_key") -> Section:
        """Return what rose and fell most against the month before."""
        return costs.drivers(self._compared(label, "amount", spread=label in costs.SPREAD), label, self.known)

    @property
    def caching(self) -> Section:
        """What caching saved, at the prices of the bill."""
        rows = self.rows.filter(self.where.to_expr())
        prices = implied_price(rows).filter(pl.col("price").is_not_null())
        books = prices.select("provider", "currency").unique().sort("provider", "currency").rows()
        parts = []
        for provider, currency in books:
            alone = [name for name, _ in books].count(provider) == 1
            paid = (pl.col("currency") == currency) | (pl.col("currency").is_null() if alone else pl.lit(value=False))
            own = prices.filter(provider=provider, currency=currency)
            bought = rows.filter(pl.col("provider") == provider, paid)
            parts.append(cache_savings(bought, by=("provider", "model"), prices=own))
        saved = pl.concat(parts) if parts else cache_savings(rows.clear(), by=("provider", "model"), prices=prices)
        return uses.caching(saved, self.known)

    @property
    def limits(self) -> Section:
        """Which requests a rate limit turned away."""
        refused = Refused(self.hours)
        return uses.limits(refused.shown(self.where, every="1d"), refused.reporting, self.known)

    @property
    def completeness(self) -> Section:
        """How far the rows of the month reach, what is provisional, and what is missing."""
        return finality.completeness(self.known)

    @property
    def revisions(self) -> Section:
        """What providers changed after the month had closed."""
        return finality.revisions(self.revised, self.known)

    @cached_property
    def hours(self) -> Hours:
        """The rows of this month and the one before, added up by the hour."""
        return Hours(self.rows, self.tz)

    @cached_property
    def known(self) -> Known:
        """What is to be known of the month beside its numbers."""
        return Known(self.hours, self.where, self.before, self.locale, self.coverage)

    @cached_property
    def _spread(self) -> pl.DataFrame:
        return allocate(self.rows)

    def _cut(self, where: Filter) -> Filter:
        """Keep to the rows that can be cut into days of the zone."""
        return where if is_utc(self.tz) else where.replace(grain=self.hours.grains)

    def _compared(self, by: str | Iterable[str], measure: Measure, *, spread: bool = False) -> pl.DataFrame:
        rows = self._spread if spread else self.rows
        then = None if self.known.why_not else self._cut(self.before)
        made = compared(rows, by=by, now=self._cut(self.where), before=then, measure=measure)
        return made.filter(pl.col("currency" if measure == "amount" else "unit") != NONE)
