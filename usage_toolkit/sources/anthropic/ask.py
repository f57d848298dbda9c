"""One question to Anthropic, one typed answer: who asks, with which headers, how often, and what a page must be.

Walks over time are in `walk`. Facts: Anthropic's Admin API reference, 2026-09.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from usage_toolkit._http import Client
from usage_toolkit.errors import AuthError, ContractError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from usage_toolkit._http import Reply
    from usage_toolkit._key import Key

KEY, BASE_URL = "ANTHROPIC_ADMIN_KEY", "https://api.anthropic.com"
VERSION = "2023-06-01"
FAST_MODE = "fast-mode-2026-02-01"
"""The beta header that grouping and filtering by speed needs."""

BURST, EVERY = 60, 60.0
"""Walks over one endpoint that may follow each other at once, and the seconds between them when they go on for ever."""

_WORKSPACE_KEY, _TOKEN = "sk-ant-api", "sk-ant-oat"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
Shape = TypeVar("Shape")
Params = dict[str, "str | int | Sequence[str]"]


def client(
    key: Key,
    *,
    base_url: str | None,
    beta: str | None = None,
    any_key: bool = False,
    on_wait: Callable[[float, str], None] | None = None,
) -> Client:
    """Return a client for Anthropic's own address, or `base_url`.

    Parameters
    ----------
    any_key
        Whether a key that looks like one of a workspace may be of use, as those for analytics alone look so.

    Raises
    ------
    AuthError
        If the key is missing, malformed, or one of a workspace, which no report takes; nothing was sent then.
    """
    if key.begins(_WORKSPACE_KEY) and not any_key:
        raise AuthError(
            f"anthropic: expected an Admin API key (sk-ant-admin...), found the key of a workspace "
            f"({_WORKSPACE_KEY}...), which reads no report; nothing was sent: set {KEY} to one that an admin made."
        )
    headers = {"anthropic-version": VERSION, "user-agent": "usage-toolkit/0.1 (usage and cost reports)"}
    return Client(
        BASE_URL if base_url is None else base_url,
        key=key,
        header="Authorization" if is_token(key) else "x-api-key",
        scheme="Bearer " if is_token(key) else "",
        headers=headers | ({"anthropic-beta": beta} if beta else {}),
        on_wait=on_wait,
    )


def is_token(key: Key) -> bool:
    """Whether `key` is the token of someone who signed in, which may read more than an Admin API key."""
    return key.begins(_TOKEN)


def begin(client: Client, path: str) -> None:
    """Wait until a walk over `path` may begin: Anthropic takes bursts, but over time one request a minute.

    The pages of one walk are a burst and follow each other at once; whoever asks again and again is slowed down.
    """
    client.pace(path, burst=BURST, every=EVERY)


def decode(reply: Reply, shape: type[Shape], name: str) -> Shape:
    """Return the answer as a `shape`.

    Raises
    ------
    ContractError
        If it has not that shape.
    """
    try:
        answer, problem = msgspec.json.decode(reply.body, type=shape), ""
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        answer, problem = None, str(error)
    if answer is None:
        raise ContractError(f"{name}: expected its documented answer, found: {problem}; nothing was kept.")
    return answer


def following(token: Any, name: str, *, more: bool) -> str | None:
    """Return how to ask for the next page, or None after the last, if both ways to say so agree."""
    if more and isinstance(token, str) and token:
        return token
    if not more and token is None:
        return None
    raise ContractError(
        f"{name}: expected has_more with a next page, or neither, found has_more {str(more).lower()} with "
        f"{'a next page' if isinstance(token, str) and token else 'no next page'}; nothing was kept, since the walk "
        "may be cut short: tell the provider."
    )


def pages(
    client: Client, path: str, shape: type[Shape], params: Params, *, cursor: Literal["after_id", "page"]
) -> Iterator[Shape]:
    """Give page after page of a list, which goes on after its last id (`after_id`) or with its own token (`page`).

    A `shape` has ``has_more`` and ``last_id`` for the one, ``next_page`` for the other.
    """
    begin(client, path)
    seen: list[str] = []
    while True:
        name = f"anthropic {path}, page {len(seen) + 1}"
        page: Any = decode(client.get(path, params | ({cursor: seen[-1]} if seen else {})), shape, name)
        yield page
        if cursor == "page":
            token = page.next_page
        else:
            token = following(page.last_id, name, more=True) if page.has_more else None
        if token is None:
            return
        if not token or token in seen:
            raise ContractError(f"{name}: expected a new page, found one that was there before; tell the provider.")
        seen.append(token)


def instant(text: str, name: str) -> datetime:
    """Read an instant as Anthropic writes it, such as ``2026-10-01T00:00:00Z``."""
    if _MOMENT.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise ContractError(
        f"{name}: expected an instant such as 2026-10-01T00:00:00Z, found {text[:40]!r}; nothing was kept."
    )


def iso(moment: datetime) -> str:
    """Write an instant as Anthropic reads it."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def served(reply: Reply) -> datetime:
    """Return when Anthropic answered, by its own clock."""
    try:
        return parsedate_to_datetime(reply.headers.get("date", "")).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return datetime.now(UTC)
