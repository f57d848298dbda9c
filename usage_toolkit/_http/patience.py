"""How long one client goes on trying: its budget of waiting, and the quota that all share for a host.

`retry` computes each wait and `fault` says what may be tried again; here the waiting is done, or given up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from usage_toolkit._http.fault import Fault
from usage_toolkit._http.retry import backoff, pace, quota
from usage_toolkit.errors import RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Patience:
    """What is left of a client's budget, and how to wait.

    Attributes
    ----------
    left
        Seconds that waits and failed attempts may still take.
    """

    host: str
    left: float
    on_wait: Callable[[float, str], None] | None
    sleep: Callable[[float], None]
    clock: Callable[[], float]
    random: Callable[[], float]

    def enter(self, path: str) -> float:
        """Wait until one more failure would not be one too many, and return the time of it."""
        while wait := quota(self.host).enter(now := self.clock()):
            if wait > self.left:
                raise Fault(
                    RateLimitedError,
                    f"expected to ask for {path}, found as many failures just now as this host should see",
                    f"try again in {wait:.0f} s",
                    wait=wait,
                ).error(self.host)
            self._pause(wait, "too many failures")
        return now

    def keep_pace(self, question: str, *, burst: int, every: float) -> None:
        """Wait until `question` may be put to this host again."""
        while wait := pace(f"{self.host} {question}").enter(self.clock(), burst=burst, every=every):
            self._pause(wait, "asked often of late")

    def leave(self, entered: float, *, failed: bool) -> float:
        """Take note of how a request ended, and return the seconds that it took."""
        now = self.clock()
        quota(self.host).leave(now, entered=entered, failed=failed)
        return now - entered

    def wait(self, fault: Fault, *, failures: int, took: float, last: bool) -> None:
        """Wait before the next attempt, or raise what `fault` means if there should be none."""
        self.left -= took
        if fault.wait is not None and fault.wait > self.left:
            raise replace(fault, kind=RateLimitedError).error(self.host, tries=failures)
        seconds = backoff(failures, random=self.random)
        if fault.wait is not None:  # never earlier than the server asks, and not in step with everyone else either
            seconds = min(fault.wait + max(seconds, self.random()), self.left)
        if last or failures >= fault.attempts or seconds > self.left:
            raise fault.error(self.host, tries=failures)
        self._pause(seconds, fault.reason)

    def _pause(self, seconds: float, reason: str) -> None:
        self.left -= seconds
        if self.on_wait is not None:
            self.on_wait(seconds, reason)
        self.sleep(seconds)
