"""What the tests of the transport share: a key that must never be seen, a clock that they turn, and one question."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from usage_toolkit._http import Client, Reply
from usage_toolkit._key import Key

if TYPE_CHECKING:
    from fault_server import FaultServer

CANARY = f"sk-ant-admin01-CANARY{secrets.token_hex(16)}"
ENV = "PROVIDER_ADMIN_KEY"


@dataclass
class Time:
    """A clock that stands still until someone sleeps; remembers each sleep.

    `wall` begins at 2026-11-22 10:00:00 UTC.
    """

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        """Return seconds since some day."""
        return self.now

    def wall(self) -> float:
        """Return Unix seconds."""
        return 1_795_341_600 + self.now - 1000

    def sleep(self, seconds: float) -> None:
        """Let that much time pass at once."""
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds


def client(server: FaultServer | str, time: Time | None = None, **more: Any) -> Client:
    """Make a client for a server that waits in no time and draws no lots."""
    time = time or Time()
    url = server if isinstance(server, str) else server.url
    still = {"sleep": time.sleep, "clock": time.clock, "wall": time.wall, "random": lambda: 0.5}
    return Client(url, key=Key.of(CANARY, env=ENV), **{**still, **more})


def ask(server: FaultServer | str, time: Time | None = None, *, accept: str = "application/json", **more: Any) -> Reply:
    """Ask for one page."""
    with client(server, time, **more) as asking:
        return asking.get("/usage", {"limit": 10}, accept=accept)
