"""Where a key may go: the provider's own address, checked before anything is sent."""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from usage_toolkit.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HOST = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")


def base(url: str) -> tuple[str, str, bool]:
    """Return `url` without its last slash, its host and port, and whether that is this very machine.

    >>> base("http://127.0.0.1:8080/v1/")
    ('http://127.0.0.1:8080/v1', '127.0.0.1:8080', True)
    """
    scheme = place = path = host = found = ""
    url = str(url)  # whatever came in is judged as a text
    with suppress(ValueError):  # what can't be split, or has no possible port, leaves all of them empty
        parts = urlsplit(url)
        if parts.port != 0:
            scheme, place, path, host = parts.scheme, parts.netloc, parts.path, parts.hostname or ""
    local = _is_local(host)
    if "@" in url:
        found = "a user name or password"
    elif "?" in url or "#" in url:
        found = "a query or a fragment"
    elif scheme not in ("http", "https"):
        found = "none of these"
    elif not _HOST.fullmatch(place) or not _PATH.fullmatch(path) or url != f"{url[: len(scheme)]}://{place}{path}":
        found = "something that is no plain host and path"
    elif scheme == "http" and not local:
        found = f"http:// to {place}, where anyone on the way could read the key"
    if found:
        raise ArgumentError(f"base_url: expected https://, a host and a path, found {found}; mend the address.")
    return f"{scheme}://{place}{path.rstrip('/')}", place, local


def page(start: str, path: str, params: Mapping[str, str | int | Sequence[str]]) -> str:
    """Return the address of the page at `path`; whatever is in `params` stays in the query.

    >>> page("https://api.example/v1", "/usage", {"cursor": "https://other.example/?a=b"})
    'https://api.example/v1/usage?cursor=https%3A%2F%2Fother.example%2F%3Fa%3Db'
    >>> page("https://api.example/v1", "/usage", {"models[]": ["a", "b"]})
    'https://api.example/v1/usage?models%5B%5D=a&models%5B%5D=b'
    """
    query = None
    with suppress(UnicodeEncodeError):
        query = urlencode(params, doseq=True)
    if query is None or not _PATH.fullmatch(path):
        raise ArgumentError("Expected a plain path and parameters in Unicode, found something else; mend the call.")
    return f"{start}{path}?{query}" if query else start + path


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False
