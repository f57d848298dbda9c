"""A change made of what is there and committed; made anew, of what is there then, if another writer was first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_toolkit.errors import StoreError
from usage_toolkit.store import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_toolkit.store.change import Change
    from usage_toolkit.store.place import Place

_TRIES = 20


def land(place: Place, make: Callable[[log.Snapshot], Change], *, note: dict[str, str], real: bool = True) -> Change:
    """Commit what `make` says of the newest version, and return it; `note` and `real` as for `log.commit`.

    Raises
    ------
    StoreError
        If nothing was committed.
    """
    for _ in range(_TRIES):
        snapshot = log.snapshot(place)
        change = make(snapshot)
        remove = set(change.remove) - set(change.add)  # what is the same again stays
        add = [file for file in change.add if file not in snapshot.files]
        if not add and not remove:
            return change
        try:
            log.commit(place, snapshot, add=add, remove=remove, note=note, real=real)
        except log.Conflict:
            continue
        return change
    raise StoreError(f"{place.url}: expected to be the only writer, found {_TRIES} others; try again later.")
