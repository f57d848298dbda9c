"""Tables of prices: what is read, what is refused, what the packaged list says, and which price a row has."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import usage_toolkit as ut
from usage_toolkit.prices import COLUMNS, TERMS, priced
from usage_toolkit.schema import conform

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 10, 1, tzinfo=UTC)
ORDINARY = ["(none)", "standard", "default", "global", "not_available"]


def table(**columns: Any) -> pl.DataFrame:
    """A frame of prices for input tokens of model m."""
    usual = {"provider": "p", "model": "m", "meter": "input", "unit_price": ["2"], "currency": "USD"}
    return pl.DataFrame(usual | columns)


def used(*times: datetime, **columns: Any) -> pl.DataFrame:
    """Rows of one input token of model m."""
    usual = {"grain": "event", "provider": "p", "source": "s", "basis": "metered", "model": "m", "meter": "input"}
    return conform(pl.DataFrame({"time": list(times), **usual, "quantity": 1, "unit": "token"} | columns))


def price_of(rows: pl.DataFrame, *tables: pl.DataFrame) -> list[Decimal | None]:
    """The unit price of each row."""
    return priced(rows, [ut.read_prices(one) for one in tables])["unit_price"].to_list()


def test_a_csv_of_a_contract_is_read_by_its_digits(tmp_path: Path) -> None:
    """Prices per million become prices per unit, exactly; what is not said is open or usual."""
    file = tmp_path / "contract.csv"
    file.write_text(
        "provider,model,meter,unit_price,per,currency,valid_from\n"
        "anthropic,claude-opus-4-8,input,4.50,1000000,USD,2026-07-01\n"
        "anthropic,claude-opus-4-8,web_search,10,1000,EUR,\n"
    )
    made = ut.read_prices(file)
    assert dict(made.schema) == COLUMNS
    assert made.select("meter", "unit", "unit_price", "currency", "source").rows() == [
        ("input", "token", Decimal("0.0000045"), "USD", "contract.csv"),
        ("web_search", "request", Decimal("0.01"), "EUR", "contract.csv"),
    ]
    assert made["valid_from"].to_list() == [datetime(2026, 7, 1, tzinfo=UTC), None]
    assert ut.read_prices(made).equals(made)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"unit_price": [2.0]}, "expected decimals, integers or text, found Float64"),
        ({"unit_price": ["-1"]}, "expected a price of at least 0"),
        ({"unit_price": ["two"]}, "expected a plain number"),
        ({"unit_price": [None]}, "expected a provider, meter, unit price and currency"),
        ({"currency": None}, "expected a provider, meter, unit price and currency"),
        ({"meter": "inputs"}, "column 'meter': expected one of input, cache_read"),
        ({"meter": "other"}, "expected a unit"),
        ({"per": 7}, "column 'per': expected 1, 1000, 1000000"),
        ({"valid_from": "2026-10-02", "valid_to": "2026-10-02"}, "expected valid_from before valid_to"),
        ({"valid_from": "soon"}, "expected a date or time"),
        ({"valid_from": 7}, "expected dates or instants, found Int"),
        ({"unit_price": ["1", "2"]}, "expected one price at a time, found two for p, m, input, token"),
        (
            {"unit_price": ["1", "2"], "valid_from": [None, "2026-10-01"], "valid_to": ["2026-10-02", None]},
            "two for p, m, input, token from 2026-10-01",
        ),
        ({"unit_price": ["1", "2"], "service_tier": ["standard", None]}, "found two for"),
    ],
)
def test_what_cannot_be_a_price_is_refused(columns: dict[str, Any], message: str) -> None:
    """A price that can't be right, or two that claim the same time, is an error that says which."""
    with pytest.raises((ut.InputError, ut.ArgumentError), match=message):
        ut.read_prices(table(**columns))


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    """A missing file or column, and what is neither a frame nor a path, is said in one sentence."""
    with pytest.raises(ut.InputError, match=r"prices.csv: expected a CSV file, found none \(No such file"):
        ut.read_prices(tmp_path / "prices.csv")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ut.InputError, match="expected a CSV file in UTF-8"):
        ut.read_prices(tmp_path / "empty.csv")
    with pytest.raises(ut.InputError, match="expected a column 'currency', found none"):
        ut.read_prices(table().drop("currency"))
    with pytest.raises(ut.ArgumentError, match="expected a polars DataFrame or the path"):
        ut.read_prices(7)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(ut.ArgumentError, match="expected prices to be a frame, several of them or None, found str"):
        ut.estimate(used(START), prices="contract.csv")  # type: ignore[arg-type]  # on purpose


