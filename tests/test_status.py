"""The status line tells how far rows reach, through when they are complete, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import usage_toolkit as ut
from usage_toolkit.errors import ArgumentError
from usage_toolkit.view.hours import Hours
from usage_toolkit.view.status import expect_coverage, freshness
from zoo import canonical, money, tokens

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def days(*numbers: int, **labels: str) -> pl.DataFrame:
    """Return a row at noon of some days of October."""
    return canonical(money("1", time=datetime(2026, 10, day, 12, tzinfo=UTC), **labels) for day in numbers)


def windows(*hours: tuple[int, int], since: int | None = None, source: str = "venice.ledger") -> pl.DataFrame:
    """Return what was fetched whole, in hours since the first of October."""
    return pl.DataFrame(
        {
            "provider": ["venice"] * len(hours),
            "source": source,
            "account": "(default)",
            "start": [FIRST + a * HOUR for a, _ in hours],
            "stop": [FIRST + b * HOUR for _, b in hours],
            "provisional_since": [None if since is None else FIRST + since * HOUR] * len(hours),
        },
        schema_overrides={"provisional_since": pl.Datetime("us", "UTC")},
    )


def said(rows: Any, coverage: pl.DataFrame | None = None, *, tz: str = "UTC", locale: str = "en-US") -> list[str]:
    """Return what is said of some rows."""
    return freshness(Hours(rows, tz), expect_coverage(coverage), locale=locale)


def test_rows_alone_tell_their_ends_and_their_empty_days() -> None:
    """Without a frame of what was fetched nothing is called complete."""
    assert said(days(1, 2, 3)) == ["venice: rows from 1 Oct 2026, 12:00 to 3 Oct 2026, 12:00; no day without rows."]
    assert said(days(1, 3))[0].endswith("; no rows on 2 Oct 2026.")
    assert said(days(1, 7))[0].endswith("; no rows on 2 Oct 2026; 3 Oct 2026; 4 Oct 2026 and 2 more.")


def test_a_bucket_ends_where_it_ends() -> None:
    """The last row of a day's bill reaches to the end of that day."""
    assert (
        "to 4 Oct 2026, 00:00" in said(canonical([money("1", time=datetime(2026, 10, 3, tzinfo=UTC), grain="1d")]))[0]
    )


def test_each_provider_is_told_apart() -> None:
    """A provider that stopped early does not hide behind another one."""
    rows = pl.concat([days(1, 2), days(1, 2, 3, provider="anthropic")])
    assert [line.partition(":")[0] for line in said(rows)] == ["anthropic", "venice"]
    assert "to 2 Oct 2026, 12:00" in said(rows)[1]


def twice(*numbers: int) -> pl.DataFrame:
    """Return a bill of some days of October, from the API and from an export."""
    times = [datetime(2026, 10, day, tzinfo=UTC) for day in numbers]
    names = ("anthropic.cost", "anthropic.cost_csv")
    return canonical(
        money("1", time=time, grain="1d", provider="anthropic", source=name) for time in times for name in names
    )


def test_what_is_counted_twice_is_said() -> None:
    """Two reports of one bill are named with their days, after what is said of their provider."""
    first, second, other = said(pl.concat([twice(1, 2, 5), days(1)]))
    assert first.startswith("anthropic: rows from")
    assert second == (
        "anthropic: money counted twice: anthropic.cost 1d + anthropic.cost_csv 1d "
        "(from 1 Oct 2026 to 2 Oct 2026; 5 Oct 2026); ut.one_book keeps one."
    )
    assert other.startswith("venice: rows from")
    assert (
        "denaro contato due volte: anthropic.cost 1d + anthropic.cost_csv 1d (1 ott 2026)"
        in (said(twice(1), locale="it")[1])
    )


