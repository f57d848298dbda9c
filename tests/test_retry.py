"""How long to wait: what the server asks, if it makes sense; else a little more each time, and never too often."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from usage_toolkit._http.retry import Pace, Quota, asked, backoff, clock_time

SERVER = datetime(2026, 11, 22, 10, tzinfo=UTC)
DATE = format_datetime(SERVER, usegmt=True)
UNIX = SERVER.timestamp()
SKEWS = [-3600.0, 0.0, 3600.0]


def wish(status: int = 429, skew: float = 0.0, **headers: str) -> float | None:
    """What a server asks that says its own date, while the clock here is wrong by `skew`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return asked({"date": DATE, **named}, status=status, wall=UNIX + skew)


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7), ("0", 0), ("1.5", 1.5), (" 30 ", 30), ("86400", 86_400), ("1e9", 1e9)]
)
def test_b6_seconds_that_make_sense(text: str, seconds: float) -> None:
    """Whole and broken seconds are obeyed, however many: whether to wait so long is decided elsewhere."""
    assert wish(retry_after=text) == seconds


@pytest.mark.parametrize("text", ["-5", "soon", "", "NaN", "inf", "1e999", "1_000", "\u0667", "7 s", "0x10", "1.5.2"])
def test_b6_nonsense_is_no_wish(text: str) -> None:
    """What is no number of seconds leaves the wait to us."""
    assert wish(retry_after=text) is None


@given(st.text() | st.from_regex(r"[-+0-9.eE:, GMTa-z]*"), st.sampled_from([429, 503]))
@example("Sun, 31 Feb 2026 25:61:61 GMT", 429)
@example("Sun, 06 Nov 99999 08:49:37 GMT", 503)
@example("Mon, 01 Jan 0001 00:00:00 +2359", 503)
@example("9" * 5000, 429)
def test_b6_any_text_is_a_wait_or_none(text: str, status: int) -> None:
    """No header can make a negative or endless wait, or an error."""
    names = ("date", "retry-after", "x-ratelimit-reset-requests", "x-ratelimit-resets", "x-ratelimit-reset-tokens")
    for headers in ({name: text} for name in names):
        value = asked(headers, status=status, wall=UNIX)
        assert value is None or (value >= 0 and math.isfinite(value))
        clock_time(UNIX + (value or 0))


@given(st.integers(0, 86_400), st.sampled_from(SKEWS))
def test_b2_a_date_is_read_against_the_servers_own(ahead: int, skew: float) -> None:
    """With a clock that is an hour off the wait is the same."""
    assert wish(skew=skew, retry_after=format_datetime(SERVER + timedelta(seconds=ahead), usegmt=True)) == ahead


@pytest.mark.parametrize("skew", SKEWS)
@pytest.mark.parametrize("name", ["x_ratelimit_reset_requests", "x_ratelimit_resets"])
@pytest.mark.parametrize("unit", [1, 1000])
def test_b3_a_reset_in_seconds_or_milliseconds(name: str, unit: int, skew: float) -> None:
    """Either unit of a Unix time is understood, by its size."""
    assert wish(429, skew, **{name: str(int(UNIX + 12) * unit)}) == 12


def test_b3_what_is_past_is_no_wish() -> None:
    """An instant that has gone by, or a small number in the place of an instant, says nothing."""
    past = format_datetime(SERVER - timedelta(seconds=9), usegmt=True)
    assert wish(retry_after=past) is wish(x_ratelimit_resets="60") is wish(x_ratelimit_reset_requests="1s") is None


def test_the_clearest_wish_wins() -> None:
    """Retry-After comes first, then the reset of requests, then that of tokens; nonsense is passed over."""
    resets = str(int(UNIX) + 20)
    assert wish(retry_after="7", x_ratelimit_reset_requests=resets, x_ratelimit_reset_tokens="3") == 7
    assert wish(retry_after="soon", x_ratelimit_reset_requests=resets, x_ratelimit_reset_tokens="3") == 20
    assert wish(x_ratelimit_reset_requests="soon", x_ratelimit_reset_tokens="3") == 3


def test_only_429_speaks_of_rate_limits() -> None:
    """A 500 carries the same headers without meaning that one has to wait for them."""
    assert wish(500, x_ratelimit_reset_tokens="3600") is None
    assert wish(503, retry_after="3") == 3


@given(st.integers(1, 50), st.floats(0, 1))
def test_backoff_is_full_jitter(failures: int, lot: float) -> None:
    """The wait is anything up to a bound that doubles from half a second to twenty, and never nothing."""
    seconds = backoff(failures, random=lambda: lot)
    assert seconds == max(0.1, lot * min(20.0, 0.5 * 2 ** (failures - 1)))


@given(st.lists(st.tuples(st.floats(0, 8), st.booleans()), max_size=60))
def test_b7_no_window_of_30_s_sees_more_than_ten_failures(schedule: list[tuple[float, bool]]) -> None:
    """Whenever requests are made and however they end, ten failures in thirty seconds is the most."""
    quota, now, failures = Quota(), 0.0, []
    for took, failed in schedule:
        while wait := quota.enter(entered := now):
            now += wait
        now += took
        quota.leave(now, entered=entered, failed=failed)
        failures += [now] if failed else []
    for late in failures:
        assert sum(late - 30 < time <= late for time in failures) <= 10


def test_b7_requests_in_flight_count_as_failures() -> None:
    """Eleven threads at once can't make eleven failures: the last one waits, and goes when another succeeds."""
    quota = Quota()
    assert [quota.enter(float(now)) for now in range(10)] == [0.0] * 10
    assert quota.enter(10.0) == 20.0
    quota.leave(10.5, entered=3.0, failed=False)
    assert quota.enter(11.0) == 0.0


@given(st.integers(1, 5), st.lists(st.integers(0, 300), max_size=60))
def test_a_pace_is_kept(burst: int, pauses: list[int]) -> None:
    """However often one asks, no more than a burst and one for every minute that has passed get their turn."""
    pace, now, turns = Pace(), 0.0, []
    for pause in pauses:
        now += pause
        wait = pace.enter(now, burst=burst, every=60.0)
        if wait:
            assert 0 < wait <= 60
            now += wait
            assert pace.enter(now, burst=burst, every=60.0) == 0
        turns.append(now)
    for first, start in enumerate(turns):
        for last in range(first, len(turns)):
            assert last - first + 1 <= burst + (turns[last] - start) / 60
