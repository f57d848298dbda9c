"""What changed since the period before: closed periods only, exact, and nothing where nothing is known."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from usage_toolkit import times
from usage_toolkit.panel.compare import before, change, percent, told
from usage_toolkit.view import period
from usage_toolkit.view.hours import Hours
from zoo import HARD_DAYS, around, canonical, money, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DECIMALS = st.decimals(-(10**12), 10**12, places=9, allow_nan=False)


def at(day: str, hour: int = 12) -> datetime:
    """Return an hour of a day in UTC."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + hour * HOUR


def closed(*rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of August to October 2026 in a frame that begins and ends so that both can be compared."""
    ends = [tokens(0, meter="session", time=at("2026-08-01")), tokens(0, meter="session", time=at("2026-11-01"))]
    return canonical([*rows, *ends])


def tiles(panel: Any) -> dict[str, list[str]]:
    """Return the texts of each tile by its label: number, unit, change, and what stands below; and its title."""
    found: dict[str, list[str]] = {}
    one = r'<div class="ut-tile[^"]*" title="([^"]*)">(.*?)(?=<div class="ut-tile|<p )'
    for title, inside in re.findall(one, panel._tiles.value):
        texts = re.findall(r"(?:</i>|<(?:div|small|span)[^>]*>)([^<>]*)</(?:div|small|span)>", inside)
        label, *rest = [unescape(text).strip() for text in texts]
        found[label if label not in found else f"{label} {rest[1]}"] = [*rest, unescape(title)]
    return found


def note(panel: Any) -> str:
    """Return what is said below the tiles."""
    return unescape(re.sub("<[^>]*>", "", panel._tiles.value.partition('class="ut-note">')[2]))


# Which periods are compared


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (ut.Filter.month("2026-10"), ut.Filter.month("2026-09")),
        (ut.Filter.month("2026-03"), ut.Filter.month("2026-02")),
        (ut.Filter.day("2026-10-01"), ut.Filter.day("2026-09-30")),
        (ut.Filter("2026-10-08", "2026-10-15"), ut.Filter("2026-10-01", "2026-10-08")),
        (ut.Filter("2026-10-08T13:00", "2026-10-08T14:00"), ut.Filter("2026-10-08T12:00", "2026-10-08T13:00")),
    ],
)
def test_the_period_before(shown: ut.Filter, expected: ut.Filter) -> None:
    """A month is compared with the month before, however long; anything else with what is as long."""
    hours = Hours(canonical([tokens(1, time=at("2026-01-01")), tokens(1, time=at("2026-12-01"))]))
    found = before(hours, shown.replace(model="m"), complete={}, locale="en-US")
    assert (found.why, found.where) == ("", expected.replace(model="m"))


@pytest.mark.parametrize("case", HARD_DAYS)
def test_days_that_clocks_make_hard(case: str) -> None:
    """A day of 23 or 25 hours is compared with the day before, whole: one row each quarter of an hour tells."""
    zone, day, hours = HARD_DAYS[case]
    rows = pl.concat([around(zone, day - DAY), around(zone, day + DAY)]).unique("time")
    panel = ut.UsagePanel(rows, tz=zone, value=ut.Filter.day(day, tz=zone))
    start, stop = times.day(day - DAY, tz=zone)
    quarters = (stop - start) // timedelta(minutes=15)
    assert panel.totals["input"] == 4 * hours
    assert panel.changes == {"input": 4 * hours - quarters, "USD": 4 * hours - quarters}


@pytest.mark.parametrize(
    ("last", "value", "compared"),
    [
        (at("2026-10-31", 23), ut.Filter.month("2026-10"), True),
        (at("2026-10-31", 22), ut.Filter.month("2026-10"), False),
        (at("2026-11-01", 0), ut.Filter.month("2026-10"), True),
        (at("2026-10-31", 23), ut.Filter.day("2026-10-31"), True),
        (at("2026-10-31", 23), ut.Filter("2026-10-31T23:00", "2026-11-01T00:00"), False),
        (at("2026-10-31", 23), ut.Filter("2026-10-31T22:00", "2026-10-31T23:00"), True),
        (at("2026-10-31", 23), ut.Filter.month("2026-11"), False),
        (at("2026-10-31", 23), ut.Filter("2026-10-01"), False),
        (at("2026-10-31", 23), ut.Filter(stop="2026-10-01"), False),
        (at("2026-10-31", 23), ut.Filter(), False),
    ],
)
def test_only_what_is_over(last: datetime, value: ut.Filter, *, compared: bool) -> None:
    """A period that is open, or that the last row shows to be running still, is not compared, and the panel says so."""
    panel = ut.UsagePanel(canonical([tokens(1, time=at("2026-08-01")), tokens(3, time=last)]), value=value)
    assert bool(panel.changes or not note(panel).startswith("No change")) == compared
    assert note(panel).startswith("Change against the period before" if compared else "No change is shown: ")


def test_days_may_be_all_there_is() -> None:
    """Where rows resolve only days, a month is over with its last day; that day itself is not."""
    days = [money("1", time=at(f"2026-{month}", 0), grain="1d") for month in ("09-01", "10-30", "10-31")]
    panel = ut.CostPanel(canonical(days), value=ut.Filter.month("2026-10"))
    assert panel.changes == {"USD": 1}
    panel.value = ut.Filter.day("2026-10-31")
    assert panel.changes == {}
    panel.value = ut.Filter.day("2026-10-30")
    assert panel.changes == {"USD": 1}


def test_the_period_before_is_all_there() -> None:
    """Rows are taken to begin with the day of the first: a period before that reaches further back is not compared."""
    rows = canonical([tokens(1, time=at("2026-08-02", 9)), tokens(1, time=at("2026-10-31", 23))])
    panel = ut.UsagePanel(rows, value=ut.Filter.month("2026-09"))
    assert panel.changes == {}
    assert note(panel) == "No change is shown: rows begin on 2 Aug 2026, 09:00."
    panel.value = ut.Filter.day("2026-08-03")
    assert panel.changes == {"input": -1}


def test_a_provider_that_lags() -> None:
    """A provider whose rows end earlier holds back what it is part of, and nothing else."""
    rows = [
        tokens(1, provider=name, time=at(day)) for name in "ab" for day in ("2026-08-01", "2026-09-05", "2026-10-05")
    ]
    panel = ut.UsagePanel(
        canonical([*rows, tokens(1, provider="a", time=at("2026-11-01"))]), value=ut.Filter.month("2026-10")
    )
    assert note(panel) == "No change is shown: rows of b reach to 5 Oct 2026, 12:00."
    panel.value = ut.Filter.month("2026-10", provider="a")
    assert panel.changes == {"input": 0}
    panel.value = ut.Filter.month("2026-09")
    assert panel.changes == {"input": 0}


def test_coverage_says_what_is_over() -> None:
    """What was fetched whole is complete also where its last days have no rows, and is not where a window lacks."""
    rows = canonical([tokens(2, time=at("2026-09-05")), tokens(3, time=at("2026-10-05"))])
    for stop, changes in (("2026-11-01", {"input": 1}), ("2026-10-31", {})):
        window = {
            "provider": "venice",
            "source": "s",
            "account": "a",
            "start": at("2026-09-01", 0),
            "stop": at(stop, 0),
        }
        coverage = pl.DataFrame([window], schema_overrides={"start": rows.schema["time"], "stop": rows.schema["time"]})
        assert ut.UsagePanel(rows, value=ut.Filter.month("2026-10"), coverage=coverage).changes == changes


# How much changed


HOURS = st.integers(0, 24 * 12).map(lambda n: at("2026-10-19", 0) + n * HOUR)
LABELS = {"provider": ["venice", "anthropic"], "model": ["claude-opus-4-8", "openai-gpt-56-sol"], "meter": ["input"]}
LABELS |= {"sku": ["venice-search", "search-augmentation"], "currency": ["USD", "DIEM"]}


@st.composite
def filters(draw: st.DrawFn) -> ut.Filter:
    """Any stretch of whole hours in the second half of October, narrowed by some labels."""
    some: dict[str, Any] = {
        label: draw(st.just([]) | st.lists(st.sampled_from(of), max_size=2)) for label, of in LABELS.items()
    }
    start, stop = sorted(draw(st.lists(HOURS, min_size=2, max_size=2, unique=True)))
    return ut.Filter(start, stop, **some)


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Four weeks of sample rows, those with hours and finer."""
    return ut.sample(days=28).filter(pl.col("grain") != "1d")


@pytest.fixture(scope="module")
def panel(rows: pl.DataFrame) -> ut.UsagePanel:
    """One panel for all examples of a property."""
    return ut.UsagePanel(rows)


def sums(rows: pl.DataFrame) -> dict[str, Decimal]:
    """Add up rows in polars alone: counts by meter, money by currency."""
    counts = rows.drop_nulls("unit").group_by("meter").agg(pl.col("quantity").sum())
    paid = rows.drop_nulls("currency").group_by("currency").agg(pl.col("amount").sum())
    return dict(counts.cast({"meter": pl.String}).rows()) | dict(paid.rows())


def within(rows: pl.DataFrame, where: ut.Filter) -> pl.DataFrame:
    """Return the rows that a filter keeps whole."""
    return rows.filter(
        where.to_expr(), (pl.col("grain") != "1h") | (pl.col("time") + HOUR <= pl.lit(where.stop, rows.schema["time"]))
    )


@given(where=filters())
@settings(max_examples=80)
def test_changes_are_differences_of_sums(rows: pl.DataFrame, panel: ut.UsagePanel, where: ut.Filter) -> None:
    """For any filter, what changed is what polars adds up over the period less what it adds up over the one before."""
    panel.value = where
    assert not panel._message.value
    start, stop = period.step((where.start, where.stop), -1, tz="UTC")
    now, then = (sums(within(rows, some)) for some in (where, where.replace(start=start, stop=stop)))
    expected = {name: now.get(name, Decimal()) - then.get(name, Decimal()) for name in {*now, *then}}
    assert panel.changes == expected
    assert panel.totals == now


def test_new_and_gone() -> None:
    """What was not there before is new, what is there no longer is gone; both have an exact change."""
    panel = ut.UsagePanel(
        closed(
            tokens(5, meter="cache_read", model="old", time=at("2026-09-05")),
            tokens(7, model="new", time=at("2026-10-05")),
            money("2", "EUR", meter="other", model="new", time=at("2026-10-05")),
        ),
        value=ut.Filter.month("2026-10"),
    )
    assert panel.changes == {"input": 7, "EUR": 2, "cache_read": -5}
    assert tiles(panel)["Input"] == ["7", "tokens", "new", "7 tokens; Sep 2026: none"]
    assert tiles(panel)["Cache read"] == ["\u2013", "", "gone", "Sep 2026: 5 tokens"]
    assert tiles(panel)["Billed"][2] == "new"
    panel.value = ut.Filter.month("2026-10", model="new")
    assert panel.changes == {"input": 7, "EUR": 2}


def test_unknown_stays_unknown() -> None:
    """With an unknown part, now or before, the change is unknown and nothing is claimed."""
    rows = closed(*(tokens(4, time=at(day)) for day in ("2026-09-05", "2026-09-06", "2026-10-05", "2026-10-06")))
    for lacking in ("2026-09-06", "2026-10-06"):
        some = rows.with_columns(quantity=pl.when(pl.col("time") != at(lacking)).then("quantity"))
        panel = ut.UsagePanel(some, value=ut.Filter.month("2026-10"))
        assert panel.changes == {"input": None}
        assert tiles(panel)["All input"][2] == ""
    assert tiles(panel)["All input"][0] == "not reported"


def test_requests_and_searches() -> None:
    """Requests and web searches are counted where a provider counts them; elsewhere they are not reported, never 0."""
    counted = {"unit": "request", "quantity": "3", "time": at("2026-10-05")}
    panel = ut.UsagePanel(
        closed(
            counted | {"meter": "request", "provider": "anthropic"},
            counted | {"meter": "web_search", "provider": "anthropic"},
            tokens(1, time=at("2026-10-05")),
        ),
        value=ut.Filter.month("2026-10"),
    )
    assert [tiles(panel)[name][0] for name in ("Requests", "Web searches")] == ["3", "3"]
    panel.value = ut.Filter.month("2026-10", provider="venice")
    assert [tiles(panel)[name][0] for name in ("Requests", "Web searches")] == ["not reported"] * 2


def test_a_share_changes_by_points() -> None:
    """Three of four input tokens from a cache after one of two are 25 percentage points more."""
    rows = [tokens(1, time=at(day)) for day in ("2026-09-05", "2026-10-05")]
    rows += [tokens(n, meter="cache_read", time=at(day)) for n, day in ((1, "2026-09-05"), (3, "2026-10-05"))]
    panel = ut.UsagePanel(closed(*rows), value=ut.Filter.month("2026-10"))
    assert tiles(panel)["Cache hit share"][:3] == ["75.0", "%", "\u25b2\u00a0+25.0 points"]
    assert "Sep 2026: 50.0 %" in tiles(panel)["Cache hit share"][3]


@given(now=DECIMALS, then=DECIMALS)
def test_a_change_is_exact_and_its_sign_is_right(now: Decimal, then: Decimal) -> None:
    """A difference keeps every digit; what is told rises exactly if the number does, and 0 before is new."""
    assert change(now, then) == now - then
    said = told([now], [then], write=lambda size: f"{size:f}", locale="en-US")
    if now == then:
        assert said == "unchanged"
    elif then == 0:
        assert said == "new"
    else:
        assert said.startswith("\u25b2\u00a0+" if now > then else "\u25bc\u00a0-")
        assert ("%" in said) == (now >= 0 and then > 0)
        assert re.search("[1-9]", said)


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        ([Decimal("112.3")], [Decimal(100)], "\u25b2\u00a0+12,3\u00a0%"),
        ([Decimal(0)], [Decimal(8)], "\u25bc\u00a0-100,0\u00a0%"),
        ([Decimal("100.001")], [Decimal(100)], "\u25b2\u00a0+0,001\u00a0%"),
        ([Decimal(-5)], [Decimal(5)], "\u25bc\u00a0-10"),
        ([Decimal(5), Decimal(6)], [Decimal(10)], "\u25b2\u00a0+10,0\u00a0%"),
        ([None], [Decimal(5)], ""),
        ([], [], ""),
    ],
)
def test_how_a_change_is_told(now: list[Decimal | None], then: list[Decimal | None], said: str) -> None:
    """As a percentage with its sign and an arrow; below zero as a difference; never as 0 where it is not."""
    assert told(now, then, write=lambda size: f"{size:f}", locale="it-IT") == said


