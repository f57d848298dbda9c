"""A choice that can't be shown, in JupyterLab: one sentence, the controls as before, and the next choice works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from playwright.sync_api import expect

import usage_toolkit as ut
from browser.test_usage_panel import DRAWN, ROWS, bar, output, tile

if TYPE_CHECKING:
    from browser.lab import Notebook

pytestmark = pytest.mark.browser

BREAK = """
from usage_toolkit.panel import usage_panel
works = usage_panel.picture
def picture(hours, where, **how):
    if "venice" in where.provider or how["group"] == "user":
        raise RuntimeError("<b>no more room</b>")
    return works(hours, where, **how)
usage_panel.picture = picture
"""


def test_a_failed_choice_is_not_chosen(notebook: Notebook) -> None:
    """Menus go back to what is shown, by mouse and keyboard; the sentence goes with the next choice."""
    rows = ut.sample(days=14)
    panel = notebook.run(ROWS, BREAK, "panel = ut.UsagePanel(rows)\npanel")
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    counts = dict(rows.group_by("provider").len().iter_rows())
    provider, group = panel.get_by_label("Provider", exact=True), panel.get_by_label("Group by")
    total, told = tile(panel, "Output"), panel.get_by_role("alert")
    for menu, choice, stays in (
        (provider, f"venice ({counts['venice']:,})", "All providers"),
        (group, "User", "Token kind"),
    ):
        menu.select_option(choice)
        expect(told).to_have_text(
            "That could not be shown (RuntimeError: <b>no more room</b>); what you see is as it was before."
        )
        expect(menu.locator("option:checked")).to_have_text(stays)
        expect(total).to_have_attribute("title", output(rows))
        expect(bar(panel, "2026-10-20")).to_be_visible()
    provider.select_option(f"anthropic ({counts['anthropic']:,})")
    expect(told).to_have_count(0)
    expect(total).to_have_attribute("title", output(rows.filter(pl.col("provider") == "anthropic")))
    expect(provider.locator("option:checked")).to_have_text(f"anthropic ({counts['anthropic']:,})")
