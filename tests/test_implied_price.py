"""The price of a unit is what the bill says divided by what was used; changes of it and gaps in the bill are seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings

import usage_toolkit as ut
from usage_toolkit.sample.anthropic import price
from usage_toolkit.sample.rhythm import PICO
from zoo import any_frames, canonical

DAY = datetime(2026, 10, 1, tzinfo=UTC)
EXACT = Context(prec=200)
TERMS = ("service_tier", "context_window", "region", "speed")


def bill(amount: str, day: int = 0, **rest: Any) -> dict[str, Any]:
    """Words for the bill of one day."""
    known = {"time": DAY + timedelta(days=day), "grain": "1d", "provider": "anthropic", "source": "anthropic.cost"}
    return known | {"amount": amount, "currency": "USD", "model": "m"} | rest


def use(quantity: str, day: int = 0, **rest: Any) -> dict[str, Any]:
    """Words for tokens in an hour of one day."""
    known = {"time": DAY + timedelta(days=day, hours=5), "grain": "1h", "provider": "anthropic", "basis": "metered"}
    return known | {"source": "anthropic.usage", "quantity": quantity, "unit": "token", "model": "m"} | rest


def test_prices_of_the_sample_are_those_it_was_made_with() -> None:
    """Each token of the sample's bill costs its list price, to the last digit, and nothing is left uncharged."""
    rows = ut.sample(days=20).filter(provider="anthropic")
    prices = ut.implied_price(rows)
    tokens = prices.filter(unit="token")
    assert tokens.height > 400
    for row in tokens.iter_rows(named=True):
        assert row["price"] * PICO == price(row["model"], row["meter"], **{name: row[name] for name in TERMS})
    assert set(prices.filter(meter="web_search")["price"]) == {Decimal("0.01")}
    assert set(prices.filter(pl.col("price").is_null())["meter"]) == {"code_execution", "session"}
    assert prices["uncharged"].sum() == 0
    assert not prices["changed"].any()


def test_the_planted_change_is_found() -> None:
    """The one price that changed in the sample is flagged on its day, in each meter, and no other price is."""
    prices = ut.implied_price(ut.sample().filter(provider="venice", currency="USD"))
    changed = prices.filter("changed")
    assert set(changed.select("time", "model").rows()) == {(datetime(2026, 9, 8, tzinfo=UTC), "openai-gpt-56-sol")}
    assert sorted(changed["meter"]) == ["cache_read", "cache_write", "input", "output"]
    assert (changed["before"] == 2 * changed["price"]).all()


@given(rows=any_frames())
@settings(max_examples=50, deadline=None)
def test_all_money_is_in_it_and_each_price_is_its_quotient(rows: pl.DataFrame) -> None:
    """Amounts add up to what is billed and allocated, and a price is amount / quantity, rounded half-even once."""
    rows = rows.filter(pl.col("quantity").is_null() | (pl.col("quantity").abs() > 1))
    prices = ut.implied_price(rows)
    keys = ["provider", "meter", "basis", "currency", "time"]
    money = rows.filter(pl.col("amount").is_not_null() & pl.col("basis").is_in(["billed", "allocated"]))
    money = money.with_columns(pl.col("time").dt.truncate("1d"), pl.col("meter", "basis").cast(pl.String))
    sums = [
        frame.group_by(keys).agg(pl.col("amount").sum()).sort(keys)
        for frame in (money, prices.filter(pl.col("amount").is_not_null()))
    ]
    assert sums[0].equals(sums[1])
    for quantity, amount, found in prices.select("quantity", "amount", "price").drop_nulls("price").rows():
        wanted = EXACT.divide(amount, quantity).quantize(Decimal("1e-18"), rounding=ROUND_HALF_EVEN, context=EXACT)
        assert found == wanted
    assert ut.implied_price(rows.sample(fraction=1, shuffle=True, seed=1)).equals(prices)


def test_workspaces_and_keys_share_a_price() -> None:
    """What is billed by workspace and metered by key is one price for all of them."""
    rows = canonical(
        [
            bill("3", workspace="a"), bill("5", workspace="b"),
            use("1", workspace="a", api_key="x"), use("2", workspace="a", api_key="y"), use("1", workspace="b"),
        ]
    )  # fmt: skip
    assert ut.implied_price(rows).select("quantity", "amount", "price").rows() == [(4, 8, 2)]


def test_rounding_to_cents_is_no_change() -> None:
    """A price moves by as much as its bill was rounded; only what rounding can't explain is a change."""
    rows = [bill("0.33"), use("1000")]  # of 0.325 to 0.335
    rows += [bill("0.34", 1), use("1000", 1)]
    rows += [bill("0.35", 2), use("1000", 2), bill("0.40", 3), use("1000", 3)]
    assert ut.implied_price(canonical(rows))["changed"].to_list() == [False, False, False, True]
    exact = canonical([*rows, bill("0.3301", 4), use("1000", 4)])
    assert ut.implied_price(exact)["changed"].to_list() == [False, True, True, True, True]


def test_a_price_is_compared_with_the_last_there_was() -> None:
    """A day without a price is skipped, and nothing is compared before the first."""
    rows = [bill("1"), use("10"), bill("2", 1), bill("2", 5), use("10", 5)]
    prices = ut.implied_price(canonical(rows))
    assert prices.select("price", "before", "changed").rows() == [
        (Decimal("0.1"), None, False), (None, None, False), (Decimal("0.2"), Decimal("0.1"), True),
    ]  # fmt: skip


def test_what_was_not_charged_is_counted() -> None:
    """Use without money is told where there is a bill of its day and of its meter, and nowhere else."""
    rows = [bill("1"), use("10"), use("7", model="refused"), use("3", meter="request", unit="request"), use("5", 1)]
    prices = ut.implied_price(canonical(rows))
    assert prices.select("model", "basis", "currency", "quantity", "price", "uncharged").rows() == [
        ("m", "billed", "USD", 10, Decimal("0.1"), 0), ("refused", "metered", "(none)", None, None, 7),
    ]  # fmt: skip


def test_money_with_its_quantity_needs_no_other_report() -> None:
    """A ledger's own quantities price its money; currencies have a price each."""
    rows = [
        bill("1") | {"quantity": "4", "unit": "token"},
        bill("3", currency="DIEM") | {"quantity": "4", "unit": "token"},
    ]
    assert ut.implied_price(canonical(rows)).select("currency", "price").rows() == [
        ("DIEM", Decimal("0.75")), ("USD", Decimal("0.25")),
    ]  # fmt: skip


def test_before_and_after_spreading_prices_are_the_same() -> None:
    """What is allocated has the price that it was billed at."""
    rows = ut.sample(days=5).filter(provider="anthropic")
    labels = ["time", "model", "meter", *TERMS]
    before, after = (
        ut.implied_price(frame).filter(unit="token").select(*labels, "price") for frame in (rows, ut.allocate(rows))
    )
    assert before.equals(after)


def test_prices_beyond_reason_are_refused() -> None:
    """A price of a trillion a token is a sentence, and so is what is no frame."""
    with pytest.raises(ut.InputError, match=r"prices below 1e\+12, found 1.0e\+20 for 'input' of 'm'"):
        ut.implied_price(canonical([bill("100000000000"), use("0.000000001")]))
    with pytest.raises(ut.ArgumentError, match="implied_price: expected canonical rows in polars, found dict"):
        ut.implied_price({})  # type: ignore[arg-type]
