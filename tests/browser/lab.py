"""A JupyterLab of this project and a notebook in it, as a browser test meets them.

Everything lives in a temporary folder and on loopback; the server keeps no settings but those given here.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

PROJECT = Path(__file__).parents[2]
START = 120
"""Seconds that anything may take to start before it counts as broken; nothing waits that long when all is well."""

_KERNEL_IS_IDLE = """() => {
  const widget = window.jupyterapp?.shell?.currentWidget;
  return widget?.sessionContext?.session?.kernel?.status === 'idle' && widget.sessionContext.isReady;
}"""

_WITHOUT_KERNEL = """async name => {
  const registry = jupyterapp.docRegistry, preference = registry.getKernelPreference.bind(registry);
  await jupyterapp.restored;
  const none = { shouldStart: false, autoStartDefault: false };
  registry.getKernelPreference = (...asked) => ({ ...preference(...asked), ...none });
  await jupyterapp.commands.execute("docmanager:open", { path: name });
}"""


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str
    token: str
    root: Path


@dataclass
class Notebook:
    """A notebook open in JupyterLab, and what went wrong in its page."""

    page: Page
    lab: Lab
    problems: list[str] = field(default_factory=list)

    def run(self, *cells: str) -> Locator:
        """Open a notebook of these cells, run it, and return its outputs."""
        name = f"{secrets.token_hex(4)}.ipynb"
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        made = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": _cells(cells)}
        (self.lab.root / name).write_text(json.dumps(made), encoding="utf-8")
        return self.open(name, run=True)

    def open(self, name: str, *, run: bool) -> Locator:
        """Open a notebook that lies in the server's root, run it or only look at it, and return its outputs."""
        self.page.goto(f"{self.lab.url}/doc/tree/{name}?reset&token={self.lab.token}")
        self.page.wait_for_function(_KERNEL_IS_IDLE, timeout=START * 1000)
        if run:
            assert self.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')") is not False
        return self.page.locator(".jp-OutputArea")

    def look(self, name: str) -> Locator:
        """Open a notebook that lies in the server's root without a kernel, and return its outputs."""
        self.page.goto(f"{self.lab.url}/lab?reset&token={self.lab.token}")
        self.page.wait_for_function("window.jupyterapp?.shell && jupyterapp.status", timeout=START * 1000)
        self.page.evaluate(_WITHOUT_KERNEL, name)
        return self.page.locator(".jp-OutputArea")

    def watch(self) -> None:
        """Note every error of the page, and every request that leaves this machine."""
        here = (self.lab.url, self.lab.url.replace("http", "ws", 1), "data:", "blob:")
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on(
            "console", lambda told: self.problems.append(f"console: {told.text}") if told.type == "error" else None
        )
        self.page.on(
            "request", lambda asked: None if asked.url.startswith(here) else self.problems.append(f"asked {asked.url}")
        )


def _cells(sources: tuple[str, ...]) -> list[dict[str, Any]]:
    code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return [code | {"id": f"cell-{number}", "source": source} for number, source in enumerate(sources)]


@contextmanager
def serve(home: Path) -> Iterator[Lab]:
    """Run JupyterLab of this environment in `home`, on a free port."""
    folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTER_DATA_DIR": "data"}
    folders |= {
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    for folder in ("root", *folders.values()):
        (home / folder).mkdir()
    silent = home / "settings/@jupyterlab/apputils-extension"
    silent.mkdir(parents=True)
    news = {"fetchNews": "false", "checkForUpdates": False}
    (silent / "notification.jupyterlab-settings").write_text(json.dumps(news), encoding="utf-8")
    env = os.environ | {name: str(home / folder) for name, folder in folders.items()}
    env["PYTHONPATH"] = str(PROJECT)
    token = secrets.token_hex(16)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={home / 'root'}",
        "--LabApp.expose_app_in_browser=True", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            yield Lab(_address(server), token, home / "root")
        finally:
            server.terminate()
            overdue = threading.Timer(20, server.kill)
            overdue.start()
            server.wait()
            overdue.cancel()


def _address(server: subprocess.Popen[str]) -> str:
    """Read the server's log until it says where it listens; go on reading behind our back, so that it never waits."""
    assert server.stdout is not None
    overdue, told = threading.Timer(START, server.kill), []
    overdue.start()
    for line in server.stdout:
        told.append(line)
        if found := re.search(r"http://127\.0\.0\.1:[1-9]\d*", line):
            overdue.cancel()
            threading.Thread(target=server.stdout.read, daemon=True).start()
            return found[0]
    raise AssertionError("JupyterLab did not start:\n" + "".join(told[-30:]))
