"""The panels without a browser: a mouse is an assignment to a control, a click is what Vega would have sent."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter

import usage_toolkit as ut
from usage_toolkit import times
from usage_toolkit.export import to_csv, unescape
from usage_toolkit.panel import download, live_chart, picture, usage_panel
from usage_toolkit.schema import TOKEN_METERS

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    'it\'s "quoted" & {braced} %s',
    "\u202egnp.exe",
    "x" * 10_000,
    "gpt-4.1",
    "a[0]",
    "date",
    "(none)",
    "All models",
    "3 models",
    " ",
]
OCTOBER = ("2026-10-01", "2026-11-01")


def event(time: datetime, **values: Any) -> dict[str, Any]:
    """One canonical row: ten input tokens for a cent, unless it says otherwise."""
    row = {
        "time": time, "grain": "event", "provider": "venice", "source": "venice.ledger", "basis": "billed",
        "model": "m", "meter": "input", "quantity": "10", "unit": "token", "amount": "0.01", "currency": "USD",
    }  # fmt: skip
    return row | values


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """Make rows canonical."""
    time = pl.Datetime("us", "UTC")
    return ut.conform(pl.DataFrame(list(rows), infer_schema_length=None).with_columns(pl.col("time").cast(time)))


def daily(time: datetime, **values: Any) -> dict[str, Any]:
    """One row that resolves a day of UTC: money only."""
    return event(time, grain="1d", quantity=None, unit=None, amount="5", **values)


def select(panel: Any, label: str, *values: str) -> None:
    """Choose values in a selector, as a person does."""
    panel._fields[label].value = values


def click(panel: ut.UsagePanel, bucket: str, rev: int | None = None) -> None:
    """Click on a bar: what the browser then sends."""
    picked = {"bucket": bucket, "rev": panel._live._rev if rev is None else rev}
    fields = [{"type": "E", "field": field} for field in picked]
    store = [{"unit": "", "fields": fields, "values": list(picked.values())}]
    value = {name: [it] for name, it in picked.items()} | {"vlPoint": {"or": [picked]}}
    panel._live.widget._vl_selections = {"pick": {"value": value, "store": store}}


def sums(rows: pl.DataFrame) -> dict[str, Decimal]:
    """Add up rows in polars alone: tokens and other counts by meter, money by currency."""
    counts = rows.drop_nulls("unit").group_by("meter").agg(pl.col("quantity").sum())
    money = rows.drop_nulls("currency").group_by("currency").agg(pl.col("amount").sum())
    return dict(counts.cast({"meter": pl.String}).rows()) | dict(money.rows())


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Two weeks of sample rows, those with hours and finer."""
    return ut.sample(days=14).filter(pl.col("grain") != "1d")


# The filter and its controls


def test_a_control_sets_the_value(rows: pl.DataFrame) -> None:
    """Choosing in selectors and periods is the Filter that says the same."""
    panel = ut.FilterPanel(rows)
    select(panel, "workspace", "Research")
    select(panel, "model", "claude-opus-4-8")
    panel._period._kind.value = "month"
    assert panel.value == ut.Filter(*OCTOBER, workspace="Research", model="claude-opus-4-8")
    panel._period._kind.value = "day"
    assert panel.value == ut.Filter("2026-10-31", "2026-11-01", workspace="Research", model="claude-opus-4-8")
    panel._period._back.click()
    assert panel.value.start == datetime(2026, 10, 30, tzinfo=UTC)
    panel._period._kind.value = "range"
    panel._period._from.value = date(2026, 10, 20)
    assert (panel.value.start, panel.value.stop) == (
        datetime(2026, 10, 20, tzinfo=UTC),
        datetime(2026, 10, 31, tzinfo=UTC),
    )
    panel._period._kind.value = "all"
    select(panel, "workspace")
    select(panel, "model")
    assert panel.value == ut.Filter()


def test_the_value_moves_the_controls(rows: pl.DataFrame) -> None:
    """A Filter set by code shows in the controls, in its simplest form, and stays as it was set."""
    panel = ut.FilterPanel(rows)
    for value, kind in (
        (ut.Filter(*OCTOBER, user="ben@example.com"), "Month"),
        (ut.Filter("2026-10-20", "2026-10-21"), "Day"),
        (ut.Filter("2026-10-20", "2026-10-25"), "Range"),
        (ut.Filter("2026-10-20"), "Range"),
        (ut.Filter("2026-10-20T13:00", "2026-10-20T14:00"), "Exact time"),
        (ut.Filter("0001-01-01", "9999-12-31"), "Exact time"),
        (ut.Filter(model=["a", "b", "c"], sku="x"), "All time"),
    ):
        panel.value = value
        assert panel.value == value
        assert panel._period._kind.label == kind
        assert not panel._message.value
    assert panel._fields["model"].label == "3 models"
    panel.value = ut.Filter(*OCTOBER, user="ben@example.com")
    assert panel._fields["user"].value == ("ben@example.com",)
    assert panel._period._month.label == "Oct 2026"


