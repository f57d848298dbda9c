"""What travels in a page: the cells, the calendar, the words and the filter to begin with, as one JSON value."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from usage_toolkit import look
from usage_toolkit.analysis.outlook import LEAST, MOST, STUDENT_T, WEEKS_FROM
from usage_toolkit.cube import MEASURES
from usage_toolkit.filters import Filter
from usage_toolkit.page import calendar, phrases
from usage_toolkit.page.cells import Cells, fitting, limited
from usage_toolkit.page.packing import CREDIT, LIMB, PACKED, limbs, packed, places
from usage_toolkit.page.redaction import PERSONAL, Redaction, kinds
from usage_toolkit.schema import CLASSES, within
from usage_toolkit.times import local_date
from usage_toolkit.view.hours import LABELS, SELECTORS, beyond
from usage_toolkit.view.picture import MOST_SERIES, uncut
from usage_toolkit.view.refused import LIMIT, Refused
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import polars as pl

    from usage_toolkit.times import Interval
    from usage_toolkit.view.hours import Hours

_CODED = (*LABELS, "basis", "unit", "currency")
_TICK = timedelta(microseconds=1)
_BARS = ("1m", "1h", "1d", "1w", "1mo")


@dataclass(frozen=True)
class Cargo:
    """The content of a page, before it is written.

    Parameters
    ----------
    cells, refused
        What is added up and drawn, with its times; refused requests have their kind of limit.
    where
        The filter to begin with, as far as the page can show it.
    beside
        What else the rows were narrowed to, as the page has no control for it.
    reach
        The first and the last instant of any row.
    within
        From where to where periods can be chosen.
    redaction
        What people are called instead, if they are.
    hidden
        Labels of a class beyond the limit: nothing is told apart by them.
    complete
        From where and through when providers are known to be complete.
    """

    hours: Hours
    cells: Cells
    refused: pl.DataFrame
    where: Filter
    beside: Filter
    reach: Interval
    within: Interval
    redaction: Redaction | None
    hidden: tuple[str, ...]
    complete: Mapping[str, Interval]
    locale: str

    @cached_property
    def codes(self) -> dict[str, list[str]]:
        """The values of each label, in the order by which tables are sorted."""
        found = {label: {*self.cells.frame[label].unique()} for label in _CODED}
        for label in _CODED:
            found[label] |= {*self.refused[label].unique()}
        for label in SELECTORS:
            found[label] |= {*getattr(self.where, label)}
        return {label: sorted(values) for label, values in found.items()} | {
            LIMIT: sorted(self.refused[LIMIT].unique())
        }

    @property
    def count(self) -> int:
        """How many rows were added up."""
        return int(self.cells.frame["rows"].sum())

    @property
    def left_out(self) -> list[str]:
        """Say which rows are in no number of the page, and why."""
        cut = self.hours.keep(self.beside, hourly=True).cut + self.hours.begun(self.beside)
        note = say(
            "Left out: rows of whole days or hours that lie in this period only in part ({rows}).",
            locale=self.locale,
            rows=look.number(cut, locale=self.locale),
        )
        return [*uncut(self.hours, locale=self.locale), *([note] if cut else [])]

    def written(self, begin: dict[str, str]) -> str:
        """Write it as JSON that is safe within HTML, the same for the same content.

        Parameters
        ----------
        begin
            How the boards stand at first.
        """
        tz, locale = self.hours.tz, self.locale
        known = {every: calendar.starts(self.within, every=every, tz=tz) for every in self._spans}
        cells = {every: starts for every, starts in known.items() if every in ("1m", "1h", "1d")}
        labels = {label: values for label, values in self.codes.items() if label != LIMIT}
        scales = self._scales
        value = {
            "every": self.cells.every,
            "calendar": calendar.told(self.within, known, tz=tz, locale=locale),
            "codes": self.codes,
            "called": phrases.called(self.codes, locale=locale),
            "cube": packed(self.cells.frame, codes=labels, starts=cells, scales=scales),
            "refused": packed(self.refused, codes=self.codes, starts=cells, scales=scales),
            "scales": scales,
            "limbs": self._limbs(scales),
            "limb": LIMB,
            "left_out": self.left_out,
            "first": self._day(known["1d"], self.reach[0]),
            "last": self._day(known["1d"], self.reach[1]),
            "count": self.count,
            "reach": self._reaches,
            "rows_begin": self.hours.first and calendar.milliseconds(self.hours.first.replace(microsecond=0)),
            "credits": CREDIT in self.cells.frame.columns,
            "filter": self._params(),
            "selectors": [label for label in SELECTORS if label not in (*self.cells.folded, *self.hidden)],
            "begin": begin,
            "phrases": phrases.phrases(locale=locale),
            "columns": phrases.columns(locale=locale),
            "meters": phrases.meters(locale=locale),
            "spans": phrases.spans(locale=locale),
            "units": phrases.units(locale=locale),
            "numbers": phrases.numbers(locale=locale),
            "order": phrases.order(),
            "cents": {currency: look.cents(currency) for currency in self.codes["currency"]},
            "colours": {
                "meter": look.METER_COLOURS, "basis": look.BASIS_COLOURS,
                "palette": look.PALETTE, "rest": look.REST,
            },
            "most": MOST_SERIES,
            "outlook": {"least": LEAST, "most": MOST, "weeks_from": WEEKS_FROM, "t": STUDENT_T},
        }  # fmt: skip
        return to_json(value)

    @property
    def _scales(self) -> dict[str, int]:
        """Return how many decimals each measure has; dollars as many as other money, so that they can be compared."""
        found = {name: max(places(self.cells.frame, name), places(self.refused, name)) for name in MEASURES}
        return found | dict.fromkeys(("amount", "amount_usd", CREDIT), max(found["amount"], found["amount_usd"]))

    def _limbs(self, scales: dict[str, int]) -> dict[str, int]:
        """Return in how many parts a browser keeps each measure."""
        frame = self.cells.frame
        sums = {name: frame[name].abs().sum() or 0 for name in PACKED if name in frame.columns}
        sums["quantity"] = max(sums["quantity"], self.refused["quantity"].abs().sum() or 0)
        return {name: limbs(int(total * 10 ** scales[name])) for name, total in sums.items()}

    @property
    def _reaches(self) -> dict[str, dict[str, Any]]:
        """Return how far the rows of each provider reach, and what is known to be complete: what periods are closed."""
        found = {}
        for provider in self.hours.providers:
            rows = self.hours.census.filter(self.hours.census["provider"] == provider)
            newest = rows.filter(rows["last"] == rows["last"].max())
            known = self.complete.get(provider)
            found[provider] = {
                "last": calendar.milliseconds(newest["last"][0].replace(microsecond=0)),
                "end": calendar.milliseconds(self.hours.reach[provider][1].replace(second=0, microsecond=0)),
                "step": "1d" if newest["grain"].to_list() == ["1d"] else "1h",
                "complete": known and [calendar.milliseconds(end) for end in known],
            }
        return found

    @property
    def _spans(self) -> tuple[str, ...]:
        return _BARS[_BARS.index(self.cells.every) :]

    def _params(self) -> dict[str, Any]:
        """Return the filter as the page's script keeps it: as that of Vega, of the labels that can be chosen."""
        params = self.where.to_params()
        return {name: params[name] for name in ("start", "stop", *SELECTORS)}

    def _day(self, days: Sequence[int], moment: datetime) -> int:
        return max(0, bisect_right(days, calendar.milliseconds(moment)) - 1)


