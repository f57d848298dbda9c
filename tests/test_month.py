"""The report of a month says what polars says, tells currencies, bases and periods apart, and how final it all is."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import usage_toolkit as ut
import zoo
from books import hourly
from panels import event, frame
from usage_toolkit.cli import main
from usage_toolkit.errors import ArgumentError, InputError, UsageToolkitError
from usage_toolkit.report.run import _told, template, write_month

if TYPE_CHECKING:
    from pathlib import Path

OCTOBER, SEPTEMBER = (ut.Filter.month(month) for month in ("2026-10", "2026-09"))
ANSWERS = ("money", "tokens", "bases", "caching", "limits", "completeness", "revisions")
SOURCE = "venice.ledger"
START, STOP = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Three months of the sample."""
    return ut.sample()


@pytest.fixture(scope="module")
def october(rows: pl.DataFrame) -> ut.MonthlyReport:
    """Its last month."""
    return ut.monthly_report(rows, "2026-10")


def of(frame: pl.DataFrame, *keys: str, value: str = "now") -> dict[Any, Any]:
    """Give the numbers of a frame by their keys."""
    return {row[:-1]: row[-1] for row in frame.select(*keys, value).rows()}


def test_the_money_of_a_month_is_that_of_the_cube(rows: pl.DataFrame, october: ut.MonthlyReport) -> None:
    """Per currency, of both months, to the last digit; the change is their difference."""
    made = october.money.frame
    for name, where in (("now", OCTOBER), ("before", SEPTEMBER)):
        cube = ut.totals(rows, by=(), where=where, measure="amount")
        assert of(made, "basis", "currency", value=name) == of(cube, "basis", "currency", value="amount")
    assert made.select((pl.col("now") - pl.col("before") == pl.col("change")).all()).item()
    shown = october.money.to_html()
    assert "3,865.416370885" in shown
    assert "3,865.42" in shown


@pytest.mark.parametrize("label", ["provider", "workspace", "model", "api_key", "user"])
def test_parts_are_the_whole(rows: pl.DataFrame, october: ut.MonthlyReport, label: str) -> None:
    """However money is parted, spread or folded, each currency adds up to what it was."""
    wholes = ut.totals(rows, by=(), where=OCTOBER, measure="amount")
    parts = october.by(label).frame.group_by("currency").agg(pl.col("now").sum())
    assert of(parts, "currency") == of(
        wholes.group_by("currency").agg(pl.col("amount").sum()), "currency", value="amount"
    )


def test_who_drove_the_change_comes_first(october: ut.MonthlyReport) -> None:
    """In September a key ran away; its fall is the largest change of October, and changes add up to the whole."""
    made = october.drivers("api_key").frame.filter(currency="USD", basis="allocated")
    assert made["api_key"][0] == "agent-sandbox"
    whole = october.money.frame.filter(currency="USD")["change"].item()
    parts = october.drivers("api_key").frame.filter(currency="USD")["change"].sum()
    assert parts == whole


def test_tokens_and_refusals_are_counted(rows: pl.DataFrame, october: ut.MonthlyReport) -> None:
    """Quantities per kind are those of the cube; refused requests are those of their meter."""
    cube = ut.totals(rows, by="meter", where=OCTOBER, measure="quantity")
    summed = cube.group_by("meter", "unit").agg(pl.col("quantity").sum())
    assert of(october.tokens.frame, "meter", "unit") == of(summed, "meter", "unit", value="quantity")
    refused = summed.filter(meter="rate_limited")["quantity"].item()
    assert october.limits.frame["quantity"].sum() == refused
    assert "anthropic does not report refused requests." in october.limits.notes


def test_caching_is_that_of_the_bill(rows: pl.DataFrame, october: ut.MonthlyReport) -> None:
    """What it saved in dollars is what `cache_savings` says at the prices of the bill."""
    inside = rows.filter(OCTOBER.to_expr(), pl.col("provider") == "anthropic")
    prices = ut.implied_price(inside).filter(pl.col("currency") == "USD", pl.col("price").is_not_null())
    net = ut.cache_savings(inside, by=("provider", "model"), prices=prices)["net"].sum()
    assert october.caching.frame.filter(provider="anthropic")["net"].sum() == net


def test_billed_estimated_and_allocated_stay_apart() -> None:
    """Each basis has a line of its own in every table, and says what it is worth."""
    days = [START + timedelta(days=day) for day in range(61)]
    made = [event(day, basis=basis) for day in days for basis in ("billed", "estimated", "allocated")]
    report = ut.monthly_report(frame(*made), "2026-10")
    assert report.bases.frame["basis"].to_list() == ["billed", "estimated", "allocated"]
    assert of(report.money.frame, "basis", "currency") == {
        (basis, "USD"): Decimal("0.31") for basis in ("billed", "estimated", "allocated")
    }
    assert "worked out from quantities and prices" in report.bases.to_html()


