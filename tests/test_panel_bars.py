"""Bars of a panel: they open down to what the rows resolve and no further, and the way up is the way down."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

import usage_toolkit as ut
from panels import OCTOBER, click, daily, event, frame, select

if TYPE_CHECKING:
    import polars as pl


def test_a_day_opens_into_hours_and_minutes() -> None:
    """Bars open down to minutes, empty ones keep their place, and the way up is the way down."""
    start = datetime(2026, 10, 3, 13, 5, 30, tzinfo=UTC)
    panel = ut.UsagePanel(frame(event(start), event(start + timedelta(minutes=2)), event(start - timedelta(days=9))))
    assert len(panel._live._state["names"]) == 10
    click(panel, "2026-10-03")
    assert panel.value == ut.Filter("2026-10-03", "2026-10-04")
    assert len(panel._live._state["names"]) == 24
    panel._trail.open.click()
    assert panel.value == ut.Filter("2026-10-03T13:00", "2026-10-03T14:00")
    assert len(panel._live._state["names"]) == 60
    assert panel.data["time"].dt.minute().to_list() == [5, 7]
    panel.drill("2026-10-03T13:05")
    assert "Minutes are as fine as it gets" in panel._message.value
    panel._trail.up.click()
    assert panel.value == ut.Filter("2026-10-03", "2026-10-04")
    panel.up()
    assert panel.value == ut.Filter()
    assert panel._trail.up.disabled


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
    panel._live._view._params = {"state": first}
    assert panel._live._view._params["state"] == panel._live._state != first


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
    assert "rows of whole days or hours that lie in this period only in part (1)" in panel._tiles.value
    abroad = ut.UsagePanel(rows, tz="Europe/Rome")
    assert abroad.totals == {"input": 10, "USD": Decimal("0.01")}
    assert "rows that resolve only days of UTC (1)" in abroad._tiles.value
    assert "rows that resolve only days of UTC (1)" in repr(abroad.snapshot())
    assert repr(abroad) == "UsagePanel(2 rows, 2026-10-03 to 2026-10-03, Europe/Rome)"


@pytest.mark.parametrize(
    ("period", "rows_left_out"),
    [
        (("2026-10-03T05:00", "2026-10-03T06:00"), 1),
        (("2026-10-03T05:00", "2026-10-03T09:00"), 1),
        (("2026-10-03", "2026-10-03T09:00"), 1),
        (("2026-10-03T12:00", "2026-10-04T12:00"), 2),
        (("2026-10-03", "2026-10-04"), 0),
        (("2026-10-02T05:00", "2026-10-02T06:00"), 0),
        (("0001-01-01T05:00", "0001-01-01T06:00"), 0),
    ],
)
def test_what_a_period_cuts_is_counted(period: tuple[str, str], rows_left_out: int) -> None:
    """A day's row is in no part of its day, and as many as are left out are told, whoever else counts days."""
    day = datetime(2026, 10, 3, tzinfo=UTC)
    rows = frame(daily(day), daily(day + timedelta(days=1)), event(day + timedelta(hours=5), provider="anthropic"))
    panel = ut.UsagePanel(rows, value=ut.Filter(*period))
    said = f"that lie in this period only in part ({rows_left_out})"
    assert (said in panel._tiles.value) == bool(rows_left_out)
    panel.value = panel.value.replace(provider=["anthropic"])
    assert "only in part" not in panel._tiles.value
