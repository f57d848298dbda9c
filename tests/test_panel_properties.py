"""What holds in a panel whatever is chosen: totals, table, bars and file are the rows that the filter keeps."""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from panels import event, filters, frame, panel_of, sums
from usage_toolkit import times
from usage_toolkit.panel import picture
from usage_toolkit.schema import TOKEN_METERS


@given(where=filters())
@settings(max_examples=30)
def test_selectors_offer_what_options_says(rows: pl.DataFrame, where: ut.Filter) -> None:
    """A selector offers the values and counts that `ut.options` gives, whatever the filter."""
    labels = ("provider", "workspace", "model", "api_key", "user")
    offers = panel_of(rows)._hours.offers(where.replace(start=None, stop=None))
    assert offers == ut.options(rows, where=where.replace(start=None, stop=None), of=labels)


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
