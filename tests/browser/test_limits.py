"""The tab of rate limits in JupyterLab: open it by keyboard, see the burst, click down to its hours and minutes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from playwright.sync_api import Locator, expect

import usage_toolkit as ut
from usage_toolkit import look
from usage_toolkit.export import to_csv

if TYPE_CHECKING:
    from browser.lab import Notebook

pytestmark = pytest.mark.browser

DRAWN = 60_000
"""Milliseconds for a kernel to import, add up and draw for the first time, on a machine that is busy."""
CELL = "import usage_toolkit as ut\npanel = ut.UsagePanel(ut.sample(days=31))\npanel"


def said(panel: Locator, bar: str, rows: pl.DataFrame) -> None:
    """Expect a bar of requests turned away by the minute, counted to the last one."""
    count = rows.filter(pl.col("meter") == "rate_limited", pl.col("notes") == "RPM").height
    text = f"{bar}, RPM: {look.quantity(count, 'request')}"
    expect(panel.locator(f'path[aria-roledescription="bar"][aria-label="{text}"]')).to_be_visible(timeout=DRAWN)


def click(panel: Locator, bar: str) -> None:
    """Click on a bar of refused requests."""
    panel.locator(f'path[aria-roledescription="bar"][aria-label^="{bar}, RPM: "]').click()


def test_open_the_tab_and_find_the_burst(notebook: Notebook) -> None:
    """Arrow and Enter open the tab; the day of the burst opens into hours and minutes; the file is what is shown."""
    rows = ut.sample(days=31)
    panel = notebook.run(CELL)
    use, limits = (panel.get_by_role("tab", name=name, exact=True) for name in ("Use", "Rate limits"))
    expect(panel.locator('path[aria-roledescription="bar"]').first).to_be_visible(timeout=DRAWN)
    expect(use).to_have_attribute("aria-selected", "true")
    use.focus()
    use.press("ArrowRight")
    notebook.page.keyboard.press("Enter")
    expect(limits).to_have_attribute("aria-selected", "true")

    day = datetime(2026, 10, 8, tzinfo=UTC)
    time = pl.col("time")
    of_day = rows.filter(time.is_between(day, day + timedelta(days=1), closed="left"))
    said(panel, "2026-10-08", of_day)
    expect(panel.get_by_text("the most in one day")).to_contain_text("8 Oct 2026")
    expect(panel.get_by_text("Rate-limited requests of anthropic: not reported")).to_be_visible()
    expect(panel.get_by_text("Input tokens in the highest minute of each day")).to_be_visible()

    click(panel, "2026-10-08")
    for hour in (13, 14, 15):
        start = day + timedelta(hours=hour)
        of_hour = of_day.filter(time.is_between(start, start + timedelta(hours=1), closed="left"))
        said(panel, f"2026-10-08T{hour}:00", of_hour)
    panel.get_by_text("When, which model, key and limit").click()
    burst = panel.get_by_role("row").filter(has_text="240 requests")
    expect(burst.first).to_contain_text("8 Oct 2026, 14:00")
    expect(burst.first).to_contain_text("chat-backend")
    shown = ut.UsagePanel(rows, value=ut.Filter("2026-10-08", "2026-10-09")).rate_limited
    with notebook.page.expect_download() as caught:
        panel.get_by_role("button", name="Download CSV", exact=True).click()
    assert caught.value.path().read_bytes() == to_csv(shown)

    click(panel, "2026-10-08T15:00")
    expect(panel.get_by_text("Input tokens per minute")).to_be_visible()
    up = panel.get_by_role("button", name="Up", exact=True)
    up.click()
    up.click()
    said(panel, "2026-10-08", of_day)
    use.click()
    expect(panel.get_by_role("heading", name="Tokens per day")).to_be_visible()


def test_a_provider_that_reports_nothing(notebook: Notebook) -> None:
    """Nothing is drawn for what is not reported, and what has no minutes has no peaks; both are said."""
    made = (
        "panel = ut.UsagePanel(ut.sample(days=3), value=ut.Filter(provider='anthropic'))\npanel.tab = 'limits'\npanel"
    )
    venice = ut.sample(days=3).filter(pl.col("provider") == "venice").height
    panel = notebook.run("import usage_toolkit as ut", made)
    expect(panel.get_by_text("Rate-limited requests of anthropic: not reported")).to_be_visible(timeout=DRAWN)
    expect(panel.get_by_text(re.compile("^These rows resolve no minutes"))).to_be_visible()
    chart = panel.get_by_label("Rate-limited requests beside the use").locator("svg")
    expect(chart).to_be_hidden()
    panel.get_by_label("Provider", exact=True).select_option(f"venice ({venice:,})")
    expect(chart).to_be_visible()
