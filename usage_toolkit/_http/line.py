"""One exchange after another over one connection: send, read within bounds, say what came or how it broke.

The only module that knows the HTTP library, and none of its exceptions leaves: their frames hold headers, so they are
turned into values here, and our own errors are raised after they are gone. What an answer means is for `answer`.
"""

from __future__ import annotations

import logging
import os
import ssl
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import MappingProxyType
from typing import TYPE_CHECKING

import httpx

from usage_toolkit._http.deadline import Deadline
from usage_toolkit._http.decode import CorruptError, Decoder, EncodingError, TooLargeError, TruncatedError
from usage_toolkit.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from usage_toolkit._key import Key

CONNECT, READ = 10.0, 30.0  # seconds
_MOVED = "usage_toolkit.moved"
_REFUSAL = 65_536  # bytes of a refusal's body that are read
_OURS = ContextVar("_OURS", default=False)


def _not_ours(_: logging.LogRecord) -> bool:
    return not _OURS.get()


# What the libraries log of a request has its cursor and all headers of the answer in it; ours is one line without them.
for _name in ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))):
    logging.getLogger(_name).addFilter(_not_ours)


@dataclass(frozen=True)
class Answer:
    """What came, whole; of a refusal only the start of the body."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    framed: bool


@dataclass(frozen=True)
class Broken:
    """How an exchange broke, in the words of the table in `fault`; `stale` if only the old connection was to blame."""

    how: str
    got: int
    why: str
    stale: bool


class Line:
    """A connection to one address, kept open between exchanges."""

    def __init__(
        self,
        base_url: str,
        key: Key,
        *,
        local: bool,
        header: str,
        scheme: str,
        limit: int,
        headers: Mapping[str, str],
    ) -> None:
        self._auth = _KeyAuth(key, base_url=base_url, header=header, scheme=scheme)
        self._deadline, self._limit, self._local, self._headers = Deadline(), limit, local, dict(headers)
        named = tuple(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
        self._context = _context(tls=base_url.startswith("https:"), certificates=named)
        self._client = _connect(self._context, local=local, headers=self._headers)

    def close(self) -> None:
        """Close the connection."""
        self._deadline.forget()
        with suppress(Exception):  # closing is all that was asked, and an exception of the library may show headers
            self._client.close()

    def ask(self, url: str, *, accept: str, seconds: float) -> Answer | Broken:
        """Ask once; an exception of the library ends here, and nothing refers to it afterwards."""
        outcome: Answer | Broken | None = None
        progress = _Progress()
        ours = _OURS.set(True)
        self._deadline.start(seconds)
        try:
            outcome = self._exchange(url, progress, accept=accept, seconds=seconds)
        except KeyboardInterrupt:
            pass  # raised again below, without the library's frames
        except Exception as exception:  # noqa: BLE001  any other exception would show its frames to the user
            outcome = self._diagnose(exception, progress)
        finally:
            self._deadline.stop()
            _OURS.reset(ours)
        if not isinstance(outcome, Answer):
            # The library may go on counting a connection that broke half open, and then wait for it for ever.
            self.close()
            self._client = _connect(self._context, local=self._local, headers=self._headers)
        if outcome is None:
            raise KeyboardInterrupt
        if self._deadline.expired and isinstance(outcome, Answer) and outcome.status < HTTPStatus.BAD_REQUEST:
            # A body that ends with its connection looks whole when it was the deadline that ended both.
            return Broken("late", progress.got, "", stale=False)
        return outcome

    def _exchange(self, url: str, progress: _Progress, *, accept: str, seconds: float) -> Answer:
        # A moment longer than the deadline, so that it is the deadline that ends a slow exchange.
        timeout = httpx.Timeout(min(READ, seconds + 1), connect=min(CONNECT, seconds + 0.05))
        request = self._client.build_request(
            "GET", url, headers={"accept": accept}, timeout=timeout, extensions={"trace": self._deadline.watch}
        )
        response = self._client.send(request, auth=self._auth, stream=True, follow_redirects=False)
        progress.answered = True
        try:
            headers = {name.lower(): value for name, value in response.headers.items()} | response.extensions[_MOVED]
            body = self._body(response, headers, progress)
        finally:
            response.close()
        framed = "content-length" in headers or "transfer-encoding" in headers
        return Answer(response.status_code, MappingProxyType(headers), body, framed=framed)

    def _body(self, response: httpx.Response, headers: Mapping[str, str], progress: _Progress) -> bytes:
        encoding = headers.get("content-encoding", "")
        if response.is_success:
            decoder = Decoder(encoding, limit=self._limit)
            for piece in response.iter_raw():
                progress.got += len(piece)
                decoder.feed(piece)
            return decoder.end()
        with suppress(EncodingError):
            decoder = Decoder(encoding, limit=_REFUSAL)
            with suppress(Exception):  # the status says enough; its text is only for the message
                for piece in response.iter_raw():
                    decoder.feed(piece)
            return decoder.so_far()
        return b""

    def _diagnose(self, exception: Exception, progress: _Progress) -> Broken:
        how, why = _diagnosis(exception, answered=progress.answered)
        if self._deadline.expired:
            how = "late"
        stale = how in ("closed", "no HTTP") and not self._deadline.fresh
        return Broken(how, progress.got, why, stale=stale)


@dataclass
class _Progress:
    """How far one exchange came."""

    answered: bool = False
    got: int = 0


class _KeyAuth(httpx.Auth):
    """Puts the key into a request at the last moment, if it goes to the provider's own address."""

    def __init__(self, key: Key, *, base_url: str, header: str, scheme: str) -> None:
        self._key, self._header, self._scheme = key, header, scheme
        self._origin = _origin(httpx.URL(base_url))

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if _origin(request.url) != self._origin:
            raise ArgumentError("Expected a request to the provider's own address, found another; nothing was sent.")
        self._key.fill(request.headers, name=self._header, scheme=self._scheme)
        yield request


