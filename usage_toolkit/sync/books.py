"""Whether the books balance: the days that can't change any more, held against another report of the provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from usage_toolkit.errors import FetchError
from usage_toolkit.store.balance import Balance, plain
from usage_toolkit.sync.owner import second
from usage_toolkit.sync.plan import DAY, midnight

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from usage_toolkit._key import Key
    from usage_toolkit.store.windows import Window

Balances = dict[datetime, tuple[Balance, ...]]


class Books:
    """The other report, asked for many days at a time, and once at most whether it answers at all."""

    def __init__(
        self, provider: str, sources: Sequence[str], *, stop: datetime, key: Key, base_url: str | None
    ) -> None:
        self._second, self._sources, self._stop = second(provider), sources, stop
        self._address: dict[str, Any] = {"key": key, "base_url": base_url}
        self._told: dict[tuple[str, date], dict[str, Decimal]] = {}
        self.problem = ""

    def of(self, rows: pl.DataFrame, source: str, *, start: datetime, stop: datetime, final: datetime) -> Balances:
        """Return the sums of each whole day from `start` to `stop`, if it was over for good by `final`."""
        first, last = midnight(start), midnight(min(stop, final))
        days = [first + n * DAY for n in range((last - first).days) if first + n * DAY >= start]
        if not days:
            return {}
        self._ask(days[0], days[-1] + DAY, final)
        ours = _by_day(self._second.ours(rows))
        found: Balances = {}
        for day in days:
            if (told := self._told.get((source, day.date()))) is not None:
                found[day] = _beside(ours.get((source, day.date()), {}), told, str(self._second.TOLERANCES[source]))
        return found

    def _ask(self, start: datetime, stop: datetime, final: datetime) -> None:
        if self.problem or (self._sources[0], (stop - DAY).date()) in self._told:
            return
        last = max(stop, min(midnight(min(self._stop, final)), start + self._second.AT_A_TIME))
        while start < last:
            end = min(start + self._second.AT_A_TIME, last)
            try:
                self._told |= _by_day(self._second.theirs(self._sources, start=start, stop=end, **self._address))
            except FetchError as error:
                self.problem = str(error).rstrip(".")
                return
            start = end


@dataclass(frozen=True, repr=False)
class Checked:
    """Whether what was read balances; reads as a line.

    Attributes
    ----------
    balanced
        How many windows do.
    differing
        Those that do not, each with its sums that differ.
    unchecked
        How many windows that will not change any more were held against nothing.
    problem
        Why the other report did not answer; empty if it did.
    """

    balanced: int = 0
    differing: tuple[tuple[Window, tuple[Balance, ...]], ...] = ()
    unchecked: int = 0
    problem: str = ""

    def __repr__(self) -> str:
        said = [
            f"difference {difference} {one.of} on {window.start:%Y-%m-%d} "
            f"({window.source}: stored {stored}, told {told})"
            for window, balances in self.differing
            for one in balances
            for stored, told, difference in (one.said(),)
        ]
        if self.balanced:
            said.append(f"balanced ({self.balanced:,} window{'' if self.balanced == 1 else 's'})")
        if self.unchecked:
            said.append(f"not checkable ({self.unchecked:,}: {self.problem or 'the other report does not tell'})")
        return ", ".join(said) or "not checked (nothing that was read is final)"


def checked(windows: Iterable[Window], *, problem: str = "") -> Checked:
    """Say how windows balance."""
    final = [one for one in windows if one.balances is not None or one.provisional_since is None]
    held = [(one, tuple(b for b in one.balances if not b.is_even)) for one in final if one.balances is not None]
    uneven = tuple(pair for pair in held if pair[1])
    return Checked(len(held) - len(uneven), uneven, len(final) - len(held), problem)


def beside_again(window: Window, rows: pl.DataFrame) -> Balances:
    """Hold the rows of a window, read anew, against what the other report told of it."""
    if window.balances is None:
        return {}
    ours = _by_day(second(window.provider).ours(rows)).get((window.source, window.start.date()), {})
    told = {one.of: Decimal(one.told) for one in window.balances}
    tolerance = str(second(window.provider).TOLERANCES[window.source])
    return {window.start: _beside(ours, told, tolerance)}


def _by_day(sums: pl.DataFrame) -> dict[tuple[str, date], dict[str, Decimal]]:
    found: dict[tuple[str, date], dict[str, Decimal]] = {}
    for source, day, of, value in sums.select("source", "date", "of", "value").rows():
        found.setdefault((source, day), {}).update({} if of is None else {of: value})
    return found


def _beside(ours: Mapping[str, Decimal], told: Mapping[str, Decimal], tolerance: str) -> tuple[Balance, ...]:
    """Put sums side by side; what is in one alone is 0 in the other, since both are whole."""
    both = [(of, ours.get(of) or Decimal(0), told.get(of) or Decimal(0)) for of in sorted({*ours, *told})]
    return tuple(Balance(of, plain(mine), plain(other), tolerance) for of, mine, other in both if mine or other)
