"""Estimates, cache savings and what-ifs: exact, additive, honest about what has no price, never in two currencies."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from usage_toolkit.analysis.estimates import estimate, unpriced
from usage_toolkit.schema import TOKEN_METERS, conform

START = datetime(2026, 10, 1, tzinfo=UTC)
MILLION = 10**6
METERS = (*TOKEN_METERS, "web_search", "request", "rate_limited")

# Model, meter, price per million, currency, first day, day after the last. Model c has no price of its cache reads,
# model d none at all; b changes its price and then its currency, and has no price on the fifth day.
PRICES = [
    ("a", "input", "3", "USD", None, None),
    ("a", "output", "15", "USD", None, None),
    ("a", "cache_read", "0.3", "USD", None, None),
    ("a", "cache_write_5m", "3.75", "USD", None, None),
    ("a", "cache_write_1h", "6", "USD", None, None),
    ("a", "cache_write", "3.75", "USD", None, None),
    ("a", "web_search", "10000", "USD", None, None),
    ("b", "input", "1", "USD", None, "2026-10-03"),
    ("b", "input", "2", "USD", "2026-10-03", "2026-10-04"),
    ("b", "input", "2", "EUR", "2026-10-04", "2026-10-05"),
    ("b", "cache_read", "0.5", "USD", None, "2026-10-05"),
    ("b", "cache_write", "4", "USD", None, "2026-10-05"),
    ("b", "output", "7", "EUR", None, "2026-10-05"),
    ("c", "input", "0.123456789012", "USD", None, None),
    ("c", "output", "0.5", "USD", None, None),
]
TABLE = ut.read_prices(
    pl.DataFrame(
        PRICES, schema=["model", "meter", "unit_price", "currency", "valid_from", "valid_to"], orient="row"
    ).with_columns(provider=pl.lit("p"), per=MILLION)
)
ROW = st.fixed_dictionaries(
    {
        "time": st.integers(0, 6 * 24).map(lambda hours: START + timedelta(hours=hours)),
        "grain": st.just("1h"),
        "model": st.sampled_from("abcd"),
        "api_key": st.sampled_from(["k", "l"]),
        "service_tier": st.sampled_from(["standard", "(none)", "standard", "batch"]),
        "meter": st.sampled_from(METERS),
        "quantity": st.integers(0, 10**9),
    }
)


def rows_of(*rows: dict[str, Any]) -> pl.DataFrame:
    """Metered rows of provider p."""
    made = (
        pl.DataFrame(list(rows), schema_overrides={"quantity": pl.Int64})
        if rows
        else pl.DataFrame(
            schema=dict.fromkeys(("model", "meter"), pl.String) | {"time": pl.Datetime("us", "UTC"), "grain": pl.String}
        )
    )
    is_token = pl.col("meter").is_in(TOKEN_METERS)
    unit = pl.when(is_token).then(pl.lit("token")).otherwise(pl.lit("request"))
    labels = {"provider": "p", "source": "s", "basis": "metered"}
    made = made.with_columns(pl.lit(value).alias(name) for name, value in labels.items())
    return conform(made.with_columns(unit=unit if "quantity" in made.columns else pl.lit(None, pl.String)))


def used(meter: str = "input", quantity: int | None = MILLION, *, day: int = 1, **labels: Any) -> dict[str, Any]:
    """One quantity, of model a at noon on a day of October."""
    time = START + timedelta(days=day - 1, hours=12)
    return {"time": time, "grain": "1h", "model": "a", "meter": meter, "quantity": quantity} | labels


FRAMES = st.lists(ROW, min_size=1, max_size=12).map(lambda rows: rows_of(*rows))


def quiet(rows: pl.DataFrame, **options: Any) -> pl.DataFrame:
    """The estimate without its notice."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ut.UsageToolkitWarning)
        return estimate(rows, prices=TABLE, **options)


def price(row: dict[str, Any], meter: str | None = None) -> tuple[Decimal, str] | None:
    """The price of a row by looking at all prices in turn."""
    day = f"{row['time']:%Y-%m-%d}"
    for model, kind, per_million, currency, begin, end in PRICES:
        at_that_time = (begin or "") <= day < (end or "9")
        if (model, kind) == (row["model"], meter or row["meter"]) and at_that_time and row["service_tier"] != "batch":
            return Decimal(per_million).scaleb(-6), currency
    return None


def money(frame: pl.DataFrame, *names: str, key: str = "currency") -> dict[str, tuple[Decimal, ...]]:
    """The sums of columns per currency, zeros left out."""
    sums = frame.group_by(key).agg(pl.col(names).sum()).rows()
    return {currency: amounts for currency, *rest in sums if any(amounts := tuple(rest))}


