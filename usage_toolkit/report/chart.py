"""Charts of a notebook: drawn by the reader's browser from their specs, by one bundle of Vega for all of them.

Expressions of a spec are interpreted and never compiled, so that a page needs no right to make code. Where nothing
can be drawn the picture stands that the notebook holds.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usage_toolkit.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

MIMES = ("application/vnd.vegalite.v5+json", "application/vnd.vegalite.v6+json", "application/vnd.vegalite.v6.json")
VERSION = "6.4"
_ASKS = frozenset(("url", "href"))
_DROPPED = ("$schema", "usermeta")  # who draws, and how, is for the page to say


def spec_of(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the spec of an output that a page may draw: one that asks for nothing from elsewhere."""
    for mime in MIMES:
        spec = data.get(mime)
        if isinstance(spec, dict) and not _asks(spec):
            return {name: _with_records(value) for name, value in spec.items() if name not in _DROPPED}
    return None


@cache
def script() -> str:
    """Return what draws all charts of a page: Vega, Vega-Lite and a few lines of our own."""
    if find_spec("vl_convert") is None:
        raise ArgumentError(
            "report: expected the package vl-convert-python, which brings Vega, found none; install usage-toolkit[lab]."
        )
    import vl_convert

    own = Path(__file__).with_name("draw.js").read_text(encoding="utf-8")
    made: str = vl_convert.javascript_bundle(own, vl_version=VERSION)
    # What would end the element: within a text or an expression a backslash before the stroke changes nothing.
    return made.replace("</script", "<\\/script").replace("<!--", "<\\!--") + "\n"


def _with_records(node: Any) -> Any:
    """Write data that is a CSV text as records: the reader of CSV in Vega makes code of the columns' names."""
    if isinstance(node, list):
        return [_with_records(value) for value in node]
    if not isinstance(node, dict):
        return node
    form = node.get("format")
    if isinstance(node.get("values"), str) and isinstance(form, dict) and form.get("type") == "csv":
        records = list(csv.DictReader(io.StringIO(node["values"], newline=""), restval=""))
        return node | {"values": records, "format": {"type": "json", "parse": form.get("parse", {})}}
    return {name: _with_records(value) for name, value in node.items()}


def _asks(node: object) -> bool:
    """Whether a spec names an address anywhere."""
    if isinstance(node, dict):
        return bool(_ASKS & node.keys()) or any(_asks(value) for value in node.values())
    return isinstance(node, list) and any(_asks(value) for value in node)
