"""A naive client on the standard library, to look at the simulated Anthropic from outside; it retries nothing."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from simulator.anthropic.server import BASE, VERSION
from simulator.client import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from simulator.anthropic.server import AnthropicServer

USAGE = "/usage_report/messages"
COST = "/cost_report"


def ask(
    server: AnthropicServer,
    path: str,
    query: Mapping[str, Any] | None = None,
    *,
    headers: Mapping[str, str | None] | None = None,
    method: str = "GET",
) -> Reply:
    """Ask once over a connection of its own; a list is an array, and a header of None is not sent."""
    sent = {"x-api-key": server.key, "anthropic-version": VERSION, **(headers or {})}
    parameters = urlencode(query or {}, doseq=True)
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request(
            method,
            BASE + path + (f"?{parameters}" if parameters else ""),
            headers={name: value for name, value in sent.items() if value is not None},
        )
        with closing(connection.getresponse()) as response:
            return Reply(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )


def pages(
    server: AnthropicServer, path: str, query: Mapping[str, Any], *, headers: Mapping[str, str | None] | None = None
) -> Iterator[Reply]:
    """Walk a report to its end by `next_page`, believing everything."""
    page: dict[str, Any] = {}
    while True:
        reply = ask(server, path, {**query, **page}, headers=headers)
        assert reply.status == 200, reply.body
        yield reply
        if reply.json["next_page"] is None:
            return
        page = {"page": reply.json["next_page"]}


def everything(server: AnthropicServer, path: str, query: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Walk a list to its end by `after_id`."""
    found: list[dict[str, Any]] = []
    after: dict[str, Any] = {}
    while True:
        reply = ask(server, path, {**(query or {}), **after})
        assert reply.status == 200, reply.body
        found += reply.json["data"]
        if not reply.json["has_more"]:
            return found
        after = {"after_id": reply.json["last_id"]}
