"""Claude Code by person and day: tokens, and an estimate of what they cost in whole cents.

An estimate of use that the usage and cost reports have too, for customers of the API: never to be added to theirs.
Facts: Anthropic's reference of ``/v1/organizations/usage_report/claude_code``, 2026-09.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
from msgspec import UNSET, Raw, Struct, UnsetType

from usage_toolkit import schema
from usage_toolkit._key import Key
from usage_toolkit.errors import ArgumentError, ContractError
from usage_toolkit.sources.anthropic.ask import KEY, Params, begin, client, decode, following
from usage_toolkit.sources.anthropic.cost import dollars
from usage_toolkit.sources.anthropic.usage import Count  # noqa: TC001 (read when a page is decoded)
from usage_toolkit.sources.contract import as_contract
from usage_toolkit.sources.pager import Answer, walk
from usage_toolkit.sources.progress import Progress
from usage_toolkit.times import instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_toolkit._http import Client
    from usage_toolkit.times import Moment

SOURCE, PATH = "anthropic.claude_code", "/v1/organizations/usage_report/claude_code"
_TOKENS = {"input": "input", "output": "output", "cache_read": "cache_read", "cache_creation": "cache_write"}
_COLUMNS = ("api_key", "user", "model", "meter", "quantity", "unit", "amount", "currency", "sku", "notes")


class _Actor(Struct):
    type: str
    email_address: str | None = None
    api_key_name: str | None = None


class _Tokens(Struct):
    input: Count
    output: Count
    cache_read: Count
    cache_creation: Count


class _Cost(Struct):
    amount: Raw
    currency: str


class _Model(Struct):
    model: str
    tokens: _Tokens
    estimated_cost: _Cost


class _Record(Struct):
    date: str
    actor: _Actor
    model_breakdown: list[_Model]
    customer_type: str | None = None
    subscription_type: str | None = None
    terminal_type: str | None = None


class _Page(Struct):
    data: list[_Record]
    has_more: bool
    next_page: str | UnsetType | None = UNSET


def claude_code(
    *,
    start: Moment,
    stop: Moment,
    key: Key | str | None = None,
    base_url: str | None = None,
    account: str = schema.DEFAULT,
    progress: bool = True,
) -> pl.DataFrame:
    """Ask who used Claude Code on the UTC days from `start` up to, not including, `stop`; one request a day or more.

    Parameters
    ----------
    start, stop
        Dates, half open; of an instant, its day in UTC.
    key
        An Admin API key; else the environment's ``ANTHROPIC_ADMIN_KEY``.
    base_url
        Another server than Anthropic's own.
    account
        The books that the rows belong to.
    progress
        Whether to show a bar when it takes longer than a second.

    Returns
    -------
    polars.DataFrame
        Canonical rows of basis ``estimated`` in the order of time: tokens by meter, and the estimated cost of a
        person, model and day in a row of meter ``other``. `notes` has the kind of customer and the terminal.
    """
    key = Key.of(key, env=KEY)
    first, end = instant(start), instant(stop)
    day, end = (datetime(one.year, one.month, one.day, tzinfo=UTC) for one in (first, end))
    if day >= end:
        raise ArgumentError(f"anthropic: expected start a day or more before stop, found {start} and {stop}.")
    bar = Progress("anthropic claude code", start=day, stop=end, shown=progress)
    answers: list[Answer] = []
    with as_contract("anthropic", key):
        with bar, client(key, base_url=base_url, on_wait=bar.wait) as asking:
            begin(asking, PATH)
            while day < end:
                after = day + timedelta(days=1)
                name = f"anthropic claude code of {day:%Y-%m-%d}"
                answers += walk(_asking(asking, day, name), start=day, stop=after, name=name, progress=bar)
                day = after
        return _canonical(answers, account)


def _asking(asking: Client, day: datetime, name: str) -> Callable[[str | None, int], Answer]:
    params: Params = {"starting_at": f"{day:%Y-%m-%d}", "limit": 1000}

    def ask(token: str | None, number: int) -> Answer:
        where = f"{name}, page {number}"
        reply = asking.get(PATH, params | ({"page": token} if token else {}))
        page = decode(reply, _Page, where)
        for record in page.data:
            if record.date not in (f"{day:%Y-%m-%d}", f"{day:%Y-%m-%dT%H:%M:%SZ}"):
                raise ContractError(f"{where}: expected that day, found {record.date[:40]!r}; nothing was kept.")
        rows = [row for record in page.data for row in _rows(record)]
        frame = pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String), orient="row")
        origin = f"{where}, sha256:{hashlib.sha256(reply.body).hexdigest()[:16]}"
        times = pl.Series("time", [day] * frame.height, dtype=schema.TIME)
        return Answer(frame, times, origin, following(page.next_page, where, more=page.has_more))

    return ask


def _rows(record: _Record) -> list[tuple[Any, ...]]:
    who = (record.actor.api_key_name, record.actor.email_address)
    notes = ", ".join(filter(None, (record.customer_type, record.subscription_type, record.terminal_type))) or None
    rows: list[tuple[Any, ...]] = []
    for part in record.model_breakdown:
        for name, meter in _TOKENS.items():
            if count := getattr(part.tokens, name):
                rows.append((*who, part.model, meter, str(count), "token", None, None, None, notes))
        cents = str(part.estimated_cost.amount, "utf-8")
        bill = (None, None, cents, part.estimated_cost.currency.upper(), "estimated cost", notes)
        rows.append((*who, part.model, "other", *bill))
    return rows


def _canonical(answers: list[Answer], account: str) -> pl.DataFrame:
    if not answers:
        return schema.empty()
    rows = pl.concat([answer.rows.with_columns(time=answer.times, origin=pl.lit(answer.origin)) for answer in answers])
    amount = schema.decimals(dollars(rows["amount"]), schema.MONEY, where="claude code, row {}".format)
    return schema.conform(
        rows.with_columns(
            amount,
            grain=pl.lit("1d"), provider=pl.lit("anthropic"), source=pl.lit(SOURCE), basis=pl.lit("estimated"),
            account=pl.lit(account),
        ).with_columns(amount_usd=pl.when(pl.col("currency") == "USD").then("amount"))
    )  # fmt: skip
