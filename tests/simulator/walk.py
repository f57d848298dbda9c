"""`GET /billing/usage-history`: a walk over a window of the ledger in ascending time, page by page, by opaque cursors.

A walk sees the ledger as it was when its first page was asked for, however much is recorded meanwhile.
A pager may spoil pages on their way out; see `pagers`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.faults import CURSOR_EXPIRED
from simulator.ledger import CSV_HEADER, Ledger, Row
from simulator.query import Query
from simulator.wire import Answer, Refusal, error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CURRENCIES = ("USD", "DIEM", "BUNDLED_CREDITS", "EARNED_CREDITS")
FILTERS = ("startTimestamp", "endTimestamp", "currency", "pageSize")


class _Missing:
    """Stands for a key that is not there."""


MISSING = _Missing()


@dataclass(frozen=True, eq=False)
class Walk:
    """What a first page settles for all pages after it."""

    number: int
    rows: Sequence[Row]
    size: int
    start: datetime | None
    stop: datetime | None


@dataclass(frozen=True)
class Place:
    """What a cursor stands for: the page `number` of a walk begins at row `first`."""

    walk: Walk
    first: int = 0
    number: int = 1


@dataclass(frozen=True)
class Page:
    """A page about to be sent; `next` is a cursor, None on the last page, and whatever else a pager makes of it."""

    place: Place
    rows: Sequence[Row]
    next: object
    cursor: Callable[[Place], str]

    @property
    def walk(self) -> Walk:
        """The walk that the page belongs to."""
        return self.place.walk

    @property
    def number(self) -> int:
        """The number of the page in its walk, from 1."""
        return self.place.number


Pager = Callable[[Page], Page]


class History:
    """The open walks of one server, and the pager that spoils their pages (None: nobody does)."""

    def __init__(self) -> None:
        self.pager: Pager | None = None
        self._places: dict[str, Place] = {}
        self._walks = 0
        self._stamp: datetime | None = None

    def answer(self, ledger: Ledger, values: Mapping[str, str], *, as_csv: bool, now: datetime) -> Answer:
        """Answer one request: a filtered first page or a bare continuation."""
        place = self._follow(values) if "cursor" in values else self._begin(ledger, values)
        walk, last = place.walk, place.first + place.walk.size
        following = self.cursor(Place(walk, last, place.number + 1)) if last < len(walk.rows) else None
        page = Page(place, walk.rows[place.first : last], following, self.cursor)
        if self.pager:
            page = self.pager(page)
        return self._csv(page, now) if as_csv else _json(page)

    def expire(self) -> None:
        """Forget every cursor given out so far."""
        self._places.clear()

    def cursor(self, place: Place) -> str:
        """The token of a place; the same place always has the same one, and no other walk shares it."""
        seed = f"{id(self)} {place.walk.number} {place.first} {place.number}"
        token = base64.urlsafe_b64encode(hashlib.blake2b(seed.encode(), digest_size=30).digest()).decode()
        self._places[token] = place
        return token

    def _begin(self, ledger: Ledger, values: Mapping[str, str]) -> Place:
        query = Query(values)
        query.only(FILTERS)
        size = query.integer("pageSize", default=1000, low=10, high=1000)
        start, stop = query.instant("startTimestamp"), query.instant("endTimestamp")
        currency = query.choice("currency", CURRENCIES)
        if start and stop and stop <= start:
            query.problems["endTimestamp"] = "Expected an instant later than startTimestamp"
        query.check()
        self._walks += 1
        return Place(Walk(self._walks, ledger.window(start, stop, currency=currency), size, start, stop))

    def _follow(self, values: Mapping[str, str]) -> Place:
        query = Query(values)
        query.alone("cursor")
        query.check()
        place = self._places.get(values["cursor"])
        if place is None:
            raise Refusal(error(400, CURSOR_EXPIRED))
        return place

    def _csv(self, page: Page, now: datetime) -> Answer:
        # Names must sort in walk order, also when the clock stands still.
        self._stamp = now if self._stamp is None or now > self._stamp else self._stamp + timedelta(milliseconds=1)
        stamp = f"{self._stamp:%Y%m%dT%H%M%S}{self._stamp.microsecond // 1000:03}Z"
        headers = {
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f"attachment; filename=billing-usage-history-{stamp}.csv",
        }
        if isinstance(page.next, str):
            headers["x-next-cursor"] = page.next
        return Answer(200, CSV_HEADER + b"".join([row.csv for row in page.rows]), headers)


def _json(page: Page) -> Answer:
    tail = b"" if page.next is MISSING else b',"nextCursor":' + json.dumps(page.next).encode()
    body = b'{"data":[' + b",".join([row.json for row in page.rows]) + b"]" + tail + b"}"
    return Answer(200, body, {"Content-Type": "application/json; charset=utf-8"})
