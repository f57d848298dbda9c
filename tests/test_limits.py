"""The tab of rate limits, and the highest minutes behind it: exact, complete, and never a 0 for what is not known."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from drawn import live
from panels import HOSTILE, carried, event, filters, frame, heights
from usage_toolkit.export import to_csv
from usage_toolkit.panel import limits_chart
from usage_toolkit.view import refused
from zoo import ZONES, frames

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 10, 8, 13, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BURST = ut.Filter("2026-10-08", "2026-10-09")


def turned_away(time: datetime = START, notes: str | None = "RPM, paid", **values: Any) -> dict[str, Any]:
    """One request that a limit refused."""
    row = {"source": "venice.rate_limits", "basis": "metered", "meter": "rate_limited", "quantity": "1"}
    return event(time, **row, unit="request", amount=None, currency=None, notes=notes) | values


def allowed(*rows: tuple[str, str, str, int]) -> pl.DataFrame:
    """Limits, as a person writes them."""
    names = ["provider", "model", "meter", "per_minute"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("per_minute").cast(pl.Decimal(38, 0)))


def opened(rows: pl.DataFrame, **values: Any) -> ut.UsagePanel:
    """A panel whose second tab is open."""
    panel = ut.UsagePanel(rows, **values)
    panel.tab = "limits"
    assert not panel._message.value
    return panel


def tab(panel: ut.UsagePanel) -> Any:
    """What is in the second tab."""
    assert panel._limits is not None
    return panel._limits


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """October, with its burst."""
    return ut.sample(days=31)


@pytest.fixture(scope="module")
def panels() -> dict[str, ut.UsagePanel]:
    """One panel per zone for all examples of a property."""
    return {}


# Requests that were refused


@given(where=filters(), tz=st.sampled_from(["UTC", "Europe/Rome", "Asia/Kolkata"]))
@settings(max_examples=25)
def test_counts_are_the_rows(rows: pl.DataFrame, panels: dict[str, ut.UsagePanel], where: ut.Filter, tz: str) -> None:
    """For any filter and zone: the frame, its kinds of limit and the total of the meter are what polars counts."""
    panel = panels.setdefault(tz, ut.UsagePanel(rows, tz=tz))
    panel.tab, panel.value = "limits", where
    assert not panel._message.value
    kept = rows.filter(where.to_expr(), pl.col("meter") == "rate_limited")
    found = panel.rate_limited
    assert found["quantity"].sum() == kept["quantity"].sum() == panel.totals.get("rate_limited", 0)
    assert found["rows"].sum() == kept.height
    labels = ["model", "api_key", "notes"]
    expected = kept.group_by(labels).agg(pl.col("quantity").sum()).rename({"notes": "limit"})
    got = found.group_by("model", "api_key", "limit").agg(pl.col("quantity").sum())
    assert sorted(got.rows()) == sorted(expected.select(got.columns).rows())
    assert sum(heights(tab(panel).refused._state, "refused")) == kept["quantity"].sum()


def test_the_burst_is_seen(rows: pl.DataFrame) -> None:
    """The day of the burst opens into its three hours, each counted as polars counts it."""
    panel = opened(rows)
    assert tab(panel).refused._state["series"] == ["RPM", "TPM", "RPD"]
    panel.drill("2026-10-08")
    state = tab(panel).refused._state
    drawn: defaultdict[int, int] = defaultdict(int)
    for bar, _, requests in carried(state, "refused"):
        drawn[int(bar)] += int(requests)
    hours = [name for name, bar in zip(state["names"], range(24), strict=True) if bar in drawn]
    burst = pl.col("notes") == "RPM", pl.col("time").is_between(START, START + timedelta(hours=3), closed="left")
    counted = rows.filter(pl.col("meter") == "rate_limited", *burst).group_by(pl.col("time").dt.hour()).len()
    assert {"2026-10-08T13:00", "2026-10-08T14:00", "2026-10-08T15:00"} <= set(hours)
    assert {bar: drawn[bar] for bar in (13, 14, 15)} == dict(counted.rows())
    assert "the most in one hour: 240" in tab(panel)._told.value
    panel.up()
    assert len(tab(panel).refused._state["names"]) == 31


def test_a_limit_is_the_first_word_of_its_note() -> None:
    """The tier is no kind of limit, and what has no note has none."""
    panel = opened(
        frame(turned_away(), turned_away(notes="RPM, free"), turned_away(notes="TPM"), turned_away(notes=None))
    )
    counts = dict(panel.rate_limited.select("limit", "quantity").rows())
    assert counts == {"RPM": 2, "TPM": 1, "(none)": 1}
    without = opened(frame(turned_away()).drop("notes"))
    assert without.rate_limited["limit"].to_list() == ["(none)"]


def test_none_is_not_what_nobody_reports() -> None:
    """A provider that reports such requests has none; of one that never does nothing is known, and no 0 is drawn."""
    rows = frame(turned_away(), event(START + 30 * MINUTE), event(START, provider="anthropic"))
    panel = opened(rows, value=ut.Filter(START + 30 * MINUTE, START + 60 * MINUTE))
    assert "No rate-limited requests in this selection" in tab(panel)._told.value
    assert "not reported" not in tab(panel)._told.value
    panel.value = ut.Filter(provider="anthropic")
    assert tab(panel)._told.value == "<div><p>Rate-limited requests of anthropic: not reported</p></div>"
    assert tab(panel).refused.layout.display == tab(panel)._behind.layout.display == "none"
    panel.value = ut.Filter()
    assert "Rate-limited requests: 1<" in tab(panel)._told.value
    assert "Rate-limited requests of anthropic: not reported" in tab(panel)._told.value
    assert tab(panel).refused.layout.display is None


def test_an_unknown_count_is_not_added() -> None:
    """Where a part is unknown, the number is said to be unknown."""
    rows = frame(turned_away(), turned_away(START + MINUTE)).with_columns(
        quantity=pl.when(pl.col("time") == START).then("quantity")
    )
    panel = opened(rows)
    assert panel.rate_limited["quantity"].to_list() == [None]
    assert "not known in full" in tab(panel)._told.value


def test_what_lies_in_no_bar_is_told() -> None:
    """Requests that are known by the day count on that day, in none of its hours, and the tab says so."""
    day = START.replace(hour=0)
    panel = opened(frame(turned_away(day, grain="1d", quantity="7"), event(START)), value=BURST)
    assert panel.rate_limited.select("time", "quantity").rows() == [(None, 7)]
    assert "in no bar, as their rows are too coarse: 7" in tab(panel)._told.value


def test_many_kinds_are_folded() -> None:
    """The largest eight kinds of limit are drawn, the others together."""
    rows = frame(*(turned_away(notes=f"kind {n:02}", quantity=str(100 + n)) for n in range(20)))
    state = tab(opened(rows)).refused._state
    assert state["series"] == [f"kind {n:02}" for n in range(19, 11, -1)] + ["(other)"]
    assert sum(heights(state, "refused")) == sum(100 + n for n in range(20))


@pytest.mark.parametrize("label", ["model", "api_key", "provider", "notes"])
def test_hostile_names(label: str) -> None:
    """No name becomes markup, code, a field or another name, in the table or in a chart."""
    made = [turned_away() | {label: name} for name in HOSTILE]
    used = [event(START, **({} if label == "notes" else {label: name})) for name in HOSTILE]
    panel = opened(frame(*made, *used))
    tab(panel)._behind.fold.value = True
    for html in (
        tab(panel)._behind.table.value,
        tab(panel)._told.value,
        tab(panel)._told_peaks.value,
        tab(panel)._highest.value,
    ):
        assert "<script" not in html
        assert "<img" not in html
        assert "\u202e" not in html
        assert len(html) < 30_000
    assert panel.rate_limited["quantity"].sum() == len(HOSTILE)
    for state in (tab(panel).refused._state, tab(panel).peaks._state):
        assert len(set(state["series"])) == len(state["series"])
        assert len(str(state)) < 30_000


# The highest minutes


def highest(rows: pl.DataFrame, every: timedelta) -> dict[tuple[Any, ...], Decimal]:
    """Find peaks the plain way: add up each minute, then keep the largest of each span of UTC."""
    minutes: defaultdict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in rows.filter(pl.col("grain").is_in(["event", "1m"])).iter_rows(named=True):
        unit = {"input": "token", "output": "token", "request": "request"}.get(row["meter"])
        if unit is not None and row["unit"] == unit and row["basis"] in ("billed", "metered"):
            minute = row["time"].replace(second=0, microsecond=0)
            minutes[(minute, row["provider"], row["model"], row["meter"])] += row["quantity"]
    found: dict[tuple[Any, ...], Decimal] = {}
    for (minute, *labels), quantity in minutes.items():
        span = minute - (minute - datetime(2000, 1, 1, tzinfo=UTC)) % every
        found[(span, *labels)] = max(quantity, found.get((span, *labels), quantity))
    return found


@given(rows=frames(grains=("event", "1m", "1h", "1d")), every=st.sampled_from([("1h", 60), ("1d", 1440), ("1m", 1)]))
@settings(max_examples=60)
def test_peaks_are_those_of_the_rows(rows: pl.DataFrame, every: tuple[str, int]) -> None:
    """For any rows: what is found is what adding up minute by minute finds."""
    found = ut.peaks(rows, every=every[0])
    keys = found.select("time", "provider", "model", "meter").rows()
    assert dict(zip(keys, found["quantity"], strict=True)) == highest(rows, timedelta(minutes=every[1]))


@given(where=filters())
@settings(max_examples=20)
def test_the_panel_has_the_peaks_of_its_filter(
    rows: pl.DataFrame, panels: dict[str, ut.UsagePanel], where: ut.Filter
) -> None:
    """What is drawn are the highest minutes of the rows that the filter keeps."""
    panel = panels.setdefault("UTC", ut.UsagePanel(rows))
    panel.tab, panel.value = "limits", where
    every = {"1d": timedelta(days=1), "1h": timedelta(hours=1), "1m": MINUTE}[panel._picture.every]
    expected = highest(rows.filter(where.to_expr()), every)
    found = panel.peaks
    assert (
        dict(zip(found.select("time", "provider", "model", "meter").rows(), found["quantity"], strict=True)) == expected
    )
    state = tab(panel).peaks._state
    drawn = sorted(most for (*_, meter), most in expected.items() if meter == "input")
    assert sorted(heights(state, "input")) == drawn


@pytest.mark.parametrize("tz", ZONES)
def test_spans_are_those_of_the_zone(tz: str) -> None:
    """A peak belongs to the day of the reader, and says in which minute of that day it was."""
    rows = frame(*(event(START + n * 7 * timedelta(hours=1), quantity=str(n + 1)) for n in range(8)))
    found = ut.peaks(rows, every="1d", tz=tz)
    days = {time.astimezone(ZoneInfo(tz)).date(): n + 1 for n, time in enumerate(rows["time"])}  # the last is highest
    assert found["time"].dt.date().to_list() == found["minute"].dt.date().to_list() == sorted(days)
    assert found["quantity"].to_list() == [days[day] for day in sorted(days)]


def test_an_unknown_minute_may_be_the_highest() -> None:
    """Where a minute has an unknown quantity, so has the hour, and no limit is said to be kept."""
    rows = frame(event(START), event(START + MINUTE), event(START + timedelta(hours=1)))
    unknown = rows.with_columns(quantity=pl.when(pl.col("time") != START).then("quantity"))
    found = ut.peaks(unknown, limits=allowed(("venice", "m", "input", 5)))
    assert found.select("quantity", "minute", "limit").rows() == [
        (None, None, 5),
        (10, START + timedelta(hours=1), 5),
    ]


def test_the_limit_stands_beside_the_peak() -> None:
    """A limit that is known is a line, a column and a share; one that is not is no 0."""
    rows = frame(event(START), event(START + 10 * timedelta(seconds=1)), event(START, meter="output", quantity="3"))
    panel = opened(rows, limits=allowed(("venice", "m", "input", 80), ("venice", "other", "output", 1)))
    assert panel.peaks.select("meter", "quantity", "limit").rows() == [("input", 20, 80), ("output", 3, None)]
    state = tab(panel).peaks._state
    assert [heights(state, f"{meter}_limit") for meter in ("input", "output")] == [[80], []]
    assert heights(state, "input") == [20]
    assert [rule.said for rule in live(tab(panel).peaks._view.spec, state, kind="rule")] == ["m: 80 tokens"]
    assert "25.0 %" in tab(panel)._highest.value
    assert "(dashed: the limit)" in state["titles"]["input"]
    assert "(dashed" not in state["titles"]["output"]
    assert "No limits are known" not in tab(panel)._told_peaks.value
    assert "No limits are known" in tab(opened(rows))._told_peaks.value


def test_without_minutes_there_is_a_sentence() -> None:
    """Rows of hours have no highest minute: the tab says so and draws none."""
    panel = opened(frame(event(START, grain="1h")))
    assert panel.peaks.is_empty()
    assert "These rows resolve no minutes" in tab(panel)._told_peaks.value
    assert tab(panel).peaks.layout.display == "none"
    mixed = opened(frame(event(START, grain="1h", provider="anthropic"), event(START)))
    assert "Without peaks, as no minutes are reported: anthropic." in tab(mixed)._told_peaks.value
    nothing = opened(frame(event(START)).clear())
    assert "Nothing in this selection" in tab(nothing)._told_peaks.value
    assert nothing.rate_limited.is_empty()


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"model": "m"}, "expected limits to be a polars frame, found dict"),
        (pl.DataFrame({"model": ["m"]}), "expected columns provider, model, meter and per_minute, found no 'provider'"),
        (allowed(("venice", "m", "input", 5)).cast({"per_minute": pl.Float64}), "found Float64"),
        (allowed(("venice", "m", "cache_read", 5)), "expected meters among input, output, request, found 'cache_read'"),
        (allowed(("venice", "m", "input", 0)), "expected 'per_minute' above 0, found 0"),
        (allowed(("venice", "m", "input", 5), ("venice", "m", "input", 6)), "found two for venice, m, input"),
    ],
)
def test_odd_limits_are_told_in_a_sentence(limits: Any, told: str) -> None:
    """What can't be a table of limits is refused when the panel is made, by what is wrong with it."""
    with pytest.raises((ut.ArgumentError, ut.InputError), match=told):
        ut.UsagePanel(frame(event(START)), limits=limits)


