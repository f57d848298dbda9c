"""Files for other programs: exact to the last digit, passive when opened, written whole or not at all.

One way to write a cell, for files and for the panel's button alike. Which rows are meant is for `cube` and `panel`.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from usage_toolkit.errors import ArgumentError
from usage_toolkit.schema import CLASSES, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEPARATORS, DECIMALS = (",", ";", "\t", "|"), (".", ",")
_BOM = b"\xef\xbb\xbf"
_BATCH = 100_000
_INSTANT = "%Y-%m-%dT%H:%M:%S%.f"

# What a spreadsheet may take for a formula: = + - @ in any of their forms, also after what a reader may skip (blanks,
# quotes, marks without a shape); and a tab or a line's end. A text with an apostrophe gets one too, so that taking one
# away always gives back what was there.
_STARTERS = r"=+\-@\uFF1D\uFF0B\uFF0D\uFF20\uFE66\uFE62\uFE63\uFE6B\u2212"
_RISKY = rf"""^(?:['\t\r\n]|[\s\p{{C}}\p{{Pi}}\p{{Pf}}"'`]*[{_STARTERS}])"""

_LONGEST = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9.@+-]+")


def write_csv(
    frame: pl.DataFrame,
    path: str | os.PathLike[str],
    *,
    separator: str = ",",
    decimal: str = ".",
    bom: bool = True,
    limit: str = CLASSES[-1],
) -> Path:
    r"""Write a frame to a CSV file that loses nothing and runs nothing.

    Numbers have all their digits, no padding zeros and no exponent; instants are ISO 8601 with their offset. A null
    is an empty cell, an empty text is ``""``. A text that a spreadsheet could take for a formula, or that begins with
    an apostrophe, gets an apostrophe in front, names of columns too; `usage_toolkit.export.unescape` takes it away.

    Parameters
    ----------
    frame
        Canonical rows, a cube, a panel's ``data``: any columns but floats, lists and structs.
    path
        The file; one that is there is replaced when the new one is complete, and stays as it was if that fails.
    separator, decimal
        What parts the cells (comma, semicolon, tab or ``|``) and what marks the decimals (point or comma).
        ``separator=";", decimal=","`` is what Excel expects where people write 0,5; with another separator than the
        one it expects, no spreadsheet tells a cell from its neighbour.
    bom
        Whether to begin with the mark by which Excel knows UTF-8.
    limit
        Columns of which class are written at most: ``shareable`` (sums and what they are of), ``internal`` (who used
        it, too) or ``secret`` (all). `usage_toolkit.schema.CLASS_OF` has the class of each.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    ArgumentError
        If the frame can't be written so, the separator is the decimal mark, a column has no class to compare with
        `limit`, or there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> rows = pl.DataFrame({"model": ["=1+1", "", None], "amount": ["0.50", "12", None]})
    >>> rows = rows.with_columns(pl.col("amount").cast(pl.Decimal(38, 18)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_csv(rows, f"{folder}/usage.csv", bom=False).read_text()
    'model,amount\n\'=1+1,0.5\n"",12\n,\n'
    """
    _check(frame, separator, decimal)
    frame = frame.select(within(limit, frame.columns, call="write_csv"))
    with replacing(Path(path)) as file:
        file.writelines(_parts(frame, separator, decimal, bom=bom))
    return Path(path)


def to_csv(frame: pl.DataFrame, *, separator: str = ",", decimal: str = ".", bom: bool = True) -> bytes:
    """Return the bytes that `write_csv` writes."""
    _check(frame, separator, decimal)
    return b"".join(_parts(frame, separator, decimal, bom=bom))


def unescape(text: str) -> str:
    """Return what a cell or a column's name was before `write_csv` made it harmless.

    Examples
    --------
    >>> unescape("'=1+1"), unescape("plain")
    ('=1+1', 'plain')
    """
    return text.removeprefix("'")


def file_name(subject: str, parts: Iterable[str], *, suffix: str) -> str:
    """Return a short name that any file system takes and that tells what is in the file.

    Blanks become ``-``, and so do all characters but letters of English, digits and ``.@+-``. Where more than blanks
    is lost, also to the length, a hash of all parts tells such names apart.

    Examples
    --------
    >>> file_name("usage", ["venice", "2026-10"], suffix=".csv"), file_name("usage", ["../a"], suffix=".csv")
    ('usage_venice_2026-10.csv', 'usage_a-61b4c98b.csv')
    """
    said = [part.replace(" ", "-") for part in parts]
    safe = [_UNSAFE.sub("-", part).strip("-.") for part in said]
    name = "_".join([subject, *filter(None, safe)])
    if safe == said and len(name) + len(suffix) <= _LONGEST:
        return name + suffix
    digest = "-" + sha256("\0".join(said).encode()).hexdigest()[:8]
    return name[: _LONGEST - len(digest + suffix)].rstrip("-._") + digest + suffix


def _check(frame: pl.DataFrame, separator: str, decimal: str) -> None:
    if not isinstance(frame, pl.DataFrame):
        found = type(frame).__name__
        raise ArgumentError(f"write_csv: expected a polars DataFrame, found {found}; collect or convert it first.")
    for name, value, known in (("separator", separator, SEPARATORS), ("decimal", decimal, DECIMALS)):
        if value not in known:
            raise ArgumentError(f"write_csv: expected {name} to be one of {known}, found {value!r}; use one of those.")
    if separator == decimal:
        raise ArgumentError(
            f"write_csv: expected a separator that is not the decimal mark, found {separator!r} for both; use "
            "separator=';' with decimal=','."
        )
    for name, dtype in frame.schema.items():
        if dtype.is_float() or not (dtype.is_numeric() or dtype in _PLAIN):
            raise ArgumentError(
                f"write_csv: expected texts, exact numbers and times, found {dtype} in column {name[:40]!r}; cast or "
                "drop it."
            )


_PLAIN = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Date, pl.Datetime, pl.Null)


def _parts(frame: pl.DataFrame, separator: str, decimal: str, *, bom: bool) -> Iterator[bytes]:
    """Write names, then rows, a batch at a time: a long frame is never in memory as text."""
    if bom:
        yield _BOM
    names = pl.DataFrame([frame.columns], schema=[str(at) for at in range(frame.width)], orient="row")
    for part in (names, *frame.iter_slices(_BATCH)):
        cells = part.select(_cell(pl.nth(at), dtype, decimal).alias(str(at)) for at, dtype in enumerate(part.dtypes))
        made = BytesIO()
        cells.write_csv(made, include_header=False, separator=separator)
        yield made.getvalue()


def _cell(column: pl.Expr, dtype: pl.DataType, decimal: str) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        offset = "%::z" if dtype.time_zone else ""  # of a time before 1900 the offset has seconds
        text = column.dt.strftime(_INSTANT + offset)
        return text.str.strip_suffix(":00") if offset else text
    text = column.cast(pl.String)
    if isinstance(dtype, pl.Decimal) and dtype.scale:
        return text.str.strip_chars_end("0").str.strip_suffix(".").str.replace(".", decimal, literal=True)
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return pl.when(text.str.contains(_RISKY)).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)
    return text


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a new file beside `path` that takes its place when all of it is on the disk, and is gone if not."""
    target = path.resolve()
    if not target.parent.is_dir():
        raise ArgumentError(f"expected a folder for {path.name}, found none at {path.parent}; make it first.")
    if target.exists() and not target.is_file():
        raise ArgumentError(f"expected the path of a file, found {path}, which is none; add a name to it.")
    new = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with new.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, new)
        new.replace(target)
    except BaseException as error:
        new.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.add_note(f"{path} was not written; what was there before is as it was.")
        raise
