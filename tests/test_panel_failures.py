"""What can't be shown is told in one sentence, and the panel stays as it was: what is chosen is what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import traitlets

import usage_toolkit as ut
from panels import OCTOBER, click, select, sums
from usage_toolkit.panel import cost_panel, limits, stack_chart, trail, usage_panel

if TYPE_CHECKING:
    from collections.abc import Callable

ACTS: dict[str, Callable[[Any], Any]] = {
    "a selector": lambda panel: select(panel._filters, "provider", "venice"),
    "several values": lambda panel: setattr(panel._filters._fields["model"].ticks, "value", ("claude-opus-4-8",)),
    "a period": lambda panel: setattr(panel._filters._period._kind, "value", "day"),
    "one step back": lambda panel: panel._filters._period._back.click(),
    "a group": lambda panel: setattr(panel._group, "value", "user"),
    "a granularity": lambda panel: setattr(panel._every, "value", "1h"),
    "a click": lambda panel: click(panel, "2026-10-20"),
    "the keyboard": lambda panel: panel._trail.open.click(),
    "up": lambda panel: panel.up(),
    "code": lambda panel: setattr(panel, "value", ut.Filter(model="claude-opus-4-8")),
}
BROKEN: dict[str, list[tuple[Any, str]]] = {
    "worked out": [(usage_panel, "picture"), (cost_panel, "picture")],
    "drawn": [(stack_chart, "state")],
    "said": [(trail.Trail, "show")],
}


def fail(*_: Any, **__: Any) -> None:
    """Stand in for what works."""
    raise RuntimeError("<b>broken</b>")


def controls(panel: Any) -> list[Any]:
    """All that the controls of a panel show, and what it says it shows."""
    period, chosen = panel._filters._period, [field.value for field in panel._filters._fields.values()]
    menus = [field.menu.value for field in panel._filters._fields.values()]
    rest = [panel._group.value, panel._every.value, panel._trail.crumb.value, panel.value, panel.group, panel.every]
    money = [panel.currency, panel._money.value] if isinstance(panel, ut.CostPanel) else []
    return [chosen, menus, period.ends, period._kind.value, period._month.value, *rest, *money]


def shown(panel: Any) -> list[Any]:
    """All numbers of a panel."""
    drawn = {name: part for name, part in panel._live._state.items() if name != "rev"}
    return [panel.totals, panel.data.rows(), panel._tiles.value, panel._status.value, drawn]


@pytest.mark.parametrize("kind", [ut.UsagePanel, ut.CostPanel])
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_chosen_is_what_is_shown(
    monkeypatch: pytest.MonkeyPatch, kind: type[Any], act: str, broken: str
) -> None:
    """Whatever is asked for and whatever breaks, controls and numbers stay, and the next choice works."""
    rows = ut.sample(days=14).filter(pl.col("grain") != "1d")
    panel = kind(rows, value=ut.Filter(*OCTOBER))
    before = controls(panel), shown(panel)
    with monkeypatch.context() as patch:
        for owner, name in BROKEN[broken]:
            patch.setattr(owner, name, fail)
        ACTS[act](panel)
    assert "That could not be shown (RuntimeError: &lt;b&gt;broken&lt;/b&gt;)" in panel._message.value
    assert not panel._filters._message.value
    assert panel._filters.value == panel.value
    assert (controls(panel), shown(panel)) == before
    select(panel._filters, "provider", "anthropic")
    assert not panel._message.value
    assert panel.totals == sums(rows.filter(pl.col("provider") == "anthropic"))


@pytest.mark.parametrize(("chosen", "next_"), [("DIEM", "USD"), ("", "DIEM")])
@pytest.mark.parametrize("broken", BROKEN)
def test_a_currency_that_cannot_be_shown(monkeypatch: pytest.MonkeyPatch, chosen: str, next_: str, broken: str) -> None:
    """The currency stays, too, whether it was chosen or is the largest."""
    panel = ut.CostPanel(ut.sample(days=14))
    panel.currency = chosen
    before = controls(panel), shown(panel)
    with monkeypatch.context() as patch:
        for owner, name in BROKEN[broken]:
            patch.setattr(owner, name, fail)
        panel._money.value = next_
    assert "broken" in panel._message.value
    assert (controls(panel), shown(panel)) == before
    panel._money.value = next_
    assert panel.currency == next_
    assert not panel._message.value


def test_a_tab_that_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tab of rate limits is not open then, and can be opened later."""
    panel = ut.UsagePanel(ut.sample(days=7))
    with monkeypatch.context() as patch:
        patch.setattr(limits, "highest", fail)
        panel._tabs.selected_index = 1
    assert "broken" in panel._message.value
    assert (panel.tab, panel._tabs.selected_index) == ("use", 0)
    panel._tabs.selected_index = 1
    assert panel.tab == "limits"
    assert not panel._message.value


def test_the_other_tab_stays_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the open tab can't follow a choice, nothing does."""
    panel = ut.UsagePanel(ut.sample(days=14))
    panel.tab = "limits"
    before = controls(panel), shown(panel), panel.peaks.rows()
    with monkeypatch.context() as patch:
        patch.setattr(limits, "highest", fail)
        select(panel._filters, "provider", "venice")
    assert "broken" in panel._message.value
    assert (controls(panel), shown(panel), panel.peaks.rows()) == before


def test_tied_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    """A panel that fails leaves a panel that is linked to it as it was as well."""
    rows = ut.sample(days=14)
    use, cost = ut.UsagePanel(rows), ut.CostPanel(rows)
    traitlets.link((use, "value"), (cost, "value"))
    before = shown(use), shown(cost)
    with monkeypatch.context() as patch:
        patch.setattr(usage_panel, "picture", fail)
        select(use._filters, "provider", "venice")
    assert "broken" in use._message.value
    assert use.value == cost.value == ut.Filter()
    assert (shown(use), shown(cost)) == before
