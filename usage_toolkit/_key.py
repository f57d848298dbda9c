"""An API key that can be used but not seen.

The raw text lives in a closure and in nothing that prints. Making a `Key` never raises, so that no frame holding
the raw text is ever part of a traceback; `check` complains later, from a frame without it. Sending it, and only to
the provider's own address, is for `_http`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote

from usage_toolkit.errors import AuthError

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    Fill = Callable[[MutableMapping[str, str], str, str], None]
    Shows = Callable[[str], bool]

_PIECE = 12  # so many characters of a key in a row give it away
_SHORTEST = 8  # a made-up key may be shorter, and would be found in any text
_FIT = re.compile(r"[!#-&(-_a-~]+")  # visible ASCII without the three quotes


class Key:
    """A key that prints as ``Key(***)`` wherever it turns up.

    >>> key = Key.of("made-up", env="VENICE_ADMIN_KEY")
    >>> key, str(key), f"{key:>12}", [key]
    (Key(***), 'Key(***)', 'Key(***)', [Key(***)])
    """

    __slots__ = ("_fault", "_fill", "_shows", "env")

    def __init__(self, fill: Fill, shows: Shows, *, fault: str | None, env: str) -> None:
        self._fill, self._shows, self._fault, self.env = fill, shows, fault, env

    @classmethod
    def of(cls, value: str | Key | None, *, env: str) -> Key:
        """Hold `value`, or what the environment variable `env` holds when it is None; never raises."""
        if isinstance(value, Key):
            return value
        if value is None:
            value = os.environ.get(env)
        raw = value if isinstance(value, str) else ""
        fault = None if _FIT.fullmatch(raw) else "missing" if value in (None, "") else "stray"
        return cls(*_enclose(raw), fault=fault, env=env)

    @property
    def digest(self) -> str:
        """A short fingerprint, to tell two keys apart without showing either."""
        headers: dict[str, str] = {}
        self._fill(headers, "key", "")
        return hashlib.sha256(headers.pop("key").encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def begins(self, prefix: str) -> bool:
        """Whether the key begins with `prefix`, by which some providers tell their kinds of keys apart."""
        headers: dict[str, str] = {}
        self._fill(headers, "key", "")
        return headers.pop("key").startswith(prefix)

    def check(self) -> None:
        """Raise an `AuthError` when the key is missing, or holds what no key can hold; shows nothing of it."""
        if self._fault == "missing":
            raise AuthError(f"Expected an API key, found none; set {self.env}, or pass key=.")
        if self._fault:
            raise AuthError(
                f"Expected an API key of visible ASCII characters, found one with a space, a line break, a quote or "
                f"another stray character in it; copy the bare key again into {self.env}, or pass it as key=."
            )

    def fill(self, headers: MutableMapping[str, str], *, name: str, scheme: str) -> None:
        """Write the key into the header `name` of `headers`, after `scheme`."""
        self._fill(headers, name, scheme)

    def shows_in(self, text: str) -> bool:
        """Whether `text` repeats the key or a piece of it, plainly or as base64, hex or in a URL's quoting."""
        return self._shows(text)

    def __repr__(self) -> str:
        return "Key(***)"

    def __format__(self, spec: str) -> str:
        return "Key(***)"

    def __copy__(self) -> Key:
        return self

    def __deepcopy__(self, memo: object) -> Key:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A key is never pickled; pass the name of its environment variable on instead.")


def _enclose(raw: str) -> tuple[Fill, Shows]:
    def fill(headers: MutableMapping[str, str], name: str, scheme: str) -> None:
        headers[name] = scheme + raw

    def shows(text: str) -> bool:
        return len(raw) >= _SHORTEST and any(piece in seen for pieces, seen in _forms(raw, text) for piece in pieces)

    return fill, shows


def _forms(raw: str, text: str) -> list[tuple[list[str], str]]:
    """Pieces of each way to write the key, with the text to look for them in."""
    data = raw.encode("utf-8", "surrogatepass")
    # Base64 takes three bytes at a time, so its letters depend on where among them the key begins.
    shifted = [base64.b64encode(bytes(shift) + data).decode().rstrip("=") for shift in range(3)]
    return [
        (_pieces(raw, _PIECE), text),
        (_pieces(raw, _PIECE), unquote(text)),
        (_pieces(data.hex(), _PIECE * 2), text.lower()),
        *((_pieces(form, _PIECE * 4 // 3), text.replace("-", "+").replace("_", "/")) for form in shifted),
    ]


def _pieces(form: str, size: int) -> list[str]:
    return [form[at : at + size] for at in range(max(1, len(form) - size + 1))]
