"""Peaks: the highest use of any one minute, beside what a provider allows in a minute where that is known.

Only rows that tell minutes apart are asked. Which requests were turned away at a limit is not known here: that is
meter ``rate_limited``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit import schema
from usage_toolkit.cube import EVERY, cube, span_start
from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.filters import Filter, expect_filter
from usage_toolkit.times import zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

UNIT = {"input": "token", "output": "token", "request": "request"}
"""What is limited by the minute, and what it counts."""

FINE = ("event", "1m")
"""The grains of rows that tell minutes apart."""

_COUNTED = ("billed", "metered")
_WHOSE = ("provider", "model", "meter")


def peaks(
    rows: Any,
    *,
    every: str = "1h",
    where: Filter = Filter(),  # noqa: B008 (frozen)
    tz: str | ZoneInfo = "UTC",
    limits: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Find the minute of each span in which a model was used most.

    Parameters
    ----------
    rows
        Canonical rows, of any library that `usage_toolkit.cube` takes. Those that resolve no minutes are left out.
    every
        The span: ``1m``, ``1h``, ``1d``, ``1w`` or ``1mo``.
    where
        Which rows to take: peaks are of what is left, for example of one API key.
    tz
        The time zone in which spans begin.
    limits
        What is allowed: columns ``provider``, ``model``, ``meter`` (input, output or request) and ``per_minute``.

    Returns
    -------
    polars.DataFrame
        ``time`` (start of the span, in `tz`), ``provider``, ``model``, ``meter`` (input, which is uncached input;
        output; request), ``quantity`` (the most of it in one minute), ``minute`` (the first such minute) and
        ``limit`` (null where it is not known). Sorted. A peak is null if one of its minutes has an unknown quantity.

    Raises
    ------
    ArgumentError
        For an unknown span or time zone, or what is no frame or no filter.
    InputError
        If the rows are not canonical, or the limits not as above.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> found = ut.peaks(ut.sample(days=7), every="1d", where=ut.Filter(model="zai-org-glm-5-1", meter="output"))
    >>> found.select("time", "quantity").height
    7
    """
    expect_filter(where)
    if every not in EVERY:
        raise ArgumentError(f"expected every to be one of {', '.join(EVERY)}, found {every!r}; use one.")
    tz, known = zone(tz).key, expect_limits(limits)
    minutes = _minutes(rows, where).with_columns(
        span_start(every, tz).alias("time"), pl.col("time").dt.convert_time_zone(tz).alias("minute")
    )
    # an unknown minute comes first, since it may have been the highest
    highest = minutes.sort("quantity", "minute", descending=[True, False], nulls_last=False)
    found = highest.group_by("time", *_WHOSE, maintain_order=True).first()
    return (
        found.with_columns(pl.when(pl.col("quantity").is_not_null()).then("minute").alias("minute"))
        .join(known, on=_WHOSE, how="left")
        .select("time", *_WHOSE, "quantity", "minute", "limit")
        .sort("time", *_WHOSE)
    )


def expect_limits(limits: Any) -> pl.DataFrame:
    """Return limits as ``provider``, ``model``, ``meter`` and exact ``limit``, none for None; refuse what is none."""
    schema_of = {name: pl.String() for name in _WHOSE} | {"limit": schema.QUANTITY}
    if limits is None:
        return pl.DataFrame(schema=schema_of)
    if not isinstance(limits, pl.DataFrame):
        raise ArgumentError(f"expected limits to be a polars frame, found {type(limits).__name__}; pass one or None.")
    for name in (*_WHOSE, "per_minute"):
        if name not in limits.columns:
            raise InputError(
                f"limits: expected columns {', '.join(_WHOSE)} and per_minute, found no {name!r}; add that column."
            )
    dtype = limits.schema["per_minute"]
    if not (dtype.is_decimal() or dtype.is_integer() or limits.is_empty()):
        raise InputError(f"limits: expected whole numbers or decimals in 'per_minute', found {dtype}; cast it.")
    made = limits.select(
        *(pl.col(name).cast(pl.String) for name in _WHOSE), pl.col("per_minute").cast(schema.QUANTITY).alias("limit")
    )
    if (odd := made.filter(~pl.col("meter").is_in(list(UNIT), nulls_equal=True))).height:
        found = odd["meter"][0]
        raise InputError(f"limits: expected meters among {', '.join(UNIT)}, found {found!r}; leave that row out.")
    if (odd := made.filter((pl.col("limit") > 0).fill_null(value=False).not_())).height:
        found = odd["limit"][0]
        raise InputError(f"limits: expected 'per_minute' above 0, found {found}; leave out what is not known.")
    if (odd := made.filter(pl.struct(_WHOSE).is_duplicated())).height:
        found = ", ".join(str(value)[:40] for value in odd.row(0)[:3])
        raise InputError(f"limits: expected one row for each model and meter, found two for {found}; keep one.")
    return made


def _minutes(rows: Any, where: Filter) -> pl.DataFrame:
    """Add up what is limited per minute and model; a sum with an unknown part is unknown."""
    grains = [grain for grain in FINE if not where.grain or grain in where.grain]
    meters = [meter for meter in UNIT if not where.meter or meter in where.meter]
    if not (grains and meters):
        columns = {"time": schema.TIME, **dict.fromkeys(_WHOSE, pl.String()), "quantity": schema.QUANTITY}
        return pl.DataFrame(schema=columns)
    parts = cube(rows, by=_WHOSE, every="1m", where=where.replace(grain=grains, meter=meters))
    unit = pl.col("meter").replace_strict(UNIT, return_dtype=pl.String)
    known = pl.when(pl.col("quantity").null_count() == 0).then(pl.col("quantity").sum()).alias("quantity")
    return parts.filter(pl.col("basis").is_in(_COUNTED), pl.col("unit") == unit).group_by("time", *_WHOSE).agg(known)
