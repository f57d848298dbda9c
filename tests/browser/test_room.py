"""A panel in whatever room it has: its letters keep their size, and nothing is wider than the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, expect

from browser.test_usage_panel import DRAWN, ROWS, bar

if TYPE_CHECKING:
    from browser.lab import Notebook

pytestmark = pytest.mark.browser

# The width of each chart in sight and of its drawing, and the smallest letters in it, in pixels of the screen.
_LETTERS = """() => [...document.querySelectorAll('.jp-OutputArea .ut-chart')].filter((chart) => chart.clientWidth)
  .map((chart) => [chart.clientWidth, chart.querySelector('svg').getBoundingClientRect().width,
    Math.min(...[...chart.querySelectorAll('svg text')].filter((text) => text.textContent.trim())
      .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))])"""

# Whether all letters of the chart end where its drawing does.
_WITHIN = """() => { const drawn = document.querySelector('.jp-OutputArea .ut-chart svg');
  return [...drawn.querySelectorAll('text')].every((text) =>
    text.getBoundingClientRect().right <= drawn.getBoundingClientRect().right + 1); }"""


def letters(notebook: Notebook) -> list[Any]:
    """The charts in sight, once they fill their room."""
    notebook.page.wait_for_function(f"() => ({_LETTERS})().every(([room, drawn]) => Math.abs(room - drawn) < 2)")
    found: list[Any] = notebook.page.evaluate(_LETTERS)
    return found


def inside(panel: Locator) -> bool:
    """Whether nothing reaches over the right edge of the panel."""
    reach: int = panel.locator(".ut-panel").first.evaluate("panel => panel.scrollWidth - panel.clientWidth")
    return reach <= 1


@pytest.mark.parametrize("kind", ["UsagePanel", "CostPanel"])
def test_letters_keep_their_size(notebook: Notebook, kind: str) -> None:
    """From 600 to 1600 pixels, and after the page was made narrow and wide again, no letter has less than 11."""
    panel = notebook.run(ROWS, f"panel = ut.{kind}(rows)\npanel")
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    for width in (1300, 768, 900, 1800, 768):
        notebook.page.set_viewport_size({"width": width, "height": 1200})
        ((_, _, smallest),) = letters(notebook)
        assert smallest >= 11
        assert inside(panel)
    assert notebook.page.evaluate("document.querySelector('.ut-panel').clientWidth") <= 610


@pytest.mark.parametrize("kind", ["UsagePanel", "CostPanel"])
def test_long_names_are_not_cut(notebook: Notebook, kind: str) -> None:
    """Names of forty models end within the drawing, whatever its width, also where it was another one before."""
    many = "import polars as pl\nnames = [f'model-{n:02}-' + 'x' * n for n in range(40)]"
    many += "\nrows = rows.with_columns(model=pl.Series(names).gather(pl.int_range(rows.height, eager=True) % 40))"
    panel = notebook.run(ROWS, many, f"panel = ut.{kind}(rows)\npanel.group = 'model'\npanel")
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    for width in (1300, 768, 1000):
        notebook.page.set_viewport_size({"width": width, "height": 1200})
        letters(notebook)
        panel.get_by_label("Group by").select_option("User" if width == 768 else "Model")
        notebook.page.wait_for_function(_WITHIN)


def test_a_tab_that_was_hidden_has_room(notebook: Notebook) -> None:
    """Charts of the tab of limits fill it, also where the page changed while the tab was out of sight."""
    panel = notebook.run(ROWS, "panel = ut.UsagePanel(ut.sample(days=31))\npanel")
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    use, limits = (panel.get_by_role("tab", name=name) for name in ("Use", "Rate limits"))
    limits.click()
    expect(panel.get_by_role("heading", name="Highest minutes")).to_be_visible()
    assert [smallest >= 11 for *_, smallest in letters(notebook)] == [True, True]
    use.click()
    expect(bar(panel, "2026-10-20")).to_be_visible()
    notebook.page.set_viewport_size({"width": 800, "height": 1200})
    assert len(letters(notebook)) == 1
    limits.click()
    expect(panel.get_by_role("heading", name="Highest minutes")).to_be_visible()
    assert [smallest >= 11 for *_, smallest in letters(notebook)] == [True, True]
    assert inside(panel)


def test_a_side_bar_takes_room(notebook: Notebook) -> None:
    """What changes the room of a notebook without changing the window is followed, too."""
    panel = notebook.run(ROWS, "panel = ut.UsagePanel(rows)\npanel")
    expect(bar(panel, "2026-10-20")).to_be_visible(timeout=DRAWN)
    before = letters(notebook)[0][0]
    notebook.page.evaluate("document.querySelector('.ut-panel').style.width = '640px'")
    notebook.page.wait_for_function("width => document.querySelector('.ut-chart').clientWidth < width", arg=before)
    ((room, drawn, smallest),) = letters(notebook)
    assert room == pytest.approx(drawn, abs=2)
    assert smallest >= 11
