"""README.md is true: what it shows can be typed as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import usage_toolkit as ut

if TYPE_CHECKING:
    import pytest

README = Path(__file__).parents[1] / "README.md"


def _store_the_sample(store: ut.Store, *_: object, **__: object) -> None:
    for (source,), rows in ut.sample().partition_by("source", as_dict=True).items():
        store.replace(rows, source=str(source), start="2026-08-01", stop="2026-11-01")


def test_examples_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every line of Python runs; the sample stands in for files and for the network."""
    rows = ut.sample()
    monkeypatch.setattr(ut, "read", lambda *_: rows)
    monkeypatch.setattr(ut, "fetch", lambda *_, **__: rows)
    monkeypatch.setattr(ut.Store, "sync", _store_the_sample)
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert examples
    for example in examples:
        exec(example, {})  # noqa: S102 (our own text)
