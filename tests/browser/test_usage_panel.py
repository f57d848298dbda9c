"""`UsagePanel` in JupyterLab: choosing, clicking down to minutes and back, with exact totals all the way."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from playwright.sync_api import Locator, expect

import usage_toolkit as ut
from usage_toolkit import look
from usage_toolkit.export import to_csv

if TYPE_CHECKING:
    from playwright.sync_api import Download

    from browser.lab import Notebook

pytestmark = pytest.mark.browser

ROWS = "import usage_toolkit as ut\nrows = ut.sample(days=14)"
DRAWN = 60_000
"""Milliseconds for a kernel to import, add up and draw for the first time, on a machine that is busy."""


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """The rows that the notebooks show."""
    return ut.sample(days=14)


def bar(panel: Locator, name: str) -> Locator:
    """The bar of that name, wherever in it."""
    return panel.locator(f'path[aria-roledescription="bar"][aria-label^="{name}, "]').first


def tile(panel: Locator, label: str) -> Locator:
    """The total of that name."""
    return panel.locator(".ut-tile").filter(has=panel.page.get_by_text(label, exact=True))


def tokens(rows: pl.DataFrame) -> str:
    """Output tokens of these rows, added up in polars, as the panel writes them."""
    total = rows.filter(pl.col("meter") == "output", pl.col("unit") == "token")["quantity"].sum()
    return look.quantity(Decimal(total), "token")


def output(rows: pl.DataFrame) -> re.Pattern[str]:
    """What the total of output tells first, before what it was in the period before."""
    return re.compile(f"^{re.escape(tokens(rows))}(;|$)")


def test_choose_click_and_come_back(notebook: Notebook, rows: pl.DataFrame) -> None:
    """Workspace and model narrow; a day opens into hours, an hour into minutes, and up twice is where it was."""
    panel = notebook.run(ROWS, "panel = ut.UsagePanel(rows)\npanel")
    total = tile(panel, "Output")
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    expect(total).to_have_attribute("title", output(rows))

    kept = rows.filter(pl.col("workspace") == "(none)")
    panel.get_by_label("Workspace", exact=True).select_option(f"(none) ({kept.height:,})")
    expect(total).to_have_attribute("title", output(kept))
    kept = kept.filter(pl.col("model") == "openai-gpt-56-sol")
    panel.get_by_label("Model", exact=True).select_option(f"openai-gpt-56-sol ({kept.height:,})")
    expect(total).to_have_attribute("title", output(kept))

    time = kept.filter(pl.col("meter") == "output")["time"][0]
    day, hour, minute = (time.strftime(text) for text in ("%Y-%m-%d", "%Y-%m-%dT%H:00", "%Y-%m-%dT%H:%M"))
    of_day = kept.filter(pl.col("time").dt.truncate("1d") == time.replace(hour=0, minute=0, second=0, microsecond=0))
    of_hour = of_day.filter(pl.col("time").dt.truncate("1h") == time.replace(minute=0, second=0, microsecond=0))
    of_minute = of_hour.filter(pl.col("time").dt.truncate("1m") == time.replace(second=0, microsecond=0))
    bar(panel, day).click()
    expect(total).to_have_attribute("title", output(of_day))
    bar(panel, hour).click()
    expect(total).to_have_attribute("title", output(of_hour))
    drawn = panel.locator(f'path[aria-roledescription="bar"][aria-label^="{minute}, output: "]')
    expect(drawn).to_have_attribute("aria-label", f"{minute}, output: {tokens(of_minute)}")

    up = panel.get_by_role("button", name="Up")
    up.click()
    expect(total).to_have_attribute("title", output(of_day))
    up.click()
    expect(total).to_have_attribute("title", output(kept))
    expect(bar(panel, day)).to_be_visible()
    expect(up).to_be_disabled()


def test_the_keyboard_does_it_all(notebook: Notebook, rows: pl.DataFrame) -> None:
    """A day can be chosen in a list and opened, and the next one reached, without touching the chart."""
    panel = notebook.run(ROWS, "panel = ut.UsagePanel(rows)\npanel")
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    panel.get_by_label("Open a day").select_option("20 Oct 2026")
    panel.get_by_role("button", name="Open", exact=True).press("Enter")
    days = rows.with_columns(pl.col("time").dt.strftime("%Y-%m-%d").alias("day"))
    expect(tile(panel, "Output")).to_have_attribute("title", output(days.filter(pl.col("day") == "2026-10-20")))
    expect(panel.get_by_label("Day", exact=True)).to_have_value("2026-10-20")
    panel.get_by_role("button", name="Next day").press("Enter")
    expect(tile(panel, "Output")).to_have_attribute("title", output(days.filter(pl.col("day") == "2026-10-21")))
    expect(bar(panel, "2026-10-21T12:00")).to_be_visible()
    panel.get_by_label("Period", exact=True).select_option("Month")
    expect(tile(panel, "Output")).to_have_attribute("title", output(rows))
    panel.get_by_role("button", name="Up", exact=True).focus()
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Space")
    expect(panel.get_by_role("columnheader", name="Basis")).to_be_visible()


def test_a_view_shows_what_is_now(notebook: Notebook) -> None:
    """A panel that was moved before it is shown, or is shown twice, shows the same everywhere."""
    cells = ["panel = ut.UsagePanel(rows)\npanel.drill('2026-10-20')\npanel.group = 'provider'\npanel", "panel"]
    outputs = notebook.run(ROWS, *cells)
    for view in (outputs.nth(1), outputs.nth(2)):
        expect(bar(view, "2026-10-20T12:00")).to_be_attached(timeout=DRAWN)
    outputs.nth(1).get_by_role("button", name="Up").click()
    for view in (outputs.nth(1), outputs.nth(2)):
        expect(bar(view, "2026-10-21")).to_be_visible()


def test_linked_panels(notebook: Notebook, rows: pl.DataFrame) -> None:
    """Two panels that share one filter move together."""
    cells = ["import traitlets", "one = ut.UsagePanel(rows)\none", "two = ut.UsagePanel(rows)\ntwo"]
    outputs = notebook.run(ROWS, *cells, "link = traitlets.link((one, 'value'), (two, 'value'))\nprint('linked')")
    one, two = outputs.nth(2), outputs.nth(3)
    expect(bar(two, "2026-10-20")).to_be_visible(timeout=DRAWN)
    expect(notebook.page.get_by_text("linked", exact=True)).to_be_visible(timeout=DRAWN)
    bar(one, "2026-10-20").click()
    day = rows.filter(pl.col("time").dt.strftime("%Y-%m-%d") == "2026-10-20")
    expect(tile(two, "Output")).to_have_attribute("title", output(day))
    expect(bar(two, "2026-10-20T12:00")).to_be_visible()


def test_hostile_names_are_drawn_literally(notebook: Notebook) -> None:
    """Markup in a name is shown as it is, in the list, the legend and the table, and never runs."""
    name = "</script><img src=x onerror=window.hit=1>"
    hostile = "import polars as pl\nrows = rows.with_columns(model=pl.lit('</script><img src=x onerror=window.hit=1>'))"
    panel = notebook.run(ROWS, hostile, "panel = ut.UsagePanel(rows)\npanel.group = 'model'\npanel")
    shown = look.word("model", name)
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    expect(bar(panel, "2026-10-20")).to_have_attribute("aria-label", re.compile(re.escape(shown)))
    panel.get_by_text("Table behind the chart").click()
    expect(panel.get_by_role("cell", name=shown).first).to_be_visible()
    expect(panel.get_by_label("Model", exact=True)).to_contain_text(shown)
    bar(panel, "2026-10-20").hover()
    expect(notebook.page.locator("#ut-tooltip")).to_contain_text(shown)
    assert notebook.page.evaluate("window.hit") is None


def test_a_tooltip_is_of_its_page_and_of_what_is_drawn(notebook: Notebook) -> None:
    """It has the colours of the theme, dark too, and goes when the bar that it tells of does."""
    panel = notebook.run(ROWS, "panel = ut.UsagePanel(rows)\npanel")
    tooltip = notebook.page.locator("#ut-tooltip")
    for theme in ("Dark", "Light"):
        notebook.page.evaluate("name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})",
                               f"JupyterLab {theme}")  # fmt: skip
        expect(notebook.page.locator("body")).to_have_attribute("data-jp-theme-light", str(theme == "Light").lower())
        bar(panel, "2026-10-20").hover(timeout=DRAWN)
        expect(tooltip).to_contain_text("20 Oct 2026")
        expect(tooltip).to_be_visible()
        looks = tooltip.evaluate("told => [getComputedStyle(told).backgroundColor, getComputedStyle(told).color]")
        paper, ink = (sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / 3 for colour in looks)
        dark, light = (paper, ink) if theme == "Dark" else (ink, paper)
        assert dark < 64
        assert light > 192
        bar(panel, "2026-10-20").click()
        expect(bar(panel, "2026-10-20T12:00")).to_be_visible()
        expect(tooltip).to_be_hidden()
        panel.get_by_role("button", name="Up").click()


def test_no_rows(notebook: Notebook) -> None:
    """A panel of nothing draws nothing, says so, and the page has no complaint."""
    panel = notebook.run(ROWS, "panel = ut.UsagePanel(rows.clear())\npanel")
    expect(panel.locator("svg").get_by_text("Nothing in this selection")).to_be_visible(timeout=DRAWN)
    expect(tile(panel, "Output")).to_contain_text("not reported")
    expect(panel.get_by_role("button", name="Open", exact=True)).to_be_disabled()


def test_download_what_is_shown(notebook: Notebook, rows: pl.DataFrame) -> None:
    """A click gives one file, however often the panel is shown: `.data` to the last digit, with a name that tells."""
    cells = ["panel = ut.UsagePanel(rows)\npanel.group = 'api_key'\npanel", "panel"]
    outputs = notebook.run(ROWS, *cells)
    panel, again = outputs.nth(1), outputs.nth(2)
    expect(bar(again, "2026-10-20")).to_be_attached(timeout=DRAWN)
    bar(panel, "2026-10-20").click()
    expect(bar(panel, "2026-10-20T12:00")).to_be_visible()
    shown = ut.UsagePanel(rows, value=ut.Filter("2026-10-20", "2026-10-21"))
    shown.group = "api_key"

    files: list[Download] = []
    notebook.page.on("download", lambda file: files.append(file))  # noqa: PLW0108 (Playwright marks what it is given)
    button = panel.get_by_role("button", name="Download CSV", exact=True)
    with notebook.page.expect_download() as caught:
        button.click()
    assert caught.value.suggested_filename == "usage_anthropic+venice_2026-10-20_by-api-key.csv"
    made = caught.value.path().read_bytes()
    assert made == to_csv(shown.data)
    lines = list(csv.DictReader(io.StringIO(made.decode("utf-8-sig"), newline="")))
    assert len(lines) == shown.data.height > 200
    for name in ("amount", "quantity"):
        assert [Decimal(line[name]) if line[name] else None for line in lines] == shown.data[name].to_list()

    panel.get_by_label("CSV with").select_option("semicolons, 0,5")
    with notebook.page.expect_download() as caught:
        button.press("Enter")
    assert caught.value.path().read_bytes() == to_csv(shown.data, separator=";", decimal=",")
    expect(again.get_by_label("CSV with")).to_have_value("semicolons, 0,5")
    assert len(files) == 2
