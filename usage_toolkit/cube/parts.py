"""Rows of any frame library added up once, by its own engine, into a small polars frame that `cube` adds up further.

What is asked of the other library is what all of them do alike: filters, hours of UTC, sums of decimals.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from usage_toolkit import schema
from usage_toolkit.cube.spans import step_of
from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.filters import Filter

MEASURES = ("quantity", "amount", "amount_usd")
_QUARTER = "15m"


def parts_of(
    rows: Any, keys: list[str], *, measures: tuple[str, ...], every: str | None, where: Filter, tz: str
) -> pl.DataFrame:
    """Add up per key and, where a span is asked, per the longest span of UTC that all spans of `tz` are made of."""
    lib, frame = _lazy(rows, [*keys, *where.names(), "time"], measures)
    if where != Filter():
        frame = frame.filter(where.to_expr(lib))
    if measures != MEASURES:
        frame = frame.filter(~lib.col(measures[0]).is_null())
    if every is not None:
        there = _zone(frame)
        step = step_of(every, tz, cut_in=there)
        time = lib.col("time")
        keys = ["time", *keys]
        if step != _QUARTER or lib is pl:
            frame = frame.with_columns(time.dt.truncate(step))
        elif there == "UTC":  # most libraries cut no quarters of an hour
            frame = frame.with_columns(time.dt.truncate("1h"), (time.dt.minute() // 15).alias(_QUARTER))
            keys = [_QUARTER, *keys]
        else:
            frame = frame.with_columns(time.dt.truncate("1m"))
    sums = [lib.col(name).sum() for name in measures]
    known = [lib.col(name).count().alias(f"{name}_known") for name in measures]
    largest = [lib.col(name).abs().max().alias(f"{name}_largest") for name in measures]
    summed = frame.group_by(keys).agg(*sums, *known, *largest, lib.len().alias("rows"))
    made: pl.DataFrame = summed.collect(engine="streaming") if lib is pl else summed.collect("polars").to_native()
    if _QUARTER in keys:
        made = made.with_columns(pl.col("time").cast(schema.TIME) + pl.duration(minutes=15 * pl.col(_QUARTER)))
        keys.remove(_QUARTER)
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


def _zone(frame: Any) -> str | None:
    """Return the zone in which the library of `frame` cuts hours and days: that of the column, or of the session."""
    session = None if isinstance(frame, pl.LazyFrame) else getattr(frame.to_native(), "sparkSession", None)
    if session is not None:  # asked anew, since narwhals remembers what it once was
        return str(session.conf.get("spark.sql.session.timeZone"))
    found: str | None = frame.collect_schema()["time"].time_zone
    return found


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


def _check_room(name: str, largest: Any, rows: int) -> None:
    """Refuse sums that might not fit, now or grouped further: polars may wrap around to a negative number instead."""
    room = Decimal(10) ** (38 - (schema.QUANTITY if name == "quantity" else schema.MONEY).scale)
    if largest is not None and largest * rows >= room:
        raise InputError(
            f"column {name!r}: expected sums below {room:.0e}, found {rows:,} rows of up to {largest:.1e}; check "
            "those rows, or add up fewer."
        )
