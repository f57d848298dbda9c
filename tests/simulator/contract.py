"""Holds an answer to an OpenAPI file: its status, its kind of content, its JSON and its headers.

Takes 3.1, and 3.0 with its `nullable`, so that the published contract can stand beside our own fragment of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from pathlib import Path

    from simulator.client import Reply


class Contract:
    """An OpenAPI file that answers are checked against."""

    def __init__(self, path: Path) -> None:
        self._spec = _modern(json.loads(path.read_text(encoding="utf-8")))

    def check(self, path: str, reply: Reply) -> None:
        """Raise unless the reply is one that the path may give."""
        responses = self._spec["paths"][path]["get"]["responses"]
        assert str(reply.status) in responses, f"{path} does not document status {reply.status}"
        response = self._resolved(responses[str(reply.status)])
        content = reply.headers["content-type"].split(";")[0]
        assert content in response["content"], f"{path} does not document {content}"
        if content == "application/json":
            self._validate(response["content"][content]["schema"], json.loads(reply.body))
        for name, header in response.get("headers", {}).items():
            if (text := reply.headers.get(name.lower())) is not None:
                number = header["schema"].get("type") in {"number", "integer"}
                self._validate(header["schema"], json.loads(text) if number else text)

    def _resolved(self, response: Any) -> Any:
        """The response itself, also where the file only refers to it."""
        name = response.get("$ref", "").removeprefix("#/components/responses/")
        return self._spec["components"]["responses"][name] if name else response

    def _validate(self, schema: dict[str, Any], value: object) -> None:
        Draft202012Validator({**schema, "components": self._spec["components"]}).validate(value)


def _modern(node: Any) -> Any:
    """The same file with `nullable` of 3.0 said as 3.1 says it."""
    if isinstance(node, list):
        return [_modern(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {name: _modern(value) for name, value in node.items()}
    if node.get("nullable") is True and "type" in node:
        node["type"] = [node["type"], "null"]
        if "enum" in node:
            node["enum"] = [*node["enum"], None]
    return node
