"""What a notebook holds as markup, made harmless: what is not on the list is not there afterwards.

A notebook comes from elsewhere, and what providers call things may stand in it as markup. The page's policy would
stop a script all the same; this is so that there is none.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from usage_toolkit.view.markup import Html

if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS = "a abbr b code del em i ins kbd mark q s samp small span strong sub sup u var"
_BLOCKS = "blockquote br dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr img li ol p pre summary ul"
_TABLES = "caption col colgroup table tbody td tfoot th thead tr"
TAGS = frozenset(f"{_WORDS} {_BLOCKS} {_TABLES}".split())
_EMPTIED = frozenset(("head", "script", "style", "template", "title"))
"""Elements that go with all that is in them; of others that are not on the list the text stays."""

_LINK = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z")
_CLASSES = frozenset(("ut-number", "ut-report", "ut-notes", "ut-tiles", "ut-tile", "ut-alert"))
_COUNT = re.compile(r"\d{1,4}\Z")


def harmless(markup: str) -> Html:
    """Return HTML without anything that runs, asks for anything, or dresses up as another part of the page.

    Examples
    --------
    >>> harmless("<b onclick=x()>a</b><script>x()</script> <a href='javascript:x()'>b</a>")
    '<b>a</b> <a>b</a>'
    """
    return Html(_cleaner().clean(markup))


def of_markdown(text: str) -> Html:
    """Return Markdown as HTML; markup within it is allowed as far as it is harmless.

    Examples
    --------
    >>> of_markdown("*a* <img src=x onerror=y>").strip()
    '<p><em>a</em> <img></p>'
    """
    return harmless(str(_markdown()(text)))


@cache
def _markdown() -> Callable[[str], Any]:
    import mistune

    made: Callable[[str], Any] = mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])
    return made


@cache
def _cleaner() -> Any:
    from bleach.html5lib_shim import Filter
    from bleach.sanitizer import Cleaner

    class Emptied(Filter):  # type: ignore[misc]  # bleach is not typed
        """Drops elements with all that is in them."""

        def __iter__(self) -> Any:
            inside = 0
            for token in super().__iter__():
                if token.get("name") in _EMPTIED:
                    inside += {"StartTag": 1, "EndTag": -1}.get(token["type"], 0)
                elif not inside:
                    yield token

    return Cleaner(
        tags=TAGS | _EMPTIED,
        attributes=_allowed,
        protocols=("http", "https", "mailto", "data"),
        strip=True,
        strip_comments=True,
        filters=[Emptied],
    )


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "class":
        return set(value.split()) <= _CLASSES
    if name in ("colspan", "rowspan"):
        return tag in ("td", "th") and bool(_COUNT.match(value))
    if name == "href":
        return tag == "a" and bool(_LINK.match(value))
    if name == "src":
        return tag == "img" and bool(_PICTURE.match(value))
    return (tag, name) in (("img", "alt"), ("th", "scope"), ("details", "open"), ("abbr", "title"))
