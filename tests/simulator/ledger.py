"""Rows of a Venice ledger as the simulator keeps them: numbers are the text of their digits, never computed with.

A row prints itself as JSON and as CSV exactly once; a ledger keeps rows in the order of time and cuts windows.
Made-up rows come from `sample`, pages and cursors from `walk`.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COLUMNS = (
    "timestamp",
    "sku",
    "pricePerUnitUsd",
    "units",
    "amount",
    "currency",
    "notes",
    "inferenceDetails.requestId",
    "inferenceDetails.inferenceExecutionTime",
    "inferenceDetails.promptTokens",
    "inferenceDetails.completionTokens",
)
CSV_HEADER = (",".join(COLUMNS) + "\n").encode()


@dataclass(frozen=True)
class Details:
    """What a row says about the request behind it; every row of one request repeats it."""

    request_id: str | None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    execution_ms: int | None = None


@dataclass(frozen=True)
class Row:
    """One entry of the ledger; `units`, `price` and `amount` are digits, and a negative amount is a charge."""

    timestamp: str
    sku: str
    units: str
    price: str
    amount: str
    currency: str
    notes: str = "API Inference"
    details: Details | None = None

    @cached_property
    def json(self) -> bytes:
        """The row as a JSON object, its numbers digit for digit."""
        details = self.details and {
            "requestId": self.details.request_id,
            "promptTokens": self.details.prompt_tokens,
            "completionTokens": self.details.completion_tokens,
            "inferenceExecutionTime": self.details.execution_ms,
        }
        return (
            f'{{"timestamp":{_text(self.timestamp)},"sku":{_text(self.sku)},"units":{self.units},'
            f'"pricePerUnitUsd":{self.price},"amount":{self.amount},"currency":{_text(self.currency)},'
            f'"notes":{_text(self.notes)},"inferenceDetails":{_text(details)}}}'
        ).encode()

    @cached_property
    def csv(self) -> bytes:
        """The row as a line of CSV; what is null is an empty cell."""
        details = self.details or Details(None)
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(
            [
                self.timestamp,
                self.sku,
                self.price,
                self.units,
                self.amount,
                self.currency,
                self.notes,
                details.request_id,
                details.execution_ms,
                details.prompt_tokens,
                details.completion_tokens,
            ]
        )
        return line.getvalue().encode()


class Ledger:
    """Rows in ascending time; rows of the same instant keep the order in which they were given."""

    def __init__(self, rows: Iterable[Row]) -> None:
        pairs = sorted(((datetime.fromisoformat(row.timestamp), row) for row in rows), key=lambda pair: pair[0])
        self.rows = [row for _, row in pairs]
        self._instants = [instant for instant, _ in pairs]

    def window(
        self,
        start: datetime | None = None,
        stop: datetime | None = None,
        *,
        currency: str | None = None,
        closed: bool = False,
    ) -> list[Row]:
        """Rows from `start` up to `stop`; `closed` keeps the rows of `stop` itself too."""
        first = 0 if start is None else bisect_left(self._instants, start)
        cut = bisect_right if closed else bisect_left
        last = len(self.rows) if stop is None else cut(self._instants, stop)
        rows = self.rows[first:last]
        return rows if currency is None else [row for row in rows if row.currency == currency]


def read_csv(data: bytes) -> list[Row]:
    """Rows of a CSV page or file, by column name; the older column name `unit` is read as `units`."""
    return [_row(cells) for cells in csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))]


def from_csv(path: Path) -> list[Row]:
    """Rows of a ledger file in its CSV form, plain or gzipped."""
    data = path.read_bytes()
    return read_csv(gzip.decompress(data) if path.suffix == ".gz" else data)


def stamp(moment: datetime) -> str:
    """An instant as the ledger prints it: ISO 8601 with Z, milliseconds, or microseconds where there are any."""
    timespec = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def _row(cells: dict[str, str]) -> Row:
    details = [cells[f"inferenceDetails.{name}"] for name in ("requestId", *_COUNTS)]
    return Row(
        timestamp=cells["timestamp"],
        sku=cells["sku"],
        units=cells["units"] if "units" in cells else cells["unit"],
        price=cells["pricePerUnitUsd"],
        amount=cells["amount"],
        currency=cells["currency"],
        notes=cells["notes"],
        details=Details(details[0] or None, *(int(cell) if cell else None for cell in details[1:]))
        if any(details)
        else None,
    )


_COUNTS = ("promptTokens", "completionTokens", "inferenceExecutionTime")


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