@given(st.decimals(0, 10**9, allow_nan=False).filter(bool))
def test_a_small_percentage_is_not_0(share: Decimal) -> None:
    """However small a change is, a digit of it is seen."""
    assert re.search("[1-9]", percent(share, locale="en-US"))


# The bill


def bill() -> Iterable[dict[str, Any]]:
    """September and October: charges, a refund within an hour that has charges too, DIEM, and an estimate."""
    yield money("10", time=at("2026-09-05"))
    yield money("30", time=at("2026-10-05"))
    yield money("-5", time=at("2026-10-05"))
    yield money("8", "DIEM", time=at("2026-10-06"), amount_usd="4", meter="output")
    yield money("2", basis="estimated", time=at("2026-10-06"))
    yield money("3", basis="allocated", time=at("2026-10-06"))


def test_charges_and_credits_are_told_apart() -> None:
    """A refund is seen as such, also in the hour of a charge, and both together are the total."""
    panel = ut.CostPanel(closed(*bill()), value=ut.Filter.month("2026-10"))
    panel.currency = "USD"
    assert tiles(panel)["Charges"][:3] == ["30.00", "USD", "\u25b2\u00a0+200.0\u00a0%"]
    assert tiles(panel)["Credits and refunds"][:3] == ["-5.00", "USD", "new"]
    assert tiles(panel)["Billed"][:3] == ["25.00", "USD", "\u25b2\u00a0+150.0\u00a0%"]
    assert panel.changes["USD"] == 15
    without = ut.CostPanel(closed(money("1", time=at("2026-10-05"))))
    assert "Credits and refunds" not in tiles(without)


