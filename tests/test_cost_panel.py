"""The cost panel without a browser: one currency at a time, exact, and never two of them in one bar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from drawn import carried as charted
from drawn import live
from panels import carried, heights
from usage_toolkit import schema
from usage_toolkit.panel import cost_panel
from zoo import canonical, money, tokens

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime(2026, 10, 3, tzinfo=UTC)
NOON = DAY + timedelta(hours=12)


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Two weeks of sample rows, daily bills among them, and an estimate beside one of the bills."""
    rows = ut.sample(days=14)
    guess = rows.filter(pl.col("currency") == "USD", pl.col("grain") == "event").head(50)
    return pl.concat([rows, guess.with_columns(basis=pl.lit("estimated", schema.COLUMNS["basis"]))])


@pytest.fixture(scope="module")
def panel(rows: pl.DataFrame) -> ut.CostPanel:
    """One panel for all examples of a property: it is meant to be used on and on."""
    return ut.CostPanel(rows)


def spent(rows: pl.DataFrame) -> dict[str, Decimal]:
    """Add up money in polars alone, by currency and, unless it is billed, basis."""
    sums = rows.filter(~pl.col("currency").is_in(["(none)"])).group_by("currency", "basis").agg(pl.col("amount").sum())
    return {name if basis == "billed" else f"{name} ({basis})": sum_ for name, basis, sum_ in sums.rows()}


def bars(panel: ut.CostPanel) -> Decimal:
    """Add up the bars, to the last digit."""
    return sum(heights(panel._live._state), Decimal())


def said(panel: ut.CostPanel) -> list[str]:
    """How high each bar is read out to be, as Vega writes it."""
    return sorted(bar.said.rpartition(": ")[2] for bar in live(panel._live._view.spec, panel._live._state))


def offered(panel: ut.CostPanel) -> list[str]:
    """What can be chosen under "Currency"."""
    return [key for _, key in panel._money.options]


def test_a_control_sets_the_value(rows: pl.DataFrame) -> None:
    """Choosing a provider is a Filter, choosing a currency is `currency`; the two leave each other alone."""
    panel = ut.CostPanel(rows)
    assert (panel.currency, panel.group) == ("USD", "model")
    panel._filters._fields["provider"].value = ("venice",)
    assert panel.value == ut.Filter(provider="venice")
    panel._money.value = "DIEM"
    assert (panel.currency, panel.value) == ("DIEM", ut.Filter(provider="venice"))
    panel.currency = "USD (estimated)"
    assert panel._money.value == "USD (estimated)"
    assert "Cost per day, USD estimated" in panel._trail.crumb.value
    panel._group.value = "meter"
    assert panel.group == "meter"
    assert not panel._message.value


def test_the_currency_that_is_worth_most_comes_first() -> None:
    """Until one is chosen it is what is worth most US dollars; USD on a tie; and then it follows the selection."""
    panel = ut.CostPanel(
        canonical(
            [
                money("90", "DIEM", amount_usd="9", model="a"),
                money("10", "USD", amount_usd="10", model="a"),
                money("7", "DIEM", amount_usd="7", model="b"),
                money("7", "USD", amount_usd="7", model="b"),
            ]
        )
    )
    assert offered(panel) == ["USD", "DIEM"]  # 17 against 16
    panel.value = ut.Filter(currency="DIEM")
    assert (panel.currency, offered(panel)) == ("DIEM", ["DIEM"])
    panel.value = ut.Filter(model="b")
    assert (panel.currency, offered(panel)) == ("USD", ["USD", "DIEM"])


def test_a_chosen_currency_stays() -> None:
    """A currency that was chosen is not exchanged for another one where there is none of it; the panel says so."""
    panel = ut.CostPanel(canonical([money("1", "USD", model="a"), money("2", "DIEM", model="b")]))
    panel.currency = "DIEM"
    panel.value = ut.Filter(model="a")
    assert (panel.currency, offered(panel)) == ("DIEM", ["USD", "DIEM"])
    assert panel._live._state["empty"] == "No DIEM billed in this selection"
    for _ in range(2):  # also where it is shown already
        panel.currency = ""
        assert panel.currency == panel._money.value == "USD"


def test_a_currency_that_is_not_there(rows: pl.DataFrame) -> None:
    """Asking by code for money that no row has says what there is, and changes nothing."""
    panel = ut.CostPanel(rows)
    with pytest.raises(ut.ArgumentError, match=r"expected a currency of these rows, USD, DIEM, .*found 'EUR'"):
        panel.currency = "EUR"
    assert panel.currency == "USD"


