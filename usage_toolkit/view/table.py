"""The table behind the chart: its first rows, every digit of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.schema import NONE
from usage_toolkit.view.markup import Html, fill, join
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

MOST = 200
_NUMBERS = ("quantity", "amount", "rows")
_NOTHING = "\u2013"


def table(shown: pl.DataFrame, *, names: Mapping[datetime, str], whole: str, locale: str) -> Html:
    """Draw what is shown.

    Parameters
    ----------
    shown
        What `usage_toolkit.cube` returns.
    names
        What each ``time`` in UTC is called; a row without one belongs to `whole`.
    whole
        What all of the interval is called.
    locale
        Whose words and numbers are shown.
    """
    labels = [
        name for name in shown.columns if name not in ("time", "amount_usd", "unit", "currency", "basis", *_NUMBERS)
    ]
    columns = ["time", *labels, "quantity", "unit", "amount", "currency", "basis", "rows"]
    rows = shown.head(MOST).select(columns).with_columns(pl.col("time").dt.convert_time_zone("UTC"))
    body = (
        [_text(name, value, names, whole, locale) for name, value in zip(columns, row, strict=True)]
        for row in rows.iter_rows()
    )
    heads = [(look.name(name, locale=locale), name in _NUMBERS) for name in columns]
    return grid(heads, body, said=caption(shown.height, locale=locale))


def grid(heads: list[tuple[str, bool]], body: Iterable[list[str]], *, said: str) -> Html:
    """Draw texts as a table: its heads, each with whether numbers stand below it, and what is said above it."""
    kinds = [Html(' class="ut-number"' if is_number else "") for _, is_number in heads]
    cells = zip(kinds, (head for head, _ in heads), strict=True)
    return fill(
        "<table><caption>{said}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>",
        said=said,
        heads=join(fill('<th scope="col"{kind}>{head}</th>', kind=kind, head=head) for kind, head in cells),
        body=join(_row(kinds, row) for row in body),
    )


def caption(rows: int, *, locale: str) -> str:
    """Say how many rows there are and how many of them are drawn."""
    count = look.number(rows, locale=locale)
    if rows > MOST:
        return say(
            "The first {most} of {count} rows; Download CSV has them all.", locale=locale, most=MOST, count=count
        )
    return counted(rows, locale=locale)


def counted(rows: int, *, locale: str) -> str:
    """Say how many rows there are."""
    count = look.number(rows, locale=locale)
    return say("1 row", locale=locale) if rows == 1 else say("{count} rows", locale=locale, count=count)


def _row(kinds: list[Html], row: list[str]) -> Html:
    cells = (fill("<td{kind}>{text}</td>", kind=kind, text=text) for kind, text in zip(kinds, row, strict=True))
    return fill("<tr>{cells}</tr>", cells=join(cells))


def _text(name: str, value: object, names: Mapping[datetime, str], whole: str, locale: str) -> str:
    if name == "time":
        return names.get(value, whole) if value else whole  # type: ignore[call-overload]
    if isinstance(value, (Decimal, int)):
        return look.number(value, locale=locale)
    if value is None or (name in ("unit", "currency") and value == NONE):
        return _NOTHING
    return look.word(name, str(value), locale=locale)
