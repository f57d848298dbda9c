"""What a notebook of this project may hold, as `make lint` checks it; ``--clean`` takes away what a run leaves behind.

Outputs stay, since they are what a reader sees and what tests compare. State of widgets, views of widgets whose kernel
is gone, times of a run, paths, names of people and keys do not.
"""

from __future__ import annotations

import base64
import getpass
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 400_000
TAGS = {"parameters", "sample"}
KEPT = {"kernelspec": {"display_name", "language", "name"}}
KEPT |= {"language_info": {"file_extension", "mimetype", "name", "pygments_lexer"}}
MIMES = {"application/vnd.vegalite.v5+json", "image/png", "text/html", "text/plain"}
DRAWN = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"sRGB", b"gAMA", b"pHYs"}
_FOLDERS = "home|root|Users|tmp|var|mnt|opt|srv|work"
TRACES = {
    "the path of a machine": rf"(?:^|[\s\"'(=:<>])(?:/(?:{_FOLDERS})/\w|~/\.\w)|\b[A-Za-z]:\\+\w",
    "a key": r"\bsk-[A-Za-z0-9_-]{12,}|\b(?:VENICE|ANTHROPIC)-[A-Za-z0-9]{8,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*KEY",
    "an address in memory": r"\bat 0x[0-9a-f]{6,}",
    "the state of a widget": r"application/vnd\.jupyter\.widget-(?:state|view)\+json",
}
COMMON = {"root", "user", "runner", "admin", "jovyan", "ubuntu", "debian", "nobody"}


def problems(text: str) -> Iterator[str]:
    """Give what is wrong with the text of a notebook, a sentence each."""
    if len(text.encode()) > MOST:
        yield f"expected at most {MOST:,} bytes, found {len(text.encode()):,}; show less in it"
    notebook = json.loads(text)
    yield from _unknown(notebook["metadata"])
    for number, cell in enumerate(notebook["cells"]):
        yield from (f"cell {number}: {said}" for said in _of_cell(cell))


def cleaned(text: str) -> str:
    """Return the text of a notebook without what a run leaves behind, in the form that is kept."""
    notebook = json.loads(text)
    metadata = notebook["metadata"]
    notebook["metadata"] = {
        part: {name: metadata[part][name] for name in sorted(names) if name in metadata[part]}
        for part, names in KEPT.items()
        if part in metadata
    }
    for cell in notebook["cells"]:
        cell["metadata"] = {name: value for name, value in cell["metadata"].items() if name == "tags"}
        for output in cell.get("outputs", ()):
            if "data" in output:
                output["data"] = {mime: value for mime, value in output["data"].items() if mime in MIMES}
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _unknown(metadata: dict[str, Any]) -> Iterator[str]:
    for part, held in metadata.items():
        odd = sorted(set(held) - KEPT[part]) if part in KEPT else [part]
        yield from (f"expected no metadata called {name!r}, found some; call `make notebooks`" for name in odd)


def _of_cell(cell: dict[str, Any]) -> Iterator[str]:
    tags = cell["metadata"].get("tags", [])
    for odd in [*sorted(set(cell["metadata"]) - {"tags"}), *sorted(set(tags) - TAGS)]:
        yield f"expected no metadata called {odd!r}, found some; call `make notebooks`"
    yield from _traces(cell["source"])
    for output in cell.get("outputs", ()):
        kind = output["output_type"]
        if kind == "error" or output.get("name") == "stderr":
            yield f"expected no error and no warning, found {kind!r}; mend the cell and run it again"
        if output.get("metadata"):
            yield "expected an output without metadata, found some; call `make notebooks`"
        data = output.get("data", {})
        for odd in sorted(set(data) - MIMES):
            yield f"expected outputs of {', '.join(sorted(MIMES))}, found {odd}; call `make notebooks`"
        yield from _traces({mime: value for mime, value in data.items() if mime != "image/png"})
        yield from _traces(output.get("text", ""))
        if "image/png" in data and (more := chunks(base64.b64decode("".join(data["image/png"]))) - DRAWN):
            yield f"expected a picture and nothing else, found {sorted(more)} in it; draw it with the toolkit"


def chunks(png: bytes) -> set[bytes]:
    """Return the kinds of parts of a picture; comments and times have kinds of their own."""
    found, at = set(), 8
    while at < len(png):
        found.add(png[at + 4 : at + 8])
        at += int.from_bytes(png[at : at + 4]) + 12
    return found


def _traces(held: object) -> Iterator[str]:
    for text in _texts(held):
        for what, pattern in TRACES.items():
            if found := re.search(pattern, text):
                yield f"expected no trace of who ran it, found {what} ({found[0].strip()[:6]}...); take it out"
        if any(re.search(rf"\b{re.escape(name)}\b", text) for name in _own()):
            yield "expected no trace of who ran it, found your name or a key of yours; take it out"


def _own() -> list[str]:
    """Return who runs this, and the keys at hand."""
    try:
        me = getpass.getuser()
    except OSError:
        me = ""
    names = [me] if len(me) > 3 and me.lower() not in COMMON else []
    return [*names, *(value for name, value in os.environ.items() if name.endswith("_ADMIN_KEY") and len(value) > 7)]


def _texts(held: object) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, list):
        if held and all(isinstance(one, str) for one in held):
            yield "".join(held)
        else:
            for one in held:
                yield from _texts(one)
    elif isinstance(held, dict):
        for name, one in held.items():
            yield name
            yield from _texts(one)


def main(words: list[str]) -> int:
    """Check notebooks, or clean them; return 1 if anything is wrong."""
    paths = [Path(word) for word in words if word != "--clean"]
    wrong = 0
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if "--clean" in words:
            text = cleaned(text)
            path.write_text(text, encoding="utf-8")
        for said in problems(text):
            sys.stderr.write(f"{path}: {said}.\n")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
