"""A page that was asked for minutes: an hour opens into them, and it is said where there are none."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

import usage_toolkit as ut
import zoo
from browser.pages import cargo, compare, downloaded, opened
from panels import daily, event, frame
from usage_toolkit.export import to_csv
from usage_toolkit.view.drawn import TOKENS
from usage_toolkit.view.hours import SELECTORS, Hours
from usage_toolkit.view.picture import picture

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
FIRST = datetime(2026, 10, 11, tzinfo=UTC)
DAYS = 21
DAY, HOUR = ut.Filter.day("2026-10-20"), ut.Filter("2026-10-20T13:00", "2026-10-20T14:00")


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Three weeks of the sample."""
    return ut.sample(days=DAYS)


def test_an_hour_opens_into_minutes(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """By mouse and by keyboard; the way there is told, up leads back, and all numbers are those of the rows."""
    path, hours = ut.write_page(rows, tmp_path / "page.html", every="1m", value=DAY), Hours(rows)
    with opened(browser, path) as page:
        compare(page, hours, DAY, every="1m")
        page.locator("#use .place[data-name^='2026-10-20T13']").click()
        expect(page.get_by_role("button", name="Up")).to_be_focused()
        expect(page.locator("#use h2")).to_have_text("Tokens per minute")
        expect(page.locator("#use .place")).to_have_count(60)
        expect(page.get_by_role("navigation")).to_contain_text("20 Oct 2026 \u203a 20 Oct 2026, 13:00 to 14:00")
        compare(page, hours, HOUR, every="1m")
        up = page.get_by_role("button", name="Up")
        page.get_by_role("button", name="Next period").click()
        compare(page, hours, ut.Filter("2026-10-20T14:00", "2026-10-20T15:00"), every="1m")
        page.get_by_role("button", name="Previous period").press("Enter")
        compare(page, hours, HOUR, every="1m")
        up.press("Enter")
        compare(page, hours, DAY, every="1m")
        page.locator("#cost .place").first.focus()
        for _ in range(13):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        compare(page, hours, HOUR, every="1m")
        page.locator("#use .place").nth(7).click()
        expect(page.get_by_role("alert")).to_be_hidden()
        up.click()
        up.click()
        compare(page, hours, ut.Filter.month("2026-10"), every="1m")


@pytest.mark.parametrize("tz", ["UTC", "Europe/Rome", "Asia/Kolkata"])
def test_pages_of_minutes_begin_as_asked(browser: Browser, rows: pl.DataFrame, tmp_path: Path, tz: str) -> None:
    """With any filter, also one that cuts an hour: what it keeps is what is shown."""
    luck, hours, known = random.Random(6), Hours(rows, tz), ut.options(rows)
    for _ in range(6):
        names: dict[str, Any] = {
            label: luck.sample([*known[label]], min(len(known[label]), 2)) for label in SELECTORS if luck.random() < 0.3
        }
        start = FIRST + timedelta(minutes=luck.randrange(1440 * 20))
        stop = start + timedelta(minutes=luck.choice([1, 50, 60, 61, 700, 4000]))
        where = ut.Filter(start, luck.choice([stop, stop, None]), **names)
        path = ut.write_page(rows, tmp_path / "page.html", value=where, tz=tz, every="1m")
        with opened(browser, path) as page:
            assert cargo(page)["every"] == "1m"
            compare(page, hours, where, every="1m")


@pytest.mark.parametrize("day", ["25 hours in Rome", "23 hours in Rome", "24.5 hours on Lord Howe"])
def test_hard_days_in_minutes(browser: Browser, tmp_path: Path, day: str) -> None:
    """The hour that clocks show twice is two hours, each with its own minutes."""
    tz, date, _ = zoo.HARD_DAYS[day]
    rows, where = zoo.ZOO[day], ut.Filter.day(date, tz=tz)
    hours = Hours(rows, tz)
    path = ut.write_page(rows, tmp_path / "page.html", tz=tz, value=where, every="1m")
    bars = picture(hours, where, drawn=TOKENS, group="meter", locale="en-US").bars
    with opened(browser, path) as page:
        compare(page, hours, where, every="1m")
        for at in (1, 2, 3):
            page.locator("#use .place").nth(at).click()
            compare(page, hours, ut.Filter(bars[at].start, bars[at].stop), every="1m")
            page.get_by_role("button", name="Up").click()


def test_nothing_is_finer_than_its_source(browser: Browser, tmp_path: Path) -> None:
    """Rows of hours and of days have totals and a place in the table, no minutes, and that is said."""
    rows = frame(
        *(event(FIRST + timedelta(hours=at), grain="1h") for at in range(48)),
        event(FIRST + timedelta(hours=30, minutes=7), model="fine"),
        daily(FIRST), daily(FIRST + timedelta(days=1)),
    )  # fmt: skip
    hours, whole = Hours(rows), ut.Filter.day(FIRST.date())
    path = ut.write_page(rows, tmp_path / "page.html", value=whole, every="1m")
    with opened(browser, path) as page:
        page.locator("#use .place").nth(5).click()
        expect(page.get_by_role("alert")).to_have_text(
            "11 Oct 2026, 05:00 can't be opened: its rows resolve no minutes."
        )
        page.locator("#cost .place").nth(5).click()
        expect(page.get_by_role("alert")).to_contain_text("its rows of USD billed resolve no minutes")
        compare(page, hours, whole, every="1m")
        page.get_by_role("button", name="Next day").click()
        page.locator("#use .place").nth(6).click()
        where = ut.Filter("2026-10-12T06:00", "2026-10-12T07:00")
        compare(page, hours, where, every="1m")
        of = picture(hours, where, drawn=TOKENS, group="meter", locale="en-US")
        for note in of.notes():
            expect(page.locator("#live > .status")).to_contain_text(note)
    for cut in (ut.Filter("2026-10-12T06:05", "2026-10-12T07:00"), ut.Filter("2026-10-12T05:00", "2026-10-12T06:30")):
        path = ut.write_page(rows, tmp_path / "page.html", value=cut, every="1m")
        left = picture(hours, cut, drawn=TOKENS, group="meter", locale="en-US").left_out()
        with opened(browser, path) as page:
            compare(page, hours, cut, every="1m")
            expect(page.locator("#live > .left-out p")).to_have_text(left)


def test_a_file_without_minutes_says_so(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """An hour of a page that was not asked for minutes can't be opened, and why is said."""
    path = ut.write_page(rows, tmp_path / "page.html", value=DAY)
    with opened(browser, path) as page:
        page.locator("#use .place").nth(13).press("Enter")
        expect(page.get_by_role("alert")).to_have_text(
            "20 Oct 2026, 13:00 can't be opened: this file has hours and nothing finer."
        )
        options = page.get_by_label("Granularity").locator("option").all_inner_texts()
        assert options == ["Auto", "Hour", "Day", "Week", "Month"]


def test_refused_requests_by_the_minute(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """They have their minutes, too."""
    refused = rows.filter(rows["meter"] == "rate_limited")
    start = refused["time"].dt.truncate("1h").mode().sort()[0]
    where = ut.Filter(start, start + timedelta(hours=1))
    path = ut.write_page(rows, tmp_path / "page.html", value=where, every="1m")
    panel = ut.UsagePanel(rows, value=where)
    with opened(browser, path) as page:
        assert downloaded(page, "limited") == to_csv(panel.rate_limited)
        told = page.locator("#limited .told p").all_inner_texts()
        assert told == panel._limited.told()
