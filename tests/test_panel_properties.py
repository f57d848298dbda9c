"""What holds in a panel whatever is chosen: totals, table, bars and file are the rows that the filter keeps."""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from drawn import live
from panels import carried, event, filters, frame, heights, panel_of, sums
from usage_toolkit import look, times
from usage_toolkit.schema import TOKEN_METERS
from usage_toolkit.view import picture
from usage_toolkit.view.buckets import MOST_BARS, SPANS
from zoo import HARD_DAYS

EVERY = st.sampled_from(["auto", *SPANS])


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
    every=EVERY,
)
@settings(max_examples=60)
def test_totals_are_the_rows(rows: pl.DataFrame, where: ut.Filter, tz: str, group: str, every: str) -> None:
    """For any filter, zone and bars: totals = sum of the table = what polars adds up over the rows it keeps."""
    panel = panel_of(rows, tz)
    panel.group, panel.value, panel.every = group, where, every
    assert "could not" not in panel._message.value
    kept = rows.filter(where.to_expr())
    if where.stop:  # an hour that reaches beyond the end can't be cut
        kept = kept.filter((pl.col("grain") != "1h") | (pl.col("time") + timedelta(hours=1) <= where.stop))
    expected = sums(kept)
    assert panel.totals == expected
    shown = panel.data.with_columns(pl.col("unit", "currency").replace("(none)", None))
    assert sums(shown) == expected
    assert panel.data["rows"].sum() == kept.height


@given(where=filters(), tz=st.sampled_from(["UTC", "Europe/Rome", "Asia/Kolkata"]), every=EVERY)
@settings(max_examples=40)
def test_what_is_drawn_is_what_is_kept(rows: pl.DataFrame, where: ut.Filter, tz: str, every: str) -> None:
    """The bars together, and what lies in none of them, are the totals."""
    panel = panel_of(rows, tz)
    panel.group, panel.value, panel.every = "model", where, every
    tokens = panel.data.filter(pl.col("meter").is_in(TOKEN_METERS))
    apart = tokens.filter(pl.col("time").is_null())["quantity"].sum()
    total = sum(panel.totals.get(meter) or 0 for meter in TOKEN_METERS)
    assert sum(heights(panel._live._state), Decimal(apart)) == total
    assert len(panel._live._state["names"]) <= MOST_BARS


LOCAL = {"1m": "%Y-%m-%dT%H:%M", "1h": "%Y-%m-%dT%H:00", "1d": "%Y-%m-%d", "1w": "%G-W%V", "1mo": "%Y-%m"}


def added_up(rows: pl.DataFrame, where: ut.Filter, *, tz: str, group: str, every: str) -> dict[tuple[str, str], float]:
    """Add up tokens by the clock on the wall and a label, in polars alone."""
    kept = rows.filter(where.to_expr(), pl.col("meter").is_in(TOKEN_METERS), pl.col("quantity").is_not_null())
    hours = pl.col("grain") == "1h"
    if where.stop:
        kept = kept.filter(~hours | (pl.col("time") + timedelta(hours=1) <= where.stop))
    if every == "1m" or tz == "Asia/Kolkata":  # an hour of UTC has no minutes, and is no hour of India
        kept = kept.filter(~hours)
    name = pl.col("time").dt.convert_time_zone(tz).dt.strftime(LOCAL[every])
    found = kept.group_by(name.alias("name"), pl.col(group).cast(pl.String)).agg(pl.col("quantity").sum())
    return {(name, look.word(group, value)): float(quantity) for name, value, quantity in found.iter_rows()}


@given(
    where=filters(),
    tz=st.sampled_from(["UTC", "Europe/Rome", "Asia/Kolkata"]),
    group=st.sampled_from(["meter", "model", "workspace", "user", "provider"]),  # of at most eight values each
    every=EVERY,
)
@settings(max_examples=25)
def test_vega_draws_what_polars_keeps(rows: pl.DataFrame, where: ut.Filter, tz: str, group: str, every: str) -> None:
    """The bars on the screen, by what they are read out as and how high they are, are sums of the rows kept."""
    panel = panel_of(rows, tz)
    panel.group, panel.value, panel.every = group, where, every
    read: defaultdict[tuple[str, str], float] = defaultdict(float)
    high: defaultdict[tuple[str, str], float] = defaultdict(float)
    for bar in live(panel._live._view.spec, panel._live._state):
        name, _, said = bar.said.partition(", ")
        series, _, exact = said.rpartition(": ")
        key = re.sub(r"[+-]\d\d:\d\d$", "", name), series  # the hour that comes twice, taken as one
        read[key] += float(exact.removesuffix("s").removesuffix(" token").replace(",", ""))
        high[key] += bar.bottom - bar.top
    expected = added_up(rows, where, tz=tz, group=group, every=panel._picture.every)
    assert read == expected
    pixels = sum(high.values()) / (sum(expected.values()) or 1)
    assert high == pytest.approx({key: value * pixels for key, value in expected.items()}, abs=1e-3)


@pytest.mark.parametrize(
    ("tz", "day", "hours"),
    [*HARD_DAYS.values(), ("UTC", date(2026, 10, 25), 24), ("Asia/Kolkata", date(2026, 10, 25), 24)],
)
def test_hours_add_up_to_the_day(tz: str, day: date, hours: float) -> None:
    """A day opens into all its hours, each with a bar and a name of its own, and they add up to it."""
    start = times.day(day, tz=tz)[0].astimezone(times.zone(tz))
    first = start.astimezone(UTC) - timedelta(days=1)
    moments = pl.datetime_range(first, first + timedelta(days=3), "15m", time_unit="us", closed="left", eager=True)
    panel = ut.UsagePanel(frame(*map(event, moments)), tz=tz)
    whole = panel.data.filter(pl.col("time") == start)["quantity"].sum()
    panel.every = "1h"
    at_once = panel.data.filter(pl.col("time").dt.date() == day)["quantity"].sum()
    panel.every = "auto"
    panel.drill(day.isoformat())
    state = panel._live._state
    assert panel.totals == {"input": whole, "USD": whole / 1000}
    assert whole == at_once == panel.data["quantity"].sum() == Decimal(40 * hours)
    assert (
        len(set(state["names"])) == len(state["names"]) == panel.data.height == len({bar for bar, *_ in carried(state)})
    )
    if hours == int(hours) and tz not in ("Pacific/Chatham", "Antarctica/Casey"):  # which move within an hour
        assert panel.data["quantity"].to_list() == [40] * int(hours)


@given(
    where=filters(),
    tz=st.sampled_from(["UTC", "Europe/Rome", "America/New_York"]),
    group=st.sampled_from(picture.GROUPS),
    every=EVERY,
)
@settings(max_examples=30)
def test_a_download_is_what_is_shown(rows: pl.DataFrame, where: ut.Filter, tz: str, group: str, every: str) -> None:
    """The file, read back, is the displayed frame: all its rows, every digit; its name is one for any file system."""
    panel = panel_of(rows, tz)
    panel.group, panel.value, panel.every = group, where, every
    with tempfile.TemporaryDirectory() as folder:
        path = panel.download(folder)
        texts = pl.read_csv(path.read_bytes(), infer_schema=False)
    data = panel.data
    assert texts.columns == data.columns
    instants = [time and datetime.fromisoformat(time) for time in texts["time"]]
    assert instants == data["time"].dt.convert_time_zone("UTC").to_list()  # where no hour comes twice
    for name in data.columns[1:]:
        assert texts[name].cast(data.schema[name]).equals(data[name])
    assert re.fullmatch(r"usage_[A-Za-z0-9.@+_-]{1,90}\.csv", path.name)
