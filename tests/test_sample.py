"""The sample is the same everywhere, looks like its sources, adds up, and holds every event that it promises."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from usage_toolkit.errors import ArgumentError
from usage_toolkit.sample import sample
from usage_toolkit.schema import COLUMNS, DIMENSIONS, METERS, NONE

# USD per million tokens of input and output, as a reader would look them up.
LIST_PRICES = {
    "claude-opus-4-8": (5, 25),
    "claude-sonnet-4-6": (3, 15),
    "claude-sonnet-5": (3, 15),
    "claude-haiku-4-5": (1, 5),
}
TIMES_INPUT = {
    "input": "1", "cache_read": "0.1", "cache_write": "1.25", "cache_write_5m": "1.25", "cache_write_1h": "2",
}  # fmt: skip
# Every event is looked for in two samples: it is planted, not luck.
SEEDS = (0, 7)


@pytest.fixture(scope="module", params=SEEDS)
def rows(request: pytest.FixtureRequest) -> pl.DataFrame:
    """The default sample, with two seeds."""
    return sample(seed=request.param)


def _text(frame: pl.DataFrame) -> bytes:
    """Write the frame as text that does not depend on how polars prints a time."""
    buffer = io.BytesIO()
    frame.with_columns(pl.col("time").dt.epoch("us")).write_csv(buffer, null_value="null")
    return buffer.getvalue()


def _span(series: pl.Series) -> tuple[Any, Any]:
    """The least and the greatest value."""
    return series.min(), series.max()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _list_price(cell: dict[str, str]) -> Decimal:
    """Work out the price of one token from its terms."""
    usd_input, usd_output = LIST_PRICES[cell["model"]]
    is_output, is_long = cell["meter"] == "output", cell["context_window"] == "200k-1M"
    made = Decimal(usd_output) if is_output else usd_input * Decimal(TIMES_INPUT[cell["meter"]])
    made *= (Decimal("1.5") if is_output else 2) if is_long else 1
    made *= Decimal("0.5") if cell["service_tier"] == "batch" else 1
    made *= Decimal("1.1") if cell["region"] == "us" else 1
    made *= 6 if cell["speed"] == "fast" else 1
    return made / 10**6


def test_bytes_are_pinned() -> None:
    """The default sample is the same text on every machine, byte for byte."""
    digest = hashlib.sha256(_text(sample())).hexdigest()
    assert digest == "b17c072de82377114afe0493ed2a7dac95f81923caca55c61515f03c1302120c"


def test_seed_decides() -> None:
    """The same seed gives the same bytes, another seed other quantities."""
    one, again, other = sample(3, 5), sample(3, 5), sample(4, 5)
    assert _text(one) == _text(again)
    assert one["quantity"].sum() != other["quantity"].sum()


@pytest.mark.parametrize("days", [1, 20, 40])
def test_fewer_days_are_the_tail(rows: pl.DataFrame, days: int) -> None:
    """A shorter sample is the end of a longer one, allowances included."""
    seed = int(rows["origin"][0].removeprefix("sample(seed=").removesuffix(")"))
    tail = rows.filter(pl.col("time") >= _instant("2026-11-01") - timedelta(days=days))
    assert sample(seed, days).equals(tail)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [({"days": 0}, "0"), ({"days": 1.5}, "1.5"), ({"days": 10**9}, "1000000000"), ({"seed": -1}, "-1"),
     ({"seed": "x"}, "'x'"), ({"seed": True}, "True")],
)  # fmt: skip
def test_arguments_are_checked(arguments: dict[str, int], found: str) -> None:
    """What can't be meant is refused in one sentence that names it."""
    with pytest.raises(ArgumentError, match=rf"expected '{next(iter(arguments))}' .* found {found}\.$"):
        sample(**arguments)


def test_frame_is_canonical(rows: pl.DataFrame) -> None:
    """Columns and dtypes are the schema's, no dimension is null, and rows are sorted."""
    assert dict(rows.schema) == COLUMNS
    assert rows.select(pl.col(DIMENSIONS).null_count()).sum_horizontal().item() == 0
    assert rows.equals(rows.sort("time", "provider", "source", maintain_order=True))


