"""A server that does to a client, byte by byte, what a test asks for: over real sockets on this machine.

Each connection gets one script, in order; the last script is for all further connections too. A script is a list of
steps: bytes to send, or one of the steps below. After it the server closes. Nothing here knows HTTP but `answer`.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class Read:
    """Read one request, up to the empty line, and keep it."""


@dataclass(frozen=True)
class Reset:
    """Drop the connection with a reset instead of a farewell."""


@dataclass(frozen=True)
class Hold:
    """Say nothing more until the client hangs up."""


@dataclass(frozen=True)
class Drip:
    """Send the same bytes every now and then, until the client hangs up."""

    data: bytes
    every: float = 0.02


@dataclass(frozen=True)
class Tls:
    """Go on in TLS."""

    context: ssl.SSLContext


@dataclass(frozen=True)
class Call:
    """Do something else at this moment."""

    function: Callable[[], object]


Step = bytes | Read | Reset | Hold | Drip | Call | Tls
READ, RESET, HOLD = Read(), Reset(), Hold()


def answer(
    body: bytes = b"{}", *, status: int = 200, headers: Mapping[str, str] | None = None, length: int | None = None
) -> bytes:
    """Make an answer whose framing is right, unless `length` says otherwise."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body) if length is None else length)}
    fields.update(headers or {})
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(body: bytes, *, size: int = 7, headers: str = "") -> bytes:
    """Make a chunked answer of pieces of so many bytes."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}Transfer-Encoding: chunked\r\n\r\n"
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return head.encode() + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def close_delimited(body: bytes, *, headers: str = "") -> bytes:
    """Make an answer that ends where the connection ends."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}\r\n".encode() + body


@dataclass
class FaultServer:
    """Follows its scripts, one for each connection, and keeps what it was sent.

    Attributes
    ----------
    requests
        Every request, as it came, in order.
    connections
        How many connections were made, TLS or not.
    """

    scripts: tuple[Sequence[Step], ...]
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((self.host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._open:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed: the test is over
            while True:
                line, _ = self._listener.accept()
                script = self.scripts[min(self.connections, len(self.scripts) - 1)]
                self.connections += 1
                self._open.append(line)
                self._start(self._serve, line, script)

    def _serve(self, line: socket.socket, script: Sequence[Step]) -> None:
        with contextlib.suppress(OSError):  # the client may hang up at any step
            for step in script if self.tls is None else [Tls(self.tls), *script]:
                if isinstance(step, Tls):
                    line = step.context.wrap_socket(line, server_side=True)
                    self._open.append(line)
                else:
                    self._follow(line, step)
        line.close()

    def _follow(self, line: socket.socket, step: bytes | Read | Reset | Hold | Drip | Call) -> None:
        if isinstance(step, bytes):
            line.sendall(step)
        elif isinstance(step, Read):
            self._read(line)
        elif isinstance(step, Reset):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif isinstance(step, Call):
            step.function()
        elif isinstance(step, Hold):
            while line.recv(65_536):
                pass
        else:
            while not select.select([line], [], [], step.every)[0]:
                line.sendall(step.data)

    def _read(self, line: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            piece = line.recv(65_536)
            if not piece:
                raise ConnectionError
            request += piece
        self.requests.append(request)


def serve(*scripts: Sequence[Step], tls: ssl.SSLContext | None = None) -> FaultServer:
    """Serve these scripts, one for each connection; the last is for all further ones."""
    return FaultServer(scripts, tls=tls)
