"""A key never leaves the process but to the provider: not in a message, a traceback with locals, a log or an object."""

from __future__ import annotations

import base64
import gc
import json
import logging
import pickle
import signal
import threading
import traceback
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from asking import CANARY, client
from fault_server import HOLD, READ, RESET, Call, Step, answer, chunked, close_delimited, serve
from usage_toolkit._http import Client
from usage_toolkit._key import Key
from usage_toolkit.errors import UsageToolkitError, UsageToolkitWarning

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = CANARY.encode()
ECHO = {"X-Echo": CANARY, "Set-Cookie": f"key={CANARY}", "WWW-Authenticate": f'Bearer realm="{CANARY}"'}
PAGE = b'{"data":[]}'

SCENARIOS: dict[str, list[Step]] = {
    "good": [READ, answer(PAGE, headers=ECHO)],
    "no answer": [READ],
    "reset": [READ, b"HTTP/1.1 200", RESET],
    "short": [READ, answer(KEY, length=1000, headers=ECHO)],
    "cut gzip": [READ, close_delimited(b"\x1f\x8b\x08", headers="Content-Encoding: gzip\r\n")],
    "no gzip": [READ, answer(KEY, headers={"Content-Encoding": "gzip", **ECHO})],
    "encoding": [READ, answer(KEY, headers={"Content-Encoding": CANARY})],
    "too large": [READ, answer(KEY * 100)],
    "slow": [READ, answer(KEY, length=1000), HOLD],
    "no HTTP": [READ, KEY + b"\r\n\r\n"],
    "status line": [READ, b"HTTP/1.1 " + KEY + b"\r\n\r\n"],
    "header name": [READ, b"HTTP/1.1 200 OK\r\n" + KEY + b"\r\n\r\n"],
    "header value": [READ, b"HTTP/1.1 200 OK\r\nContent-Length: " + KEY + b"\r\n\r\n"],
    "chunk": [READ, chunked(b"")[:-5] + KEY + b"\r\n"],
    "redirect": [READ, answer(KEY, status=302, headers={"Location": f"https://{CANARY}.example/{CANARY}", **ECHO})],
    "redirect to user": [READ, answer(b"", status=307, headers={"Location": f"https://{CANARY}@x.example:99999/"})],
    "sign-in page": [READ, answer(b"<p>" + KEY, headers={"Content-Type": "text/html"})],
    "kind": [READ, answer(PAGE, headers={"Content-Type": CANARY})],
    "error in 200": [READ, answer(b'{"error":"no such key: ' + KEY + b'"}')],
    "error in quotes": [READ, answer(b'{"error":"' + quote(f"Bearer {CANARY}").encode() + b'"}')],
    "end": [READ, answer(PAGE, headers={"Sunset": CANARY, "Link": f"</{CANARY}>; rel=successor-version"})],
    "gone": [READ, answer(KEY, status=410, headers={"Sunset": CANARY, "Link": f"</{CANARY}>; rel=successor-version"})],
    "long wait": [READ, answer(KEY, status=429, headers={"Retry-After": "86400", "Date": CANARY, **ECHO})],
    "part of it": [READ, answer(b'{"error":"' + KEY[:12] + b'"}', status=400)],
    "base64": [READ, answer(base64.b64encode(b"user:" + KEY), status=400)],
    "hex": [READ, answer(KEY.hex().upper().encode(), status=400)],
    **{f"{code}": [READ, answer(b'{"error":{"message":"bad key ' + KEY + b'"}}', status=code, headers=ECHO)]
       for code in (204, 304, 400, 401, 402, 403, 404, 407, 408, 422, 429, 500, 503, 529, 600)},
}  # fmt: skip


def shown(text: str) -> list[str]:
    """List the forms in which the key, or twelve characters of it, shows in a text."""
    pieces = [CANARY[at : at + 12] for at in range(len(CANARY) - 11)]
    forms = [*pieces, *(piece.encode().hex() for piece in pieces), *(quote(piece, safe="") for piece in pieces)]
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + KEY).decode().rstrip("=")
        forms += [coded[at : at + 16] for at in range(4, len(coded) - 16)]
    return [form for form in forms if form in text or form.upper() in text]


