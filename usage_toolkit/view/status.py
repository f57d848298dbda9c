"""What a reader must know before trusting a picture: who provided it, how far it reaches, what is missing in it.

Rows alone can't tell that a day without any is complete; a frame of what was fetched whole can. Without it only what
is seen is said: the last row of each provider, and its days without rows. Reports that say the same are named, since
a picture of both counts it twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit import look, schema
from usage_toolkit.analysis.books import NEEDED, overlaps
from usage_toolkit.cube import cube
from usage_toolkit.errors import ArgumentError
from usage_toolkit.schema import TIME
from usage_toolkit.view import period
from usage_toolkit.view.markup import Html, fill, join
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from usage_toolkit.schema import Dtype
    from usage_toolkit.times import Interval
    from usage_toolkit.view.hours import Hours
    from usage_toolkit.view.picture import Picture

COVERAGE: dict[str, Dtype] = {
    "provider": pl.String,
    "source": pl.String,
    "account": pl.String,
    "start": TIME,
    "stop": TIME,
}
"""The windows that were fetched whole, per book; ``provisional_since`` may tell from when on they can still change."""

_MOST = 3
_DAY = timedelta(days=1)
_BOOK = ("provider", "source", "account")
_REPORT = (*_BOOK, "grain", "meter")


def expect_coverage(coverage: Any) -> pl.DataFrame | None:
    """Refuse what is no frame of covered windows."""
    if coverage is None:
        return None
    if not isinstance(coverage, pl.DataFrame):
        found = type(coverage).__name__
        raise ArgumentError(f"expected coverage to be a polars frame of windows, found {found}; pass that frame.")
    if missing := [name for name in COVERAGE if name not in coverage.columns]:
        found = ", ".join(coverage.columns) or "none"
        raise ArgumentError(
            f"expected coverage with the columns {', '.join(COVERAGE)}, found {found}; add {missing[0]!r}."
        )
    known = coverage if "provisional_since" in coverage.columns else coverage.with_columns(provisional_since=None)
    return known.select(*COVERAGE, pl.col("provisional_since").cast(TIME)).cast(pl.Schema(COVERAGE))


def freshness(hours: Hours, coverage: pl.DataFrame | None, *, locale: str) -> list[str]:
    """Say for each provider how far its rows reach, since when they are provisional, what is missing, and double."""
    said, double = [], _overlaps(hours.rows)
    for provider in hours.providers:
        known = [] if coverage is None else _covered(coverage, provider, hours.tz, locale)
        name = look.word("provider", provider, locale=locale)
        lines = ["; ".join(known or _seen(hours, provider, locale)), *_doubled(double, provider, hours.tz, locale)]
        said += [f"{name}: {line}." for line in lines]
    return said


def status(shown: Picture, fresh: Iterable[str]) -> Html:
    """Draw how many rows are behind a picture, how fresh they are, and what is not in its bars."""
    locale = shown.locale
    rows, count = (look.number(int(n), locale=locale) for n in (shown.data["rows"].sum(), shown.hours.count))
    behind = say("{rows} of {count} rows behind this picture", locale=locale, rows=rows, count=count)
    lines = [f"{shown.hours.tz} \u00b7 {behind}", *fresh, *shown.narrowed(), *shown.notes()]
    return fill('<div role="status">{lines}</div>', lines=join(fill("<p>{line}</p>", line=line) for line in lines))


def complete(coverage: pl.DataFrame | None) -> dict[str, Interval]:
    """Return from where and through when each provider is known to be complete: its slowest book counts."""
    if coverage is None:
        return {}
    books = _books(coverage)
    whole = books.filter((pl.col("reached") >= pl.col("start")).fill_null(value=True).cum_min().over(_BOOK))
    ends = whole.group_by(_BOOK).agg(pl.col("start").min(), pl.col("stop").max())
    slowest = ends.group_by("provider").agg(pl.col("start").max(), pl.col("stop").min())
    return {provider: (start, stop) for provider, start, stop in slowest.iter_rows()}


def _books(coverage: pl.DataFrame) -> pl.DataFrame:
    """Return the windows of each book, with how far those before reach."""
    windows = coverage.filter(pl.col("start") < pl.col("stop")).sort(*_BOOK, "start")
    return windows.with_columns(reached=pl.col("stop").cum_max().shift().over(_BOOK))


def _covered(coverage: pl.DataFrame, provider: str, tz: str, locale: str) -> list[str]:
    books = _books(coverage.filter(pl.col("provider") == provider))
    if books.is_empty():
        return []
    gaps = books.filter(pl.col("reached") < pl.col("start")).select("reached", "start").unique().sort("reached")
    _, through = complete(coverage)[provider]
    since = books["provisional_since"].min()
    said = [say("complete through {moment}", locale=locale, moment=_moment(through, tz, locale))]
    if since is not None:
        said.append(say("provisional since {moment}", locale=locale, moment=_moment(since, tz, locale)))
    texts = [period.text(ends, tz=tz, locale=locale) for ends in gaps.iter_rows()]
    return [
        *said,
        say("missing: {gaps}", locale=locale, gaps=_some(texts, locale)) if texts else say("no gaps", locale=locale),
    ]


def _seen(hours: Hours, provider: str, locale: str) -> list[str]:
    cells = hours.days.filter(pl.col("provider") == provider)
    days = set(cells["day"].dt.date())
    ends = hours.reach[provider]
    said = [
        say(
            "rows from {first} to {last}",
            locale=locale,
            first=_moment(ends[0], hours.tz, locale),
            last=_moment(ends[1], hours.tz, locale),
        )
    ]
    empty = [look.long_day(day, locale=locale) for day in _days(min(days), max(days)) if day not in days]
    if not empty:
        return [*said, say("no day without rows", locale=locale)]
    return [*said, say("no rows on {days}", locale=locale, days=_some(empty, locale))]


def _overlaps(rows: Any) -> pl.DataFrame:
    """Return where several reports say the same, as far as the rows tell."""
    import narwhals as nw

    told = nw.from_native(rows).lazy().collect_schema().names()
    if not set(NEEDED) <= set(told):
        return overlaps(schema.empty())
    return overlaps(rows if isinstance(rows, pl.DataFrame | pl.LazyFrame) else cube(rows, by=_REPORT, every="1d"))


def _doubled(double: pl.DataFrame, provider: str, tz: str, locale: str) -> list[str]:
    found = double.filter(pl.col("provider") == provider).select("measure", "reports", "time").unique().sort(pl.all())
    said = []
    for (measure, reports), part in found.group_by("measure", "reports", maintain_order=True):
        both, days = " + ".join(reports), _some(_runs(part["time"].to_list(), tz, locale), locale)
        said.append(
            say("money counted twice: {both} ({days}); ut.one_book keeps one", locale=locale, both=both, days=days)
            if measure == "amount"
            else say("counted twice: {both} ({days}); ut.one_book keeps one", locale=locale, both=both, days=days)
        )
    return said


def _runs(days: list[datetime], tz: str, locale: str) -> list[str]:
    """Return days in UTC, in order, as the periods that they make up."""
    starts = [day for day in days if day - _DAY not in days]
    ends = [day + _DAY for day in days if day + _DAY not in days]
    return [period.text(run, tz=tz, locale=locale) for run in zip(starts, ends, strict=True)]


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=at) for at in range((last - first).days + 1))


def _some(texts: list[str], locale: str) -> str:
    """Name the first few, and how many more there are."""
    named = "; ".join(texts[:_MOST])
    more = len(texts) - _MOST
    return say("{named} and {count} more", locale=locale, named=named, count=more) if more > 0 else named


def _moment(of: Any, tz: str, locale: str) -> str:
    return period.moment(of, tz=tz, locale=locale)
