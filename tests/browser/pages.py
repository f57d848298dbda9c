"""Pages opened in Chromium, and what a panel with a kernel says of the same rows."""

from __future__ import annotations

import html
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import TimeoutError as Late
from playwright.sync_api import expect

from usage_toolkit.export import to_csv
from usage_toolkit.view.drawn import NO_MONEY, TOKENS, moneys
from usage_toolkit.view.picture import picture
from usage_toolkit.view.totals import plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    import usage_toolkit as ut
    from usage_toolkit.view.hours import Hours
    from usage_toolkit.view.picture import Picture

FOREIGN = """own => [...document.querySelectorAll(
  "img,picture,iframe,frame,object,embed,video,audio,base,form,marquee,math,animate,a:not([download])," +
  "link:not([rel=icon]),meta[http-equiv=refresh],style:not(head > style:only-of-type),script:not(body > script)"
)].filter(one => !own || !one.matches(own)).map(one => one.outerHTML)"""
"""What no page has: an element that could only be there if a text had been read as markup."""


@contextmanager
def opened(browser: Browser, path: Path, *, own: str = "", **context: Any) -> Iterator[Page]:
    """Open a file with the network off; nothing may go wrong in it, nor be asked for, nor be there but its `own`."""
    usual = {"viewport": {"width": 1100, "height": 1000}, "locale": "it-IT", "timezone_id": "America/New_York"}
    made = browser.new_context(offline=True, **(usual | context))
    page, problems = made.new_page(), []
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on("console", lambda told: problems.append(f"console: {told.text}"))
    page.on("request", lambda asked: problems.append(f"asked {asked.url}") if asked.url != path.as_uri() else None)
    page.goto(path.as_uri())
    yield page
    assert page.evaluate("window.hit") is None
    assert page.evaluate(FOREIGN, own) == []
    made.close()
    assert problems == []


def shown(page: Page, board: str) -> dict[str, str]:
    """Read the totals of a board: each exact number as the page holds it, none where it is not known."""
    tiles = page.evaluate(
        "board => [...document.querySelectorAll(`#${board} .tile[data-of]`)]"
        ".map(tile => [tile.dataset.of, tile.querySelector('data').value])",
        board,
    )
    return {of: number for of, number in tiles if not of.startswith("all_input")}


def exact(of: Picture, *, money: bool) -> dict[str, str]:
    """Give the same from a panel's picture."""
    return {
        f"{total.of}|{total.unit}|{total.basis}": "" if total.value is None else f"{plain(total.value):f}"
        for total in of.totals
        if bool(total.of) != money
    }


def downloaded(page: Page, board: str) -> bytes:
    """Click on a board's button and read the file; once more where Chromium drops one of many in a row."""
    button = page.locator(f"#{board}").get_by_role("button", name="Download CSV")
    try:
        with page.expect_download(timeout=10_000) as kept:
            button.click()
    except Late:
        with page.expect_download() as kept:
            button.click()
    return kept.value.path().read_bytes()


def compare(page: Page, hours: Hours, where: ut.Filter, *, every: str = "1h") -> None:
    """Hold both boards of a page to what a panel works out: heading, totals and file, to the last digit."""
    money = next(iter(moneys(hours.keep(where).cells).values()), NO_MONEY)
    for board, drawn, group in (("use", TOKENS, "meter"), ("cost", money, "model")):
        of = picture(hours, where, drawn=drawn, group=group, locale="en-US")
        if of.every == "1m" and every != "1m":
            of = picture(hours, where, drawn=drawn, group=group, locale="en-US", every="1h")
        assert shown(page, board) == exact(of, money=board == "cost"), where
        assert downloaded(page, board) == to_csv(of.data), where
        if of.data.height and drawn is not NO_MONEY:
            expect(page.locator(f"#{board} h2")).to_have_text(of.drawn.heading(of.every, locale="en-US"))


def choose(page: Page, label: str, values: tuple[str, ...], known: list[str]) -> None:
    """Choose values in a menu, several in its list, as a person does; none are all."""
    menu = page.get_by_label(label, exact=True)
    if not values:
        menu.select_option("all")
    elif len(values) == 1:
        menu.select_option(str(known.index(values[0])))
    else:
        menu.select_option("several")
        boxes = page.locator(f"fieldset:has(legend:text-is('{label}'))")
        for value in values:
            boxes.locator(f"input[value='{known.index(value)}']").check()
        boxes.get_by_role("button", name="Done").click()


def cargo(page: Page) -> Any:
    """Return what the page carries."""
    return page.evaluate("JSON.parse(document.getElementById('cargo').textContent)")


def tiles(page: Page, board: str) -> list[tuple[str, ...]]:
    """Read a board's tiles: label, number, unit and change, as they stand there."""
    read = """board => [...document.querySelectorAll(`#${board} .tile`)].map(tile =>
        ['.label', 'data', '.below small', '.change'].map(part => tile.querySelector(part).textContent))"""
    return [tuple(text.strip() for text in tile) for tile in page.evaluate(read, board)]


def panel_tiles(panel: ut.UsagePanel | ut.CostPanel) -> list[list[tuple[str, ...]]]:
    """Read a panel's tiles in the same way, row by row."""
    tile = re.compile(
        r'<div class="ut-label">(?:<i[^>]*></i>)?(.*?)</div><div class="ut-(?:value|unknown)">(.*?)</div>'
        r'<div class="ut-below"><small>(.*?)</small><span>(.*?)</span>'
    )
    lines = panel._tiles.value.split('<div class="ut-tiles')[1:]
    return [[tuple(html.unescape(text).strip() for text in found) for found in tile.findall(line)] for line in lines]
