"""Two reports of one use are seen, and never added up by accident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from zoo import any_frames, canonical, money, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    Row = dict[str, Any]

DAY = datetime(2026, 10, 1, tzinfo=UTC)
USAGE = {"provider": "anthropic", "source": "anthropic.usage", "basis": "metered", "grain": "1h"}
COST = {"provider": "anthropic", "source": "anthropic.cost", "basis": "billed", "grain": "1d"}
CSV_TOKENS = USAGE | {"source": "anthropic.tokens_csv", "grain": "1d"}
CSV_COST = COST | {"source": "anthropic.cost_csv"}
LEDGER = {"provider": "venice", "source": "venice.ledger", "basis": "billed", "grain": "event"}
ANALYTICS = {"provider": "venice", "source": "venice.analytics", "basis": "metered", "grain": "1d"}

ADDED = {
    "tokens and their money": [tokens(1, **USAGE), money("1", **COST)],
    "a ledger and refused requests": [
        money("1", **LEDGER, **tokens(1)),
        {**LEDGER, "source": "venice.rate_limits", "basis": "metered", "meter": "rate_limited", "quantity": "1",
         "unit": "request"},
    ],
    "two kinds of OpenAI's usage": [
        tokens(1, provider="openai", source=f"openai.usage.{kind}", basis="metered", grain="1d")
        for kind in ("completions", "embeddings")
    ],
    "an estimate": [
        tokens(1, **USAGE), money("1", **COST),
        money("1", **COST | {"source": "anthropic.claude_code", "basis": "estimated"}, **tokens(1)),
    ],
    "two accounts": [money("1", **COST, account=name) for name in ("a", "b")],
    "two providers": [money("1", **COST), money("1", **COST | {"provider": "openrouter", "source": "openrouter.csv"})],
    "two days": [tokens(1, **USAGE), tokens(1, **CSV_TOKENS, time=DAY + timedelta(days=1))],
    "a bill that was spread": ut.allocate(
        canonical([tokens(1, **USAGE), money("1", **COST), money("2", **COST, meter="output")])
    ).rows(named=True),
}  # fmt: skip
DOUBLED = {
    "API and console, tokens": ([tokens(1, **USAGE), tokens(1, **CSV_TOKENS)], "quantity"),
    "API and console, money": ([money("1", **COST), money("1", **CSV_COST)], "amount"),
    "month and day view": ([tokens(1, **CSV_TOKENS), tokens(1, **CSV_TOKENS | {"grain": "1h"})], "quantity"),
    "a ledger and its analytics": ([money("1", **LEDGER, **tokens(1)), tokens(1, **ANALYTICS)], "quantity"),
    "hours late on the same day": (
        [tokens(1, **USAGE, time=DAY + timedelta(hours=23)), tokens(1, **CSV_TOKENS)],
        "quantity",
    ),
}


def frame(rows: Iterable[Row]) -> pl.DataFrame:
    """Give canonical rows of words, or of whole rows."""
    rows = list(rows)
    return ut.conform(pl.DataFrame(rows, schema=ut.sample(days=1).schema)) if "origin" in rows[0] else canonical(rows)


@pytest.mark.parametrize("rows", ADDED.values(), ids=ADDED.keys())
def test_what_is_no_double_passes(rows: list[Row]) -> None:
    """Two measures, two meters, two accounts: all of these are one book."""
    made = frame(rows)
    assert ut.overlaps(made).is_empty()
    assert ut.one_book(made).equals(made)


@pytest.mark.parametrize(("rows", "measure"), DOUBLED.values(), ids=DOUBLED.keys())
def test_what_is_double_is_refused(rows: list[Row], measure: str) -> None:
    """The same use from two reports is listed, and refused with both their names and the day."""
    made = canonical(rows)
    reports = sorted(f"{row['source']} {row['grain']}" for row in rows)
    assert ut.overlaps(made).rows() == [(DAY, rows[0]["provider"], "(default)", measure, ["input"], reports)]
    with pytest.raises(ut.InputError, match=f"one report of {measure} a day, found {' and '.join(reports)} of .*input "
                                            "on 2026-10-01; name"):  # fmt: skip
        ut.one_book(made)


@pytest.mark.parametrize(("rows", "measure"), DOUBLED.values(), ids=DOUBLED.keys())
@pytest.mark.parametrize("which", [0, 1])
def test_the_preferred_report_is_kept(rows: list[Row], measure: str, which: int) -> None:
    """What is preferred stays; the other one loses what it has in common with it, and nothing else."""
    made = canonical(rows)
    kept = ut.one_book(made, prefer=["unknown", f"{rows[which]['source']} {rows[which]['grain']}"])
    assert ut.overlaps(kept).is_empty()
    assert kept.filter(source=rows[which]["source"], grain=rows[which]["grain"]).equals(made[[which]])
    other = "amount" if measure == "quantity" else "quantity"
    assert kept[other].drop_nulls().equals(made[other].drop_nulls())
    assert kept[measure].drop_nulls().len() == 1


def test_a_source_at_two_grains_needs_its_grain() -> None:
    """The name of a source does not decide between its own two views."""
    made = canonical(DOUBLED["month and day view"][0])
    with pytest.raises(ut.InputError, match=r"anthropic\.tokens_csv 1d and anthropic\.tokens_csv 1h"):
        ut.one_book(made, prefer="anthropic.tokens_csv")


def test_what_only_one_report_has_stays() -> None:
    """Of the report that is not preferred, meters and days that the other lacks are kept."""
    rows = [
        money("1", **COST), money("1", **CSV_COST), money("2", **CSV_COST, meter="web_search"),
        money("3", **CSV_COST, time=DAY + timedelta(days=1)),
    ]  # fmt: skip
    kept = ut.one_book(canonical(rows), prefer="anthropic.cost")
    assert kept.select("source", "amount").rows() == [
        ("anthropic.cost", 1), ("anthropic.cost_csv", 2), ("anthropic.cost_csv", 3),
    ]  # fmt: skip


def test_several_overlaps_are_one_sentence() -> None:
    """The first set of reports is named with all its days, the others are counted."""
    days = [DAY + timedelta(days=n) for n in range(3)]
    rows = [row | {"time": day} for day in days for row in DOUBLED["API and console, money"][0]]
    rows += DOUBLED["API and console, tokens"][0]
    with pytest.raises(ut.InputError, match=r"on 2026-10-01 to 2026-10-03 \(3 days\), and 1 more of the kind;"):
        ut.one_book(canonical(rows))


@given(
    rows=any_frames(),
    prefer=st.permutations([f"{s} {g}" for s in ("ledger", "cost") for g in ("event", "1m", "1h", "1d")]),
)
@settings(max_examples=50, deadline=None)
def test_a_full_order_makes_one_book_of_anything(rows: pl.DataFrame, prefer: list[str]) -> None:
    """If all reports have a place the result is one book; what it keeps were the same numbers before."""
    kept = ut.one_book(rows, prefer=prefer)
    assert ut.overlaps(kept).is_empty()
    assert ut.one_book(kept).equals(kept)
    for measure in ("quantity", "amount"):
        assert kept.filter(pl.col(measure).is_not_null()).height <= rows.filter(pl.col(measure).is_not_null()).height
    cells = ["provider", "account", "meter", pl.col("time").dt.truncate("1d")]
    for word in ("unit", "currency"):
        counted = pl.col(word).is_not_null() & pl.col("basis").is_in(["billed"])
        assert kept.filter(counted).select(cells).unique().height <= rows.filter(counted).select(cells).unique().height


def test_a_cube_shows_the_same_overlaps() -> None:
    """What a panel has added up already tells as much as the rows."""
    rows = canonical([row for rows, _ in DOUBLED.values() for row in rows])
    cube = ut.cube(rows, by=["provider", "account", "source", "grain", "meter"], every="1d")
    assert ut.overlaps(cube).equals(ut.overlaps(rows))
    assert ut.overlaps(rows.lazy()).equals(ut.overlaps(rows))
    assert ut.overlaps(cube.with_columns(pl.col("source").cast(pl.Categorical))).equals(ut.overlaps(rows))


def test_what_cannot_be_meant_is_refused() -> None:
    """No frame, a column too few, times without a zone, and a preference that names nothing are sentences."""
    rows = canonical([money("1", **COST)])
    with pytest.raises(ut.ArgumentError, match="overlaps: expected a polars frame of rows, found dict"):
        ut.overlaps({})  # type: ignore[arg-type]
    with pytest.raises(ut.InputError, match="overlaps: expected a column 'provider', found none"):
        ut.overlaps(ut.cube(rows))
    with pytest.raises(ut.InputError, match="overlaps: expected instants with a time zone"):
        ut.overlaps(rows.with_columns(pl.col("time").dt.replace_time_zone(None)))
    for wrong in (3, ["anthropic.cost", 3]):
        with pytest.raises(ut.ArgumentError, match="prefer to name sources, found 3"):
            ut.one_book(rows, prefer=wrong)  # type: ignore[arg-type]
