"""README.md is true: what it shows can be typed as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import usage_toolkit as ut

if TYPE_CHECKING:
    import pytest

README = Path(__file__).parents[1] / "README.md"


def test_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line of Python runs; the sample stands in for files and for the network."""
    rows = ut.sample()
    monkeypatch.setattr(ut, "read", lambda *_: rows)
    monkeypatch.setattr(ut, "fetch", lambda *_, **__: rows)
    examples = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert examples
    for example in examples:
        exec(example, {})  # noqa: S102 (our own text)
