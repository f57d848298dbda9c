"""The first notebook as a new user meets it: run from top to bottom."""

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
pytestmark = pytest.mark.browser


@pytest.fixture
def charts(notebook: Notebook) -> int:
    """Lay the notebook out; how many charts it holds."""
    shutil.copy(PROJECT / "notebooks" / NAME, notebook.lab.root / NAME)
    saved = json.loads((notebook.lab.root / NAME).read_text(encoding="utf-8"))
    outputs = [output for cell in saved["cells"] for output in cell.get("outputs", [])]
    return sum("application/vnd.vegalite.v5+json" in output.get("data", {}) for output in outputs)


def test_run_from_top_to_bottom(notebook: Notebook, charts: int) -> None:
    """Every cell runs, the panel shows what the notebook chose, and every chart is drawn, those of panels live."""
    outputs = notebook.open(NAME, run=True)
    panel = outputs.filter(has=notebook.page.get_by_label("Workspace", exact=True)).first
    expect(panel.get_by_label("Workspace", exact=True)).to_have_value(re.compile("^Research"), timeout=60_000)
    expect(outputs.locator(".vega-embed svg")).to_have_count(charts, timeout=60_000)
    expect(outputs.locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