def test_quantities_that_are_counted_twice_are_no_money() -> None:
    """Tokens of the day's view beside those of the month's are said to be counted twice, and money is not."""
    names: dict[str, Any] = {"time": FIRST, "provider": "anthropic", "source": "anthropic.tokens_csv"}
    views = canonical(tokens(1, **names, basis="metered", grain=grain) for grain in ("1h", "1d"))
    _, line = said(views)
    assert line == (
        "anthropic: counted twice: anthropic.tokens_csv 1d + anthropic.tokens_csv 1h (1 Oct 2026); "
        "ut.one_book keeps one."
    )


def test_one_book_is_not_said_to_be_two() -> None:
    """After `one_book`, and of usage beside its bill, nothing is said to be counted twice."""
    assert len(said(ut.one_book(twice(1, 2), prefer="anthropic.cost"))) == 1
    assert not any("twice" in line for line in said(ut.sample(days=3)))
    assert not any("twice" in line for line in said(ut.allocate(ut.sample(days=3))))


def test_frames_of_others_are_seen_too() -> None:
    """Rows of pandas and lazy rows are looked at, and rows without a source say nothing."""
    rows = twice(1)
    assert said(rows.to_pandas())[1:] == said(rows.lazy())[1:] == said(rows)[1:] != []
    assert len(said(rows.drop("source", "account"))) == 1


def test_nothing_is_said_of_no_rows() -> None:
    """An empty frame has no ends."""
    assert said(canonical([])) == []


def test_coverage_tells_what_is_complete() -> None:
    """Windows that touch are one; the first gap ends what is complete, and every gap is named."""
    assert said(days(1), windows((0, 24), (24, 48))) == ["venice: complete through 3 Oct 2026, 00:00; no gaps."]
    gap = said(days(1), windows((0, 24), (48, 72), since=60))[0]
    assert gap == (
        "venice: complete through 2 Oct 2026, 00:00; provisional since 3 Oct 2026, 12:00; missing: 2 Oct 2026."
    )


def test_the_slowest_book_counts() -> None:
    """A provider is as complete as the report that is furthest behind."""
    both = pl.concat([windows((0, 72)), windows((0, 24), source="venice.rate_limits")])
    assert "complete through 2 Oct 2026, 00:00" in said(days(1), both)[0]


def test_coverage_of_others_says_nothing() -> None:
    """A provider without windows is told from its rows."""
    assert "rows from" in said(days(1, provider="anthropic"), windows((0, 24)))[0]


def test_words_and_zones_are_the_readers() -> None:
    """The same in Italian, and by the clock of Rome."""
    assert said(days(1), windows((0, 24)), tz="Europe/Rome", locale="it-IT") == [
        "venice: dati completi fino al giorno 2 ott 2026, 02:00; nessuna lacuna."
    ]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), min_size=1, max_size=8))
def test_complete_is_what_every_hour_is_covered_of(spans: list[tuple[int, int]]) -> None:
    """However windows overlap, complete means: each hour from the first window on lies in one."""
    pieces = [(start, start + length) for start, length in spans if length]
    covered = {hour for start, stop in pieces for hour in range(start, stop)}
    if not covered:
        return
    through = min(covered)
    while through in covered:
        through += 1
    line = said(days(1), windows(*pieces))[0]
    moment = FIRST + through * HOUR
    assert f"complete through {moment.day} Oct 2026, {moment:%H:%M}" in line
    assert ("no gaps" in line) == (max(covered) + 1 == through)


@pytest.mark.parametrize("coverage", ["all", pl.DataFrame({"start": [1]})])
def test_what_is_no_coverage_is_refused(coverage: Any) -> None:
    """A wrong frame is a sentence before anything is drawn."""
    with pytest.raises(ArgumentError, match="expected coverage"):
        ut.UsagePanel(days(1), coverage=coverage)


def test_panels_say_it() -> None:
    """The line stands below every panel."""
    for made in (ut.UsagePanel, ut.CostPanel):
        assert "complete through 2 Oct 2026, 00:00" in made(days(1), coverage=windows((0, 24)))._status.value
        assert "counted twice: anthropic.cost 1d + anthropic.cost_csv 1d" in made(twice(1))._status.value
