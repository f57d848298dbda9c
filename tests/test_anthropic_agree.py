"""Reports and exports of one organization speak of the same things in the same words: they match, key by key."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import usage_toolkit as ut
from simulator.anthropic.ledger import Ledger
from simulator.anthropic.organization import KEYS, WORKSPACES
from simulator.anthropic.prices import NAMES, price
from simulator.anthropic.sample import make_ledger
from simulator.anthropic.server import KEY, AnthropicServer
from usage_toolkit.schema import TOKEN_METERS, UNALLOCATED
from usage_toolkit.sources import anthropic

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    Frames = dict[str, pl.DataFrame]

_MADE = make_ledger(seed=4, n=250)
# All that is counted is charged, or has the priority tier: money per key can then be told from the reports.
LEDGER = Ledger([replace(call, charged=True) for call in _MADE.calls], fees=_MADE.fees, price=price)
COUNTS = ("usage", "tokens_csv", "analytics_usage")
MONEY = ("cost", "cost_csv", "analytics_cost")

_KEYS = {key.id: key.name for key in KEYS}
_SPACES = {space.id: space.name for space in WORKSPACES}
_WINDOWS = {"0-200k": "\u2264 200k", "200k-1M": "> 200k", None: "--"}
_TOKENS = {
    "uncached_input_tokens": "input_no_cache", "cache_creation.ephemeral_5m_input_tokens": "input_cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "input_cache_write_1h", "cache_read_input_tokens": "input_cache_read",
    "output_tokens": "output",
}  # fmt: skip


def written(path: Path, header: str, rows: Iterable[Iterable[object]]) -> Path:
    """Write an export of the Console."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerows([header.split(","), *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def tokens_csv(path: Path) -> Path:
    """Write the month's view of tokens: names without ids."""
    sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * 6)
    for call in LEDGER.calls:
        who = (_KEYS.get(call.api_key_id or "", "--"), _SPACES.get(call.workspace_id or "", "Default"))
        speed = "fast" if call.speed == "fast" else ""
        what = (call.service_tier, _WINDOWS[call.context_window], call.inference_geo, speed)
        group = sums[f"{call.time:%Y-%m-%d}", call.model, *who, *what]
        group[:] = [old + new for old, new in zip(group, (*call.tokens, call.web_searches), strict=True)]
    return written(
        path,
        "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,inference_geo,speed,"
        "usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,"
        "usage_input_tokens_cache_read,usage_output_tokens,web_search_count",
        [[*group, *counts] for group, counts in sums.items()],
    )


def cost_csv(path: Path) -> Path:
    """Write the cost with its names for models, and more digits than cents so that nothing is rounded."""
    sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for charge in LEDGER.charges:
        tier = {"standard": "message", None: "--"}.get(charge.service_tier, charge.service_tier)
        group = (
            f"{charge.time:%Y-%m-%d}", NAMES.get(charge.model or "", "--"),
            _SPACES.get(charge.workspace_id or "", "Default"), _KEYS.get(charge.api_key_id or "", "--"), str(tier),
            _WINDOWS[charge.context_window], _TOKENS.get(charge.token_type or "", "--"),
            "token" if charge.token_type else charge.cost_type, charge.inference_geo or "--",
            "fast" if charge.speed == "fast" else "", charge.api_key_id or "--",
        )  # fmt: skip
        sums[group] += charge.cents / 100
    return written(
        path,
        "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_type,inference_geo,speed,"
        "api_key_id,cost_usd",
        [[*group, f"{amount:f}"] for group, amount in sums.items()],
    )


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    """The same use and the same money from every source."""
    folder = tmp_path_factory.mktemp("console")
    with AnthropicServer(LEDGER) as server:
        where = {"base_url": server.base_url, "key": KEY, "progress": False}
        how: dict[str, Any] = {"start": server.start, "stop": server.stop, **where}
        both = ut.fetch("anthropic", **how)
        counts = anthropic.analytics_usage(**how)
        money = anthropic.analytics_cost(**how, grain="1d")
        code = anthropic.claude_code(**how)
    return {
        "usage": both.filter(source="anthropic.usage"),
        "cost": both.filter(source="anthropic.cost"),
        "tokens_csv": ut.read(tokens_csv(folder / "claude_api_tokens_2026_10.csv")),
        "cost_csv": ut.read(cost_csv(folder / "claude_api_cost_2026_10.csv")),
        "analytics_usage": counts,
        "analytics_cost": money,
        "claude_code": code,
    }


