"""Pseudonyms for those who should not be named: of workspaces, API keys and users."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.errors import ArgumentError
from usage_toolkit.schema import DEFAULT, NONE, OTHER, UNALLOCATED
from usage_toolkit.view.refused import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_toolkit.filters import Filter

PERSONAL = ("workspace", "api_key", "user")
_NAMELESS = (NONE, DEFAULT, OTHER, UNALLOCATED)
_SHORTEST, _LONGEST = 8, 64  # hexadecimal digits


class Redaction:
    """What names become: the same name under the same phrase is the same pseudonym in every page.

    Parameters
    ----------
    phrase
        Without a secret one, whoever guesses a name can tell its pseudonym.
    names
        All names there are of each label. Two of one label never become the same.
    """

    def __init__(self, phrase: str, names: dict[str, Iterable[str]]) -> None:
        self._of = {label: _pseudonyms(phrase, label, {*found}) for label, found in names.items() if label in PERSONAL}

    def frame(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Return cells in which nobody is named."""
        named = [label for label in self._of if label in cells.columns]
        return cells.with_columns(pl.col(label).cast(pl.String).replace(self._of[label]) for label in named)

    def names(self, label: str, values: Iterable[str]) -> list[str]:
        """Return some values of a label as they may be shown."""
        of = self._of.get(label, {})
        return [of.get(value, value) for value in values]

    def filter(self, value: Filter) -> Filter:
        """Return a filter in which nobody is named; who is not among the names has one for all."""
        return value.replace(
            **{
                label: [of.get(name, name if name in _NAMELESS else _unknown(label)) for name in getattr(value, label)]
                for label, of in self._of.items()
            }
        )


def kinds(refused: pl.DataFrame) -> pl.DataFrame:
    """Call a kind of limit ``(other)`` unless it looks like one: it is read from a note, which may say anything."""
    known = pl.col(LIMIT).str.contains(r"^([A-Z]{2,5}|\(none\))$")
    return refused.with_columns(pl.when(known).then(LIMIT).otherwise(pl.lit(OTHER)).alias(LIMIT))


def expect_redact(redact: object) -> str | None:
    """Return the phrase of a redaction, None for none; refuse what can't be meant."""
    if redact is None or redact is False:
        return None
    if redact is True:
        return ""
    if isinstance(redact, str) and redact:
        return redact
    raise ArgumentError(
        f"write_page: expected redact to be True, False or a secret phrase, found {type(redact).__name__}; "
        "pass a phrase to get the same pseudonyms in every page."
    )


def _pseudonyms(phrase: str, label: str, names: set[str]) -> dict[str, str]:
    digests = {
        name: hmac.new(phrase.encode(), f"{label}\0{name}".encode(), "sha256").hexdigest()
        for name in names - {*_NAMELESS}
    }
    for digits in range(_SHORTEST, _LONGEST + 1):
        found = {name: f"{look.lower(label)} {digest[:digits]}" for name, digest in digests.items()}
        if len({*found.values()}) == len(found):
            break
    return found


def _unknown(label: str) -> str:
    return f"{look.lower(label)} unknown"
