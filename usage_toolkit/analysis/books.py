"""Two reports of the same use: `overlaps` sees them, `one_book` keeps one of them or refuses.

What decides is the meter: tokens of a usage report and money of a cost report are two measures, and a ledger and
a log of refused requests have no meter in common. Estimates are no bill, and what is allocated is a bill spread out;
neither is looked at here.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from usage_toolkit.analysis.rows import by_day
from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.schema import COLUMNS, GRAINS, NONE

# For each measure: what a row that reports it has, on what basis, and what it loses where another report is believed.
_MEASURES = {
    "quantity": ("unit", ("billed", "metered"), ("quantity", "unit", "unit_price")),
    "amount": ("currency", ("billed",), ("amount", "currency", "amount_usd", "list_amount")),
}
_PARTED = "openai.usage"  # comes as one source for each kind of use, and these share no use
_CELL = ("provider", "account", "day", "meter")
NEEDED = ("time", "provider", "account", "source", "grain", "meter", "basis", "unit", "currency")


def overlaps(rows: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """List where more than one report says the same: adding them up would count it twice.

    A report is a source at one grain, for example ``anthropic.tokens_csv 1h`` beside ``anthropic.tokens_csv 1d``. Two
    of them overlap where both have quantities, or both billed money, of one meter on one UTC day of an account.

    Parameters
    ----------
    rows
        Canonical polars rows, or a cube by at least provider, account, source, grain and meter.

    Returns
    -------
    polars.DataFrame
        One row for each ``time`` (the UTC day), ``provider``, ``account`` and ``measure`` (``quantity`` or
        ``amount``), with the ``meters`` and the ``reports`` that overlap. Sorted; empty is good.

    Raises
    ------
    ArgumentError
        If this is no polars frame.
    InputError
        If a column is missing.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> ut.overlaps(ut.sample(days=7)).height
    0
    """
    by = ["day", "provider", "account", "measure"]
    lists = [pl.col(name).unique().sort().alias(f"{name}s") for name in ("meter", "report")]
    return _shared(rows, "overlaps").group_by(by).agg(lists).sort(by).rename({"day": "time"})


def one_book(rows: pl.DataFrame | pl.LazyFrame, *, prefer: str | Iterable[str] = ()) -> pl.DataFrame:
    """Keep one report of each measure, meter and day, or refuse to guess which.

    Parameters
    ----------
    rows
        Canonical polars rows of any number of sources.
    prefer
        Sources in the order in which they are believed, such as ``"anthropic.cost"``, or reports, such as
        ``"anthropic.tokens_csv 1h"`` where one source is there at two grains.

    Returns
    -------
    polars.DataFrame
        The rows in their order. Where reports overlap, the others lose what the first in `prefer` reports: a row
        that has both a quantity and money keeps the one that is not reported twice, a row without either goes.

    Raises
    ------
    ArgumentError
        If `prefer` is no text or several, or this is no polars frame.
    InputError
        If reports overlap and `prefer` does not decide, or the rows are not canonical.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> rows = ut.sample(days=7)
    >>> ut.one_book(rows).equals(rows)
    True
    """
    dated = by_day(rows, call="one_book").with_columns(pl.col("meter").cast(pl.String), report=_report())
    shared = _shared(dated, "one_book").with_columns(rank=_rank(prefer))
    cell = ["measure", *_CELL]
    best = pl.col("rank") == pl.col("rank").min().over(cell)
    shared = shared.with_columns(best.fill_null(value=False).alias("best"))
    undecided = shared.filter(pl.col("best").sum().over(cell) != 1)
    if undecided.height:
        raise InputError(_refusal(undecided))
    lost = shared.remove("best")
    for measure, (_, bases, columns) in _MEASURES.items():
        keys = [*_CELL, "report"]
        marks = lost.filter(measure=measure).select(*keys, pl.lit(value=True).alias(f"no {measure}"))
        dated = dated.join(marks, on=keys, how="left", maintain_order="left").with_columns(
            pl.col(f"no {measure}").fill_null(value=False) & pl.col("basis").is_in(bases)
        )
        dated = dated.with_columns(pl.when(~pl.col(f"no {measure}")).then(name).alias(name) for name in columns)
    stripped = pl.any_horizontal(f"no {measure}" for measure in _MEASURES)
    empty = pl.all_horizontal(pl.col(measure).is_null() for measure in _MEASURES)
    return dated.remove(stripped & empty).select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())


def _shared(rows: pl.DataFrame | pl.LazyFrame, call: str) -> pl.DataFrame:
    """Return each cell of a measure that several reports have, with each of them."""
    if not isinstance(rows, pl.DataFrame | pl.LazyFrame):
        found = type(rows).__name__
        raise ArgumentError(f"{call}: expected a polars frame of rows, found {found}; collect or convert it first.")
    frame = rows.lazy()
    dtypes = frame.collect_schema()
    if missing := [name for name in NEEDED if name not in dtypes]:
        raise InputError(f"{call}: expected a column {missing[0]!r}, found none; pass canonical rows.")
    if getattr(dtypes["time"], "time_zone", None) is None:
        raise InputError(f"{call}: expected instants with a time zone, found {dtypes['time']}; add the zone.")
    keys = ["provider", "account", "source", "grain", "meter"]
    has = [
        ((pl.col(word).cast(pl.String).fill_null(NONE) != NONE) & pl.col("basis").cast(pl.String).is_in(bases))
        .any()
        .alias(measure)
        for measure, (word, bases, _) in _MEASURES.items()
    ]
    return (
        frame.group_by(pl.col("time").dt.convert_time_zone("UTC").dt.truncate("1d").alias("day"), *keys)
        .agg(has)
        .with_columns(pl.col(keys).cast(pl.String))
        .with_columns(report=_report())
        .unpivot(list(_MEASURES), index=[*_CELL, "report"], variable_name="measure", value_name="has")
        .filter("has")
        .unique([*_CELL, "report", "measure"])
        .filter(pl.len().over("measure", *_CELL) > 1)
        .collect(engine="streaming")
    )


def _report() -> pl.Expr:
    """Return what a row was reported in: its source, at its grain."""
    source = pl.when(pl.col("source").str.starts_with(f"{_PARTED}.")).then(pl.lit(_PARTED)).otherwise("source")
    return pl.concat_str(source, pl.col("grain").cast(pl.String), separator=" ")


def _rank(prefer: str | Iterable[str]) -> pl.Expr:
    """Return the place of each report in `prefer`, null if it has none."""
    names = [prefer] if isinstance(prefer, str) or not isinstance(prefer, Iterable) else list(prefer)
    if wrong := [name for name in names if not isinstance(name, str)]:
        raise ArgumentError(f"one_book: expected prefer to name sources, found {wrong[0]!r}; write each as text.")
    places = {
        report: place
        for place, name in reversed(list(enumerate(names)))
        for report in (name, *(f"{name} {grain}" for grain in GRAINS))
    }
    return pl.col("report").replace_strict(places, default=None, return_dtype=pl.Int64)


def _refusal(undecided: pl.DataFrame) -> str:
    """Say which reports overlap, and where; of several sets of reports, say the first."""
    by_cell = undecided.group_by("measure", *_CELL).agg(pl.col("report").sort())
    sets = by_cell.group_by("provider", "measure", "report").agg(
        pl.col("day").min().alias("first"), pl.col("day").max().alias("last"), pl.col("day").n_unique(),
        pl.col("meter").unique().sort(),
    ).sort("first", "provider", "measure", "report")  # fmt: skip
    first = sets.row(0, named=True)
    days = f"{first['first']:%Y-%m-%d}" + f" to {first['last']:%Y-%m-%d} ({first['day']} days)" * (first["day"] > 1)
    others = f", and {sets.height - 1} more of the kind" * (sets.height > 1)
    return (
        f"one_book: expected one report of {first['measure']} a day, found {' and '.join(first['report'])} of "
        f"{first['provider']}, which all report {', '.join(first['meter'])} on {days}{others}; name the one to "
        "believe in prefer, or leave the others out with Filter(source=...)."
    )