@pytest.mark.parametrize("column", ["workspace", "model", "context_window", "region"])
def test_labels_are_the_same_words(frames: Frames, column: str) -> None:
    """Whoever reports tokens or their money calls workspace, model, window and region by the same word."""
    said = {name: set(frames[name].filter(pl.col("meter").is_in(TOKEN_METERS))[column]) for name in (*COUNTS, *MONEY)}
    assert len(set(map(frozenset, said.values()))) == 1, said


@pytest.mark.parametrize("pair", list(combinations((*COUNTS, *MONEY, "claude_code"), 2)), ids=" ".join)
def test_what_says_the_same_overlaps(frames: Frames, pair: tuple[str, str]) -> None:
    """Two reports of tokens overlap, two of money do, tokens and money do not, and an estimate never does."""
    found = ut.overlaps(pl.concat([frames[name] for name in pair]))
    wanted = {"quantity"} if set(pair) <= set(COUNTS) else {"amount"} if set(pair) <= set(MONEY) else set()
    assert set(found["measure"]) == wanted
    assert set(found["time"].dt.day()) == ({1, 2, 4} if wanted else set())


def by_key(rows: pl.DataFrame) -> dict[tuple[str | None, str], Decimal]:
    """Money per key and meter, of tokens: searches have no tier on a bill."""
    counted = rows.filter(pl.col("meter").is_in(TOKEN_METERS))
    sums = counted.group_by("api_key_id", "meter").agg(pl.col("amount").sum()).cast({"meter": pl.String})
    return {(key, meter): amount for key, meter, amount in sums.iter_rows() if amount}


@pytest.mark.parametrize("counts", ["usage", "analytics_usage"])
def test_the_bill_per_key_is_that_of_the_ledger(frames: Frames, counts: str) -> None:
    """The bill knows no key; spread over the tokens it has the money that each key's own calls cost."""
    spread = ut.allocate(pl.concat([frames[counts], frames["cost"]])).filter(basis="allocated")
    found, truth = by_key(spread), by_key(frames["analytics_cost"])
    assert found.keys() == truth.keys()
    assert all(abs(found[one] - truth[one]) < Decimal("1e-15") for one in truth)


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("money", ["cost", "cost_csv"])
def test_no_money_of_tokens_is_left_over(frames: Frames, counts: str, money: str) -> None:
    """Each report of money finds the use that it is for in each report of use."""
    spread = ut.allocate(pl.concat([frames[counts], frames[money]])).filter(basis="allocated")
    assert spread["amount"].sum() == frames[money]["amount"].sum()
    left = spread.filter(pl.col("user") == UNALLOCATED, pl.col("meter").is_in(TOKEN_METERS))
    assert left.is_empty()


@pytest.mark.parametrize("counts", COUNTS)
def test_prices_do_not_seem_to_change(frames: Frames, counts: str) -> None:
    """The bill's price of each kind of token is one price on all days, and what is not charged is the priority tier."""
    prices = ut.implied_price(pl.concat([frames[counts], frames["cost"]])).filter(unit="token")
    assert not prices["changed"].any()
    assert prices["price"].count() > 100
    assert set(prices.filter(pl.col("uncharged") > 0)["service_tier"]) == {"priority"}
    assert datetime(2026, 10, 3, tzinfo=UTC) not in set(prices.filter(pl.col("uncharged") > 0)["time"])
