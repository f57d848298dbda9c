"""Anthropic's usage and cost reports over the network, as rows of one frame that never count the same thing twice.

Usage rows have quantities alone and cost rows money alone, so together they add up to the right tokens and the right
money. Each report is asked for in windows of as many buckets as a page may have, with the same words on every page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import polars as pl

from usage_toolkit import schema
from usage_toolkit._key import Key
from usage_toolkit.errors import ArgumentError
from usage_toolkit.sources.anthropic import cost, usage
from usage_toolkit.sources.anthropic.ask import BASE_URL, FAST_MODE, KEY, client, is_token
from usage_toolkit.sources.anthropic.buckets import collect, span
from usage_toolkit.sources.anthropic.lists import ask_names
from usage_toolkit.sources.anthropic.names import Names
from usage_toolkit.sources.contract import as_contract
from usage_toolkit.sources.progress import Progress

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["BASE_URL", "KEY", "fetch"]

Endpoint = Literal["both", "usage", "cost"]
Grain = Literal["1m", "1h", "1d"]
Some = str | Sequence[str] | None

REPORTS = {None: (usage.SOURCE, cost.SOURCE), "usage": (usage.SOURCE,), "cost": (cost.SOURCE,)}
"""The sources that an answer is whole for, by the endpoint."""
WHOLE = frozenset({"beta", "endpoint", "grain", "group_by", "names", "page_size"})
"""What may be asked for otherwise without leaving rows out."""
LOOK_BACK, SPAN, STEP, AT_ONCE = timedelta(hours=48), timedelta(days=31), timedelta(hours=1), 1
"""How long buckets may change, how much is asked for at a time, where a window may end, and walks side by side."""


def fetch(
    *,
    start: datetime,
    stop: datetime,
    key: Key | str | None = None,
    base_url: str | None = None,
    endpoint: Endpoint = "both",
    grain: Grain = "1h",
    group_by: Sequence[str] = usage.GROUPS,
    account_ids: Some = None,
    api_key_ids: Some = None,
    service_account_ids: Some = None,
    workspace_ids: Some = None,
    models: Some = None,
    context_window: Some = None,
    service_tiers: Some = None,
    inference_geos: Some = None,
    speeds: Some = None,
    page_size: int | None = None,
    names: bool = True,
    beta: str | None = FAST_MODE,
    account: str = schema.DEFAULT,
    progress: bool = True,
) -> pl.DataFrame:
    """Ask Anthropic for usage and cost from `start` to `stop`; see `usage_toolkit.fetch`.

    Parameters
    ----------
    start, stop
        Instants, half open, where a bucket begins in UTC; the one that is still open is asked for as a whole.
    key
        An Admin API key; else the environment's ``ANTHROPIC_ADMIN_KEY``.
    base_url
        Another server than Anthropic's own.
    endpoint
        ``usage``, ``cost``, or ``both``: quantities of the one and money of the other.
    grain
        The buckets of the usage: ``1m``, ``1h`` or ``1d``. Those of the cost are days.
    group_by
        What to tell usage apart by. Keep it the same for all that is stored together: it is in each row's `origin`,
        and a label that nobody asked for is ``(none)``.
    account_ids, api_key_ids, service_account_ids, workspace_ids, models
        Only usage of these, one or several; with the next ones, the filters of the usage report.
    context_window, service_tiers, inference_geos, speeds
        Only usage of these kinds, such as ``"batch"``.
    page_size
        Buckets a page; None for the most, which is 1440 minutes, 168 hours or 31 days.
    names
        Whether to ask for the names of workspaces, API keys and people, which reports know by id. Service accounts
        keep their ids, unless the key is a token with the scope ``org:admin``.
    beta
        The ``anthropic-beta`` header, without which there may be no grouping by speed; None for none.
    account
        The books that the rows belong to.
    progress
        Whether to show a bar when it takes longer than a second.

    Returns
    -------
    polars.DataFrame
        Canonical rows in the order of time: ``anthropic.usage``, metered, in quantities that are not 0, and
        ``anthropic.cost``, billed, in dollars.
    """
    key = Key.of(key, env=KEY)
    filters = {
        "account_ids": account_ids, "api_key_ids": api_key_ids, "service_account_ids": service_account_ids,
        "workspace_ids": workspace_ids, "models": models, "context_window": context_window,
        "service_tiers": service_tiers, "inference_geos": inference_geos, "speeds": speeds,
    }  # fmt: skip
    if endpoint not in ("both", "usage", "cost"):
        raise ArgumentError(f"anthropic: expected endpoint both, usage or cost, found {endpoint!r}; use one of those.")
    if endpoint != "usage" and any(filters.values()):
        raise ArgumentError(
            "anthropic: expected no filter with the cost report, which has none, found "
            f"{next(name for name, values in filters.items() if values)!r}; ask with endpoint='usage'."
        )
    quantities = usage.report(grain=grain, size=page_size, groups=group_by, filters=filters)
    money = cost.report(size=page_size)
    reports = [report for report, without in ((quantities, "cost"), (money, "usage")) if endpoint != without]
    spans = [span(start, stop, grain=report.grain) for report in reports]
    tables: dict[str, pl.DataFrame] = {}
    with as_contract("anthropic", key):
        for report, (begin, end) in zip(reports, spans, strict=True):
            bar = Progress(f"anthropic {report.name}", start=begin, stop=end, shown=progress)
            fast = beta if report is quantities and ("speed" in group_by or speeds) else None
            with bar, client(key, base_url=base_url, beta=fast, on_wait=bar.wait) as asking:
                tables[report.path] = collect(asking, report, start=begin, stop=end, progress=bar)
        with client(key, base_url=base_url) as asking:
            known = ask_names(asking, service_accounts=is_token(key)) if names and _any(tables) else Names()
        made = [
            usage.canonical(table, grain=grain, groups=quantities.groups, names=known, account=account)
            if path == usage.PATH
            else cost.canonical(table, names=known, account=account)
            for path, table in tables.items()
        ]
    return pl.concat(made).sort("time", maintain_order=True)


def _any(tables: dict[str, pl.DataFrame]) -> bool:
    return any(table.height for table in tables.values())