def test_a_range_may_be_a_month(rows: pl.DataFrame) -> None:
    """Who chose a range keeps it while moving its ends, also where it is a whole month for a moment."""
    panel = ut.FilterPanel(rows, value=ut.Filter(*OCTOBER))
    panel._period._kind.value = "range"
    assert (panel._period._kind.label, panel._period._from.value) == ("Range", date(2026, 10, 18))  # the first row
    panel._period._from.value = date(2026, 10, 1)
    assert (panel._period._kind.label, panel.value) == ("Range", ut.Filter(*OCTOBER))
    panel._period._to.value = date(2026, 9, 1)
    assert panel.value == ut.Filter("2026-09-01", "2026-09-02")


def test_what_has_no_control_is_kept(rows: pl.DataFrame) -> None:
    """Choosing in the panel changes that field alone."""
    panel = ut.FilterPanel(rows, value=ut.Filter(meter="output", region="(none)", currency="USD"))
    select(panel, "provider", "venice")
    panel._period._kind.value = "month"
    assert panel.value == ut.Filter(*OCTOBER, provider="venice", meter="output", region="(none)", currency="USD")


def test_what_does_not_exist_is_shown(rows: pl.DataFrame) -> None:
    """A chosen value without rows is not dropped, whoever else narrows."""
    panel = ut.FilterPanel(rows, value=ut.Filter(model="no-such"))
    assert panel._fields["model"].label == "no-such (0)"
    panel._period._kind.value = "month"
    assert panel.value == ut.Filter(*OCTOBER, model="no-such")
    assert panel._fields["model"].label == "no-such (0)"
    panel.value = ut.Filter(model="openai-gpt-56-sol", provider="anthropic")
    assert (panel._fields["model"].label, panel._fields["provider"].label) == ("openai-gpt-56-sol (0)", "anthropic (0)")


def test_an_equal_value_does_nothing(rows: pl.DataFrame) -> None:
    """Setting what is already there is heard by nobody, and one change is heard once."""
    panel = ut.FilterPanel(rows)
    heard: list[Any] = []
    panel.observe(heard.append, "value")
    panel.value = ut.Filter()
    assert heard == []
    panel.value = ut.Filter(model=["b", "a"])
    panel.value = ut.Filter(model=("a", "b"))
    select(panel, "model", "claude-opus-4-8")
    assert len(heard) == 2


def test_days_are_those_of_the_zone(rows: pl.DataFrame) -> None:
    """A day chosen in Rome is a day of Rome, of 25 hours where clocks go back."""
    panel = ut.FilterPanel(rows, tz="Europe/Rome")
    panel._period._kind.value = "day"
    panel._period._day.value = date(2026, 10, 25)
    assert (panel.value.start, panel.value.stop) == times.day(date(2026, 10, 25), tz="Europe/Rome")
    panel._period._on.click()
    assert panel._period._day.value == date(2026, 10, 26)


def test_what_cannot_be_is_not_chosen(rows: pl.DataFrame) -> None:
    """A date beyond the calendar is said in a sentence, and the controls go back to what is."""
    panel = ut.FilterPanel(rows, value=ut.Filter("2026-10-20", "2026-10-21"))
    panel._period._day.value = date.max
    assert "could not be shown" in panel._message.value
    assert panel.value == ut.Filter("2026-10-20", "2026-10-21")
    assert panel._period._day.value == date(2026, 10, 20)
    panel._period._on.click()
    assert not panel._message.value
    assert panel._period._day.value == date(2026, 10, 21)


HALF_HOURS = st.integers(0, 2 * 24 * 14).map(lambda n: datetime(2026, 10, 17, tzinfo=UTC) + timedelta(minutes=30 * n))
NAMES = {
    "provider": ["venice", "anthropic"],
    "workspace": ["Platform", "Research", "(none)", "no-such"],
    "model": ["claude-opus-4-8", "openai-gpt-56-sol"],
    "meter": ["input", "output", "rate_limited"],
    "currency": ["USD", "DIEM", "(none)"],
    "service_tier": ["batch", "(none)"],
}


