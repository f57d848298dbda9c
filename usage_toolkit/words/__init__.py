"""The sentences that readers see, in their language: English as it stands in the code, others from a plain table.

What the words of the data are called in English is for `look`, numbers and dates are for Babel. Errors are English,
as they are for whoever wrote the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_toolkit.words.italian import ITALIAN
from usage_toolkit.words.italian_names import ITALIAN_NAMES
from usage_toolkit.words.italian_reports import ITALIAN_REPORTS

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLES: Mapping[str, Mapping[str, str]] = {"it": dict(sorted((ITALIAN | ITALIAN_REPORTS).items()))}
NAMES: Mapping[str, Mapping[str, Mapping[str, str]]] = {"it": ITALIAN_NAMES}


def say(text: str, *, locale: str = "en-US", **values: object) -> str:
    """Return a sentence in the reader's language, its places filled; English where there is no table.

    Parameters
    ----------
    text
        The English sentence, constant, with a place such as ``{rows}`` for each value. What has a plural is two
        sentences.
    locale
        Whose language is meant, for example ``it-IT``.
    **values
        What goes into the places, as it shall stand there.

    Examples
    --------
    >>> say("Group by", locale="it-IT"), say("{count} rows", locale="it-IT", count="1.234")
    ('Raggruppa per', '1.234 righe')
    """
    return TABLES.get(_language(locale), {}).get(text, text).format_map(values)


def translated(text: str, *, locale: str) -> str:
    """Return a text of several lines, such as a cell of a notebook, each line in the reader's language if it is known.

    Examples
    --------
    >>> translated("# Group by", locale="it-IT")
    '# Raggruppa per'
    """
    table = TABLES.get(_language(locale), {})
    marked = [(line[: len(line) - len(line.lstrip("# "))], line.lstrip("# ")) for line in text.split("\n")]
    return "\n".join(mark + table.get(line, line) for mark, line in marked)


def names(kind: str, *, locale: str) -> Mapping[str, str]:
    """Return what the words of the data of one kind are called in the reader's language; nothing for English.

    Examples
    --------
    >>> names("meter", locale="it-IT")["cache_read"], names("meter", locale="en-US")
    ('lettura cache', {})
    """
    return NAMES.get(_language(locale), {}).get(kind, {})


def _language(locale: str) -> str:
    return locale.replace("_", "-").partition("-")[0].lower()
