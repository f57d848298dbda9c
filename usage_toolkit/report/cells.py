"""The cells of a notebook as HTML: text, code that can be unfolded, and of each output what its reader sees best."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from usage_toolkit.page.cargo import to_json
from usage_toolkit.report.chart import spec_of
from usage_toolkit.report.harmless import harmless, of_markdown
from usage_toolkit.view.markup import Html, fill, join
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_LONGEST_NAME = 200
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_ATTACHED = re.compile(r"attachment:([^)\s\"'>]+)")


@dataclass
class Drawn:
    """What became of cells, and what is in it."""

    parts: list[Html] = field(default_factory=list)
    charts: int = 0
    pictures: int = 0
    code: int = 0


def drawn(cells: Iterable[Mapping[str, Any]], *, code: bool, locale: str) -> Drawn:
    """Return cells as HTML, one piece each.

    Parameters
    ----------
    cells
        The cells of a notebook of format 4.
    code
        Whether code can be unfolded; otherwise it is left out.
    locale
        Whose words stand around them.
    """
    made = Drawn()
    for cell in cells:
        source = text_of(cell["source"])
        if cell["cell_type"] == "markdown":
            text = of_markdown(_with_attached(source, cell.get("attachments") or {}))
            made.parts.append(fill('<section class="text">{text}</section>', text=text))
        elif cell["cell_type"] == "code":
            shown = [_output(output, made, locale) for output in cell.get("outputs", ())]
            unfolded = code and bool(source.strip())
            made.code += unfolded
            parts = [*([_code(source, locale)] if unfolded else []), *filter(None, shown)]
            if parts:
                made.parts.append(fill('<section class="cell">{parts}</section>', parts=join(parts)))
    return made


def text_of(source: object) -> str:
    """Return a text that a notebook may hold as lines."""
    return "".join(source) if isinstance(source, list) else str(source)


def _code(source: str, locale: str) -> Html:
    return fill(
        '<details class="code"><summary>{code}</summary><pre>{source}</pre></details>',
        code=say("Code", locale=locale),
        source=source.strip("\n"),
    )


def _output(output: Mapping[str, Any], made: Drawn, locale: str) -> Html:
    if output["output_type"] == "stream":
        return _plain(text_of(output["text"]))
    if output["output_type"] == "error":
        return _plain(f"{output.get('ename', '')}: {output.get('evalue', '')}")
    return _shown(output.get("data", {}), made, locale)


def _shown(data: Mapping[str, Any], made: Drawn, locale: str) -> Html:
    """Draw the best of what an output offers: a chart, markup, a picture, a text."""
    plain = text_of(data.get("text/plain", ""))
    picture = _picture(data, plain)
    if (spec := spec_of(data)) is not None:
        made.charts += 1
        return fill(
            '<figure class="chart"><div class="still">{still}</div>{text}'
            '<script type="application/json">{spec}</script></figure>',
            still=picture or _plain(plain),
            text=_as_text(plain, locale) if picture else "",
            spec=Html(to_json(spec)),
        )
    if "text/html" in data and (markup := harmless(text_of(data["text/html"]))).strip():
        return fill('<div class="markup">{markup}</div>', markup=markup)
    if "text/markdown" in data:
        return fill('<div class="markup">{text}</div>', text=of_markdown(text_of(data["text/markdown"])))
    if picture:
        made.pictures += 1
        return fill("<figure>{picture}{text}</figure>", picture=picture, text=_as_text(plain, locale))
    return _plain(plain or text_of(data.get("text/latex", "")))


def _as_text(plain: str, locale: str) -> Html:
    """Fold away what a picture says in several lines, such as the totals and the table of a panel."""
    if "\n" not in plain.strip():
        return Html()
    return fill(
        '<details class="numbers"><summary>{numbers}</summary>{plain}</details>',
        numbers=say("The numbers as text", locale=locale),
        plain=_plain(plain),
    )


def _picture(data: Mapping[str, Any], plain: str) -> Html:
    name = plain.strip().partition("\n")[0][:_LONGEST_NAME]
    for mime in _PICTURES:
        if mime in data and (coded := _coded(text_of(data[mime]))):
            return fill('<img alt="{name}" src="data:{mime};base64,{coded}">', name=name, mime=mime, coded=coded)
    if "image/svg+xml" in data:  # within an image nothing of it runs
        coded = b64encode(text_of(data["image/svg+xml"]).encode("utf-8", "replace")).decode()
        return fill('<img alt="{name}" src="data:image/svg+xml;base64,{coded}">', name=name, coded=coded)
    return Html()


def _coded(text: str) -> str:
    try:
        return b64encode(b64decode("".join(text.split()), validate=True)).decode()
    except (NotBase64, ValueError):
        return ""


def _plain(text: str) -> Html:
    bare = _COLOUR.sub("", text).strip("\n")
    return fill("<pre>{text}</pre>", text=bare) if bare else Html()


def _with_attached(source: str, attachments: Mapping[str, Any]) -> str:
    def found(match: re.Match[str]) -> str:
        data = attachments.get(match[1], {})
        mime = next((mime for mime in _PICTURES if mime in data), None)
        return f"data:{mime};base64,{_coded(text_of(data[mime]))}" if mime else match[0]

    return _ATTACHED.sub(found, source)