@st.composite
def filters(draw: st.DrawFn) -> ut.Filter:
    """Any filter: open, of days, of hours, or cutting an hour; also by labels that have no control."""
    names: dict[str, Any] = {
        label: draw(st.just([]) | st.lists(st.sampled_from(of), max_size=2)) for label, of in NAMES.items()
    }
    ends = sorted(draw(st.just([]) | st.lists(HALF_HOURS, min_size=2, max_size=2, unique=True)))
    names |= dict(zip(("start", "stop"), ends, strict=False))
    return ut.Filter(**names)


@given(where=filters())
@settings(max_examples=30)
def test_selectors_offer_what_options_says(rows: pl.DataFrame, where: ut.Filter) -> None:
    """A selector offers the values and counts that `ut.options` gives, whatever the filter."""
    labels = ("provider", "workspace", "model", "api_key", "user")
    offers = panel_of(rows)._hours.offers(where.replace(start=None, stop=None))
    assert offers == ut.options(rows, where=where.replace(start=None, stop=None), of=labels)


_PANELS: dict[str, ut.UsagePanel] = {}


def panel_of(rows: pl.DataFrame, tz: str = "UTC") -> ut.UsagePanel:
    """Return one panel per zone for all examples of a property: a panel is meant to be used on and on."""
    if tz not in _PANELS:
        _PANELS[tz] = ut.UsagePanel(rows, tz=tz)
    return _PANELS[tz]


# What is shown


@given(
    where=filters(),
    tz=st.sampled_from(["UTC", "Europe/Rome", "America/New_York"]),
    group=st.sampled_from(picture.GROUPS),
)
@settings(max_examples=60)
def test_totals_are_the_rows(rows: pl.DataFrame, where: ut.Filter, tz: str, group: str) -> None:
    """For any filter, zone and grouping: totals = sum of the table = what polars adds up over the rows it keeps."""
    panel = panel_of(rows, tz)
    panel.group, panel.value = group, where
    assert not panel._message.value
    kept = rows.filter(where.to_expr())
    if where.stop:  # an hour that reaches beyond the end can't be cut
        kept = kept.filter((pl.col("grain") != "1h") | (pl.col("time") + timedelta(hours=1) <= where.stop))
    expected = sums(kept)
    assert panel.totals == expected
    shown = panel.data.with_columns(pl.col("unit", "currency").replace("(none)", None))
    assert sums(shown) == expected
    assert panel.data["rows"].sum() == kept.height


@given(where=filters())
@settings(max_examples=30)
def test_what_is_drawn_is_what_is_kept(rows: pl.DataFrame, where: ut.Filter) -> None:
    """The bars together are the tokens of the table, as far as those lie in a bar."""
    panel = panel_of(rows)
    panel.group, panel.value = "model", where
    inside = panel.data.filter(pl.col("time").is_not_null(), pl.col("meter").is_in(TOKEN_METERS))
    assert sum(panel._live._state["tokens"]) == float(inside["quantity"].sum())


@pytest.mark.parametrize(
    ("tz", "day", "hours"),
    [
        ("UTC", date(2026, 10, 25), 24),
        ("Europe/Rome", date(2026, 10, 25), 25),
        ("Europe/Rome", date(2026, 3, 29), 23),
        ("America/New_York", date(2026, 3, 8), 23),
        ("Asia/Kolkata", date(2026, 10, 25), 24),
        ("America/Santiago", date(2026, 9, 6), 23),  # a day that begins at one o'clock
    ],
)
def test_hours_add_up_to_the_day(tz: str, day: date, hours: int) -> None:
    """A day opens into all its hours, each with a bar and a name of its own, and they add up to it."""
    start = times.day(day, tz=tz)[0].astimezone(times.zone(tz))
    first = start.astimezone(UTC) - timedelta(days=1)
    moments = pl.datetime_range(first, first + timedelta(days=3), "15m", time_unit="us", closed="left", eager=True)
    panel = ut.UsagePanel(frame(*map(event, moments)), tz=tz)
    whole = panel.data.filter(pl.col("time") == start)["quantity"].sum()
    panel.drill(day.isoformat())
    assert panel.totals == {"input": whole, "USD": whole / 1000} == {"input": 40 * hours, "USD": Decimal(hours) / 25}
    assert panel.data["quantity"].to_list() == [40] * hours
    assert len(set(panel._live._state["names"])) == len(panel._live._state["names"]) == hours
    assert sorted(panel._live._state["bar"]) == list(range(hours))


