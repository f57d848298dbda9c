"""The run rate: exact where nothing is left to guess, an estimate with its range where something is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from usage_toolkit import times
from zoo import HARD_DAYS, around, canonical, money, tokens

FIRST = date(2026, 9, 1)
DAY = timedelta(days=1)
CENTS = st.integers(0, 10**6).map(lambda cents: Decimal(cents).scaleb(-2))


def spending(amounts: list[Decimal], *, first: date = FIRST, **labels: Any) -> pl.DataFrame:
    """Rows of one charge a day at noon, from `first` on."""
    noon = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    return canonical(money(f"{amount:f}", time=noon + n * DAY, **labels) for n, amount in enumerate(amounts))


def only(frame: pl.DataFrame) -> dict[str, Any]:
    """Return the one row of a frame."""
    assert frame.height == 1
    return frame.row(0, named=True)


@given(cents=st.integers(1, 10**9), days=st.integers(8, 60))
def test_constant_spending_is_told_exactly(cents: int, days: int) -> None:
    """What costs the same every day costs that times the days of the month, and the range is that number."""
    each = Decimal(cents).scaleb(-2)
    row = only(ut.run_rate(spending([each] * days)))
    today = FIRST + (days - 1) * DAY
    length = (times.month(today)[1] - times.month(today)[0]).days
    begun = max(today.replace(day=1), FIRST)
    assert row["spent"] == each * (today.day - begun.day + 1)
    assert row["through"] == today - DAY
    assert row["days_left"] == length - today.day + 1
    assert row["estimate"] == row["low"] == row["high"] == each * length
    assert row["reason"] is None


@given(amounts=st.lists(CENTS, min_size=8, max_size=60))
def test_no_less_than_is_spent(amounts: list[Decimal]) -> None:
    """Without credits neither the estimate nor its lower end is below what is spent, which is exact."""
    row = only(ut.run_rate(spending(amounts)))
    today = FIRST + (len(amounts) - 1) * DAY
    spent = sum((amount for n, amount in enumerate(amounts) if (FIRST + n * DAY).month == today.month), Decimal())
    assert row["spent"] == spent <= row["low"] <= row["estimate"] <= row["high"]


@given(amounts=st.lists(CENTS.map(lambda amount: amount - 5000), min_size=29, max_size=60))
def test_a_full_window_is_the_mean_of_each_weekday(amounts: list[Decimal]) -> None:
    """With 28 closed days, credits among them, each day that is left costs the mean of its four days of the week."""
    row = only(ut.run_rate(spending(amounts)))
    today = FIRST + (len(amounts) - 1) * DAY
    weekday = {
        (today - back * DAY).weekday(): [amounts[len(amounts) - 1 - back - 7 * week] for week in range(4)]
        for back in range(1, 8)
    }
    left = [today + n * DAY for n in range(row["days_left"])]
    means = [sum(weekday[day.weekday()], Decimal()) / 4 for day in left]
    means[0] = max(means[0], amounts[-1])
    assert row["estimate"] == row["spent"] - amounts[-1] + sum(means, Decimal())
    assert row["high"] - row["estimate"] >= row["estimate"] - row["low"] >= 0


def test_a_range_by_hand() -> None:
    """Seven days of 0 and 2 in turn, one left: mean 8/7, and t times the spread of a new day about it."""
    amounts = [Decimal(2 * (n % 2 == 0)) for n in range(7)]
    row = only(ut.run_rate(spending([*amounts, Decimal(0)], first=date(2026, 9, 23))))
    spread = 1.943 * (96 / 7 / 2 / 6 * (1 + 1 / 7)) ** 0.5  # squares: 4 (6/7)^2 + 3 (8/7)^2 = 48/7, by 6
    assert row["days_left"] == 1
    assert row["estimate"] == 8 + Decimal("1.142857142857142857")
    assert float(row["high"]) == pytest.approx(8 + 8 / 7 + spread)
    assert row["low"] == 8  # and not below what is spent


@pytest.mark.parametrize(("days", "known"), [(7, False), (8, True)])
def test_a_week_is_needed(days: int, *, known: bool) -> None:
    """With fewer than seven closed days there is no estimate, and the row says why; what is spent is told."""
    row = only(ut.run_rate(spending([Decimal(1)] * days)))
    assert row["spent"] == days
    assert (row["estimate"] is not None) == known
    assert row["reason"] == (None if known else "fewer than 7 closed days")


@pytest.mark.parametrize("day", [29, 5])
def test_unknown_is_no_estimate(day: int) -> None:
    """An unknown amount this month leaves nothing to say; one in the days before leaves what is spent."""
    rows = spending([Decimal(1)] * 35).with_columns(
        amount=pl.when(pl.col("time").dt.date() != FIRST + day * DAY).then("amount")
    )
    row = only(ut.run_rate(rows, today=FIRST + (34 if day == 29 else 31) * DAY))
    assert (row["estimate"], row["low"], row["high"]) == (None, None, None)
    assert row["spent"] == (5 if day == 29 else 2)
    assert "not known" in row["reason"]


def test_an_unknown_day_of_this_month() -> None:
    """With an unknown amount in the month itself what is spent is not known either."""
    rows = spending([Decimal(1)] * 35).with_columns(
        amount=pl.when(pl.col("time").dt.date() != date(2026, 10, 2)).then("amount")
    )
    row = only(ut.run_rate(rows))
    assert (row["spent"], row["estimate"], row["reason"]) == (None, None, "amounts of the month are not known")


def test_a_month_that_is_over_is_exact() -> None:
    """Nothing is left to estimate in a month before today's: its sum is the estimate, whatever came after."""
    rows = spending([Decimal(n) for n in range(40)])
    row = only(ut.run_rate(rows, month="2026-09"))
    assert row["spent"] == row["estimate"] == row["low"] == row["high"] == sum(range(30))
    assert (row["through"], row["days_left"]) == (date(2026, 9, 30), 0)


