"""A page's totals as they are read, and how they changed: letter by letter those of a panel with a kernel."""

from __future__ import annotations

import html
import random
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

import usage_toolkit as ut
import zoo
from browser.pages import opened, panel_tiles, tiles
from panels import daily, event, frame
from usage_toolkit.panel.tiles import Figures
from usage_toolkit.view.hours import SELECTORS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import polars as pl
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def agree(browser: Browser, path: Path, rows: pl.DataFrame, wheres: Iterable[ut.Filter], **how: Any) -> set[str]:
    """Hold the tiles of pages to those of panels, and return what was said of the period before."""
    said = set()
    use, cost = ut.UsagePanel(rows, **how), ut.CostPanel(rows, **how)
    for where in wheres:
        use.value = cost.value = where
        ut.write_page(rows, path, value=where, **how)
        with opened(browser, path) as page:
            first, _, *rest = panel_tiles(use)
            assert tiles(page, "use") == [tile for line in (first, *rest) for tile in line], where
            assert tiles(page, "cost") == [tile for line in panel_tiles(cost) for tile in line], where
            figures = Figures(use._before, tz=use._hours.tz, locale=use._locale)
            expect(page.locator("#live > .note")).to_have_text(figures.note)
            said.add(figures.note)
            guess = page.locator("#cost .outlook:visible").all_inner_texts()
            assert guess == outlook_of(cost), where
            said |= {*guess}
    return said


def outlook_of(panel: ut.CostPanel) -> list[str]:
    """Read a panel's estimate of the running month, if it has one."""
    found = re.findall(r'<b title="[^"]*"><i[^>]*></i>(.*?)</b>', panel._tiles.value)
    return [html.unescape(text) for text in found]


@pytest.mark.parametrize("last", ["2026-10-05", "2026-10-08", "2026-10-20T13:00", "2026-10-31T04:00"])
def test_the_running_month_has_an_estimate(browser: Browser, tmp_path: Path, last: str) -> None:
    """With its range, as a panel makes it, for any selection; or it is said why there is none."""
    rows = ut.sample(days=60).filter(ut.Filter("2026-09-20", last).to_expr())
    october = ut.Filter.month("2026-10")
    wheres = [october, october.replace(provider="venice"), october.replace(model="claude-opus-4-8"), october.replace(
        workspace="nowhere"), ut.Filter.month("2026-09")]  # fmt: skip
    said = agree(browser, tmp_path / "page.html", rows, wheres)
    assert len([text for text in said if "stimate for Oct 2026" in text]) >= 2


def test_an_estimate_needs_days(browser: Browser, tmp_path: Path) -> None:
    """With six closed days there is none, and that is said."""
    rows = ut.sample(days=31).filter(ut.Filter("2026-10-02", "2026-10-08").to_expr())
    said = agree(browser, tmp_path / "page.html", rows, [ut.Filter.month("2026-10")])
    assert "No estimate for Oct 2026: it takes seven closed days of known amounts." in said


def test_changes_are_those_of_a_panel(browser: Browser, tmp_path: Path) -> None:
    """Months, weeks, days and hours; one that runs, the first one, and all time are refused in the same words."""
    rows = ut.sample(days=61)
    wheres = [
        ut.Filter(),
        ut.Filter.month("2026-10"),
        ut.Filter.month("2026-09"),
        ut.Filter.day("2026-10-20"),
        ut.Filter("2026-10-05", "2026-10-12", provider="anthropic"),
        ut.Filter("2026-10-20T13:00", "2026-10-20T14:00"),
        ut.Filter("2026-10-20T13:00", "2026-10-20T19:00", provider="venice"),
        ut.Filter("2026-10-30", "2026-11-02"),
        ut.Filter("2026-09-01", "2026-09-03"),
        ut.Filter("2026-10-05", None),
    ]
    said = agree(browser, tmp_path / "page.html", rows, wheres)
    assert len({text.split(":")[0] for text in said}) >= 3
    assert len(said) >= 6