HOURS = st.integers(0, 24 * 14).map(lambda n: datetime(2026, 10, 17, tzinfo=UTC) + timedelta(hours=n))


@st.composite
def filters(draw: st.DrawFn) -> ut.Filter:
    """Any filter by label and whole hours."""
    names = {
        "provider": ["venice", "anthropic"],
        "model": ["claude-opus-4-8", "openai-gpt-56-sol"],
        "meter": ["input", "output", "rate_limited"],
        "currency": ["USD", "DIEM"],
        "basis": ["billed", "estimated"],
    }
    some: dict[str, Any] = {
        label: draw(st.just([]) | st.lists(st.sampled_from(of), max_size=2)) for label, of in names.items()
    }
    ends = sorted(draw(st.just([]) | st.lists(HOURS, min_size=2, max_size=2, unique=True)))
    some |= dict(zip(("start", "stop"), ends, strict=False))
    return ut.Filter(**some)


@given(where=filters(), group=st.sampled_from(cost_panel.GROUPS), choice=st.integers(0, 9))
@settings(max_examples=60)
def test_money_is_the_rows(rows: pl.DataFrame, panel: ut.CostPanel, where: ut.Filter, group: str, choice: int) -> None:
    """For any filter, group and currency: table and totals are what polars adds up, bars that currency alone."""
    panel.group, panel.value, panel.currency = group, where, ""
    kept = rows.filter(where.to_expr())
    if where.stop:  # a day that reaches beyond the end can't be cut
        kept = kept.filter((pl.col("grain") != "1d") | (pl.col("time") + timedelta(days=1) <= where.stop))
    expected = spent(kept)
    assert sorted(offered(panel)) == sorted(expected)
    if expected:
        panel.currency = offered(panel)[choice % len(expected)]
    assert not panel._message.value
    assert spent(panel.data) == expected
    assert {key: panel.totals[key] for key in expected} == expected
    inside = spent(panel.data.filter(pl.col("time").is_not_null()))
    assert bars(panel) == inside.get(panel.currency, 0)
    assert charted(panel.chart)["value"].sum() == bars(panel)


@pytest.mark.parametrize("currency", ["USD", "DIEM", "USD (estimated)"])
def test_currencies_are_never_added(rows: pl.DataFrame, panel: ut.CostPanel, currency: str) -> None:
    """The bars of each currency and basis together are its sum over the rows, whatever they are grouped by."""
    panel.value = ut.Filter()
    for group in cost_panel.GROUPS:
        panel.group, panel.currency = group, currency
        assert bars(panel) == spent(rows)[currency]


def test_only_bars_of_the_currency_open() -> None:
    """A day without money of the currency that is drawn is not offered to be opened."""
    panel = ut.CostPanel(
        canonical([money("3", "USD", time=NOON), money("2", "DIEM", time=NOON + timedelta(days=1)), tokens(5)])
    )
    assert panel._trail.bar.options == (("3 Oct 2026", "2026-10-03"),)
    assert len(panel._live._state["filled"]) == 1
    panel.currency = "DIEM"
    assert panel._trail.bar.options == (("4 Oct 2026", "2026-10-04"),)


def test_a_day_of_single_charges_opens() -> None:
    """A day whose charges have a time opens into hours and minutes, and up is where it was."""
    panel = ut.CostPanel(canonical([money("3", time=NOON), money("4", time=NOON + timedelta(days=1))]))
    panel.drill("2026-10-03")
    assert panel.value == ut.Filter("2026-10-03", "2026-10-04")
    assert "Cost per hour, USD billed" in panel._trail.crumb.value
    panel.drill("2026-10-03T12:00")
    assert panel.totals == {"USD": 3}
    assert panel._live._state["long"][int(carried(panel._live._state)[0][0])] == "3 Oct 2026, 12:00"
    panel.up()
    panel.up()
    assert panel.value == ut.Filter()


def test_a_daily_bill_does_not_open() -> None:
    """A bill per day has no hours: the panel says why, also where tokens and other money of that day have some."""
    panel = ut.CostPanel(
        canonical(
            [money("5", time=DAY, grain="1d"), money("1", "DIEM", time=NOON), tokens(5, time=NOON, basis="metered")]
        )
    )
    panel.drill("2026-10-03")
    assert "3 Oct 2026 can&#x27;t be opened: its rows of USD billed resolve no hours." in panel._message.value
    assert panel.value == ut.Filter()
    panel.value = ut.Filter("2026-10-03", "2026-10-04")
    assert panel._live._state["names"] == ["2026-10-03"]
    panel.currency = "DIEM"
    assert len(panel._live._state["names"]) == 24
    assert panel.totals == {"input": 5, "USD": 5, "DIEM": 1}
    assert "in no bar: rows that resolve no hours (1)" in panel._status.value


