"""Errors in the shape that the provider documents, as answers of endpoints and as faults for `server.faults`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from simulator.faults import BROKEN, Fault
from simulator.wire import Answer, Refusal, json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The documented body; a status that no kind is documented for is an `api_error`."""
    number = "req_" + hashlib.blake2b(f"{status} {message}".encode(), digest_size=12).hexdigest()
    body = {
        "type": "error",
        "error": {"type": KINDS.get(status, "api_error"), "message": message},
        "request_id": number,
    }
    return json_answer(body, status=status, headers={"request-id": number, **(headers or {})})


def refusal(status: int, message: str) -> Refusal:
    """What to raise to end the handling of a request with an error."""
    return Refusal(error(status, message))


def status(code: int, message: str = "Something went wrong", headers: Mapping[str, str] | None = None) -> Fault:
    """Answer with an error."""
    return lambda answer: error(code, message, headers).with_headers({"Date": answer.headers["Date"]})


def rate_limited(retry_after: str | None = "1") -> Fault:
    """429 that passes by itself."""
    hint = {} if retry_after is None else {"retry-after": retry_after}
    return status(429, "Number of requests has exceeded your per-minute rate limit", hint)


def spend_limited() -> Fault:
    """429 that no waiting ends: the month's money is spent."""
    return status(429, "You have reached your specified spend limit. You will regain access on 2026-11-01 at 00:00 UTC")


def overloaded() -> Fault:
    """529: too many people ask at once."""
    return status(529, "Overloaded")


TRANSIENT: tuple[Fault, ...] = (*(status(code) for code in (500, 502, 503, 504)), overloaded(), rate_limited(), *BROKEN)
"""Faults after which the same request, asked again, may well succeed."""
