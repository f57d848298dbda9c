"""What can go wrong, as a small tree.

Every message is one sentence: what was expected, what was found, what to do. Nothing is half done when one
of these is raised, and none of them carries a key.

    UsageToolkitError
    ├── InputError            what a file or a frame holds is not what it must be        (also a ValueError)
    ├── ArgumentError         a call that cannot be meant as it stands                   (also a ValueError)
    ├── FetchError            a provider could not be asked
    │   ├── AuthError         the key is missing, malformed or refused
    │   ├── RateLimitedError  the provider asks for a longer wait than the call may take
    │   ├── EndpointGoneError the provider has closed the endpoint for good
    │   └── ContractError     the provider's answer contradicts its own contract
    └── StoreError            a store could not be read or written
        └── StoreBusyError    someone else is writing to it
    UsageToolkitWarning       something worth knowing; nothing was refused               (a UserWarning)
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "ArgumentError",
    "AuthError",
    "ContractError",
    "EndpointGoneError",
    "FetchError",
    "InputError",
    "RateLimitedError",
    "StoreBusyError",
    "StoreError",
    "UsageToolkitError",
    "UsageToolkitWarning",
]


class UsageToolkitError(Exception):
    """Catch this one to catch every error that the toolkit raises on purpose."""


class InputError(UsageToolkitError, ValueError):
    """A file or a frame holds something that cannot be right; names where."""


class ArgumentError(UsageToolkitError, ValueError):
    """A call was given arguments that cannot be meant as they stand."""


class FetchError(UsageToolkitError):
    """A provider could not be asked, or did not answer in full; `status` is its HTTP status, if it sent one."""

    status: int | None = None


class AuthError(FetchError):
    """The key is missing, malformed, or refused by the provider."""


class RateLimitedError(FetchError):
    """The provider asks for a longer wait than this call may take; `wait` is its length in seconds, if known."""

    wait: float | None = None


class EndpointGoneError(FetchError):
    """The provider has closed this endpoint for good (HTTP 410): when, and which path takes over, if it says so."""

    sunset: date | None = None
    successor: str | None = None


class ContractError(FetchError):
    """The provider's answer contradicts its own contract; nothing of it was kept."""


class StoreError(UsageToolkitError):
    """A store could not be read or written; what was stored before is as it was."""


class StoreBusyError(StoreError):
    """Another process is writing to the store."""


class UsageToolkitWarning(UserWarning):
    """Something worth knowing; nothing was refused."""


def notify(message: str) -> None:
    """Warn with `message`, pointing at the line outside the toolkit that called it."""
    frame, level = sys._getframe(1), 2  # noqa: SLF001 (warnings' own way, which Python 3.12 offers as an argument)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("usage_toolkit"):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UsageToolkitWarning, stacklevel=level)
