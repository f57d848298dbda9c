"""Exported files to canonical rows: opened, recognised by what is in them, and never counted twice."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections import Counter
from dataclasses import dataclass
from glob import glob
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import ArgumentError, InputError, notify

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from types import ModuleType

    from usage_toolkit.sources.parsed import Parsed

FORMATS = ("anthropic.cost_csv", "anthropic.tokens_csv", "venice.ledger")
"""The modules whose ``matches(data)`` recognises a file and whose ``parse(data, name=, ...)`` reads it."""


@dataclass(frozen=True)
class _File:
    name: str
    parsed: Parsed

    @property
    def source(self) -> str:
        return str(self.parsed.rows["source"][0])

    @property
    def begin(self) -> datetime:
        return self.parsed.rows["time"].min()  # type: ignore[return-value]  # polars types min by no column

    @property
    def end(self) -> datetime:
        """When the last event was, or when the last bucket ends."""
        step = pl.col("grain").cast(pl.String).replace("event", "0m")
        return self.parsed.rows.select(pl.col("time").dt.offset_by(step).max()).item()  # type: ignore[no-any-return]

    def has_the_rows_of(self, other: _File) -> bool:
        same_time = (self.begin, self.end) == (other.begin, other.end)
        return same_time and self.parsed.rows.drop("origin").equals(other.parsed.rows.drop("origin"))


def read(*paths: str | Path | Sequence[str | Path], account: str = schema.DEFAULT) -> pl.DataFrame:
    """Read exported usage files, whatever provider they come from.

    Recognised by their content, plain or gzipped: Venice's ``usage-history`` and ``usage``, as JSON or CSV, and the
    tokens and the cost that the Claude Console exports as CSV. The latter is rounded to cents in each row, and tells
    what an API key cost; money and tokens of the same time go together, two views of the same tokens do not.

    Parameters
    ----------
    *paths
        Paths, patterns such as ``"exports/*.csv"``, or lists of them; ``~`` is your own folder.
    account
        The books that the rows belong to; give each account its own call.

    Returns
    -------
    polars.DataFrame
        Canonical rows of all files in the order of time, as many as the files hold.

    Raises
    ------
    ArgumentError
        If a path is none.
    InputError
        If a file is missing, empty, cut short or not recognised, if a value in it can't be right (with its row and
        column), or if two files cover the same time, which would count it twice. Nothing is half loaded.

    Warns
    -----
    UsageToolkitWarning
        If the files say that the whole has more rows than they hold, or have columns that nobody knows, which are
        left out.

    Examples
    --------
    >>> read("no-such-file.csv")
    Traceback (most recent call last):
    ...
    usage_toolkit.errors.InputError: no-such-file.csv: expected a file, found none; check the path.
    """
    found = _expand(paths)
    names = Counter(path.name for path in found)
    files = [_open(path, path.name if names[path.name] == 1 else str(path), account) for path in found]
    _refuse_twice(files)
    _warn_of_more(files)
    _warn_of_unknown(files)
    rows = pl.concat([file.parsed.rows for file in files]) if files else schema.empty()
    return rows if rows["time"].is_sorted() else rows.sort("time", maintain_order=True)


def _expand(paths: Iterable[str | Path | Sequence[str | Path]]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if isinstance(path, list | tuple):
            names = [str(name) for name in _expand(path)]
        elif isinstance(path, str | Path) and str(path):
            home = os.path.expanduser(path)  # noqa: PTH111 (never raises, as neither does the next)
            names = [str(home)] if os.path.exists(home) else sorted(glob(str(home), recursive=True))  # noqa: PTH110, PTH207
        else:
            raise ArgumentError(f"read: expected a path, found {path!r}; name a file.")
        if not names and isinstance(path, str | Path):
            raise InputError(f"{path}: expected a file, found none; check the path.")
        found += [Path(name) for name in names if Path(name) not in found]
    return found


def _open(path: Path, name: str, account: str) -> _File:
    if path.is_dir():
        raise InputError(f'{path}: expected a file, found a folder; pass "{path / "*.csv"}", or what its files end in.')
    try:
        raw, problem, to_do = path.read_bytes(), "", ""
        data = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error) as error:
        refused = getattr(error, "strerror", None)
        problem = refused or str(error) or type(error).__name__
        to_do = "see that you may open it" if refused else "get it anew"
    if problem:
        raise InputError(f"{name}: expected a whole, readable file, found: {problem}; nothing was loaded: {to_do}.")
    if not data or data.isspace():
        raise InputError(f"{name}: expected a usage export, found an empty file; export it again.")
    origin = f"{name}, sha256:{hashlib.sha256(raw).hexdigest()[:16]}"
    source = _recognise(data, name)
    return _File(name, source.parse(data, name=name, origin=origin, account=account))


def _recognise(data: bytes, name: str) -> ModuleType:
    for format_ in FORMATS:
        source = import_module(f"usage_toolkit.sources.{format_}")
        if source.matches(data):
            return source
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0\0" in (data[0:4:2], data[1:4:2]):
        raise InputError(f"{name}: expected text in UTF-8, found UTF-16; save it as UTF-8.")
    start = data[:60].decode(errors="replace").strip()
    kind = "HTML" if start[:1] == "<" else "something else"
    raise InputError(
        f"{name}: expected a usage export as JSON or CSV, found {kind}, beginning {start!r}; download it again."
    )


def _refuse_twice(files: list[_File]) -> None:
    """Refuse what would be counted twice: the same content, or one source's files that overlap in time."""
    held = sorted(
        (file for file in files if file.parsed.rows.height), key=lambda file: (file.source, file.begin, file.end)
    )
    for one, other in pairwise(held):
        if one.has_the_rows_of(other):
            raise InputError(f"{other.name}: expected rows of its own, found the content of {one.name}; leave one out.")
        if one.source == other.source and other.begin < one.end:
            raise InputError(
                f"{other.name}: expected a time of its own, found rows from {other.begin:%Y-%m-%d %H:%M:%S}Z on, while "
                f"{one.name} goes on until {one.end:%Y-%m-%d %H:%M:%S}Z; leave one out, or read each account by itself."
            )
        if one.source == other.source and (both := _at_the_border(one, other)):
            raise InputError(
                f"{other.name}: expected rows of its own, found {both} of {other.begin.isoformat()} that are in "
                f"{one.name} too; take them out of one file, or, if they are other charges, put both files into one."
            )


