"""The one group_by: rows of any frame library in, a small exact polars frame out.

What must not be added is kept apart here, whoever asks: currencies, units, and the bases billed, metered, estimated
and allocated. Drawing is for `charts`, choosing for `selectors`; which rows are meant is said by a `Filter`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from usage_toolkit import schema
from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.filters import Filter, expect_filter
from usage_toolkit.times import is_utc, whole_hours, zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Measure = Literal["quantity", "amount"]
APART = ("basis", "unit", "currency")
MEASURES = ("quantity", "amount", "amount_usd")
# What is added up when one measure is asked for, and what keeps its sums apart.
_OF = {
    None: (MEASURES, APART),
    "quantity": (("quantity",), ("basis", "unit")),
    "amount": (("amount", "amount_usd"), ("basis", "currency")),
}
EVERY = ("1m", "1h", "1d", "1w", "1mo")
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
    too_coarse = _too_coarse(every, tz)
    grained = [*keys, "grain"] if too_coarse and "grain" not in keys else keys
    parts = _parts(rows, grained, measures=measures, every=every, where=where, tz=tz)
    if too_coarse:
        _refuse_coarse(parts, too_coarse, every, tz)
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
    """Group a cube further; a sum with an unknown part is unknown."""
    measures = [name for name in MEASURES if name in parts.columns]
    known = [pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name) for name in measures]
    return parts.group_by(keys).agg(*known, pl.col("rows").sum()).sort(keys)


def _check_room(name: str, largest: Any, rows: int) -> None:
    """Refuse sums that might not fit, now or grouped further: polars may wrap around to a negative number instead."""
    room = Decimal(10) ** (38 - (schema.QUANTITY if name == "quantity" else schema.MONEY).scale)
    if largest is not None and largest * rows >= room:
        raise InputError(
            f"column {name!r}: expected sums below {room:.0e}, found {rows:,} rows of up to {largest:.1e}; check "
            "those rows, or add up fewer."
        )


def span_start(every: str, tz: str) -> pl.Expr:
    """Return the instant at which the span of a time in UTC begins; polars' truncate alone misses some by an hour."""
    time = pl.col("time")
    if every == "1m" or (every == "1h" and whole_hours(tz)):
        return time.dt.truncate(every).dt.convert_time_zone(tz)
    start = time.dt.convert_time_zone(tz).dt.truncate(every)
    if every == "1h":  # what is left of an hour that clocks skip into begins where they arrive
        return pl.min_horizontal(start, time.dt.truncate("15m").dt.convert_time_zone(tz))
    # Where clocks go back over midnight a day has two; it begins with the first.
    return start.dt.replace_time_zone(None).dt.replace_time_zone(tz, ambiguous="earliest")


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


def _parts(
    rows: Any, keys: list[str], *, measures: tuple[str, ...], every: str | None, where: Filter, tz: str
) -> pl.DataFrame:
    """Add up per key and, where a span is asked, per the longest span of UTC that all spans of `tz` are made of."""
    lib, frame = _lazy(rows, [*keys, *where.names(), "time"], measures)
    if where != Filter():
        frame = frame.filter(where.to_expr(lib))
    if measures != MEASURES:
        frame = frame.filter(~lib.col(measures[0]).is_null())
    if every is not None:
        step = _step(every, tz, frame)
        frame = frame.with_columns(lib.col("time").dt.truncate(step))
        keys = ["time", *keys]
    sums = [lib.col(name).sum() for name in measures]
    known = [lib.col(name).count().alias(f"{name}_known") for name in measures]
    largest = [lib.col(name).abs().max().alias(f"{name}_largest") for name in measures]
    summed = frame.group_by(keys).agg(*sums, *known, *largest, lib.len().alias("rows"))
    made: pl.DataFrame = summed.collect(engine="streaming") if lib is pl else summed.collect("polars").to_native()
    for name in measures:
        _check_room(name, made[f"{name}_largest"].max(), int(made["rows"].sum()))
    return made.select(
        *([pl.col("time").cast(schema.TIME)] if every is not None else []),
        *(pl.col(name).cast(pl.String).fill_null(schema.NONE) for name in keys if name != "time"),
        *(pl.when(pl.col(f"{n}_known") == pl.col("rows")).then(pl.col(n).cast(schema.COLUMNS[n])) for n in measures),
        pl.col("rows").cast(pl.Int64),
    )


