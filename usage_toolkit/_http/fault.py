"""Why there is no page: what to tell the user, and whether asking again is worth it.

`answer` makes a `Fault` of an answer that refuses, `broken` makes one of an exchange that never ended in an answer.
A fault is a value and holds no exception, whose frames would hold headers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from usage_toolkit.errors import ContractError, FetchError, RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Mapping

ATTEMPTS = 6
_OFFLINE = 5  # someone without a network should know within seconds


@dataclass(frozen=True)
class Fault:
    """One reason not to have a page.

    Attributes
    ----------
    found, to_do
        The two parts of the error's sentence.
    reason
        A word or two for the progress line.
    attempts
        How many attempts a page is worth when this happens.
    seen
        Whether the host saw the request, and so may count it.
    stale
        Whether it may only mean that a kept connection had been closed meanwhile.
    wait, until
        How many seconds the server asks to wait, and what time it will be then.
    more
        Further attributes of the error.
    """

    kind: type[FetchError]
    found: str
    to_do: str
    reason: str = "connection"
    attempts: int = 1
    seen: bool = True
    stale: bool = False
    status: int | None = None
    wait: float | None = None
    until: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def error(self, where: str, *, tries: int = 1) -> FetchError:
        """Return the error to raise after so many attempts."""
        times = f", {tries} times" if tries > 1 else ""
        to_do = f"it asks to wait {self.wait:,.0f} s, so try again after {self.until}" if self.until else self.to_do
        error = self.kind(f"{where}: {self.found}{times}; {to_do}.")
        error.status = self.status
        if isinstance(error, RateLimitedError):
            error.wait = self.wait
        for name, value in self.more.items():
            setattr(error, name, value)
        return error


def broken(how: str, **details: object) -> Fault:
    """Return the fault of an exchange that broke, from a row of the table below.

    >>> broken("too large", path="/usage", limit=1000).found
    'expected at most 1,000 bytes from /usage, found more'
    """
    fault = _BROKEN[how]
    return replace(fault, found=fault.found.format(**details))


_BROKEN = {
    "late": Fault(
        FetchError,
        "expected all of {path} within {deadline:g} s, found {got:,} bytes by then",
        "nothing of it was kept; try again later, or ask for less at a time",
    ),
    "proxy": Fault(
        FetchError,
        "expected the proxy to let a request for {path} through, found that it refuses",
        "check HTTPS_PROXY and NO_PROXY in the environment, and the user name and password in them",
        seen=False,
    ),
    "untrusted": Fault(
        FetchError,
        "expected a certificate that proves this host, found none to trust ({why})",
        "check base_url; behind a company's proxy set SSL_CERT_FILE to the file of its authority",
        seen=False,
    ),
    "unreachable": Fault(
        FetchError,
        "expected to reach this host for {path}, found no connection",
        "check the network and base_url",
        reason="no connection",
        attempts=_OFFLINE,
        seen=False,
    ),
    "silent": Fault(
        FetchError,
        "expected an answer for {path}, found silence for too long",
        "try again later",
        reason="timeout",
        attempts=ATTEMPTS,
    ),
    "no HTTP": Fault(
        ContractError,
        "expected an HTTP answer for {path}, found something else",
        "check base_url, or try again later",
        attempts=ATTEMPTS,
    ),
    "closed": Fault(
        FetchError,
        "expected an answer for {path}, found the connection closed",
        "try again later",
        attempts=ATTEMPTS,
    ),
    "cut off": Fault(
        FetchError,
        "expected all of {path}, found it cut off after {got:,} bytes",
        "nothing of it was kept; try again later",
        attempts=ATTEMPTS,
    ),
    "damaged": Fault(
        ContractError,
        "expected {path} as gzip, found {got:,} bytes that are damaged or none",
        "nothing of it was kept; try again later",
        reason="damaged page",
        attempts=2,
    ),
    "encoding": Fault(
        ContractError,
        "expected {path} plain or as gzip, found another encoding",
        "nothing of it was kept; check base_url",
    ),
    "too large": Fault(
        ContractError,
        "expected at most {limit:,} bytes from {path}, found more",
        "nothing of it was kept; ask for less at a time",
    ),
    "unforeseen": Fault(
        FetchError,
        "expected an answer for {path}, found an unforeseen {why}",
        "please report it",
    ),
}
