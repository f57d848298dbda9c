"""Time in buckets: which ones a request asks for, which of them fit on its page, and how a page is printed.

Whether a bucket that `ending_at` cuts in two is answered is not documented in so many words: buckets "that end before"
it are, so a cut one is not. Buckets that have not begun are never answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from simulator.anthropic.errors import refusal
from simulator.wire import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulator.anthropic.query import Query
    from simulator.wire import Answer


@dataclass(frozen=True)
class Width:
    """A width of buckets, how many come on a page by default, and how many may."""

    span: timedelta
    default: int
    most: int


WIDTHS = {
    "1m": Width(timedelta(minutes=1), 60, 1440),
    "1h": Width(timedelta(hours=1), 24, 168),
    "1d": Width(timedelta(days=1), 7, 31),
}
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def snapped(moment: datetime, span: timedelta) -> datetime:
    """The start of the bucket that a moment lies in."""
    return _EPOCH + (moment - _EPOCH) // span * span


def paged(
    query: Query,
    *,
    now: datetime,
    results: Callable[[datetime, datetime], list[dict[str, Any]]],
    widths: Mapping[str, Width] = WIDTHS,
) -> Answer:
    """Answer one page of buckets, each with its results, which may be none."""
    width = widths[query.choice("bucket_width", tuple(widths)) or "1d"]
    limit = query.integer("limit", default=width.default, low=1, high=width.most)
    asked, ending = query.needed("starting_at"), query.instant("ending_at")
    if ending is not None and ending <= asked:
        raise refusal(400, "ending_at: must be after starting_at")
    first = snapped(asked, width.span)
    begun = snapped(now, width.span) + width.span
    last = begun if ending is None else min(snapped(ending, width.span), begun)
    place = query.resume()
    start = first if place is None else datetime.fromisoformat(place)
    stop = max(start, min(last, start + limit * width.span))
    more = stop < last
    data = []
    while start < stop:
        data.append(
            {
                "starting_at": printed(start),
                "ending_at": printed(start + width.span),
                "results": results(start, start + width.span),
            }
        )
        start += width.span
    return json_answer({"data": data, "has_more": more, "next_page": query.token(stop.isoformat()) if more else None})


def printed(moment: datetime) -> str:
    """An instant as the reports print it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
