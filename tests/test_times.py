"""Instants, and days and months in a reader's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_toolkit import times
from usage_toolkit.errors import ArgumentError
from zoo import HARD_DAYS, ZONES

zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2016, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (as drawn)
# Nobody's usage is older, and zones of the time before did stranger things.
dates = st.dates(date(2016, 1, 1), date(2037, 12, 30))


@pytest.mark.parametrize(
    "moment",
    [
        "2026-10-01",
        "2026-10-01T00:00",
        "2026-10-01T00:00:00Z",
        "2026-10-01 02:00:00+02:00",
        "2026-09-30T18:15-05:45",
        date(2026, 10, 1),
        datetime(2026, 10, 1),  # noqa: DTZ001 (without a zone it is UTC)
        datetime(2026, 10, 1, tzinfo=UTC),
        datetime(2026, 10, 1, 2, tzinfo=ZoneInfo("Europe/Rome")),
        datetime(2026, 9, 30, 23, tzinfo=timezone(timedelta(hours=-1))),
        pd.Timestamp("2026-10-01"),
        pd.Timestamp("2026-10-01 02:00", tz="Europe/Rome"),
    ],
)
def test_one_instant_has_many_names(moment: times.Moment) -> None:
    """Texts, dates, and times with and without a zone give one plain datetime in UTC."""
    made = times.instant(moment)
    assert made == datetime(2026, 10, 1, tzinfo=UTC)
    assert type(made) is datetime
    assert made.tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("soon", "'soon'"),
        ("", "''"),
        ("2026-02-30", "'2026-02-30'"),
        ("2026-10-01T23:59:60", "'2026-10-01T23:59:60'"),
        ("1712081280000", "'1712081280000'"),
        ("1" * 100, "'1{40}'"),
        (20261001, "int"),
        (None, "NoneType"),
        (time(1), "time"),
        ("9999-12-31T23:59-01:00", "years 1 to 9999"),
        (pd.NaT, "NaT"),
    ],
)
def test_what_is_no_moment_is_refused(moment: times.Moment, said: str) -> None:
    """What can't be a moment is an ArgumentError of one sentence that quotes no more than forty characters of it."""
    with pytest.raises(ArgumentError, match=said) as caught:
        times.instant(moment)
    assert str(caught.value).startswith("expected a ")
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(moment=st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 (as drawn)
def test_an_instant_is_a_fixed_point(moment: datetime) -> None:
    """An instant of an instant is itself, and its ISO text means the same."""
    made = times.instant(moment)
    assert times.instant(made) == made == times.instant(made.isoformat()) == moment.astimezone(UTC)


@pytest.mark.parametrize(
    "tz", ["Mars", "", "Europe", "../../etc/passwd", "Europe/Rome\0", "localtime", "posixrules", "Factory", None, 1, []]
)
def test_an_unknown_zone_is_refused(tz: str) -> None:
    """A zone is one of the IANA names; a file of this machine, or a name that means another zone elsewhere, is none."""
    with pytest.raises(ArgumentError, match="expected an IANA time zone such as Europe/Rome, found"):
        times.zone(tz)


def test_every_zone_of_the_database_is_known() -> None:
    """What zoneinfo lists is accepted, save the names that mean no place."""
    for tz in sorted(available_timezones() - {"Factory", "localtime", "posixrules"}):
        assert times.zone(tz).key == tz


@pytest.mark.parametrize("name", HARD_DAYS)
def test_a_hard_day_has_its_length(name: str) -> None:
    """Days are as long as clocks make them: 23, 23.5, 24, 24.5, 25 hours, and 27 in Casey."""
    zone, day, hours = HARD_DAYS[name]
    start, stop = times.day(day, tz=zone)
    assert stop - start == timedelta(hours=hours)


@given(day=dates, tz=zones)
def test_a_day_begins_with_the_first_instant_of_its_date(day: date, tz: str) -> None:
    """The start is on the date and what lies just before is on an earlier one; a day ends where the next begins."""
    start, stop = times.day(day, tz=tz)
    assert times.local_date(start, tz=tz) == day
    assert times.local_date(start - timedelta(microseconds=1), tz=tz) < day
    assert stop == times.day(day + timedelta(days=1), tz=tz)[0]
    assert start.tzinfo is stop.tzinfo is UTC


@given(day=dates, tz=zones)
def test_a_month_is_all_its_days(day: date, tz: str) -> None:
    """A month runs from the start of its first day to the start of the next month's, from whichever day it is asked."""
    start, stop = times.month(day, tz=tz)
    after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    assert start == times.day(day.replace(day=1), tz=tz)[0]
    assert stop == times.day(after, tz=tz)[0]
    assert times.month(after - timedelta(days=1), tz=tz) == (start, stop)


@given(moment=moments, tz=zones)
def test_every_instant_lies_in_the_day_of_its_date(moment: datetime, tz: str) -> None:
    """Days leave no gap: each instant lies within the day of its local date."""
    start, stop = times.day(times.local_date(moment, tz=tz), tz=tz)
    assert start <= moment < stop


def test_which_zones_have_the_days_of_utc() -> None:
    """UTC under any of its names has the days of UTC; a zone that is there only in winter has not."""
    assert all(map(times.is_utc, ["UTC", "Etc/UTC", "Zulu", "GMT", "Etc/GMT", "Africa/Abidjan", "Atlantic/Reykjavik"]))
    assert not any(map(times.is_utc, ["Europe/London", "Europe/Lisbon", "Africa/Casablanca", "Antarctica/Troll"]))


@given(moment=moments, tz=zones)
def test_hours_are_whole_where_they_are_said_to_be(moment: datetime, tz: str) -> None:
    """In a zone of whole hours every instant shows the minutes of UTC; in UTC also the hours."""
    local = moment.astimezone(ZoneInfo(tz))
    if times.whole_hours(tz):
        assert local.minute == moment.minute
    if times.is_utc(tz):
        assert local.replace(tzinfo=UTC) == moment