def test_a_month_that_is_not_over_is_held_to_no_other(rows: pl.DataFrame) -> None:
    """Half a month is not compared with a whole one, and an alert says that it is not complete."""
    half = ut.monthly_report(rows.filter(pl.col("time") < datetime(2026, 10, 15, tzinfo=UTC)), "2026-10")
    assert half.money.alerts == ("The month is not complete yet.",)
    assert half.money.frame["before"].null_count() == half.money.frame.height
    assert "Sep 2026" not in half.money.to_html()
    assert half.drivers().said[0].startswith("No change is shown")


def test_a_bill_that_ends_early_is_no_whole_month(rows: pl.DataFrame) -> None:
    """Hours of use to the end don't make a month whole whose daily bill stops two days before."""
    late = (pl.col("source") == "anthropic.cost") & (pl.col("time") >= datetime(2026, 10, 30, tzinfo=UTC))
    assert ut.monthly_report(rows.filter(~late), "2026-10").money.alerts
    assert not ut.monthly_report(rows, "2026-10").money.alerts


def test_a_month_without_one_before_is_held_to_no_other(rows: pl.DataFrame) -> None:
    """What is not known of the month before is not taken for 0."""
    first = ut.monthly_report(rows, "2026-08")
    assert first.money.frame["change"].null_count() == first.money.frame.height
    assert "not known for the month before" in first.money.said[0]


def stored(folder: Path, **more: Any) -> ut.Store:
    """Make a store of two months, an hour a row."""
    store = ut.Store(folder)
    store.replace(hourly(START, STOP), source=SOURCE, start=START, stop=STOP, as_of="2026-11-01T06:00", **more)
    return store


def test_a_store_says_how_final_a_month_is(tmp_path: Path) -> None:
    """Complete through, since when provisional, and what is missing."""
    final = ut.monthly_report(stored(tmp_path / "final"), "2026-10")
    assert "The month is complete." in final.money.said[0]
    assert "complete through 1 Nov 2026, 00:00; no gaps" in final.completeness.said[0]
    since = datetime(2026, 10, 30, tzinfo=UTC)
    late = ut.monthly_report(stored(tmp_path / "late", provisional_since=since), "2026-10")
    assert "Provisional since 30 Oct 2026, 00:00" in late.money.said[0]
    store = ut.Store(tmp_path / "gap")
    for start, stop in ((START, datetime(2026, 10, 10, tzinfo=UTC)), (datetime(2026, 10, 12, tzinfo=UTC), STOP)):
        store.replace(hourly(start, stop), source=SOURCE, start=start, stop=stop)
    gap = ut.monthly_report(store, "2026-10")
    assert gap.money.alerts == ("The month is not complete yet.",)
    assert "missing: from 10 Oct 2026 to 11 Oct 2026" in gap.completeness.said[0]


def test_what_changed_after_the_end_is_told(tmp_path: Path) -> None:
    """A day that a provider changed later, with its sums before and after; what changed within the month is not."""
    store = stored(tmp_path)
    day = datetime(2026, 10, 20, tzinfo=UTC)
    assert ut.monthly_report(store, "2026-10").revisions.said == ("Nothing was changed after the month had closed.",)
    more = hourly(day, day + timedelta(days=1), amount="0.07")
    store.replace(more, source=SOURCE, start=day, stop=day + timedelta(days=1), as_of="2026-11-05T06:00")
    report = ut.monthly_report(store, "2026-10")
    assert report.revisions.frame.select("before", "after", "change").row(0) == tuple(
        map(Decimal, ("1.44", "1.68", "0.24"))
    )
    assert report.revisions.said == ("Oct 2026 has changed by +0.24 USD since it closed.",)
    assert "20 Oct 2026" in report.revisions.to_html()
    assert ut.monthly_report(store, "2026-09").revisions.frame.is_empty()


@pytest.mark.parametrize("tz", ["Europe/Rome", "Asia/Kolkata", "America/New_York"])
def test_a_month_elsewhere_is_cut_there(rows: pl.DataFrame, tz: str) -> None:
    """Bills of whole days are cut by the hours of their use; what can't be is said."""
    report = ut.monthly_report(rows, "2026-10", tz=tz)
    where = ut.Filter.month("2026-10", tz=tz, provider="venice", currency="USD")
    venice = ut.totals(rows, by=(), where=where, measure="amount")["amount"].item()
    assert report.by("provider").frame.filter(provider="venice", currency="USD")["now"].item() == venice
    assert any("can't be cut" in line for line in report.money.alerts)


def test_one_provider_is_one_provider(rows: pl.DataFrame) -> None:
    """Chosen, no number holds anything of another one."""
    report = ut.monthly_report(rows, "2026-10", provider="venice")
    assert report.by("provider").frame["provider"].unique().to_list() == ["venice"]
    assert "anthropic" not in "".join(getattr(report, name).to_html() for name in ANSWERS)


