"""Certificates and proxies: who may answer in the provider's name (A15, A16)."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import trustme

from asking import CANARY, ask
from fault_server import READ, Drip, Step, Tls, answer, serve
from usage_toolkit.errors import ArgumentError, FetchError

if TYPE_CHECKING:
    from pathlib import Path

GOOD: list[Step] = [READ, answer(b'{"data":[]}')]
PASSWORD = "hunter2-canary-of-a-proxy"  # noqa: S105  made up, to be looked for
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy or authority of this machine has a say here."""
    for name in (*VARIABLES, *map(str.lower, VARIABLES), "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that only a test trusts."""
    return trustme.CA()


def presented(authority: trustme.CA, *names: str, until: datetime | None = None) -> ssl.SSLContext:
    """Make a server's side of TLS, with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    since = datetime(2020, 1, 1, tzinfo=UTC) if until else None
    authority.issue_cert(*names, not_before=since, not_after=until).configure_cert(context)
    return context


@pytest.fixture
def _trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the authority, as someone behind a company's proxy would."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.mark.usefixtures("_trusted")
def test_a15_a_trusted_certificate_passes(authority: trustme.CA) -> None:
    """The authority that SSL_CERT_FILE names is trusted, and a kept connection serves over TLS too."""
    with serve(GOOD, tls=presented(authority, "127.0.0.1")) as server:
        assert ask(server).body == b'{"data":[]}'
    assert CANARY.encode() in server.requests[0]


@pytest.mark.usefixtures("_trusted")
def test_a15_the_deadline_reaches_under_tls(authority: trustme.CA) -> None:
    """A page that drips over TLS is cut at its deadline as any other."""
    slow: list[Step] = [READ, b"HTTP/1.1 200 OK\r\nX-Slow: ", Drip(b"a")]
    with serve(slow, tls=presented(authority, "127.0.0.1")) as server:
        with pytest.raises(FetchError, match=r"within 0\.4 s"):
            ask(server, page_deadline=0.4)
        assert server.connections == 1


def refused(server_context: ssl.SSLContext | None, script: list[Step], why: str) -> None:
    """Hold that a server is not believed: one connection, no request, one sentence."""
    with serve(script, tls=server_context) as server:
        url = server.url.replace("http:", "https:")
        with pytest.raises(FetchError, match=f"found none to trust .*{why}.* set SSL_CERT_FILE to ") as caught:
            ask(url)
        assert (server.connections, server.requests) == (1, [])
    assert f"127.0.0.1:{server.port}" in str(caught.value)
    assert "verify" not in str(caught.value).replace("certificate verify", "")


def test_a15_an_unknown_authority(authority: trustme.CA) -> None:
    """A certificate that nobody vouches for is refused at once."""
    refused(presented(authority, "127.0.0.1"), GOOD, "certificate")


@pytest.mark.usefixtures("_trusted")
def test_a15_a_certificate_for_another_host(authority: trustme.CA) -> None:
    """A trusted certificate for another name proves nothing here."""
    refused(presented(authority, "api.venice.ai"), GOOD, "not valid for '127.0.0.1'")


@pytest.mark.usefixtures("_trusted")
def test_a15_an_expired_certificate(authority: trustme.CA) -> None:
    """A certificate of former times proves nothing any more."""
    refused(presented(authority, "127.0.0.1", until=datetime(2021, 1, 1, tzinfo=UTC)), GOOD, "expired")


@pytest.mark.parametrize(
    "said", [b"\x15\x03\x01\x00\x02\x02\x46", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["old TLS", "no TLS"]
)
def test_a15_an_old_protocol_or_none(said: bytes) -> None:
    """A server that speaks only old TLS, or none, is refused at once; it never sees a request."""
    with serve([said]) as server:
        with pytest.raises(FetchError, match="found none to trust"):
            ask(server.url.replace("http:", "https:"))
        assert server.connections == 1


@pytest.mark.parametrize("script", [[], [b"\x16\x03"]], ids=["nothing", "half a word"])
def test_a15_a_handshake_that_breaks_off(script: list[Step]) -> None:
    """A connection lost during the handshake is no verdict on the certificate, and is tried again."""
    with serve(script) as server, pytest.raises(FetchError, match="found no connection, 5 times"):
        ask(server.url.replace("http:", "https:"))


def test_a16_a_proxy_that_wants_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy's refusal is told without its password, once, and it never gets the key."""
    with serve([READ, answer(b"", status=407)]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@127.0.0.1:{proxy.port}")
        with pytest.raises(FetchError, match="found that it refuses; check HTTPS_PROXY") as caught:
            ask("https://api.provider.example")
        assert proxy.connections == 1
    assert proxy.requests[0].startswith(b"CONNECT api.provider.example:443 ")
    assert CANARY.encode() not in b"".join(proxy.requests)
    assert PASSWORD not in str(caught.value)


def test_a16_a_proxy_that_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that lets the connection through and then breaks it is tried again, and never gets the key."""
    with serve([READ, b"HTTP/1.1 200 OK\r\n\r\n"]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(FetchError, match="found no connection, 5 times"):
            ask("https://api.provider.example")
        assert proxy.connections == 5
    assert CANARY.encode() not in b"".join(proxy.requests)


@pytest.mark.usefixtures("_trusted")
def test_a16_a_proxy_that_reads_along(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that answers in the provider's place has no certificate for its name, and never gets the key."""
    with serve([READ, b"HTTP/1.1 200 OK\r\n\r\n", Tls(presented(authority, "proxy.example")), *GOOD]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(FetchError, match=r"found none to trust .*not valid for 'api\.provider\.example'"):
            ask("https://api.provider.example")
        assert proxy.connections == 1
    assert CANARY.encode() not in b"".join(proxy.requests)


def test_a16_this_machine_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A local server is asked directly, whatever the environment says, so that no proxy sees a key in clear."""
    with serve(GOOD) as proxy, serve(GOOD) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url)
        ask(server)
        ask(server.url.replace("127.0.0.1", "localhost"))
        assert (server.connections, proxy.connections) == (2, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", f"ftp://me:{PASSWORD}@proxy.example"),
        ("ALL_PROXY", f"socks5://me:{PASSWORD}@proxy.example"),
        ("SSL_CERT_FILE", f"/nowhere/{PASSWORD}.pem"),
    ],
)
def test_a16_settings_that_can_not_be_used(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy or an authority that makes no sense is told before any request, without repeating it."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ArgumentError, match=f"Expected .*{name}.* mend or unset it") as caught:
        ask("https://api.provider.example")
    assert PASSWORD not in str(caught.value)
    assert caught.value.__context__ is None
