"""A loopback socket that speaks HTTP/1.1 with kept connections, and ends them as it is told.

It knows nothing of what is asked: one function turns a request into the bytes to send.
"""

from __future__ import annotations

import os
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any

from simulator.wire import Ending, Wire

Respond = Callable[[str, str, Mapping[str, str]], Wire]
"""Takes method, target and headers, their names in lower case."""


class Loopback(socketserver.ThreadingTCPServer):
    """Listens on a free port, a thread for each connection; after `stop` all of them are gone."""

    request_queue_size = 128

    def __init__(self, respond: Respond) -> None:
        self.failures: list[BaseException] = []
        self._open: set[socket.socket] = set()
        self._listener = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        super().__init__(("127.0.0.1", 0), partial(_Connection, respond))

    def start(self) -> None:
        """Begin to answer."""
        self._listener.start()

    def stop(self) -> None:
        """Close every connection and wait for its thread."""
        self.shutdown()
        self._listener.join()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed or reset meanwhile
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then answer it in its own thread."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection and forget it."""
        super().shutdown_request(request)
        self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the parent's signature
        """Keep what went wrong, except that a client went away."""
        failure = sys.exc_info()[1]
        if failure is not None and not isinstance(failure, ConnectionError):
            self.failures.append(failure)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, respond: Respond, *connection: Any) -> None:
        self._respond = respond
        super().__init__(*connection)

    def do_GET(self) -> None:
        wire = self._respond(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        self.wfile.write(wire.data)
        if wire.ending is not Ending.KEEP:
            self.close_connection = True
        if wire.ending is Ending.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())

    do_DELETE = do_PATCH = do_POST = do_PUT = do_GET  # noqa: N815 - the parent's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's signature
        """Print nothing."""
