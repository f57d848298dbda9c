"""What is known of a window of time of one source and account, and what it was before.

A window lies within one day of UTC, is half open, and was fetched whole. It may be empty. Its digest is one of its rows
in any order, without where they came from, so that the same rows fetched otherwise are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import StoreError
from usage_toolkit.store.balance import Balance, plain
from usage_toolkit.store.files import STATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from usage_toolkit.times import Interval

DAY = timedelta(days=1)
_HASHED = [name for name in schema.COLUMNS if name not in ("origin", "provider")]
_BETWEEN, _AFTER, _NULL = "\x1f", "\x1e", "\x00"
_SHORT = 16
OWNER = "(owner)"
"""The ``source`` of what is known of an account, which is no source."""


@dataclass(frozen=True)
class Content:
    """What rows add up to: how many, the sum of each currency and unit, and their digest."""

    rows: int
    sums: tuple[tuple[str, str, str], ...]
    digest: str


@dataclass(frozen=True)
class Window:
    """A window that was fetched whole at `as_of`; after `provisional_since` it may still change.

    Its sums were held against another report where there are `balances`; None says that they were not.
    """

    provider: str
    source: str
    account: str
    start: datetime
    stop: datetime
    as_of: datetime
    provisional_since: datetime | None
    content: Content
    pages: str | None
    balances: tuple[Balance, ...] | None = None


@dataclass(frozen=True)
class Revision:
    """A window that was not the same when it was fetched again."""

    provider: str
    source: str
    account: str
    start: datetime
    stop: datetime
    as_of: datetime
    as_of_before: datetime
    before: Content
    after: Content


@dataclass(frozen=True)
class Owner:
    """Whose the books of an account are, by its `marks`; known since `start`."""

    provider: str
    source: str
    account: str
    start: datetime
    marks: tuple[str, ...]


Known = Window | Revision | Owner


def content(rows: pl.DataFrame) -> Content:
    """Return what stored rows add up to."""
    sums: list[tuple[str, str, str]] = []
    for measure, word in (("amount", "currency"), ("quantity", "unit")):
        found = rows.filter(pl.col(measure).is_not_null()).group_by(word).agg(pl.col(measure).sum()).sort(word)
        sums += [(measure, name, plain(value)) for name, value in found.rows()]
    return Content(rows.height, tuple(sums), _digest(rows.select(_HASHED)))


def _digest(rows: pl.DataFrame) -> str:
    """Hash rows in any order; what is the same in all of them is hashed once, which is most of it."""
    if not rows.height:
        return hashlib.sha256().hexdigest()
    texts = pl.all().cast(pl.String).fill_null(_NULL)
    (same,) = rows.select(pl.all().eq_missing(pl.all().first()).all()).rows(named=True)
    once = json.dumps([pair for pair in rows.head(1).select(texts).row(0, named=True).items() if same[pair[0]]])
    others = [name for name in rows.columns if not same[name]]
    digest = hashlib.sha256(f"{rows.height} {once}".encode())
    if others:  # a column after the other, in an order that only equal rows leave open
        lined = rows.select(pl.col(others).to_physical()).sort(others, nulls_last=False)
        for text in lined.select(texts.str.join(_BETWEEN).cast(pl.Binary)).row(0):
            digest.update(text)
            digest.update(_AFTER.encode())
    return digest.hexdigest()


def days(start: datetime, stop: datetime) -> Iterator[Interval]:
    """Cut an interval where the days of UTC begin."""
    while start < stop:
        end = min(datetime.combine(start.date(), time(), tzinfo=UTC) + DAY, stop)
        yield start, end
        start = end


def to_frame(known: Iterable[Known]) -> pl.DataFrame:
    """Return rows of state, each with a check sum of its own."""
    rows = []
    for one in known:
        said = json.dumps({"kind": type(one).__name__, **vars(one)}, default=_plainly, sort_keys=True)
        rows.append(
            (one.start, one.source, one.account, f"{hashlib.sha256(said.encode()).hexdigest()[:_SHORT]} {said}")
        )
    return pl.DataFrame(sorted(rows), schema=STATE, orient="row")


def from_frame(state: pl.DataFrame) -> list[Known]:
    """Read rows of state.

    Raises
    ------
    StoreError
        If one is not as it was written.
    """
    return [_read(text) for text in state["state"]]


def _read(text: str) -> Known:
    digest, _, said = text.partition(" ")
    if hashlib.sha256(said.encode()).hexdigest()[:_SHORT] != digest:
        raise StoreError(
            f"expected what is known of a window, found {said[:40]!r}, which has changed; restore the store."
        )
    found: dict[str, Any] = json.loads(said)
    kind = {one.__name__: one for one in (Window, Revision, Owner)}[found.pop("kind")]
    for name, value in found.items():
        if name == "balances" and value is not None:
            found[name] = tuple(Balance(**one) for one in value)
        elif name == "marks":
            found[name] = tuple(value)
        elif isinstance(value, dict):
            found[name] = Content(value["rows"], tuple(tuple(one) for one in value["sums"]), value["digest"])
        elif name in ("start", "stop", "as_of", "as_of_before", "provisional_since") and value is not None:
            found[name] = datetime.fromisoformat(value)
    return kind(**found)


def changed(one: Revision) -> list[tuple[str | None, str | None, str | None, str | None]]:
    """Return the measure, its currency or unit, and its sums before and after, where any differs."""
    sums: dict[tuple[str, str], list[str | None]] = defaultdict(lambda: [None, None])
    for at, side in enumerate((one.before, one.after)):
        for measure, word, value in side.sums:
            sums[measure, word][at] = value
    found = [(measure, word, *both) for (measure, word), both in sorted(sums.items()) if both[0] != both[1]]
    return [(measure, word, before, after) for measure, word, before, after in found] or [(None, None, None, None)]


def _plainly(value: datetime | Content | Balance) -> str | dict[str, Any]:
    return value.isoformat() if isinstance(value, datetime) else vars(value)