def test_days_and_size(rows: pl.DataFrame) -> None:
    """Every day from August to October 2026 is there, and the whole is a good size to play with."""
    days = rows["time"].dt.date().unique().sort()
    assert (str(days[0]), str(days[-1]), len(days)) == ("2026-08-01", "2026-10-31", 92)
    reports = rows.filter(pl.col("source") != "venice.rate_limits").group_by("source")
    assert reports.agg(pl.col("time").dt.date().n_unique())["time"].to_list() == [92] * 3
    assert 60_000 < rows.height < 100_000


@pytest.mark.parametrize(("column", "count"), [("workspace", 3), ("model", 8), ("api_key", 12), ("user", 6)])
def test_names(rows: pl.DataFrame, column: str, count: int) -> None:
    """So many names are there, beside the word for a source that does not say."""
    names = rows[column].unique()
    assert NONE in names
    assert len(names) == count + 1


@pytest.mark.parametrize("column", ["workspace", "api_key", "user"])
def test_ids(rows: pl.DataFrame, column: str) -> None:
    """A name has one id, an id one name, and who is not named has none."""
    pairs = rows.select(column, f"{column}_id").unique()
    named = pairs.filter(pl.col(column) != NONE)
    assert pairs.filter(pl.col(column) == NONE)[f"{column}_id"].to_list() == [None]
    assert named[column].n_unique() == named[f"{column}_id"].n_unique() == named.height
    assert named[f"{column}_id"].null_count() == 0


def test_every_word_occurs(rows: pl.DataFrame) -> None:
    """Every meter, two providers, four sources and three currencies are there."""
    assert set(rows["meter"]) == set(METERS)
    assert set(rows["provider"]) == {"anthropic", "venice"}
    assert set(rows["currency"].drop_nulls()) == {"USD", "DIEM", "BUNDLED_CREDITS"}
    assert set(rows.select("source", "basis", "grain").unique().iter_rows()) == {
        ("anthropic.usage", "metered", "1h"),
        ("anthropic.cost", "billed", "1d"),
        ("venice.ledger", "billed", "event"),
        ("venice.rate_limits", "metered", "event"),
    }


def test_bills_are_plausible(rows: pl.DataFrame) -> None:
    """Each month costs a few thousand dollars at Anthropic and a few hundred at Venice, in three currencies."""
    bills = rows.filter(basis="billed").group_by(pl.col("time").dt.month(), "provider", "currency")
    for _, provider, currency, amount in bills.agg(pl.col("amount").sum()).iter_rows():
        low, high = (2_500, 6_000) if provider == "anthropic" else (20, 150)
        assert low < amount < high, (provider, currency)


def test_what_anthropic_does_not_say(rows: pl.DataFrame) -> None:
    """Usage has no money; cost has no quantity, no key and no user, and starts at midnight."""
    usage, cost = rows.filter(source="anthropic.usage"), rows.filter(source="anthropic.cost")
    assert usage["amount"].count() == usage["currency"].count() == 0
    assert usage["quantity"].null_count() == 0
    assert usage["time"].equals(usage["time"].dt.truncate("1h"))
    assert cost["quantity"].count() == cost["unit"].count() == 0
    assert set(cost["api_key"]) == set(cost["user"]) == {NONE}
    assert cost["time"].equals(cost["time"].dt.truncate("1d"))


def test_anthropic_cost_is_usage_at_list_prices(rows: pl.DataFrame) -> None:
    """What a day's tokens cost at list prices is on the bill, to the last digit, and nothing else but extras."""
    keys = ["time", "workspace", "model", "service_tier", "context_window", "region", "speed", "meter"]
    tokens = (
        rows.filter(pl.col("source") == "anthropic.usage", pl.col("meter") != "web_search")
        .with_columns(pl.col("time").dt.truncate("1d"))
        .group_by(keys)
        .agg(pl.col("quantity").sum())
    )
    due = {tuple(cell[key] for key in keys): cell["quantity"] * _list_price(cell) for cell in tokens.to_dicts()}
    cost = rows.filter(source="anthropic.cost")
    extras = ["web_search", "code_execution", "session"]
    billed = {
        tuple(cell[:-1]): cell[-1]
        for cell in cost.filter(~pl.col("meter").is_in(extras)).select(*keys, "amount").iter_rows()
    }
    assert billed == due
    assert cost["amount"].equals(cost["amount_usd"], null_equal=False, check_names=False)


