"""A naive client on the standard library, to look at the simulated Venice from outside; it retries nothing."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from simulator.ledger import Details, Row, read_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.server import VeniceServer

KEY = "VENICE_ADMIN_KEY_" + "c4n4ry" * 5
HISTORY = "/billing/usage-history"
USAGE = "/billing/usage"
JSON = "application/json"
CSV = "text/csv"


@dataclass(frozen=True)
class Reply:
    """An answer, its header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body with every number as the text of its digits."""
        return json.loads(self.body, parse_float=str, parse_int=str)

    @property
    def rows(self) -> list[Row]:
        """The rows of a page in JSON or CSV."""
        if self.headers["content-type"].startswith(CSV):
            return read_csv(self.body)
        return [_row(entry) for entry in self.json["data"]]

    @property
    def next(self) -> Any:
        """The cursor to the next page, None on the last one."""
        return (
            self.headers.get("x-next-cursor")
            if self.headers["content-type"].startswith(CSV)
            else self.json["nextCursor"]
        )


def ask(
    server: VeniceServer,
    path: str,
    *,
    query: dict[str, Any] | None = None,
    key: str | None = KEY,
    accept: str = JSON,
    encoding: str = "identity",
    method: str = "GET",
) -> Reply:
    """Ask once over a connection of its own; a key of None sends no Authorization."""
    headers = {"Accept": accept, "Accept-Encoding": encoding}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request(method, "/api/v1" + path + ("?" + urlencode(query) if query else ""), headers=headers)
        with closing(connection.getresponse()) as response:
            return Reply(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )


def pages(server: VeniceServer, *, accept: str = JSON, **filters: Any) -> Iterator[Reply]:
    """Walk usage-history to its end, page by page, believing everything."""
    query = filters
    while True:
        reply = ask(server, HISTORY, query=query, accept=accept)
        assert reply.status == 200, reply.body
        yield reply
        if reply.next is None:
            return
        query = {"cursor": reply.next}


def walk(server: VeniceServer, *, accept: str = JSON, **filters: Any) -> list[Row]:
    """All rows of a walk."""
    return [row for reply in pages(server, accept=accept, **filters) for row in reply.rows]


def _row(entry: dict[str, Any]) -> Row:
    details = entry["inferenceDetails"]
    counts = ("promptTokens", "completionTokens", "inferenceExecutionTime")
    return Row(
        entry["timestamp"],
        entry["sku"],
        entry["units"],
        entry["pricePerUnitUsd"],
        entry["amount"],
        entry["currency"],
        entry["notes"],
        details
        and Details(details["requestId"], *(None if details[name] is None else int(details[name]) for name in counts)),
    )
