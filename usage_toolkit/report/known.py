"""What is to be known of a month beside its numbers: whether it is over, complete and final, and what it is held to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.view import period
from usage_toolkit.view.picture import uncut
from usage_toolkit.view.status import complete, expect_coverage, freshness
from usage_toolkit.words import say

if TYPE_CHECKING:
    from datetime import datetime

    from usage_toolkit.filters import Filter
    from usage_toolkit.view.hours import Hours

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Known:
    """A month, the one before, and the windows that were fetched whole, where a store knows them."""

    hours: Hours
    where: Filter
    before: Filter
    locale: str
    coverage: pl.DataFrame | None

    @property
    def month(self) -> str:
        """What the month is called."""
        return period.text((self.where.start, self.where.stop), tz=self.hours.tz, locale=self.locale)

    @property
    def month_before(self) -> str:
        """What the month before is called."""
        return period.text((self.before.start, self.before.stop), tz=self.hours.tz, locale=self.locale)

    @cached_property
    def why_not(self) -> str:
        """Say why the month is held to no other: it is not over, or less is known of the one before."""
        if late := self._names(self.where, ending=True):
            return say("No change is shown: the month is not complete for {names}.", locale=self.locale, names=late)
        if late := self._names(self.before, ending=False):
            return say("No change is shown: {names} is not known for the month before.", locale=self.locale, names=late)
        return ""

    @cached_property
    def closed(self) -> bool:
        """Whether the rows of all providers reach the end of the month."""
        return not self._names(self.where, ending=True)

    @property
    def open(self) -> list[str]:
        """Say that the month is not complete, if it is not."""
        return [] if self.closed else [say("The month is not complete yet.", locale=self.locale)]

    @cached_property
    def provisional(self) -> datetime | None:
        """From when on numbers of the month may still change."""
        if self.books is None:
            return None
        open_ = self.books.drop_nulls("provisional_since")
        found: datetime | None = open_.select(pl.max_horizontal("provisional_since", "start").min()).item()
        return found

    @cached_property
    def books(self) -> pl.DataFrame | None:
        """The windows of the month, with when they were fetched."""
        if self.coverage is None:
            return None
        own = self.coverage.filter(pl.col("stop") > self.where.start, pl.col("start") < self.where.stop)
        return own.filter(pl.col("provider").is_in(self.where.provider)) if self.where.provider else own

    @property
    def fresh(self) -> list[str]:
        """Say how far the rows of each provider reach, and what is counted twice."""
        return freshness(self.hours, expect_coverage(self.coverage), locale=self.locale)

    @property
    def left_out(self) -> list[str]:
        """Say which rows are in no number."""
        return uncut(self.hours, locale=self.locale)

    def moment(self, of: datetime) -> str:
        """Return a date and time of day."""
        return period.moment(of.replace(second=0, microsecond=0), tz=self.hours.tz, locale=self.locale)

    def _names(self, month: Filter, *, ending: bool) -> str:
        """Name the providers whose rows don't reach through a month, or don't begin before it."""
        whole = complete(expect_coverage(self.coverage))
        daily = dict(self.hours.census.filter(grain="1d").select("provider", "end").rows())
        late = []
        for name, (first, last) in self.hours.reach.items():
            begins, ends = first.replace(hour=0, minute=0, second=0, microsecond=0), daily.get(name, last + _DAY)
            begins, ends = whole.get(name, (begins, ends))  # a last day without events is no proof that it is not over
            if (ends < month.stop) if ending else (begins > month.start):  # type: ignore[operator]  # a month has ends
                late.append(name)
        return ", ".join(look.words("provider", late, locale=self.locale))
