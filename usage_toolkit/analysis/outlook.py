"""What the running month will have cost at its end if it goes on as it did: an estimate, with its range.

What was really billed is for `cube`; which currency is shown is for panels.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from usage_toolkit import times
from usage_toolkit.cube import cube
from usage_toolkit.errors import ArgumentError
from usage_toolkit.filters import Filter, expect_filter
from usage_toolkit.schema import MONEY, NONE

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from usage_toolkit.schema import Dtype

LEAST, MOST, WEEKS_FROM = 7, 28, 14
_DAY = timedelta(days=1)
_EXACT = Context(prec=60)
# Student's t at 95 %, from 6 degrees of freedom on: each end of the range leaves out one in twenty.
STUDENT_T = (
    1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771,
    1.761, 1.753, 1.746, 1.740, 1.734, 1.729, 1.725, 1.721,
)  # fmt: skip
_LEAST_FREEDOM = 6

COLUMNS: dict[str, Dtype] = {
    "currency": pl.String,
    "basis": pl.String,
    "month": pl.Date,
    "spent": MONEY,
    "through": pl.Date,
    "days_left": pl.Int64,
    "estimate": MONEY,
    "low": MONEY,
    "high": MONEY,
    "reason": pl.String,
}


class _Outlook(NamedTuple):
    estimate: Decimal | None
    low: Decimal | None
    high: Decimal | None
    reason: str | None


def run_rate(
    rows: Any,
    *,
    month: str | date | None = None,
    tz: str | ZoneInfo = "UTC",
    where: Filter = Filter(),  # noqa: B008 (a Filter is frozen)
    today: date | None = None,
) -> pl.DataFrame:
    """Estimate what a month will have cost at its end, per currency and basis.

    It is an estimate and no bill: it says what happens if the days that are left are like the last 28. Each of them
    is taken to cost the mean of its day of the week over the last 28 closed days, or of all of them where there are
    fewer than 14; today at least what it has cost already. The range is the 90 % prediction interval of a regression
    on the days of the week (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, 7.4 and
    7.6): it takes days to be independent and the level to stay, so it knows nothing of a budget that is used up, of a
    change of prices, or of growth. A day without rows between the first row of a currency and today costs 0.

    Parameters
    ----------
    rows
        Canonical rows, of any library that `usage_toolkit.cube` takes; those of the month before are worth having.
    month
        Such as ``2026-10``, or any day of it; by default the month of `today`. A month that is over is told exactly.
    tz
        The time zone whose days and months are meant.
    where
        Which rows to take, by labels; the days are said by `month` and `today`.
    today
        The day that is still running: those before are closed, rows of those after are left out. By default the day
        of the last of all rows; no clock is read.

    Returns
    -------
    polars.DataFrame
        Per ``currency`` and ``basis``: ``month`` (its first day), ``spent`` (exact, also today's), ``through`` (the
        last closed day), ``days_left`` (with today), ``estimate`` of the whole month with ``low`` and ``high``. Null
        where that can't be said, and ``reason`` tells why: fewer than 7 closed days since the first row, or an
        amount that is not known.

    Raises
    ------
    ArgumentError
        If the month has not begun, or `where` says a time.
    InputError
        If rows resolve less than days of `tz`.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> from datetime import date
    >>> october = ut.run_rate(ut.sample(days=60), today=date(2026, 10, 20), where=ut.Filter(currency="USD"))
    >>> october.select("currency", "through", "days_left").row(0)
    ('USD', datetime.date(2026, 10, 19), 12)
    >>> low, estimate, high = october.select("low", "estimate", "high").row(0)
    >>> low < estimate < high
    True
    """
    expect_filter(where)
    if where.start is not None or where.stop is not None:
        raise ArgumentError(f"expected where to be without start and stop, found {where}; say the month with `month`.")
    key = times.zone(tz).key
    added = cube(rows, by=(), every="1d", where=where, tz=key)
    if today is None:
        seen = added if where == Filter() else cube(rows, by=(), every="1d", tz=key)
        last = seen["time"].max()
        today = last.date() if last is not None else None  # type: ignore[union-attr]  # a column of times
    days = added.filter(pl.col("currency") != NONE).select(
        pl.col("time").dt.date().alias("day"), "currency", "basis", "amount"
    )
    return from_days(days, month=month, today=today)


def from_days(days: pl.DataFrame, *, month: str | date | None = None, today: date | None) -> pl.DataFrame:
    """Estimate as `run_rate` does, from money that is added up per ``day``, ``currency`` and ``basis`` already."""
    if today is None:
        return pl.DataFrame(schema=COLUMNS)
    first, after = _month(month or today)
    if first > today:
        raise ArgumentError(f"expected a month that has begun by {today}, found {first:%Y-%m}; name an earlier one.")
    made = []
    series = days.filter(pl.col("day") <= today).sort("basis", "currency", "day")
    for (currency, basis), own in series.group_by("currency", "basis", maintain_order=True):
        amounts: dict[date, Decimal | None] = {}
        for day, amount in own.select("day", "amount").iter_rows():
            amounts[day] = _plus(amounts.get(day, Decimal()), amount)
        inside = [amount for day, amount in amounts.items() if first <= day < after]
        spent: Decimal | None = Decimal()
        for amount in inside:
            spent = _plus(spent, amount)
        through = min(today, after) - _DAY
        left = [max(today, first) + n * _DAY for n in range((after - max(today, first)).days)] if today < after else []
        outlook = _outlook(amounts, spent, left, today)
        made.append((currency, basis, first, spent, through, len(left), *outlook))
    return pl.DataFrame(made, schema=COLUMNS, orient="row")


def _outlook(amounts: dict[date, Decimal | None], spent: Decimal | None, left: list[date], today: date) -> _Outlook:
    if spent is None:
        return _Outlook(None, None, None, "amounts of the month are not known")
    if not left:
        return _Outlook(spent, spent, spent, None)
    begin = max(min(amounts), today - MOST * _DAY)
    closed = [begin + n * _DAY for n in range((today - begin).days)]
    past = {day: amounts.get(day, Decimal()) for day in closed}
    known = {day: amount for day, amount in past.items() if amount is not None}
    if len(known) < len(past):
        return _Outlook(None, None, None, "amounts of the last days are not known")
    if len(known) < LEAST:
        return _Outlook(None, None, None, f"fewer than {LEAST} closed days")
    so_far = amounts.get(today) or Decimal()
    with localcontext(_EXACT):
        means, spread = _fit(known, left)
        expected = [means[_kind(day, known)] for day in left]
        expected[0] = max(expected[0], so_far)
        estimate = spent - so_far + sum(expected, Decimal())
        low, high = estimate - spread, estimate + spread
        if all(amount is None or amount >= 0 for amount in amounts.values()):
            low = max(low, spent)  # what is spent is spent
        last = Decimal(1).scaleb(-18)
        return _Outlook(estimate.quantize(last), low.quantize(last), high.quantize(last), None)


def _fit(known: dict[date, Decimal], left: list[date]) -> tuple[dict[int, Decimal], Decimal]:
    """Return the mean of each kind of day, and how far the sum over the days that are left may lie from its mean."""
    kinds = Counter(_kind(day, known) for day in known)
    means = {
        kind: sum((amount for day, amount in known.items() if _kind(day, known) == kind), Decimal()) / count
        for kind, count in kinds.items()
    }
    freedom = len(known) - len(means)
    squares = sum(((amount - means[_kind(day, known)]) ** 2 for day, amount in known.items()), Decimal())
    ahead = Counter(_kind(day, known) for day in left)
    shares = sum((Decimal(count**2) / kinds[kind] for kind, count in ahead.items()), Decimal(len(left)))
    return means, Decimal(str(STUDENT_T[freedom - _LEAST_FREEDOM])) * (squares / freedom * shares).sqrt()


def _kind(day: date, known: dict[date, Decimal]) -> int:
    """Return the day of the week, or one kind for all days where too few are known to tell those apart."""
    return day.weekday() if len(known) >= WEEKS_FROM else 0


def _month(of: str | date) -> tuple[date, date]:
    first, after = times.month(of)
    return first.date(), after.date()


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return None
    with localcontext(_EXACT):
        return one + other
