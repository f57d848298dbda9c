"""Panels as an Italian reads them in JupyterLab: words, numbers and dates, and no dollar that became a euro."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from playwright.sync_api import expect

import usage_toolkit as ut
from browser.test_usage_panel import DRAWN, ROWS, bar
from usage_toolkit import look

if TYPE_CHECKING:
    from browser.lab import Notebook

pytestmark = pytest.mark.browser

DAY = "2026-10-20"


def of_day(rows: pl.DataFrame) -> pl.DataFrame:
    """What lies in the bar of that day."""
    return rows.filter(pl.col("time").dt.strftime("%Y-%m-%d") == DAY)


def test_money_is_read_out_in_italian(notebook: Notebook) -> None:
    """A bar tells every digit of its dollars with Italian marks, and so does what the pointer finds."""
    rows = ut.sample(days=14)
    panel = notebook.run(ROWS, "panel = ut.CostPanel(rows, locale='it-IT')\npanel.group = 'provider'\npanel")
    billed = of_day(rows).filter(pl.col("currency") == "USD", pl.col("amount") > 0, pl.col("provider") == "anthropic")
    exact = look.money(Decimal(billed["amount"].sum()), "USD", locale="it-IT")
    drawn = panel.locator(f'path[aria-roledescription="bar"][aria-label="{DAY}, anthropic: {exact}"]')
    expect(drawn).to_be_visible(timeout=DRAWN)
    drawn.hover()
    for word in ("20 ott 2026", exact, "Importo"):
        expect(notebook.page.locator("#ut-tooltip")).to_contain_text(word)
    for label in ("Fornitore", "Modello", "Periodo", "Raggruppa per", "Dettaglio", "Valuta"):
        expect(panel.get_by_label(label, exact=True)).to_be_visible()
    expect(panel.get_by_role("button", name="Scarica CSV")).to_be_visible()
    assert "\u20ac" not in panel.locator(".ut-panel").first.inner_text()


def test_tokens_are_read_out_in_italian(notebook: Notebook) -> None:
    """So does a bar of tokens, by the names that Italian has for their kinds."""
    rows = ut.sample(days=14)
    panel = notebook.run(ROWS, "panel = ut.UsagePanel(rows, locale='it-IT')\npanel")
    made = of_day(rows).filter(pl.col("meter") == "output", pl.col("unit") == "token")
    exact = look.quantity(Decimal(made["quantity"].sum()), "token", locale="it-IT")
    name = look.word("meter", "output", locale="it-IT")
    expect(panel.locator(f'path[aria-label="{DAY}, {name}: {exact}"]')).to_be_visible(timeout=DRAWN)
    bar(panel, DAY).click()
    expect(panel.get_by_role("heading", name="Token all'ora")).to_be_visible()