def test_a_day_opens_into_hours_and_minutes() -> None:
    """Bars open down to minutes, empty ones keep their place, and the way up is the way down."""
    start = datetime(2026, 10, 3, 13, 5, 30, tzinfo=UTC)
    panel = ut.UsagePanel(frame(event(start), event(start + timedelta(minutes=2)), event(start - timedelta(days=9))))
    assert len(panel._live._state["names"]) == 10
    click(panel, "2026-10-03")
    assert panel.value == ut.Filter("2026-10-03", "2026-10-04")
    assert len(panel._live._state["names"]) == 24
    panel._open.click()
    assert panel.value == ut.Filter("2026-10-03T13:00", "2026-10-03T14:00")
    assert len(panel._live._state["names"]) == 60
    assert panel.data["time"].dt.minute().to_list() == [5, 7]
    panel.drill("2026-10-03T13:05")
    assert "Minutes are as fine as it gets" in panel._message.value
    panel._up.click()
    assert panel.value == ut.Filter("2026-10-03", "2026-10-04")
    panel.up()
    assert panel.value == ut.Filter()
    assert panel._up.disabled


def test_up_from_a_day_that_was_chosen() -> None:
    """Without a way down there still is a way up: the month, then all time; other choices stay."""
    rows = frame(event(datetime(2026, 10, 3, tzinfo=UTC)), event(datetime(2026, 8, 3, tzinfo=UTC)))
    panel = ut.UsagePanel(rows, value=ut.Filter("2026-10-03", "2026-10-04", model="m"))
    panel.up()
    assert panel.value == ut.Filter(*OCTOBER, model="m")
    panel.up()
    assert panel.value == ut.Filter(model="m")


def test_a_filter_may_change_below(rows: pl.DataFrame) -> None:
    """Who opened a day and then chooses a model comes back up with that model."""
    panel = ut.UsagePanel(rows, value=ut.Filter(*OCTOBER))
    panel.drill(date(2026, 10, 20))
    select(panel._filters, "model", "claude-opus-4-8")
    panel.up()
    assert panel.value == ut.Filter(*OCTOBER, model="claude-opus-4-8")


def test_a_stale_click_is_nothing(rows: pl.DataFrame) -> None:
    """A click on a bar that has been redrawn since does not open another one."""
    panel = ut.UsagePanel(rows)
    old = panel._live._rev
    select(panel._filters, "provider", "venice")
    before = panel.value
    click(panel, "2026-10-20", rev=old)
    assert panel.value == before


def test_a_view_that_opens_late_is_brought_up_to_date(rows: pl.DataFrame) -> None:
    """A view starts with the picture that the panel began with, and tells so; it gets the present one."""
    panel = ut.UsagePanel(rows)
    first = panel._live._state
    panel.value = ut.Filter(provider="venice")
    panel._live.widget._params = {"state": first}
    assert panel._live.widget._params["state"] == panel._live._state != first


@pytest.mark.parametrize("bucket", ["2026-12-24", "yesterday", "", "2026-10-20T99:00", date(2020, 1, 1)])
def test_no_such_bar(rows: pl.DataFrame, bucket: str | date) -> None:
    """Asking by code for a bar that is not there says which are, and changes nothing."""
    panel = ut.UsagePanel(rows)
    with pytest.raises(ut.ArgumentError, match="expected one of the bars shown, 2026-10-18 to 2026-10-31"):
        panel.drill(bucket)
    assert panel.value == ut.Filter()


def test_never_finer_than_the_source() -> None:
    """A bar whose rows resolve no more is not opened: a sentence says why."""
    noon = datetime(2026, 10, 3, 12, tzinfo=UTC)
    panel = ut.UsagePanel(
        frame(event(noon, grain="1h"), daily(noon.replace(day=4, hour=0)), event(noon.replace(day=5)))
    )
    panel.drill("2026-10-04")
    assert "its rows resolve no hours" in panel._message.value
    assert panel.value == ut.Filter()
    panel.drill("2026-10-03")
    assert not panel._message.value
    panel.drill("2026-10-03T12:00")
    assert "its rows resolve no minutes" in panel._message.value
    panel.value = ut.Filter("2026-10-04", "2026-10-05")
    assert panel._live._state["names"] == ["2026-10-04"]
    assert panel.totals == {"USD": 5}