def test_an_odd_span_is_told_in_a_sentence() -> None:
    """A span that nobody knows is named."""
    with pytest.raises(ut.ArgumentError, match="expected every to be one of 1m, 1h, 1d, 1w, 1mo, found '2h'"):
        ut.peaks(frame(event(START)), every="2h")


# The tab


def test_nothing_is_worked_out_before_the_tab_is_opened(rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """A panel whose second tab stays closed never looks for what it would show, and does once it is opened."""

    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError

    with monkeypatch.context() as closed:
        closed.setattr(refused.Refused, "shown", fail)
        closed.setattr(limits_chart, "peaks_state", fail)
        panel = ut.UsagePanel(rows)
        panel.drill("2026-10-08")
        panel.value = ut.Filter(provider="venice")
        assert not panel._message.value
        assert panel._second.children == ()
    panel._tabs.selected_index = 1
    assert panel.tab == "limits"
    assert len(panel._second.children) == 1
    panel.tab = "use"
    assert panel._tabs.selected_index == 0


def test_a_closed_tab_is_brought_up_to_date(rows: pl.DataFrame) -> None:
    """What changes while the other tab is open is there when this one is opened again, in the same views."""
    panel = opened(rows)
    sent: list[Any] = []
    tab(panel).refused._view.observe(sent.append, ["spec", "chart"])
    panel.tab = "use"
    panel.value = BURST
    panel.tab = "limits"
    assert tab(panel).refused._state["names"][13] == "2026-10-08T13:00"
    assert "8 Oct 2026" in tab(panel).crumb.value
    assert sent == []


@pytest.mark.parametrize("chart", ["refused", "peaks"])
def test_a_click_opens_a_bar(rows: pl.DataFrame, chart: str) -> None:
    """A column of either chart opens as it does in the chart of the use, unless it is no longer shown."""
    panel = opened(rows)
    live = getattr(tab(panel), chart)
    for rev, value in ((live._rev - 1, ut.Filter()), (live._rev, BURST)):
        picked = {"bucket": "2026-10-08", "rev": rev}
        store = [
            {"unit": "", "fields": [{"type": "E", "field": name} for name in picked], "values": list(picked.values())}
        ]
        value_of_pick = {name: [it] for name, it in picked.items()} | {"vlPoint": {"or": [picked]}}
        live._view._vl_selections = {"pick": {"value": value_of_pick, "store": store}}
        assert panel.value == value


def test_the_file_is_what_the_tab_shows(rows: pl.DataFrame, tmp_path: Path) -> None:
    """The open tab says which file is given: all refused requests, under a name of their own."""
    panel = opened(rows, value=ut.Filter("2026-10-08", "2026-10-09", provider="venice"))
    panel.separator = ";"
    path = panel.download(tmp_path)
    assert path.name == "rate-limited_venice_2026-10-08_by-limit.csv"
    assert path.read_bytes() == to_csv(panel.rate_limited, separator=";", decimal=",")
    panel.tab = "use"
    assert panel.download(tmp_path).name == "usage_venice_2026-10-08_by-meter.csv"


def test_the_table_is_drawn_while_it_is_open(rows: pl.DataFrame) -> None:
    """A long table is cut and says how long it is; while closed it is not there."""
    panel = opened(pl.concat([rows, frame(*(turned_away(START + n * MINUTE, model=f"m{n}") for n in range(300)))]))
    assert tab(panel)._behind.table.value == ""
    tab(panel)._behind.fold.value = True
    assert tab(panel)._behind.table.value.count("<tr>") == 201
    assert f"The first 200 of {panel.rate_limited.height:,} rows" in tab(panel)._behind.table.value


def test_any_frame(rows: pl.DataFrame) -> None:
    """Lazy, pandas and pyarrow rows give the same counts and peaks."""
    eager = ut.UsagePanel(rows, value=BURST)
    for others in (rows.lazy(), rows.to_pandas(use_pyarrow_extension_array=True), rows.to_arrow()):
        panel = ut.UsagePanel(others, value=BURST)
        assert panel.rate_limited.equals(eager.rate_limited)
        assert panel.peaks.equals(eager.peaks)


def test_the_tab_speaks_italian(rows: pl.DataFrame) -> None:
    """Sentences, heads and numbers are those of the reader; names and kinds of limit stay."""
    panel = opened(rows, locale="it-IT", limits=allowed(("venice", "zai-org-glm-5-1", "input", 50_000)))
    tab(panel)._behind.fold.value = True
    assert "Richieste rifiutate per limite: 813" in tab(panel)._told.value
    assert tab(panel).refused._state["titles"]["refused"] == "Richieste rifiutate per limite al giorno"
    assert "57,0 %" in tab(panel)._highest.value
    shown = tab(panel)
    html = shown._behind.table.value + shown._highest.value + shown._told_peaks.value + shown.crumb.value
    assert "chat-backend" in html
    for word in ("Limit type", "request<", "Highest", "Rate limits", "When<", "minute of"):
        assert word not in html


@pytest.mark.parametrize("every", ["1h", "1w", "1mo"])
def test_the_granularity_moves_the_tab(rows: pl.DataFrame, every: str) -> None:
    """Bars of the reader's choice are those of both tabs, and no request is lost between them."""
    panel = opened(rows)
    panel.every = every
    assert not panel._message.value
    assert tab(panel).refused._state["names"] == panel._live._state["names"]
    assert panel.rate_limited["quantity"].sum() == panel.totals["rate_limited"]
    assert panel.peaks["quantity"].max() == ut.peaks(rows, every=every)["quantity"].max()
