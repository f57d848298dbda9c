"""How fine the bars of a panel are: as asked, as far as the rows resolve it and a reader can tell them apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

import usage_toolkit as ut
from panels import OCTOBER, daily, event, frame, heights
from usage_toolkit import times

if TYPE_CHECKING:
    import polars as pl

NOON = datetime(2026, 10, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize("panel", [ut.UsagePanel, ut.CostPanel])
def test_the_control_is_the_trait(rows: pl.DataFrame, panel: type[ut.UsagePanel | ut.CostPanel]) -> None:
    """Choosing a granularity sets `every`, and setting `every` moves the control."""
    made = panel(rows)
    for label, every in made._every.options:
        made._every.value = every
        assert made.every == every
        made.every = "auto"
        assert made._every.value == "auto"
        made.every = every
        assert made._every.label == label
    with pytest.raises(Exception, match="every"):
        made.every = "2d"


def test_all_hours_of_a_month(rows: pl.DataFrame) -> None:
    """A month has a bar for each of its hours, and each day is marked where it begins."""
    panel = ut.UsagePanel(rows, value=ut.Filter(*OCTOBER))
    panel.every = "1h"
    state = panel._live._state
    assert len(state["names"]) == 31 * 24
    assert not panel._message.value
    assert [state["short"][place] for place in state["ticks"]] == [f"{day} Oct" for day in range(1, 32)]
    assert state["short"][5] == "1 Oct"


def test_days_are_marked_where_they_begin() -> None:
    """A day of 25 hours takes more room than the next one, and its bars are marked at midnight all the same."""
    hours = (NOON.replace(day=24) + timedelta(hours=n) for n in range(50))
    panel = ut.UsagePanel(frame(*map(event, hours)), tz="Europe/Rome")
    panel.every = "1h"
    state = panel._live._state
    assert state["ticks"] == [0, 24, 24 + 25]
    assert [state["short"][place] for place in state["ticks"]] == ["24 Oct", "25 Oct", "26 Oct"]


def test_minutes_of_some_hours(rows: pl.DataFrame) -> None:
    """Minutes of several hours are marked by the hour, and midnight by its date."""
    panel = ut.UsagePanel(rows, value=ut.Filter("2026-10-20T20:30", "2026-10-21T02:00"))
    panel.every = "1m"
    state = panel._live._state
    assert len(state["names"]) == 330
    marks = [state["short"][place] for place in state["ticks"]]
    assert marks == ["20:30", "21:00", "22:00", "23:00", "21 Oct", "01:00"]


def test_more_than_can_be_read(rows: pl.DataFrame) -> None:
    """Minutes of a month are too many: the panel says so, shows hours, and minutes once there is room."""
    panel = ut.UsagePanel(rows, value=ut.Filter(*OCTOBER))
    panel.every = "1m"
    assert "more bars than can be read, so they are hours" in panel._message.value
    assert panel._picture.every == "1h"
    panel.value = ut.Filter("2026-10-20T08:00", "2026-10-20T20:00")
    assert not panel._message.value
    assert len(panel._live._state["names"]) == 12 * 60


def test_finer_than_the_source() -> None:
    """Where no row resolves what is asked, the finest that rows do resolve is shown, and a sentence says so."""
    panel = ut.UsagePanel(frame(event(NOON, grain="1h"), event(NOON + timedelta(hours=2), grain="1h")))
    panel.value = ut.Filter("2026-10-03T08:00", "2026-10-03T18:00")
    panel.every = "1m"
    assert "resolve no minutes, so the bars are hours" in panel._message.value
    assert heights(panel._live._state) == [10, 10]
    money = ut.CostPanel(frame(daily(NOON.replace(hour=0))), locale="it-IT")
    money.every = "1h"
    assert "non distinguono ore: si vedono giorni" in money._message.value
    assert heights(money._live._state) == [5]


def test_weeks_begin_on_monday() -> None:
    """A week of Rome begins at its Monday's midnight, opens into its days, and the way up leads back to weeks."""
    monday = times.day("2026-10-19", tz="Europe/Rome")[0]
    rows = frame(event(monday - timedelta(minutes=1)), event(monday), event(monday + timedelta(days=8)))
    panel = ut.UsagePanel(rows, tz="Europe/Rome")
    panel.every = "1w"
    state = panel._live._state
    assert state["names"] == ["2026-W42", "2026-W43", "2026-W44"]
    assert heights(state) == [10, 10, 10]
    assert state["long"][1] == "19 Oct \u2013 25 Oct 2026"
    panel.drill("2026-W43")
    assert (panel.every, panel.value.start) == ("auto", monday)
    assert panel._live._state["names"] == [f"2026-10-{day}" for day in range(19, 26)]
    panel.drill("2026-10-19")
    panel.up()
    panel.up()
    assert (panel.every, panel.value) == ("1w", ut.Filter())
    assert panel._live._state == state | {"rev": panel._live._rev}


@pytest.mark.parametrize("every", ["1d", "1w", "1mo"])
def test_a_bar_shows_what_is_kept(every: str) -> None:
    """A bar that reaches beyond the filter is only what the filter keeps of it, and opens into no more."""
    rows = frame(*(event(NOON + timedelta(hours=n)) for n in range(12)))
    where = ut.Filter(NOON + timedelta(hours=2), NOON + timedelta(hours=5))
    panel = ut.UsagePanel(rows, value=where)
    panel.every = every
    assert heights(panel._live._state) == [30]
    assert panel.totals == {"input": 30, "USD": Decimal("0.03")}
    panel.drill(panel._live._state["names"][0])
    assert (panel.value, panel.every) == (where, "auto")
    assert heights(panel._live._state) == [10, 10, 10]


def test_one_redraw_for_one_click(rows: pl.DataFrame) -> None:
    """Opening a bar moves the period and the granularity, and is drawn once."""
    panel = ut.UsagePanel(rows)
    panel.every = "1d"
    before = panel._live._rev
    panel.drill(date(2026, 10, 20))
    assert panel._live._rev == before + 1
    panel.up()
    assert panel._live._rev == before + 2
    assert panel.every == "1d"
