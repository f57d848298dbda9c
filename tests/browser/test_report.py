"""A report in Chromium, from a file and without a network: charts live, nothing runs that data brought along."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from nbformat import NotebookNode, v4
from playwright.sync_api import expect

import usage_toolkit as ut
from browser import pages
from browser.lab import PROJECT
from panels import event, frame
from payloads import PAYLOADS
from usage_toolkit.report.run import write_month
from usage_toolkit.report.write import write

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
nb: Any = v4  # nbformat is typed in parts
CHART = "application/vnd.vegalite.v5+json"
START = datetime(2026, 10, 1, tzinfo=UTC)
LABELS = ("provider", "workspace", "model", "api_key", "user")
TEXTS = (*LABELS, "notes", "account", "sku", "source", "service_tier", "region", "origin", "request_id", "currency")

# Pictures that are in the file, charts as data and where Vega would put controls, and links of the notebook's own.
OWN = (
    "img[src^='data:image/'],img:not([src]),figure.chart script[type='application/json'],form.vega-bindings,"
    "a[href^='#'],a[href^='https:'],a:not([href])"
)
opened = partial(pages.opened, own=OWN)


def drawn(page: Page) -> None:
    """Wait until every chart is drawn, and touch each of its marks, so that each tooltip is shown once."""
    figures = page.locator("figure.chart")
    expect(page.locator("figure.chart[data-drawn]")).to_have_count(figures.count(), timeout=120_000)
    page.evaluate(
        """() => { for (const mark of document.querySelectorAll("figure.chart .live path, figure.chart .live text")) {
          mark.dispatchEvent(new PointerEvent("pointermove", { bubbles: true }));
          mark.dispatchEvent(new MouseEvent("mousemove", { bubbles: true }));
          window.said = (window.said ?? "") + document.querySelector(".tip").textContent;
        } }"""
    )


def notebook(*cells: NotebookNode) -> NotebookNode:
    """Put cells into a notebook."""
    made: NotebookNode = nb.new_notebook(cells=list(cells))
    return made


def cell(*outputs: dict[str, Any], source: str = "x") -> NotebookNode:
    """Make a cell that was run, with outputs."""
    shown = [nb.new_output("display_data", data=data) for data in outputs]
    made: NotebookNode = nb.new_code_cell(source, execution_count=1, outputs=shown)
    return made


def spec(chart: Any) -> dict[str, Any]:
    """Return what a chart saves, without its picture."""
    made = chart.to_dict()
    return {CHART: made, "text/plain": made["usermeta"]["summary"]}


def hostile(names: list[str]) -> pl.DataFrame:
    """Make rows in which every text is hostile."""
    return frame(
        *(
            event(START + timedelta(hours=place), meter=meter, **dict.fromkeys(TEXTS, name))
            for place, name in enumerate(names)
            for meter in ("input", "rate_limited")
        )
    )


@pytest.mark.parametrize("label", LABELS)
def test_charts_of_hostile_names_run_nothing(browser: Browser, tmp_path: Path, label: str) -> None:
    """Each payload stands in title, axis, legend and tooltip of the toolkit's own charts, as text."""
    cells = []
    for at in range(0, len(PAYLOADS), 8):
        names = [*PAYLOADS[at : at + 8]]
        rows = hostile(names).with_columns(currency=pl.lit("USD"))
        cube = ut.cube(rows, by=label)
        charts = [
            ut.token_chart(cube, by=label, title=names[0]),
            ut.cost_chart(cube, by=label, title=names[-1]),
            ut.breakdown_chart(ut.totals(rows, by=label), label, title=names[1 % len(names)]),
        ]
        cells.append(cell(*(spec(chart) for chart in charts)))
    path = tmp_path / "report.html"
    write(notebook(*cells), path, name=PAYLOADS[20], code=True, locale="en-US")
    with opened(browser, path) as page:
        drawn(page)
        expect(page.locator("figure[data-drawn=live]")).to_have_count(3 * len(cells))
        assert "<img src=x onerror=" in page.evaluate("window.said")
        texts = "[...document.querySelectorAll('.live')].map(one => one.textContent).join('')"
        assert "<img src=x onerror=" in page.evaluate(texts)


