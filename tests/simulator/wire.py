"""What goes over the socket: an answer, its framing, and how the connection ends.

An `Answer` means something; a `Wire` is bytes. Faults turn the one into the other in ways that no good server would.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field, replace
from enum import Enum
from http import HTTPStatus


class Ending(Enum):
    """What becomes of the connection after the bytes are sent."""

    KEEP = "keep"
    CLOSE = "close"
    RESET = "reset"


@dataclass(frozen=True)
class Answer:
    """Status, headers and body, before any coding."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def with_headers(self, headers: dict[str, str]) -> Answer:
        """The same answer with more headers."""
        return replace(self, headers={**self.headers, **headers})


@dataclass(frozen=True)
class Wire:
    """Bytes as they are sent, the status they claim (None when there is none), and the ending."""

    status: int | None
    data: bytes
    ending: Ending = Ending.KEEP


class Refusal(Exception):  # noqa: N818 - a way out of an endpoint, not a failure of the simulator
    """An answer that ends the handling of a request early."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def json_answer(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """An answer in JSON, without blanks and in UTF-8."""
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return Answer(status, data, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def error(status: int, message: str, headers: dict[str, str] | None = None, **more: object) -> Answer:
    """The documented body of an error, with more fields where the status has them."""
    return json_answer({"error": message, **more}, status=status, headers=headers)


def gzipped(answer: Answer) -> Answer:
    """The answer in gzip."""
    coded = replace(answer, body=gzip.compress(answer.body, compresslevel=1, mtime=0))
    return coded.with_headers({"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})


def framed(answer: Answer, *, length: int | None = None) -> Wire:
    """The answer with a Content-Length, true unless `length` says otherwise."""
    size = len(answer.body) if length is None else length
    return Wire(answer.status, head(answer, f"Content-Length: {size}") + answer.body)


def chunked(answer: Answer, *, size: int = 4096) -> Wire:
    """The answer in chunks, with its last chunk."""
    pieces = [answer.body[at : at + size] for at in range(0, len(answer.body), size)]
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return Wire(answer.status, head(answer, "Transfer-Encoding: chunked") + body)


def head(answer: Answer, *more: str) -> bytes:
    """The status line and the headers, up to the empty line."""
    lines = [f"HTTP/1.1 {answer.status} {_phrase(answer.status)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return ("\r\n".join([*lines, *more]) + "\r\n\r\n").encode("latin-1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Overloaded"