def test_an_unknown_amount_hides_charges_and_credits() -> None:
    """If an amount is not known, neither charges nor credits are."""
    rows = closed(*bill(), money("1", time=at("2026-10-07"))).with_columns(
        amount=pl.when(pl.col("time") != at("2026-10-07")).then("amount")
    )
    panel = ut.CostPanel(rows, value=ut.Filter.month("2026-10"))
    panel.currency = "USD"
    assert [tiles(panel)[name][0] for name in ("Charges", "Credits and refunds")] == ["not reported"] * 2


def test_parity_stands_beside_and_is_never_added() -> None:
    """What DIEM is worth is said at its own tile; dollars stay what was billed in dollars."""
    panel = ut.CostPanel(closed(*bill()), value=ut.Filter.month("2026-10"))
    assert "= 4.00 USD at the provider's parity" in tiles(panel)["Billed DIEM"]
    assert panel.totals["USD"] == 25
    assert panel._tiles.value.count("parity") == 1


def test_bases_have_a_word_and_a_colour() -> None:
    """Billed, estimated and allocated money each have a tile of their own, with a word and a mark in its colour."""
    panel = ut.CostPanel(closed(*bill()), value=ut.Filter.month("2026-10"))
    found = re.findall(r'background:(#\w+)"></i>(\w+)</div>', panel._tiles.value)
    assert {word for _, word in found} == {"Billed", "Estimated", "Allocated"}
    assert len(set(found)) == 3
    panel.currency = "USD (estimated)"
    assert f"background:{dict(map(reversed, found))['Estimated']}" in panel._trail.crumb.value


