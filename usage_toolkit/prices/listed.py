"""The list prices that providers publish, from the data that genai-prices packages: offline, and only when asked for.

genai-prices counts ``input_tokens`` with all that came from or went to a cache; here meters are disjoint, so of that
library only the price of each kind is used, and nothing that adds up.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit.errors import ArgumentError
from usage_toolkit.prices.frame import COLUMNS, KEY
from usage_toolkit.schema import NONE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from genai_prices.types import ModelInfo, Provider

# Meter, the fields that can hold its price (the first that does), units that the price is of as a power of ten, unit.
_METERS = (
    ("input", ("input_mtok",), 6, "token"),
    ("cache_read", ("cache_read_mtok",), 6, "token"),
    ("cache_write_5m", ("cache_write_5m_mtok", "cache_write_mtok"), 6, "token"),
    ("cache_write_1h", ("cache_write_1h_mtok",), 6, "token"),
    ("cache_write", ("cache_write_mtok",), 6, "token"),
    ("output", ("output_mtok",), 6, "token"),
    ("web_search", ("web_searches_kcount",), 3, "request"),
    ("request", ("requests_kcount",), 3, "request"),
)
# What reports call the size of a prompt: more tokens than, and at most.
_WINDOWS = {"0-200k": (0, 200_000), "200k-1M": (200_000, 1_000_000)}

Line = tuple[str, str, str, str, str, str, str, str, "Decimal", str, datetime | None, datetime | None, str]


def list_prices(rows: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return what providers list as prices, in USD, as far as the installed genai-prices knows them; no network.

    A tier, region or speed without a price of its own is not there; neither is a model whose price depends on the
    hour of the day. Prices that depend on the size of the prompt are there for the sizes that rows can say
    (``0-200k``, ``200k-1M``). Tokens are priced as text.

    Parameters
    ----------
    rows
        Canonical rows: only their models, under the names that the rows have (``claude-opus-4-5-20251101``).
        None gives all models under the names of the list.

    Returns
    -------
    polars.DataFrame
        A table of prices, as `read_prices` returns, sorted; ``source`` names the version of the list.

    Raises
    ------
    ArgumentError
        If genai-prices is not installed.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> haiku = ut.list_prices().filter(provider="anthropic", model="claude-haiku-4-5", service_tier="(none)")
    >>> haiku.filter(pl.col("meter").is_in(["input", "cache_read"])).select("meter", "unit_price").rows()
    [('input', Decimal('0.000001000000000000')), ('cache_read', Decimal('1.00000000000E-7'))]
    """
    if rows is None:
        return _table(None)
    named = rows.select("provider", "model").unique().drop_nulls()
    return _table(tuple(sorted(named.iter_rows())))


@cache
def _table(names: tuple[tuple[str, str], ...] | None) -> pl.DataFrame:
    """Return the prices of models by provider and name, or of all."""
    providers, source = _packaged()
    if names is None:
        found = [(who.id, model.id, model) for who in providers for model in who.models]
    else:
        by_id = {who.id: who for who in providers}
        named = [(who, name, by_id[who].find_model(name)) for who, name in names if who in by_id]
        found = [(who, name, model) for who, name, model in named if model is not None]
    lines = [line for who, name, model in found for line in _lines(who, name, model, source)]
    return _joined(pl.DataFrame(lines, schema=COLUMNS, orient="row"))


def _joined(prices: pl.DataFrame) -> pl.DataFrame:
    """Make one price of those that follow each other unchanged: what changed on that day was another price."""
    what = [*KEY, "unit_price", "currency", "source"]
    prices = prices.sort(*KEY, "valid_from", nulls_last=False)
    goes_on = pl.struct(what).eq(pl.struct(what).shift(1)) & pl.col("valid_from").eq(pl.col("valid_to").shift(1))
    runs = prices.with_columns(run=(~goes_on.fill_null(value=False)).cum_sum())
    made = runs.group_by("run", maintain_order=True).agg(pl.first(*what, "valid_from"), pl.last("valid_to"))
    return made.select(*COLUMNS)


def _packaged() -> tuple[list[Provider], str]:
    try:
        import genai_prices
        from genai_prices.data import providers
    except ImportError:
        raise ArgumentError(
            "list_prices: expected the package genai-prices, found none; install it with "
            "`pip install 'usage-toolkit[prices]'`, or pass prices of your own."
        ) from None
    return providers, f"genai-prices {genai_prices.__version__}"


def _lines(provider: str, name: str, model: ModelInfo, source: str) -> Iterator[Line]:
    changes = _changes(model)
    if changes is None:
        return
    for start, stop in zip(changes, [*changes[1:], None], strict=True):
        begin, end = (None if day is None else datetime.combine(day, time(), UTC) for day in (start, stop))
        for tier, speed, when in _terms(model, start or date.min):
            prices = vars(model.get_prices(begin or datetime.min.replace(tzinfo=UTC), when))
            for meter, fields, power, unit in _METERS:
                price = next((prices[field] for field in fields if prices.get(field) is not None), None)
                for window, one in _by_window(price).items():
                    terms = (tier, window, NONE, speed)
                    yield (provider, name, meter, *terms, unit, one.scaleb(-power), "USD", begin, end, source)


def _changes(model: ModelInfo) -> list[date | None] | None:
    """Return the days on which a price of the model changes, None as the first; nothing where an hour decides."""
    rules: list[Any] = [rule.constraint for rule in model.price_variants or []]
    rules += [rule.constraint for rule in model.prices] if isinstance(model.prices, list) else []
    rules = [rule for rule in rules if rule is not None]
    return [None, *sorted({rule.start_date for rule in rules})] if all(map(_is_dated, rules)) else None


def _is_dated(rule: Any) -> bool:
    return hasattr(rule, "start_date")


def _terms(model: ModelInfo, day: date) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the tiers and speeds that have prices on a day, and what genai-prices calls them."""
    seen = {(NONE, NONE)}
    yield NONE, NONE, {}
    for variant in model.price_variants or []:
        started = getattr(variant.constraint, "start_date", date.min) <= day
        match list(variant.when.items()):
            case [("processing" | "service_tier", tier)] if tier != "default":
                terms = (tier, NONE)
            case [("speed", speed)]:
                terms = (NONE, speed)
            case _:
                continue
        if started and terms not in seen:
            seen.add(terms)
            yield *terms, variant.when


def _by_window(price: Any) -> dict[str, Decimal]:
    """Return the price for each size of prompt that fixes it; ``(none)`` is any."""
    if price is None:
        return {}
    if not hasattr(price, "tiers"):
        return {NONE: price}
    steps = [(0, price.base), *((tier.start, tier.price) for tier in price.tiers)]
    return {
        window: [one for start, one in steps if start <= least][-1]
        for window, (least, most) in _WINDOWS.items()
        if not any(least < start < most for start, _ in steps)
    }
