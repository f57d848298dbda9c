"""The sentences that readers see, in their language: English as it stands in the code, others from a plain table.

Names and words of the data are for `look`, numbers and dates for Babel. Errors are English, as they are for whoever
wrote the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_toolkit.words.italian import ITALIAN

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLES: Mapping[str, Mapping[str, str]] = {"it": ITALIAN}


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
    language = locale.replace("_", "-").partition("-")[0].lower()
    return TABLES.get(language, {}).get(text, text).format_map(values)
