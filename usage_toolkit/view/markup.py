"""Text that becomes HTML: the one door between what a provider called a thing and the reader's browser."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Html(str):
    """A text that is HTML already; `fill` escapes every other one."""

    __slots__ = ()


def fill(template: str, **values: object) -> Html:
    """Put values into a constant template, escaped unless they are `Html`.

    Examples
    --------
    >>> fill("<b>{name}</b>", name="a < b")
    '<b>a &lt; b</b>'
    """
    return Html(template.format_map({key: _escaped(value) for key, value in values.items()}))


def join(parts: Iterable[Html]) -> Html:
    """Put pieces of HTML one after the other."""
    return Html("".join(parts))


def _escaped(value: object) -> str:
    return value if isinstance(value, Html) else escape(str(value))
