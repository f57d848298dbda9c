"""The notebooks as a reader meets them: saved, untrusted, in JupyterLab, with no kernel and no network."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.lab import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from browser.lab import Notebook

pytestmark = pytest.mark.browser
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
CHART = "application/vnd.vegalite.v5+json"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_charts_are_drawn_from_what_was_saved(notebook: Notebook, path: Path) -> None:
    """All of them, panels too, live; nothing says that something is missing, and no kernel was started."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    empty = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": []}
    (notebook.lab.root / "empty.ipynb").write_text(json.dumps(empty), encoding="utf-8")
    notebook.look("empty.ipynb")
    expect(notebook.page.locator(".jp-Notebook")).to_be_visible(timeout=60_000)
    notebook.page.wait_for_timeout(1000)
    usual = set(notebook.problems)  # JupyterLab's widgets miss a kernel whatever the notebook holds
    shutil.copy(path, notebook.lab.root / path.name)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    charts = sum(CHART in output.get("data", {}) for cell in cells for output in cell.get("outputs", ()))
    outputs = notebook.look(path.name)
    expect(notebook.page.locator(".jp-Notebook")).to_be_visible(timeout=60_000)
    for number in range(charts):
        outputs.locator(".vega-embed").nth(number).scroll_into_view_if_needed()
    expect(outputs.locator(".vega-embed svg")).to_have_count(charts)
    marks = outputs.locator("path[aria-roledescription='bar'], path[aria-roledescription='point']")
    assert bool(marks.count()) == bool(charts)
    expect(outputs.get_by_text("Error displaying widget")).to_have_count(0)
    expect(outputs.locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
    assert notebook.page.evaluate("[...jupyterapp.serviceManager.kernels.running()].length") == 0
    trusted = "jupyterapp.shell.currentWidget.content.widgets.filter(one => one.model.trusted && one.outputArea).length"
    assert notebook.page.evaluate(trusted) <= sum(not cell.get("outputs") for cell in cells)  # what shows nothing is
    notebook.problems[:] = [problem for problem in notebook.problems if problem not in usual]
