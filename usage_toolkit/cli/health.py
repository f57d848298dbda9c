"""How fresh and complete a store is, and what is wrong with it, in plain words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit.cli.table import table
from usage_toolkit.errors import AuthError, StoreError
from usage_toolkit.store.balance import Balance

if TYPE_CHECKING:
    from usage_toolkit.store import Store

_BOOK = ("provider", "source", "account")
_STALE = timedelta(days=2)
_NAMES = ("source", "account", "from", "complete through", "provisional since", "gaps", "rows", "fetched", "books")
_AGAIN = "usage-toolkit sync {provider} --start {start} --stop {stop} --again"


def status(store: Store) -> str:
    """Return a line for each source and account: how far it reaches without a gap, when fetched, and if it balances."""
    coverage = store.coverage()
    if coverage.is_empty():
        return "Nothing is stored yet: usage-toolkit sync venice --start 2026-10-01"
    held = _held(store.reconciliation())
    rows = []
    for (provider, source, account), book in _books(coverage):
        since = book["provisional_since"].min()
        rows.append(
            [
                *(source, account, _moment(book["start"][0]), _moment(_gaps(book)[0])),
                *("-" if since is None else _moment(since), str(len(_gaps(book)[1])), f"{book['rows'].sum():,}"),
                _moment(book["as_of"].max()),
                held.get((provider, source, account), "-"),
            ]
        )
    return table(_NAMES, rows, numbers=[False] * 5 + [True, True, False, False])


def doctor(store: Store) -> list[str]:
    """Return what is wrong, a sentence each, with what to do."""
    try:
        coverage, problems, sums = store.coverage(), store.check(), store.reconciliation()
    except StoreError as error:
        return [f"The store can't be read: {error}"]
    found = [_damage(problem) for problem in problems.rows(named=True)]
    found += [_difference(one) for one in sums.filter(status="differs").rows(named=True)]
    if coverage.is_empty():
        found.append(f"{store.url}: nothing is stored; fetch something with usage-toolkit sync.")
    for (provider, source, account), book in _books(coverage):
        name = f"{source} {account}"
        for start, stop in _gaps(book)[1]:
            found.append(
                f"{name}: nothing is known from {_moment(start)} to {_moment(stop)}; "
                f"usage-toolkit sync {provider} --start {start:%Y-%m-%d} --stop {stop:%Y-%m-%d}"
            )
        fetched: Any = book["as_of"].max()
        if datetime.now(UTC) - fetched > _STALE:
            found.append(f"{name}: last fetched {_moment(fetched)}; usage-toolkit sync {provider}")
    return [*found, *_keys(coverage["provider"].unique().sort().to_list())]


def _keys(providers: list[str]) -> list[str]:
    from importlib import import_module

    from usage_toolkit._key import Key
    from usage_toolkit.sources import PROVIDERS

    said = []
    for provider in providers:
        if provider in PROVIDERS:
            env = import_module(f"usage_toolkit.sources.{PROVIDERS[provider]}").KEY
            try:
                Key.of(None, env=env).check()
            except AuthError as error:
                said.append(f"{provider}: {error}")
    return said


def _damage(problem: dict[str, Any]) -> str:
    where = f"{problem['source']} {problem['account']}"
    if problem["start"] is None:
        return f"{where}: {problem['problem']}; restore the store, or sync all of it again."
    again = f"--start {problem['start']:%Y-%m-%d} --stop {problem['stop'] + timedelta(days=1):%Y-%m-%d} --again"
    return (
        f"{where}, {_moment(problem['start'])} to {_moment(problem['stop'])}: {problem['problem'].rstrip('.')}; "
        f"usage-toolkit sync {problem['provider']} --account '{problem['account']}' {again}"
    )


def _difference(one: dict[str, Any]) -> str:
    numbers = (f"{one[name]:f}" for name in ("stored", "told", "tolerance"))
    stored, told, difference = Balance(one["of"], *numbers).said()
    again = _AGAIN.format(
        provider=one["provider"], start=f"{one['start']:%Y-%m-%d}", stop=f"{one['start'] + timedelta(days=1):%Y-%m-%d}"
    )
    return (
        f"{one['source']} {one['account']}, {one['start']:%Y-%m-%d}: {one['of']} is {stored} here and {told} in "
        f"the provider's other report, a difference of {difference}; {again}, and ask the provider if it stays"
    )


def balance(store: Store) -> list[str]:
    """Return a line for each book: how many of its final windows balance with another report, and how many do not."""
    return [f"{source} {account}: {said}" for (_, source, account), said in _held(store.reconciliation()).items()]


def _held(sums: pl.DataFrame) -> dict[tuple[Any, ...], str]:
    """Return for each book how many final windows balance, differ, and were held against nothing."""
    status = pl.col("status")
    word = pl.when((status == "differs").any()).then(pl.lit("differs")).otherwise(status.first()).alias("status")
    windows = sums.filter(status != "provisional").group_by(*_BOOK, "start").agg(word)
    counted = windows.group_by(*_BOOK, "status").len("many").sort(*_BOOK, "status")
    said = counted.group_by(*_BOOK, maintain_order=True).agg(pl.format("{} {}", "many", "status").str.join(", "))
    return {tuple(book): words for *book, words in said.iter_rows()}


def _books(coverage: pl.DataFrame) -> list[tuple[tuple[Any, ...], pl.DataFrame]]:
    parts = coverage.sort("start").partition_by(_BOOK, as_dict=True)
    return sorted(parts.items(), key=lambda part: part[0])


def _gaps(book: pl.DataFrame) -> tuple[Any, list[tuple[Any, Any]]]:
    """Return up to when there is no gap, and the gaps."""
    gaps = []
    reached = book["stop"][0]
    for start, stop in book.select("start", "stop").rows():
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, stop)
    return (gaps[0][0] if gaps else reached), gaps


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
