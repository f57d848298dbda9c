"""Breaches of the paging contract, for `server.pager`: each takes the honest page and gives back a spoilt one.

`at` is the number of the page in its walk, from 1. `empty_page` and `short_page` break nothing: a good client goes on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.ledger import stamp
from simulator.walk import MISSING, Page, Pager, Place

if TYPE_CHECKING:
    from collections.abc import Callable

_MS = timedelta(milliseconds=1)


def cycle(length: int) -> Pager:
    """Cursors that come round again after `length` of them."""
    return _on(
        length + 1, lambda page: replace(page, next=page.cursor(Place(page.walk, first=page.walk.size, number=2)))
    )


def same_cursor() -> Pager:
    """A page whose cursor is the one that it was asked with."""
    return cycle(1)


def endless() -> Pager:
    """After the last row, empty pages with a fresh cursor each, for ever."""

    def pager(page: Page) -> Page:
        if page.next is not None:
            return page
        return replace(page, next=page.cursor(Place(page.walk, first=len(page.walk.rows), number=page.number + 1)))

    return pager


def next_cursor(value: object, *, at: int = 1) -> Pager:
    """Any JSON value in the place of the cursor."""
    return _on(at, lambda page: replace(page, next=value))


def missing_cursor(*, at: int = 1) -> Pager:
    """A page without the key `nextCursor`, though there may be more rows."""
    return next_cursor(MISSING, at=at)


def empty_cursor(*, at: int = 1) -> Pager:
    """A cursor of no characters."""
    return next_cursor("", at=at)


def early_row(by: timedelta = _MS) -> Pager:
    """A first page that begins `by` before the window."""

    def spoil(page: Page) -> Page:
        if page.walk.start is None or not page.walk.rows:
            raise ValueError("early_row needs a walk with a start and a row, found none; ask for such a window")
        row = replace(page.walk.rows[0], timestamp=stamp(page.walk.start - by))
        return replace(page, rows=[row, *page.rows[1:]])

    return _on(1, spoil)


def late_row(by: timedelta = timedelta(0)) -> Pager:
    """A last page that ends `by` after the end of the window, which is not in the window."""

    def pager(page: Page) -> Page:
        if page.next is not None:
            return page
        if page.walk.stop is None or not page.rows:
            raise ValueError("late_row needs a walk with a stop and a row, found none; ask for such a window")
        return replace(page, rows=[*page.rows[:-1], replace(page.rows[-1], timestamp=stamp(page.walk.stop + by))])

    return pager


def broken_order(*, at: int = 1) -> Pager:
    """A page that runs from its latest row to its earliest."""

    def spoil(page: Page) -> Page:
        if len({row.timestamp for row in page.rows}) < 2:
            raise ValueError(f"broken_order needs two instants on page {at}, found fewer; take another page")
        return replace(page, rows=page.rows[::-1])

    return _on(at, spoil)


def swapped_pages(*, at: int = 1) -> Pager:
    """Page `at` and the one after it in each other's place; within each, the order is right."""

    def pager(page: Page) -> Page:
        shift = {at: page.walk.size, at + 1: -page.walk.size}.get(page.number, 0)
        first = page.place.first + shift
        return replace(page, rows=page.walk.rows[first : first + page.walk.size])

    return pager


def too_many_rows(*, at: int = 1, extra: int = 1) -> Pager:
    """A page with more rows than were asked for."""

    def spoil(page: Page) -> Page:
        first = page.place.first
        rows = page.walk.rows[first : first + page.walk.size + extra]
        if len(rows) != page.walk.size + extra:
            raise ValueError(f"too_many_rows needs a full page {at} and {extra} rows after it; serve more rows")
        return replace(page, rows=rows)

    return _on(at, spoil)


def short_page(rows: int = 0, *, at: int = 1) -> Pager:
    """A page of fewer rows than there are, and a cursor that goes on right after them: nothing is lost."""

    def spoil(page: Page) -> Page:
        first = page.place.first
        following = Place(page.walk, first=first + min(rows, len(page.rows)), number=page.number + 1)
        return replace(page, rows=page.rows[:rows], next=page.cursor(following))

    return _on(at, spoil)


def empty_page(*, at: int = 1) -> Pager:
    """A page of no rows and a cursor that goes on: nothing is lost."""
    return short_page(0, at=at)


def _on(at: int, spoil: Callable[[Page], Page]) -> Pager:
    return lambda page: spoil(page) if page.number == at else page
