"""Anthropic's rate limits: what may be used in a minute, not what was.

Facts: Anthropic's reference of ``/v1/organizations/rate_limits`` and the same of a workspace, 2026-09.
"""

from __future__ import annotations

import polars as pl
from msgspec import Raw, Struct

from usage_toolkit import schema
from usage_toolkit._key import Key
from usage_toolkit.errors import ArgumentError
from usage_toolkit.sources.anthropic.ask import KEY, Params, client, pages
from usage_toolkit.sources.anthropic.lists import workspaces
from usage_toolkit.sources.contract import as_contract

_PER_MINUTE = "s_per_minute"
_METERS = {"request": "request", "input_token": "input", "output_token": "output"}
_COLUMNS = ("provider", "workspace", "model_group", "model", "meter", "per_minute")


class _Limit(Struct):
    type: str
    value: Raw


class _Group(Struct):
    type: str
    id: str
    display_name: str | None = None


class _Entry(Struct):
    limits: list[_Limit]
    group_type: str | None = None
    group: _Group | None = None
    models: list[str] | None = None


class _Page(Struct):
    data: list[_Entry]
    next_page: str | None = None


def rate_limits(
    *, key: Key | str | None = None, base_url: str | None = None, workspace_id: str | None = None
) -> pl.DataFrame:
    """Ask what may be used in a minute, in the whole organization or in one workspace.

    Parameters
    ----------
    key
        An Admin API key; else the environment's ``ANTHROPIC_ADMIN_KEY``.
    base_url
        Another server than Anthropic's own.
    workspace_id
        A workspace, whose limits are its own where it has some, else those of the organization.

    Returns
    -------
    polars.DataFrame
        ``provider``; ``workspace``, ``(none)`` for the organization; ``model_group``; ``model``, one row for each id
        and alias, ``(none)`` for a group that is of no model; ``meter``: request, input, output, or as Anthropic calls
        it; ``per_minute``, a decimal. Limits that are not by the minute are left out.
    """
    key = Key.of(key, env=KEY)
    if workspace_id is not None and not workspace_id.replace("_", "").isalnum():
        raise ArgumentError(f"anthropic: expected the id of a workspace, found {workspace_id!r}; see workspaces().")
    label = schema.NONE
    path = "/v1/organizations/rate_limits"
    params: Params = {}
    if workspace_id is not None:
        path = f"/v1/organizations/workspaces/{workspace_id}/rate_limits"
        params = {"include_inherited": "true"}
        known = workspaces(key=key, base_url=base_url)
        label = dict(known.select("workspace_id", "workspace").rows()).get(workspace_id, workspace_id)
    with client(key, base_url=base_url) as asking:
        entries = [entry for page in pages(asking, path, _Page, params, cursor="page") for entry in page.data]
    rows = [
        ("anthropic", label, _named(entry), model, _meter(limit.type), str(limit.value, "utf-8"))
        for entry in entries
        for model in entry.models or [schema.NONE]
        for limit in entry.limits
        if limit.type.endswith(_PER_MINUTE)
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String), orient="row")
    with as_contract("anthropic"):
        return frame.with_columns(schema.decimals(frame["per_minute"], schema.QUANTITY, where="rate limit {}".format))


def _named(entry: _Entry) -> str:
    if entry.group is None:
        return entry.group_type or schema.NONE
    return entry.group.display_name or (entry.group.type if entry.group.type != "model_group" else entry.group.id)


def _meter(limit: str) -> str:
    name = limit.removesuffix(_PER_MINUTE)
    return _METERS.get(name, name)
