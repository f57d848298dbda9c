"""The file: markup, style, script and data put together, so that a browser runs what stands here and nothing else."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from usage_toolkit.view.markup import Html, fill, join
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

SCRIPTS = (
    "dom", "exact", "bits", "spans", "cube", "totals", "compare", "outlook", "drawn", "chart", "table", "download",
    "boards", "filters", "main",
)  # fmt: skip
"""The parts of the one script, in the order in which they need each other."""
_HERE = Path(__file__).parent

HEAD = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
"""
"""What stands above the body of each file that is written to be passed on."""

_PAGE = (
    HEAD
    + """<body>
<header><h1>{title}</h1>{fresh}</header>
<main id="live" hidden></main>
<main id="still">
<noscript><p class="message">{noscript}</p></noscript>
<p class="crumbs">{period}</p>
{boards}
</main>
<footer><h2>{inside}</h2><ul>{told}</ul></footer>
<script type="application/json" id="manifest">{manifest}</script>
<script type="application/json" id="cargo">{cargo}</script>
<script>{script}</script>
</body>
</html>
"""
)


def document(
    *,
    title: str,
    period: str,
    fresh: Iterable[str],
    boards: Iterable[Html],
    told: Iterable[str],
    manifest: str,
    cargo: str,
    locale: str,
) -> str:
    """Put a page together.

    Parameters
    ----------
    title, period, fresh, told
        Texts, escaped here.
    boards
        What is shown where scripts are off.
    manifest, cargo
        JSON that `to_json` wrote.
    locale
        Whose language it is in.
    """
    return fill(
        _PAGE,
        language=locale.replace("_", "-"),
        policy=policy(),
        title=title,
        style=Html(style()),
        script=Html(script()),
        fresh=join(fill('<p class="fresh">{line}</p>', line=line) for line in fresh),
        noscript=say("Scripts are off, so this is a still picture: filters and clicks need them.", locale=locale),
        period=period,
        boards=join(boards),
        inside=say("What is in this file", locale=locale),
        told=join(fill("<li>{line}</li>", line=line) for line in told),
        manifest=Html(manifest),
        cargo=Html(cargo),
    )


def policy() -> str:
    """Return what a browser may do with the page: run this one script, use this one style, and ask nobody."""
    return (
        f"default-src 'none'; script-src '{digest(script())}'; style-src '{digest(style())}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


@cache
def script() -> str:
    """Return the script of the page: its parts, as they are, in one closure."""
    parts = (_HERE.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    return '(() => {\n"use strict";\n' + "\n".join(parts) + "})();\n"


@cache
def style() -> str:
    """Return the style of the page."""
    return _HERE.joinpath("page.css").read_text(encoding="utf-8")


def digest(text: str) -> str:
    """Return what a policy calls a script or a style that stands in the file."""
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
