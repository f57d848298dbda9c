"""Money is spread exactly: nothing is lost, nothing has the wrong sign, nothing depends on the order of the rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from usage_toolkit.sample.anthropic import WEB_SEARCH_PRICE, price
from usage_toolkit.sample.rhythm import PICO
from usage_toolkit.schema import COLUMNS, MONEY, NONE, UNALLOCATED
from zoo import any_frames, canonical, decimals

if TYPE_CHECKING:
    from collections.abc import Iterable

    Row = dict[str, Any]

LABELS = ("workspace", "model", "service_tier", "region")
DAY = datetime(2026, 10, 1, tzinfo=UTC)
UNIT = Fraction(1, 10**18)


def bill(amount: str | Decimal, **rest: Any) -> Row:
    """Words for a day's bill."""
    known = {"time": DAY, "grain": "1d", "provider": "anthropic", "source": "anthropic.cost"}
    return known | {"amount": amount, "currency": "USD"} | rest


def use(quantity: int | Decimal, hour: int = 0, **rest: Any) -> Row:
    """Words for an hour's tokens of one user."""
    known = {"time": DAY + timedelta(hours=hour), "grain": "1h", "provider": "anthropic", "source": "anthropic.usage"}
    return known | {"basis": "metered", "quantity": str(quantity), "unit": "token"} | rest