def test_kinds_add_up_to_the_total() -> None:
    """The tiles of the drawn money, by kind, are its total; searches, code, sessions and other are always named."""
    rows = closed(
        *(
            money(str(n + 1), meter=meter, time=at("2026-10-05"))
            for n, meter in enumerate(("input", "output", "web_search", "audio"))
        )
    )
    found = tiles(ut.CostPanel(rows, value=ut.Filter.month("2026-10")))
    kinds = ["Input", "Output", "Web search", "Audio"]
    assert sum(Decimal(found[name][0]) for name in kinds) == Decimal(found["Billed"][0]) == 10
    assert [found[name][0] for name in ("Code execution", "Session", "Other")] == ["\u2013"] * 3


def test_the_same_tiles_for_every_period() -> None:
    """Whatever is selected, a panel keeps its tiles, so that nothing moves."""
    rows = ut.sample(days=40)
    for made in (ut.UsagePanel(rows), ut.CostPanel(rows)):
        labels = list(tiles(made))
        for value in (
            ut.Filter.month("2026-10"),
            ut.Filter.day("2026-10-20", provider="venice"),
            ut.Filter(model="no"),
        ):
            made.value = value
            assert [label.split(" ")[0] for label in tiles(made)] == [label.split(" ")[0] for label in labels]


