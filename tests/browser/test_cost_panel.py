"""`CostPanel` in JupyterLab: another currency, a day's hours and back, with exact sums all the way."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from playwright.sync_api import expect

import usage_toolkit as ut
from simulator.anthropic.server import AnthropicServer
from usage_toolkit import look

if TYPE_CHECKING:
    from browser.lab import Notebook

pytestmark = pytest.mark.browser


def test_choose_a_currency_click_and_come_back(notebook: Notebook) -> None:
    """The bars change to DIEM and say so; a day opens into its hours, told to the last digit, and up is back."""
    rows = ut.sample(days=14).filter(pl.col("currency") == "DIEM")
    panel = notebook.run("import usage_toolkit as ut\npanel = ut.CostPanel(ut.sample(days=14))\npanel")
    bars = panel.locator('path[aria-roledescription="bar"]')
    expect(bars.first).to_have_attribute("aria-label", re.compile("USD$"), timeout=60_000)
    expect(panel.get_by_role("heading", name="Cost per day, USD billed")).to_be_visible()

    panel.get_by_label("Currency", exact=True).select_option("DIEM")
    expect(panel.get_by_role("heading", name="Cost per day, DIEM billed")).to_be_visible()
    expect(bars.first).to_have_attribute("aria-label", re.compile("DIEM$"))

    time, model = rows.select("time", "model").row(0)
    day, hour = time.strftime("%Y-%m-%d"), time.strftime("%Y-%m-%dT%H:00")
    panel.locator(f'path[aria-roledescription="bar"][aria-label^="{day}, "]').first.click()
    expect(panel.get_by_role("heading", name="Cost per hour, DIEM billed")).to_be_visible()
    inside = pl.col("time").dt.truncate("1h") == time.replace(minute=0, second=0, microsecond=0)
    amount = Decimal(rows.filter(inside, pl.col("model") == model)["amount"].sum())
    drawn = panel.locator(f'path[aria-roledescription="bar"][aria-label^="{hour}, {model}: "]')
    expect(drawn).to_have_attribute("aria-label", f"{hour}, {model}: {look.money(amount, 'DIEM')}")

    panel.get_by_role("button", name="Up").click()
    expect(panel.get_by_role("heading", name="Cost per day, DIEM billed")).to_be_visible()
    expect(bars.first).to_have_attribute("aria-label", re.compile(r"^2026-10-\d\d, "))


def test_a_bill_without_keys_and_hours_by_key_and_hour(notebook: Notebook) -> None:
    """Anthropic bills days; allocated, the bars of a day's keys and hours and what has no hour are that bill."""
    with AnthropicServer() as server:
        asked = f"start={str(server.start)!r}, stop={str(server.stop)!r}, base_url={server.base_url!r}"
        panel = notebook.run(
            f"import usage_toolkit as ut\nrows = ut.fetch('anthropic', {asked}, key={server.key!r})",
            "panel = ut.CostPanel(ut.allocate(rows), value=ut.Filter.month('2026-10'))\npanel.group = 'api_key'\npanel",
        )
        bars = panel.locator('path[aria-roledescription="bar"]')
        expect(bars.first).to_have_attribute("aria-label", re.compile(r"USD \(allocated\)$"), timeout=60_000)
        money = server.truth.money(every="1d", by=("workspace_id",))
    bars.and_(panel.locator('[aria-label^="2026-10-02, batch: "]')).click()
    expect(panel.get_by_role("heading", name="Cost per hour, USD allocated")).to_be_visible()
    expect(panel.locator('path[aria-label^="2026-10-02T05:00, batch: "]')).to_be_visible()
    told = [bar.get_attribute("aria-label") or "" for bar in bars.all()]
    drawn = sum(Decimal(text.rpartition(": ")[2].removesuffix(" USD (allocated)")) for text in told)
    panel.get_by_text("Table behind the chart").click()
    rest = panel.locator("tr").filter(has_text="(unallocated)")
    expect(rest.first).to_be_visible()
    left = sum(Decimal(row.locator("td").nth(5).inner_text()) for row in rest.all())
    billed = money.filter(pl.col("time").dt.date() == date(2026, 10, 2))
    assert drawn + left == billed["amount"].sum()
    assert {text.split(", ")[0][11:13] for text in told if text.startswith("2026-10-02T")} >= {"05", "12"}