def cargo(
    hours: Hours,
    value: Filter,
    *,
    every: str,
    redact: str | None,
    limit: str,
    complete: Mapping[str, Interval],
    locale: str,
) -> Cargo:
    """Work out what travels, from all rows and the filter to begin with."""
    hidden = tuple(label for label in SELECTORS if label not in within(limit, SELECTORS))
    beside = _beside(hours, value, every, hidden)
    cells = fitting(hours, beside, every=every, hidden=hidden)
    if cells.every != every or cells.folded:  # then the page can't show some of the filter that it could
        beside = _beside(hours, value, cells.every, (*hidden, *cells.folded))
        cells = fitting(hours, beside, every=cells.every, hidden=hidden)
    rows = Refused(hours).rows.filter(beside.to_expr())
    rows = rows if beside.stop is None else rows.filter(~beyond(beside.stop))
    rows = rows if limit == CLASSES[-1] and redact is None else kinds(rows)
    frame, refused, pseudonyms = cells.frame, limited(hours, rows, cells, hidden), None
    ends = _near(hours, value) and calendar.around((value.start, value.stop), every=cells.every, tz=hours.tz)
    start, stop = ends or (None, None)
    chosen: dict[str, Any] = {name: of for name, of in value.names().items() if name in SELECTORS}
    where = Filter(start, stop, **chosen)
    if redact is not None:
        pseudonyms = Redaction(redact, {label: {*hours.cells[label], *rows[label]} for label in PERSONAL})
        frame, refused = _again(pseudonyms.frame(frame)), _again(pseudonyms.frame(refused))
        where = pseudonyms.filter(where)
    where = where.replace(**dict.fromkeys((*hidden, *cells.folded), ()))
    reach = _reach(hours, beside)
    known = [begin for begin, _ in complete.values() if _near(hours, Filter(begin))]
    inside = [moment for moment in (*reach, start, stop, *known) if moment is not None]
    around = calendar.extent(min(inside), max(inside), tz=hours.tz)
    cells = Cells(frame, cells.every, cells.folded)
    return Cargo(hours, cells, refused, where, beside, reach, around, pseudonyms, hidden, complete, locale)


def _beside(hours: Hours, value: Filter, every: str, folded: tuple[str, ...]) -> Filter:
    """Return what a page has no control for, so that it narrows what is written."""
    names: dict[str, Any] = {name: of for name, of in value.names().items() if name not in SELECTORS or name in folded}
    ends = (value.start, value.stop)
    shown = calendar.whole(ends, every=every, tz=hours.tz) and _near(hours, value)
    start, stop = (None, None) if shown else ends
    return Filter(start, stop, **names)


def _reach(hours: Hours, beside: Filter) -> Interval:
    """Return from where to where there may be rows."""
    first, last = hours.first or calendar.EPOCH, hours.last or calendar.EPOCH
    first = max(first, beside.start or first)
    return min(first, last), max(first, min(last, beside.stop - _TICK if beside.stop else last))


def to_json(value: object) -> str:
    r"""Write a value as JSON that no browser takes for markup, wherever it stands in a page.

    Examples
    --------
    >>> to_json({"model": "</script>"})
    '{"model":"\\u003c/script\\u003e"}'
    """
    made = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for char in "<>&\u2028\u2029":
        made = made.replace(char, f"\\u{ord(char):04x}")
    return made.encode("utf-8", "backslashreplace").decode()


def _near(hours: Hours, value: Filter) -> bool:
    """Whether a calendar from the rows to the ends of a period is short enough for a page."""
    moments = [moment for moment in (hours.first, hours.last, value.start, value.stop) if moment is not None]
    years = {local_date(moment, tz=hours.tz).year for moment in moments}
    return not years or (max(years) - min(years) <= 20 and min(years) > 1 and max(years) < 9999)  # noqa: PLR2004


def _again(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort by the names that are shown now."""
    return frame.sort([name for name in frame.columns if name not in (*PACKED, "rows")])
