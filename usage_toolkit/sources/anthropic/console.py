"""What the Console's exports have in common: days and hours, the words for who and what, and columns nobody knows.

Undocumented, and changed twice in 2026: a column that is not known is named and left out, a word that is not known
passes through as it is. Facts: exported files of 2025-11 to 2026-09.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.errors import InputError
from usage_toolkit.schema import DEFAULT, NONE, TIME
from usage_toolkit.sources import sheet
from usage_toolkit.sources.anthropic import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DATE = "usage_date_utc"
_MOMENT = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2})(?::00)?Z?)?$"
_YEARS = (2023, 2100)  # a row of the year 9999 would stretch every chart to it


def table(
    data: bytes, *, name: str, needed: Sequence[str], numbers: Sequence[str] = (), labels: Sequence[str] = ()
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Read an export as texts; return its known columns, and the names of the others.

    Of those that need not be there, `numbers` are left out and `labels` are null.
    """
    texts = sheet.read(data, name=name, what="a CSV export of the Claude Console", needed=needed)
    known = [column for column in dict.fromkeys((*needed, *numbers)) if column in texts.columns]
    unknown = tuple(column for column in texts.columns if column not in (*known, *labels))
    if unknown and not texts.height and not data.endswith((b"\n", b"\r")):
        raise InputError(
            f"{name}: expected rows below the header, found the end of the file in column {unknown[-1]!r}; the file "
            "may be cut short: get it anew."
        )
    absent = [pl.lit(None, pl.String).alias(column) for column in labels if column not in texts.columns]
    return texts.with_columns(absent).select(*known, *labels), unknown


def refuse_empty(texts: pl.DataFrame, columns: Sequence[str], where: Callable[[int], str]) -> None:
    """Refuse a cell without a number or a date: what is unknown is not 0."""
    for column in columns:
        if texts[column].null_count():
            row = texts[column].is_null().arg_true()[0] + 1
            raise InputError(f"{where(row)}, column {column!r}: expected a value, found none; get the file anew.")


def times(texts: pl.Series, where: Callable[[int], str]) -> tuple[pl.Series, str]:
    """Return when each row's bucket begins, and the grain of all: days, or hours, or minutes.

    Hours and minutes are written alike, so a file whose every row is of a whole hour is one of hours.
    """
    day, clock = (pl.col(texts.name).str.extract(_MOMENT, part) for part in (1, 2))
    made = texts.to_frame().select(
        time=pl.concat_str(day, clock.fill_null("00:00"), separator=" ").str.to_datetime(
            "%Y-%m-%d %H:%M", time_unit=TIME.time_unit, time_zone="UTC", strict=False
        ),
        clock=clock,
    )
    usual = made["time"].dt.year().is_between(*_YEARS).fill_null(value=False)
    if not usual.all():
        row = (~usual).arg_true()[0]
        raise InputError(
            f"{where(row + 1)}, column {texts.name!r}: expected a day or a time of it such as 2026-10-01 or 2026-10-01 "
            f"14:00, from {_YEARS[0]} to {_YEARS[1]}, found {_short(texts[row])}; get the file anew, and don't let a "
            "spreadsheet save it."
        )
    if made["clock"].null_count() == made.height:
        return made["time"], "1d"
    if made["clock"].null_count():
        row = (made["clock"].is_null() != made["clock"].is_null()[0]).arg_true()[0]
        raise InputError(
            f"{where(row + 1)}, column {texts.name!r}: expected a grain such as that of {texts[0]!r} in row 1, found "
            f"{_short(texts[row])}; a file has days or hours: keep the exports apart."
        )
    return made["time"], "1h" if made["clock"].str.ends_with(":00").all() else "1m"


def said(column: str) -> pl.Expr:
    """Return the texts of a column, null where the Console says nothing."""
    return pl.when(~pl.col(column).is_in(words.ABSENT)).then(column).alias(column)


def workspace() -> pl.Expr:
    """Return the workspace by its name."""
    return said("workspace").replace(words.DEFAULT_WORKSPACE, DEFAULT).fill_null(NONE)


def context_window() -> pl.Expr:
    """Return the context window as the reports write it."""
    plain = said("context_window").str.replace_all("≤", "<=").str.replace_all(r"\s", "").str.to_lowercase()
    return plain.replace_strict(words.WINDOWS, default=said("context_window")).alias("context_window")


def _short(text: str) -> str:
    return repr(text[:40])
