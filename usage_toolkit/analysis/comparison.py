"""What each label has in a period, what it had in the one before, and the difference."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit.cube import Measure, expect_labels, totals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_toolkit.filters import Filter


def compared(
    rows: Any, *, by: str | Iterable[str], now: Filter, before: Filter | None, measure: Measure = "amount"
) -> pl.DataFrame:
    """Put the totals of two periods side by side.

    Parameters
    ----------
    rows
        Canonical rows, of any library that `usage_toolkit.cube` takes.
    by
        The labels to group by.
    now, before
        The two periods, the earlier one None where nothing is known of it.
    measure
        What to add up.

    Returns
    -------
    polars.DataFrame
        The labels, ``basis`` and ``currency`` (or ``unit``), then ``now``, ``before`` and ``change``. What a period
        has no row of is 0 there; what is not known is null, and so is its change. The largest first, per basis and
        currency.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> months = [ut.Filter.month(month, currency="USD") for month in ("2026-10", "2026-09")]
    >>> made = compared(ut.sample(), by="provider", now=months[0], before=months[1])
    >>> made.select("provider", pl.col("now") - pl.col("before") == pl.col("change")).rows()
    [('anthropic', True), ('venice', True)]
    """
    labels = expect_labels(by)
    apart = ["basis", "currency" if measure == "amount" else "unit"]
    keys = list(dict.fromkeys([*labels, *apart]))
    there = totals(rows, by=labels, where=now, measure=measure).select(*keys, pl.col(measure).alias("now"))
    if before is None:
        made = there.with_columns(before=pl.lit(None, there.schema["now"]))
    else:
        then = totals(rows, by=labels, where=before, measure=measure).select(*keys, pl.col(measure).alias("before"))
        marked = [part.with_columns(pl.lit(value=True).alias(f"in_{part.columns[-1]}")) for part in (there, then)]
        joined = marked[0].join(marked[1], on=keys, how="full", coalesce=True)
        none = pl.lit(Decimal(), there.schema["now"])
        absent = {name: pl.col(f"in_{name}").is_null() for name in ("now", "before")}
        made = joined.select(
            *keys, *(pl.when(no).then(none).otherwise(name).alias(name) for name, no in absent.items())
        )
    order = [*apart, "now", *keys]
    return made.with_columns(change=pl.col("now") - pl.col("before")).sort(
        order, descending=[name == "now" for name in order], nulls_last=True
    )