@pytest.mark.parametrize("hazard", [name for name in zoo.ZOO if name != "empty"])
def test_every_hazard_is_answered(hazard: str) -> None:
    """Unknown numbers, credits, forty models, hostile names: each answer is a section or says why not."""
    rows = zoo.ZOO[hazard]
    if rows.is_empty():
        pytest.skip("no month without rows")
    report = ut.monthly_report(rows, rows["time"].dt.date().to_list()[-1])
    for name in ANSWERS:
        assert getattr(report, name)._repr_mimebundle_()["text/html"].startswith('<div class="ut-report">')
    for label in ("workspace", "model", "api_key"):
        assert report.by(label).to_html()
        assert report.drivers(label).to_html()


def test_a_month_without_rows_is_refused(rows: pl.DataFrame) -> None:
    """An empty report would look like a month that cost nothing."""
    with pytest.raises(InputError, match=r"expected rows of Jan 2027, found none; sync that month"):
        ut.monthly_report(rows, "2027-01")
    with pytest.raises(ArgumentError):
        ut.monthly_report(rows, "October")
    with pytest.raises(ArgumentError, match="expected a Store or polars rows, found dict"):
        ut.monthly_report({}, "2026-10")


def test_an_italian_reads_italian(rows: pl.DataFrame) -> None:
    """Words, numbers and dates."""
    report = ut.monthly_report(rows, "2026-10", locale="it-IT")
    assert "A confronto con set 2026." in report.money.said[0]
    assert "3.865,42" in report.money.to_html()


@pytest.mark.parametrize("locale", ["en-US", "it-IT"])
def test_the_command_writes_a_month(tmp_path: Path, capsys: pytest.CaptureFixture[str], locale: str) -> None:
    """Run twice it is the same file, with no path, no code and no key in it, in the reader's language."""
    stored(tmp_path / "store")
    os.environ["VENICE_ADMIN_KEY"] = "VENICE-CANARY0123456789"
    words = ["report", "--month", "2026-10", "--store", str(tmp_path / "store"), "--locale", locale]
    try:
        made = []
        for name in ("a.html", "b.html"):
            assert main([*words, "--out", str(tmp_path / name)]) == 0
            made.append((tmp_path / name).read_text(encoding="utf-8"))
    finally:
        del os.environ["VENICE_ADMIN_KEY"]
    assert made[0] == made[1]
    title = {"en-US": "<h1>Usage and cost, Oct 2026</h1>", "it-IT": "<h1>Uso e costo, ott 2026</h1>"}
    assert title[locale] in made[0]
    assert {"en-US": "44.64", "it-IT": "44,64"}[locale] in made[0]
    for trace in (str(tmp_path), "monthly_report", "CANARY", "sample"):
        assert trace not in made[0].partition("<script>")[0]
    assert " kB; it opens without a network" in capsys.readouterr().out


def test_with_code_no_path_is_told(tmp_path: Path) -> None:
    """The code that can be unfolded names the store, and not where it lies."""
    stored(tmp_path / "books")
    path = write_month(tmp_path / "a.html", "2026-10", store=str(tmp_path / "books"), code=True)
    text = path.read_text(encoding="utf-8")
    assert "store = &#x27;books&#x27;" in text
    assert str(tmp_path) not in text


def test_what_goes_wrong_in_the_kernel_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is raised there, and no file is written."""
    stored(tmp_path / "store")
    words = ["report", "--store", str(tmp_path / "store"), "--out", str(tmp_path / "a.html"), "--month"]
    assert main([*words, "2027-01"]) == 1
    assert (
        capsys.readouterr().err
        == "report: expected rows of Jan 2027, found none; sync that month or name another one.\n"
    )
    assert main([*words, "2027-13"]) == 1
    assert capsys.readouterr().err.startswith("expected a month such as 2026-10")
    assert not (tmp_path / "a.html").exists()
    assert str(_told("KeyError", "'x'\nmore")) == (
        "report: expected the notebook of the month to run, found KeyError: 'x'; mend that first."
    )
    assert isinstance(_told("StoreError", "gone"), UsageToolkitError)


def test_the_notebook_is_the_one_in_notebooks() -> None:
    """It has one cell that is filled in, with what the command fills in."""
    cells = json.loads(template().read_text(encoding="utf-8"))["cells"]
    (cell,) = (cell for cell in cells if "parameters" in cell["metadata"].get("tags", ()))
    held: dict[str, Any] = {}
    exec("".join(cell["source"]), held)  # noqa: S102 (our own text)
    assert {name for name in held if name[0] != "_"} == {"month", "store", "tz", "locale", "provider"}
