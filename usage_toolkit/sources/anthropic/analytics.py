"""Anthropic's Analytics API: money and tokens by the hour, by API key and by who made the request.

What the usage and cost reports tell by other cuts: rows to look at by themselves, never to be added to theirs. Rows
come ranked, not in the order of time, and one for each group that had any. Facts: Anthropic's reference of
``/v1/organizations/analytics/cost`` and ``/usage``, a beta of 2026-08-24.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import polars as pl
from msgspec import UNSET, Struct, UnsetType

from usage_toolkit import schema
from usage_toolkit._key import Key
from usage_toolkit.errors import ArgumentError, ContractError, EndpointGoneError
from usage_toolkit.sources.anthropic import cost, usage
from usage_toolkit.sources.anthropic.ask import KEY, Params, begin, client, decode, following, iso
from usage_toolkit.sources.anthropic.ask import instant as read_instant
from usage_toolkit.sources.anthropic.buckets import STEPS, floor, span
from usage_toolkit.sources.anthropic.lists import ask_names
from usage_toolkit.sources.anthropic.names import Names
from usage_toolkit.sources.anthropic.ranked import Paid, Used, paid, used
from usage_toolkit.sources.contract import as_contract
from usage_toolkit.sources.pager import Answer, Restart, walk
from usage_toolkit.sources.progress import Progress
from usage_toolkit.times import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from usage_toolkit._http import Reply
    from usage_toolkit.times import Moment

BETA = "analytics-usage-cost-2026-08-24"
LONGEST = {"1m": timedelta(days=1), "1h": timedelta(days=31), "1d": timedelta(days=31)}
"""The time that may be asked for at once."""

ROWS = 1000
"""The rows that a page may have."""

_PATH = "/v1/organizations/analytics/"
_USED_BY = ("actor", "api_key_id", "context_window", "inference_geo", "model", "service_tier", "speed", "workspace_id")
_PAID_FOR = (*_USED_BY, "cost_type", "token_type")
Row = TypeVar("Row")


class _Page(Struct, Generic[Row]):
    data: list[Row]
    has_more: bool
    next_page: str | UnsetType | None = UNSET


def analytics_cost(
    *,
    start: Moment,
    stop: Moment,
    key: Key | str | None = None,
    base_url: str | None = None,
    grain: str = "1h",
    group_by: Sequence[str] = _PAID_FOR,
    beta: str = BETA,
    account: str = schema.DEFAULT,
    progress: bool = True,
) -> pl.DataFrame:
    """Ask for money by API key and actor, from `start` to `stop`.

    Parameters
    ----------
    start, stop
        Half open, where a bucket begins in UTC.
    key
        A key that may read analytics; else the environment's ``ANTHROPIC_ADMIN_KEY``.
    base_url
        Another server than Anthropic's own.
    grain
        ``1m``, ``1h`` or ``1d``.
    group_by
        What to tell money apart by; a label that nobody asked for is ``(none)``.
    beta
        The ``anthropic-beta`` header.
    account
        The books that the rows belong to.
    progress
        Whether to show a bar when it takes longer than a second.

    Returns
    -------
    polars.DataFrame
        Canonical rows of source ``anthropic.analytics_cost``: `amount` after discounts and before credits,
        `list_amount` before both, `user` the actor. The cost report has the same money: take one of them.
    """
    key = Key.of(key, env=KEY)
    asked = _Asked(start, stop, key, base_url, grain, group_by, beta, progress)
    table, names = _collect("cost", _Page[Paid], paid, asked)
    with as_contract("anthropic"):
        where = "anthropic analytics cost, row {}".format
        listed = schema.decimals(cost.dollars(table["list_amount"]), schema.MONEY, where=where)
        rows = cost.canonical(table, names=names, account=account).with_columns(listed)
        who = table.select(*names.labels(_groups(group_by)))
        return schema.conform(
            rows.with_columns(
                **{name: who[name] for name in who.columns},
                source=pl.lit("anthropic.analytics_cost"),
                grain=pl.lit(grain, schema.COLUMNS["grain"]),
            )
        ).sort("time", maintain_order=True)


def analytics_usage(
    *,
    start: Moment,
    stop: Moment,
    key: Key | str | None = None,
    base_url: str | None = None,
    grain: str = "1h",
    group_by: Sequence[str] = _USED_BY,
    beta: str = BETA,
    account: str = schema.DEFAULT,
    progress: bool = True,
) -> pl.DataFrame:
    """Ask for tokens and requests by API key and actor, from `start` to `stop`; parameters as of `analytics_cost`.

    Returns
    -------
    polars.DataFrame
        Canonical rows of source ``anthropic.analytics_usage``, with requests, which the usage report does not count.
        The usage report has the same tokens: take one of them.
    """
    key = Key.of(key, env=KEY)
    asked = _Asked(start, stop, key, base_url, grain, group_by, beta, progress)
    table, names = _collect("usage", _Page[Used], used, asked)
    with as_contract("anthropic"):
        rows = usage.canonical(table, grain=grain, groups=_groups(group_by), names=names, account=account)
        return rows.with_columns(source=pl.lit("anthropic.analytics_usage")).sort("time", maintain_order=True)


@dataclass(frozen=True)
class _Asked:
    start: Moment
    stop: Moment
    key: Key
    base_url: str | None
    grain: str
    group_by: Sequence[str]
    beta: str
    progress: bool


@dataclass(frozen=True)
class _Window:
    name: str
    start: datetime
    stop: datetime
    grain: str


def _collect(
    endpoint: str, shape: type[Any], table: Callable[[Sequence[Any]], pl.DataFrame], asked: _Asked
) -> tuple[pl.DataFrame, Names]:
    if asked.grain not in STEPS or isinstance(asked.group_by, str):
        found = f"{asked.grain!r} and {asked.group_by!r}"
        raise ArgumentError(f"anthropic: expected a grain of 1m, 1h or 1d and group_by as a list, found {found}.")
    begins, ends = span(instant(asked.start), instant(asked.stop), grain=asked.grain)
    if begins >= ends:
        raise ArgumentError(f"anthropic: expected start before stop, found {asked.start} and {asked.stop}; swap them.")
    bar = Progress(f"anthropic analytics {endpoint}", start=begins, stop=ends, shown=asked.progress)
    parts = [table([]).with_columns(time=pl.lit(None, schema.TIME), origin=pl.lit(None, pl.String))]
    path = _PATH + endpoint
    asking = client(asked.key, base_url=asked.base_url, beta=asked.beta, any_key=True, on_wait=bar.wait)
    with as_contract("anthropic", asked.key), bar, asking:
        begin(asking, path)
        while begins < ends:
            after = min(begins + LONGEST[asked.grain], ends)
            window = _Window(f"anthropic analytics {endpoint} from {iso(begins)}", begins, after, asked.grain)
            ask = _asking(partial(asking.get, path), shape, table, window, asked.group_by)
            parts += [answer.rows for answer in walk(ask, start=begins, stop=after, name=window.name, progress=bar)]
            begins = after
    with client(asked.key, base_url=asked.base_url, any_key=True) as asking:
        names = ask_names(asking, service_accounts=False) if len(parts) > 1 else Names()
    whole = pl.concat(parts, how="diagonal")
    told = dict(whole.drop_nulls(["account_id", "actor_name"]).select("account_id", "actor_name").rows())
    return whole, replace(names, users=told | dict(names.users))


def _asking(
    get: Callable[[Params], Reply],
    shape: type[Any],
    table: Callable[[Sequence[Any]], pl.DataFrame],
    window: _Window,
    group_by: Sequence[str],
) -> Callable[[str | None, int], Answer]:
    params: Params = {
        "starting_at": iso(window.start),
        "ending_at": iso(window.stop),
        "time_bucket_width": window.grain,
        "limit": ROWS,
        "group_by[]": tuple(group_by),
    }

    def ask(token: str | None, number: int) -> Answer:
        name = f"{window.name}, page {number}"
        expired = ""
        try:
            reply = get(params | ({"page": token} if token else {}))
        except EndpointGoneError as error:
            if token is None:
                raise
            expired = str(error)  # a cursor goes out of date when the numbers behind it do
        if expired:
            raise Restart(expired)
        page = decode(reply, shape, name)
        times = pl.Series([_bucket(row, window, name) for row in page.data], dtype=schema.TIME)
        groups = "+".join(sorted(group_by)) or "nothing"
        origin = f"{name}, by {groups}, sha256:{hashlib.sha256(reply.body).hexdigest()[:16]}"
        rows = table(page.data).with_columns(time=times, origin=pl.lit(origin))
        # The walk wants pages in the order of time, and these are ranked: their times are checked above instead.
        still = pl.Series([window.start] * rows.height, dtype=schema.TIME)
        return Answer(rows, still, origin, following(page.next_page, name, more=page.has_more))

    return ask


def _bucket(row: Any, window: _Window, name: str) -> datetime:
    start, stop, step = window.start, window.stop, STEPS[window.grain]
    begins, ends = read_instant(row.starting_at, name), read_instant(row.ending_at, name)
    # The bucket that is still open may end now.
    if not start <= begins < stop or not timedelta() < ends - begins <= step or begins != floor(begins, step):
        raise ContractError(
            f"{name}: expected rows of {window.grain} from {iso(start)} to {iso(stop)}, found one from "
            f"{iso(begins)} to {iso(ends)}; nothing was kept: report it to the provider."
        )
    return begins


def _groups(group_by: Sequence[str]) -> list[str]:
    return ["account_id" if name == "actor" else name for name in group_by]
