"""What keeps a store small and quick and changes no answer: files merged, and those that nobody needs deleted."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from usage_toolkit.store import log, pages
from usage_toolkit.store.change import known_of, merged
from usage_toolkit.store.files import WINDOWS
from usage_toolkit.store.land import land
from usage_toolkit.store.windows import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_toolkit.store.files import File
    from usage_toolkit.store.place import Place


def merge(place: Place, wanted: Callable[[str, int], bool]) -> int:
    """Make one file of each month's files where a month with so many is `wanted`; return how many went."""
    gone = 0
    groups: dict[tuple[str, ...], list[File]] = defaultdict(list)
    for file in log.snapshot(place).files:
        if file.month != WINDOWS:
            groups[file.provider, file.month, file.source, file.account].append(file)
    for group in groups.values():
        if len(group) > 1 and wanted(group[0].month, len(group)):
            made = land(place, partial(merged, place, group=group), note={"what": "compact"}, real=False)
            gone += len(made.remove)
    return gone


def vacuum(place: Place, *, keep: timedelta, dry: bool) -> list[str]:
    """Delete what no version of the last `keep` needs, or only say what; return the files by name."""
    if place.is_new:
        return []
    gone = log.vacuum(place, hours=int(keep.total_seconds() // 3600), dry=dry)
    state = (file for file in log.snapshot(place).files if file.month == WINDOWS)
    needed = {one.pages for one in known_of(place, state) if isinstance(one, Window)}
    before = datetime.now(UTC) - keep
    unused = [name for name in place.older(pages.FOLDER, before.timestamp()) if name not in needed]
    for name in () if dry else unused:
        place.delete(name)
    return sorted([*gone, *unused])