# The estimate


def test_a_running_month_is_estimated() -> None:
    """The month of the last row has an estimate for its end, that of `run_rate`; a month before has none."""
    rows = canonical(money("10", time=at("2026-09-01") + n * DAY) for n in range(45))
    panel = ut.CostPanel(rows, value=ut.Filter.month("2026-10"))
    assert "Estimate for Oct 2026: 310 USD (310 to 310)" in note(panel)
    panel.value = ut.Filter.month("2026-09")
    assert "Estimate" not in note(panel)
    panel.value = ut.Filter("2026-10-01", "2026-10-15")
    assert "Estimate" not in note(panel)
    panel.value = ut.Filter.month("2026-10", model="no-such")
    assert "stimate" not in note(panel)


def test_the_estimate_is_that_of_run_rate() -> None:
    """The panel and `ut.run_rate` say the same of the sample, in the money that is drawn."""
    rows = ut.sample(days=80).filter(pl.col("time") < at("2026-10-18"))
    panel = ut.CostPanel(rows, value=ut.Filter.month("2026-10"))
    for currency in ("USD", "DIEM"):
        panel.currency = currency
        found = ut.run_rate(rows, where=ut.Filter(currency=currency)).row(0, named=True)
        whole = [found[name].quantize(Decimal(1)) for name in ("estimate", "low", "high")]
        assert found["estimate"] < 100 or "{:,} {} ({:,} to {:,})".format(whole[0], currency, *whole[1:]) in note(panel)


def test_too_few_days_for_an_estimate() -> None:
    """In the first week there is no estimate, and the panel says what it takes."""
    panel = ut.CostPanel(
        canonical(money("10", time=at("2026-10-01") + n * DAY) for n in range(5)), value=ut.Filter.month("2026-10")
    )
    assert "No estimate for Oct 2026: it takes seven closed days" in note(panel)
