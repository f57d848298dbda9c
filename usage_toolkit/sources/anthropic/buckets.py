"""Reports in buckets of time: their pages, asked for window by window, and held against what was asked.

Every bucket has its place: the first begins where the window does, each next one where the last ended, and buckets
without use are there too. Anything else is refused, so that nothing is missing or twice. What a bucket holds is for
`usage` and `cost`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import polars as pl
from msgspec import UNSET, Struct, UnsetType

from usage_toolkit import schema
from usage_toolkit._http import now
from usage_toolkit.errors import ArgumentError, ContractError
from usage_toolkit.sources.anthropic.ask import Params, begin, decode, following, instant, iso, served
from usage_toolkit.sources.pager import Answer, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from usage_toolkit._http import Client, Reply
    from usage_toolkit.sources.progress import Progress

Result = TypeVar("Result")
STEPS = {"1m": timedelta(minutes=1), "1h": timedelta(hours=1), "1d": timedelta(days=1)}
LIMITS = {"1m": 1440, "1h": 168, "1d": 31}
"""The buckets that a page may have, and how many of them are asked for as one window."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Bucket(Struct, Generic[Result]):
    """One step of time and what was used in it."""

    starting_at: str
    ending_at: str
    results: list[Result]


class Page(Struct, Generic[Result]):
    """One page of a report."""

    data: list[Bucket[Result]]
    has_more: bool
    next_page: str | UnsetType | None = UNSET


@dataclass(frozen=True)
class Report:
    """What is asked of one endpoint.

    Attributes
    ----------
    name
        What to call it in errors and in `origin`.
    page
        The type of its pages.
    table
        Makes a table of results, one row for each.
    groups
        The dimensions that tell its rows apart; null in another means that nobody asked.
    filters
        Further parameters of the request.
    """

    name: str
    path: str
    page: type[Any]
    table: Callable[[Sequence[Any], str], pl.DataFrame]
    groups: tuple[str, ...]
    grain: str
    size: int
    filters: Params


def span(start: datetime, stop: datetime, *, grain: str) -> tuple[datetime, datetime]:
    """Return the interval in whole buckets; only one that is still open may be cut, and is asked for as a whole.

    Raises
    ------
    ArgumentError
        If the interval would cut a bucket that is over.
    """
    step = STEPS[grain]
    first, last = floor(start, step), floor(stop, step)
    if last != stop and last + step > now():
        last = stop = last + step
    for given, border in ((start, first), (stop, last)):
        if given != border:
            raise ArgumentError(
                f"anthropic: expected start and stop where a bucket of {grain} begins in UTC, found {iso(given)}, and "
                f"a bucket can't be cut; move it to {iso(border)}, or ask for the usage alone in finer grain."
            )
    return first, last


def collect(client: Client, report: Report, *, start: datetime, stop: datetime, progress: Progress) -> pl.DataFrame:
    """Ask for a report from `start` to `stop`, window by window; return its tables as one.

    Returns
    -------
    polars.DataFrame
        ``time``, ``origin`` and the columns of `Report.table`, in the order of time.
    """
    begin(client, report.path)
    window = STEPS[report.grain] * LIMITS[report.grain]
    answers: list[Answer] = []
    begins = start
    while begins < stop:
        ends = min(begins + window, stop)
        answers += walk(
            _asking(client, report, begins, ends),
            start=begins,
            stop=ends,
            name=f"anthropic {report.name}",
            progress=progress,
            max_pages=LIMITS[report.grain] + 10,  # a page may be empty, but not page after page
        )
        begins = ends
    if not answers:
        return report.table([], "").with_columns(time=pl.lit(None, schema.TIME), origin=pl.lit(None, pl.String))
    return pl.concat(
        [answer.rows.with_columns(time=answer.times, origin=pl.lit(answer.origin)) for answer in answers],
        how="diagonal",
    )


def _asking(client: Client, report: Report, start: datetime, stop: datetime) -> Callable[[str | None, int], Answer]:
    step, due = STEPS[report.grain], [start]
    params: Params = {
        "starting_at": iso(start),
        "ending_at": iso(stop),
        "bucket_width": report.grain,
        "limit": min(report.size, -(-(stop - start) // step)),
        "group_by[]": report.groups,
        **report.filters,
    }

    def ask(token: str | None, number: int) -> Answer:
        name = f"anthropic {report.name} from {iso(start)}, page {number}"
        reply = client.get(report.path, params | ({"page": token} if token else {}))
        page = decode(reply, report.page, name)
        if len(page.data) > report.size:
            raise ContractError(f"{name}: expected at most {report.size} buckets, found {len(page.data)}.")
        for bucket in page.data:
            _check(bucket, due=due[0], step=step, start=start, stop=stop, name=name)
            due[0] += step
        after = following(page.next_page, name, more=page.has_more)
        if after is None:
            _check_end(due[0], step=step, stop=stop, name=name, reply=reply)
        return _answer(page, report, reply, name, after)

    return ask


def _answer(page: Page[Any], report: Report, reply: Reply, name: str, after: str | None) -> Answer:
    results = [result for bucket in page.data for result in bucket.results]
    times = [instant(bucket.starting_at, name) for bucket in page.data for _ in bucket.results]
    grouped = "+".join(report.groups) or "nothing"
    origin = f"{name}, by {grouped}, sha256:{hashlib.sha256(reply.body).hexdigest()[:16]}"
    return Answer(report.table(results, name), pl.Series("time", times, dtype=schema.TIME), origin, after)


def _check(bucket: Bucket[Any], *, due: datetime, step: timedelta, start: datetime, stop: datetime, name: str) -> None:
    begins, ends = instant(bucket.starting_at, name), instant(bucket.ending_at, name)
    if ends - begins != step:
        found = f"one from {iso(begins)} to {iso(ends)}"
    elif not start <= begins < stop:
        found = f"one of {iso(begins)}, outside what was asked for"
    elif begins < due:
        found = f"one of {iso(begins)} again, or out of order"
    elif begins > due:
        found = f"one of {iso(begins)}, so that one is missing"
    else:
        return
    raise ContractError(f"{name}: expected the bucket of {iso(due)}, found {found}; nothing was kept: report it.")


def _check_end(due: datetime, *, step: timedelta, stop: datetime, name: str, reply: Reply) -> None:
    """Refuse an end before the last bucket that was over when Anthropic answered; a later one need not be there."""
    if due < stop and due + step <= served(reply):
        raise ContractError(
            f"{name}: expected buckets up to {iso(stop)}, found the last one before {iso(due)}; nothing was kept: "
            "ask again, or tell the provider."
        )


def floor(moment: datetime, step: timedelta) -> datetime:
    """Return when the bucket began that `moment` is in, counted in UTC."""
    return moment - (moment - _EPOCH) % step
