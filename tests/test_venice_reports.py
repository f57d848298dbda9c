"""Venice's balance, keys, refused requests and analytics, and the analytics held against the ledger."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import usage_toolkit as ut
from simulator import faults
from simulator.sample import make_rows
from simulator.server import Balance, Exceeded, VeniceServer
from usage_toolkit.schema import COLUMNS
from usage_toolkit.sources.venice import api_keys, balance, cross_check, rate_limits, usage_analytics
from usage_toolkit.sources.venice.analytics import KEPT
from usage_toolkit.sources.venice.lists import LOG_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "VENICE_ADMIN_KEY_canary0123456789"
ROWS = sorted(make_rows(seed=5, n=400), key=lambda row: row.timestamp)
DAYS: dict[str, Any] = {"start": date(2026, 9, 1), "stop": date(2026, 9, 8)}
OWNERS = {
    row.details.request_id: ("11111111-0000-4000-8000-000000000000", "date")
    for row in ROWS
    if row.details and row.details.request_id and int(row.details.request_id[-1], 16) % 2
}
pytestmark = pytest.mark.filterwarnings("ignore:.*more than 18 decimals:usage_toolkit.UsageToolkitWarning")


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test asks anew."""
    monkeypatch.setattr("usage_toolkit.sources.venice.analytics._answers", {})


@pytest.fixture
def server() -> Iterator[VeniceServer]:
    """A Venice whose clock stands a month after its ledger."""
    with VeniceServer(ROWS, key=KEY, keys=OWNERS, clock=lambda: datetime(2026, 10, 5, tzinfo=UTC)) as server:
        yield server


@pytest.fixture
def asked(server: VeniceServer) -> dict[str, Any]:
    """Whom to ask, and with which key."""
    return {"key": KEY, "base_url": server.base_url}


def ledger(server: VeniceServer) -> pl.DataFrame:
    """The ledger as the live endpoint gives it."""
    return ut.fetch("venice", key=KEY, base_url=server.base_url, start="2026-01-01", stop="2027-01-01", progress=False)


def test_balance_keeps_currencies_and_unknowns_apart(server: VeniceServer, asked: dict[str, Any]) -> None:
    """One row a currency; what Venice does not report is null, not 0."""
    server.funds = Balance(diem=90.5, usd=0.0, bundled=None)
    left = {row["currency"]: row for row in balance(**asked).iter_rows(named=True)}
    assert left["DIEM"]["balance"] == Decimal("90.5")
    assert left["USD"]["balance"] == 0
    assert left["BUNDLED_CREDITS"]["balance"] is None
    assert [name for name, row in left.items() if row["in_use"]] == ["DIEM"]
    assert left["DIEM"]["allocation"] is not None
    assert left["USD"]["allocation"] is None


def test_keys_have_names(asked: dict[str, Any]) -> None:
    """Each key by its id, with a label to show and exact money."""
    keys = api_keys(**asked)
    assert keys["api_key"].null_count() == 0
    assert keys["api_key_id"].n_unique() == keys.height
    assert (keys["usd_7d"].dtype, keys["diem_7d"].dtype) == (pl.Decimal(38, 18), pl.Decimal(38, 18))


@pytest.mark.parametrize("count", [0, 3, LOG_LENGTH - 1])
def test_refused_requests_are_canonical_rows(server: VeniceServer, asked: dict[str, Any], count: int) -> None:
    """Each refused request is one of meter `rate_limited`, under the name of its key, in the order of time."""
    owner = next(iter(OWNERS.values()))[0]
    server.exceeded = [
        Exceeded(f"2026-09-04T00:{i:02d}:00.000Z", key=owner if i % 2 else f"gone-{i}", model="glm-5")
        for i in range(count)
    ]
    rows = rate_limits(**asked, account="acme")
    assert rows.schema == pl.Schema(COLUMNS)
    assert (rows.height, rows["time"].is_sorted()) == (count, True)
    assert rows["quantity"].sum() == count
    assert set(rows["api_key"]) <= {"date", "(none)"}
    assert rows["api_key_id"].null_count() == 0


