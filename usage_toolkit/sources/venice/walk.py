"""Venice's ledger over the network: the live ``/billing/usage-history`` and the retired ``/billing/usage``.

Both give the same rows. The first is a walk by cursor in the order of time; the second counts pages, and has answered
410 at Venice since 2026-09-16: it is here for archives and servers that still speak it.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

import polars as pl
from msgspec import UNSET

from usage_toolkit import schema
from usage_toolkit._http import Client
from usage_toolkit._key import Key
from usage_toolkit.errors import ArgumentError, ContractError, FetchError, InputError
from usage_toolkit.sources.contract import as_contract
from usage_toolkit.sources.pager import Answer, Restart, walk
from usage_toolkit.sources.progress import Progress
from usage_toolkit.sources.venice import ledger
from usage_toolkit.sources.venice.ask import BASE_URL, KEY
from usage_toolkit.sources.venice.pages import Pagination

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from usage_toolkit._http import Reply
    from usage_toolkit.sources.venice.pages import Page

Endpoint = Literal["usage-history", "usage"]
Format = Literal["json", "csv"]

REPORTS = {None: (ledger.SOURCE,)}
"""The sources that an answer is whole for."""
WHOLE = frozenset({"endpoint", "format", "page_size"})
"""What may be asked for otherwise without leaving rows out."""
LOOK_BACK, SPAN, STEP, AT_ONCE = timedelta(hours=24), timedelta(days=1), timedelta(minutes=1), 4
"""How long rows may come late, how much is asked for at a time, where a window may end, and walks side by side."""

_SIZES = {"usage-history": (10, 1000), "usage": (1, 500)}
_ACCEPT = {"json": "application/json", "csv": "text/csv"}


def fetch(
    *,
    start: datetime,
    stop: datetime,
    key: Key | str | None = None,
    base_url: str | None = None,
    currency: str | None = None,
    endpoint: Endpoint = "usage-history",
    format: Format = "json",  # noqa: A002 (what Venice and its users call it)
    page_size: int | None = None,
    account: str = schema.DEFAULT,
    progress: bool = True,
) -> pl.DataFrame:
    """Ask Venice for its ledger from `start` to `stop`; see `usage_toolkit.fetch`.

    Parameters
    ----------
    start, stop
        Instants, half open.
    key
        A Venice admin key; else the environment's ``VENICE_ADMIN_KEY``.
    base_url
        Another server than Venice's own.
    currency
        Only rows in this currency, such as ``"DIEM"``; None for all.
    endpoint
        ``usage-history``, or the retired ``usage``.
    format
        What to ask for; the rows are the same.
    page_size
        Rows a page: 10 to 1000 (``usage``: 1 to 500); None for the most.
    account
        The books that the rows belong to.
    progress
        Whether to show a bar when it takes longer than a second.

    Returns
    -------
    polars.DataFrame
        Canonical rows in the order of time, as many as Venice has: whole, or an error.
    """
    key = Key.of(key, env=KEY)
    if endpoint not in _SIZES or format not in _ACCEPT:
        raise ArgumentError(
            "venice: expected endpoint usage-history or usage and format json or csv, "
            f"found {endpoint!r} and {format!r}."
        )
    least, most = _SIZES[endpoint]
    size = most if page_size is None else page_size
    if not isinstance(size, int) or isinstance(size, bool) or not least <= size <= most:
        raise ArgumentError(
            f"venice: expected a page_size from {least} to {most} for {endpoint}, found {size!r}; use one."
        )
    asked = _Asked(start, stop, size, currency, format)
    bar = Progress("venice", start=start, stop=stop, shown=progress)
    with as_contract("venice", key):
        with bar, Client(BASE_URL if base_url is None else base_url, key=key, on_wait=bar.wait) as client:
            ask = (_ask_history if endpoint == "usage-history" else _ask_usage)(client, asked)
            answers = walk(ask, start=start, stop=stop, name=f"venice {endpoint}", progress=bar)
        return _canonical(answers, account)


@dataclass(frozen=True)
class _Asked:
    start: datetime
    stop: datetime
    size: int
    currency: str | None
    format: Format

    def params(self, start: str, stop: str) -> dict[str, str]:
        """Return the filters under the names that the endpoint has for the interval."""
        times = {start: _iso(self.start), stop: _iso(self.stop)}
        return times | ({"currency": self.currency} if self.currency else {})


def _ask_history(client: Client, asked: _Asked) -> Callable[[str | None, int], Answer]:
    def ask(cursor: str | None, number: int) -> Answer:
        filters = asked.params("startTimestamp", "endTimestamp") | {"pageSize": str(asked.size)}
        expired = ""
        try:
            reply = client.get(
                "/billing/usage-history", {"cursor": cursor} if cursor else filters, accept=_ACCEPT[asked.format]
            )
        except FetchError as error:
            if cursor is None or error.status != HTTPStatus.BAD_REQUEST:
                raise
            expired = str(error)
        if expired:
            raise Restart(expired)
        name = f"venice usage-history, page {number}"
        page = _page(reply, asked, name)
        return _answer(reply, page.texts, name, _cursor(reply, page, asked, name))

    return ask


def _ask_usage(client: Client, asked: _Asked) -> Callable[[str | None, int], Answer]:
    filters = asked.params("startDate", "endDate") | {"limit": str(asked.size), "sortOrder": "asc"}
    seen: dict[str, int] = {}

    def ask(last: str | None, number: int) -> Answer:
        name = f"venice usage, page {number}"
        reply = client.get("/billing/usage", filters | {"page": str(number)}, accept=_ACCEPT[asked.format])
        page = _page(reply, asked, name)
        rows = page.texts.height
        told = _pagination(reply, page, asked, name)
        seen.update({"rows": rows, "total": told.total} if last is None else {"rows": seen["rows"] + rows})
        if told.page != number:
            raise ContractError(f"{name}: expected that page, found page {told.page}; report it to the provider.")
        more = number < told.totalPages
        if told.total != seen["total"] or (not more and seen["rows"] != told.total):
            raise Restart(
                f"the pages hold {seen['rows']:,} rows, their total says {told.total:,}: rows came in between"
            )
        answer = _answer(reply, page.texts, name, str(number + 1) if more else None)
        # Whether endDate itself is inside is not documented: it is asked for, and left out here.
        inside = answer.times < asked.stop
        return replace(answer, rows=answer.rows.filter(inside), times=answer.times.filter(inside))

    return ask


def _page(reply: Reply, asked: _Asked, name: str) -> Page:
    if asked.format == "csv" and not reply.framed:
        raise ContractError(
            f"{name}: expected a CSV that says how long it is, found one that may be cut; ask for json."
        )
    page = ledger.read(reply.body, name=name, form=asked.format)
    if page.texts.height > asked.size:
        found = page.texts.height
        raise ContractError(f"{name}: expected at most {asked.size} rows, found {found}; nothing was kept.")
    others = set(page.texts["currency"].drop_nulls().unique()) - {asked.currency}
    if asked.currency and others:
        raise InputError(
            f"{name}: expected rows in {asked.currency} alone, found {min(others)[:40]!r}; nothing was kept: "
            "ask for all currencies, and filter."
        )
    return page


def _answer(reply: Reply, texts: pl.DataFrame, name: str, following: str | None) -> Answer:
    times = ledger.instants(texts["timestamp"], f"{name}, row {{}}".format)
    return Answer(texts, times, f"{name}, sha256:{hashlib.sha256(reply.body).hexdigest()[:16]}", following)


def _canonical(answers: list[Answer], account: str) -> pl.DataFrame:
    """Make rows of all pages at once, which is faster than page by page and rounds with one notice."""
    if not answers:
        return schema.empty()
    ends = list(accumulate(answer.rows.height for answer in answers))

    def where(row: int) -> str:
        page = bisect_left(ends, row)
        return f"{answers[page].origin}, row {row - (ends[page] - answers[page].rows.height)}"

    origins = pl.concat([pl.repeat(answer.origin, answer.rows.height, eager=True) for answer in answers])
    texts = pl.concat([answer.rows for answer in answers], rechunk=True)
    return ledger.canonical(texts, where=where, origin=origins, account=account)


def _cursor(reply: Reply, page: Page, asked: _Asked, name: str) -> str | None:
    cursor = page.cursor if asked.format == "json" else reply.headers.get("x-next-cursor")
    if cursor is None or (isinstance(cursor, str) and cursor):
        return cursor
    found = "an empty one" if cursor == "" else "none"
    raise ContractError(
        f"{name}: expected a cursor, or null after the last page, found {found}; nothing was kept, since the walk may "
        "be cut short: tell the provider."
    )


def _pagination(reply: Reply, page: Page, asked: _Asked, name: str) -> Pagination:
    if asked.format == "json" and page.pagination is not UNSET:
        return page.pagination
    counts = [reply.headers.get(f"x-pagination-{word}", "") for word in ("page", "total", "total-pages")]
    if asked.format == "json" or not all(count.isdecimal() for count in counts):
        raise ContractError(
            f"{name}: expected its number and the total of rows and pages, found none; nothing was kept."
        )
    return Pagination(*(int(count) for count in counts))


def _iso(moment: datetime) -> str:
    digits = "milliseconds" if moment.microsecond % 1000 == 0 else "microseconds"
    return moment.isoformat(timespec=digits).replace("+00:00", "Z")
