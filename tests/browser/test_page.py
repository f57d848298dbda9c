"""A page in Chromium, from a file and without a network: exact, quiet, and the same as a panel with a kernel."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

import usage_toolkit as ut
import zoo
from browser.pages import cargo, choose, compare, downloaded, exact, opened, shown
from panels import daily, event, frame, sums
from usage_toolkit.export import to_csv
from usage_toolkit.view.drawn import TOKENS
from usage_toolkit.view.hours import SELECTORS, Hours
from usage_toolkit.view.picture import picture
from usage_toolkit.view.refused import Refused
from usage_toolkit.view.totals import plain

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl
    from playwright.sync_api import Browser


pytestmark = pytest.mark.browser
DAYS = 21
FIRST = datetime(2026, 10, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Three weeks of the sample."""
    return ut.sample(days=DAYS)


def test_choices_by_hand_equal_the_panel(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """Whatever is chosen in the page's own controls, its totals and files are those of polars, to the last digit."""
    luck, hours = random.Random(4), Hours(rows)
    path = ut.write_page(rows, tmp_path / "page.html")
    with opened(browser, path) as page:
        codes = cargo(page)["codes"]
        for _ in range(12):
            chosen: dict[str, tuple[str, ...]] = {}
            for label, name in zip(SELECTORS, ("Provider", "Workspace", "Model", "API key", "User"), strict=True):
                choose(page, name, (), codes[label])
            for label, name in zip(SELECTORS, ("Provider", "Workspace", "Model", "API key", "User"), strict=True):
                if luck.random() < 0.4:
                    offered = [*ut.options(rows, where=ut.Filter(**chosen), of=label)[label]]  # type: ignore[arg-type]
                    chosen[label] = tuple(luck.sample(offered, min(len(offered), luck.choice([1, 1, 2]))))
                    choose(page, name, chosen[label], codes[label])
            first, last = sorted(luck.sample(range(DAYS), 2))
            days = [(FIRST + timedelta(days=at)).date() for at in (first, last + 1)]
            page.get_by_label("Period", exact=True).select_option("range")
            page.get_by_label("To", exact=True).fill(str(days[1] - timedelta(days=1)))
            page.get_by_label("From", exact=True).fill(str(days[0]))
            where = ut.Filter(days[0], days[1], **chosen)
            compare(page, hours, where)


# Sets the page's own controls as a hand would: each menu to a value, and the days of a range.
_CHOOSE = """([labels, first, last]) => {
  const all = [...document.querySelectorAll('.filters label')];
  const of = (label) => all.find((one) => one.textContent === label && one.offsetParent)
    .parentElement.querySelector('select, input');
  const set = (label, value) => {
    of(label).value = value;
    of(label).dispatchEvent(new Event('change', { bubbles: true }));
  };
  set('Period', 'all');
  for (const label of Object.keys(labels)) set(label, 'all');
  for (const [label, value] of Object.entries(labels)) set(label, value);
  if (first === null) return;
  set('Period', 'range');
  set('To', last);
  set('From', first);
}"""


def test_a_hundred_choices_equal_panel_and_polars(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """Totals of the page, of panels and of polars alone are the same to the last digit, whatever is chosen."""
    luck, some = random.Random(7), 0
    use, cost = ut.UsagePanel(rows), ut.CostPanel(rows)
    path = ut.write_page(rows, tmp_path / "page.html")
    names = dict(zip(SELECTORS, ("Provider", "Workspace", "Model", "API key", "User"), strict=True))
    with opened(browser, path) as page:
        codes = cargo(page)["codes"]
        for _ in range(100):
            chosen: dict[str, Any] = {}
            for label in luck.sample(SELECTORS, 5):
                offered = use._hours.offers(ut.Filter(**chosen))[label]
                if offered and luck.random() < 0.4:
                    chosen[label] = luck.choice([*offered])
            menus = {
                names[label]: str(codes[label].index(chosen[label])) if label in chosen else "all"
                for label in [*chosen, *({*SELECTORS} - {*chosen})]
            }
            first, last = sorted(luck.choices(range(DAYS), k=2))
            days = [(FIRST + timedelta(days=at)).date() for at in (first, last, last + 1)]
            where = ut.Filter(days[0], days[2], **chosen) if luck.random() < 0.7 else ut.Filter(**chosen)
            ends = (str(days[0]), str(days[1])) if where.start else (None, None)
            page.evaluate(_CHOOSE, [menus, *ends])
            use.value = cost.value = where
            found = shown(page, "use") | shown(page, "cost")
            assert found == exact(use.picture, money=False) | exact(cost.picture, money=True), where
            totals = {of.partition("|")[0] or of.split("|")[1]: number for of, number in found.items()}
            wanted = sums(rows.filter(where.to_expr()))
            assert totals == {name: f"{plain(number):f}" for name, number in wanted.items()}, where
            some += bool(wanted)
    assert some > 50


@pytest.mark.parametrize("tz", ["UTC", "Europe/Rome", "Asia/Kolkata"])
def test_pages_begin_as_asked(browser: Browser, rows: pl.DataFrame, tmp_path: Path, tz: str) -> None:
    """A page that begins with any filter, of days, hours or minutes, shows exactly what that filter keeps."""
    luck, hours, known = random.Random(5), Hours(rows, tz), ut.options(rows)
    for _ in range(8):
        names: dict[str, Any] = {
            label: luck.sample([*known[label]], min(len(known[label]), 2)) for label in SELECTORS if luck.random() < 0.3
        }
        names |= {"meter": ["input", "output"]} if luck.random() < 0.2 else {}
        start = FIRST + timedelta(minutes=luck.choice([1, 60, 1440]) * luck.randrange(DAYS))
        stop = start + luck.choice([timedelta(minutes=50), timedelta(hours=7), timedelta(days=3), timedelta(days=10)])
        where = ut.Filter(*luck.choice([(None, None), (start, stop), (None, stop)]), **names)
        path = ut.write_page(rows, tmp_path / "page.html", value=where, tz=tz)
        with opened(browser, path) as page:
            compare(page, hours, where)


@pytest.mark.parametrize(
    "day", ["25 hours in Rome", "23 hours in Rome", "24.5 hours on Lord Howe", "23.5 hours on Lord Howe"]
)
def test_hard_days_open_into_their_hours(browser: Browser, tmp_path: Path, day: str) -> None:
    """A day has the hours that clocks gave it, each with a name of its own."""
    tz, date, _ = zoo.HARD_DAYS[day]
    rows = zoo.ZOO[day]
    hours = Hours(rows, tz)
    where = ut.Filter.day(date, tz=tz)
    path = ut.write_page(rows, tmp_path / "page.html", tz=tz, value=where)
    of = picture(hours, where, drawn=TOKENS, group="meter", locale="en-US")
    with opened(browser, path) as page:
        compare(page, hours, where)
        expect(page.locator("#use .place")).to_have_count(len(of.bars))
        names = page.locator("#use .place").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
        assert len(set(names)) == len(of.bars)


@pytest.mark.parametrize("day", ["25 hours in Rome", "23 hours in Rome", "no midnight in Havana"])
def test_a_page_of_days_keeps_hard_days_whole(browser: Browser, tmp_path: Path, day: str) -> None:
    """However long a day is, it is in the page that has only days."""
    tz, date, _ = zoo.HARD_DAYS[day]
    where = ut.Filter.day(date, tz=tz)
    path = ut.write_page(zoo.ZOO[day], tmp_path / "page.html", tz=tz, value=where, every="1d")
    hours = Hours(zoo.ZOO[day], tz)
    of = picture(hours, where, drawn=TOKENS, group="meter", locale="en-US", every="1d")
    with opened(browser, path) as page:
        assert shown(page, "use") == exact(of, money=False)
        assert downloaded(page, "use") == to_csv(of.data)


def test_rows_that_a_period_cuts_are_counted(browser: Browser, tmp_path: Path) -> None:
    """What lies in a period only in part is in no number, and how many rows that are is said as by a panel."""
    days = [daily(FIRST + timedelta(days=at)) for at in range(3)]
    rows = frame(*days, *(event(FIRST + timedelta(hours=at)) for at in range(72)))
    hours = Hours(rows)
    for start, stop in ((6, 30), (30, 40), (0, 30), (12, None), (None, 50), (24, 48)):
        first, last = (None if at is None else FIRST + timedelta(hours=at) for at in (start, stop))
        where = ut.Filter(first, last)
        path = ut.write_page(rows, tmp_path / "page.html", value=where)
        left = picture(hours, where, drawn=TOKENS, group="meter", locale="en-US").left_out()
        with opened(browser, path) as page:
            compare(page, hours, where)
            expect(page.locator("#live > .left-out p")).to_have_text(left)


def test_a_click_opens_a_day_and_up_leads_back(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """A day opens into its hours, by mouse and by keyboard; hours add up to it, and back is where one was."""
    hours = Hours(rows)
    path = ut.write_page(rows, tmp_path / "page.html", value=ut.Filter.month("2026-10"))
    with opened(browser, path) as page:
        up = page.get_by_role("button", name="Up")
        page.locator("#use .place[data-name^='2026-10-20']").click()
        expect(page.locator("#use h2")).to_have_text("Tokens per hour")
        expect(page.locator("#use .place")).to_have_count(24)
        expect(page.get_by_role("navigation")).to_contain_text("Oct 2026 \u203a 20 Oct 2026")
        compare(page, hours, ut.Filter.day("2026-10-20"))
        up.click()
        expect(page.get_by_label("Month", exact=True).locator("option:checked")).to_have_text("Oct 2026")
        place = page.locator("#use .place").first
        place.focus()
        for _ in range(12):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        compare(page, hours, ut.Filter.day("2026-10-13"))
        up.press("Enter")
        compare(page, hours, ut.Filter.month("2026-10"))


def test_the_table_is_the_file(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """What stands in the table stands in the file, and a semicolon file has decimal commas."""
    where = ut.Filter.day("2026-10-20", model="claude-opus-4-8")
    path = ut.write_page(rows, tmp_path / "page.html", value=where)
    of = picture(Hours(rows), where, drawn=TOKENS, group="meter", locale="en-US")
    with opened(browser, path) as page:
        page.locator("#use summary").click()
        table = page.locator("#use tbody tr")
        expect(table).to_have_count(min(200, of.data.height))
        column = [*of.data.columns].index("quantity")
        wanted = [f"{plain(row[column]):,f}" if row[column] is not None else "\u2013" for row in of.data.rows()]
        found = table.evaluate_all("all => all.map(one => one.querySelector('td.number').textContent)")
        assert found == wanted[:200]
        page.locator("#use").get_by_label("CSV with").select_option(";")
        assert downloaded(page, "use") == to_csv(of.data, separator=";", decimal=",")


def test_refused_requests_are_counted(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """As many as there are rows of, by the kind of limit; who reports none is named."""
    refused = rows.filter(rows["meter"] == "rate_limited")
    path = ut.write_page(rows, tmp_path / "page.html")
    with opened(browser, path) as page:
        expect(page.locator("#limited .told")).to_have_attribute(
            "data-count", str(plain(Decimal(refused["quantity"].sum())))
        )
        expect(page.locator("#limited .told")).to_contain_text("anthropic: not reported")
        for where in (ut.Filter(), ut.Filter.day("2026-10-20"), ut.Filter.month("2026-10", provider="venice")):
            page.get_by_label("Provider", exact=True).select_option("all")
            wanted = Refused(Hours(rows)).shown(where, every="1h" if where.start and not where.provider else "1d")
            if where.start:
                page.get_by_label("Period", exact=True).select_option("month" if where.provider else "day")
            if where.provider:
                codes = cargo(page)["codes"]["provider"]
                page.get_by_label("Provider", exact=True).select_option(str(codes.index("venice")))
            elif where.start:
                page.get_by_label("Day", exact=True).fill("2026-10-20")
            assert downloaded(page, "limited") == to_csv(wanted)
        page.get_by_label("Period", exact=True).select_option("all")
        page.get_by_label("Provider", exact=True).select_option("all")
        kinds = {*refused["notes"].str.split(", ").list.first()}
        assert {*page.locator("#limited .legend .name").all_inner_texts()} == kinds


@pytest.mark.parametrize("hazard", zoo.ZOO)
def test_every_hazard_is_quiet(browser: Browser, tmp_path: Path, hazard: str) -> None:
    """No rows, unknown numbers, forty models, daily rows: the page opens, tells, and equals the panel."""
    rows = zoo.ZOO[hazard]
    path = ut.write_page(rows, tmp_path / "page.html")
    with opened(browser, path) as page:
        compare(page, Hours(rows), ut.Filter())


def test_without_scripts_there_is_a_picture(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """Bars, totals to the last digit and a table are there all the same, and a sentence says what is missing."""
    path = ut.write_page(rows, tmp_path / "page.html", value=ut.Filter.month("2026-10"))
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    expect(page.locator("noscript .message")).to_be_visible()
    expect(page.locator("#live")).to_be_hidden()
    expect(page.locator("#still svg[role=img]")).to_have_count(2)
    money = picture(Hours(rows), ut.Filter.month("2026-10"), drawn=TOKENS, group="meter", locale="en-US").totals
    dollars = next(total for total in money if total.key == "USD")
    expect(page.locator("#still")).to_contain_text(f"{plain(dollars.value):,f} USD")
    page.locator("#still summary").first.click()
    expect(page.locator("#still tbody tr").first).to_be_visible()
    context.close()


def test_paper_has_no_controls(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """Printed, what is chosen is said, bars and totals stay, menus and buttons are gone."""
    path = ut.write_page(rows, tmp_path / "page.html", value=ut.Filter.month("2026-10", model="claude-opus-4-8"))
    with opened(browser, path) as page:
        page.emulate_media(media="print")
        expect(page.locator("select:visible")).to_have_count(0)
        expect(page.locator("button:visible")).to_have_count(0)
        expect(page.get_by_role("navigation")).to_contain_text("Oct 2026")
        expect(page.get_by_role("navigation")).to_contain_text("claude-opus-4-8")
        expect(page.locator("#cost svg").first).to_be_visible()


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_is_wider_than_the_window(browser: Browser, tmp_path: Path, width: int) -> None:
    """On a telephone and on a wide screen, also with names of ten thousand letters."""
    path = ut.write_page(zoo.ZOO["hostile names"], tmp_path / "page.html")
    with opened(browser, path, viewport={"width": width, "height": 800}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_italian_reads_italian(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """Words, numbers and dates are Italian; dollars stay dollars."""
    path = ut.write_page(rows, tmp_path / "page.html", locale="it-IT", value=ut.Filter.month("2026-10"))
    with opened(browser, path) as page:
        expect(page.locator("#use h2")).to_have_text("Token al giorno")
        expect(page.get_by_role("navigation")).to_contain_text("ott 2026")
        text = page.locator("body").inner_text()
        assert "USD" in text
        assert "€" not in text
        found = next(total for total in page.locator("#cost .main").all_inner_texts() if "USD" in total)
        assert "," in found
