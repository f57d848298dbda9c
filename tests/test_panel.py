"""`UsagePanel` and what all panels share: what is said, what is never added, and what nothing can break."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import traitlets
from IPython.core.formatters import DisplayFormatter

import usage_toolkit as ut
from drawn import live
from panels import HOSTILE, OCTOBER, event, frame, heights, select
from usage_toolkit import look


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
    assert sum(heights(panel._live._state)) == 30
    assert panel._tiles.value.count('<div class="ut-tile"') == 5 + 3 + 4


def test_unknown_is_not_zero() -> None:
    """What no row reports is said so, in words."""
    panel = ut.UsagePanel(frame(event(datetime(2026, 10, 3, tzinfo=UTC), amount=None, currency=None)))
    assert panel.totals == {"input": 10}
    assert panel._tiles.value.count("not reported") == 5  # output, cache hit share, searches, requests, cost


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
    panel._picked(panel._trail.bar.value)
    assert "no bar to open" in panel._message.value
    panel._filters._period._kind.value = "all"
    panel.group = "user"
    assert panel.totals == {}
    assert panel.chart.to_dict()
    assert "UsagePanel(0 rows" in repr(panel.snapshot())


def test_one_row() -> None:
    """One row is one bar: its hour."""
    panel = ut.UsagePanel(frame(event(datetime(2026, 10, 3, 13, 59, tzinfo=UTC))))
    assert heights(panel._live._state) == [10]
    (bar,) = live(panel._live._view.spec, panel._live._state)
    assert bar.said == "2026-10-03T13:00, input: 10 tokens"
    panel.every = "1d"
    (alone,) = live(panel._live._view.spec, panel._live._state)
    assert bar.right - bar.left < alone.right - alone.left < 100  # and not as wide as the panel
    panel.every = "auto"
    assert panel._trail.bar.options == (("3 Oct 2026, 13:00", "2026-10-03T13:00"),)
    panel.drill("2026-10-03T13:00")
    assert panel.data["time"].to_list() == [datetime(2026, 10, 3, 13, 59, tzinfo=UTC)]


def test_many_values_are_folded() -> None:
    """The largest eight are drawn, the others together, and nothing is lost in the table."""
    time = datetime(2026, 10, 3, tzinfo=UTC)
    panel = ut.UsagePanel(frame(*(event(time, model=f"m{n:02}", quantity=str(100 + n)) for n in range(40))))
    panel.group = "model"
    state = panel._live._state
    assert state["series"] == [f"m{n:02}" for n in range(39, 31, -1)] + ["(other)"]
    assert sum(heights(state)) == sum(100 + n for n in range(40))
    assert panel.data.height == 40


@pytest.mark.parametrize("label", ["model", "workspace", "api_key", "user", "provider"])
def test_hostile_names(label: str) -> None:
    """No name becomes markup, code, a field or another name, wherever it is shown."""
    time = datetime(2026, 10, 3, tzinfo=UTC)
    panel = ut.UsagePanel(frame(*(event(time, **{label: name}) for name in HOSTILE)))
    panel.group, panel._behind.fold.value = label, True
    names = [label for label, _ in panel._filters._fields[label].menu.options]
    assert len(set(names)) == len(names) == len(HOSTILE) + 2  # all, and several
    for html in (panel._behind.table.value, panel._status.value, panel._trail.crumb.value, panel._tiles.value):
        assert "<script" not in html
        assert "<img" not in html
        assert "\u202e" not in html
        assert len(html) < 20_000
    for name in HOSTILE:
        select(panel._filters, label, name)
        assert panel.value == ut.Filter(**{label: name})
        assert panel.totals == {"input": 10, "USD": Decimal("0.01")}
        assert not panel._message.value
        (bar,) = live(panel._live._view.spec, panel._live._state)
        assert bar.said == f"2026-10-03T00:00, {look.word(label, name)}: 10 tokens"
    assert len(str(panel._live._state)) < 20_000


def test_the_table_says_what_it_leaves_out(rows: pl.DataFrame) -> None:
    """A long table is cut, and says how long it is; while closed it is not there."""
    panel = ut.UsagePanel(rows)
    assert panel._behind.table.value == ""
    panel._behind.fold.value = True
    assert panel._behind.table.value.count("<tr>") == 201
    assert f"The first 200 of {panel.data.height:,} rows" in panel._behind.table.value


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
    panel._live._view.observe(sent.append, ["spec", "chart", "embed_options"])
    panel.group = "model"
    panel.drill("2026-10-20")
    panel.up()
    assert sent == []


def test_shown_in_a_notebook(rows: pl.DataFrame) -> None:
    """In a notebook a panel is a widget, and its text, which notebooks keep and compare, is stable: what it shows."""
    panel = ut.UsagePanel(rows)
    shown, _ = DisplayFormatter().format(panel)  # type: ignore[no-untyped-call]  # IPython
    first, *_ = shown["text/plain"].splitlines()
    assert first == f"UsagePanel({rows.height:,} rows, 2026-10-18 to 2026-10-31, UTC)"
    assert shown["text/plain"] == repr(panel.snapshot())
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_a_snapshot_lasts(rows: pl.DataFrame) -> None:
    """A snapshot has no widget in it: a spec that JupyterLab draws, a picture, and the exact totals as text."""
    panel = ut.UsagePanel(rows, value=ut.Filter("2026-10-20", "2026-10-21"))
    bundle = panel.snapshot()._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.vegalite.v5+json", "image/png", "text/plain"}
    assert f"output: {panel.totals['output']:,.0f} tokens" in bundle["text/plain"]
    assert panel.chart.to_dict()["title"] != bundle["application/vnd.vegalite.v5+json"]["title"]


@pytest.mark.parametrize("kind", [ut.UsagePanel, ut.CostPanel])
def test_a_snapshot_tells_of_what_it_is(kind: type[ut.UsagePanel]) -> None:
    """A picture that is passed on says its period and zone, what it is narrowed to, and what it leaves out."""
    where = ut.Filter.day("2026-10-20", tz="Europe/Rome", provider=["anthropic", "venice"], service_tier="(none)")
    panel = kind(ut.sample(days=14), value=where, tz="Europe/Rome")
    bundle = panel.snapshot()._repr_mimebundle_()
    below = bundle["application/vnd.vegalite.v5+json"]["title"]["subtitle"]
    assert below[:3] == ["20 Oct 2026 (Europe/Rome)", "Provider anthropic, venice", "Service tier (none)"]
    assert below[3].startswith("input:" if kind is ut.UsagePanel else "Billed:")
    assert not any(line.startswith("\u00b7") or line.endswith("\u00b7") for line in below)
    assert any(line.startswith("Left out: rows that resolve only days of UTC") for line in below)
    assert "Left out: rows that resolve only days of UTC" in bundle["text/plain"]


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
    spec = ut.UsagePanel(rows)._live._view.spec
    assert spec["background"] == "transparent"
    assert {spec["config"]["axis"][part] for part in ("labelColor", "titleColor", "gridColor")} == {"currentColor"}
    assert spec["width"] == "container"


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
