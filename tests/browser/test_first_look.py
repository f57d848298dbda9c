"""The first notebook as a new user meets it: run from top to bottom, and opened as it was saved."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.lab import PROJECT

if TYPE_CHECKING:
    from browser.lab import Notebook

NAME = "01_first_look.ipynb"
PANELS = 2
pytestmark = pytest.mark.browser


@pytest.fixture
def charts(notebook: Notebook) -> int:
    """Lay the notebook out; how many charts it holds."""
    shutil.copy(PROJECT / "notebooks" / NAME, notebook.lab.root / NAME)
    saved = json.loads((notebook.lab.root / NAME).read_text(encoding="utf-8"))
    outputs = [output for cell in saved["cells"] for output in cell.get("outputs", [])]
    return sum("application/vnd.vegalite.v5+json" in output.get("data", {}) for output in outputs)


def test_run_from_top_to_bottom(notebook: Notebook, charts: int) -> None:
    """Every cell runs, the panel shows what the notebook chose, and every chart is drawn."""
    outputs = notebook.open(NAME, run=True)
    panel = outputs.filter(has=notebook.page.get_by_label("Workspace", exact=True)).first
    expect(panel.get_by_label("Workspace", exact=True)).to_have_value(re.compile("^Research"), timeout=60_000)
    expect(outputs.locator(".vega-embed svg")).to_have_count(charts + PANELS, timeout=60_000)
    expect(outputs.locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)


def test_opened_as_saved_its_charts_are_there(notebook: Notebook, charts: int) -> None:
    """Without running anything, untrusted and offline, the charts are drawn from what was saved."""
    outputs = notebook.open(NAME, run=False)
    expect(outputs.locator(".vega-embed svg").first).to_be_visible(timeout=60_000)
    for number in range(charts):
        outputs.locator(".vega-embed").nth(number).scroll_into_view_if_needed()
    expect(outputs.locator(".vega-embed svg")).to_have_count(charts)
    assert outputs.locator("path[aria-roledescription='bar']").count() > 100