def test_a_column_that_no_price_has_is_told() -> None:
    """A misspelt column is named in a warning; those of rows and cubes may stand beside prices."""
    with pytest.warns(ut.UsageToolkitWarning, match="'valid_form' say nothing about a price"):
        ut.read_prices(table(valid_form="2026-10-01"))
    assert ut.read_prices(table(quantity=Decimal(3), amount=Decimal(6), rows=1, time=START)).height == 1


def test_equal_prices_are_one() -> None:
    """The same price said twice, even by two sources, is one price."""
    assert ut.read_prices(table(unit_price=["1", "1.0"], source=["a", "b"])).height == 1


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(1, 3))
def test_a_price_holds_from_its_first_instant_until_before_its_last(moment: int, begin: int, length: int) -> None:
    """Both ends are half open: the instant of valid_from has the price, that of valid_to has not."""
    tick = timedelta(microseconds=1)
    prices = table(valid_from=START + begin * tick, valid_to=START + (begin + length) * tick)
    (found,) = price_of(used(START + moment * tick), prices)
    assert (found is not None) == (begin <= moment < begin + length)


@pytest.mark.parametrize(("grain", "hours"), [("1m", 1 / 60), ("1h", 1), ("1d", 24)])
def test_a_bucket_has_a_price_if_all_of_it_has(grain: str, hours: float) -> None:
    """Which part of a bucket was used before a change and which after is not known, and so is its price."""
    length, tick = timedelta(hours=hours), timedelta(microseconds=1)
    rows = used(START, grain=grain)
    assert price_of(rows, table(valid_from=START, valid_to=START + length)) == [Decimal(2)]
    assert price_of(rows, table(valid_from=START, valid_to=START + length - tick)) == [None]
    assert price_of(rows, table(valid_from=START + tick)) == [None]


@given(st.tuples(*[st.sampled_from([*ORDINARY, "batch", "fast", "us", "0-200k"])] * 4))
def test_only_ordinary_terms_have_the_ordinary_price(terms: tuple[str, ...]) -> None:
    """A price without terms is for standard tier, region and speed, whatever they are called, and for any prompt."""
    said = dict(zip(TERMS, terms, strict=True))
    words = {"service_tier": ORDINARY[:3], "region": [ORDINARY[0], *ORDINARY[3:]], "speed": ORDINARY[:2]}
    ordinary = all(said[name] in known for name, known in words.items())
    assert price_of(used(START, **said), table()) == [Decimal(2) if ordinary else None]
    assert price_of(used(START, **said), table(**said)) == [Decimal(2)]


def test_the_price_for_a_size_of_prompt_comes_first() -> None:
    """Where a price is said for the size of the prompt, it wins over the one for any size, as long as it holds."""
    later = START + timedelta(days=1)
    prices = table(unit_price=["1", "9"], context_window=[None, "200k-1M"], valid_to=[None, later])
    rows = used(START, START, later, context_window=["0-200k", "200k-1M", "200k-1M"])
    assert price_of(rows, prices) == [Decimal(1), Decimal(9), Decimal(1)]


def test_the_first_table_wins_where_it_knows_a_price() -> None:
    """Own prices stand before list prices; what they do not know is looked up in the next."""
    rows = used(START, START, START + timedelta(days=2), model=["m", "n", "m"])
    own = table(unit_price=["1"], valid_to=START + timedelta(days=1))
    listed = table(unit_price=["5", "6"], model=["m", "n"])
    assert price_of(rows, own, listed) == [Decimal(1), Decimal(6), Decimal(5)]
    assert price_of(rows, own) == [Decimal(1), None, None]


def test_list_prices_are_the_published_ones() -> None:
    """Claude Haiku 4.5 as published: input 1, output 5, cache a tenth, 5/4 and twice; a search 0.01."""
    haiku = ut.list_prices().filter(provider="anthropic", model="claude-haiku-4-5", service_tier="(none)")
    prices = dict(haiku.select("meter", pl.col("unit_price")).iter_rows())
    million = 10**6
    assert {meter: price * million for meter, price in prices.items()} == {
        "input": 1, "cache_read": Decimal("0.1"), "cache_write": Decimal("1.25"), "cache_write_5m": Decimal("1.25"),
        "cache_write_1h": 2, "output": 5, "web_search": 10_000,
    }  # fmt: skip
    assert set(haiku["currency"]) == {"USD"}
    assert set(haiku["source"].str.head(13)) == {"genai-prices "}


