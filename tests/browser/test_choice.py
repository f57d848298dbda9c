"""Choosing several values of a label, and how fine the bars are, in JupyterLab: by mouse and by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from playwright.sync_api import expect

import usage_toolkit as ut
from browser.test_usage_panel import DRAWN, ROWS, bar, output, tile

if TYPE_CHECKING:
    from browser.lab import Notebook

pytestmark = pytest.mark.browser


def test_tick_several_models(notebook: Notebook) -> None:
    """Two models ticked, by mouse and by keyboard, are what is added up; choosing all closes the list again."""
    rows = ut.sample(days=14)
    panel = notebook.run(ROWS, "panel = ut.UsagePanel(rows)\npanel")
    total = tile(panel, "Output")
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    menu, done = panel.get_by_label("Model", exact=True), panel.get_by_role("button", name="Done")
    expect(done).to_be_hidden()
    menu.select_option("Several…")
    expect(menu.locator("option:checked")).to_have_text("All models")

    counts = dict(rows.group_by("model").len().iter_rows())
    one, two = "claude-opus-4-8", "zai-org-glm-5-1"
    panel.get_by_label(f"{one} ({counts[one]:,})", exact=True).check()
    expect(total).to_have_attribute("title", output(rows.filter(pl.col("model") == one)))
    second = panel.get_by_label(f"{two} ({counts[two]:,})", exact=True)
    second.focus()
    second.press("Space")
    expect(total).to_have_attribute("title", output(rows.filter(pl.col("model").is_in([one, two]))))
    expect(second).to_be_focused()
    expect(menu.locator("option:checked")).to_have_text("2 models")

    done.press("Enter")
    expect(second).to_be_hidden()
    expect(menu.locator("option:checked")).to_have_text("2 models")
    menu.select_option("Several…")
    again = panel.get_by_label(f"{two} ({counts[two]:,})", exact=True)
    expect(again.first).to_be_checked()  # labels arrive one by one, so that for a moment two are the same
    expect(again).to_have_count(1)
    menu.select_option("All models")
    expect(done).to_be_hidden()
    expect(total).to_have_attribute("title", output(rows))


def test_the_list_stays_small(notebook: Notebook) -> None:
    """Forty models, one of 10 kB, are listed in a space that scrolls, and nothing is wider than the panel."""
    many = "import polars as pl\nnames = [f'model-{n:02}' for n in range(40)] + ['x' * 10_000]"
    many += "\nrows = rows.with_columns(model=pl.Series(names).gather(pl.int_range(rows.height, eager=True) % 41))"
    panel = notebook.run(ROWS, many, "panel = ut.UsagePanel(rows)\npanel")
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    panel.get_by_label("Model", exact=True).select_option("Several…")
    boxes = panel.locator(".ut-boxes:visible")
    expect(boxes.get_by_role("checkbox")).to_have_count(41)
    height, inner, width, wide = boxes.evaluate("e => [e.clientHeight, e.scrollHeight, e.clientWidth, e.scrollWidth]")
    assert height <= 8 * 22 < inner
    assert wide == width
    panel.locator(".ut-several:visible").get_by_label("Find").press_sequentially("xxx")
    expect(boxes.get_by_role("checkbox")).to_have_count(1)


def test_hours_of_two_weeks(notebook: Notebook) -> None:
    """A granularity chosen in the menu redraws the same chart; an hour opens into minutes, and up leads back."""
    rows = ut.sample(days=14)
    panel = notebook.run(ROWS, "panel = ut.UsagePanel(rows)\npanel")
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    menu = panel.get_by_label("Granularity")
    menu.select_option("Hour")
    expect(bar(panel, "2026-10-20T12:00")).to_be_attached()
    expect(panel.get_by_role("alert")).to_have_count(0)
    panel.get_by_label("Open an hour").select_option("20 Oct 2026, 12:00")
    panel.get_by_role("button", name="Open", exact=True).click()
    hour = pl.col("time").dt.truncate("1h") == pl.datetime(2026, 10, 20, 12, time_zone="UTC")
    expect(tile(panel, "Output")).to_have_attribute("title", output(rows.filter(hour, pl.col("grain") != "1d")))
    expect(menu.locator("option:checked")).to_have_text("Auto")
    panel.get_by_role("button", name="Up").click()
    expect(menu.locator("option:checked")).to_have_text("Hour")
    menu.select_option("Minute")
    expect(panel.get_by_role("alert")).to_contain_text("more bars than can be read, so they are hours")
    menu.select_option("Week")
    expect(bar(panel, "2026-W43")).to_be_visible()
    expect(panel.get_by_role("alert")).to_have_count(0)
