"""Whose books are stored: marks of an account, by which the key of another one is told from a new key of the same.

A mark is a hash: of a key, or of an id by which the provider knows the account or something that is only in it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from usage_toolkit.store import files
from usage_toolkit.store.change import Book, Change
from usage_toolkit.store.fault import Saying
from usage_toolkit.store.windows import OWNER, Owner, to_frame

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from usage_toolkit.store.log import Snapshot
    from usage_toolkit.store.place import Place

_SHORT = 16


def marks(provider: str, ids: Iterable[str]) -> frozenset[str]:
    """Return the marks of what a provider calls by these ids."""
    return frozenset(hashlib.sha256(f"{provider} {one}".encode()).hexdigest()[:_SHORT] for one in ids)


def owned(
    place: Place, snapshot: Snapshot, *, provider: str, account: str, found: frozenset[str], as_of: datetime
) -> Change:
    """Write the file that says whose the books of an account are, in the place of the one before."""
    _, before = Book(provider, OWNER, account).of(snapshot)
    with Saying("written", place.url):
        one = Owner(provider, OWNER, account, as_of, tuple(sorted(found)))
        made = files.write(place, to_frame([one]), provider=provider, month=files.WINDOWS)
    return Change((made,), tuple(before))
