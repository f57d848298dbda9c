"""Anthropic's small lists: workspaces, API keys, people and service accounts, archived ones too.

Facts: Anthropic's Admin API reference of ``/v1/organizations/workspaces``, ``/api_keys``, ``/users`` and
``/service_accounts``, 2026-09.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import polars as pl
from msgspec import UNSET, Struct, UnsetType

from usage_toolkit._key import Key
from usage_toolkit.errors import FetchError, notify
from usage_toolkit.schema import DEFAULT
from usage_toolkit.sources.anthropic.ask import KEY, pages
from usage_toolkit.sources.anthropic.ask import client as client_for
from usage_toolkit.sources.anthropic.names import Names
from usage_toolkit.sources.anthropic.words import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from usage_toolkit._http import Client
    from usage_toolkit.sources.anthropic.ask import Params

_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


class _Listed(Struct):
    has_more: bool
    last_id: str | None = None


class _Workspace(Struct):
    id: str
    name: str
    created_at: str | None = None
    archived_at: str | None = None


class _Workspaces(_Listed):
    data: list[_Workspace] = []


class _Who(Struct):
    id: str | None = None
    type: str | None = None


class _Scope(Struct):
    type: str
    workspace_id: str | None = None


class _ApiKey(Struct):
    id: str
    name: str
    partial_key_hint: str | None = None
    status: str | None = None
    created_at: str | None = None
    expires_at: str | None = None
    created_by: _Who | None = None
    scope: _Scope | None = None
    workspace_id: str | UnsetType | None = UNSET


class _ApiKeys(_Listed):
    data: list[_ApiKey] = []


class _User(Struct):
    id: str
    email: str | None = None
    name: str | None = None
    role: str | None = None
    added_at: str | None = None


class _Users(_Listed):
    data: list[_User] = []


class _ServiceAccount(Struct):
    id: str
    name: str | None = None
    archived_at: str | None = None


class _ServiceAccounts(Struct):
    data: list[_ServiceAccount]
    next_page: str | None = None


def ask_names(client: Client, *, service_accounts: bool) -> Names:
    """Ask who is who; where the key may not know, ids have to do.

    Parameters
    ----------
    service_accounts
        Whether to ask for them too, which Anthropic allows to no Admin API key.
    """
    spaces = _allowed(client, "/v1/organizations/workspaces", _Workspaces, {"include_archived": "true"})
    keys = _allowed(client, "/v1/organizations/api_keys", _ApiKeys, {})
    people = _allowed(client, "/v1/organizations/users", _Users, {}) or []
    if service_accounts:
        path = "/v1/organizations/service_accounts"
        people = people + (_allowed(client, path, _ServiceAccounts, {"include_archived": "true"}) or [])
    return Names(
        {space.id: space.name for space in spaces or []},
        {key.id: key.name for key in keys or []},
        {one.id: getattr(one, "email", None) or one.name or one.id for one in people},
        _default_of(spaces, keys or []),
    )


def workspaces(*, key: Key | str | None = None, base_url: str | None = None) -> pl.DataFrame:
    """Ask which workspaces there are, archived ones too.

    Parameters
    ----------
    key
        An Admin API key; else the environment's ``ANTHROPIC_ADMIN_KEY``.
    base_url
        Another server than Anthropic's own.

    Returns
    -------
    polars.DataFrame
        ``workspace_id``, ``workspace``, ``created``, ``archived``; the default workspace first, as ``(default)``,
        with its id if an API key tells it.
    """
    key = Key.of(key, env=KEY)
    with client_for(key, base_url=base_url) as client:
        spaces = _all(client, "/v1/organizations/workspaces", _Workspaces, {"include_archived": "true"})
        keys = _all(client, "/v1/organizations/api_keys", _ApiKeys, {})
    default = _default_of(spaces, keys)
    listed = [(one.id, one.name, one.created_at, one.archived_at) for one in spaces if one.id != default]
    return _frame(("workspace_id", "workspace", "created", "archived"), [(default, DEFAULT, None, None), *listed])


def api_keys(*, key: Key | str | None = None, base_url: str | None = None) -> pl.DataFrame:
    """Ask which API keys there are, of every status.

    Parameters
    ----------
    key
        An Admin API key; else the environment's ``ANTHROPIC_ADMIN_KEY``.
    base_url
        Another server than Anthropic's own.

    Returns
    -------
    polars.DataFrame
        ``api_key_id``, ``api_key``, ``hint``, ``status``, ``workspace_id`` (also of the default workspace; null for a
        key of the whole organization), ``created_by``, ``created``, ``expires``.
    """
    key = Key.of(key, env=KEY)
    with client_for(key, base_url=base_url) as client:
        keys = _all(client, "/v1/organizations/api_keys", _ApiKeys, {})
    columns = ("api_key_id", "api_key", "hint", "status", "workspace_id", "created_by", "created", "expires")
    rows = [
        (
            one.id, one.name, one.partial_key_hint, one.status, _workspace_of(one),
            one.created_by.id if one.created_by else None, one.created_at, one.expires_at,
        )
        for one in keys
    ]  # fmt: skip
    return _frame(columns, rows)


def users(*, key: Key | str | None = None, base_url: str | None = None) -> pl.DataFrame:
    """Ask which people there are.

    Parameters
    ----------
    key
        An Admin API key; else the environment's ``ANTHROPIC_ADMIN_KEY``.
    base_url
        Another server than Anthropic's own.

    Returns
    -------
    polars.DataFrame
        ``user_id``, ``user`` (the email, by which rows call them), ``name``, ``role``, ``added``.
    """
    key = Key.of(key, env=KEY)
    with client_for(key, base_url=base_url) as client:
        people = _all(client, "/v1/organizations/users", _Users, {})
    rows = [(one.id, one.email or one.name or one.id, one.name, one.role, one.added_at) for one in people]
    return _frame(("user_id", "user", "name", "role", "added"), rows)


def service_accounts(*, key: Key | str | None = None, base_url: str | None = None) -> pl.DataFrame:
    """Ask which service accounts there are, archived ones too; Anthropic refuses this to an Admin API key.

    Parameters
    ----------
    key
        A token with the scope ``org:admin``; else the environment's ``ANTHROPIC_ADMIN_KEY``.
    base_url
        Another server than Anthropic's own.

    Returns
    -------
    polars.DataFrame
        ``user_id``, ``user``, ``archived``.
    """
    key = Key.of(key, env=KEY)
    with client_for(key, base_url=base_url) as client:
        path = "/v1/organizations/service_accounts"
        accounts = _all(client, path, _ServiceAccounts, {"include_archived": "true"})
    return _frame(("user_id", "user", "archived"), [(one.id, one.name or one.id, one.archived_at) for one in accounts])


def _all(client: Client, path: str, shape: type[Any], params: Params) -> list[Any]:
    params = {**params, "limit": 1000}
    found = pages(client, path, shape, params, cursor="page" if shape is _ServiceAccounts else "after_id")
    return [one for page in found for one in page.data]


def _allowed(client: Client, path: str, shape: type[Any], params: Params) -> list[Any] | None:
    """Return all of a list, or None with a notice if the key may not read it."""
    refused: FetchError | None = None
    try:
        return _all(client, path, shape, params)
    except FetchError as error:
        if error.status not in _REFUSED:
            raise
        refused = error
    notify(f"anthropic: names are shown as ids where {path} would tell them, which answered {refused.status}.")
    return None


def _default_of(spaces: Sequence[_Workspace] | None, keys: Sequence[_ApiKey]) -> str | None:
    """Return the id of the default workspace, which only the scope of its keys tells, if all that tell it agree."""
    names = None if spaces is None else {space.id: space.name for space in spaces}
    found = {key.scope.workspace_id for key in keys if key.scope is not None and _is_default(key, names)}
    return found.pop() if len(found) == 1 else None


def _is_default(key: _ApiKey, names: Mapping[str, str] | None) -> bool:
    """Whether the workspace of a key has no other name, and no id where keys, like reports, leave it out."""
    scoped = key.scope.workspace_id if key.scope else None
    if scoped is None or isinstance(key.workspace_id, str) or (key.workspace_id is UNSET and names is None):
        return False
    return (names or {}).get(scoped, DEFAULT_WORKSPACE) == DEFAULT_WORKSPACE


def _workspace_of(key: _ApiKey) -> str | None:
    scoped = key.scope.workspace_id if key.scope else None
    return scoped or (None if isinstance(key.workspace_id, UnsetType) else key.workspace_id)


def _frame(columns: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
