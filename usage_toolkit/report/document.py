"""The file of a report: what stands in it, put together so that a browser runs one known script and asks nobody."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usage_toolkit import look
from usage_toolkit.page.cargo import to_json
from usage_toolkit.page.document import HEAD, digest
from usage_toolkit.page.manifest import installed
from usage_toolkit.report import chart
from usage_toolkit.view.markup import Html, fill, join
from usage_toolkit.words import say

if TYPE_CHECKING:
    from usage_toolkit.report.cells import Drawn

_PAGE = (
    HEAD
    + """<body>
<main>
{cells}
</main>
<footer><h2>{inside}</h2><ul>{told}</ul></footer>
<script type="application/json" id="manifest">{manifest}</script>
{script}</body>
</html>
"""
)


def document(made: Drawn, *, title: str, locale: str) -> str:
    """Put a report together from its cells."""
    body = "\n".join(made.parts)
    manifest = {
        "charts": made.charts,
        "pictures": made.pictures,
        "code_cells": made.code,
        "version": installed(),
        "sha256": sha256(body.encode()).hexdigest(),
    }
    script = chart.script() if made.charts else ""
    return fill(
        _PAGE,
        language=locale.replace("_", "-"),
        policy=_policy(script),
        title=look.visible(title, limit=200, locale=locale),
        style=Html(style()),
        cells=Html(body),
        inside=say("What is in this file", locale=locale),
        told=join(fill("<li>{line}</li>", line=line) for line in told(manifest, locale=locale)),
        manifest=Html(to_json(manifest)),
        script=Html(f"<script>{script}</script>\n" if script else ""),
    )


def told(manifest: dict[str, Any], *, locale: str) -> list[str]:
    """Return what is in a report, a sentence each."""
    code = manifest["code_cells"]
    return [
        say(
            "Charts: {charts}; other pictures: {pictures}.",
            locale=locale,
            charts=look.number(manifest["charts"], locale=locale),
            pictures=look.number(manifest["pictures"], locale=locale),
        ),
        say("Pieces of code, folded: {count}.", locale=locale, count=look.number(code, locale=locale))
        if code
        else say("The code is left out.", locale=locale),
        say("It opens without a network and asks for nothing.", locale=locale),
        f"usage_toolkit {manifest['version']} \u00b7 SHA-256 {manifest['sha256']}",
    ]


@cache
def style() -> str:
    """Return the style of a report."""
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")


def _policy(script: str) -> str:
    runs, trusted = (f"'{digest(script)}'", "default") if script else ("'none'", "'none'")
    return (
        f"default-src 'none'; script-src {runs}; style-src '{digest(style())}'; img-src data:; base-uri 'none'; "
        f"form-action 'none'; require-trusted-types-for 'script'; trusted-types {trusted}"
    )