def _at_the_border(one: _File, other: _File) -> int:
    """Count the rows of the last instant of `one` that `other` has too, unless both are pages of the same walk."""
    before, after = one.parsed, other.parsed
    one_of_many = before.total is not None and before.total == after.total and before.total > before.rows.height
    if one.end != other.begin or before.more or one_of_many:
        return 0
    last, first = (Counter(parsed.rows.filter(time=one.end).drop("origin").rows()) for parsed in (before, after))
    return (last & first).total()


def _warn_of_more(files: list[_File]) -> None:
    rows = sum(file.parsed.rows.height for file in files)
    totals = [file.parsed.total for file in files if file.parsed.total is not None]
    last = max((file for file in files if file.parsed.rows.height), key=lambda file: file.end, default=None)
    if last is not None and last.parsed.more:
        said = f"{last.name}: the walk goes on after this page, so later rows are not in what was read."
    elif totals and max(totals) > rows:
        said = f"{files[-1].name}: the files hold {rows:,} of {max(totals):,} rows, the other pages were not read."
    else:
        return
    notify(said)


def _warn_of_unknown(files: list[_File]) -> None:
    """Name once what was left out, so that a new counter is not missed in silence."""
    names = [file.name for file in files if file.parsed.unknown]
    if names:
        columns = ", ".join(sorted({repr(column) for file in files for column in file.parsed.unknown}))
        others = f" and {len(names) - 1} more" * (len(names) > 1)
        notify(
            f"{names[0]}{others}: expected the columns of an export as it is known, found {columns} too, which were "
            "left out; if one of them counts use or money, it is in no sum."
        )
