"""What is known of windows as frames that people read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit import schema
from usage_toolkit.store.windows import changed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_toolkit.store.windows import Revision, Window

_BOOK: dict[str, pl.DataType] = {"provider": pl.String(), "source": pl.String(), "account": pl.String()}
_WHEN: dict[str, pl.DataType] = {"start": schema.TIME, "stop": schema.TIME}
COVERAGE = {**_BOOK, **_WHEN, "provisional_since": schema.TIME, "as_of": schema.TIME, "rows": pl.Int64()}
REVISIONS = {**_BOOK, **_WHEN, "as_of_before": schema.TIME, "as_of": schema.TIME}
REVISIONS |= {"rows_before": pl.Int64(), "rows_after": pl.Int64(), "measure": pl.String(), "of": pl.String()}

BALANCES = {**_BOOK, **_WHEN, "as_of": schema.TIME, "of": pl.String()}
BALANCES |= dict.fromkeys(("stored", "told", "difference", "tolerance"), schema.MONEY) | {"status": pl.String()}


def coverage_frame(windows: Iterable[Window]) -> pl.DataFrame:
    """Return windows as a frame."""
    rows = [
        (w.provider, w.source, w.account, w.start, w.stop, w.provisional_since, w.as_of, w.content.rows)
        for w in windows
    ]
    return pl.DataFrame(sorted(rows, key=lambda row: row[:4]), schema=COVERAGE, orient="row")


def revision_frame(revisions: Iterable[Revision]) -> pl.DataFrame:
    """Return revisions as a frame, with a row for each sum that differs."""
    rows = [
        (
            *(one.provider, one.source, one.account, one.start, one.stop, one.as_of_before, one.as_of),
            *(one.before.rows, one.after.rows, *sums),
        )
        for one in revisions
        for sums in changed(one)
    ]
    texts = pl.DataFrame(
        rows, schema={**REVISIONS, "before": pl.String(), "after": pl.String()}, orient="row"
    ).with_columns(pl.col("before", "after").cast(schema.MONEY))
    return texts.sort("as_of", "provider", "source", "account", "start", "measure", "of")


def balance_frame(windows: Iterable[Window]) -> pl.DataFrame:
    """Return how windows compare with another report, a row for each sum."""
    rows: list[tuple[Any, ...]] = []
    for one in windows:
        book = (one.provider, one.source, one.account, one.start, one.stop, one.as_of)
        if not one.balances:  # not held against anything, or there was nothing in both
            unheld = "not checked" if one.provisional_since is None else "provisional"
            rows.append((*book, *[None] * 5, unheld if one.balances is None else "balanced"))
        for b in one.balances or ():
            numbers = (Decimal(b.stored), Decimal(b.told), b.difference, Decimal(b.tolerance))
            rows.append((*book, b.of, *numbers, "balanced" if b.is_even else "differs"))
    made = pl.DataFrame(rows, schema=BALANCES, orient="row")
    return made.sort("provider", "source", "account", "start", "of")
