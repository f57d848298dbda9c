"""Notebooks are small, readable, and hold nothing but what they show; `make test` also runs each, output by output."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
FORBIDDEN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try)
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    """The cells of a kind, their source as one text."""
    found = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]
    return [cell | {"source": "".join(cell["source"])} for cell in found]


def test_there_are_notebooks() -> None:
    """The first one is what `make lab` opens."""
    assert [path.name for path in NOTEBOOKS][:1] == ["01_first_look.ipynb"]


@each_notebook
def test_a_notebook_is_a_question_a_call_and_a_look(path: Path) -> None:
    """Under twenty cells; code of one to five lines, without definitions; a text before the code."""
    code = cells(path, "code")
    assert len(code) + len(cells(path, "markdown")) < 20
    assert json.loads(path.read_text(encoding="utf-8"))["cells"][0]["cell_type"] == "markdown"
    for cell in code:
        assert 1 <= len(cell["source"].splitlines()) <= 5, cell["source"]
        assert not [node for node in ast.walk(ast.parse(cell["source"])) if isinstance(node, FORBIDDEN)], cell["source"]


@each_notebook
def test_a_notebook_was_run_from_top_to_bottom(path: Path) -> None:
    """Its outputs are there, in the order of its cells, and no error among them."""
    code = cells(path, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [output for cell in code for output in cell["outputs"] if output["output_type"] == "error"]
    assert [cell for cell in code if cell["outputs"]]


@each_notebook
def test_a_notebook_holds_nothing_else(path: Path) -> None:
    """Small enough to review; no widget state, no path of a machine, no time of a run, no key."""
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) <= 400_000
    metadata = json.loads(text)["metadata"]
    assert sorted(metadata) == ["kernelspec", "language_info"]
    assert "version" not in metadata["language_info"]
    pictures_cut = re.sub(r'"image/png": "[^"]*"', "", text)
    for trace in ("widget-state", "/home/", "/root/", "/Users/", "/tmp/", "C:\\\\", "iopub", "sk-ant-"):  # noqa: S108
        assert trace not in pictures_cut
