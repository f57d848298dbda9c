"""Exact division of money: parts in proportion to quantities that add up to the whole, to the last digit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from usage_toolkit.errors import InputError
from usage_toolkit.schema import MONEY, QUANTITY

_DIGITS = 9
_BASE = 10**_DIGITS
_ROOM = Decimal(2**127 // (2 * _BASE)).scaleb(-QUANTITY.scale)


def shares(parts: pl.DataFrame, measure: str) -> pl.Series:
    """Split the `measure` of each ``bill`` over its `parts` in proportion to their ``quantity``.

    Each part is rounded towards zero at the last of the 18 decimals that money keeps, and what is then missing is
    given, one unit each, to the parts that lost most by it; among equals to the first.

    Parameters
    ----------
    parts
        One row a part, sorted by ``bill``: ``quantity``, above 0, and the `measure` of its whole bill, which may be
        negative or unknown.
    measure
        What to split, of dtype ``MONEY``.

    Returns
    -------
    polars.Series
        The part of each row. Its sign is that of the bill, or it is 0.

    Raises
    ------
    InputError
        If the quantities behind one bill are too large to divide by.
    """
    if parts[measure].null_count() == parts.height:
        return parts[measure]
    whole, quantity, total = pl.col("whole"), pl.col("quantity"), pl.col("total")
    made = parts.select(
        "bill",
        whole=pl.col(measure).abs().to_physical(),
        quantity=pl.col("quantity").to_physical(),
        place=pl.int_range(pl.len()),
    ).with_columns(total=quantity.sum().over("bill"))
    largest = _quantity(made["total"].max())
    if largest >= _ROOM:
        raise InputError(
            f"column 'quantity': expected less than {_ROOM:.0e} behind the money of a day, found {largest:.1e}; check "
            "those rows."
        )
    # Long division: whole * quantity needs more than 128 bits, one limb of it times the quantity does not.
    made = made.with_columns(share=_int(0), rest=_int(0))
    most: Any = made["whole"].max()
    for limb in reversed(range(-(-len(str(most)) // _DIGITS))):
        digits = whole // _int(_BASE**limb) % _int(_BASE)
        made = made.with_columns(left=pl.col("rest") * _int(_BASE) + digits * quantity)
        made = made.with_columns(
            share=pl.col("share") * _int(_BASE) + pl.col("left") // total, rest=pl.col("left") % total
        )
    made = (
        made.sort("bill", "rest", "place", descending=[False, True, False])
        .with_columns(missing=whole - pl.col("share").sum().over("bill"), rank=pl.int_range(pl.len()).over("bill"))
        .with_columns(share=pl.col("share") + (pl.col("rank") < pl.col("missing")).cast(pl.Int128))
        .sort("place")
    )
    share = made["share"].cast(pl.Decimal(38, 0)).to_frame("share")
    unit = pl.lit(Decimal(1).scaleb(-MONEY.scale), MONEY)
    sign = pl.when(parts[measure] < 0).then(-unit).otherwise(unit)
    return share.select((pl.col("share") * sign).cast(MONEY).alias(measure)).to_series()


def _int(value: int) -> pl.Expr:
    return pl.lit(value, pl.Int128)


def _quantity(units: Any) -> Decimal:
    return Decimal(units or 0).scaleb(-QUANTITY.scale)