def test_anthropic_searches_are_a_cent_each(rows: pl.DataFrame) -> None:
    """Web searches cost ten dollars per thousand, by day and workspace."""
    searches = rows.filter(meter="web_search", provider="anthropic").group_by(
        pl.col("time").dt.truncate("1d"), "workspace"
    )
    for _, _, count, amount in searches.agg(pl.col("quantity").sum(), pl.col("amount").sum()).iter_rows():
        assert amount == count / 100


def test_venice_rows_are_exact(rows: pl.DataFrame) -> None:
    """Each charge is its quantity times its price, to the last digit, and one DIEM or credit is one dollar."""
    ledger = rows.filter(pl.col("source") == "venice.ledger", pl.col("quantity").is_not_null())
    cells = ledger.select("quantity", "unit_price", "amount", "amount_usd").iter_rows()
    assert all(quantity * price == amount == usd > 0 for quantity, price, amount, usd in cells)
    assert set(ledger["api_key"]) == set(ledger["workspace"]) == set(ledger["user"]) == {NONE}


def test_venice_requests_hold_together(rows: pl.DataFrame) -> None:
    """The rows of a request are one to four parts a few ms apart, paid in one currency, with one latency."""
    parts = rows.filter(pl.col("request_id").is_not_null())
    requests = parts.group_by("request_id").agg(
        pl.len(),
        pl.col("sku", "currency", "latency_ms", "notes").n_unique(),
        apart=pl.col("time").max() - pl.col("time").min(),
        amount=pl.col("amount").sum(),
        due=(pl.col("quantity") * pl.col("unit_price")).sum(),
    )
    assert requests.select("currency", "latency_ms", "notes").unique().row(0) == (1, 1, 1)
    assert requests.filter(pl.col("len") != pl.col("sku")).is_empty()
    assert _span(requests["apart"])[1] < timedelta(milliseconds=20)
    assert set(requests["len"]) == {1, 2, 3, 4}
    assert requests["amount"].equals(requests["due"], check_names=False)


def test_venice_spends_its_allowance_first(rows: pl.DataFrame) -> None:
    """DIEM is spent until the day's four are gone, and only then anything else."""
    charges = rows.filter(pl.col("source") == "venice.ledger", pl.col("amount") > 0)
    days = charges.group_by(pl.col("time").dt.date()).agg(
        diem=pl.col("amount").filter(pl.col("currency") == "DIEM").sum(),
        rest=pl.col("amount").filter(pl.col("currency") != "DIEM").sum(),
    )
    dearest = Decimal(2)  # no request costs more
    assert _span(days["diem"])[1] < 4 + dearest
    assert _span(days.filter(pl.col("rest") > 0)["diem"])[0] >= 4
    for _, month in charges.group_by(pl.col("time").dt.month()):
        credit, dollars = (_span(month.filter(currency=name)["time"]) for name in ("BUNDLED_CREDITS", "USD"))
        assert month.filter(currency="BUNDLED_CREDITS")["amount"].sum() < 25 + dearest
        assert credit[0] < credit[1] < dollars[0]


def test_event_caching_switched_on(rows: pl.DataFrame) -> None:
    """From 2026-08-24 the bot reads most of its prompts from the cache."""
    bot = rows.filter(api_key="support-bot")
    before, after = (
        bot.filter(pl.col("time") < _instant("2026-08-24")),
        bot.filter(pl.col("time") >= _instant("2026-08-24")),
    )
    assert "cache_read" not in set(before["meter"])
    read, plain = (after.filter(meter=meter)["quantity"].sum() for meter in ("cache_read", "input"))
    assert read > 4 * plain


def test_event_price_change(rows: pl.DataFrame) -> None:
    """On 2026-09-08 the four prices of one model halve; no other price ever moves."""
    priced = rows.filter(pl.col("unit_price").is_not_null()).with_columns(
        after=pl.col("time") >= _instant("2026-09-08")
    )
    moved = priced.group_by("sku").agg(
        pl.col("unit_price").n_unique(),
        before=pl.col("unit_price").filter(~pl.col("after")).unique(),
        later=pl.col("unit_price").filter("after").unique(),
    ).filter(pl.col("unit_price") > 1)  # fmt: skip
    assert moved.height == 4
    assert all(sku.startswith("openai-gpt-56-sol-llm-") for sku in moved["sku"])
    assert all(
        before == [2 * price for price in later] for before, later in moved.select("before", "later").iter_rows()
    )


