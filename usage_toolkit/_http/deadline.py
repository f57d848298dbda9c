"""A hard end for one HTTP exchange, whatever the server does meanwhile.

The HTTP library has a limit for each read but none for the whole, so a server that sends a byte now and then would
never be left. At the deadline the connection is shut under the library's feet, from a timer thread.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any


class Deadline:
    """Watches one connection, one exchange after the other.

    Attributes
    ----------
    expired
        Whether the exchange was cut off at its deadline.
    fresh
        Whether the exchange opened a connection of its own, rather than going on with an old one.
    """

    def __init__(self) -> None:
        self.expired = self.fresh = False
        self._owner: Any = None
        self._line: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def start(self, seconds: float) -> None:
        """Begin an exchange that may take so many seconds."""
        self.expired = self.fresh = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """End the exchange; from here on nothing is cut."""
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """Follow the connection as it opens and closes; called by the HTTP library at each step."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._owner = info["return_value"].get_extra_info("socket")
        if event.endswith("connect_tcp.complete"):
            self.forget()
            self.fresh = True
            with self._lock:
                # A duplicate stays valid when the TLS layer takes the socket over, and reaches under it.
                self._line = self._owner.dup()
                if self.expired:
                    self._shut()
        elif event.endswith("response_closed.complete") and self._owner.fileno() < 0:
            self.forget()

    def forget(self) -> None:
        """Let go of the connection, which stays half open as long as this holds on to it."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            line.close()

    def _cut(self) -> None:
        with self._lock:
            if self._timer is threading.current_thread():
                self.expired = True
                self._shut()

    def _shut(self) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError):  # the other side may have been faster
                self._line.shutdown(socket.SHUT_RDWR)
