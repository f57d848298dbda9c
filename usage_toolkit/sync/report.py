"""What a sync did, as one value that reads as a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from usage_toolkit.sync.books import Checked

if TYPE_CHECKING:
    from datetime import datetime

    from usage_toolkit.store.windows import Revision


@dataclass(frozen=True, repr=False)
class SyncReport:
    """What a sync did.

    Attributes
    ----------
    provider, account
        Who was asked, and whose books they are.
    windows
        How many intervals were asked for and stored; 0 if nothing was missing and nothing due.
    rows
        How many rows they hold.
    pages
        How many answers they came in.
    complete_through
        Up to when all is stored, without a gap from the first window on; None if nothing is.
    provisional_since
        From when on it may still change.
    books
        Whether the days that will not change any more balance with another report of the provider.
    revisions
        What had been stored before and is not the same now; `Store.revisions` has all of them as a frame.
    seconds
        How long it took.
    """

    provider: str
    account: str
    windows: int
    rows: int
    pages: int
    complete_through: datetime | None
    provisional_since: datetime | None
    books: Checked = field(default_factory=Checked)
    revisions: tuple[Revision, ...] = field(default=())
    seconds: float = 0.0

    def __repr__(self) -> str:
        through = (
            "nothing stored" if self.complete_through is None else f"complete through {_text(self.complete_through)}"
        )
        since = "" if self.provisional_since is None else f", provisional since {_text(self.provisional_since)}"
        changes = f", {_count(len(self.revisions), 'revision')}" if self.revisions else ""
        books = f", books {self.books!r}" if self.windows else ""
        return (
            f"{self.provider} {self.account}: {through}{since}; {_count(self.windows, 'window')} asked for, "
            f"{_count(self.rows, 'row')} in {_count(self.pages, 'page')}{changes}{books}, {self.seconds:.1f} s"
        )


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
