"""What metered quantities would cost at known prices: estimates that stand beside the bill, never in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import schema
from usage_toolkit.analysis.rows import expect_rows
from usage_toolkit.cube import totals
from usage_toolkit.errors import notify
from usage_toolkit.prices import TERMS, known, priced, product

if TYPE_CHECKING:
    from usage_toolkit.prices import Prices

SOURCE = "estimate"
# Counts that are charged only where a price list says so; a refused request is never charged.
_COUNTS = ("request", "rate_limited")
_SAID = 3


def estimate(rows: pl.DataFrame | pl.LazyFrame, *, prices: Prices = None) -> pl.DataFrame:
    """Estimate the money of quantities that have none beside them, each at the price of its day.

    Parameters
    ----------
    rows
        Canonical rows in polars. Those with an amount are left alone, allocated ones too, and so are counts that
        nobody charges.
    prices
        A table of prices (`ut.read_prices`, or any frame with its columns), or several, of which the first that knows
        a price wins: ``[contract, ut.list_prices(rows)]``. None means list prices.

    Returns
    -------
    polars.DataFrame
        Canonical rows of basis ``estimated``, one for each quantity with a known price, in the order of `rows`: money
        only, so that no quantity counts twice when they are put beside `rows`. ``amount`` is quantity times
        ``unit_price``, exact, in the currency of the price; ``notes`` says where the price is from. What has no known
        price has no row here: `unpriced` lists it.

    Raises
    ------
    ArgumentError
        If the rows are not polars, or list prices are asked for and genai-prices is not installed.
    InputError
        If the rows or the prices can't be right.

    Warns
    -----
    UsageToolkitWarning
        When some quantity has no known price: how much, and of which models.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> rows = ut.sample(days=7).filter(model="claude-haiku-4-5", meter="output", provider="anthropic", basis="metered")
    >>> haiku = {"provider": "anthropic", "model": "claude-haiku-4-5", "meter": ["output"], "currency": "USD",
    ...          "unit_price": ["5"], "per": 1_000_000}
    >>> beside = ut.estimate(rows, prices=pl.DataFrame(haiku))
    >>> beside["amount"].sum() == rows["quantity"].sum() * 5 / 1_000_000
    True
    >>> ut.totals(pl.concat([rows, beside]), by="model").select("basis", "currency", "rows").rows()
    [('estimated', 'USD', 365), ('metered', '(none)', 365)]
    """
    asked, found = _asked(expect_rows(rows, call="estimate"), prices)
    is_known = found["unit_price"].is_not_null()
    _tell(asked.filter(~is_known))
    asked, found = asked.filter(is_known), found.filter(is_known)
    amount = product(pl.col("quantity"), found["unit_price"], rows=asked)
    in_usd = pl.when(pl.col("currency") == "USD").then(pl.col("amount"))
    made = asked.with_columns(
        basis=pl.lit("estimated"), source=pl.lit(SOURCE), quantity=None, unit=None, latency_ms=None, amount=amount,
        currency=found["currency"], list_amount=None, unit_price=found["unit_price"], notes=found["source"],
    ).with_columns(amount_usd=in_usd)  # fmt: skip
    return schema.conform(made)


def unpriced(rows: pl.DataFrame | pl.LazyFrame, *, prices: Prices = None) -> pl.DataFrame:
    """List the quantities that `estimate` leaves out, since no price is known for them on their day.

    Parameters
    ----------
    rows, prices
        As for `estimate`.

    Returns
    -------
    polars.DataFrame
        ``provider``, ``model``, the terms, ``meter``, ``basis``, ``unit``, ``quantity`` and ``rows``, sorted; empty if
        every quantity has a price.

    Raises
    ------
    ArgumentError
        If the rows are not polars, or list prices are asked for and genai-prices is not installed.
    InputError
        If the rows or the prices can't be right.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> rows = ut.sample(days=7).filter(model="claude-haiku-4-5", meter="output", basis="metered")
    >>> ut.unpriced(rows, prices=ut.list_prices(rows)).height
    0
    """
    asked, found = _asked(expect_rows(rows, call="unpriced"), prices)
    return _left_out(asked.filter(found["unit_price"].is_null()))


def _asked(rows: pl.DataFrame, prices: Prices) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows that want an estimate, and what is known of the price of each."""
    alone = pl.col("quantity").is_not_null() & pl.col("amount").is_null() & (pl.col("basis") != "allocated")
    asked = rows.filter(alone)
    found = priced(asked, known(prices, rows=asked))
    wanted = ~asked["meter"].is_in(_COUNTS) | found["unit_price"].is_not_null()
    return asked.filter(wanted), found.filter(wanted)


def _left_out(rows: pl.DataFrame) -> pl.DataFrame:
    made = totals(rows, by=("provider", "model", *TERMS, "meter"), measure="quantity")
    return made.select("provider", "model", *TERMS, "meter", "basis", "unit", "quantity", "rows")


def _tell(rows: pl.DataFrame) -> None:
    if rows.height:
        sums = totals(rows, by="unit", measure="quantity").group_by("unit").agg(pl.col("quantity").sum()).sort("unit")
        much = " and ".join(f"{quantity.normalize():,f} {unit}s" for unit, quantity in sums.iter_rows())
        models = rows["model"].unique().sort().to_list()
        names = ", ".join(models[:_SAID]) + (f" and {len(models) - _SAID} more" if len(models) > _SAID else "")
        notify(f"estimate: no price is known for {much} of {names}; they have no estimate: see ut.unpriced.")
