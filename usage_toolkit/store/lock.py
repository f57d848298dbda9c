"""One writer at a time, by a lock of the operating system that dies with its holder; readers never ask for it."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from usage_toolkit.errors import StoreBusyError
from usage_toolkit.store.fault import Saying

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PAUSE = 0.02
_LONGEST = 200
_BEYOND = 4096  # the byte that is locked where a lock hides what it covers; who holds it stands at the start


class Lock:
    """The lock of a folder; a thread that holds it may take it again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = threading.RLock()
        self._depth = 0

    @contextmanager
    def hold(self, *, wait: float) -> Iterator[None]:
        """Hold the lock, waiting for it `wait` seconds at most.

        Raises
        ------
        StoreBusyError
            If another process or thread still holds it then; says which, and since when.
        """
        patience = time.monotonic() + wait
        if not self._thread.acquire(timeout=max(wait, 0)):
            raise StoreBusyError(
                f"{self._path.parent}: expected to be the only writer, found another thread that writes; try later."
            )
        try:
            handle = self._take(patience) if self._depth == 0 else None
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if handle is not None:
                    os.close(handle)  # which is what gives the lock back, as the end of the process would
        finally:
            self._thread.release()

    def _take(self, patience: float) -> int:
        with Saying("written", str(self._path.parent)):
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _try(handle):
                if time.monotonic() >= patience:
                    raise self._busy(handle)  # noqa: TRY301 (the handle is closed below)
                time.sleep(_PAUSE)
            os.ftruncate(handle, 0)
            os.write(handle, f"process {os.getpid()}, writing since {datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z\n".encode())
        except BaseException:
            os.close(handle)
            raise
        return handle

    def _busy(self, handle: int) -> StoreBusyError:
        holder = os.read(handle, _LONGEST).decode("utf-8", "replace").strip()
        return StoreBusyError(
            f"{self._path.parent}: expected to be the only writer, found {holder or 'another process'}; reading goes "
            "on: try again when it is done, or wait longer with wait=."
        )


class NoLock:
    """Where there is no lock, a commit on a version that is not the newest is refused and made anew."""

    @contextmanager
    def hold(self, *, wait: float) -> Iterator[None]:  # noqa: ARG002 (as a lock has it)
        """Hold nothing."""
        yield


if sys.platform == "win32":
    import msvcrt

    def _try(handle: int) -> bool:
        os.lseek(handle, _BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(handle, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _try(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