@st.composite
def books(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    """Bills, each with an SKU of its own, and metered rows, each with a user of its own, on two days."""
    labels: dict[str, st.SearchStrategy[Any]] = {
        "workspace": st.sampled_from(["a", "b", None]),
        "model": st.sampled_from(["m", "n", None]),
        "service_tier": st.sampled_from(["batch", "standard", None]),
        "region": st.sampled_from(["us", None]),
        "meter": st.sampled_from(["input", "output"]),
    }
    days = st.sampled_from([DAY, DAY + timedelta(days=1)])
    amounts = decimals(18) | st.sampled_from([Decimal(n).scaleb(-18) for n in (1, 2, 7, -1, -3)])
    quantities = st.just(Decimal(1)) | st.just(Decimal(3)) | decimals(9)
    money_row: st.SearchStrategy[Row] = st.fixed_dictionaries(
        {**labels, "time": days, "amount": amounts, "currency": st.sampled_from(["USD", "DIEM"])}
    )
    use_row: st.SearchStrategy[Row] = st.fixed_dictionaries(
        {**labels, "time": days, "quantity": quantities, "unit": st.sampled_from(["token"] * 9 + ["request"])}
    )
    bills = [bill(**row) | {"sku": f"sku {n}"} for n, row in enumerate(draw(st.lists(money_row, max_size=8)))]
    uses = [
        use(**row) | {"user": f"user {n}", "time": row["time"] + timedelta(hours=draw(st.integers(0, 23)))}
        for n, row in enumerate(draw(st.lists(use_row, max_size=12)))
    ]
    return bills, uses


def behind(one: Row, bills: Iterable[Row], uses: Iterable[Row]) -> list[Row]:
    """Give the use behind a bill: equal in the labels that both sides say, else in those that the two rows say."""
    scope = [u for u in uses if (u["time"].date(), u["meter"]) == (one["time"].date(), one["meter"])]
    scope = [u for u in scope if Decimal(u["quantity"]) > 0]
    others = [b for b in bills if (b["time"], b["meter"]) == (one["time"], one["meter"])]
    both = [name for name in LABELS if any(b[name] for b in others) and any(u[name] for u in scope)]
    equal = [[u for u in scope if all(u[name] == b[name] for name in both)] for b in others]
    found = equal[others.index(one)]
    if not found:
        found = [u for u in scope if all(None in (u[n], one[n]) or u[n] == one[n] for n in LABELS)]
        found = [u for u in found if not any(u in paid for paid in equal)] or found
    return found if len({u["unit"] for u in found}) == 1 else []


@given(both=books())
@settings(max_examples=200, deadline=None)
def test_parts_are_exact_and_in_proportion(both: tuple[list[Row], list[Row]]) -> None:
    """Each bill adds up to the last digit; each part lies within one unit of its proportion and on its side of 0."""
    bills, uses = both
    spread = ut.allocate(canonical([*bills, *uses])).filter(pl.col("amount").is_not_null())
    assert set(spread["basis"].unique()) <= {"allocated"}
    for one in bills:
        parts = spread.filter(pl.col("sku") == one["sku"])
        whole, used = Fraction(one["amount"]), behind(one, bills, uses)
        assert sum(map(Fraction, parts["amount"])) == whole
        assert set(parts["currency"]) == {one["currency"]}
        if not used:
            assert parts.select("grain", "api_key", "user").rows() == [("1d", UNALLOCATED, UNALLOCATED)]
            continue
        total = sum(Fraction(u["quantity"]) for u in used)
        wanted = {u["user"]: whole * Fraction(u["quantity"]) / total for u in used}
        found = {user: Fraction(amount) for user, amount in parts.select("user", "amount").rows()}
        assert found.keys() == wanted.keys()
        assert all(abs(found[user] - wanted[user]) < UNIT for user in wanted)
        assert all(part * whole >= 0 for part in found.values())
        times = {u["user"]: u["time"] for u in used}
        assert dict(parts.select("user", "time").rows()) == times


@given(rows=any_frames())
@settings(max_examples=100, deadline=None)
def test_any_rows_keep_their_sum(rows: pl.DataFrame) -> None:
    """Money and quantities of each provider, meter and day stay the same in sum, and a second time changes nothing."""
    keys = ["provider", "account", "source", "meter", "currency", "basis", "time"]
    spread = ut.allocate(rows)
    assert dict(spread.schema) == COLUMNS
    assert ut.allocate(spread).equals(spread)
    for measure in ("amount", "quantity"):
        before, after = (
            frame.filter(pl.col(measure).is_not_null())
            .with_columns(pl.col("basis").cast(pl.String).replace("allocated", "billed"))
            .with_columns(pl.col("time").dt.truncate("1d"))
            .group_by(keys)
            .agg(pl.col(measure).sum())
            .sort(pl.all())
            for frame in (rows, spread)
        )
        assert before.equals(after)


@given(rows=any_frames(), seed=st.integers(0, 9))
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_does_not_matter(rows: pl.DataFrame, seed: int) -> None:
    """Rows in another order give the same parts."""
    first, second = (
        ut.allocate(frame).filter(pl.col("basis") == "allocated")
        for frame in (rows, rows.sample(fraction=1, shuffle=True, seed=seed))
    )
    keys = [name for name, dtype in COLUMNS.items() if dtype != MONEY]
    assert first.sort(*keys, "amount").equals(second.sort(*keys, "amount"))


def test_the_sample_is_spread_at_its_own_prices() -> None:
    """Each part of the sample's bill is the tokens of its hour and key at the list price that the bill was made of."""
    rows = ut.sample(days=20)
    keys = [
        "time",
        "api_key",
        "user",
        "workspace",
        "model",
        "service_tier",
        "context_window",
        "region",
        "speed",
        "meter",
    ]
    parts = ut.allocate(rows).filter(source="anthropic.cost", grain="1h")
    used = rows.filter(source="anthropic.usage").select(*keys, "quantity")
    joined = parts.drop("quantity").join(used, on=keys, how="full", validate="1:1", coalesce=True)
    assert joined.null_count().select("amount", "quantity").row(0) == (0, 0)
    terms = ("service_tier", "context_window", "region", "speed")
    for row in joined.iter_rows(named=True):
        meter = row["meter"]
        unit = price(row["model"], meter, **{n: row[n] for n in terms}) if meter != "web_search" else WEB_SEARCH_PRICE
        assert row["amount"] == row["quantity"] * unit / PICO == row["amount_usd"]


def test_money_without_tokens_stays_whole() -> None:
    """Code execution and sessions are on the bill and in no report of use: they stay at their day and workspace."""
    rows = ut.sample(days=7)
    kept = ut.allocate(rows).filter(pl.col("api_key") == UNALLOCATED)
    billed = rows.filter(pl.col("meter").is_in(["code_execution", "session"]))
    columns = ["time", "grain", "workspace", "sku", "meter", "amount", "amount_usd"]
    assert kept.select(columns).sort(pl.all()).equals(billed.select(columns).sort(pl.all()))
    assert set(kept["basis"]) == {"allocated"}


def test_a_day_opens_into_hours_in_the_panel() -> None:
    """The cost of one day by hour and key, and what has no hour, is the bill of that day."""
    rows = ut.sample(days=5).filter(provider="anthropic")
    panel = ut.CostPanel(ut.allocate(rows), value=ut.Filter("2026-10-28", "2026-10-29"))
    panel.group = "api_key"
    billed = rows.filter(pl.col("time").dt.day() == 28)["amount"].sum()
    assert panel.data["amount"].sum() == billed
    assert panel.data.drop_nulls("time").filter(pl.col("amount") > 0)["time"].n_unique() > 12
    assert panel.data.filter(pl.col("time").is_null(), pl.col("amount") > 0)["api_key"].to_list() == [UNALLOCATED] * 2


def test_what_is_billed_by_the_event_is_left_alone() -> None:
    """A ledger of requests is billed as it stands."""
    rows = ut.sample(days=7).filter(provider="venice")
    assert ut.allocate(rows).equals(rows)
    assert ut.allocate(rows.lazy()).equals(rows)
    assert ut.allocate(rows.clear()).equals(rows.clear())


def test_the_largest_remainder_wins_and_the_first_among_equals() -> None:
    """Of two units for three equal hours the first two hours get one each; of thirds the larger remainder does."""
    equal = ut.allocate(canonical([bill("0.000000000000000002"), *(use(1, hour) for hour in (2, 1, 0))]))
    parts = equal.filter(basis="allocated").sort("time")["amount"].to_list()
    assert parts == [Decimal("1e-18"), Decimal("1e-18"), 0]
    uneven = ut.allocate(canonical([bill("-0.000000000000000002"), use(3, 0), use(1, 1), use(2, 2)]))
    parts = uneven.filter(basis="allocated").sort("time")["amount"].to_list()
    assert parts == [Decimal("-1e-18"), 0, Decimal("-1e-18")]  # of -1, -1/3 and -2/3


def test_a_credit_is_spread_as_its_charge_is() -> None:
    """A charge and its credit share labels and stay apart."""
    rows = canonical([bill("10"), bill("-4"), use(1, 0), use(3, 1)])
    parts = ut.allocate(rows).filter(basis="allocated")
    assert sorted(parts.filter(pl.col("time") == DAY)["amount"]) == [-1, Decimal("2.5")]
    assert sorted(parts["amount"]) == [-3, -1, Decimal("2.5"), Decimal("7.5")]


def test_a_report_that_does_not_say_is_matched_by_what_it_says() -> None:
    """Use without a tier is behind both tiers; a bill without a model is for all models of its workspace."""
    rows = canonical(
        [
            bill("3", model="m", service_tier="batch"),
            bill("6", model="m", service_tier="standard"),
            bill("8", meter="web_search", workspace="a"),
            use(1, 0, model="m", user="x"),
            use(2, 1, model="m", user="y"),
            use(1, 0, meter="web_search", unit="request", workspace="a", model="m", user="x"),
            use(3, 0, meter="web_search", unit="request", workspace="a", model="n", user="y"),
            use(4, 0, meter="web_search", unit="request", workspace="b", model="n", user="z"),
        ]
    )
    parts = ut.allocate(rows).filter(basis="allocated").select("meter", "model", "service_tier", "user", "amount")
    assert sorted(parts.rows()) == [
        ("input", "m", "batch", "x", 1), ("input", "m", "batch", "y", 2),
        ("input", "m", "standard", "x", 2), ("input", "m", "standard", "y", 4),
        ("web_search", "m", NONE, "x", 2), ("web_search", "n", NONE, "y", 6),
    ]  # fmt: skip


def test_a_renamed_workspace_is_still_itself() -> None:
    """Ids decide, a name without one stands for its only id, and two workspaces of one name are two."""
    rows = canonical(
        [
            bill("1", workspace="old", workspace_id="w1"),
            bill("2", workspace="new"),
            bill("4", workspace="other", workspace_id="w2"),
            use(1, user="x", workspace="new", workspace_id="w1"),
            use(1, user="y", workspace="old", workspace_id="w3"),
        ]
    )
    parts = ut.allocate(rows).filter(basis="allocated")
    assert parts.sort("amount").select("user", "amount").rows() == [("x", 1), ("x", 2), (UNALLOCATED, 4)]


def test_a_name_is_that_of_its_own_workspace() -> None:
    """Two keys of one name in two workspaces are told apart where one report has no ids."""
    rows = canonical(
        [
            bill("1", workspace="a", api_key="batch", api_key_id="k1"),
            bill("2", workspace="b", api_key="batch", api_key_id="k2"),
            use(1, user="x", workspace="a", api_key="batch"),
            use(1, user="y", workspace="b", api_key="batch"),
        ]
    )
    parts = ut.allocate(rows).filter(basis="allocated")
    assert parts.sort("amount").select("user", "api_key_id", "amount").rows() == [("x", "k1", 1), ("y", "k2", 2)]


def test_money_that_does_not_say_is_for_what_no_other_money_is_for() -> None:
    """A charge without a tier is not for batches that have a bill, one without a key not for keys that have one."""
    rows = canonical(
        [
            bill("1", service_tier="batch", api_key="k"),
            bill("2", api_key="k"),
            bill("4", service_tier="batch"),
            use(1, user="x", service_tier="batch", api_key="k"),
            use(1, user="y", service_tier="standard", api_key="k"),
            use(1, user="z", service_tier="batch", api_key="(console)"),
        ]
    )
    parts = ut.allocate(rows).filter(basis="allocated")
    assert parts.sort("amount").select("user", "amount").rows() == [("x", 1), ("y", 2), ("z", 4)]


def test_quantities_in_several_units_are_behind_nothing() -> None:
    """Seconds and characters of one meter are in no proportion."""
    rows = canonical(
        [bill("1", meter="audio"), use(1, meter="audio", unit="second"), use(1, meter="audio", unit="character")]
    )
    assert ut.allocate(rows).filter(basis="allocated")["user"].to_list() == [UNALLOCATED]


def test_what_is_out_of_range_or_no_frame_is_refused() -> None:
    """Quantities beyond all reason and other libraries' frames are a sentence."""
    huge = canonical([bill("1"), *(use(10**17, hour % 24, user=f"u{hour}") for hour in range(900))])
    with pytest.raises(ut.InputError, match=r"less than 9e\+19 behind the money of a day, found 9.0e\+19"):
        ut.allocate(huge)
    with pytest.raises(ut.ArgumentError, match="allocate: expected canonical rows in polars, found dict"):
        ut.allocate({})  # type: ignore[arg-type]
