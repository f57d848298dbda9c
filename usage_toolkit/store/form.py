"""The form in which a store is written, by its number, which the table bears as its description.

An older form is read as it is, and becomes the newest in one commit before anything is written; a newer one is refused.

1   windows, revisions, pages; the table has no description
2   a window may be held against another report; it is known whose books these are
"""

from __future__ import annotations

from usage_toolkit.errors import StoreError

FORM = 2
_WORDS = "usage_toolkit store, form "


def description(form: int = FORM) -> str:
    """Return what a table of that form says of itself."""
    return f"{_WORDS}{form}"


def form_of(said: str | None, where: str) -> int:
    """Return the form of a table that says this of itself.

    Raises
    ------
    StoreError
        If it is newer than this program.
    """
    number = (said or "").removeprefix(_WORDS) if (said or "").startswith(_WORDS) else "1"
    if not number.isdecimal() or int(number) > FORM:
        raise StoreError(
            f"{where}: expected a store of form {FORM} or older, found form {number[:20]}, which a newer usage_toolkit "
            "wrote; nothing was read: update usage_toolkit."
        )
    return int(number)
