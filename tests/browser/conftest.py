"""One JupyterLab for all browser tests, and a fresh page and kernel for each.

A page keeps account of what went wrong in it, and no test passes while there is anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.lab import Lab, Notebook, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A running JupyterLab."""
    with serve(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def notebook(lab: Lab, browser: Browser) -> Iterator[Notebook]:
    """A page of an Italian in New York; when the test is done, nothing may have gone wrong in it."""
    context = browser.new_context(
        viewport={"width": 1300, "height": 1200}, locale="it-IT", timezone_id="America/New_York"
    )
    notebook = Notebook(context.new_page(), lab)
    notebook.watch()
    yield notebook
    problems = list(notebook.problems)  # before JupyterLab complains of the kernel that is taken from it
    notebook.page.evaluate("window.jupyterapp?.serviceManager.sessions.shutdownAll()")
    context.close()
    assert problems == []
