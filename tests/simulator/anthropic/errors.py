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
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def error(
    status: int, message: str, headers: Mapping[str, str] | None = None, *, details: dict[str, str] | None = None
) -> Answer:
    """The documented body; other statuses are an `invalid_request_error` below 500 and an `api_error` above."""
    number = "req_" + hashlib.blake2b(f"{status} {message}".encode(), digest_size=12).hexdigest()
    kind = KINDS.get(status, "invalid_request_error" if status < 500 else "api_error")
    told = {"type": kind, "message": message, **({"details": details} if details else {})}
    body = {"type": "error", "error": told, "request_id": number}
    return json_answer(body, status=status, headers={"request-id": number, **(headers or {})})


def refusal(status: int, message: str) -> Refusal:
    """What to raise to end the handling of a request with an error."""
    return Refusal(error(status, message))


def status(
    code: int,
    message: str = "Something went wrong",
    headers: Mapping[str, str] | None = None,
    *,
    details: dict[str, str] | None = None,
) -> Fault:
    """Answer with an error."""
    return lambda answer: error(code, message, headers, details=details).with_headers({"Date": answer.headers["Date"]})


def rate_limited(retry_after: str | None = "1") -> Fault:
    """429 that passes by itself."""
    hint = {} if retry_after is None else {"retry-after": retry_after}
    return status(429, "Number of requests has exceeded your per-minute rate limit", hint)


def tier_spent() -> Fault:
    """429 that no waiting ends: the tier's money for the month is spent, which only a code inside tells."""
    code = {"error_code": "enforced_spend_limit_reached"}
    return status(429, "Usage is paused until 2026-11-01 at 00:00 UTC", details=code)


def account_spent(retry_after: str = "600") -> Fault:
    """429 that no waiting ends, though it asks to wait: only its words tell."""
    text = "This request would exceed your account's monthly spend limit. Please try again later."
    return status(429, text, {"retry-after": retry_after})


def own_limit_spent() -> Fault:
    """400 for a limit that the organization set itself."""
    text = "You have reached your specified API usage limits. You will regain access on 2026-11-01 at 00:00 UTC."
    return status(400, text)


def overloaded() -> Fault:
    """529: too many people ask at once."""
    return status(529, "Overloaded")


TRANSIENT: tuple[Fault, ...] = (*(status(code) for code in (500, 502, 503, 504)), overloaded(), rate_limited(), *BROKEN)
"""Faults after which the same request, asked again, may well succeed."""
