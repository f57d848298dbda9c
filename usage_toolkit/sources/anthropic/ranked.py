"""Rows of Anthropic's Analytics API as they come, ranked, and tables of them; walking them is for `analytics`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct

from usage_toolkit.sources.anthropic import usage

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Actor(Struct):
    type: str | None = None
    id: str | None = None
    user_id: str | None = None
    service_account_id: str | None = None
    email: str | None = None
    email_address: str | None = None
    name: str | None = None


class _Group(Struct):
    actor: _Actor | str | None = None
    api_key_id: str | None = None
    context_window: str | None = None
    cost_type: str | None = None
    inference_geo: str | None = None
    model: str | None = None
    product: str | None = None
    service_tier: str | None = None
    speed: str | None = None
    token_type: str | None = None
    workspace_id: str | None = None


class _Money(Struct):
    amount: str
    currency: str
    list_amount: str | None = None


class Paid(Struct):
    """What one group cost in a bucket."""

    starting_at: str
    ending_at: str
    group: _Group
    cost: _Money


class _Counts(usage.Counts):
    requests: usage.Count | None = None


class Used(Struct):
    """What one group used in a bucket."""

    starting_at: str
    ending_at: str
    group: _Group
    usage: _Counts


def paid(rows: Sequence[Paid]) -> pl.DataFrame:
    """Make a table of money, with the columns that `cost.canonical` takes."""
    money = {name: [getattr(row.cost, name) for row in rows] for name in ("amount", "currency", "list_amount")}
    kinds = {name: [getattr(row.group, name) for row in rows] for name in ("cost_type", "token_type")}
    texts = money | kinds | {"description": [row.group.product for row in rows]}
    return pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String)).hstack(_who([row.group for row in rows]))


def used(rows: Sequence[Used]) -> pl.DataFrame:
    """Make a table of counters, with the columns that `usage.canonical` takes."""
    counts = [row.usage.wide() | {"requests": row.usage.requests or 0} for row in rows]
    names = dict.fromkeys(usage.COUNTERS) | dict.fromkeys(name for row in counts for name in row)
    table = _who([row.group for row in rows])
    return table.with_columns(pl.Series(name, [row.get(name) for row in counts], pl.Int64) for name in names)


def _who(groups: Sequence[_Group]) -> pl.DataFrame:
    """Make a table of who and what, in which the actor stands where the usage report has the account."""
    actors = [_Actor(id=group.actor) if isinstance(group.actor, str) else group.actor or _Actor() for group in groups]
    same = ("api_key_id", "context_window", "inference_geo", "model", "service_tier", "speed", "workspace_id")
    columns = {name: [getattr(group, name) for group in groups] for name in same}
    # An API key may be an actor too, but it is nobody.
    ids = [one.id or one.user_id or one.service_account_id for one in actors]
    columns["account_id"] = [None if one is not None and one.startswith("apikey_") else one for one in ids]
    columns["actor_name"] = [one.email or one.email_address or one.name for one in actors]
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
