"""Transport: a whole page or a sentence, whatever happens to the bytes on the way (A1 to A19)."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asking import CANARY, Time, ask, client
from fault_server import HOLD, READ, RESET, Drip, Step, answer, chunked, close_delimited, serve
from usage_toolkit._http import Reply
from usage_toolkit._http.line import _KeyAuth
from usage_toolkit.errors import ArgumentError, ContractError, FetchError

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = b'{"data":[' + b",".join(b'{"amount":-%d.0%d}' % (n, n * n) for n in range(20)) + b"]}"
GZIPPED = gzip.compress(PAGE, mtime=0)
GZIP = {"Content-Encoding": "gzip"}
GOOD: list[Step] = [READ, answer(PAGE)]


def test_a_page_is_asked_for_as_documented() -> None:
    """One GET with the key, the wished format and gzip as the only encoding; the body comes back as it was sent."""
    with serve(GOOD) as server:
        reply = ask(server)
    assert reply == Reply(200, reply.headers, PAGE, framed=True, retries=0, url_path="/usage")
    assert reply.headers["content-type"] == "application/json"
    head = server.requests[0].decode().lower().split("\r\n")
    assert head[0] == "get /usage?limit=10 http/1.1"
    assert {"accept: application/json", "accept-encoding: gzip", f"authorization: bearer {CANARY.lower()}"} <= set(head)
    assert server.connections == 1


def test_the_key_goes_into_the_header_that_the_provider_reads() -> None:
    """Another provider may want another header without a word before the key."""
    with serve(GOOD) as server:
        ask(server, header="x-api-key", scheme="")
    assert f"x-api-key: {CANARY}".encode() in server.requests[0]
    assert b"authorization" not in server.requests[0].lower()


def test_pages_share_a_connection_and_no_cookies() -> None:
    """A kept connection serves page after page, and nothing that a server sets is sent back."""
    page = answer(PAGE, headers={"Set-Cookie": "track=me; Path=/"})
    with serve([READ, page, READ, page, READ, page]) as server, client(server) as asking:
        assert [asking.get("/usage", {"page": n}).body for n in range(3)] == [PAGE] * 3
    assert server.connections == 1
    assert b"cookie" not in b"".join(server.requests).lower()


def test_a1_nobody_listens() -> None:
    """A closed port is one sentence after a few quick attempts, and waits far less than 15 s in all."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    calm = Time()
    with pytest.raises(FetchError, match=r"found no connection, 5 times; check the network and base_url\.$"):
        ask(f"http://127.0.0.1:{port}", calm, random=lambda: 1.0)
    assert sum(calm.slept) <= 7.5


def test_a1_being_offline_uses_up_no_quota() -> None:
    """A host that saw nothing counts no failure, so asking again does not wait."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    calm = Time()
    for _ in range(4):
        with pytest.raises(FetchError, match="found no connection"):
            ask(f"http://127.0.0.1:{port}", calm)
    assert len(calm.slept) == 16


def test_a2_a_connection_that_is_never_made() -> None:
    """A host that takes no connection is given up at the deadline of the page."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        crowd = [socket.socket() for _ in range(4)]  # they fill the queue, and nobody ever accepts
        for one in crowd:
            one.settimeout(0)
            one.connect_ex(listener.getsockname())
        began = time.monotonic()
        with pytest.raises(FetchError, match=r"within 0\.3 s"):
            ask(f"http://127.0.0.1:{listener.getsockname()[1]}", page_deadline=0.3)
        assert time.monotonic() - began < 1.3
        for one in crowd:
            one.close()


def test_a3_a_reset_anywhere() -> None:
    """A connection that is reset at any byte of the answer is tried again, and the page is whole."""
    whole = answer(PAGE)
    cuts = [0, 1, 15, *range(16, len(whole), 29)]
    scripts: list[list[Step]] = [[READ, whole[:cut], RESET] for cut in cuts]
    with serve(*(script for broken in scripts for script in (broken, GOOD))) as server:
        calm = Time()
        for _ in cuts:
            reply = ask(server, calm)
            assert (reply.body, reply.retries) == (PAGE, 1)
    assert server.connections == 2 * len(cuts)