def test_list_prices_know_when_they_changed_and_for_which_prompts() -> None:
    """Claude Sonnet 4.6 cost twice as much above 200k tokens until 2026-03-13, and the same for any prompt since."""
    rows = used(*[datetime(2026, 3, 12, tzinfo=UTC)] * 3, *[datetime(2026, 3, 13, tzinfo=UTC)] * 3).with_columns(
        provider=pl.lit("anthropic"),
        model=pl.lit("claude-sonnet-4-6"),
        context_window=pl.Series(["0-200k", "200k-1M", "(none)"] * 2),
    )
    per_million = [None if price is None else price * 10**6 for price in price_of(rows, ut.list_prices())]
    assert per_million == [3, 6, None, 3, 3, 3]


def test_list_prices_are_a_table_that_is_read_unchanged() -> None:
    """The list passes the same door as own prices: no two claim the same time, no unit is a guess, none is below 0."""
    listed = ut.list_prices()
    assert listed.height > 1000
    assert ut.read_prices(listed).equals(listed)
    follows = (pl.col("valid_from") == pl.col("valid_to").shift(1)) & (
        pl.struct(*TERMS, "provider", "model", "meter", "unit_price")
        == pl.struct(*TERMS, "provider", "model", "meter", "unit_price").shift(1)
    )
    assert listed.filter(follows).is_empty(), "a price that did not change is said as two"


def test_list_prices_equal_what_genai_prices_charges() -> None:
    """For every model of Anthropic, each kind of token costs what genai-prices itself calculates for it."""
    from genai_prices import Usage, calc_price

    usages = {
        "output": Usage(output_tokens=1000),
        "input": Usage(input_tokens=1000),
        "cache_read": Usage(input_tokens=1000, cache_read_tokens=1000),
        "cache_write": Usage(input_tokens=1000, cache_write_tokens=1000),
        "cache_write_1h": Usage(input_tokens=1000, cache_write_tokens=1000, cache_write_1h_tokens=1000),
    }
    days = [START, datetime(2026, 3, 12, tzinfo=UTC)]
    models = sorted(set(ut.list_prices().filter(provider="anthropic")["model"]))
    compared = 0
    for day in days:
        for meter, usage in usages.items():
            rows = used(*[day] * len(models), provider="anthropic", meter=meter, context_window="0-200k", model=models)
            for model, price in zip(models, price_of(rows, ut.list_prices()), strict=True):
                if price is not None:
                    made = calc_price(usage, model, provider_id="anthropic", genai_request_timestamp=day)
                    assert price * 1000 == made.total_price, (model, meter, day)
                    compared += 1
    assert compared > 0.8 * len(models) * len(usages) * len(days)


def test_list_prices_go_by_the_names_of_the_rows() -> None:
    """A dated id finds the price of its model, under the name that the rows have; an unknown one finds none."""
    rows = used(START, START, provider="anthropic", model=["claude-opus-4-5-20251101", "claude-of-the-future"])
    listed = ut.list_prices(rows)
    assert set(listed["model"]) == {"claude-opus-4-5-20251101"}
    assert price_of(rows, listed) == [Decimal("0.000005"), None]


def test_list_prices_need_no_network() -> None:
    """The list is packaged: with every socket refused it is the same."""
    refused = "import socket; socket.socket.connect = socket.getaddrinfo = lambda *_: 1 / 0"
    code = f"{refused}; import usage_toolkit as ut; print(ut.list_prices().height)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(ut.list_prices().height), done.stderr


def test_without_the_list_own_prices_still_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where genai-prices is not installed, the message says how to get it; own prices need none of it."""
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    rows = used(START, model="seen nowhere else")
    with pytest.raises(ut.ArgumentError, match=r"pip install 'usage-toolkit\[prices\]'"):
        ut.estimate(rows)
    assert ut.estimate(rows, prices=table(model="seen nowhere else"))["amount"].to_list() == [Decimal(2)]


def test_days_are_days_in_utc() -> None:
    """A date is its first instant in UTC, as everywhere."""
    prices = table(valid_from=date(2026, 10, 1), valid_to=date(2026, 10, 2))
    assert ut.read_prices(prices)["valid_from"].to_list() == [START]
