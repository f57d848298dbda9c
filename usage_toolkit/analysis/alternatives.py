"""What the same tokens would have cost on another model: a range, with what it assumes beside it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit import schema
from usage_toolkit.analysis.rows import expect_rows
from usage_toolkit.cube import expect_labels
from usage_toolkit.errors import ArgumentError
from usage_toolkit.prices import known, list_prices, priced, product

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_toolkit.prices import Prices

# What a kind of token is charged as where the other model has no price for it: the next of these that has one.
_INSTEAD = {
    "cache_read": ("input",),
    "cache_write_5m": ("cache_write", "input"),
    "cache_write_1h": ("cache_write", "input"),
    "cache_write": ("input",),
}
_MOST = 100


def what_if(
    rows: pl.DataFrame | pl.LazyFrame,
    *,
    model: str,
    provider: str | None = None,
    by: str | Iterable[str] = "model",
    prices: Prices = None,
    tokens: tuple[Any, Any] = ("0.8", "1.25"),
) -> pl.DataFrame:
    """Tell what the tokens of `rows` would have cost on another model, on their days and at their terms.

    Parameters
    ----------
    rows
        Canonical rows in polars. Their tokens count, whatever is billed for them; allocated rows have none.
    model
        The other model, under its name in the prices.
    provider
        Who would bill it; only needed if several do.
    by
        The labels to group by.
    prices
        As for `ut.estimate`: a table, several of which the first that knows a price wins, or None for list prices.
    tokens
        How many tokens the other model makes of what was one token, at least and at most, as text, whole numbers or
        `Decimal`. Tokenizers differ, by language and content too; the default, 0.8 to 1.25, is an assumption and no
        measurement (swapping the models gives the inverse range). Count some of your own prompts on both and pass
        what you find. Tokens that were on `model` already stay as they are.

    Returns
    -------
    polars.DataFrame
        The labels, ``currency``, ``tokens`` as they were counted, ``low`` and ``high``, and ``assumptions`` in words.
        Sorted. Tokens for which the other model has no known price stand in a row of their own with currency
        ``"(none)"`` and no money.

    Raises
    ------
    ArgumentError
        If no price or several providers of the model are known, for an unknown label, a range that is none, rows that
        are not polars, or list prices without genai-prices.
    InputError
        If the rows or the prices can't be right.

    Notes
    -----
    A cache kind that the other model has no price for is charged as its plain input: what would have been read is
    sent again, what would have been written is sent and not kept. That output is as long, and that as much would
    have been cached, are assumptions too.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> rows = ut.sample(days=7).filter(provider="anthropic", api_key="ci-review")
    >>> table = {"provider": "acme", "model": "small-1", "meter": ["input", "output"], "unit_price": ["1", "4"],
    ...          "per": 1_000_000, "currency": "EUR"}
    >>> made = ut.what_if(rows, model="small-1", by="api_key", prices=pl.DataFrame(table), tokens=("0.9", "1.1"))
    >>> made["assumptions"].to_list()
    ['0.9 to 1.1 tokens on small-1 for each token counted; output as long, as much cached']
    >>> made.select((pl.col("low") * 11 == pl.col("high") * 9).alias("in proportion"))["in proportion"].to_list()
    [True]
    """
    labels = [name for name in expect_labels(by) if name != "currency"]
    low, high = _range(tokens)
    counted = pl.col("quantity").is_not_null() & (pl.col("basis") != "allocated")
    is_token = pl.col("meter").is_in(schema.TOKEN_METERS) & (pl.col("unit") == "token")
    used = expect_rows(rows, call="what_if").filter(counted, is_token)
    tables = (list_prices(),) if prices is None else known(prices, rows=used)
    provider = provider or _provider(model, used, tables)
    moved = used.with_columns(model=pl.lit(model), provider=pl.lit(provider))
    found, charged_as = _priced(moved, tuple(table.filter(model=model, provider=provider) for table in tables))
    cost = product(pl.col("quantity"), found["unit_price"], rows=moved)
    stays = (used["model"] == model) & (used["provider"] == provider)
    parts = used.select(
        *(pl.col(name).cast(pl.String).fill_null(schema.NONE) for name in labels),
        found["currency"].fill_null(schema.NONE),
        tokens="quantity",
        low=pl.when(stays).then(cost).otherwise(product(cost, pl.lit(low), rows=used)),
        high=pl.when(stays).then(cost).otherwise(product(cost, pl.lit(high), rows=used)),
        assumption=charged_as,
    )
    return _added_up(parts, labels, f"{low} to {high} tokens on {model} for each token counted")


def _range(tokens: Any) -> tuple[Decimal, Decimal]:
    try:
        low, high = (Decimal(one) for one in tokens if not isinstance(one, float))
        if 0 < low <= high <= _MOST:
            return low, high
    except (TypeError, ValueError, InvalidOperation):
        pass
    raise ArgumentError(
        f"what_if: expected tokens to be two factors such as ('0.8', '1.25'), the lower first, found {tokens!r}; write "
        "them as text."
    )


def _provider(model: str, rows: pl.DataFrame, tables: tuple[pl.DataFrame, ...]) -> str:
    """Return who bills the model: the rows' own provider, if it is one and does, or else the only one that does."""
    found: list[str] = sorted({name for table in tables for name in table.filter(model=model)["provider"]})
    own: list[str] = sorted(set(rows["provider"]))
    if len(own) == 1 and own[0] in found:
        return own[0]
    if len(found) != 1:
        said = (
            f"several: {', '.join(found)}; pass provider= one of those" if found else "none; pass prices that have one"
        )
        raise ArgumentError(f"what_if: expected one provider with prices of {model!r}, found {said}.")
    return found[0]


def _priced(moved: pl.DataFrame, tables: tuple[pl.DataFrame, ...]) -> tuple[pl.DataFrame, pl.Series]:
    """Return the price of each row, and in words where it is that of another kind of token."""
    found = priced(moved, tables)
    words = pl.Series("words", [None] * moved.height, dtype=pl.String)
    for meter, others in _INSTEAD.items():
        for other in others:
            missing = found["unit_price"].is_null() & (moved["meter"] == meter)
            if not missing.any():
                break
            instead = priced(moved.with_columns(meter=pl.lit(other, schema.COLUMNS["meter"])), tables)
            taken = missing & instead["unit_price"].is_not_null()
            found = found.with_columns(
                pl.when(taken).then(instead[name]).otherwise(pl.col(name)).alias(name) for name in found.columns
            )
            words = words.set(taken, f"{meter} charged as {other}")
    return found, words


def _added_up(parts: pl.DataFrame, labels: list[str], factors: str) -> pl.DataFrame:
    made = parts.group_by(*labels, "currency").agg(
        pl.col("tokens", "low", "high").sum(), pl.col("assumption").unique().sort().drop_nulls()
    )
    is_known = pl.col("currency") != schema.NONE
    words = pl.concat_list(pl.lit(factors), pl.lit("output as long, as much cached"))
    return made.sort(*labels, "currency").select(
        *labels,
        "currency",
        "tokens",
        pl.when(is_known).then("low").alias("low"),
        pl.when(is_known).then("high").alias("high"),
        pl.when(is_known)
        .then(pl.concat_list(words, "assumption").list.join("; "))
        .otherwise(pl.lit("no price is known for these tokens"))
        .alias("assumptions"),
    )
