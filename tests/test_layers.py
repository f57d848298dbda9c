"""Imports point down, heavy libraries load when first needed, and the core needs no Jupyter."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[1] / "usage_toolkit"

# What a module may import lies in a lower row. `__init__` is named by the package itself.
ROWS = {
    "errors": 0,
    "schema": 1,
    "times": 1,
    "words": 1,
    "_http": 2,
    "_key": 2,
    "filters": 2,
    "look": 2,
    "prices": 2,
    "sample": 2,
    "sources": 3,
    "store": 3,
    "cube": 4,
    "selectors": 4,
    "sync": 4,
    "analysis": 5,
    "charts": 5,
    "export": 5,
    "focus": 5,
    "view": 6,
    "page": 7,
    "panel": 7,
    "report": 7,
    "cli": 8,
    "usage_toolkit": 8,
}

# What a module of the same row may import all the same.
PARTS = {"_http": {"_key"}, "report": {"page"}, "selectors": {"cube"}}

ONLY_IN = {
    "httpx": {"_http"},
    "altair": {"charts", "page", "panel"},
    "anywidget": {"panel"},
    "bleach": {"report"},
    "genai_prices": {"prices"},
    "ipywidgets": {"panel"},
    "mistune": {"report"},
    "nbclient": {"report"},
    "nbconvert": {"report"},
    "nbformat": {"report"},
}

LATER = ["altair", "anywidget", "babel", "deltalake", "genai_prices", "httpx", "httpx2", "ipywidgets", "msgspec"]
LATER += [
    "bleach",
    "mistune",
    "narwhals",
    "nbclient",
    "nbconvert",
    "nbformat",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "tqdm",
]
JUPYTER = ["IPython", "anywidget", "ipykernel", "ipywidgets", "jupyterlab"]


class Import(NamedTuple):
    """One import as it stands in a file: where, and the dotted name that it asks for."""

    file: Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(PACKAGE.parent)}:{self.line} imports {self.name}"


def dotted(file: Path) -> str:
    """Give `usage_toolkit.sources.venice` for usage_toolkit/sources/venice/__init__.py."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = {dotted(file) for file in FILES}


def imports(file: Path, source: str) -> list[Import]:
    """Every import of a file, also those in functions and for the type checker, each with its absolute name."""
    package = dotted(file).split(".")
    if file.name != "__init__.py":
        package.pop()
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [Import(file, node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *(node.module or "").split(".")]).strip(".")
            for alias in node.names:
                name = f"{base}.{alias.name}"
                is_module = base == PACKAGE.name and unit(name) in ROWS
                found.append(Import(file, node.lineno, name if is_module else base))
    return found


def unit(name: str) -> str:
    """The entry of ROWS that a dotted name of the package belongs to: `sample` for usage_toolkit.sample.venice."""
    return [*name.split("."), name][1]


def wrong(one: Import) -> str | None:
    """Say what is wrong with an import, if anything is."""
    here, top = unit(dotted(one.file)), one.name.split(".")[0]
    if top != "usage_toolkit":
        allowed = ONLY_IN.get(top)
        if allowed and here not in allowed:
            return f"{one}, which only {' and '.join(sorted(allowed))} may import"
        return None
    there = unit(one.name)
    if there not in ROWS:
        return f"{one}, which has no row"
    if here == there or there in PARTS.get(here, ()) or ROWS[there] < ROWS[here]:
        return None
    return f"{one} of row {ROWS[there]}, which is not below row {ROWS[here]}"


def run(code: str) -> str:
    """Run code in a fresh Python with this package in reach; give what it prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_has_a_row() -> None:
    """A new module is given its row on purpose."""
    unknown = {unit(name) for name in MODULES} - set(ROWS)
    assert not unknown, f"{', '.join(sorted(unknown))}: add each to ROWS in tests/test_layers.py, above all it imports."


@pytest.mark.parametrize("file", [file for file in FILES if unit(dotted(file)) in ROWS], ids=dotted)
def test_imports_point_down(file: Path) -> None:
    """A module imports from rows below its own, and a heavy library only where it belongs."""
    faults = [fault for one in imports(file, file.read_text(encoding="utf-8")) if (fault := wrong(one))]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("schema.py", "from usage_toolkit import cube"),
        ("schema.py", "from usage_toolkit import Filter"),
        ("schema.py", "import usage_toolkit.cube as c"),
        ("schema.py", "from .cube import cube"),
        ("schema.py", "from . import cube"),
        ("schema.py", "from . import times"),
        ("schema.py", "def f():\n    from .filters import Filter"),
        ("filters.py", "if TYPE_CHECKING:\n    import polars, usage_toolkit.cube"),
        ("sources/__init__.py", "from ..cube import cube"),
        ("sources/venice/__init__.py", "from ...panel import UsagePanel"),
        ("sources/venice/api.py", "import httpx"),
        ("sources/venice/api.py", "from httpx import get"),
        ("cube.py", "import altair.utils"),
        ("cube.py", "from usage_toolkit.selectors import top"),
        ("charts/bars.py", "from ipywidgets import HTML"),
        ("_key.py", "from usage_toolkit._http import Client"),
        ("filters.py", "from usage_toolkit.sample import venice"),
    ],
)
def test_an_upward_import_is_seen(file: str, source: str) -> None:
    """However an import is written, and wherever it stands, it is judged."""
    assert [fault for one in imports(PACKAGE / file, source) if (fault := wrong(one))]


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("schema.py", "from .errors import InputError"),
        ("sources/venice/api.py", "from . import ledger\nfrom .. import read\nfrom ..._http import Client"),
        ("panel/__init__.py", "import ipywidgets, altair\nfrom usage_toolkit import charts, cube, filters, schema"),
        ("_http.py", "import httpx\nfrom usage_toolkit._key import Key"),
        ("sample/venice.py", "from usage_toolkit import schema\nfrom usage_toolkit.sample import rhythm"),
        ("selectors.py", "from usage_toolkit.cube import cube"),
        ("__init__.py", "from usage_toolkit.panel import UsagePanel"),
    ],
)
def test_a_downward_import_passes(file: str, source: str) -> None:
    """What the rows allow is not complained about."""
    assert not [fault for one in imports(PACKAGE / file, source) if (fault := wrong(one))]


def test_import_loads_polars_alone() -> None:
    """`import usage_toolkit` costs hardly more than `import polars`: nothing else from outside is loaded with it."""
    foreign = "sorted({n.partition('.')[0] for n in sys.modules} - sys.stdlib_module_names - {'usage_toolkit'})"
    polars = run(f"import sys, polars; print({foreign})")
    assert run(f"import sys, usage_toolkit; print({foreign})") == polars
    assert run(f"import sys, usage_toolkit; print(sorted(set({LATER}) & set(sys.modules)))") == "[]\n"


def test_core_needs_no_jupyter() -> None:
    """Without Jupyter everything but the panel can be imported."""
    core = sorted(name for name in MODULES if unit(name) != "panel")
    blocked = f"import importlib, sys; sys.modules.update(dict.fromkeys({JUPYTER}))"
    run(f"{blocked}; import usage_toolkit; usage_toolkit.errors; [importlib.import_module(name) for name in {core}]")