def test_a_full_log_says_that_older_ones_are_gone(server: VeniceServer, asked: dict[str, Any]) -> None:
    """Venice keeps the last 50; a full log is not passed off as all."""
    server.exceeded = [Exceeded(f"2026-09-04T00:{i:02d}:00.000Z", key="k", model="m") for i in range(60)]
    with pytest.warns(ut.UsageToolkitWarning, match=r"is full \(50\), so older ones are not in it"):
        assert rate_limits(**asked).height == LOG_LENGTH


def test_cross_check_balances_to_the_last_credible_digit(server: VeniceServer, asked: dict[str, Any]) -> None:
    """Every day of every currency: the ledger's charges are the analytics' totals."""
    checked = cross_check(ledger(server), usage_analytics(**DAYS, **asked))
    assert set(checked["currency"]) == {"USD", "DIEM"}
    assert set(checked.filter(pl.col("ledger").is_not_null())["status"]) == {"balanced"}
    charged: dict[str, Decimal] = defaultdict(Decimal)
    for row in ROWS:
        if row.amount.startswith("-"):
            charged["USD" if row.currency in ("USD", "BUNDLED_CREDITS") else row.currency] -= Decimal(row.amount)
    for currency in ("USD", "DIEM"):
        told = sum(checked.filter(currency=currency)["ledger"].drop_nulls(), Decimal())
        assert abs(told - charged[currency]) < Decimal("1e-15")


def test_cross_check_finds_a_lost_row(server: VeniceServer, asked: dict[str, Any]) -> None:
    """One charge fewer on our side, and exactly that day and currency differ, by that charge."""
    rows = ledger(server)
    row = next(i for i, (c, a) in enumerate(rows.select("currency", "amount").rows()) if c == "USD" and a > 0)
    lost, others = rows[row], pl.concat([rows[:row], rows[row + 1 :]])
    differs = cross_check(others, usage_analytics(**DAYS, **asked)).filter(status="differs")
    assert differs.select("date", "currency").rows() == [(lost["time"].dt.date()[0], "USD")]
    assert abs(differs["difference"][0] + lost["amount"][0]) < Decimal("1e-12")


def test_days_outside_the_ledger_are_unknown_not_zero(server: VeniceServer, asked: dict[str, Any]) -> None:
    """A day that was not loaded is no day without charges."""
    rows = ledger(server).filter(pl.col("time").dt.date() <= date(2026, 9, 2))
    checked = cross_check(rows, usage_analytics(**DAYS, **asked)).filter(pl.col("date") > date(2026, 9, 2))
    assert set(checked["status"]) == {"not in rows"}
    assert checked["ledger"].null_count() == checked.height


def test_days_outside_the_report_are_not_lost(server: VeniceServer, asked: dict[str, Any]) -> None:
    """A charge on a day that the report leaves out is shown as such, never passed over."""
    report = usage_analytics(**DAYS, **asked)
    missing = report.by_date["date"][0]
    checked = cross_check(ledger(server), replace(report, by_date=report.by_date[1:])).filter(date=missing)
    assert set(checked["status"]) == {"not in report"}
    assert checked["analytics"].null_count() == checked.height > 0


def test_a_day_that_is_not_over_is_no_alarm(server: VeniceServer, asked: dict[str, Any]) -> None:
    """The answer is up to ten minutes old, so the last day may differ without being wrong."""
    rows = ledger(server)
    last = rows["time"].dt.date()[-1]
    report = replace(usage_analytics(**DAYS, **asked), as_of=rows["time"][-1])
    short = rows.filter((pl.col("time") < rows["time"][-1]) | (pl.col("time").dt.date() < last))
    statuses = set(cross_check(short, report).filter(date=last)["status"])
    assert "differs" not in statuses
    assert "provisional" in statuses


def test_by_key_knows_what_the_ledger_does_not(server: VeniceServer, asked: dict[str, Any]) -> None:
    """Money by API key, the web app without an id; a key that is called "date" is a key."""
    report = usage_analytics(**DAYS, **asked)
    assert report.by_key["api_key"].sort().to_list() == ["Web App", "date"]
    for currency in ("usd", "diem"):
        by_key, by_date = sum(report.by_key[currency], Decimal()), sum(report.by_date[currency], Decimal())
        assert abs(by_key - by_date) < Decimal("1e-9")
    assert server.requests[-1].query == {"startDate": "2026-09-01", "endDate": "2026-09-07"}


