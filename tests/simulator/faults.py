"""Faults of transport and of HTTP: each takes the honest answer and gives back what is sent instead.

Put them into `server.faults`, one for each request to come (None lets a request through), or let `server.fault_rate`
deal the transient ones at random. Breaches of the paging contract are in `pagers`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace

from simulator.wire import Answer, Ending, Wire, chunked, error, framed, gzipped, head

Fault = Callable[[Answer], Answer | Wire]

CURSOR_EXPIRED = "Invalid or expired cursor; restart from the first page"


def status(code: int, message: str = "Something went wrong", headers: dict[str, str] | None = None) -> Fault:
    """Answer with an error status and the usual body."""
    return lambda answer: _instead(answer, error(code, message, headers))


def rate_limited(retry_after: str | None = None, *, reset_requests: int | None = None) -> Fault:
    """429, with seconds or a date in Retry-After, Unix milliseconds in x-ratelimit-reset-requests, or neither."""
    hints = {"Retry-After": retry_after, "x-ratelimit-reset-requests": reset_requests}
    return status(429, "Rate limit exceeded", {name: str(hint) for name, hint in hints.items() if hint is not None})


def cursor_expired() -> Fault:
    """400 for a cursor that was good a moment ago."""
    return status(400, CURSOR_EXPIRED)


def redirect(location: str, *, code: int = 302) -> Fault:
    """Send the client elsewhere."""
    return status(code, "Moved", {"Location": location})


def reset() -> Fault:
    """Reset the connection before a byte of the answer."""
    return lambda _: Wire(None, b"", Ending.RESET)


def reset_mid_body(at: float = 0.5) -> Fault:
    """Send a part of the body under its true Content-Length, then reset the connection."""
    return lambda answer: Wire(answer.status, _cut(framed(answer).data, answer.body, at), Ending.RESET)


def overlong_length(by: int = 1) -> Fault:
    """Promise more bytes in Content-Length than the body has, then close."""
    return lambda answer: replace(framed(answer, length=len(answer.body) + by), ending=Ending.CLOSE)


def unframed(at: float = 1.0) -> Fault:
    """Send a part of the body (1.0: all of it) without a length: it ends where the connection ends."""
    return lambda answer: Wire(answer.status, _cut(head(answer) + answer.body, answer.body, at), Ending.CLOSE)


def truncated_gzip(at: float = 0.5, *, in_chunks: bool = False) -> Fault:
    """Send a part of a gzip stream in a frame that is whole: the length of the part, or all of its chunks."""

    def fault(answer: Answer) -> Wire:
        coded = gzipped(answer)
        short = replace(coded, body=coded.body[: _point(coded.body, at)])
        return chunked(short) if in_chunks else framed(short)

    return fault


def spoilt_gzip() -> Fault:
    """Send a gzip stream whose check sum is wrong."""

    def fault(answer: Answer) -> Wire:
        coded = gzipped(answer)
        return framed(replace(coded, body=coded.body[:-8] + bytes(255 - byte for byte in coded.body[-8:])))

    return fault


def gzip_members() -> Fault:
    """Send the body as two gzip members in a row, which is good gzip: a reader must not stop after the first."""

    def fault(answer: Answer) -> Wire:
        half = len(answer.body) // 2
        body = b"".join(gzip.compress(part, mtime=0) for part in (answer.body[:half], answer.body[half:]))
        return framed(replace(gzipped(answer), body=body))

    return fault


def closed_quietly() -> Fault:
    """Answer in full, then close a connection that was to be kept."""
    return lambda answer: replace(framed(answer), ending=Ending.CLOSE)


def empty_body() -> Fault:
    """200 with nothing in it."""
    return lambda answer: replace(answer, status=200, body=b"")


def html(text: str = "<!doctype html><title>Back soon</title><p>We are down for maintenance.</p>") -> Fault:
    """200 with a page for people."""
    return lambda answer: _instead(answer, Answer(200, text.encode(), {"Content-Type": "text/html; charset=utf-8"}))


def error_in_200(body: object = None) -> Fault:
    """200 whose JSON body is an error."""
    data = json.dumps(body or {"error": "Upstream is not available"}).encode()
    return lambda answer: _instead(answer, Answer(200, data, {"Content-Type": "application/json"}))


def edited(change: Callable[[bytes], bytes]) -> Fault:
    """Answer honestly but for what `change` makes of the body."""
    return lambda answer: replace(answer, body=change(answer.body))


BROKEN: tuple[Fault, ...] = (
    reset(),
    reset_mid_body(),
    truncated_gzip(),
    truncated_gzip(in_chunks=True),
    overlong_length(),
    empty_body(),
    closed_quietly(),
)
"""What goes wrong on the way, whoever answers."""
TRANSIENT: tuple[Fault, ...] = (
    *(status(code) for code in (500, 502, 503, 504, 529)),
    rate_limited("1"),
    *BROKEN,
)
"""Faults after which the same request, asked again, may well succeed."""


def _instead(honest: Answer, other: Answer) -> Answer:
    """Another answer, sent at the same time."""
    return other.with_headers({"Date": honest.headers["Date"]})


def _point(body: bytes, at: float) -> int:
    """Where a body is cut: at a part of its length, and always before its end."""
    return min(int(len(body) * at), len(body) - 1)


def _cut(data: bytes, body: bytes, at: float) -> bytes:
    whole = at >= 1
    return data if whole or not body else data[: len(data) - len(body) + _point(body, at)]