def test_days_that_cannot_be_cut() -> None:
    """Money that is known by UTC day counts in UTC, in no hour; in Rome it is left out and the panel says so."""
    day = datetime(2026, 10, 3, tzinfo=UTC)
    rows = frame(daily(day), event(day + timedelta(hours=5)))
    panel = ut.UsagePanel(rows, value=ut.Filter("2026-10-03", "2026-10-04"))
    assert panel.totals == {"input": 10, "USD": Decimal("5.01")}
    assert panel.data["time"].to_list() == [None, day + timedelta(hours=5)]
    assert "rows that resolve no hours (1)" in panel._status.value
    panel.drill("2026-10-03T05:00")
    assert panel.totals == {"input": 10, "USD": Decimal("0.01")}
    assert "Rows that resolve only days are left out" in panel._status.value
    abroad = ut.UsagePanel(rows, tz="Europe/Rome")
    assert abroad.totals == {"input": 10, "USD": Decimal("0.01")}
    assert "rows that resolve only days of UTC (1)" in abroad._status.value
    assert repr(abroad) == "UsagePanel(2 rows, 2026-10-03 to 2026-10-03, Europe/Rome)"


def test_what_is_never_added() -> None:
    """Currencies, bases and units are kept apart, each under a key that says so."""
    time = datetime(2026, 10, 3, tzinfo=UTC)
    panel = ut.UsagePanel(
        frame(
            event(time),
            event(time, currency="DIEM"),
            event(time, basis="estimated"),
            event(time, basis="metered", amount=None, currency=None),
            event(time, meter="audio", unit="second"),
            event(time, meter="audio", unit="character"),
        )
    )
    cent = Decimal("0.01")
    assert panel.totals == {
        "input": 30,
        "input (estimated)": 10,
        "audio (characters)": 10,
        "audio (seconds)": 10,
        "DIEM": cent,
        "USD": 3 * cent,
        "USD (estimated)": cent,
    }
    assert sum(panel._live._state["tokens"]) == 30
    assert panel._tiles.value.count('<div class="ut-tile"') == 3 + 3 + 4


def test_unknown_is_not_zero() -> None:
    """What no row reports is said so, in words."""
    panel = ut.UsagePanel(frame(event(datetime(2026, 10, 3, tzinfo=UTC), amount=None, currency=None)))
    assert panel.totals == {"input": 10}
    assert panel._tiles.value.count("not reported") == 3  # output, cache hit share, cost


def test_cache_hit_share() -> None:
    """Three of four input tokens came from a cache."""
    time = datetime(2026, 10, 3, tzinfo=UTC)
    panel = ut.UsagePanel(frame(event(time), event(time, meter="cache_read", quantity="30")), locale="it-IT")
    assert "75,0" in panel._tiles.value


@pytest.mark.parametrize("tz", ["UTC", "Europe/Rome"])
def test_no_rows(tz: str) -> None:
    """A panel of nothing is a panel: everything works and says that there is nothing."""
    panel = ut.UsagePanel(ut.conform(pl.DataFrame(schema=ut.sample(days=1).schema)), tz=tz)
    assert repr(panel) == f"UsagePanel(0 rows, {tz})"
    assert panel.totals == {}
    assert panel.data.height == 0
    assert panel._live._state["empty"] == "Nothing in this selection"
    for value in (ut.Filter(*OCTOBER), ut.Filter("2020-01-01"), ut.Filter(model="m", sku="s"), ut.Filter()):
        panel.value = value
        panel.up()
    panel._picked(panel._bar.value)
    assert "no bar to open" in panel._message.value
    panel._filters._period._kind.value = "all"
    panel.group = "user"
    assert panel.totals == {}
    assert panel.chart.to_dict()
    assert "UsagePanel(0 rows" in repr(panel.snapshot())


def test_one_row() -> None:
    """One row is one bar: its hour."""
    panel = ut.UsagePanel(frame(event(datetime(2026, 10, 3, 13, 59, tzinfo=UTC))))
    assert panel._live._state["tokens"] == [10.0]
    assert panel._bar.options == (("3 Oct 2026, 13:00", "2026-10-03T13:00"),)
    panel.drill("2026-10-03T13:00")
    assert panel.data["time"].to_list() == [datetime(2026, 10, 3, 13, 59, tzinfo=UTC)]


def test_many_values_are_folded() -> None:
    """The largest eight are drawn, the others together, and nothing is lost in the table."""
    time = datetime(2026, 10, 3, tzinfo=UTC)
    panel = ut.UsagePanel(frame(*(event(time, model=f"m{n:02}", quantity=str(100 + n)) for n in range(40))))
    panel.group = "model"
    state = panel._live._state
    assert state["series"] == [f"m{n:02}" for n in range(39, 31, -1)] + ["(other)"]
    assert sum(state["tokens"]) == sum(100 + n for n in range(40))
    assert panel.data.height == 40