def test_parts_of_a_model_are_disjoint(asked: dict[str, Any]) -> None:
    """A total and its parts are never both there."""
    report = usage_analytics(**DAYS, **asked)
    assert abs(sum(report.by_model["usd"], Decimal()) - sum(report.by_date["usd"], Decimal())) < Decimal("1e-9")
    parts = report.by_model.group_by("model").agg("part")["part"].to_list()
    assert all(names == ["(none)"] or "(none)" not in names for names in parts)


def test_an_answer_is_kept_as_long_as_venice_keeps_it(server: VeniceServer, asked: dict[str, Any]) -> None:
    """Asking again within ten minutes asks nobody; later, or with another key or days, it does."""
    now = [0.0]

    def question(**changes: Any) -> int:
        usage_analytics(**{**DAYS, **asked, "clock": lambda: now[0], **changes})
        return len(server.requests)

    assert question() == 1
    now[0] = KEPT - 1
    assert question() == 1
    assert question(stop=date(2026, 9, 7)) == 2
    with pytest.raises(ut.AuthError):
        question(key="another-key-of-another-account")
    assert len(server.requests) == 3
    now[0] = KEPT
    assert question() == 4
    assert question() == 4


def test_days_may_be_texts(asked: dict[str, Any]) -> None:
    """Days are written as `fetch` takes them."""
    report = usage_analytics(**DAYS, **asked)
    assert usage_analytics(start="2026-09-01", stop="2026-09-08T02:00:00+02:00", **asked) is report
    with pytest.raises(ut.ArgumentError, match="expected a date or time such as"):
        usage_analytics(start="yesterday", stop="2026-09-08", **asked)


@pytest.mark.parametrize("day", ["2026-02-30", "yesterday", "2026-09-02"])
def test_a_report_with_an_impossible_day_is_refused(server: VeniceServer, asked: dict[str, Any], day: str) -> None:
    """A day that is none, or that is there twice, is a broken contract."""
    first = usage_analytics(**DAYS, **asked).by_date["date"][0].isoformat().encode()
    server.faults.append(faults.edited(lambda body: body.replace(first, day.encode())))
    with pytest.raises(ut.ContractError, match=f"expected each day once, such as 2026-10-01, found '{day}'"):
        usage_analytics(**DAYS, **asked, clock=lambda: 1e12)


@pytest.mark.parametrize(
    ("old", "new", "question"),
    [
        (b'"usd":', b'"usd":"?","x":', balance),
        (b"2026-09-04T", b"2026-09-44T", rate_limits),
    ],
)
def test_a_value_that_is_none_is_a_broken_contract(
    server: VeniceServer, asked: dict[str, Any], old: bytes, new: bytes, question: Any
) -> None:
    """What Venice sends is its answer, not a file to mend."""
    server.exceeded = [Exceeded("2026-09-04T00:00:00.000Z", key="k", model="m")]
    spoil = faults.edited(lambda body: body.replace(old, new, 1))
    server.faults.extend([spoil] * 2)
    with pytest.raises(ut.ContractError, match="expected"):
        question(**asked)


@pytest.mark.parametrize("days", [0, -1, 91])
def test_too_many_days_are_refused(asked: dict[str, Any], days: int) -> None:
    """Venice would clamp the interval in silence; here it is an error."""
    with pytest.raises(ut.ArgumentError, match="expected 1 to 90 days"):
        usage_analytics(start=date(2026, 9, 1), stop=date(2026, 9, 1) + timedelta(days=days), **asked)


@pytest.mark.parametrize("question", [balance, api_keys, rate_limits, lambda **asked: usage_analytics(**DAYS, **asked)])
def test_an_answer_of_another_shape_is_refused(server: VeniceServer, asked: dict[str, Any], question: Any) -> None:
    """What is not the documented answer is one sentence."""
    server.faults.append(faults.edited(lambda _: b'{"data":{},"balances":[],"byDate":null}'))
    with pytest.raises(ut.ContractError, match="expected its documented answer"):
        question(**asked)
