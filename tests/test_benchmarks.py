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
    rows = [dict(zip(ledger.HEADER, row, strict=True)) for row in ledger.rows(seed=0, count=2000)]
    for row in rows:
        assert Decimal(row["amount"]) == -Decimal(row["units"]) * Decimal(row["pricePerUnitUsd"])
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)
    requests = Counter(row["inferenceDetails.requestId"] for row in rows)
    assert set(requests.values()) == {1, 2, 3, 4}


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
        assert f"\n| {benchmark.NAME} |" in results
        assert f"\n- **{benchmark.NAME}.** " in results
    for word in ("- Machine: ", "- Versions: Python ", "(UTC)", "- Input: "):
        assert word in results