@settings(max_examples=30)
@given(FRAMES)
def test_an_estimate_is_quantity_times_price(rows: pl.DataFrame) -> None:
    """Row by row, the product of two decimals, to the last digit, in the currency of the price; nothing else."""
    expected = [
        (row["time"], row["model"], str(row["meter"]), row["quantity"] * found[0], found[1])
        for row in rows.iter_rows(named=True)
        if (found := price(row))
    ]
    made = quiet(rows)
    assert made.select("time", "model", "meter", "amount", "currency").rows() == expected
    assert set(made["basis"]) <= {"estimated"}
    assert made["quantity"].null_count() == made["unit"].null_count() == made.height
    assert made.equals(conform(made))


@settings(max_examples=30)
@given(FRAMES)
def test_priced_and_unpriced_are_all(rows: pl.DataFrame) -> None:
    """What has no estimate is listed, with its quantity; only counts that nobody charges are in neither."""
    left = unpriced(rows, prices=TABLE)
    counted = rows.filter(~pl.col("meter").is_in(["request", "rate_limited"]))
    assert quiet(rows).height + left["rows"].sum() == counted.height
    no_price = [row["quantity"] for row in counted.iter_rows(named=True) if price(row) is None]
    assert left["quantity"].sum() == sum(no_price)
    assert left["quantity"].null_count() == 0


@settings(max_examples=30)
@given(FRAMES, st.integers(0, 12))
def test_parts_add_up_to_the_whole(rows: pl.DataFrame, cut: int) -> None:
    """However the rows are split, the answers about the parts are the answer about the whole."""
    parts = [rows.head(cut), rows.slice(cut)]
    assert pl.concat([quiet(part) for part in parts]).equals(quiet(rows))
    whole = ut.what_if(rows, model="a", prices=TABLE)
    split = pl.concat([ut.what_if(part, model="a", provider="p", prices=TABLE) for part in parts])
    assert money(split, "tokens", "low", "high") == money(whole, "tokens", "low", "high")
    names = ("cache_read", "cache_write", "saved", "premium")
    split = pl.concat([ut.cache_savings(part, prices=TABLE) for part in parts])
    assert money(split, *names) == money(ut.cache_savings(rows, prices=TABLE), *names)


@settings(max_examples=30)
@given(FRAMES)
def test_twice_the_tokens_is_twice_the_money(rows: pl.DataFrame) -> None:
    """Every answer is linear in the quantities."""
    twice = conform(rows.with_columns(pl.col("quantity") * 2))
    assert quiet(twice)["amount"].to_list() == [amount * 2 for amount in quiet(rows)["amount"]]
    for ask in (ut.cache_savings, lambda rows, **options: ut.what_if(rows, model="a", **options)):
        once, more = ask(rows, prices=TABLE), ask(twice, prices=TABLE)
        names = [name for name, dtype in once.schema.items() if dtype.is_decimal()]
        assert more.select(names).rows() == [
            tuple(None if value is None else value * 2 for value in row) for row in once.select(names).iter_rows()
        ]


@settings(max_examples=30)
@given(FRAMES)
def test_savings_are_those_of_a_plain_loop(rows: pl.DataFrame) -> None:
    """Reads times (input - read) less writes times (write - input), per model and currency; unknown stays unknown."""
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for row in rows.iter_rows(named=True):
        if row["meter"].startswith("cache"):
            own, plain = price(row), price(row, "input")
            is_known = own and plain and own[1] == plain[1]
            part = sums.setdefault((row["model"], own[1] if is_known and own else "(none)"), [Decimal(0)] * 4)
            is_read = row["meter"] == "cache_read"
            part[0 if is_read else 1] += row["quantity"]
            if is_known and own and plain:
                part[2 if is_read else 3] += row["quantity"] * (plain[0] - own[0]) * (1 if is_read else -1)
    unknown = {model for model, currency in sums if currency == "(none)"}
    expected = []
    for (model, currency), (reads, writes, saved, premium) in sorted(sums.items()):
        known = (saved, premium) if currency != "(none)" else (None, None)
        net = None if model in unknown else saved - premium
        expected.append((model, currency, reads, writes, *known, net))
    assert ut.cache_savings(rows, prices=TABLE).rows() == expected


def test_caching_that_loses_money_has_a_negative_net() -> None:
    """A million tokens written for an hour cost 3 more than input; read once they save 2.70: minus 0.30."""
    made = ut.cache_savings(rows_of(used("cache_write_1h"), used("cache_read")), prices=TABLE)
    assert made.select("saved", "premium", "net").row(0) == (Decimal("2.7"), Decimal(3), Decimal("-0.3"))