@pytest.mark.parametrize("label", ["model", "workspace", "api_key", "user", "provider"])
def test_hostile_names(label: str) -> None:
    """No name becomes markup, code, a field or another name, wherever it is shown."""
    time = datetime(2026, 10, 3, tzinfo=UTC)
    panel = ut.UsagePanel(frame(*(event(time, **{label: name}) for name in HOSTILE)))
    panel.group, panel._behind.selected_index = label, 0
    names = [label for label, _ in panel._filters._fields[label].options]
    assert len(set(names)) == len(names) == len(HOSTILE) + 1
    for html in (panel._rows.value, panel._status.value, panel._crumb.value, panel._tiles.value):
        assert "<script" not in html
        assert "<img" not in html
        assert "\u202e" not in html
        assert len(html) < 20_000
    for name in HOSTILE:
        select(panel._filters, label, name)
        assert panel.value == ut.Filter(**{label: name})
        assert panel.totals == {"input": 10, "USD": Decimal("0.01")}
        assert not panel._message.value
    assert len(str(panel._live._state)) < 20_000


def test_the_table_says_what_it_leaves_out(rows: pl.DataFrame) -> None:
    """A long table is cut, and says how long it is; while closed it is not there."""
    panel = ut.UsagePanel(rows)
    assert panel._rows.value == ""
    panel._behind.selected_index = 0
    assert panel._rows.value.count("<tr>") == 201
    assert f"The first 200 of {panel.data.height:,} rows" in panel._rows.value


