"""Who is in the organization: workspaces, API keys, people, service accounts, and the lists that name them.

The default workspace has an id too, which only the scope of its API keys tells; reports say null for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.anthropic.errors import refusal
from simulator.wire import json_answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.anthropic.query import Query
    from simulator.wire import Answer

ME = {"id": "0c0c0c0c-0000-4000-8000-00000000000a", "type": "organization", "name": "Nomina & Sons"}
DEFAULT_WORKSPACE = "wrkspc_01DefaultNeverInReports"
_CREATED = "2026-01-05T08:00:00Z"
_ARCHIVED = "2026-10-02T09:30:00Z"
_ADMIN = "user_01Ada"
_LIST = ("limit", "after_id", "before_id")


@dataclass(frozen=True)
class Workspace:
    """A workspace other than the default one."""

    id: str
    name: str
    archived: bool = False


@dataclass(frozen=True)
class ApiKey:
    """A key; `workspace_id` is None for the default workspace, as reports have it."""

    id: str
    name: str
    workspace_id: str | None
    status: str = "active"


@dataclass(frozen=True)
class User:
    """A person."""

    id: str
    name: str
    email: str
    role: str = "developer"


@dataclass(frozen=True)
class ServiceAccount:
    """An identity that is no person."""

    id: str
    name: str
    archived: bool = False


WORKSPACES = (
    Workspace("wrkspc_01Research", "Research"),
    Workspace("wrkspc_01Shop", 'Shop "équipe" <b>'),
    Workspace("wrkspc_01Old", "Old trial", archived=True),
)
KEYS = (
    ApiKey("apikey_01Nightly", "nightly", None),
    ApiKey("apikey_01Batch", "batch", "wrkspc_01Research"),
    ApiKey("apikey_01BatchToo", "batch", "wrkspc_01Shop"),  # the same name in another workspace
    ApiKey("apikey_01Shop", "shop-assistant", "wrkspc_01Shop", "inactive"),
    ApiKey("apikey_01Gone", "gone", "wrkspc_01Old", "archived"),
    ApiKey("apikey_01Expired", "expired", "wrkspc_01Research", "expired"),
)
USERS = (
    User("user_01Ada", "Ada", "ada@example.com", "admin"),
    User("user_01Grace", "Grace", "grace@example.com"),
    User("user_01Blaise", "Blaise", "blaise@example.com", "claude_code_user"),
)
SERVICE_ACCOUNTS = (ServiceAccount("svac_01Deploy", "deploy"), ServiceAccount("svac_01Old", "old", archived=True))


def workspaces(query: Query, *, default_listed: bool) -> Answer:
    """Answer `/workspaces`; whether it lists the default workspace is not documented, so a test may have both."""
    query.only((*_LIST, "include_archived"))
    archived = query.flag("include_archived")
    spaces = [*([Workspace(DEFAULT_WORKSPACE, "Default")] if default_listed else []), *WORKSPACES]
    return _listed(
        [
            {
                "id": space.id,
                "type": "workspace",
                "name": space.name,
                "display_color": "#6C5BB9",
                "created_at": _CREATED,
                "archived_at": _ARCHIVED if space.archived else None,
                "data_residency": {"workspace_geo": "us", "default_inference_geo": "global"},
                "tags": {},
                "compartment_id": None,
            }
            for space in spaces
            if archived or not space.archived
        ],
        query,
    )


def api_keys(query: Query) -> Answer:
    """Answer `/api_keys`: of every status, unless one is asked for."""
    query.only((*_LIST, "status", "workspace_id", "created_by_user_id"))
    status = query.choice("status", ("active", "archived", "expired", "inactive"))
    space, creator = query.text("workspace_id"), query.text("created_by_user_id")
    return _listed(
        [
            {
                "id": key.id,
                "type": "api_key",
                "name": key.name,
                "partial_key_hint": f"sk-ant-api03-...{key.id[-4:]}",
                "status": key.status,
                "created_at": _CREATED,
                "created_by": {"id": _ADMIN, "type": "user"},
                "expires_at": _ARCHIVED if key.status == "expired" else None,
                "principal": None,
                "scope": {"type": "workspace", "workspace_id": key.workspace_id or DEFAULT_WORKSPACE},
                "workspace_id": key.workspace_id,
            }
            for key in KEYS
            if status in {None, key.status}
            and space in {None, key.workspace_id or DEFAULT_WORKSPACE}
            and creator in {None, _ADMIN}
        ],
        query,
    )


def users(query: Query) -> Answer:
    """Answer `/users`."""
    query.only((*_LIST, "email", "roles[]"))
    email, roles = query.text("email"), query.many("roles[]")
    return _listed(
        [
            {
                "id": user.id,
                "type": "user",
                "email": user.email,
                "name": user.name,
                "role": user.role,
                "added_at": _CREATED,
            }
            for user in USERS
            if email in {None, user.email} and (not roles or user.role in roles)
        ],
        query,
    )


def service_accounts(query: Query) -> Answer:
    """Answer `/service_accounts`, which pages by token and lets no Admin API key in."""
    query.only(("limit", "page", "include_archived"))
    limit = query.integer("limit", default=20, low=1, high=1000)
    archived = query.flag("include_archived")
    entries = [
        {
            "id": account.id,
            "type": "service_account",
            "name": account.name,
            "description": None,
            "organization_role": "developer",
            "created_at": _CREATED,
            "created_by_actor_id": _ADMIN,
            "updated_at": _CREATED,
            "updated_by_actor_id": _ADMIN,
            "archived_at": _ARCHIVED if account.archived else None,
            "archived_by_actor_id": _ADMIN if account.archived else None,
        }
        for account in SERVICE_ACCOUNTS
        if archived or not account.archived
    ]
    first = int(query.resume() or 0)
    following = query.token(str(first + limit)) if first + limit < len(entries) else None
    return json_answer({"data": entries[first : first + limit], "next_page": following})


def _listed(entries: Sequence[dict[str, Any]], query: Query) -> Answer:
    """One page of a list, cut by the ids before or after it."""
    limit = query.integer("limit", default=20, low=1, high=1000)
    ids = [entry["id"] for entry in entries]
    after, before = query.text("after_id"), query.text("before_id")
    for name, cursor in (("after_id", after), ("before_id", before)):
        if cursor is not None and cursor not in ids:
            raise refusal(400, f"{name}: no object with this id is in the list")
    if after is not None and before is not None:
        raise refusal(400, "after_id: not together with before_id")
    if before is not None:
        stop = ids.index(before)
        first = max(0, stop - limit)
        page, more = entries[first:stop], first > 0
    else:
        first = 0 if after is None else ids.index(after) + 1
        page, more = entries[first : first + limit], first + limit < len(entries)
    return json_answer(
        {
            "data": page,
            "has_more": more,
            "first_id": page[0]["id"] if page else None,
            "last_id": page[-1]["id"] if page else None,
        }
    )