def test_changes_of_any_filter(browser: Browser, tmp_path: Path) -> None:
    """Random filters by all labels, also such as nobody has."""
    rows, luck = ut.sample(days=40), random.Random(8)
    known = ut.options(rows)
    wheres = []
    for _ in range(14):
        names: dict[str, Any] = {
            label: luck.sample([*known[label]], min(len(known[label]), luck.choice([1, 2])))
            for label in SELECTORS
            if luck.random() < 0.3
        }
        start = datetime(2026, 9, 25, tzinfo=UTC) + timedelta(days=luck.randrange(36))
        days = luck.choice([1, 1, 2, 7, 10])
        wheres.append(ut.Filter(start, start + timedelta(days=days), **names))
    agree(browser, tmp_path / "page.html", rows, wheres)


@pytest.mark.parametrize("tz", ["Europe/Rome", "Asia/Kolkata"])
def test_changes_elsewhere_and_in_italian(browser: Browser, tmp_path: Path, tz: str) -> None:
    """Days and months of another zone, words and numbers of another language."""
    rows = ut.sample(days=40)
    wheres = [ut.Filter.month("2026-10", tz=tz), ut.Filter.day("2026-10-26", tz=tz), ut.Filter.day("2026-10-25", tz=tz)]
    agree(browser, tmp_path / "page.html", rows, wheres, tz=tz, locale="it-IT")


def test_what_is_known_to_be_complete_closes_a_period(browser: Browser, tmp_path: Path) -> None:
    """Windows that were fetched whole decide, also before the first row and after the last."""
    first = datetime(2026, 10, 1, tzinfo=UTC)
    rows = frame(*(event(first + timedelta(days=at, hours=5)) for at in range(3, 25)))
    coverage = ut.sample(days=1).head(0).select("provider", "source", "account", start="time", stop="time")
    window = {"provider": ["venice"], "source": ["venice.ledger"], "account": ["(default)"]}
    known = type(coverage)(
        window | {"start": [first - timedelta(days=40)], "stop": [first + timedelta(days=31)]}, schema=coverage.schema
    )
    wheres = [ut.Filter.month("2026-10"), ut.Filter.day("2026-10-04"), ut.Filter.month("2026-11")]
    assert "Change against the period before (Sep 2026)." in agree(
        browser, tmp_path / "page.html", rows, wheres, coverage=known
    )
    agree(browser, tmp_path / "page.html", rows, wheres)


def test_money_of_every_kind(browser: Browser, tmp_path: Path) -> None:
    """Credits, three currencies, estimates, unknown amounts and daily bills, now and in the day before."""
    start = datetime(2026, 10, 1, tzinfo=UTC)
    made = []
    for day in range(3):
        at = start + timedelta(days=day)
        made += [
            event(at + timedelta(hours=1), amount="5"), event(at + timedelta(hours=1), amount=f"-{2 * day}.000001"),
            event(at + timedelta(hours=2), currency="DIEM", amount="-0.25", amount_usd="-0.25"),
            event(at + timedelta(hours=3), currency="EUR", amount=f"1{day}", basis="estimated"),
            event(at + timedelta(hours=3), currency="USD", amount="0.123456789012345678", basis="allocated"),
            event(at + timedelta(hours=4), meter="image", unit="image", quantity=str(day) if day else None),
            event(at + timedelta(hours=4), meter="audio", unit="second", quantity="2.5"),
            event(at + timedelta(hours=4), meter="audio", unit="character", quantity="7"),
            daily(at, meter="web_search", workspace="w"),
        ]  # fmt: skip
    made = [one if one["quantity"] is not None else one | {"unit": None} for one in made]
    wheres = [ut.Filter.day(f"2026-10-0{day}") for day in (1, 2, 3)] + [
        ut.Filter("2026-10-02T01:00", "2026-10-02T02:00"),
        ut.Filter.day("2026-10-02", workspace="w"),
        ut.Filter.day("2026-10-02", model="nobody"),
    ]
    agree(browser, tmp_path / "page.html", frame(*made), wheres)


@pytest.mark.parametrize(
    "hazard", ["unknowns", "a credit", "no parity for one part", "three bases", "empty", "one row"]
)
def test_tiles_of_hazards(browser: Browser, tmp_path: Path, hazard: str) -> None:
    """What is not known, or not there, is said as by a panel."""
    agree(browser, tmp_path / "page.html", zoo.ZOO[hazard], [ut.Filter(), ut.Filter.day("2026-10-01")])
