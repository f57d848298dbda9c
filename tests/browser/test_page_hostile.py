"""Texts that try to be more than text, in every column and wherever a page shows or saves it: nothing runs or asks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import usage_toolkit as ut
from browser.pages import FOREIGN, cargo, downloaded, opened
from panels import event, frame
from payloads import PAYLOADS
from usage_toolkit import look
from usage_toolkit.export import to_csv
from usage_toolkit.schema import COLUMNS
from usage_toolkit.view.drawn import TOKENS
from usage_toolkit.view.hours import Hours
from usage_toolkit.view.picture import picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
START = datetime(2026, 10, 1, tzinfo=UTC)
SHOWN = {"provider": "Provider", "workspace": "Workspace", "model": "Model", "api_key": "API key", "user": "User"}
TEXTS = [name for name, dtype in COLUMNS.items() if dtype == COLUMNS["model"] and name != "currency"]

# Chooses each value of a menu in turn, reaches a bar so that its tip opens, and keeps what was then said of it.
_EACH = """async ([label, board]) => {
  const menu = [...document.querySelectorAll('label')].find(one => one.textContent === label && one.offsetParent)
    .parentElement.querySelector('select');
  const said = [];
  const others = ['all', 'several', 'chosen'];
  for (const option of [...menu.options].map(one => one.value).filter(one => !others.includes(one))) {
    menu.value = option;
    menu.dispatchEvent(new Event('change', { bubbles: true }));
    let tips = '';
    for (const place of document.querySelectorAll(`#${board} .place[aria-label*=";"]`)) { // those with anything in them
      place.focus();
      place.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
      tips += document.querySelector('.tip').textContent;
    }
    said.push(document.querySelector('nav').textContent + tips + document.querySelector(`#${board} h2`).textContent);
    await new Promise(requestAnimationFrame);
  }
  return said;
}"""

# Keeps the names of files instead of the files: a browser takes hundreds of downloads for an attack.
_NAMES = """() => {
  window.names = [];
  document.addEventListener('click', (event) => {
    if (!event.target.download) return;
    window.names.push(event.target.download);
    event.preventDefault();
  }, true);
}"""


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Each payload in each column of text, in an hour of its own, also as the note of a refused request."""
    return frame(
        *(
            event(START + timedelta(hours=place % 24), meter=meter, **dict.fromkeys(TEXTS, name))
            for place, name in enumerate(PAYLOADS)
            for meter in ("input", "rate_limited")
        )
    )


def unfold(page: Page) -> None:
    """Open all tables."""
    page.evaluate("for (const all of document.querySelectorAll('details')) all.open = true")


@pytest.mark.parametrize("board", ["use", "cost"])
def test_names_in_menus_legends_tips_and_tables(
    browser: Browser, rows: pl.DataFrame, tmp_path: Path, board: str
) -> None:
    """Each payload of each label is chosen, stacked by, pointed at, listed and told."""
    assert len(PAYLOADS) >= 60
    path = ut.write_page(rows, tmp_path / "page.html", limit="secret")
    with opened(browser, path) as page:
        unfold(page)
        for label, title in SHOWN.items():
            page.locator(f"#{board}").get_by_label("Group by").select_option(label)
            said = page.evaluate(_EACH, [title, board])
            assert len(said) == len(PAYLOADS)
            for name, text in zip(look.words(label, sorted(PAYLOADS)), said, strict=True):
                assert text.count(name) >= 2, name  # in the trail, and in the tip of its bar
            page.get_by_label(title, exact=True).select_option("several")
            boxes = page.locator(f"fieldset:has(legend:text-is('{title}')) input")
            assert boxes.count() == len(PAYLOADS)
            page.get_by_label(title, exact=True).select_option("all")
        unfold(page)
        assert page.locator("#limited tbody tr").count() > 0


