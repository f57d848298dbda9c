"""The period before the one that is shown: whether the two can be compared, and what has changed since.

Only closed periods are: one that is still running would always look like a fall. How a change is drawn is for `tiles`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.view import period
from usage_toolkit.view.totals import EXACT, added, totals
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from usage_toolkit.filters import Filter
    from usage_toolkit.times import Interval
    from usage_toolkit.view.hours import Hours
    from usage_toolkit.view.totals import Total

    Parts = Sequence[Decimal | None]

_UP, _DOWN, _SPACE = "\u25b2", "\u25bc", "\u00a0"


@dataclass(frozen=True)
class Before:
    """What was used in the period before, per meter; or `why` that can't be compared, in a sentence."""

    where: Filter
    sums: pl.DataFrame
    why: str

    @cached_property
    def totals(self) -> list[Total]:
        """The sums of the period before."""
        return totals(self.sums)


def before(hours: Hours, where: Filter, *, complete: Mapping[str, Interval], locale: str) -> Before:
    """Add up the period before: as long as the one shown, the month before for a month.

    Parameters
    ----------
    hours
        All rows.
    where
        What is shown.
    complete
        From where and through when a provider is known to be complete. Of others it is taken that rows are whole from
        the first day (of UTC, as they are fetched) and up to the last row: a period is over if that lies after it, or
        in its last hour; its last day where rows resolve no hours.
    locale
        Whose language a refusal is in.
    """
    ends = (where.start, where.stop)
    then = period.step(ends, -1, tz=hours.tz)
    earlier = where.replace(start=then[0], stop=then[1]) if then != ends else where
    why = _why_not(hours, where, then, complete, locale)
    kept = hours.keep(earlier).cells if not why else hours.cells.clear()
    return Before(earlier, hours.sums(kept), why)


def running(hours: Hours, where: Filter, *, complete: Mapping[str, Interval]) -> list[str]:
    """Return the providers in a selection whose rows don't reach its end."""
    if where.start is None or where.stop is None:
        return []
    late = [name for name in hours.providers if not _reaches(hours, name, (where.start, where.stop), complete)]
    if not late or where.provider:
        return [name for name in late if name in where.provider]
    shown = hours.keep(where).cells["provider"].unique().cast(pl.String).to_list()
    return [name for name in late if name in shown or not shown]


def changes(now: list[Total], then: list[Total]) -> dict[str, Decimal | None]:
    """Return by how much each total has changed; what one of the two periods has no row of is 0 there."""
    was = {total.what: total for total in then}
    found = {total.key: change(total.value, was[total.what].value if total.what in was else Decimal()) for total in now}
    gone = {total.what for total in then} - {total.what for total in now}
    for total in then:
        if total.what in gone:
            key = total.key if total.key not in found else f"{total.key} ({look.units(total.unit)})"
            found[key] = change(Decimal(), total.value)
    return found


def change(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    """Return a difference to the last digit; with an unknown number it is unknown."""
    if now is None or then is None:
        return None
    with localcontext(EXACT):
        return now - then


def told(now: Parts, then: Parts, *, write: Callable[[Decimal], str], locale: str) -> str:
    """Say how a number has changed, in a sign and a few characters; nothing where that is not known.

    Parameters
    ----------
    now, then
        The parts of the number: none where no row reports it.
    write
        Writes a difference where a share of the number before means nothing, since one of the two is below zero.
    locale
        How numbers are written.

    Examples
    --------
    >>> told([Decimal(9)], [Decimal(8)], write=str, locale="it-IT").split()
    ['▲', '+12,5', '%']
    >>> told([Decimal(9)], [], write=str, locale="en-US"), told([], [Decimal(8)], write=str, locale="en-US")
    ('new', 'gone')
    """
    has, had = added(now) if now else Decimal(), added(then) if then else Decimal()
    if has is None or had is None or not (now or then):
        return ""
    if has == had:
        return say("unchanged", locale=locale)
    if not had:
        return say("new", locale=locale)
    return say("gone", locale=locale) if not now else _moved(has, had, write, locale)


def signed(difference: Decimal, size: str, *, locale: str) -> str:
    """Put an arrow and a sign before the size of a difference."""
    minus = look.number(Decimal(-1), locale=locale).rstrip("1")
    return f"{_UP}{_SPACE}+{size}" if difference > 0 else f"{_DOWN}{_SPACE}{minus}{size}"


def percent(share: Decimal, *, locale: str) -> str:
    """Write a percentage to a tenth; what is not 0 never looks it.

    >>> percent(Decimal("12.345"), locale="en-US"), percent(Decimal("0.0042"), locale="en-US")
    ('12.3', '0.004')
    """
    places = max(1, -share.adjusted()) if share else 1
    return look.number(share.quantize(Decimal(1).scaleb(-places), context=EXACT), locale=locale, least=1)


def _moved(has: Decimal, had: Decimal, write: Callable[[Decimal], str], locale: str) -> str:
    with localcontext(EXACT):
        difference = has - had
        if has < 0 or had < 0:
            return signed(difference, write(abs(difference)), locale=locale)
        share = percent(100 * abs(difference) / had, locale=locale)
        return signed(difference, f"{share}{_SPACE}%", locale=locale)


def _why_not(hours: Hours, where: Filter, then: period.Ends, complete: Mapping[str, Interval], locale: str) -> str:
    if hours.first is None:
        return say("No change is shown: there are no rows.", locale=locale)
    if where.start is None or where.stop is None or then == (where.start, where.stop) or then[0] is None:
        return say("No change is shown: choose a month, a day or a range.", locale=locale)
    if late := running(hours, where, complete=complete):
        ends = [_end(hours, name, complete) for name in late]
        reached = period.moment(min(ends).replace(second=0, microsecond=0), tz=hours.tz, locale=locale)
        names = ", ".join(look.words("provider", late, locale=locale))
        return say("No change is shown: rows of {names} reach to {moment}.", locale=locale, names=names, moment=reached)
    begin = min([hours.first.replace(hour=0, minute=0, second=0, microsecond=0), *_starts(where, complete)])
    if then[0] < begin:
        first = period.moment(hours.first.replace(second=0, microsecond=0), tz=hours.tz, locale=locale)
        return say("No change is shown: rows begin on {moment}.", locale=locale, moment=first)
    return ""


def _starts(where: Filter, complete: Mapping[str, Interval]) -> list[datetime]:
    starts = [start for name, (start, _) in complete.items() if not where.provider or name in where.provider]
    return [max(starts)] if starts else []


def _end(hours: Hours, provider: str, complete: Mapping[str, Interval]) -> datetime:
    return complete[provider][1] if provider in complete else hours.reach[provider][1]


def _reaches(hours: Hours, provider: str, ends: Interval, complete: Mapping[str, Interval]) -> bool:
    start, stop = ends
    if provider in complete:
        return complete[provider][1] >= stop
    rows = hours.census.filter(pl.col("provider") == provider)
    newest = rows.filter(pl.col("last") == pl.col("last").max())
    last, step = newest["last"][0], timedelta(days=1) if newest["grain"].to_list() == ["1d"] else timedelta(hours=1)
    return bool(last >= stop or (stop - start > step and last >= stop - step))