FRAMINGS: dict[str, Callable[[bytes], bytes]] = {
    "length": lambda body: answer(body, headers=GZIP),
    "chunked": lambda body: chunked(body, size=1000, headers="Content-Encoding: gzip\r\n"),
    "close": lambda body: close_delimited(body, headers="Content-Encoding: gzip\r\n"),
}


@pytest.mark.parametrize("cut", ["plain", "chunked"])
def test_a4_shorter_than_announced_at_every_byte(cut: str) -> None:
    """A body that ends before its announced end is never a page, wherever it ends."""
    whole = answer(PAGE) if cut == "plain" else chunked(PAGE, size=64)
    start = whole.index(b"\r\n\r\n") + 4
    scripts: list[list[Step]] = [[READ, whole[:end]] for end in range(start, len(whole))]
    with serve(*scripts) as server:
        calm = Time()
        while server.connections < len(whole) - start:
            with pytest.raises(
                FetchError, match=r"found it cut off after [\d,]+ bytes, \d times; nothing of it was kept"
            ):
                ask(server, calm, budget=1e9)


@pytest.mark.parametrize("frame", list(FRAMINGS))
def test_a6_truncated_gzip_at_every_byte(frame: str) -> None:
    """Gzip that was cut anywhere is never a page, even if the framing around the rest is right."""
    cuts = range(1, len(GZIPPED))
    scripts: list[list[Step]] = [[READ, FRAMINGS[frame](GZIPPED[:cut])] for cut in cuts]
    with serve(*scripts) as server:
        calm = Time()
        while server.connections < len(cuts):
            with pytest.raises(FetchError, match="cut off"):
                ask(server, calm, budget=1e9)


def test_a6_a_cut_page_is_fetched_again() -> None:
    """One cut answer is invisible but for the count of retries."""
    with serve([READ, FRAMINGS["close"](GZIPPED[:50])], [READ, FRAMINGS["chunked"](GZIPPED)]) as server:
        reply = ask(server)
    assert (reply.body, reply.retries, reply.framed) == (PAGE, 1, True)


def test_a5_an_end_that_nothing_announced_is_said() -> None:
    """A body that ends with the connection may have been cut, so the reply says that nobody can tell."""
    with serve([READ, close_delimited(PAGE[:30])]) as server:
        reply = ask(server)
    assert (reply.body, reply.framed) == (PAGE[:30], False)


@pytest.mark.parametrize(
    "body", [PAGE, GZIPPED[:-8] + bytes(8), GZIPPED[:40] + b"\xff" + GZIPPED[41:], GZIPPED + b"junk"]
)
def test_a7_damaged_gzip_is_tried_once_more(body: bytes) -> None:
    """Damage may be chance, so it is asked for once more, and then told in a sentence without zlib's words."""
    with serve([READ, answer(body, headers=GZIP)]) as server, pytest.raises(ContractError, match="damaged"):
        ask(server)
    assert server.connections == 2


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_a7_an_encoding_that_nobody_asked_for(encoding: str) -> None:
    """An encoding other than gzip is refused at once."""
    with serve([READ, answer(PAGE, headers={"Content-Encoding": encoding})]) as server:
        with pytest.raises(ContractError, match="another encoding"):
            ask(server)
        assert server.connections == 1


@pytest.mark.parametrize("frame", list(FRAMINGS))
def test_a8_all_members_of_gzip(frame: str) -> None:
    """A body of several gzip members is decoded to its end."""
    with serve([READ, FRAMINGS[frame](gzip.compress(PAGE[:70]) + gzip.compress(PAGE[70:]))]) as server:
        assert ask(server).body == PAGE


