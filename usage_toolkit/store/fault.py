"""Errors of disks and of other people's libraries, said in one sentence."""

from __future__ import annotations

import errno
import re
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.errors import StoreError, UsageToolkitError

if TYPE_CHECKING:
    from types import TracebackType

_FULL = re.compile(r"no space left|disk full|quota exceeded|os error (28|122)\b", re.IGNORECASE)
_DENIED = re.compile(r"permission denied|read-only|os error (1|13|30)\b", re.IGNORECASE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_BECAUSE = "↳"  # how object stores tell what is behind an error, a line for each
_LONGEST = 200


class Saying:
    """A block in which what goes wrong while `doing` something at `where` becomes a `StoreError`."""

    def __init__(self, doing: str, where: str) -> None:
        self._doing, self._where = doing, where

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raise another error in the place of one of a disk or of another library."""
        from deltalake.exceptions import DeltaError

        foreign = (DeltaError, OSError, ValueError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
        if isinstance(error, foreign) and not isinstance(error, UsageToolkitError):
            raise StoreError(sentence(error, self._doing, self._where)) from None


def sentence(error: BaseException, doing: str, where: str) -> str:
    """Say what was being done, what was found and what to do."""
    first, *more = [" ".join(line.split()) for line in _COLOUR.sub("", str(error)).splitlines()] or [""]
    deepest = more[-1].partition(_BECAUSE)[2] if more else ""
    said = (f"{first}:{deepest}" if deepest else first)[:_LONGEST] or type(error).__name__
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT) or _FULL.search(str(error)):
        return f"{where}: expected room to be {doing}, found a full disk; what was stored is as it was: free some room."
    if number in (errno.EACCES, errno.EPERM, errno.EROFS) or _DENIED.search(str(error)):
        return f"{where}: expected to be allowed to be {doing}, found: {said}; see whose folder it is."
    if isinstance(error, FileNotFoundError) or "not found" in str(error).lower():
        return (
            f"{where}: expected to be {doing}, found that something is not there: {said}; call check() to see what is "
            "damaged, or take a newer version if it was vacuumed."
        )
    return f"{where}: expected to be {doing}, found: {said}; call check() to see whether something is damaged."