def test_event_runaway_key(rows: pl.DataFrame) -> None:
    """In the night of 2026-09-16 one key burns over twenty times its tokens of any other day."""
    sandbox = rows.filter(api_key="agent-sandbox", unit="token")
    night = pl.col("time").is_between(_instant("2026-09-16T19:00"), _instant("2026-09-17T07:00"), closed="left")
    days = sandbox.filter(~night).group_by(pl.col("time").dt.date()).agg(pl.col("quantity").sum())
    burnt = sandbox.filter(night)
    assert burnt["quantity"].sum() > 20 * _span(days["quantity"])[1]
    assert burnt["time"].n_unique() == 12
    cost = rows.filter(source="anthropic.cost").group_by("time").agg(pl.col("amount").sum()).top_k(2, by="amount")
    assert set(cost["time"]) == {_instant("2026-09-16"), _instant("2026-09-17")}


def test_event_new_model(rows: pl.DataFrame) -> None:
    """Between 2026-09-22 and 2026-09-29 one model takes all the work of another, key by key."""
    usage = rows.filter(source="anthropic.usage")
    old, new = usage.filter(model="claude-sonnet-4-6"), usage.filter(model="claude-sonnet-5")
    assert _instant("2026-09-22") <= _span(new["time"])[0] < _span(old["time"])[1] < _instant("2026-09-29")
    assert set(old["api_key"]) == set(new["api_key"])
    for key in old["api_key"].unique():
        assert _span(old.filter(api_key=key)["time"])[1] < _span(new.filter(api_key=key)["time"])[0]


def test_event_rate_limited_burst(rows: pl.DataFrame) -> None:
    """In the afternoon of 2026-10-08 each hour turns away over ten times as many requests as any other hour."""
    hours = rows.filter(meter="rate_limited").group_by(pl.col("time").dt.truncate("1h")).len()
    burst = pl.col("time").is_between(_instant("2026-10-08T13:00"), _instant("2026-10-08T16:00"), closed="left")
    assert hours.filter(burst).height == 3
    assert _span(hours.filter(burst)["len"])[0] > 10 * _span(hours.filter(~burst)["len"])[1]
    worst = rows.filter(pl.col("meter") == "rate_limited", burst)["api_key"].value_counts(sort=True).row(0)
    assert worst[0] == "chat-backend"


def test_event_refund(rows: pl.DataFrame) -> None:
    """One amount is below zero: the refund of 2026-10-20, in dollars, with its reason."""
    refund = rows.filter(pl.col("amount") < 0)
    assert refund.select("time", "amount", "currency").rows() == [
        (_instant("2026-10-20T09:30"), Decimal("-18.40"), "USD")
    ]
    assert refund["notes"].item().startswith("Refund")


def test_event_quiet_weekends(rows: pl.DataFrame) -> None:
    """A day of a weekend sees less than a third of the money and tokens of a working day."""
    ordinary = rows.filter(
        ~pl.col("time").dt.date().is_in([_instant("2026-09-16").date(), _instant("2026-09-17").date()])
    )
    for column, source in (("amount", "anthropic.cost"), ("quantity", "anthropic.usage"), ("amount", "venice.ledger")):
        days = ordinary.filter(source=source).group_by(pl.col("time").dt.date()).agg(pl.col(column).sum())
        weekend = pl.col("time").dt.weekday() > 5
        mean = pl.col(column).cast(pl.Float64).mean()
        rest, work = (days.filter(kept).select(mean).item() for kept in (weekend, ~weekend))
        assert 3 * rest < work, source


def test_office_hours(rows: pl.DataFrame) -> None:
    """People work by day: no coding between 22:00 and 04:00."""
    coding = rows.filter(pl.col("api_key") == "claude-code", pl.col("time").dt.hour().is_in([22, 23, 0, 1, 2, 3]))
    assert coding.is_empty()
