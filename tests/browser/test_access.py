"""Panels without eyes and without a mouse: each control has a name, each bar says what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.test_usage_panel import DRAWN, ROWS, bar

if TYPE_CHECKING:
    from browser.lab import Notebook

pytestmark = pytest.mark.browser

_NAMELESS = """panel => [...panel.querySelectorAll('select, input, button, [role=tab]')]
  .filter((control) => control.offsetParent && ![control.getAttribute('aria-label'), control.title, control.textContent,
    ...[...(control.labels ?? [])].map((label) => label.textContent)].some((text) => text?.trim()))
  .map((control) => control.outerHTML)"""


@pytest.mark.parametrize("kind", ["UsagePanel", "CostPanel"])
def test_everything_has_a_name(notebook: Notebook, kind: str) -> None:
    """Whatever can be moved has a label, each bar a sentence of its own, and the drawing a description."""
    panel = notebook.run(ROWS, f"panel = ut.{kind}(rows, value=ut.Filter.month('2026-10'))\npanel")
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    panel.get_by_label("Model", exact=True).select_option("Several…")
    panel.get_by_text("Table behind the chart").click()
    expect(panel.get_by_role("columnheader", name="Basis")).to_be_visible()
    assert panel.locator(".ut-panel").first.evaluate(_NAMELESS) == []
    said = panel.locator('path[aria-roledescription="bar"]').evaluate_all(
        "all => all.map((one) => one.getAttribute('aria-label'))"
    )
    assert len(said) == len(set(said)) > 50
    assert all(re.fullmatch(r"2026-10-\d\d, [^:]+: -?[\d,.]+ \w+", one) for one in said)
    expect(panel.get_by_label(re.compile("over time, stacked$")).first).to_be_visible()