def test_savings_are_unknown_where_a_price_is() -> None:
    """A write without a price leaves its key without a net, though what its reads saved is known; others have one."""
    rows = rows_of(used("cache_read"), used("cache_write", service_tier="batch"), used("cache_read", api_key="l"))
    made = ut.cache_savings(rows, by="api_key", prices=TABLE)
    assert made.select("api_key", "currency", "cache_write", "saved", "net").rows() == [
        ("(none)", "(none)", MILLION, None, None),
        ("(none)", "USD", 0, Decimal("2.7"), None),
        ("l", "USD", 0, Decimal("2.7"), Decimal("2.7")),
    ]


def test_savings_take_the_implied_prices_of_a_bill() -> None:
    """Prices made of a bill, day by day, are a table as any other: half price halves what caching saved."""
    implied = pl.DataFrame(
        {
            "time": [START, START + timedelta(days=1)] * 2,
            "provider": "p",
            "model": "a",
            "basis": "billed",
            "unit": "token",
            "currency": "USD",
            "meter": ["input", "input", "cache_read", "cache_read"],
            "price": [Decimal(one).scaleb(-7) for one in ("30", "15", "3", "1.5")],
            "changed": [False, True] * 2,
        }
    )
    implied = pl.concat([implied, implied.head(1).with_columns(time=START + timedelta(days=2), price=None)])
    rows = rows_of(used("cache_read", day=1), used("cache_read", day=2, api_key="l"))
    made = ut.cache_savings(rows, by="api_key", prices=implied)
    assert made["net"].to_list() == [Decimal("2.7"), Decimal("1.35")]


def test_no_answer_adds_two_currencies() -> None:
    """Model b is charged in USD and then in EUR: each has its own row."""
    rows = rows_of(used(model="b", day=2), used(model="b", day=4), used("output", model="b", day=2))
    assert money(quiet(rows), "amount") == {"USD": (Decimal(1),), "EUR": (Decimal(9),)}
    made = ut.what_if(rows, model="b", prices=TABLE)
    assert made.select("currency", "low", "high").rows() == [
        ("EUR", Decimal(9), Decimal(9)), ("USD", Decimal(1), Decimal(1)),
    ]  # fmt: skip
    mixed = rows_of(used("cache_read", model="b", day=4))  # its reads are priced in USD, its input in EUR
    assert ut.cache_savings(mixed, prices=TABLE).select("currency", "saved", "net").rows() == [("(none)", None, None)]


def test_what_has_money_or_is_allocated_is_not_estimated_again() -> None:
    """A billed or allocated amount is left alone, and so is a row without a quantity."""
    rows = rows_of(used(), used("output"))
    billed = rows.with_columns(basis=pl.lit("billed"), amount=Decimal(3), currency=pl.lit("USD"))
    nothing = rows.with_columns(quantity=None, unit=None)
    shared = rows.with_columns(basis=pl.lit("allocated"))
    assert estimate(conform(billed), prices=TABLE).is_empty()
    assert estimate(conform(nothing), prices=TABLE).is_empty()
    assert estimate(conform(shared), prices=TABLE).is_empty()
    assert ut.what_if(conform(shared), model="a", prices=TABLE).is_empty()


def test_an_estimate_beside_its_rows_doubles_nothing() -> None:
    """Put together, tokens are what they were, and the money is apart under its own basis."""
    rows = ut.sample(days=7).filter(provider="anthropic", model="claude-haiku-4-5")
    beside = estimate(rows.filter(speed="standard"), prices=ut.list_prices(rows))
    both = pl.concat([rows, beside])
    assert ut.totals(both, measure="quantity").equals(ut.totals(rows, measure="quantity"))
    amounts = dict(ut.totals(both, by="provider", measure="amount").select("basis", "amount").iter_rows())
    assert amounts["estimated"] == amounts["billed"], "the sample bills this model at list prices"


def test_the_notice_says_how_much_has_no_price() -> None:
    """One warning, with the quantity by unit and the models; `unpriced` lists the same."""
    rows = rows_of(used(quantity=1234567, model="d"), used("web_search", 3, model="e"), used(), used("rate_limited", 9))
    with pytest.warns(
        ut.UsageToolkitWarning, match="no price is known for 3 requests and 1,234,567 tokens of d, e;"
    ) as told:
        assert estimate(rows, prices=TABLE).height == 1
    assert len(told) == 1
    assert unpriced(rows, prices=TABLE).select("model", "meter", "unit", "quantity").rows() == [
        ("d", "input", "token", 1234567), ("e", "web_search", "request", 3),
    ]  # fmt: skip


def test_a_count_is_estimated_where_a_price_names_it() -> None:
    """Requests are free unless somebody charges for them."""
    rows = rows_of(used("request", 1000))
    assert estimate(rows, prices=TABLE).is_empty()
    fee = pl.DataFrame(
        {"provider": "p", "model": "a", "meter": ["request"], "unit_price": ["0.005"], "currency": "USD"}
    )
    assert estimate(rows, prices=[TABLE, fee])["amount"].to_list() == [Decimal(5)]