def test_what_looks_for_the_key_finds_it() -> None:
    """The search itself works, in each form."""
    for text in (CANARY, CANARY[5:20], KEY.hex(), base64.b64encode(b"x" + KEY).decode(), quote(CANARY)):
        assert shown(f"before {text} after")
    assert not shown("nothing of it here, sk-ant-adm")


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Every log line, of every library, at every level, as it would be written."""
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.name} {self.format(record)} {record.__dict__}")

    root, handler = logging.getLogger(), Lines(logging.DEBUG)
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(before)


def provoked(asking: Client) -> BaseException | None:
    """Ask once; the error, if there is one, with all its frames."""
    try:
        asking.get("/usage", {"cursor": "c"})
    except BaseException as error:  # noqa: BLE001  whatever comes is to be searched
        return error
    return None


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Walk an error and all that it refers to."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def everything(error: BaseException) -> Iterator[str]:
    """Every text that a traceback, a debugger or a report could show of an error."""
    yield "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    for one in chain(error):
        yield f"{one} {one!r} {one.args} {vars(one)}"
        for frame, _ in traceback.walk_tb(one.__traceback__):
            for value in frame.f_locals.values():
                yield repr(value)
                yield repr(getattr(value, "__dict__", None))


@pytest.mark.parametrize("name", list(SCENARIOS))
@pytest.mark.filterwarnings("default::usage_toolkit.UsageToolkitWarning")
def test_no_error_or_log_shows_the_key(name: str, log: list[str], recwarn: pytest.WarningsRecorder) -> None:
    """Whatever a server does, even if it sends the key back, no error, warning or log line has a piece of it."""
    with (
        serve(SCENARIOS[name]) as server,
        client(server, page_deadline=0.3 if name == "slow" else 60.0, limit=2000) as asking,
    ):
        error = provoked(asking)
        assert CANARY.encode() in server.requests[0]
    texts = [*log, *(str(warning.message) for warning in recwarn)]
    assert (error is None) == (name in ("good", "end"))
    if error is not None:
        assert isinstance(error, UsageToolkitError)
        assert error.__cause__ is error.__context__ is None
        texts += everything(error)
    assert not [form for text in texts for form in shown(text)]
    assert not [line for line in log if "http11" in line or "cursor" in line]


def test_logs_of_others_stay() -> None:
    """Only our own requests are kept out of the library's log; whoever else uses it sees theirs."""
    record = logging.LogRecord("httpx", logging.INFO, __file__, 1, "theirs", None, None)
    assert logging.getLogger("httpx").filter(record)


def test_no_object_shows_the_key() -> None:
    """No object that lives while a client does prints the key, but those of the library that hold the bytes to send."""
    with serve([READ, answer(PAGE), READ, answer(PAGE)]) as server, client(server) as asking:
        reply = asking.get("/usage", {})
        ours = [one for one in gc.get_objects() if str(type(one).__module__).startswith("usage_toolkit")]
        assert {type(one).__name__ for one in ours} >= {"Client", "Key", "Line", "Deadline", "Patience"}
        texts = [
            text
            for one in [*ours, reply]
            for text in (repr(one), str(one), f"{one}", repr(getattr(one, "__dict__", "")))
        ]
        assert not [form for text in texts for form in shown(text)]
        assert not shown(json.dumps({"client": asking}, default=str))
        with pytest.raises(TypeError):
            pickle.dumps(asking)


@pytest.mark.parametrize("key", ["", CANARY + "\n", f'"{CANARY}"', CANARY + "\u2026", CANARY + "\0", " " + CANARY])
def test_a_bad_key_is_refused_before_any_connection(key: str) -> None:
    """A key that can't be one is told about without a piece of it, and nothing is sent."""

    def made(url: str, held: Key) -> BaseException | None:
        try:
            Client(url, key=held)
        except BaseException as error:  # noqa: BLE001  whatever comes is to be searched
            return error
        return None

    with serve([READ, answer(PAGE)]) as server:
        error = made(server.url, Key.of(key, env="VENICE_ADMIN_KEY"))
        assert server.connections == 0
    assert isinstance(error, UsageToolkitError)
    assert "VENICE_ADMIN_KEY" in str(error)
    assert not [form for text in everything(error) for form in shown(text)]


def test_an_interrupt_shows_no_frame_of_the_library() -> None:
    """Interrupting a request, the traceback ends in our own code, where no header is; the client can go on."""
    main = threading.get_ident()
    interrupt = Call(lambda: signal.pthread_kill(main, signal.SIGINT))
    with serve([READ, interrupt, HOLD], [READ, answer(PAGE)]) as server, client(server) as asking:
        error = provoked(asking)
        assert isinstance(error, KeyboardInterrupt)
        assert error.__cause__ is error.__context__ is None
        files = {frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)}
        assert all("usage_toolkit" in file or file == __file__ for file in files)
        assert not [form for text in everything(error) for form in shown(text)]
        assert asking.get("/usage", {}).body == PAGE


def test_a_warning_shows_no_key() -> None:
    """Also the warning about a coming end leaves out what repeats the key."""
    with serve(SCENARIOS["end"]) as server, client(server) as asking, pytest.warns(UsageToolkitWarning) as caught:
        asking.get("/usage", {})
    assert not shown(str(caught[0].message))


def test_a_client_for_each_thread() -> None:
    """Several clients at once share the quota of a host and nothing else."""
    bodies: list[bytes] = []
    good: list[Step] = [READ, answer(PAGE)]
    scripts: list[list[Step]] = [[READ, answer(b"{}", status=503)], good * 10]

    def walk() -> None:
        with client(server) as asking:
            bodies.extend(asking.get("/usage", {"page": n}).body for n in range(5))

    with serve(*scripts) as server:
        threads = [threading.Thread(target=walk) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert bodies == [PAGE] * 30