def test_a9_a_bomb_is_refused_with_little_memory() -> None:
    """250 kB that would become 256 MiB are refused at the limit, at once and without taking much more than that."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(256)) + packer.flush()
    with serve([READ, answer(bomb, headers=GZIP)]) as server:
        tracemalloc.start()
        with pytest.raises(
            ContractError, match=r"expected at most 8,388,608 bytes from /usage, found more; .* ask for less"
        ):
            ask(server, limit=8 * 2**20)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert server.connections == 1
    assert peak < 24 * 2**20


def test_a10_a_plain_body_over_the_limit() -> None:
    """A plain body is bounded too, and exactly the limit still passes."""
    with serve(GOOD) as server:
        assert ask(server, limit=len(PAGE)).body == PAGE
        with pytest.raises(ContractError, match="found more"):
            ask(server, limit=len(PAGE) - 1)


START = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SLOW: dict[str, list[Step]] = {
    "no answer": [READ, HOLD],
    "header": [READ, START + b"X-Slow: ", Drip(b"a")],
    "body": [READ, START + b"Content-Length: 100000\r\n\r\n", Drip(b" ")],
    "chunks": [READ, START + b"Transfer-Encoding: chunked\r\n\r\n", Drip(b"1\r\n \r\n")],
    "gzip of nothing": [READ, close_delimited(b"", headers="Content-Encoding: gzip\r\n"), Drip(gzip.compress(b""))],
    "interim answers": [READ, Drip(b"HTTP/1.1 100 Continue\r\n\r\n")],
}


@pytest.mark.parametrize("how", list(SLOW))
def test_a11_a_slow_answer_ends_at_the_deadline(how: str) -> None:
    """However a server keeps a client waiting, the page ends within a second of its deadline, and is not retried."""
    with serve(SLOW[how]) as server:
        began = time.monotonic()
        with pytest.raises(FetchError, match=r"expected all of /usage within 0\.4 s, found [\d,]+ bytes by then"):
            ask(server, page_deadline=0.4)
        assert time.monotonic() - began < 1.4
        assert server.connections == 1


def test_a11_the_deadline_holds_on_a_kept_connection() -> None:
    """The second page over one connection has a deadline of its own."""
    with serve([READ, answer(PAGE), *SLOW["header"]]) as server, client(server, page_deadline=0.4) as asking:
        assert asking.get("/usage", {}).body == PAGE
        with pytest.raises(FetchError, match=r"within 0\.4 s"):
            asking.get("/usage", {})
        assert server.connections == 1


def test_a11_a_page_in_time_is_not_cut_later() -> None:
    """Once a page has arrived, its deadline is over for good."""
    with serve([READ, answer(PAGE), READ, answer(PAGE)]) as server, client(server, page_deadline=0.2) as asking:
        asking.get("/usage", {})
        asking._line._deadline._cut()
        assert asking.get("/usage", {}).retries == 0
        assert server.connections == 1


MALFORMED = {
    "garbage": b"\x16\x03\x01\x02\x00 no such protocol",
    "HTTP/0.9": b"<html>hello</html>",
    "half a status line": b"HTTP/1.1 2",
    "status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "1 MB header": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 2**20 + b"\r\n\r\n",
    "10,000 headers": b"HTTP/1.1 200 OK\r\n" + b"X-Filler: abcdefgh\r\n" * 10_000 + b"\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "length of letters": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
    "strange framing": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "bare name": b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
    "NUL in a header": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\n{}",
    "no valid chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("sent", list(MALFORMED.values()), ids=list(MALFORMED))
def test_a12_a13_what_is_not_http(sent: bytes) -> None:
    """Headers out of bounds and bytes of another world are tried again, and then told in one sentence."""
    with serve([READ, sent]) as server, pytest.raises(FetchError, match=r"found .*, 6 times; "):
        ask(server)
    assert server.connections == 6


def test_a12_a_folded_header_is_still_a_header() -> None:
    """The old way to continue a header on the next line harms nothing."""
    with serve([READ, b"HTTP/1.1 200 OK\r\nX-Old: a\r\n  b\r\nContent-Length: 2\r\n\r\n{}"]) as server:
        assert ask(server).headers["x-old"] == "a b"


@pytest.mark.parametrize("script", [[READ], [READ, RESET], [RESET]])
def test_a13_no_answer_at_all(script: list[Step]) -> None:
    """A server that hangs up without a word is asked again."""
    with serve(script, GOOD) as server:
        assert ask(server).retries == 1
    with (
        serve(script) as server,
        pytest.raises(FetchError, match=r"found (the connection closed|no connection), \d times"),
    ):
        ask(server)


@given(st.binary(max_size=200), st.booleans())
@settings(max_examples=60)
def test_a13_any_bytes_are_a_page_or_a_sentence(sent: bytes, headed: bool) -> None:  # noqa: FBT001  drawn, not passed
    """No bytes make another error than ours."""
    with serve([READ, (START if headed else b"") + sent]) as server:
        try:
            reply = ask(server)
        except FetchError:
            return
    assert reply.body


@pytest.mark.parametrize("ending", [[], [READ], [READ, RESET]])
def test_a14_a_kept_connection_that_was_closed(ending: list[Step]) -> None:
    """A server may close a kept connection between pages: the next page just opens another, and nothing is counted."""
    with serve([READ, answer(PAGE), *ending]) as server:
        calm = Time()
        with client(server, calm) as asking:
            assert [asking.get("/usage", {"page": n}).retries for n in range(2)] == [0, 0]
        assert not calm.slept
        assert server.connections == 2


def test_a14_only_one_retry_is_free() -> None:
    """What fails on a fresh connection as well is a failure like any other."""
    with serve([READ, answer(PAGE), READ], [READ], GOOD) as server:
        calm = Time()
        with client(server, calm) as asking:
            assert [asking.get("/usage", {"page": n}).retries for n in range(2)] == [0, 1]
        assert len(calm.slept) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a17_a_redirect_is_not_followed(status: int) -> None:
    """The host that it points to is named and gets no connection at all."""
    with serve(GOOD) as other:
        there = {"Location": f"{other.url}/usage?steal=1"}
        with serve([READ, answer(b"", status=status, headers=there)]) as server:
            with pytest.raises(
                FetchError, match=rf"found {status}, a redirect to http://127\.0\.0\.1; .* not followed"
            ):
                ask(server)
            assert server.connections == 1
        assert (other.connections, other.requests) == (0, [])


@pytest.mark.parametrize(
    "target", ["", "/login", "//", "http://[", "http://a b/", "javascript:alert(1)", "\xff://\xfe"]
)
def test_a17_a_redirect_to_nowhere(target: str) -> None:
    """A redirect whose target makes no sense is a sentence too."""
    with serve([READ, answer(b"", status=302, headers={"Location": target})]) as server:
        with pytest.raises(FetchError, match="a redirect to"):
            ask(server)
        assert server.connections == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://api.venice.ai/api/v1", "http://10.0.0.1", "http://127.0.0.1.example.com", "http://localhost.example.com",
        "http://127.1", "http://[::2]", "https://user:hunter2@api.venice.ai", "https://api.venice.ai@evil.example",
        "http://127.0.0.1@evil.example", "https://api.venice.ai?x=1", "https://api.venice.ai#x", "https://", "https:///v1",
        "ftp://127.0.0.1", "api.venice.ai", "", " https://api.venice.ai", "https://api.venice.ai\n", "https://a\\b",
        "https://api.venice.ai:99999", "https://api.venice.ai/../x", "https://api.venice.ai//x", "https://[::1",
        "https:/a",
        "https://exämple.org", "https://api.venice.ai/v1;x", "file:///etc/passwd", "HTTP://api.venice.ai",
    ],
)  # fmt: skip
def test_a18_an_address_that_no_key_may_go_to(url: str) -> None:
    """Refused before any request, without repeating what may be a password in it."""
    with pytest.raises(ArgumentError, match="base_url: expected https://") as caught:
        client(url)
    assert "hunter2" not in str(caught.value)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["https://api.venice.ai/api/v1/", "http://localhost:1", "http://127.8.9.1", "http://[::1]:8080/x", "HTTPS://a.b"],
)
def test_a18_addresses_that_pass(url: str) -> None:
    """A provider over TLS, or this very machine."""
    client(url).close()


def test_a18_localhost_by_name() -> None:
    """A local server that stands in for a provider may be called by its name."""
    with serve(GOOD) as server:
        assert ask(server.url.replace("127.0.0.1", "localhost")).body == PAGE


@pytest.mark.parametrize(
    "cursor", ["https://evil.example/next", "//evil.example", "@evil.example", "a&b=c#d", "\r\nX: y", "é"]
)
def test_a19_a_cursor_is_a_value_and_no_address(cursor: str) -> None:
    """Whatever a provider gives as the next page, it goes back to that provider as one value of the query."""
    with serve(GOOD) as server, client(server) as asking:
        asking.get("/usage", {"cursor": cursor})
    line = server.requests[0].split(b"\r\n")[0].decode()
    assert line.startswith("GET /usage?cursor=")
    assert not set(line[len("GET /usage?cursor=") : -len(" HTTP/1.1")]) & set("/:@&#= ")
    assert b"\r\nX: y" not in server.requests[0]


@pytest.mark.parametrize(
    "path", ["usage", "//evil.example/x", "/a//b", "/../x", "/a?b=c", "/a#b", "/a b", "/a\r\nX: y", "@evil"]
)
def test_a19_a_path_is_a_plain_path(path: str) -> None:
    """A path that could lead elsewhere is refused before any request."""
    with serve(GOOD) as server, client(server) as asking:
        with pytest.raises(ArgumentError):
            asking.get(path, {})
        assert server.connections == 0


def test_a19_a_cursor_that_is_no_unicode() -> None:
    """Half a character, as JSON can hold, is refused in a sentence."""
    with serve(GOOD) as server, client(server) as asking, pytest.raises(ArgumentError):
        asking.get("/usage", {"cursor": "\ud800"})


def test_the_key_is_refused_to_any_other_address() -> None:
    """Even if a request to another address came about, it would get no key."""
    import httpx

    from usage_toolkit._key import Key

    auth = _KeyAuth(
        Key.of(CANARY, env="K"), base_url="https://api.example/v1", header="Authorization", scheme="Bearer "
    )
    for url in ("http://api.example/v1", "https://api.example:444/v1", "https://other.example/v1"):
        with pytest.raises(ArgumentError):
            next(auth.auth_flow(httpx.Request("GET", url)))
    assert CANARY in next(auth.auth_flow(httpx.Request("GET", "https://api.example/v2"))).headers["authorization"]


def test_a15_nothing_can_switch_checks_off() -> None:
    """No line of the package turns off the check of a certificate or of its name."""
    sources = "".join(file.read_text() for file in (Path(__file__).parents[1] / "usage_toolkit").rglob("*.py"))
    for switch in ("verify=False", "CERT_NONE", "check_hostname", "_create_unverified", "follow_redirects=True"):
        assert switch not in sources


def test_further_headers_go_with_every_request() -> None:
    """Also after the connection was made anew; a list of values is repeated under its name."""
    with serve([READ, RESET], [READ, answer(b"{}")]) as server, client(server, headers={"api-version": "7"}) as asking:
        asking.get("/usage", {"by[]": ("a", "b"), "limit": 10})
        assert len(server.requests) == 2
        for request in server.requests:
            assert b"api-version: 7" in request.lower()
            assert b"/usage?by%5B%5D=a&by%5B%5D=b&limit=10 " in request
