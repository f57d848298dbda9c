"""The bytes of a CSV file to one table of texts: every digit as it was written, every row whole.

What the texts mean is for the format that they are in.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def header(data: bytes) -> bytes:
    """Return the first line of a file, by which its format is recognised."""
    first = data[:65536].removeprefix(b"\xef\xbb\xbf").lstrip()
    return first.replace(b"\r", b"\n").partition(b"\n")[0]


def read(
    data: bytes, *, name: str, what: str, needed: Sequence[str], alike: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Read CSV by the names in its header.

    Parameters
    ----------
    data
        UTF-8, with or without a mark at its start, lines ended in any way.
    name, what
        The file, and what it is, for errors.
    needed
        The columns that must be there.
    alike
        Other names of columns, and those that they go by here.

    Returns
    -------
    polars.DataFrame
        All columns that have a name, as texts; an empty cell is null.

    Raises
    ------
    InputError
        If this is no such CSV, a column is missing or there twice, or a row has too few fields or too many.
    """
    alike = alike or {}
    data = data.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
    if b"\n" not in data:  # lines may end as they once did on a Mac, which polars would take for one line
        data = data.replace(b"\r", b"\n")
    columns = _columns(data, name, what, alike)
    try:
        table, problem = pl.read_csv(io.BytesIO(data), infer_schema=False), ""
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        table, problem = pl.DataFrame(), str(error).partition("\n")[0]
    if problem:
        _refuse_ragged(data, columns, name, what)
        raise InputError(f"{name}: expected {what}, found: {problem}; get it anew.")
    if _may_be_ragged(data, table):
        _refuse_ragged(data, table.columns, name, what)
    table = table.rename({old: new for old, new in alike.items() if old in table.columns})
    if missing := [column for column in needed if column not in table.columns]:
        found = ", ".join(table.columns)[:200]
        raise InputError(f"{name}: expected a column {missing[0]!r}, found {found}; export it with all its columns.")
    unnamed = [place for place, column in enumerate(columns) if not column]
    return table.drop(table.columns[place] for place in unnamed)


def _columns(data: bytes, name: str, what: str, alike: Mapping[str, str]) -> list[str]:
    """Return the names of the columns, none of which may be there twice, under whatever name."""
    columns = next(iter(_lines(data[:65_536], name, what)), [])
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(columns) == 1 and mark in columns[0]:
            raise InputError(f"{name}: expected commas between the columns, found {word}; save it as CSV with commas.")
    meant = [alike.get(column, column) for column in columns]
    for place, column in enumerate(meant):
        if column and column in meant[:place]:  # a spreadsheet may leave commas for columns without a name
            first, second = columns[meant.index(column)], columns[place]
            found = f"{first!r} twice" if first == second else f"{first!r} and {second!r}, which mean the same"
            raise InputError(f"{name}: expected each column once, found {found}; leave one of them out.")
    return columns


def _may_be_ragged(data: bytes, table: pl.DataFrame) -> bool:
    if not table.to_series(-1).null_count():
        return False
    return b'"' in data or data.count(b",") != (table.width - 1) * (table.height + 1)


def _refuse_ragged(data: bytes, columns: list[str], name: str, what: str) -> None:
    """Refuse a row with too many fields, or too few, which polars would fill with nulls: it is how a cut file ends."""
    width = len(columns)
    for row, fields in enumerate(_lines(data, name, what)):
        if len(fields) != width:
            why = "the file may be cut short" if len(fields) < width else "a comma in a cell may lack its quotes"
            raise InputError(
                f"{name}, row {row}: expected {width} fields, found {len(fields)} (the last one in column "
                f"{columns[min(len(fields), width) - 1]!r}); {why}: get it anew."
            )


def _lines(data: bytes, name: str, what: str) -> Iterator[list[str]]:
    """Give the fields of each line that has any."""
    problem = ""
    try:
        yield from filter(None, csv.reader(io.StringIO(data.decode(errors="replace"), newline="")))
    except csv.Error as error:
        problem = str(error)
    if problem:
        raise InputError(f"{name}: expected {what}, found: {problem}; get it anew.")