def test_currencies_and_bases_have_rows_of_their_own() -> None:
    """No two currencies and no bill and estimate are added."""
    rows = pl.concat(
        [
            spending([Decimal(1)] * 10),
            spending([Decimal(2)] * 10, currency="DIEM"),
            spending([Decimal(4)] * 10, basis="estimated"),
        ]
    )
    made = ut.run_rate(rows)
    assert made.select("currency", "basis", "estimate").rows() == [
        ("DIEM", "billed", 60),
        ("USD", "billed", 30),
        ("USD", "estimated", 120),
    ]


def test_today_is_the_last_row_of_all() -> None:
    """A filter says what is estimated, not which day it is; a later day counts days without rows as 0."""
    rows = pl.concat([spending([Decimal(1)] * 20, model="old"), spending([Decimal(1)] * 28, model="new")])
    row = only(ut.run_rate(rows, where=ut.Filter(model="old")))
    assert (row["through"], row["days_left"], row["spent"]) == (date(2026, 9, 27), 3, 20)
    assert 20 <= row["low"] <= row["estimate"] < 23
    assert only(ut.run_rate(rows, today=date(2026, 9, 10)))["spent"] == 20  # ten days of both


@pytest.mark.parametrize("case", HARD_DAYS)
def test_days_that_clocks_make_hard(case: str) -> None:
    """A day of 23 or 25 hours is one day."""
    zone, day, hours = HARD_DAYS[case]
    row = only(ut.run_rate(around(zone, day), tz=zone, today=day, month=day))
    before = 96 if (day - DAY).month == day.month else 0
    assert row["spent"] == before + hours * 4
    assert row["through"] == day - DAY


def test_nothing() -> None:
    """Without rows, or without money, the frame has its columns and no rows."""
    for rows in (canonical([]), canonical([tokens(5)])):
        made = ut.run_rate(rows)
        assert made.height == 0
        assert made.columns[:4] == ["currency", "basis", "month", "spent"]


def test_what_can_not_be_asked() -> None:
    """A filter of time and a month to come are refused in a sentence."""
    rows = spending([Decimal(1)] * 10)
    with pytest.raises(ut.ArgumentError, match="without start and stop"):
        ut.run_rate(rows, where=ut.Filter("2026-09-01"))
    with pytest.raises(ut.ArgumentError, match="has begun by 2026-09-10, found 2026-11"):
        ut.run_rate(rows, month="2026-11")


@given(day=st.integers(8, 30))
@settings(max_examples=5)
def test_any_frame(day: int) -> None:
    """Lazy, pandas and pyarrow rows give the same estimate."""
    rows = spending([Decimal(n % 7) for n in range(28)])
    made = ut.run_rate(rows, today=date(2026, 9, day))
    for other in (rows.lazy(), rows.to_pandas(use_pyarrow_extension_array=True), rows.to_arrow()):
        assert ut.run_rate(other, today=date(2026, 9, day)).equals(made)