def test_names_in_files_and_names_of_files(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """What is saved is what a panel saves, letter by letter, under a name that any file system takes."""
    path = ut.write_page(rows, tmp_path / "page.html", limit="secret")
    hours = Hours(rows)
    with opened(browser, path) as page:
        for group in ("model", "user"):
            page.locator("#use").get_by_label("Group by").select_option(group)
            of = picture(hours, ut.Filter(), drawn=TOKENS, group=group, locale="en-US")
            assert downloaded(page, "use") == to_csv(of.data)
        page.evaluate(_NAMES)
        for place in range(len(PAYLOADS)):
            page.get_by_label("Model", exact=True).select_option(str(place))
            page.evaluate("document.querySelector('#limited .save button').click()")
        names = page.evaluate("window.names")
        assert len(names) == len(PAYLOADS)
        assert not [name for name in names if not re.fullmatch(r"rate-limited_[A-Za-z0-9.@+_-]{1,94}\.csv", name)]


@pytest.mark.parametrize("part", range(2))
def test_currencies_in_titles_and_tiles(browser: Browser, tmp_path: Path, part: int) -> None:
    """A currency is a text of the data, too: in the heading, tiles, menu, tips, tables and files."""
    names = [name for name in (*PAYLOADS, "USD") if name != "(none)"][part::2]
    rows = frame(*(event(START + timedelta(hours=at % 24), currency=name) for at, name in enumerate(names)))
    path = ut.write_page(rows, tmp_path / "page.html")
    with opened(browser, path) as page:
        unfold(page)
        said = page.evaluate(_EACH, ["Currency", "cost"])
        words = look.words("currency", sorted(names))
        assert len(said) == len(names) == page.locator("#cost .tile.main").count()
        assert not [name for name in words if not any(text.count(name) >= 2 for text in said)]
        downloaded(page, "cost")


def test_titles_and_what_the_rows_were_narrowed_to(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """Above the page stands what it was called, and every other label that it was narrowed to."""
    labels = ("account", "source", "sku", "service_tier", "context_window", "region", "speed")
    value = ut.Filter().replace(**dict.fromkeys(labels, PAYLOADS))
    for names in batched(PAYLOADS, 4):
        title = "".join(names)
        path = ut.write_page(rows.head(2), tmp_path / "page.html", title=title, value=value, every="1d")
        with opened(browser, path) as page:
            assert page.locator("h1").text_content() == look.visible(title, limit=200)
            assert page.evaluate("document.title") == " ".join(look.visible(title, limit=200).split())
            told = page.locator("header .fresh").first.text_content() or ""
            for name in look.words("sku", sorted(PAYLOADS)):
                assert told.count(name) >= len(labels)


def batched(names: tuple[str, ...], most: int) -> Iterator[tuple[str, ...]]:
    """Give a few at a time, none so long that it would hide the others."""
    short = [name for name in names if len(name) < 1000] + [name[:150] for name in names if len(name) >= 1000]
    for first in range(0, len(short), most):
        yield tuple(short[first : first + most])


def test_where_scripts_are_off_and_on_paper(browser: Browser, rows: pl.DataFrame, tmp_path: Path) -> None:
    """The still picture and its table name all there is, and printing asks for nothing."""
    panel = ut.CostPanel(rows)
    for group in ("model", "user"):
        panel.group = group
        path = ut.write_page(panel, tmp_path / "page.html", title=PAYLOADS[20], limit="secret")
        asked: list[str] = []
        context: Any = browser.new_context(java_script_enabled=False, offline=True)
        page = context.new_page()
        page.on("request", lambda one, asked=asked: asked.append(one.url))
        page.goto(path.as_uri())
        for fold in page.locator("#still summary").all():
            fold.click()
        assert page.locator("#still tbody tr").count() > len(PAYLOADS)
        assert page.pdf()[:4] == b"%PDF"
        assert asked == [path.as_uri()]
        context.close()
        with opened(browser, path) as page:
            assert page.pdf()[:4] == b"%PDF"
            assert page.evaluate(FOREIGN, "") == []
            assert cargo(page)["codes"]["model"] == sorted(PAYLOADS)
