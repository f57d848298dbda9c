"""What came over the wire, made readable: whole, bounded, and safe to show.

`Decoder` takes a body piece by piece and ends in all of it or in an error, never in a part; `plain` makes a
stranger's text fit for a message. What an answer means is for `answer`.
"""

from __future__ import annotations

import re
import zlib

_STEP = 2**20  # decoded at a time, so that a tiny piece can't become a huge one
_GZIP = 31  # zlib's number for "gzip, with its checksum"
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^<>]*>", re.IGNORECASE | re.DOTALL)


class BodyError(Exception):
    """The body can't be had as it was sent."""


class TruncatedError(BodyError):
    """The body ended too early."""


class CorruptError(BodyError):
    """The body is not what its header says."""


class TooLargeError(BodyError):
    """The body is larger than the limit."""


class EncodingError(BodyError):
    """The body has an encoding that nobody asked for."""


class Decoder:
    """Collects a body, decoding gzip of one or several members on the way.

    Parameters
    ----------
    encoding
        The Content-Encoding of the answer.
    limit
        The most bytes to take, sent or decoded.
    """

    def __init__(self, encoding: str, *, limit: int) -> None:
        self._member = _member(encoding.strip().lower())
        self._limit = limit
        self._sent = self._made = 0
        self._pieces: list[bytes] = []

    def feed(self, piece: bytes) -> None:
        """Take the next piece, as it came."""
        self._sent += len(piece)
        self._room(self._sent)
        if self._member is None:
            self._pieces.append(piece)
            return
        while piece:
            if self._member.eof:  # another member begins; anything else here is an error
                self._member = zlib.decompressobj(_GZIP)
            member = self._member
            try:
                made = member.decompress(piece, _STEP)
            except zlib.error:
                raise CorruptError from None
            self._made += len(made)
            self._room(self._made)
            self._pieces.append(made)
            piece = member.unused_data if member.eof else member.unconsumed_tail

    def end(self) -> bytes:
        """Return the whole body, or raise if it is not whole."""
        if self._member is not None and self._sent and not self._member.eof:
            raise TruncatedError
        return self.so_far()

    def so_far(self) -> bytes:
        """Return what has come, whole or not: good enough to quote from, never to read rows from."""
        return b"".join(self._pieces)

    def _room(self, size: int) -> None:
        if size > self._limit:
            raise TooLargeError


def plain(text: str, *, limit: int = 80) -> str:
    r"""Return the first words of `text`: no markup, no line breaks, nothing that a terminal or a page would act on.

    >>> plain("<html><style>b {}</style><title>Sign in</title>\n<body>to go on")
    'Sign in to go on'
    """
    words = "".join(char if char.isprintable() and char not in "<>" else " " for char in _TAG.sub(" ", text[:65_536]))
    short = " ".join(words.split())
    return short if len(short) <= limit else short[: limit - 1] + "…"


def _member(encoding: str) -> zlib._Decompress | None:
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip"):
        return zlib.decompressobj(_GZIP)
    raise EncodingError
