"""What is made from cubes for those who choose: the options of a label, and its largest values.

Adding up is for `cube`, drawing a control for `panel`.
"""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit.cube import APART, MEASURES, add_up, cube, expect_cube, expect_labels
from usage_toolkit.errors import ArgumentError
from usage_toolkit.filters import Filter, expect_filter
from usage_toolkit.schema import OTHER

if TYPE_CHECKING:
    from collections.abc import Iterable

SELECTORS = ("provider", "workspace", "model", "api_key", "user", "meter", "currency")


def options(
    rows: Any,
    *,
    where: Filter = Filter(),  # noqa: B008 (a Filter is frozen)
    of: str | Iterable[str] = SELECTORS,
) -> dict[str, dict[str, int]]:
    """Return what a selector can offer: the values that exist of each label, with their number of rows.

    Each label is narrowed by the rest of `where`, never by itself, so that a choice can be changed.

    Parameters
    ----------
    rows
        Canonical rows, of any library that `ut.cube` takes.
    where
        What is chosen already.
    of
        The labels to offer.

    Returns
    -------
    dict
        For each label its values in the order of the alphabet, each with its number of rows, which is never 0.

    Raises
    ------
    ArgumentError
        For an unknown label, or what is no frame or no filter.
    InputError
        If the rows are not canonical.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> list(ut.options(ut.sample(), where=ut.Filter(provider="venice"))["provider"])
    ['anthropic', 'venice']
    """
    expect_filter(where)
    offers = {}
    for label in expect_labels(of):
        others = where.replace(**{label: ()}) if label in where.names() else where
        counts = cube(rows, by=label, every=None, where=others)
        counts = counts.group_by(label).agg(pl.col("rows").sum()).sort(pl.col(label).str.to_lowercase(), label)
        offers[label] = dict(counts.select(label, "rows").iter_rows())
    return offers


def top(cube: pl.DataFrame, label: str, n: int, *, measure: str = "amount") -> pl.DataFrame:
    """Keep the `n` largest values of `label` and fold all others into ``"(other)"``; no total changes.

    Values are ranked by their largest share in any one currency (or unit), since currencies can't be added.

    Parameters
    ----------
    cube
        What `ut.cube` or `ut.totals` returns.
    label
        The label to shorten.
    n
        How many of its values to keep; 0 folds all.
    measure
        What makes a value large: ``"amount"``, ``"amount_usd"`` or ``"quantity"``. A credit is as large as a charge.

    Returns
    -------
    polars.DataFrame
        The same cube with fewer rows, sorted.

    Raises
    ------
    ArgumentError
        If this is no frame, `n` is no number of values, or the cube has no such measure or label, or one whose values
        must not be added: basis, unit, currency.
    InputError
        If the frame is no cube.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> top(ut.totals(ut.sample(), by="model"), "model", 2, measure="quantity")["model"].n_unique()
    3
    """
    measures = [name for name in MEASURES if not isinstance(cube, pl.DataFrame) or name in cube.columns]
    if measure not in measures:
        raise ArgumentError(f"top: expected a measure among {', '.join(measures)}, found {measure!r}; use one.")
    apart = "currency" if measure.startswith("amount") else "unit"
    expect_cube(cube, (apart,), measure=measure, call="top")
    keys = [name for name in cube.columns if name not in (*MEASURES, "rows")]
    labels = [name for name in keys if name not in ("time", *APART)]
    if not labels:
        raise ArgumentError("top: expected a cube with a label, found none; name one in by of ut.cube.")
    if label not in labels:
        raise ArgumentError(f"top: expected a label among {', '.join(labels)}, found {label!r}; use one of those.")
    expect_number(n, least=0, call="top")
    return add_up(folded(cube, label, n, measure=measure, apart=(apart,)), keys)


def folded(parts: pl.DataFrame, label: str, n: int, *, measure: str, apart: tuple[str, ...]) -> pl.DataFrame:
    """Call all but the `n` largest values of `label` ``"(other)"``."""
    kept = [value for value in by_size(parts, label, measure=measure, apart=apart) if value != OTHER][:n]
    return parts.with_columns(pl.when(pl.col(label).is_in(kept)).then(label).otherwise(pl.lit(OTHER)).alias(label))


def by_size(parts: pl.DataFrame, label: str, *, measure: str, apart: tuple[str, ...]) -> list[str]:
    """Return the values of `label`, the largest share in any one of what is kept `apart` first."""
    sizes = parts.group_by(label, *apart).agg(pl.col(measure).abs().cast(pl.Float64).sum().alias("size"))
    share = (pl.col("size") / pl.col("size").sum().over(apart)).fill_nan(0)
    largest = sizes.with_columns(share).group_by(label).agg(pl.col("size").max())
    return largest.sort(["size", label], descending=[True, False])[label].to_list()


def expect_number(n: Any, *, least: int, call: str) -> None:
    """Refuse, in the name of `call`, what is no number of values."""
    if not isinstance(n, Integral) or n < least:
        raise ArgumentError(f"{call}: expected n, a whole number of at least {least}, found {n!r}; say how many.")