def _move_location(response: httpx.Response) -> None:
    """Take the target of a redirect out of the library's sight: it reads it, and may stumble, without following it."""
    target = response.headers.pop("location", None)
    response.extensions[_MOVED] = {} if target is None else {"location": target}


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


@lru_cache(maxsize=4)
def _context(*, tls: bool, certificates: tuple[str | None, ...]) -> ssl.SSLContext:  # noqa: ARG001 (what it depends on)
    """Return whom to trust, loaded once: each window of a sync is asked for over a connection of its own."""
    if not tls:  # nothing to trust, and loading all authorities takes a while
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with suppress(OSError):
        return httpx.create_ssl_context()
    raise ArgumentError(
        "Expected certificates in the file or folder that SSL_CERT_FILE or SSL_CERT_DIR names, found none; mend or "
        "unset it."
    )


def _connect(context: ssl.SSLContext, *, local: bool, headers: Mapping[str, str]) -> httpx.Client:
    with suppress(Exception):  # whatever is wrong with the proxy settings, it may show a password
        return httpx.Client(
            verify=context,
            trust_env=not local,
            event_hooks={"response": [_move_location]},
            limits=httpx.Limits(max_connections=1),
            headers={"user-agent": "usage-toolkit", **headers, "accept-encoding": "gzip"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
    raise ArgumentError(
        "Expected proxy settings that can be used in HTTPS_PROXY, ALL_PROXY and NO_PROXY, found one that can't; "
        "mend or unset it."
    )


def _diagnosis(exception: Exception, *, answered: bool) -> tuple[str, str]:
    """Return how the exchange broke, as `broken` knows it, and what more there is to say."""
    why = type(exception).__name__
    for kind, how in _BODY.items() if answered else _WAY.items():
        if isinstance(exception, kind):
            if how == "unreachable" and (refusal := _tls_refusal(exception)):
                return "untrusted", refusal
            if how == "no HTTP" and str(exception).startswith("Server disconnected"):
                return "closed", why
            return how, why
    return "unforeseen", why


_BODY: dict[type[Exception], str] = {
    EncodingError: "encoding",
    TooLargeError: "too large",
    CorruptError: "damaged",
    TruncatedError: "cut off",
    httpx.TransportError: "cut off",
}
_WAY: dict[type[Exception], str] = {
    httpx.ProxyError: "proxy",
    httpx.ConnectError: "unreachable",
    httpx.ConnectTimeout: "unreachable",
    httpx.TimeoutException: "silent",
    httpx.RemoteProtocolError: "no HTTP",
    httpx.NetworkError: "closed",
}


def _tls_refusal(exception: BaseException | None) -> str | None:
    """Return why TLS was refused, if that is at the bottom of `exception`."""
    while exception is not None:
        if isinstance(exception, ssl.SSLCertVerificationError):
            return exception.verify_message.rstrip(".")
        if isinstance(exception, ssl.SSLError) and not isinstance(exception, ssl.SSLEOFError):
            return (exception.reason or "no TLS").replace("_", " ").lower()
        exception = exception.__cause__ or exception.__context__
    return None