def test_an_amount_that_does_not_fit_is_refused() -> None:
    """A price per token that was meant per million of millions is said, and not wrapped around."""
    dear = pl.DataFrame(
        {"provider": "p", "model": "a", "meter": ["input"], "unit_price": ["900000000"], "currency": "USD"}
    )
    with pytest.raises(ut.InputError, match=r"expected amounts below 1e\+12"):
        estimate(rows_of(used(quantity=10**18 - 1)), prices=dear)


def test_another_model_is_a_range_with_its_assumptions() -> None:
    """A million tokens of c on a: 0.8 to 1.25 times 3; what is on a already stays what it is."""
    made = ut.what_if(rows_of(used(model="c"), used(model="a")), model="a", prices=TABLE)
    assert made.select("model", "currency", "tokens", "low", "high").rows() == [
        ("a", "USD", MILLION, Decimal(3), Decimal(3)),
        ("c", "USD", MILLION, Decimal("2.4"), Decimal("3.75")),
    ]
    assert made["assumptions"][1] == "0.8 to 1.25 tokens on a for each token counted; output as long, as much cached"


def test_a_cache_that_the_other_model_lacks_is_plain_input() -> None:
    """Model c prices no cache: reads and writes are sent as input, and it is said; b has one price for all writes."""
    rows = rows_of(used("cache_read"), used("cache_write_1h"), used("output"))
    made = ut.what_if(rows, model="c", prices=TABLE, tokens=(1, 1))
    assert made.select("tokens", "low", "high").row(0) == (
        3 * MILLION, 2 * Decimal("0.123456789012") + Decimal("0.5"), 2 * Decimal("0.123456789012") + Decimal("0.5"),
    )  # fmt: skip
    assert made["assumptions"][0].endswith("; cache_read charged as input; cache_write_1h charged as input")
    made = ut.what_if(rows_of(used("cache_write_1h")), model="b", prices=TABLE, tokens=(1, 1))
    assert made["low"][0] == 4
    assert made["assumptions"][0].endswith("; cache_write_1h charged as cache_write")


def test_tokens_without_a_price_on_the_other_model_stand_apart() -> None:
    """On the fifth day b has no price: those tokens have a row of their own and no money."""
    made = ut.what_if(rows_of(used(day=1), used(day=5, quantity=7)), model="b", prices=TABLE)
    assert made.select("currency", "tokens", "low", "high").rows() == [
        ("(none)", 7, None, None),
        ("USD", MILLION, Decimal("0.8"), Decimal("1.25")),
    ]


def test_who_bills_the_other_model_is_never_guessed() -> None:
    """The rows' own provider comes first; of several others one has to be named."""
    two = [TABLE.with_columns(provider=pl.lit(name)) for name in ("q", "r")]
    rows = rows_of(used(model="d"))
    with pytest.raises(ut.ArgumentError, match=r"prices of 'a', found several: q, r; pass provider= one of those"):
        ut.what_if(rows, model="a", prices=two)
    assert ut.what_if(rows, model="a", provider="q", prices=two)["currency"].to_list() == ["USD"]
    assert ut.what_if(rows, model="a", prices=[*two, TABLE])["currency"].to_list() == ["USD"]
    with pytest.raises(ut.ArgumentError, match="prices of 'z', found none; pass prices that have one"):
        ut.what_if(rows, model="z", prices=TABLE)


@pytest.mark.parametrize("tokens", [(0.8, 1.25), ("1.25", "0.8"), ("0", "1"), ("a", "b"), ("1",), 1, ("1", "101")])
def test_a_range_that_is_none_is_refused(tokens: Any) -> None:
    """Two factors above 0, the lower first, as exact numbers."""
    with pytest.raises(ut.ArgumentError, match="expected tokens to be two factors such as"):
        ut.what_if(rows_of(used()), model="a", prices=TABLE, tokens=tokens)


@pytest.mark.parametrize(
    "ask", [ut.estimate, ut.unpriced, ut.cache_savings, lambda rows, **kw: ut.what_if(rows, model="a", **kw)]
)
def test_no_rows_no_answer(ask: Any) -> None:
    """Of nothing there is an empty frame with the same columns; lazy rows are collected, other things refused."""
    nothing, some = ask(rows_of(used()).clear(), prices=TABLE), ask(rows_of(used("cache_read")), prices=TABLE)
    assert nothing.is_empty()
    assert nothing.schema == some.schema
    assert ask(rows_of(used("cache_read")).lazy(), prices=TABLE).equals(some)
    with pytest.raises(ut.ArgumentError, match="expected canonical rows in polars, found list"):
        ask([1], prices=TABLE)
