"""A whole ledger from its file and from a server: that of USAGE_TOOLKIT_LEDGER (a CSV of Venice), or a made one.

USAGE_TOOLKIT_LEDGER=ledger.csv.gz python -m pytest tests/test_own_ledger.py -s
"""

from __future__ import annotations

import csv
import functools
import gzip
import os
from collections import defaultdict
from decimal import Context, Decimal
from pathlib import Path

import polars as pl
import pytest

import usage_toolkit as ut
from asking import Time
from simulator.ledger import CSV_HEADER
from simulator.sample import make_rows
from simulator.server import VeniceServer, from_csv
from usage_toolkit import _http
from usage_toolkit.sources.venice import walk

KEY = "VENICE_ADMIN_KEY_canary0123456789"
EXACT = Context(prec=100)
pytestmark = pytest.mark.filterwarnings("ignore:.*more than 18 decimals:usage_toolkit.UsageToolkitWarning")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger's file."""
    if named := os.environ.get("USAGE_TOOLKIT_LEDGER"):
        return Path(named)
    made = tmp_path_factory.mktemp("ledger") / "ledger.csv.gz"
    rows = sorted(make_rows(seed=11, n=3000), key=lambda row: row.timestamp)
    kept = [row for row in rows if len(row.amount.partition(".")[2]) <= 15 and "e" not in row.amount]
    made.write_bytes(gzip.compress(b"".join([CSV_HEADER, *(row.csv for row in kept)])))
    return made


@pytest.fixture(scope="module")
def rows(path: Path) -> pl.DataFrame:
    """The ledger as read."""
    return ut.read(path)


def test_p12_totals_are_those_of_plain_decimals(path: Path, rows: pl.DataFrame) -> None:
    """Row by row with Python's own csv and decimal, every total is the same to the last digit."""
    money: dict[str, Decimal] = defaultdict(Decimal)
    tokens: dict[str, Decimal] = defaultdict(Decimal)
    requests, count = set(), 0
    data = path.read_bytes()
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    for line in csv.DictReader(text.splitlines()):
        count += 1
        money[line["currency"]] = EXACT.subtract(money[line["currency"]], Decimal(line["amount"]))
        requests.add(line["inferenceDetails.requestId"] or None)
        if "-llm-" in line["sku"]:
            kind = line["sku"].rpartition("-llm-")[2].removesuffix("-mtoken")
            tokens[kind] += round(Decimal(line["units"]) * 1_000_000)
    print(f"\n{count:,} rows, {len(requests - {None}):,} requests, {dict(money)}, {dict(tokens)}")  # noqa: T201 (shown with -s)
    assert rows.height == count
    charged = ut.totals(rows, by="currency")
    assert {name: sum(charged.filter(currency=name)["amount"], Decimal()) for name in money} == dict(money)
    used = {row["meter"]: row["quantity"] for row in rows.group_by("meter").agg(pl.col("quantity").sum()).to_dicts()}
    names = {"input": "input", "cache-input": "cache_read", "output": "output"}
    assert {kind: used[meter] for kind, meter in names.items()} == {kind: tokens[kind] for kind in names}
    assert rows["request_id"].drop_nulls().n_unique() == len(requests - {None})


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("size", [10, 137, 1000])
def test_served_rows_are_the_file_s_rows(
    path: Path, rows: pl.DataFrame, size: int, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the real protocol, with faults on the way, the frame is the one that the file gives."""
    time = Time()
    patient = functools.partial(_http.Client, sleep=time.sleep, clock=time.clock, wall=time.wall, budget=1e9)
    monkeypatch.setattr(walk, "Client", patient)
    with VeniceServer(from_csv(path), key=KEY) as server:
        server.fault_rate, server.gzip = (size, 0.02), True
        fetched = ut.fetch(
            "venice", start="2020-01-01", stop="2040-01-01", key=KEY, base_url=server.base_url,
            page_size=size, format=form, progress=False,
        )  # fmt: skip
    assert fetched.drop("origin").equals(rows.drop("origin"))
