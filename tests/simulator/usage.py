"""`GET /billing/usage`: the ledger by page number, as it was until the endpoint was closed, and 410 since then.

A page is cut from the ledger as it stands at that moment, so that pages drift when rows arrive, as they did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.ledger import CSV_HEADER, Ledger
from simulator.query import Query
from simulator.wire import Answer, error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CURRENCIES = ("USD", "VCU", "DIEM", "BUNDLED_CREDITS")
CLOSING = {
    "Deprecation": "@1783555200",
    "Link": '</api/v1/billing/usage-history>; rel="successor-version"',
}
GONE = {**CLOSING, "Sunset": "Wed, 16 Sep 2026 00:00:00 GMT"}
# A constant of the protocol: the published contract allows no other text.
WARNING = (
    "This endpoint is deprecated and will be removed in a future release. "
    "Use GET /api/v1/billing/usage-history instead, which provides the same data with keyset pagination."
)


def gone() -> Answer:
    """410 for everybody, with what takes over."""
    return error(
        410,
        "Closed: use GET /api/v1/billing/usage-history. Instead of page and limit it takes pageSize and cursor (from "
        "nextCursor), instead of startDate and endDate it takes startTimestamp and endTimestamp",
        GONE,
    )


def usage(
    ledger: Ledger, values: Mapping[str, str], *, as_csv: bool, claim: Callable[[int], int] | None = None
) -> Answer:
    """Answer one page; `claim` turns the true number of rows into the one that is reported."""
    query = Query(values)
    page = query.integer("page", default=1, low=1)
    limit = query.integer("limit", default=200, low=1, high=500)
    newest_first = query.choice("sortOrder", ("asc", "desc")) != "asc"
    currency = query.choice("currency", CURRENCIES)
    start, stop = query.any_instant("startDate"), query.any_instant("endDate")
    query.check()

    # Whether the row of `endDate` itself belongs is not documented; the documented example ends a year at 23:59:59.
    rows = ledger.window(start, stop, currency=currency, closed=True)
    if newest_first:
        rows = rows[::-1]
    total = claim(len(rows)) if claim else len(rows)
    numbers = {"limit": limit, "page": page, "total": total, "totalPages": -(-total // limit)}
    rows = rows[(page - 1) * limit : page * limit]
    if as_csv:
        headers = {f"x-pagination-{'total-pages' if name == 'totalPages' else name}": n for name, n in numbers.items()}
        return Answer(
            200,
            CSV_HEADER + b"".join([row.csv for row in rows]),
            {
                "Content-Type": "text/csv; charset=utf-8",
                "Content-Disposition": "attachment; filename=billing_usage.csv",
                **{name: str(number) for name, number in headers.items()},
            },
        )
    pagination = ",".join(f'"{name}":{number}' for name, number in numbers.items())
    body = b'{"warningMessage":"%b","data":[%b],"pagination":{%b}}' % (
        WARNING.encode(),
        b",".join([row.json for row in rows]),
        pagination.encode(),
    )
    return Answer(200, body, {"Content-Type": "application/json; charset=utf-8"})