def foreign(text: str) -> dict[str, Any]:
    """Write a chart of somebody else, with the text wherever one may stand."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": text, "subtitle": text},
        "description": text,
        "usermeta": {"embedOptions": {"actions": True, "loader": {"baseURL": "//evil.example/"}, "sourceHeader": text}},
        "data": {"values": [{"a": text, "b": 1, text: text}, {"a": "b", "b": 2, text: text}]},
        "mark": {"type": "bar", "tooltip": {"content": "data"}},
        "encoding": {
            "x": {"field": "a", "type": "nominal", "title": text},
            "y": {"field": "b", "type": "quantitative"},
            "color": {"field": "a", "type": "nominal", "title": text},
            "description": {"field": "a", "type": "nominal"},
        },
    }


ASKING = [
    {"data": {"url": "//evil.example/x.json"}, "mark": "bar"},
    {
        "data": {"values": [{"u": "//evil.example/x"}]},
        "mark": "image",
        "encoding": {"url": {"field": "u", "type": "nominal"}},
    },
    {
        "data": {"values": [{"u": "javascript:window.hit=1"}]},
        "mark": "bar",
        "encoding": {"href": {"field": "u", "type": "nominal"}},
    },
    {"data": {"values": [{}]}, "mark": {"type": "point", "href": "javascript:window.hit=1"}},
    {"data": {"values": [{}]}, "mark": {"type": "image", "url": "//evil.example/x"}},
]
SVG = "<svg xmlns='http://www.w3.org/2000/svg' onload='top.hit=1'><image href='//evil.example/x'/></svg>"
CODE = [
    "(window.hit=1)",
    "event.view.hit=1",
    "constructor.constructor('window.hit=1')()",
    "datum.constructor.constructor('window.hit=1')()",
    "toString.constructor('window.hit=1')()",
    "replace('x','x',warn)",
]


def test_charts_of_somebody_else_run_nothing(browser: Browser, tmp_path: Path) -> None:
    """A payload in every place of a foreign chart is text; charts that ask for anything are not drawn."""
    path = tmp_path / "report.html"
    cells = [cell({CHART: foreign(text), "text/plain": text}) for text in PAYLOADS]
    cells += [cell({CHART: asking, "text/plain": "still"}) for asking in ASKING]
    write(notebook(*cells), path, name="x", code=True, locale="en-US")
    with opened(browser, path) as page:
        drawn(page)
        assert page.locator("figure").count() == len(PAYLOADS)
        assert (
            page.locator("figure[data-drawn=live] svg").count() > len(PAYLOADS) * 0.95
        )  # Vega can't draw "constructor"
        assert page.locator(".vega-actions, .vega-embed summary").count() == 0


def test_code_in_a_chart_is_interpreted(browser: Browser, tmp_path: Path) -> None:
    """An expression of a spec reaches nothing of the page, whatever it is made of."""
    cells = [
        cell({CHART: {"data": {"values": [{"a": 1}]}, "transform": [{"calculate": code, "as": "b"}], "mark": "point",
                      "encoding": {"x": {"field": "b", "type": "nominal"}}}, "text/plain": "still"})
        for code in CODE
    ]  # fmt: skip
    path = tmp_path / "report.html"
    write(notebook(*cells), path, name="x", code=True, locale="en-US")
    context = browser.new_context(offline=True)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    expect(page.locator("figure[data-drawn]")).to_have_count(len(CODE))
    assert page.evaluate("window.hit") is None
    assert asked == [path.as_uri()]
    context.close()


def test_everything_else_that_is_hostile_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    """Text, code, markup, Markdown, pictures, streams and tables that hold a payload are text, or not there."""
    cells = []
    for text in PAYLOADS:
        error = nb.new_output("error", ename=text, evalue=text, traceback=[text])
        data: list[dict[str, Any]] = [
            {"text/html": text}, {"text/html": f"<table><tr><td title='{text}'>{text}</td></tr></table>"},
            {"text/markdown": text}, {"text/plain": text}, {"text/latex": text}, {"image/svg+xml": text},
            {"image/png": text, "text/plain": text}, {"application/javascript": text}, {text: text},
            {"image/svg+xml": SVG},
            {"application/vnd.jupyter.widget-view+json": {"model_id": text}, "text/plain": text},
        ]  # fmt: skip
        made = cell(*data, source=text)
        made.outputs += [
            error,
            nb.new_output("stream", name="stdout", text=text),
            nb.new_output("stream", name="stderr", text=text),
        ]
        attached = {text[:40]: {"image/png": text, "image/svg+xml": text}}
        cells += [
            nb.new_markdown_cell(text),
            nb.new_markdown_cell(f"# {text}\n\n[{text}]({text}) ![{text}]({text}) `{text}`\n\n|a|\n|-|\n|{text}|"),
            nb.new_markdown_cell(
                f"![x](attachment:{text[:40]}) <a href='{text}'>x</a> <img src='{text}'>", attachments=attached
            ),
            nb.new_raw_cell(text),
            made,
        ]
    path = tmp_path / "report.html"
    write(notebook(*cells), path, name=PAYLOADS[14], code=True, locale="en-US", title=PAYLOADS[18])
    with opened(browser, path) as page:
        page.evaluate("for (const all of document.querySelectorAll('details')) all.open = true")
        page.wait_for_timeout(500)
        assert page.locator("script").count() == 1  # the manifest
        assert page.locator("iframe, object, embed, base, form, meta[http-equiv=refresh], main link").count() == 0
        attributes = (
            "[...document.querySelectorAll('main *')].flatMap(one => [...one.attributes].map(each => each.name))"
        )
        assert not [
            name for name in page.evaluate(attributes) if name.startswith("on") or name in ("style", "id", "srcdoc")
        ]
        odd = "[...document.querySelectorAll('main [href]')].map(one => one.protocol)"
        assert {*page.evaluate(odd)} <= {"http:", "https:", "mailto:", "file:"}
        assert page.locator("details.code pre").first.text_content() == PAYLOADS[0].strip("\n")


def test_the_month_of_hostile_names_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    """The report of a month of a store whose every text is hostile."""
    rows = hostile([*PAYLOADS]).with_columns(
        provider=pl.lit("venice"), source=pl.lit("venice.ledger"), account=pl.lit("(default)")
    )
    ut.Store(tmp_path / "store").replace(rows, source="venice.ledger", start=START, stop=START + timedelta(days=31))
    path = write_month(tmp_path / "october.html", "2026-10", store=str(tmp_path / "store"), title=PAYLOADS[20])
    with opened(browser, path) as page:
        drawn(page)
        expect(page.locator(".ut-report").first).to_be_visible()


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of October of the sample, as a store knows it."""
    folder = tmp_path_factory.mktemp("month")
    store = ut.Store(folder / "store")
    for (source,), rows in ut.sample().partition_by("source", as_dict=True).items():
        store.replace(rows, source=str(source), start="2026-08-01", stop="2026-11-01", as_of="2026-11-02")
    return write_month(folder / "october.html", "2026-10", store=str(folder / "store"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 700, 1280])