def test_an_exception_is_a_sentence(rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong in a callback is said in the panel, escaped, and the next click works again."""
    panel = ut.UsagePanel(rows)
    before = panel.totals

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("<b>broken</b>")

    with monkeypatch.context() as broken:
        broken.setattr(usage_panel, "picture", fail)
        select(panel._filters, "provider", "venice")
    assert "That could not be shown (RuntimeError: &lt;b&gt;broken&lt;/b&gt;)" in panel._message.value
    assert panel.totals == before
    select(panel._filters, "provider", "anthropic")
    assert not panel._message.value
    assert panel.totals == sums(rows.filter(pl.col("provider") == "anthropic"))


def test_linked_panels(rows: pl.DataFrame) -> None:
    """Two panels over the same rows share one filter, whichever is moved."""
    one, two = ut.UsagePanel(rows), ut.UsagePanel(rows)
    traitlets.link((one, "value"), (two, "value"))
    select(one._filters, "provider", "venice")
    two.drill("2026-10-20")
    assert one.value == two.value == ut.Filter("2026-10-20", "2026-10-21", provider="venice")
    assert one.totals == two.totals
    assert one._filters._period._day.value == date(2026, 10, 20)
    one.up()
    assert two.value.provider == ("venice",)
    assert one.data.equals(two.data)


def test_one_chart_for_ever(rows: pl.DataFrame) -> None:
    """However much is clicked, the view in the browser is the same one: its spec is never sent again."""
    panel = ut.UsagePanel(rows)
    sent: list[Any] = []
    panel._live.widget.observe(sent.append, ["spec", "chart", "embed_options"])
    panel.group = "model"
    panel.drill("2026-10-20")
    panel.up()
    assert sent == []


def test_shown_in_a_notebook(rows: pl.DataFrame) -> None:
    """In a notebook a panel is a widget, and its text, which notebooks keep and compare, is one stable line."""
    panel = ut.UsagePanel(rows)
    shown, _ = DisplayFormatter().format(panel)  # type: ignore[no-untyped-call]  # IPython
    assert shown["text/plain"] == f"UsagePanel({rows.height:,} rows, 2026-10-18 to 2026-10-31, UTC)"
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_a_snapshot_lasts(rows: pl.DataFrame) -> None:
    """A snapshot has no widget in it: a spec that JupyterLab draws, a picture, and the exact totals as text."""
    panel = ut.UsagePanel(rows, value=ut.Filter("2026-10-20", "2026-10-21"))
    bundle = panel.snapshot()._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.vegalite.v5+json", "image/png", "text/plain"}
    assert f"output: {panel.totals['output']:,.0f} tokens" in bundle["text/plain"]
    assert panel.chart.to_dict()["title"] != bundle["application/vnd.vegalite.v5+json"]["title"]


def test_any_frame(rows: pl.DataFrame) -> None:
    """Lazy, pandas and pyarrow rows give the same panel, down to the minute."""
    value = ut.Filter("2026-10-20T12:00", "2026-10-20T13:00")
    eager = ut.UsagePanel(rows, value=value)
    for others in (rows.lazy(), rows.to_pandas(use_pyarrow_extension_array=True), rows.to_arrow()):
        panel = ut.UsagePanel(others, value=value)
        assert repr(panel) == repr(eager)
        assert panel.data.equals(eager.data)
        assert panel.totals == eager.totals


def test_the_chart_follows_the_theme(rows: pl.DataFrame) -> None:
    """The live chart has no paper and no ink of its own."""
    spec = ut.UsagePanel(rows)._live.widget.spec
    assert spec["background"] == "transparent"
    assert {spec["config"]["axis"][part] for part in ("labelColor", "titleColor", "gridColor")} == {"currentColor"}
    assert spec["width"] == live_chart.WIDTH


# What is taken away


def ask(panel: ut.UsagePanel, monkeypatch: pytest.MonkeyPatch) -> tuple[str, bytes]:
    """Click on the download button: the name and the bytes that the browser is then given."""
    sent: list[Any] = []
    with monkeypatch.context() as heard:
        heard.setattr(panel._download._button, "send", lambda *answer: sent.append(answer))
        panel._download._button._handle_custom_msg({"asked": 0.5}, [])
    ((answer, (file,)),) = sent
    assert answer["asked"] == 0.5
    return answer["name"], file


@given(
    where=filters(),
    tz=st.sampled_from(["UTC", "Europe/Rome", "America/New_York"]),
    group=st.sampled_from(picture.GROUPS),
)
@settings(max_examples=30)
def test_a_download_is_what_is_shown(rows: pl.DataFrame, where: ut.Filter, tz: str, group: str) -> None:
    """The file, read back, is the displayed frame: all its rows, every digit; its name is one for any file system."""
    panel = panel_of(rows, tz)
    panel.group, panel.value = group, where
    with tempfile.TemporaryDirectory() as folder:
        path = panel.download(folder)
        texts = pl.read_csv(path.read_bytes(), infer_schema=False)
    data = panel.data
    assert texts.columns == data.columns
    instants = [time and datetime.fromisoformat(time) for time in texts["time"]]
    assert instants == data["time"].to_list()
    for name in data.columns[1:]:
        assert texts[name].cast(data.schema[name]).equals(data[name])
    assert re.fullmatch(r"usage_[A-Za-z0-9.@+_-]{1,90}\.csv", path.name)


def test_the_button_gives_the_same_file(rows: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A click and the method give the same bytes under the same name, with whatever marks are chosen."""
    panel = ut.UsagePanel(rows, value=ut.Filter(*OCTOBER, provider="venice"))
    monkeypatch.chdir(tmp_path)
    comma = ask(panel, monkeypatch)
    panel._download._style.value = ";"
    semicolon = ask(panel, monkeypatch)
    panel.separator = ","
    for name, file in (comma, semicolon):
        path = panel.download()
        assert (path.name, path.resolve().read_bytes()) == (name, file)
        assert panel.download(tmp_path / "own name.csv").read_bytes() == file
        panel.separator = ";"
    assert comma[1] == to_csv(panel.data)
    assert semicolon[1] == to_csv(panel.data, separator=";", decimal=",")


@pytest.mark.parametrize(
    ("value", "tz", "name"),
    [
        (ut.Filter(), "UTC", "anthropic+venice_2026-10-18-to-2026-10-31_by-meter"),
        (ut.Filter(*OCTOBER, provider="venice"), "UTC", "venice_2026-10_by-meter"),
        (ut.Filter(*OCTOBER, workspace="Research"), "UTC", "anthropic_2026-10_workspace-Research_by-meter"),
        (ut.Filter("2026-10-20", "2026-10-21", user="ben@example.com"), "UTC",
         "anthropic_2026-10-20_user-ben@example.com_by-meter"),
        (ut.Filter("2026-10-20T13:00", "2026-10-20T14:00", model=["claude-opus-4-8", "no-such"]), "UTC",
         "anthropic+venice_2026-10-20T13.00-to-14.00_model-claude-opus-4-8+no-such_by-meter"),
        (ut.Filter("2026-10-24T22:00", "2026-10-25T23:00", provider="venice"), "Europe/Rome",
         "venice_2026-10-25_Europe-Rome_by-meter"),
        (ut.Filter("2026-10-20T13:00", "2026-10-20T14:00", provider="venice"), "America/New_York",
         "venice_2026-10-20T09.00-to-10.00_America-New-York_by-meter"),
        (ut.Filter("2027-01-01", provider="venice"), "UTC", "venice_from-2027-01-01_by-meter"),
        (ut.Filter(stop="2026-01-01", provider="venice"), "UTC", "venice_to-2025-12-31_by-meter"),
    ],
)  # fmt: skip
def test_the_name_of_a_download(
    rows: pl.DataFrame, value: ut.Filter, tz: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file's name tells who provided what is shown, when, of what, and what it is grouped by."""
    panel = panel_of(rows, tz)
    panel.group, panel.value = "meter", value
    assert ask(panel, monkeypatch)[0] == f"usage_{name}.csv"


def test_a_name_with_nothing_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a row there is a file all the same, with names of columns in it and a name of its own."""
    panel = ut.UsagePanel(ut.conform(pl.DataFrame(schema=ut.sample(days=1).schema)))
    assert ask(panel, monkeypatch) == ("usage_by-meter.csv", to_csv(panel.data))
    panel.value = ut.Filter(stop="2026-01-01")
    assert ask(panel, monkeypatch)[0] == "usage_to-2025-12-31_by-meter.csv"


def test_hours_that_come_twice_have_two_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two hours from two to three of the day when clocks go back are two files."""
    hours = [datetime(2026, 10, 25, hour, tzinfo=UTC) for hour in (0, 1, 2)]
    panel = ut.UsagePanel(frame(*map(event, hours)), tz="Europe/Rome")
    names = set()
    for start, stop in pairwise(hours):
        panel.value = ut.Filter(start, stop)
        names.add(ask(panel, monkeypatch)[0])
    assert len(names) == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_downloaded(name: str, tmp_path: Path) -> None:
    """Whatever a user is called, the file is in the folder that was named, and its text is what it was."""
    panel = ut.UsagePanel(frame(event(datetime(2026, 10, 3, tzinfo=UTC), user=name)), value=ut.Filter(user=name))
    panel.group = "user"
    path = panel.download(tmp_path)
    assert path.resolve().parent == tmp_path.resolve()
    assert len(path.name) <= 100
    (row,) = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
    assert unescape(row["user"]) == name


def test_a_download_that_fails_is_a_sentence(rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """A click whose file can't be made is answered in the panel, and the next one works."""
    panel = ut.UsagePanel(rows)

    def fail(*_: Any, **__: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(download, "to_csv", fail)
        panel._download._button._handle_custom_msg({"asked": 1}, [])
    assert "That could not be shown (MemoryError" in panel._message.value
    assert ask(panel, monkeypatch)[1] == to_csv(panel.data)
    assert not panel._message.value


def test_what_is_unknown_is_not_reported_as_a_sum() -> None:
    """A total with an unknown part is None and says "not reported"; the others keep their numbers."""
    rows = ut.sample(days=3)
    known = ut.UsagePanel(rows).totals
    unknown = pl.when(pl.col("meter") != "output").then("quantity")
    panel = ut.UsagePanel(rows.with_columns(quantity=unknown))
    assert panel.totals == known | {"output": None}
    assert "not reported" in panel._tiles.value
    assert "unknown quantity" in panel._status.value
    no_money = ut.UsagePanel(rows.with_columns(amount=pl.lit(None, rows.schema["amount"])))
    assert {name: value for name, value in no_money.totals.items() if name in ("USD", "DIEM")} == {
        "USD": None,
        "DIEM": None,
    }


@pytest.mark.parametrize("panel", [ut.FilterPanel, ut.UsagePanel, ut.CostPanel])
def test_odd_arguments_are_told_in_a_sentence(panel: Any) -> None:
    """What is no filter is refused by name; a time zone may be given as one."""
    rows = ut.sample(days=2)
    with pytest.raises(ut.ArgumentError, match="expected value to be a Filter, found NoneType"):
        panel(rows, value=None)
    if panel is not ut.FilterPanel:
        made = panel(rows, tz=ZoneInfo("Europe/Rome"))
        assert repr(made).endswith("Europe/Rome)")
        with pytest.raises(ut.ArgumentError, match="expected one of the bars shown"):
            made.drill(None)


def test_what_no_control_shows_is_said() -> None:
    """A filter on a label without a selector stands in the status line."""
    panel = ut.UsagePanel(ut.sample(days=2), value=ut.Filter(meter=["input", "output"]))
    assert "Also narrowed to: meter input, output." in panel._status.value
    panel.value = ut.Filter()
    assert "Also narrowed" not in panel._status.value
