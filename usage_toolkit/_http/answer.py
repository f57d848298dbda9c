"""What an answer of a provider means: a page, a reason to ask again, or a typed error.

Only the status, the headers and the start of the body are looked at; reading rows is for `sources`, waiting is for
`_http`. Whatever a server said is cut short, made plain, and left out altogether if it repeats the key.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, date
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from usage_toolkit._http.decode import plain
from usage_toolkit._http.fault import ATTEMPTS, Fault
from usage_toolkit.errors import AuthError, ContractError, EndpointGoneError, FetchError, RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from usage_toolkit._key import Key

RETRIED = frozenset({408, 429, 500, 502, 503, 504, 529})
_NO_BODY = frozenset({204, 205, 206, 304})
_BEYOND = 600
_ERROR_START = 1024  # an error body names its error early; a page of rows is not read twice to look for one
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]*))", re.IGNORECASE)
# However a provider calls it: waiting a minute does not help, as it does with a rate.
_SPENT = re.compile(rb"spend[_ ]?limit|spending limit|api usage limits|billing_error", re.IGNORECASE)
_PASSING = frozenset({"overloaded_error", "api_error", "timeout_error"})
_TO_DO = {
    400: "check the arguments of the call",
    402: "check that nothing on the way strips the header with the key",
    404: "check base_url",
    405: "check base_url",
    407: "check the proxy settings of the environment",
    415: "check base_url",
}


def judge(status: int, headers: Mapping[str, str], body: bytes, *, path: str, accept: str, key: Key) -> Fault | None:
    """Return what is wrong with an answer, or None for a page."""
    found = f"expected a page from {path}, found {status}"
    if status in _NO_BODY or not HTTPStatus.OK <= status < _BEYOND:
        return Fault(ContractError, found, "nothing of it was kept; check base_url", status=status)
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return _judge_page(status, headers, body, path=path, accept=accept, key=key)
    if status < HTTPStatus.BAD_REQUEST:
        return Fault(
            FetchError,
            f"{found}, a redirect to {_host(headers.get('location', ''), key)}",
            "redirects are not followed, so that the key goes nowhere else; set base_url to the provider's own address",
            status=status,
        )
    if status == HTTPStatus.GONE:
        return _gone(headers, path=path, key=key)
    said = _said(body, key)
    return _refused(status, f"{found} ({said})" if said else found, body, key=key)


def notice(headers: Mapping[str, str], *, host: str, path: str, key: Key) -> str | None:
    """Return a sentence about an endpoint that will close, if the headers of a good answer say so."""
    if not ({"deprecation", "sunset"} & headers.keys()):
        return None
    sunset, successor = _sunset(headers), _successor(headers, key)
    closes = f"closes on {sunset}" if sunset else "is deprecated"
    return f"{host}: {path} {closes}; " + (f"{successor} takes over." if successor else "look for its successor.")


def _refused(status: int, found: str, body: bytes, *, key: Key) -> Fault:
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Fault(AuthError, found, f"set {key.env} to a key that may read this", status=status)
    limited = status == HTTPStatus.TOO_MANY_REQUESTS
    if (limited or status == HTTPStatus.BAD_REQUEST) and _SPENT.search(body):
        to_do = "the spend limit of the account is reached: raise it, or wait for the next month"
        return Fault(RateLimitedError, found, to_do, status=status)
    if status in RETRIED:
        return Fault(
            RateLimitedError if limited else FetchError,
            found,
            "try again in a few minutes",
            reason="rate limit" if limited else f"status {status}",
            attempts=ATTEMPTS,
            status=status,
        )
    return Fault(FetchError, found, _TO_DO.get(status, "check base_url, or try again later"), status=status)


def _judge_page(
    status: int, headers: Mapping[str, str], body: bytes, *, path: str, accept: str, key: Key
) -> Fault | None:
    if not body:
        return Fault(
            ContractError,
            f"expected a page from {path}, found {status} without a body",
            "nothing was kept; try again later",
            reason="empty answer",
            attempts=ATTEMPTS,
            status=status,
        )
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if (kind and not _is_a(kind, accept)) or (not kind and body.lstrip()[:1] == b"<"):
        start = _safe(body[:65_536].decode("utf-8", "replace"), key)
        return Fault(
            ContractError,
            f"expected {accept} from {path}, found {_safe(kind, key) or 'HTML'} ({start})",
            "check base_url, and whether a sign-in page or a proxy answers in the provider's place",
            status=status,
        )
    head = body[:_ERROR_START]
    if head.lstrip()[:1] == b"{" and b'"error"' in head and _is_error(parsed := _parsed(body)):
        found = f"expected a page from {path}, found {status} with an error ({_message(parsed, key) or 'unnamed'})"
        passing = isinstance(error := parsed.get("error"), dict) and error.get("type") in _PASSING
        to_do = "nothing was kept; try again later"
        if passing:
            return Fault(FetchError, found, to_do, reason="overloaded", attempts=ATTEMPTS, status=status)
        return Fault(FetchError, found, to_do, status=status)
    return None


def _is_a(kind: str, accept: str) -> bool:
    return kind == accept or (accept == "application/json" and kind.endswith("+json"))


def _is_error(parsed: Any) -> bool:
    return isinstance(parsed, dict) and "data" not in parsed and (
        parsed.get("type") == "error" or parsed.get("error") not in (None, False, "")
    )  # fmt: skip


def _gone(headers: Mapping[str, str], *, path: str, key: Key) -> Fault:
    sunset, successor = _sunset(headers), _successor(headers, key)
    return Fault(
        EndpointGoneError,
        f"expected a page from {path}, found 410: the provider closed it for good{f' on {sunset}' if sunset else ''}",
        f"ask its successor {successor} instead" if successor else "ask another endpoint instead",
        status=410,
        more={"sunset": sunset, "successor": successor},
    )


def _sunset(headers: Mapping[str, str]) -> date | None:
    try:
        instant = parsedate_to_datetime(headers.get("sunset", ""))
        return (instant if instant.tzinfo is None else instant.astimezone(UTC)).date()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _successor(headers: Mapping[str, str], key: Key) -> str | None:
    """Return the path that takes over; never an address, so that nothing is tempted to go there."""
    for target, options in _LINK.findall(headers.get("link", "")):
        quoted, bare = next(iter(_REL.findall(options)), ("", ""))
        if "successor-version" in (quoted or bare).lower().split():
            return _safe(_part(target, "path"), key) or None
    return None


def _host(location: str, key: Key) -> str:
    scheme, host = _part(location, "scheme"), _part(location, "hostname")
    return _safe(f"{scheme}://{host}" if scheme and host else host, key) or "the same host"


def _part(url: str, name: str) -> str:
    try:
        return getattr(urlsplit(url), name) or ""
    except ValueError:
        return ""


def _said(body: bytes, key: Key) -> str:
    """Return in short what the body of a refusal says."""
    parsed = _parsed(body)
    return _message(parsed, key) if isinstance(parsed, dict) else _safe(body[:65_536].decode("utf-8", "replace"), key)


def _message(parsed: dict[str, Any], key: Key) -> str:
    error = parsed.get("error")
    inner = [error.get(name) for name in ("message", "type", "code")] if isinstance(error, dict) else []
    words = [text for text in (error, *inner, parsed.get("message"), parsed.get("detail")) if isinstance(text, str)]
    details = parsed.get("details")
    if isinstance(details, dict | list):
        with suppress(RecursionError):
            details = json.dumps(details, ensure_ascii=False)
    return _safe(": ".join([*words[:1], *([details] if isinstance(details, str) else [])]), key, limit=160)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _safe(text: str, key: Key, *, limit: int = 80) -> str:
    return "(not shown: it repeats the key)" if key.shows_in(text) else plain(text, limit=limit)
