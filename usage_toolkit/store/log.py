"""The versions of a Delta Lake table: the files that one is made of, and one commit from it to the next.

A commit lands whole or not at all, and only on the version it was made from, so that two writers never mix.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import StoreError
from usage_toolkit.store.fault import Saying, sentence
from usage_toolkit.store.files import File
from usage_toolkit.store.form import FORM, description, form_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from usage_toolkit.store.place import Place

_BY = ["provider", "month"]
_CONFIGURATION = {
    "delta.enableExpiredLogCleanup": "false",  # an old version can be asked for as long as its files are there
    "delta.checkpointInterval": "20",
    "delta.dataSkippingStatsColumns": "time,source,account",
}
_SAID = (
    "path", "partition.provider", "partition.month", "min.source", "min.account", "num_records",
    "min.time", "max.time", "size_bytes",
)  # fmt: skip
_TYPES = {"Int64": "long", "Datetime": "timestamp", "String": "string", "Enum": "string"}


class Conflict(Exception):  # noqa: N818 (a request to begin again, not an error)
    """Another writer was first: what was to be committed must be made anew, from what is there now."""


@dataclass(frozen=True)
class Snapshot:
    """One version of the table; -1 before the first."""

    version: int
    files: tuple[File, ...]
    form: int = FORM
    table: Any = field(default=None, compare=False, repr=False)


def snapshot(place: Place, version: int | None = None) -> Snapshot:
    """Return the newest version, or that one.

    Raises
    ------
    StoreError
        If it is not there or can't be read.
    """
    from deltalake import DeltaTable

    with Saying("read", place.url):
        if version is None and place.is_new:
            return Snapshot(-1, ())
        table = DeltaTable(place.url, version=version, storage_options=place.options)
        form = form_of(table.metadata().description, place.url)
        return Snapshot(table.version(), _files(pl.DataFrame(table.get_add_actions(flatten=True))), form, table)


def commit(
    place: Place,
    base: Snapshot,
    *,
    add: Sequence[File],
    remove: Iterable[File],
    note: dict[str, str],
    real: bool = True,
) -> None:
    """Make the next version of `base`: these files come, those go.

    Parameters
    ----------
    note
        What the version says of itself.
    real
        False if the rows stay the same, as when small files become one.

    Raises
    ------
    Conflict
        If `base` is not the newest version any more.
    StoreError
        If nothing was committed for another reason. What failed may have landed all the same: that is looked up
        before this is raised.
    """
    from deltalake import CommitProperties
    from deltalake.exceptions import CommitFailedError
    from deltalake.transaction import AddAction, RemoveAction

    now = int(time.time() * 1000)
    mark = secrets.token_hex(16)
    problem: BaseException | None = None
    try:
        actions = [RemoveAction(file.path, real, now, file.size, _partition(file)) for file in remove]
        base.table.create_write_transaction(
            [AddAction(f.path, f.size, _partition(f), now, real, _stats(f)) for f in add] + actions,
            mode="append",
            schema=_schema(),
            partition_by=_BY,
            commit_properties=CommitProperties(custom_metadata={**note, "mark": mark}, max_commit_retries=0),
        )
    except BaseException as error:  # noqa: BLE001 (whatever was raised, the commit may have landed)
        problem = error
    entry = f"_delta_log/{base.version + 1:020d}.json"
    if problem is not None and not _landed(place, entry, mark):
        if isinstance(problem, CommitFailedError) and place.has(entry):
            raise Conflict
        if not isinstance(problem, Exception) and type(problem).__name__ != "PanicException":
            raise problem
        raise StoreError(sentence(problem, "written", place.url)) from None
    place.keep(entry)
    if problem is not None and isinstance(problem, KeyboardInterrupt):
        raise problem


def create(place: Place) -> None:
    """Make the table, unless it is there; one of an older form becomes one of today's, in one commit."""
    from deltalake import DeltaTable

    with Saying("written", place.url):
        if place.is_new:
            DeltaTable.create(
                place.url,
                _schema(),
                mode="ignore",
                partition_by=_BY,
                configuration=_CONFIGURATION,
                description=description(),
                storage_options=place.options,
            )
            place.keep("_delta_log/00000000000000000000.json")
            return
    before = snapshot(place)
    if before.form < FORM:
        with Saying("written", place.url):
            DeltaTable(place.url, storage_options=place.options).alter.set_table_description(description())
            place.keep(f"_delta_log/{before.version + 1:020d}.json")


def history(place: Place) -> list[dict[str, Any]]:
    """Return what each version said of itself, the newest first."""
    from deltalake import DeltaTable

    with Saying("read", place.url):
        return DeltaTable(place.url, storage_options=place.options).history()


def version_of(place: Place, moment: datetime) -> int:
    """Return the last version of which everything was known at `moment`."""
    from usage_toolkit.times import instant

    for said in history(place):  # the newest first
        if "as_of" in said and instant(said["as_of"]) <= moment:
            return int(said["version"])
    raise StoreError(
        f"{place.url}: expected a version of {moment:%Y-%m-%d %H:%M}Z, found only later ones; go less far."
    )


def vacuum(place: Place, *, hours: int, dry: bool) -> list[str]:
    """Delete files that no version of the last `hours` needs; return their names."""
    from deltalake import DeltaTable

    with Saying("cleared", place.url):
        table = DeltaTable(place.url, storage_options=place.options)
        unused = table.vacuum(hours, dry_run=True, enforce_retention_duration=False, full=True)
        names = {unquote(name).removeprefix(f"{place.url}/") for name in unused}
        there = sorted(name for name in names if place.has(name))  # others were deleted long ago
        if there and not dry:
            table.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True)
        return there


def _files(actions: pl.DataFrame) -> tuple[File, ...]:
    if not actions.height:
        return ()
    rows = actions.select(_SAID).rows()
    if any(value is None for row in rows for value in row):
        raise ValueError("a file of which the log says too little")
    files = (File(unquote(path), *rest) for path, *rest in rows)
    return tuple(sorted(files, key=lambda file: (file.provider, file.month, file.source, file.account, file.first)))


def _partition(file: File) -> dict[str, str | None]:
    return {"provider": file.provider, "month": file.month}


def _stats(file: File) -> str:
    same = {"source": file.source, "account": file.account}
    ends = [end.isoformat(timespec="microseconds").replace("+00:00", "Z") for end in (file.first, file.last)]
    least, most = ({"time": end, **same} for end in ends)
    nulls = dict.fromkeys(least, 0)
    return json.dumps({"numRecords": file.rows, "minValues": least, "maxValues": most, "nullCount": nulls})


def _schema() -> Any:
    from deltalake import Field, Schema
    from deltalake.schema import PrimitiveType

    fields = []
    for name, dtype in {**schema.COLUMNS, "state": pl.String(), "month": pl.String()}.items():
        kind = f"decimal({dtype.precision},{dtype.scale})" if isinstance(dtype, pl.Decimal) else None
        fields.append(Field(name, PrimitiveType(kind or _TYPES[str(dtype).partition("(")[0]])))
    return Schema(fields)


def _landed(place: Place, entry: str, mark: str) -> bool:
    """Whether the commit of that mark is there, though it was said to have failed."""
    return place.has(entry) and mark.encode() in place.get(entry)
