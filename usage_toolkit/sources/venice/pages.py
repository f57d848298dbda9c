"""The bytes of a Venice ledger, JSON or CSV, to one table of texts: every digit as it was sent.

What the texts mean is for `ledger`. Numbers stay text here because every JSON reader that makes numbers makes doubles.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl
from msgspec import UNSET, Raw, Struct, UnsetType

from usage_toolkit.errors import InputError
from usage_toolkit.sources import sheet

NEEDED = ("timestamp", "sku", "units", "pricePerUnitUsd", "amount", "currency")
TEXTS = (*NEEDED, "notes", "requestId", "executionTime")
_FROM_CSV = {
    "unit": "units",
    "inferenceDetails.requestId": "requestId",
    "inferenceDetails.inferenceExecutionTime": "executionTime",
}


class _Details(Struct, gc=False):
    requestId: str | None = None
    inferenceExecutionTime: Raw = Raw(b"null")


class _Row(Struct, gc=False):
    timestamp: str
    sku: str
    units: Raw
    pricePerUnitUsd: Raw
    amount: Raw
    currency: str
    notes: str | None = None
    inferenceDetails: _Details | None = None


class Pagination(Struct, frozen=True):
    """How the retired ``/billing/usage`` counts its pages."""

    page: int
    total: int
    totalPages: int


class _Body(Struct):
    data: list[_Row] | UnsetType = UNSET
    nextCursor: str | UnsetType | None = UNSET
    pagination: Pagination | UnsetType = UNSET
    error: Raw = Raw(b"nothing")


@dataclass(frozen=True)
class Page:
    """One page: its rows as a table of texts, and what it says of the pages around it (UNSET where it says nothing).

    A number that JSON leaves out is the text ``null``; that of CSV is null.
    """

    texts: pl.DataFrame
    cursor: str | UnsetType | None = UNSET
    pagination: Pagination | UnsetType = UNSET


_NO_DETAILS = _Details()
_decode = msgspec.json.Decoder(_Body).decode


def from_json(data: bytes, *, name: str) -> Page:
    """Read a JSON page; `name` says in an error which."""
    try:
        body, problem = _decode(data), "that list twice" if _has_two_lists(data) else ""
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        body, problem = _Body(), str(error)
    if problem or isinstance(body.data, UnsetType):
        found = problem or f"{bytes(body.error)[:80].decode(errors='replace')} in its place"
        raise InputError(
            f"{name}: expected a JSON page of a Venice ledger with its list 'data', found: {found}; get it anew."
        )
    rows = body.data
    details = [row.inferenceDetails or _NO_DETAILS for row in rows]
    columns = (
        [row.timestamp for row in rows],
        [row.sku for row in rows],
        _digits([row.units for row in rows]),
        _digits([row.pricePerUnitUsd for row in rows]),
        _digits([row.amount for row in rows]),
        [row.currency for row in rows],
        [row.notes for row in rows],
        [found.requestId for found in details],
        _digits([found.inferenceExecutionTime for found in details]),
    )
    texts = pl.DataFrame(dict(zip(TEXTS, columns, strict=True)), schema=dict.fromkeys(TEXTS, pl.String))
    return Page(texts, body.nextCursor, body.pagination)


def from_csv(data: bytes, *, name: str) -> Page:
    """Read a CSV page or export by the names in its header; `name` says in an error which."""
    table = sheet.read(data, name=name, what="the CSV of a Venice ledger", needed=NEEDED, alike=_FROM_CSV)
    absent = [pl.lit(None, pl.String).alias(column) for column in TEXTS if column not in table.columns]
    return Page(table.with_columns(absent).select(TEXTS))


def _digits(numbers: list[Raw]) -> list[str]:
    texts = b"\n".join(numbers).decode().split("\n")  # half the time of one by one; only odd values hold a line break
    return texts if len(texts) == len(numbers) else [str(number, "utf-8") for number in numbers]


def _has_two_lists(data: bytes) -> bool:
    """Whether ``data`` is there twice at the top, of which only the last would be read."""
    if data.count(b'"data"') < 2:  # noqa: PLR2004 (twice)
        return False
    top: list[tuple[str, Any]] = []

    def keep(pairs: list[tuple[str, Any]]) -> None:
        top[:] = pairs  # the object at the top ends last

    json.loads(data, object_pairs_hook=keep, parse_int=str, parse_float=str)
    return [key for key, _ in top].count("data") > 1
