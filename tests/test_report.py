"""A report holds what a notebook shows and nothing else, the same for the same notebook, and is whole or not there."""

from __future__ import annotations

import errno
import json
import re
import subprocess
import sys
import zipfile
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4

import usage_toolkit as ut
from payloads import PAYLOADS
from usage_toolkit.cli import main
from usage_toolkit.errors import InputError, UsageToolkitError
from usage_toolkit.report import chart
from usage_toolkit.report.harmless import TAGS, harmless, of_markdown
from usage_toolkit.report.run import template

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
nb: Any = v4  # nbformat is typed in parts


def saved(folder: Path, *cells: Any) -> Path:
    """Save a notebook of these cells."""
    path = folder / "made.ipynb"
    path.write_text(json.dumps(nb.new_notebook(cells=list(cells))), encoding="utf-8")
    return path


def ran(source: str = "x", **data: Any) -> Any:
    """Make a cell that was run, with one output."""
    shown = [nb.new_output("display_data", data=data["data"])] if data else []
    return nb.new_code_cell(source, execution_count=1, outputs=shown)


@each_notebook
def test_the_same_notebook_gives_the_same_bytes(tmp_path: Path, path: Path) -> None:
    """Whenever and wherever it is written."""
    one, other = (ut.write_report(path, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert one == other
    assert len(one) < 2_000_000


@each_notebook
def test_a_policy_names_the_one_script_and_the_one_style(tmp_path: Path, path: Path) -> None:
    """A browser runs what the policy has the digest of, and nothing may be asked for but pictures within the file."""
    text = ut.write_report(path, tmp_path / "a.html").read_text(encoding="utf-8")
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[0].replace("&#x27;", "'")
    found = {}
    for kind in ("script", "style"):
        held = re.findall(rf"<{kind}>(.*?)</{kind}>", text, flags=re.DOTALL)
        digests = ["'sha256-" + b64encode(sha256(one.encode()).digest()).decode() + "'" for one in held]
        (found[kind],) = digests or ["'none'"]  # where nothing is to be drawn there is no script
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["script-src"] == found["script"]
    assert rules["style-src"] == found["style"]
    assert (rules["default-src"], rules["img-src"]) == ("'none'", "data:")
    assert "unsafe" not in policy


def test_a_report_without_charts_runs_nothing(tmp_path: Path) -> None:
    """Where nothing is to be drawn there is no script, and it is small."""
    text = ut.write_report(saved(tmp_path, ran(data={"text/plain": "1"}))).read_text(encoding="utf-8")
    assert "script-src &#x27;none&#x27;" in text
    assert len(text) < 20_000


@each_notebook
def test_code_is_left_out_if_asked(tmp_path: Path, path: Path) -> None:
    """No line of it is anywhere in the file; with it each cell is there, folded."""
    sources = [
        "".join(cell["source"])
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    with_, without = (
        ut.write_report(path, tmp_path / "a.html", code=code).read_text(encoding="utf-8") for code in (True, False)
    )
    assert with_.count('<details class="code">') == len(sources)
    assert '<details class="code"' not in without
    assert "usage_toolkit as ut" in with_
    assert "usage_toolkit as ut" not in without


def test_no_state_of_widgets_travels(tmp_path: Path) -> None:
    """What a notebook knows of widgets, and what no cell shows, is not in its report."""
    canary = "CANARY4711"
    cell = ran(
        data={"application/vnd.jupyter.widget-view+json": {"model_id": canary}, "text/plain": "a panel", "x/y": canary}
    )
    cell.metadata["note"] = canary
    made = nb.new_notebook(cells=[cell], metadata={"widgets": {"state": canary}, "author": canary})
    path = tmp_path / "made.ipynb"
    path.write_text(json.dumps(made), encoding="utf-8")
    text = ut.write_report(path).read_text(encoding="utf-8")
    assert "a panel" in text
    assert canary not in text


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ([ran(data={"text/html": "<b>x</b><script>y()</script>", "text/plain": "plain"})], "<b>x</b>"),
        ([ran(data={"text/html": "<script>y()</script>", "text/plain": "plain"})], "<pre>plain</pre>"),
        ([ran(data={"image/png": "AAAA", "text/plain": "p"})], '<img alt="p" src="data:image/png;base64,AAAA">'),
        ([ran(data={"image/png": "no base 64!", "text/plain": "p"})], "<pre>p</pre>"),
        ([ran(data={"text/markdown": "*x*"})], "<em>x</em>"),
        ([ran(data={chart.MIMES[0]: {"data": {"url": "x"}}, "text/plain": "p"})], "<pre>p</pre>"),
        ([nb.new_markdown_cell("![p](attachment:a.png)", attachments={"a.png": {"image/png": "AAAA"}})], "base64,AAAA"),
        ([nb.new_markdown_cell("|a|b|\n|-|-:|\n|1|2|")], "<td>2</td>"),
    ],
)
def test_the_best_of_an_output_is_shown(tmp_path: Path, cells: list[Any], shown: str) -> None:
    """A chart that may be drawn, harmless markup, a picture, a text: the first that there is."""
    assert shown in ut.write_report(saved(tmp_path, *cells)).read_text(encoding="utf-8")


def test_a_chart_holds_its_picture_and_its_numbers(tmp_path: Path) -> None:
    """Where scripts are off there is the picture; of a panel the exact numbers too."""
    shown = ut.UsagePanel(ut.sample(days=3)).snapshot()._repr_mimebundle_()
    shown["image/png"] = b64encode(shown["image/png"]).decode()
    text = ut.write_report(saved(tmp_path, ran(data=shown))).read_text(encoding="utf-8")
    assert f"data:image/png;base64,{shown['image/png']}" in text
    assert "<pre>UsagePanel(" in text
    assert '<details class="numbers">' in text


def test_a_panel_shows_what_it_showed_without_its_kernel() -> None:
    """Its output holds a chart, a picture and a text beside the view of the widget."""
    panel = ut.CostPanel(ut.sample(days=3))
    panel.group = "meter"
    bundle = panel._repr_mimebundle_()
    assert set(bundle) == {
        "application/vnd.jupyter.widget-view+json", "application/vnd.vegalite.v5+json", "image/png", "text/plain",
    }  # fmt: skip
    assert {
        name: value for name, value in bundle.items() if "widget" not in name
    } == panel.snapshot()._repr_mimebundle_()


class _Reader(HTMLParser):
    """Notes each element and attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def read(markup: str) -> list[tuple[str, dict[str, str | None]]]:
    """Give the elements of some markup."""
    reader = _Reader()
    reader.feed(markup)
    return reader.found


@pytest.mark.parametrize("clean", [harmless, of_markdown])
@given(text=st.one_of(st.sampled_from(PAYLOADS), st.text(alphabet="<>/\"'=&;:! abceihjlnoprstvxy\n\x00-", max_size=60)))
def test_markup_becomes_harmless(clean: Callable[[str], str], text: str) -> None:
    """Whatever comes in, what comes out has elements and attributes of the list and no other."""
    for tag, attributes in read(clean(text)):
        assert tag in TAGS
        for name, value in attributes.items():
            assert name in {"alt", "class", "colspan", "href", "open", "rowspan", "scope", "src", "title"}
            assert name != "href" or re.match(r"https?://|mailto:|#", value or "", flags=re.IGNORECASE)
            assert name != "src" or (value or "").startswith("data:image/")


def test_a_harmless_table_stays() -> None:
    """What frames and reports show is untouched."""
    shown = ut.monthly_report(ut.sample(), "2026-10").by("model").to_html()
    assert harmless(shown) == shown
    assert harmless(harmless("<table border=1><tr><td colspan=2>&lt;b&gt;</td></tr></table>")).count("&lt;b&gt;") == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected a notebook at"),
        ("{}", "expected a notebook at"),
        ("[1]", "expected a notebook at"),
        ('{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "expected a notebook at"),
        ("model,amount\na,1\n", "expected a notebook at"),
        (json.dumps(nb.new_notebook(cells=[nb.new_code_cell("x")])), "1 of 1 code cells that were not"),
        (json.dumps(nb.new_notebook(cells=[ran(), nb.new_code_cell("y")])), "1 of 2 code cells that were not"),
    ],
)
def test_what_is_no_executed_notebook_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """In one sentence, and no file is written."""
    path = tmp_path / "made.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=sentence) as raised:
        ut.write_report(path)
    assert "\n" not in str(raised.value)
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("name", ["none.ipynb", "."])
def test_no_file_is_refused(tmp_path: Path, name: str) -> None:
    """A file that is not there, or a folder, is named."""
    with pytest.raises(InputError, match=r"report: expected a notebook at .*, found: .*; name its file\."):
        ut.write_report(tmp_path / name)


def test_bytes_are_no_notebook(tmp_path: Path) -> None:
    """A file that is no text is named."""
    (tmp_path / "a.ipynb").write_bytes(b"\xff\x00")
    with pytest.raises(InputError, match="found no text"):
        ut.write_report(tmp_path / "a.ipynb")


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old file is as it was, nothing half is beside it, and the error is one sentence."""
    source, target = saved(tmp_path, ran(data={"text/plain": "1"})), tmp_path / "a.html"
    target.write_text("before", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UsageToolkitError, match=r"found: No space left on device; what was there before"):
        ut.write_report(source, target)
    assert target.read_text(encoding="utf-8") == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"made.ipynb", "a.html"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "found neither"),
        (["a.ipynb", "--month", "2026-10"], "found both"),
        (["a.ipynb", "--tz", "Europe/Rome"], "leave them out"),
        (["a.ipynb"], "expected a notebook at a.ipynb"),
        (["--month", "2026-10"], "name it with --store"),
    ],
)
def test_the_command_line_says_what_is_wrong(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In one sentence, with code 1."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("USAGE_TOOLKIT_STORE", raising=False)
    assert main(["report", *words]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_the_command_line_writes_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the notebook, or where it is told; without code if asked."""
    source = saved(tmp_path, nb.new_markdown_cell("# One & two"), ran("secret()", data={"text/plain": "1"}))
    assert main(["report", str(source)]) == 0
    assert "made.html: 6 kB" in capsys.readouterr().out
    text = (tmp_path / "made.html").read_text(encoding="utf-8")
    assert "<title>One &amp; two</title>" in text
    assert "secret()" in text
    out = tmp_path / "other.html"
    assert main(["report", str(source), "--no-input", "--out", str(out), "--locale", "it-IT", "--title", "Mio"]) == 0
    text = out.read_text(encoding="utf-8")
    assert "secret()" not in text
    assert "Il codice è omesso." in text
    assert "<title>Mio</title>" in text


def test_a_wheel_holds_the_notebook_of_a_month(tmp_path: Path) -> None:
    """An installed package runs the same notebook as stands in notebooks/, and finds it by itself."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as held:
        held.extractall(tmp_path / "there")
        assert "usage_page" in held.read(next(name for name in held.namelist() if "entry_points" in name)).decode()
    asked = "import usage_toolkit.report.run as run; print(run.template())"
    done = subprocess.run(
        [sys.executable, "-c", asked], env={"PYTHONPATH": str(tmp_path / "there")}, cwd=tmp_path,
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found = Path(done.stdout.strip())
    assert found.is_relative_to(tmp_path / "there")
    assert found.read_bytes() == template().read_bytes()
    assert {path.name for path in found.parent.iterdir()} >= {"draw.js", "report.css"}
