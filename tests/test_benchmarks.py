"""What is measured on is the same everywhere and exact, and the results tell of every benchmark. Nothing is timed."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import usage_toolkit as ut

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module of the benchmarks, which are no part of the package."""
    monkeypatch.syspath_prepend(str(ROOT))
    return lambda name: import_module(f"benchmarks.{name}")


def test_ledger_is_repeatable(benchmarks: Any) -> None:
    """The same seed gives the same rows, another one others, and there are as many as asked for."""
    rows = benchmarks("ledger").rows
    first = rows(seed=1, count=300)
    assert len(first) == 300
    assert first == rows(seed=1, count=300) != rows(seed=2, count=300)


def test_ledger_is_exact(benchmarks: Any) -> None:
    """Each amount is units times price to the last digit, times ascend, and a request is 1 to 4 rows."""
    ledger = benchmarks("ledger")
    rows = [dict(zip(ledger.HEADER, row, strict=True)) for row in ledger.rows(seed=0, count=20_000)]
    for row in rows:
        assert Decimal(row["amount"]) == -Decimal(row["units"]) * Decimal(row["pricePerUnitUsd"])
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)
    requests = Counter(row["inferenceDetails.requestId"] for row in rows)
    assert set(requests.values()) == {1, 2, 3, 4}


def test_traffic_has_the_published_statistics(benchmarks: Any) -> None:
    """Rows a request, growth, lengths, shares, bursts and how much few clients send are those that are named there."""
    traffic = benchmarks("traffic")
    months = list(traffic.months(seed=0, count=200_000))
    rows = pl.concat(months)
    assert rows["time"].is_sorted()
    assert rows.height == pytest.approx(200_000, rel=0.02)
    requests = rows.group_by("request_id").agg(pl.col("time").min(), pl.len())
    assert rows.height / requests.height == pytest.approx(2.25, rel=0.01)
    assert 2 < months[-1].height / months[0].height < 3
    for meter, median, most in (("input", 143, 590), ("cache_read", 112, 508), ("output", 27, 108)):
        tokens: Any = rows.filter(meter=meter)["units"]
        assert tokens.median() == pytest.approx(median, rel=0.05)
        assert tokens.quantile(0.9) == pytest.approx(most, rel=0.1)
    llama = rows.filter(model="llama-3.3-70b").height / rows.height
    assert llama == pytest.approx(0.576, rel=0.05)
    windows = requests.group_by(pl.col("time").dt.truncate("10m")).len()["len"].to_list()
    mean = sum(windows) / (365 * 144)
    spread = sum(many**2 for many in windows) / (365 * 144) - mean**2
    assert spread / mean > 1.2  # of requests that don't know of each other it would be 1
    keys = rows["api_key"].value_counts(sort=True)["count"]
    assert keys.head(10).sum() / rows.height > 0.5


def test_stores_of_any_size_hold_what_is_billed(benchmarks: Any, tmp_path: Path) -> None:
    """Store and files hold the same rows, each amount is units times price, and nothing of the store is left over."""
    table, traffic = benchmarks("table"), benchmarks("traffic")
    table.write(tmp_path, count=3000)
    store = ut.Store(tmp_path / table.STORE)
    stored = store.scan().collect()
    assert pl.read_parquet(tmp_path / table.DECIMALS).equals(stored.with_columns(pl.col(pl.Enum).cast(pl.String)))
    assert store.check().is_empty()
    assert len(list((tmp_path / table.STORE).glob("*/month=20*/*.parquet"))) == 12
    billed = pl.concat(traffic.months(seed=0, count=3000))
    whole = sum(price * units for price, units in billed.select("price", "units").rows())
    assert stored["amount"].sum() == Decimal(whole).scaleb(-12)
    tokens = billed.filter(pl.col("meter").is_in(["input", "cache_read", "output"]))["units"].sum()
    assert stored.filter(unit="token")["quantity"].sum() == tokens
    gaps: Any = stored.select(pl.col("amount") - pl.col("quantity") * pl.col("unit_price")).to_series()
    assert gaps.abs().max() < Decimal("1e-9")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A ledger and a store, as small as may be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        patch.chdir(ROOT)
        inputs = import_module("benchmarks.inputs").Inputs
        folder = tmp_path_factory.mktemp("benchmarks")
        yield inputs.make(folder, sizes=(2_000,), quick=True, ledger_rows=500)


@pytest.mark.parametrize("name", ["summing", "storing", "refreshing", "command", "syncing"])
def test_all_sides_agree(benchmarks: Any, small: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A benchmark ends only if all its sides gave the same answer; each line is a row of the table."""
    monkeypatch.chdir(ROOT)
    module, results = benchmarks(name), benchmarks("results")
    lines = module.measure(small)
    assert lines
    for line in lines:
        assert line.benchmark == module.NAME
        assert min(line.ours) > 0
        assert results._row(line).count("|") == 10


def test_totals_are_those_of_plain_decimals(benchmarks: Any, small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the ledger and of each store, groups are compared and none differs."""
    monkeypatch.chdir(ROOT)
    found = benchmarks("exactness").measure(small)
    assert [one["different"] for one in found] == [0, 0]
    assert all(one["compared"] > 100 for one in found)


@given(number=st.integers(-(10**14), 10**14), places=st.integers(0, 12))
def test_digits_are_the_number(number: int, places: int) -> None:
    """Text of a whole number of small parts is that number, with no digit that says nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        text = import_module("benchmarks.ledger").digits(number, places)
    assert Decimal(text) == Decimal(number).scaleb(-places)
    assert json.loads(text, parse_float=Decimal, parse_int=Decimal) == Decimal(text)
    mantissa = text.partition("e")[0]
    assert "." not in mantissa or not mantissa.endswith("0")


def test_file_and_pages_are_the_same_ledger(benchmarks: Any, tmp_path: Path) -> None:
    """The pages hold the file's rows, digit for digit, and the toolkit reads both alike."""
    ledger = benchmarks("ledger")
    ledger.write(tmp_path / "ledger.csv.gz", seed=3, count=1200)
    pages = ledger.pages(tmp_path / "ledger.csv.gz")
    for number, page in enumerate(pages):
        (tmp_path / f"page-{number}.json").write_bytes(page)
    table = csv.DictReader(io.StringIO(gzip.decompress((tmp_path / "ledger.csv.gz").read_bytes()).decode()))
    sent = [row for page in pages for row in json.loads(page, parse_float=str, parse_int=str)["data"]]
    assert [row["amount"] for row in table] == [row["amount"] for row in sent]
    with pytest.warns(ut.UsageToolkitWarning, match="goes on after this page"):
        first = ut.read(tmp_path / "page-0.json")
    whole = ut.read(tmp_path / "ledger.csv.gz")
    assert first.drop("origin").equals(whole.drop("origin").head(ledger.PAGE_ROWS))


def test_results_tell_of_every_benchmark(benchmarks: Any) -> None:
    """`RESULTS.md` has a line and an explanation for each, and names the machine, the versions and the day."""
    main, exactness = benchmarks("__main__"), benchmarks("exactness")
    results = main.RESULTS.read_text(encoding="utf-8")
    for benchmark in (*main.BENCHMARKS, exactness):
        assert f" | {benchmark.NAME} | " in results
        assert f"\n- **{benchmark.NAME}.** " in results
    for word in ("- Machine: ", "- Versions: Python ", "(UTC)", "- Input: "):
        assert word in results
