"""The one group_by: rows of any frame library in, a small exact polars frame out.

What must not be added is kept apart here, whoever asks: currencies, units, and the bases billed, metered, estimated
and allocated. Drawing is for `charts`, choosing for `selectors`; which rows are meant is said by a `Filter`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from usage_toolkit import schema
from usage_toolkit.cube.parts import MEASURES, parts_of
from usage_toolkit.cube.spans import EVERY, refuse_coarse, span_start, too_coarse_for
from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.filters import Filter, expect_filter
from usage_toolkit.times import zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Measure = Literal["quantity", "amount"]
APART = ("basis", "unit", "currency")
# What is added up when one measure is asked for, and what keeps its sums apart.
_OF = {
    None: (MEASURES, APART),
    "quantity": (("quantity",), ("basis", "unit")),
    "amount": (("amount", "amount_usd"), ("basis", "currency")),
}
_LABELS = (*schema.DIMENSIONS, "unit", "currency", "workspace_id", "api_key_id", "user_id")


def cube(
    rows: Any,
    *,
    by: str | Iterable[str] = ("model", "meter"),
    every: str | None = "1d",
    where: Filter = Filter(),  # noqa: B008 (a Filter is frozen)
    tz: str | ZoneInfo = "UTC",
    measure: Measure | None = None,
) -> pl.DataFrame:
    """Add up usage and money per span of time and label.

    Parameters
    ----------
    rows
        Canonical rows: polars (eager or lazy), pandas, pyarrow, or any lazy frame that narwhals knows.
    by
        The labels to group by.
    every
        The span: ``1m``, ``1h``, ``1d``, ``1w`` (from Monday), ``1mo``; None adds up all time.
    where
        Which rows to take. Its dates are days in UTC whatever `tz` is; ``Filter.month("2026-10", tz=tz)`` is a month
        there.
    tz
        The time zone in which days, weeks and months begin.
    measure
        ``"quantity"`` or ``"amount"``: only that, of the rows that have it, so that tokens are not split by the
        currency that paid for them, nor money by unit. None adds up both.

    Returns
    -------
    polars.DataFrame
        ``time`` (start of the span, in `tz`), the labels, then ``basis``, ``unit`` and ``currency``, which are
        never added together; then ``quantity`` (in ``unit``), ``amount`` (in ``currency``, charges positive),
        ``amount_usd`` (only where every row has it) and ``rows``. Sorted. A sum of unknowns is null, not 0.

    Raises
    ------
    ArgumentError
        For an unknown label, span, time zone or measure, or what is no frame or no filter.
    InputError
        If rows resolve less than is asked: a daily bucket has no hours, and its UTC day is no other zone's day.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> october = ut.Filter("2026-10-01", "2026-11-01", currency="USD")
    >>> ut.cube(ut.sample(), by="provider", every="1mo", where=october, measure="amount")["provider"].to_list()
    ['anthropic', 'venice']
    """
    by = expect_labels(by)
    if every not in (*EVERY, None):
        raise ArgumentError(f"expected every to be one of {', '.join(EVERY)} or None, found {every!r}; use one.")
    if measure not in tuple(_OF):
        raise ArgumentError(f"expected measure to be quantity, amount or None, found {measure!r}; use one.")
    expect_filter(where)
    tz = zone(tz).key
    measures, apart = _OF[measure]
    keys = list(dict.fromkeys([*by, *apart]))
    too_coarse = too_coarse_for(every, tz)
    grained = [*keys, "grain"] if too_coarse and "grain" not in keys else keys
    parts = parts_of(rows, grained, measures=measures, every=every, where=where, tz=tz)
    if too_coarse:
        refuse_coarse(parts, too_coarse, every, tz)
    if every is not None:
        parts = parts.with_columns(span_start(every, tz).alias("time"))
        keys = ["time", *keys]
    if parts.select(keys).is_unique().all():  # often, and much faster seen than grouped
        return parts.select(*keys, *measures, "rows").sort(keys)
    return add_up(parts, keys)


def totals(
    rows: Any,
    *,
    by: str | Iterable[str] = ("meter",),
    where: Filter = Filter(),  # noqa: B008 (a Filter is frozen)
    measure: Measure | None = None,
) -> pl.DataFrame:
    """Add up usage and money over all time: `cube` with no span.

    Parameters
    ----------
    rows
        Canonical rows, of any library that `cube` takes.
    by
        The labels to group by.
    where
        Which rows to take.
    measure
        ``"quantity"`` or ``"amount"``, as for `cube`; None adds up both.

    Returns
    -------
    polars.DataFrame
        What `cube` returns, without ``time``.

    Raises
    ------
    ArgumentError
        For an unknown label or measure, or what is no frame or no filter.
    InputError
        If the rows are not canonical.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> ut.totals(ut.sample(), by="provider").columns
    ['provider', 'basis', 'unit', 'currency', 'quantity', 'amount', 'amount_usd', 'rows']
    >>> ut.totals(ut.sample(), by="provider", measure="amount").columns
    ['provider', 'basis', 'currency', 'amount', 'amount_usd', 'rows']
    """
    return cube(rows, by=by, every=None, where=where, measure=measure)


def add_up(parts: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Group a cube further, sorted; a sum with an unknown part is unknown."""
    return added_up(parts, keys).sort(keys)


def added_up(parts: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Do the same, in any order."""
    measures = [name for name in MEASURES if name in parts.columns]
    known = [pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name) for name in measures]
    return parts.group_by(keys).agg(*known, pl.col("rows").sum())


def expect_labels(by: str | Iterable[str]) -> list[str]:
    """Return the labels to group by, each once, or refuse what is none."""
    known = ", ".join(_LABELS)
    if not isinstance(by, Iterable):
        raise ArgumentError(f"expected labels among {known}, found {by!r}; use one or several of those.")
    labels = [by] if isinstance(by, str) else list(by)
    if unknown := [name for name in labels if not (isinstance(name, str) and name in _LABELS)]:
        raise ArgumentError(f"expected labels among {known}, found {unknown[0]!r}; use one of those.")
    return list(dict.fromkeys(labels))


def expect_cube(cube: Any, columns: Iterable[str], *, measure: str, call: str) -> None:
    """Refuse, in the name of `call`, what is no cube with these columns and that measure."""
    if not isinstance(cube, pl.DataFrame):
        found = type(cube).__name__
        raise ArgumentError(f"{call}: expected the polars frame that ut.cube returns, found {found}; pass that frame.")
    for name in (*columns, measure, "rows"):
        if name not in cube.columns:
            hint = "ut.cube(rows, every='1d')" if name == "time" else "ut.cube(rows)"
            raise InputError(f"{call}: expected a cube with a column {name!r}, found none; make it with {hint}.")
    if not cube.schema[measure].is_decimal():
        found = str(cube.schema[measure])
        raise InputError(f"{call}: expected exact decimals in {measure!r}, found {found}; make it with ut.cube(rows).")