def _lazy(rows: Any, labels: list[str], measures: tuple[str, ...]) -> tuple[Any, Any]:
    """Return the library whose expressions `rows` take, polars or narwhals, and `rows` as a lazy frame of it.

    Eager frames of other libraries become polars.
    """
    lib: Any = pl
    if not isinstance(rows, pl.DataFrame | pl.LazyFrame):
        import narwhals as lib  # only here, since it takes half as long to load as polars

    try:
        frame = rows.lazy() if lib is pl else lib.from_native(rows)
        missing = {*labels, *measures} - set(frame.collect_schema().names())
    except TypeError:
        found = type(rows).__name__
        raise ArgumentError(f"expected a polars, pandas, pyarrow or lazy frame, found {found}; pass rows.") from None
    if missing:
        raise InputError(f"expected a column {min(missing)!r}, found none; pass canonical rows, as ut.read makes them.")
    if isinstance(frame, lib.LazyFrame):
        _check_types(frame.collect_schema(), measures)
        return lib, frame
    eager = frame.select(*dict.fromkeys([*labels, *measures])).to_polars()
    # A library without decimals has some type or other for a column of unknowns.
    _check_types(eager.schema, tuple(name for name in measures if eager[name].null_count() < eager.height))
    return pl, eager.lazy().with_columns(pl.col(n).cast(schema.COLUMNS[n]) for n in ("time", *measures))


def _check_types(dtypes: Any, measures: tuple[str, ...]) -> None:
    if not getattr(dtypes["time"], "time_zone", None):
        raise InputError(f"column 'time': expected instants with a time zone, found {dtypes['time']}; add the zone.")
    if wrong := [name for name in measures if not _may_be_exact(dtypes[name])]:
        raise InputError(
            f"column {wrong[0]!r}: expected exact decimals, found {dtypes[wrong[0]]}; keep money and quantities as "
            "decimals."
        )


def _may_be_exact(dtype: Any) -> bool:
    return bool(dtype.is_decimal() or dtype.is_integer() or dtype == pl.Null)


def _step(every: str, tz: str, frame: Any) -> str:
    if every == "1m":
        return "1m"
    if frame.collect_schema()["time"].time_zone == "UTC":  # else hours and days are cut in that zone, as DuckDB does
        if is_utc(tz):
            return {"1w": "1d"}.get(every, every)
        if whole_hours(tz):
            return "1h"
    # Every zone of today is a multiple of 15 minutes from UTC; not all libraries cut those.
    return "15m" if isinstance(frame, pl.LazyFrame) else "1m"


def _too_coarse(every: str | None, tz: str) -> tuple[str, ...]:
    """Return the grains whose buckets can't be cut into these spans."""
    if every == "1m":
        return ("1h", "1d")
    if every is None or (is_utc(tz) and every != "1h"):
        return ()
    return ("1d",) if whole_hours(tz) else ("1h", "1d")


def _refuse_coarse(parts: pl.DataFrame, too_coarse: tuple[str, ...], every: str | None, tz: str) -> None:
    coarse = parts.filter(pl.col("grain").is_in(too_coarse))
    if coarse.height:
        fine = tuple(grain for grain in schema.GRAINS if grain not in too_coarse)
        found = f"{coarse['rows'].sum():,} rows that only resolve {' or '.join(coarse['grain'].unique().sort())}"
        raise InputError(
            f"expected rows that can be cut into {every} spans of {tz}, found {found}; leave them out with "
            f"Filter(grain={fine!r}), or ask for days in UTC."
        )