def test_a_credit_hangs_below_zero() -> None:
    """A refund is a bar of its own below zero, next to a charge of the same model, and both count in the total."""
    panel = ut.CostPanel(
        canonical([money("5", model="m", meter="output", time=NOON), money("-7", model="m", meter="other", time=NOON)])
    )
    state = panel._live._state
    assert sorted(heights(state)) == [-7, 5]
    assert (state["low"], state["high"]) == (-7, 5)
    assert said(panel) == ["-7.00 USD", "5.00 USD"]
    assert panel.totals == {"USD": -2}


def test_every_digit_is_said() -> None:
    """What a bar is read out as has all digits of its sum, which no double has."""
    small = Decimal("0.000000000000000001")
    panel = ut.CostPanel(canonical([money("123456789.1"), money(str(f"{small:f}"))]), locale="it-IT")
    assert said(panel) == ["123.456.789,100000000000000001 USD"]
    panel = ut.CostPanel(canonical([money("1", "EUR", basis="estimated")]))
    assert said(panel) == ["1.00 EUR (estimated)"]
    assert panel.currency == "EUR (estimated)"


def test_more_kinds_than_colours() -> None:
    """Every meter is drawn in its own colour; of other labels the largest eight are, the rest together."""
    kinds = canonical(money(str(n + 1), meter=meter, model=f"m{n:02}") for n, meter in enumerate(schema.METERS))
    panel = ut.CostPanel(kinds)
    assert len(panel._live._state["series"]) == 9
    assert panel._live._state["series"][-1] == "(other)"
    panel.group = "meter"
    assert len(panel._live._state["series"]) == len(set(panel._live._state["colours"])) == len(schema.METERS)


@pytest.mark.parametrize("rows", [[], [tokens(5)]], ids=["no rows", "no money"])
def test_nothing_to_pay(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    """Without money a panel is a panel: everything works and says calmly that there is none."""
    panel = ut.CostPanel(canonical(rows))
    what = "money" if rows else "Nothing"
    assert what in panel._live._state["empty"]
    assert (panel.currency, panel._money.options, panel._money.disabled) == ("", (), True)
    for value in (ut.Filter("2026-10-01", "2026-11-01"), ut.Filter(model="m", sku="s"), ut.Filter()):
        panel.value = value
        panel.up()
    panel._picked(panel._trail.bar.value)
    assert "no bar to open" in panel._message.value
    panel.group = "user"
    assert panel.chart.to_dict()
    assert "USD" not in panel.totals
    assert "not reported" in panel._tiles.value
    assert repr(panel) in repr(panel.snapshot())
    assert panel.download(tmp_path).name.startswith("cost_")


def test_money_that_is_not_known() -> None:
    """An unknown amount is neither drawn nor 0, and its day can still be opened."""
    rows = canonical([money("5", time=NOON), money("6", time=NOON + timedelta(days=1))])
    panel = ut.CostPanel(rows.with_columns(amount=pl.when(pl.col("time") != NOON).then("amount")))
    assert said(panel) == ["6.00 USD"]
    assert panel.totals == {"USD": None}
    assert len(panel._trail.bar.options) == 2
    assert "unknown quantity or amount" in panel._status.value


def test_linked_with_a_usage_panel(rows: pl.DataFrame) -> None:
    """Use and cost share one filter, whichever is moved; the totals agree."""
    use, cost = ut.UsagePanel(rows), ut.CostPanel(rows)
    traitlets.link((use, "value"), (cost, "value"))
    use._filters._fields["provider"].value = ("venice",)
    cost.drill("2026-10-20")
    assert use.value == cost.value == ut.Filter("2026-10-20", "2026-10-21", provider="venice")
    assert use.totals == cost.totals
    cost.up()
    assert use.value == ut.Filter(provider="venice")


def test_a_hostile_currency() -> None:
    """A currency with markup in its name is shown as it is, and drawn like any other."""
    name = "<img src=x onerror=alert(1)>"
    panel = ut.CostPanel(canonical([money("5", name)]))
    assert panel.currency == name
    for html in (panel._trail.crumb.value, panel._tiles.value, panel._status.value):
        assert "<img" not in html
    panel.value = ut.Filter(model="no-such")
    assert panel._live._state["empty"] == "Nothing in this selection"


def test_it_names_itself(rows: pl.DataFrame) -> None:
    """Its text is one stable line."""
    assert repr(ut.CostPanel(rows)) == f"CostPanel({rows.height:,} rows, 2026-10-18 to 2026-10-31, UTC)"