def test_a_month_fits_its_window(browser: Browser, month: Path, width: int, scheme: Any) -> None:
    """On a telephone and on a wide screen, light and dark, its chart is live and nothing is cut off."""
    with opened(browser, month, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        drawn(page)
        expect(page.locator("figure[data-drawn=live] svg")).to_have_count(1)
        expect(page.locator(".still")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator(".live path[aria-roledescription=bar]").first.hover()
        expect(page.locator(".tip")).to_contain_text("USD billed")


def test_without_scripts_there_are_pictures_and_tables(browser: Browser, month: Path) -> None:
    """What the live chart shows is there as a picture, every table too."""
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(month.as_uri())
    expect(page.locator(".still img")).to_be_visible()
    expect(page.locator("h1")).to_have_text("Usage and cost, Oct 2026")
    expect(page.locator("main")).to_contain_text("3,865.416370885")
    expect(page.locator("table")).to_have_count(9)
    context.close()


def test_on_paper_there_is_no_code(browser: Browser, tmp_path: Path) -> None:
    """Printed, code and what is folded are gone, charts and tables stay."""
    path = ut.write_report(PROJECT / "notebooks/03_cost.ipynb", tmp_path / "report.html")
    with opened(browser, path) as page:
        drawn(page)
        expect(page.locator("details.code").first).to_be_visible()
        page.emulate_media(media="print")
        expect(page.locator("details:visible")).to_have_count(0)
        expect(page.locator(".live svg").first).to_be_visible()
        expect(page.locator("table").first).to_be_visible()


@pytest.mark.parametrize("name", [path.name for path in sorted((PROJECT / "notebooks").glob("*.ipynb"))])
def test_every_notebook_becomes_a_report(browser: Browser, tmp_path: Path, name: str) -> None:
    """By nbconvert's own command: its charts are live, its code can be unfolded."""
    made = [sys.executable, "-m", "nbconvert", "--to", "usage_page", "--output-dir", str(tmp_path)]
    subprocess.run([*made, str(PROJECT / "notebooks" / name)], check=True, capture_output=True)
    path = tmp_path / name.replace(".ipynb", ".html")
    charts = (PROJECT / "notebooks" / name).read_text(encoding="utf-8").count(f'"{CHART}"')
    with opened(browser, path) as page:
        drawn(page)
        assert page.locator("figure[data-drawn=live] svg").count() == page.locator("figure.chart").count() == charts
        page.locator("details.code summary").first.click()
        expect(page.locator("details.code pre").first).to_be_visible()
