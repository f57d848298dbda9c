"""Breaches of the contract of a page, for `server.faults`: each edits the JSON of the honest answer.

`page` makes any other change. `more_fields` breaks nothing: a good client goes on.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from simulator.anthropic.buckets import printed
from simulator.faults import edited

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.faults import Fault

Page = dict[str, Any]


def page(change: Callable[[Page], object]) -> Fault:
    """Answer honestly but for what `change` does to the page, in place."""

    def spoil(body: bytes) -> bytes:
        found = json.loads(body)
        change(found)
        return json.dumps(found).encode()

    return edited(spoil)


def next_page(token: object, *, has_more: object = True) -> Fault:
    """Any JSON values in the place of the token and of whether there is more."""
    return page(lambda found: found.update(next_page=token, has_more=has_more))


def missing(name: str) -> Fault:
    """A page without one of its fields."""
    return page(lambda found: found.pop(name))


def bucket_lost(at: int = 0) -> Fault:
    """A page with a hole: one bucket is not there, not even an empty one."""
    return page(lambda found: found["data"].pop(at))


def bucket_twice(at: int = 0) -> Fault:
    """A page with one bucket two times."""
    return page(lambda found: found["data"].insert(at, found["data"][at]))


def buckets_backwards() -> Fault:
    """A page whose latest bucket is its first."""
    return page(lambda found: found["data"].reverse())


def bucket_shifted(by: timedelta, at: int = 0) -> Fault:
    """A page with one bucket that lies elsewhere in time."""

    def shift(found: Page) -> None:
        bucket = found["data"][at]
        for name in ("starting_at", "ending_at"):
            bucket[name] = printed(datetime.fromisoformat(bucket[name]) + by)

    return page(shift)


def result(**fields: object) -> Fault:
    """A page whose first result has other values in some fields: a negative count, an amount that is no string."""

    def change(found: Page) -> None:
        next(result for bucket in found["data"] for result in bucket["results"]).update(fields)

    return page(change)


def results_null() -> Fault:
    """A page whose empty buckets have null for results."""

    def change(found: Page) -> None:
        for bucket in found["data"]:
            bucket["results"] = bucket["results"] or None

    return page(change)


def more_fields() -> Fault:
    """Fields that nobody has heard of, in the page, its buckets and its results."""

    def change(found: Page) -> None:
        buckets = found["data"]
        for part in (found, *buckets, *(result for bucket in buckets for result in bucket.get("results", ()))):
            part["brand_new"] = {"nested": [1, "two", None]}

    return page(change)
