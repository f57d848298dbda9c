"""`FilterPanel`: setting a control sets the value, and setting the value moves the controls."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import usage_toolkit as ut
from panels import OCTOBER, select
from usage_toolkit import times

if TYPE_CHECKING:
    import polars as pl


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
    assert panel._fields["model"].menu.label == "3 models"
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
    assert panel._fields["model"].menu.label == "no-such (0)"
    panel._period._kind.value = "month"
    assert panel.value == ut.Filter(*OCTOBER, model="no-such")
    assert panel._fields["model"].menu.label == "no-such (0)"
    panel.value = ut.Filter(model="openai-gpt-56-sol", provider="anthropic")
    assert (panel._fields["model"].menu.label, panel._fields["provider"].menu.label) == (
        "openai-gpt-56-sol (0)",
        "anthropic (0)",
    )


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


def test_a_date_may_be_cleared(rows: pl.DataFrame) -> None:
    """A day without a date stays what it was; a range without one is open at that end."""
    panel = ut.FilterPanel(rows, value=ut.Filter("2026-10-20", "2026-10-21"))
    panel._period._day.value = None
    assert panel.value == ut.Filter("2026-10-20", "2026-10-21")
    assert panel._period._day.value == date(2026, 10, 20)
    assert not panel._message.value
    panel._period._kind.value = "range"
    panel._period._from.value = None
    assert panel.value == ut.Filter(stop="2026-10-21")
    assert panel._period._on.disabled


def test_the_next_week_comes_after_this_one(rows: pl.DataFrame) -> None:
    """A range of seven days steps by seven days, as far as there are rows, and back to where it was."""
    panel = ut.FilterPanel(rows, value=ut.Filter("2026-10-19", "2026-10-26"), tz="UTC")
    panel._period._on.click()
    assert panel.value == ut.Filter("2026-10-26", "2026-11-02")
    assert panel._period._on.disabled
    panel._period._back.click()
    panel._period._back.click()
    assert panel.value == ut.Filter("2026-10-12", "2026-10-19")
    assert panel._period._back.disabled


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
