"""Notebooks are small, readable, and hold nothing but what they show; `make test` also runs each, output by output."""

from __future__ import annotations

import ast
import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from nbconvert import HTMLExporter
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import hygiene

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
def test_charts_are_pictures_where_nothing_draws_them(path: Path) -> None:
    """On a code host, and in the page that nbconvert makes as it comes, each chart and panel is its picture."""
    shown = [output.get("data", {}) for cell in cells(path, "code") for output in cell["outputs"]]
    pictures = [data["image/png"] for data in shown if "application/vnd.vegalite.v5+json" in data]
    assert all(base64.b64decode(picture).startswith(b"\x89PNG") for picture in pictures)
    page, _ = HTMLExporter().from_filename(str(path))  # type: ignore[no-untyped-call]  # nbconvert is typed in parts
    assert page.count('src="data:image/png;base64,') == len(pictures)


@each_notebook
def test_a_notebook_holds_nothing_else(path: Path) -> None:
    """Small enough to review; no widget state, no path of a machine, no time of a run, no name, no key."""
    text = path.read_text(encoding="utf-8")
    assert list(hygiene.problems(text)) == []
    assert hygiene.cleaned(text) == text


def _planted(place: str, value: Any) -> str:
    """A notebook in which something was forgotten."""
    text = NOTEBOOKS[0].read_text(encoding="utf-8")
    notebook = json.loads(text)
    (cell, *_) = (cell for cell in notebook["cells"] if cell.get("outputs"))
    where = {
        "metadata": notebook["metadata"],
        "language": notebook["metadata"]["language_info"],
        "cell": cell["metadata"],
        "output": cell["outputs"][0]["metadata"],
        "data": cell["outputs"][0]["data"],
    }
    if place == "source":
        cell["source"] = [*cell["source"], f"\n{value}"]
    elif place == "stream":
        cell["outputs"].append({"output_type": "stream", "name": "stdout", "text": [value]})
    elif place == "stderr":
        cell["outputs"].append({"output_type": "stream", "name": "stderr", "text": [value]})
    else:
        where[place].update(value)
    return json.dumps(notebook)


CANARIES: list[tuple[str, Any]] = [
    ("metadata", {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}}}),
    ("metadata", {"title": "mine"}),
    ("language", {"version": "3.11.7"}),
    ("cell", {"execution": {"iopub.execute_input": "2026-11-01T08:00:00Z"}}),
    ("cell", {"tags": ["raises-exception"]}),
    ("output", {"isolated": True}),
    ("data", {"application/vnd.jupyter.widget-view+json": {"model_id": "0"}}),
    ("data", {"application/javascript": "x()"}),
    ("data", {"text/plain": ["<a.B at 0x7f00aa00bb00>"]}),
    ("data", {"text/plain": ["Store('/home/anna/usage')"]}),
    ("data", {"text/html": ["<td>C:\\Users\\anna</td>"]}),
    ("source", "rows = ut.read('/Users/anna/exports/*.csv')"),
    ("source", "key = 'sk-ant-admin01-CANARY0123456789'"),
    ("source", "key = 'VENICE-CANARY0123456789'"),
    ("stream", "written to /tmp/x.csv"),
    ("stderr", "careful"),
]


@pytest.mark.parametrize(("place", "value"), CANARIES)
def test_what_is_forgotten_in_a_notebook_is_seen(
    tmp_path: Path, place: str, value: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check of `make lint` fails, and says in a sentence which notebook and what."""
    path = tmp_path / "planted.ipynb"
    path.write_text(_planted(place, value), encoding="utf-8")
    assert hygiene.main([str(path)]) == 1
    assert re.search(r"planted\.ipynb: .*expected .*, found .*; .*\.$", capsys.readouterr().err, flags=re.MULTILINE)


def test_your_own_name_and_key_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the check is looked for, and so are the keys in the environment."""
    path = tmp_path / "planted.ipynb"
    path.write_text(_planted("stream", "by annarossi, with 0123456789abcdef"), encoding="utf-8")
    assert hygiene.main([str(path)]) == 0
    monkeypatch.setattr("getpass.getuser", lambda: "annarossi")
    assert hygiene.main([str(path)]) == 1
    monkeypatch.setattr("getpass.getuser", lambda: "root")
    monkeypatch.setenv("VENICE_ADMIN_KEY", "0123456789abcdef")
    assert hygiene.main([str(path)]) == 1


def test_a_comment_in_a_picture_is_seen(tmp_path: Path) -> None:
    """A picture may carry texts that nobody sees."""
    made = io.BytesIO()
    notes = PngInfo()
    notes.add_text("Author", "anna")
    Image.new("RGB", (1, 1)).save(made, "PNG", pnginfo=notes)
    path = tmp_path / "planted.ipynb"
    path.write_text(_planted("data", {"image/png": base64.b64encode(made.getvalue()).decode()}), encoding="utf-8")
    assert hygiene.main([str(path)]) == 1


def test_cleaning_takes_away_what_a_run_leaves(tmp_path: Path) -> None:
    """State, times and views go; what is shown stays."""
    path = tmp_path / "run.ipynb"
    path.write_text(_planted("cell", {"execution": {"iopub.execute_input": "2026-11-01T08:00:00Z"}}), encoding="utf-8")
    assert hygiene.main(["--clean", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == NOTEBOOKS[0].read_text(encoding="utf-8")


def test_lint_looks_at_notebooks() -> None:
    """`make lint` calls the check."""
    makefile = (Path(__file__).parents[1] / "Makefile").read_text(encoding="utf-8")
    assert re.search(
        r"^lint:.*\n(?:\t.*\n)*\t\S+python tests/hygiene\.py notebooks/\*\.ipynb$", makefile, flags=re.MULTILINE
    )
