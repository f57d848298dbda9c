"""Asking a provider for a page: bounded in time and size, retried within reason, with the key masked.

    client      one page: ask, judge, wait, ask again
    ├── line        one exchange over one connection; the only module that imports the HTTP library
    │   ├── deadline    its hard end
    │   └── decode      its body, whole and bounded
    ├── answer      what an answer means
    ├── fault       what it means that there is no page
    ├── patience    waiting, or giving up
    │   └── retry       how long to wait, and how many failures a host may see
    ├── tape        answers kept as they came, and played again
    └── address     where the key may go

Reading rows is for `sources`.
"""

from __future__ import annotations

from usage_toolkit._http.client import Client, Reply
from usage_toolkit._http.tape import Page, Tape, now, playing, recording

__all__ = ["Client", "Page", "Reply", "Tape", "now", "playing", "recording"]
