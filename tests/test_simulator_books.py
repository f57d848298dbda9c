"""The simulated Venice's other books agree with its ledger: pages by number, sums, keys, limits, made-up rows."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from simulator.client import CSV, KEY, USAGE, ask
from simulator.ledger import CSV_HEADER
from simulator.sample import BURST, DECK_ROWS, NEW_CURRENCY, digits
from simulator.server import Balance, Exceeded, VeniceServer, from_csv, make_rows

if TYPE_CHECKING:
    from pathlib import Path

    from simulator.ledger import Row

ANALYTICS = "/billing/usage-analytics"
ROWS = make_rows(0, 400)
NOW = datetime(2026, 9, 3, 12, tzinfo=UTC)


def serve(rows: list[Row] = ROWS, **more: Any) -> VeniceServer:
    """A server whose clock stands on the third day of its ledger."""
    return VeniceServer(rows, key=KEY, **{"clock": lambda: NOW, **more})


def test_usage_pages_cover_the_ledger() -> None:
    """Pages by number, in either order and form, give every row once and report how many there are."""
    with serve() as server:
        for order, expected in (("asc", ROWS), ("desc", ROWS[::-1])):
            for accept in ("application/json", CSV):
                replies = [
                    ask(server, USAGE, query={"page": n, "limit": 150, "sortOrder": order}, accept=accept)
                    for n in (1, 2, 3, 4)
                ]
                assert [row for reply in replies for row in reply.rows] == expected
                assert replies[3].rows == []
                for n, reply in enumerate(replies, 1):
                    said = (
                        [reply.headers[f"x-pagination-{name}"] for name in ("limit", "page", "total", "total-pages")]
                        if accept == CSV
                        else [reply.json["pagination"][name] for name in ("limit", "page", "total", "totalPages")]
                    )
                    assert said == ["150", str(n), "400", "3"]
        assert ask(server, USAGE).rows == ROWS[:-201:-1]


def test_usage_filters() -> None:
    """Dates and currency narrow the pages; the retired currency may still be asked for."""
    with serve() as server:
        start, stop = ROWS[50].timestamp, ROWS[100].timestamp
        rows = ask(server, USAGE, query={"startDate": start, "endDate": stop, "sortOrder": "asc"}).rows
        assert rows == [row for row in ROWS if start <= row.timestamp <= stop]
        rows = ask(server, USAGE, query={"currency": "VCU", "sortOrder": "asc"}).rows
        assert rows == [row for row in ROWS if row.currency == "VCU"] != []


def test_usage_drifts_and_may_lie() -> None:
    """Newest first, a page repeats a row when one arrives meanwhile; the reported total can be told to be wrong."""
    with serve(ROWS[:-1]) as server:
        first = ask(server, USAGE, query={"limit": 10}).rows
        server.rows = ROWS
        assert ask(server, USAGE, query={"limit": 10, "page": 2}).rows[0] == first[-1]
        server.total = lambda true: true + 1
        assert ask(server, USAGE, query={"limit": 10}).json["pagination"]["total"] == "401"


def test_usage_says_goodbye_and_is_gone() -> None:
    """Every answer announces the successor; closed, the endpoint answers 410 to everybody and names the date."""
    with serve() as server:
        for query in ({}, {"page": 0}):
            headers = ask(server, USAGE, query=query).headers
            assert headers["deprecation"] == "@1783555200"
            assert headers["link"] == '</api/v1/billing/usage-history>; rel="successor-version"'
        server.gone = True
        for key in (KEY, "VENICE_ADMIN_KEY_wrong", None):
            reply = ask(server, USAGE, key=key)
            assert reply.status == 410
            assert reply.headers["sunset"] == "Wed, 16 Sep 2026 00:00:00 GMT"
            for word in ("/billing/usage-history", "pageSize", "nextCursor", "startTimestamp", "endTimestamp"):
                assert word in reply.json["error"]


def charged(rows: list[Row], *currencies: str) -> float:
    """Exact charges of some currencies, as a positive number."""
    return float(-sum(Decimal(row.amount) for row in rows if row.currency in currencies and Decimal(row.amount) < 0))


def total(entries: list[dict[str, Any]], name: str) -> float:
    """The sum of one field."""
    return sum(float(entry[name]) for entry in entries)


def test_analytics_sums_agree_with_the_ledger() -> None:
    """By day, by model and by key, the same charges: USD with bundled credits, DIEM, nothing else."""
    with serve() as server:
        body = ask(server, ANALYTICS, query={"startDate": "2026-09-01", "endDate": "2026-09-30"}).json
    usd, diem = charged(ROWS, "USD", "BUNDLED_CREDITS"), charged(ROWS, "DIEM")
    for entries, names in (
        (body["byDate"], ("USD", "DIEM")),
        (body["byModel"], ("totalUsd", "totalDiem")),
        (body["byKey"], ("totalUsd", "totalDiem")),
    ):
        assert [total(entries, name) for name in names] == pytest.approx([usd, diem])
    for name, both in (
        ("byModelDaily", usd + diem),
        ("byKeyDaily", usd + diem),
        ("byModelDailyUsd", usd),
        ("byKeyDailyUsd", usd),
    ):
        assert sum(float(value) for day in body[name] for key, value in day.items() if key != "date") == pytest.approx(
            both
        )
    for model in body["byModel"]:
        if "breakdown" in model:
            assert total(model["breakdown"], "usd") == pytest.approx(float(model["totalUsd"]))
            assert total(model["breakdown"], "units") == pytest.approx(float(model["totalUnits"]))
    spends = [float(model["totalUsd"]) + float(model["totalDiem"]) for model in body["byModel"]]
    assert spends == sorted(spends, reverse=True)


def test_analytics_units_are_tokens() -> None:
    """Units of models are single tokens, not millions, and each kind of cache has its place in the breakdown."""
    rows = [row for row in ROWS if row.sku.startswith("claude-opus-4-8") and row.currency in {"USD", "DIEM"}]
    with serve(rows, names={"claude-opus-4-8": "Claude Opus 4.8"}) as server:
        (model,) = ask(server, ANALYTICS, query={"startDate": "2026-09-01", "endDate": "2026-09-30"}).json["byModel"]
    assert (model["modelName"], model["unitType"]) == ("Claude Opus 4.8", "tokens")
    assert float(model["totalUnits"]) == pytest.approx(sum(float(row.units) for row in rows) * 1e6)
    assert {part["type"] for part in model["breakdown"]} == {"Input", "Output", "Cache Read", "Cache Write"}


def test_analytics_periods() -> None:
    """Every day of the period is there, once, ascending, with zeros; long periods are cut to 90 days."""
    with serve([]) as server:
        for query, label, first, count in (
            ({}, "7d", "2026-08-28", 7),
            ({"lookback": "400d"}, "90d", "2026-06-06", 90),
            ({"startDate": "2026-09-01"}, "7d", "2026-08-28", 7),
            ({"startDate": "2026-09-01", "endDate": "2026-09-02"}, "2026-09-01:2026-09-02", "2026-09-01", 2),
        ):
            body = ask(server, ANALYTICS, query=query).json
            days = [datetime.fromisoformat(entry["date"]) for entry in body["byDate"]]
            assert (body["lookback"], body["byDate"][0]["date"], len(days)) == (label, first, count)
            assert {two - one for one, two in pairwise(days)} == {timedelta(days=1)}
            assert total(body["byDate"], "USD") == 0


def test_analytics_are_cached_for_ten_minutes() -> None:
    """New rows show only after ten minutes."""
    moments = [NOW, NOW + timedelta(minutes=9), NOW + timedelta(minutes=10)]
    with serve(ROWS[:10], clock=lambda: moments.pop(0)) as server:
        bodies = []
        for rows in (ROWS[:10], ROWS[:40], ROWS[:40]):
            server.rows = rows
            bodies.append(ask(server, ANALYTICS).body)
    assert bodies[0] == bodies[1] != bodies[2]


def test_analytics_keys() -> None:
    """What no key is known for is the web app; keys without a description and equal descriptions stay apart."""
    requests = list(
        dict.fromkeys(row.details.request_id or "" for row in ROWS if row.details and row.currency in {"USD", "DIEM"})
    )
    named = [("id-of-a", "Team"), ("id-of-b", "Team"), ("id-of-c", ""), ("id-of-d", "date")]
    keys = {request: named[n] for n, request in enumerate(requests[:4])}
    with serve(keys=keys) as server:
        body = ask(server, ANALYTICS, query={"startDate": "2026-09-01", "endDate": "2026-09-30"}).json
        listed = ask(server, "/api_keys").json["data"]
    labels = {entry["apiKeyId"]: entry["description"] for entry in body["byKey"]}
    assert labels == {
        None: "Web App",
        "id-of-a": "Team",
        "id-of-b": "Team (2)",
        "id-of-c": "Key ...d-of-c",
        "id-of-d": "date",
    }
    assert sorted(labels.values()) == sorted(body["topKeyNames"])
    assert "1788220800000" not in {day["date"] for day in body["byKeyDaily"]}  # 2026-09-01 made way for the key "date"
    assert "1788220800000" in {day["date"] for day in body["byModelDaily"]}
    assert {entry["id"]: entry["description"] for entry in listed[1:]} == dict(named)


def test_many_names_end_in_other() -> None:
    """Beyond fifty names the charts have one name for the rest, and lose nothing."""
    rows = [replace(ROWS[0], sku=f"model-{n}-llm-input-mtoken", amount="-1", currency="USD") for n in range(53)]
    with serve(rows) as server:
        body = ask(server, ANALYTICS).json
    assert (len(body["topModels"]), body["topModels"][-1]) == (51, "Other")
    assert sum(float(day["Other"]) for day in body["byModelDaily"]) == 3
    assert sum(float(value) for day in body["byModelDaily"] for name, value in day.items() if name != "date") == 53


def test_key_use_is_the_last_seven_days() -> None:
    """The list of keys holds the charges of a week as text with four decimals."""
    row = next(row for row in ROWS if row.details and row.currency == "USD")
    assert row.details is not None
    rows = [
        replace(row, timestamp=stamp, amount=amount)
        for stamp, amount in (
            ("2026-08-27T11:59:59.999Z", "-100"),
            ("2026-08-27T12:00:00.000Z", "-0.25"),
            ("2026-09-03T12:00:00.000Z", "-0.5"),
            ("2026-09-03T12:00:00.000Z", "9"),
        )
    ]
    with serve(rows, keys={row.details.request_id: ("id", "Team")}) as server:
        admin, key = ask(server, "/api_keys").json["data"]
    assert key["usage"]["trailingSevenDays"] == {"usd": "0.7500", "diem": "0.0000", "vcu": "0.0000"}
    assert (admin["apiKeyType"], key["apiKeyType"]) == ("ADMIN", "INFERENCE")


def test_balance_says_what_pays() -> None:
    """The first currency with funds pays; below ten cents nothing may be consumed."""
    with serve() as server:
        for funds, currency, can in (
            (Balance(), "DIEM", True),
            (Balance(diem=None, earned=1.0), "EARNED_CREDITS", True),
            (Balance(diem=-0.01, bundled=None, usd=0.05), "USD", False),
            (Balance(diem=None, bundled=None, usd=None), None, False),
        ):
            server.funds = funds
            body = ask(server, "/billing/balance").json
            assert (body["consumptionCurrency"], body["canConsume"]) == (currency, can)
        assert ask(server, "/api_keys/rate_limits").json["data"]["nextEpochBegins"] == "2026-09-04T00:00:00.000Z"


def test_rate_limit_log_holds_the_last_fifty() -> None:
    """The log is cut to fifty entries, newest first."""
    events = [Exceeded(f"2026-09-01T00:{n // 60:02}:{n % 60:02}.000Z", "id", "model") for n in range(70)]
    with serve(exceeded=events) as server:
        listed = ask(server, "/api_keys/rate_limits/log").json["data"]
    assert [entry["timestamp"] for entry in listed] == [event.timestamp for event in events[:19:-1]]


def test_made_up_ledgers_are_repeatable() -> None:
    """The same seed gives the same rows, another seed others, a longer ledger the shorter one and more."""
    assert make_rows(5, 300) == make_rows(5, 300) != make_rows(6, 300)
    assert make_rows(5, 700)[:300] == make_rows(5, 300)
    assert [len(make_rows(5, n)) for n in (0, 1, 1000)] == [0, 1, 1000]


@pytest.mark.parametrize("seed", range(8))
def test_made_up_ledgers_hold_every_hazard(seed: int) -> None:
    """Whatever the seed, a ledger of moderate size holds everything that has broken readers of real ones."""
    rows = make_rows(seed, DECK_ROWS)
    assert [row.timestamp for row in rows] == sorted(row.timestamp for row in rows)
    times = Counter(row.timestamp for row in rows)
    assert max(times.values()) >= BURST > 10
    assert max(Counter(rows).values()) > 1
    by_request = Counter(row.details.request_id for row in rows if row.details)
    assert {2, 3, 4} <= set(by_request.values())
    assert len({row.details for row in rows if row.details}) == len(by_request)
    assert {"USD", "DIEM", "BUNDLED_CREDITS", "EARNED_CREDITS", "VCU", NEW_CURRENCY} == {row.currency for row in rows}
    skus = {row.sku for row in rows}
    kinds = ("input", "cache-input", "cache-write", "cache-write-5m", "cache-write-1h", "output")
    assert all(any(sku.endswith(f"-llm-{kind}-mtoken") for sku in skus) for kind in kinds)
    assert {"search-augmentation", "grok-imagine-image-image-unit", "future-thing-gigaflop"} <= skus
    assert any(not row.amount.startswith("-") for row in rows)
    assert any("e-" in row.amount for row in rows)
    assert {row.details is None for row in rows if not row.sku.endswith("-mtoken")} == {True, False}
    assert any('"' in row.notes and "\n" in row.notes for row in rows)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.000001", "0.000001"),
        ("9.0e-7", "9e-7"),
        ("-0.00000015", "-1.5e-7"),
        ("1E-12", "1e-12"),
        ("1E+3", "1000"),
        ("0E-9", "0"),
        ("-2.50", "-2.5"),
    ],
)
def test_numbers_are_printed_as_javascript_does(value: str, text: str) -> None:
    """No trailing zeros, and an exponent only below a millionth."""
    assert digits(Decimal(value)) == text


@pytest.mark.parametrize("name", ["ledger.csv", "ledger.csv.gz"])
def test_ledger_files_are_read_back(tmp_path: Path, name: str) -> None:
    """A ledger in the CSV form, plain or gzipped, with either name of the column of units, gives its rows."""
    data = CSV_HEADER.replace(b"units", b"unit") + b"".join(row.csv for row in ROWS)
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else b"\xef\xbb\xbf" + data)
    assert from_csv(path) == ROWS
