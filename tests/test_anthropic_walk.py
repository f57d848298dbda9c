"""Anthropic's reports over a real socket: whatever the grain, the page and the faults, what adds up is the ledger."""

from __future__ import annotations

import functools
import traceback
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from asking import Time
from simulator import faults
from simulator.anthropic import breaches, errors
from simulator.anthropic.ledger import KINDS, Ledger
from simulator.anthropic.sample import later, make_ledger
from simulator.anthropic.server import KEY, TOKEN, WORKSPACE_KEY, AnthropicServer
from simulator.anthropic.usage import DIMENSIONS
from usage_toolkit import _http
from usage_toolkit.sources.anthropic import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.faults import Fault

LEDGER = make_ledger(seed=3, n=250)
METERS = dict(zip(KINDS, ("input", "cache_write_5m", "cache_write_1h", "cache_read", "output"), strict=True))
METERS["web_search_requests"] = "web_search"
USAGE, COST = "/v1/organizations/usage_report/messages", "/v1/organizations/cost_report"
hours = st.integers(0, 96)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits take no time, and there is enough of it."""
    time = Time()
    still = functools.partial(_http.Client, sleep=time.sleep, clock=time.clock, wall=time.wall, random=lambda: 0.4)
    monkeypatch.setattr(ask, "Client", functools.partial(still, budget=1e9))


@pytest.fixture(scope="module")
def server() -> Iterator[AnthropicServer]:
    """An organization that nobody changes."""
    with AnthropicServer(LEDGER) as one:
        yield one


def fetch(server: AnthropicServer, **options: Any) -> pl.DataFrame:
    """All that the server has, without a bar."""
    whole = {"start": server.start, "stop": server.stop, "base_url": server.base_url, "key": KEY, "progress": False}
    return ut.fetch("anthropic", **{**whole, **options})


def metered(rows: pl.DataFrame, *by: str) -> dict[tuple[Any, ...], int]:
    """Quantities by time, columns and meter."""
    made: dict[tuple[Any, ...], int] = defaultdict(int)
    for *key, quantity in rows.filter(source="anthropic.usage").select("time", *by, "meter", "quantity").iter_rows():
        made[tuple(key)] += int(quantity)
    return dict(made)


def told(ledger: Ledger, every: str, *by: str, start: datetime, stop: datetime) -> dict[tuple[Any, ...], int]:
    """The same of the truth, which no report was asked for."""
    frame = (
        AnthropicServer(ledger).truth.usage(every=every, by=by).filter(pl.col("time").is_between(start, stop, "left"))
    )
    return {
        (*key, METERS[kind]): count
        for kind in METERS
        for *key, count in frame.select("time", *by, kind).iter_rows()
        if count
    }


def same(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows but for the page they came from."""
    return rows.drop("origin")


@pytest.mark.parametrize("grain", ["1m", "1h", "1d"])
def test_every_grain_adds_up_to_the_ledger(server: AnthropicServer, grain: str) -> None:
    """Tokens of each kind by key, model and time, and money to the last digit: a factor of 100 would show."""
    rows = fetch(server, grain=grain)
    by = ("api_key_id", "model", "service_tier", "context_window", "speed")
    assert metered(rows, *by) == told(LEDGER, grain, *by, start=server.start, stop=server.stop)
    assert rows["amount"].sum() == server.truth.dollars
    assert rows.filter(pl.col("amount") < 0).height == 3
    assert rows["time"].is_sorted()
    assert rows.filter(source="anthropic.usage")["grain"].unique().to_list() == [grain]


@given(
    grain=st.sampled_from(["1m", "1h"]),
    size=st.integers(1, 168),
    borders=st.tuples(hours, hours),
    by=st.sampled_from(DIMENSIONS),
)
@settings(max_examples=40)
def test_any_window_and_page_give_the_same(
    server: AnthropicServer, grain: str, size: int, borders: tuple[int, int], by: str
) -> None:
    """Whatever is asked for at once, each bucket of it comes once, with all that was in it."""
    first, last = sorted(borders)
    start, stop = server.start + timedelta(hours=first), server.start + timedelta(hours=last + 1)
    rows = fetch(
        server,
        endpoint="usage",
        grain=grain,
        page_size=max(size, 20),
        group_by=[by],
        start=start,
        stop=stop,
        names=False,
    )
    assert rows["quantity"].sum() == sum(told(LEDGER, grain, by, start=start, stop=stop).values())


def test_every_page_size_gives_the_same_rows(server: AnthropicServer) -> None:
    """From one hour a page to a week."""
    whole = same(fetch(server, endpoint="usage", names=False))
    for size in [*range(1, 26), 31, 47, 48, 49, 95, 96, 97, 168]:
        assert same(fetch(server, endpoint="usage", page_size=size, names=False)).equals(whole), size


def test_every_page_size_gives_the_same_bill(server: AnthropicServer) -> None:
    """From one day a page to a month."""
    whole = same(fetch(server, endpoint="cost"))
    for size in range(1, 6):
        assert same(fetch(server, endpoint="cost", page_size=size)).equals(whole), size


@given(st.integers(1, 95))
@settings(max_examples=30)
def test_windows_that_touch_make_the_whole(server: AnthropicServer, cut: int) -> None:
    """Cutting the time at any hour loses and doubles nothing."""
    moment = server.start + timedelta(hours=cut)
    parts = [fetch(server, endpoint="usage", names=False, **{side: moment}) for side in ("stop", "start")]
    assert same(pl.concat(parts)).equals(same(fetch(server, endpoint="usage", names=False)))


def test_a_long_time_is_asked_for_in_windows() -> None:
    """More buckets than a page may have are several questions, each with the words that it began with."""
    ledger = make_ledger(seed=9, n=60, days=40)
    with AnthropicServer(ledger) as one:
        rows = fetch(one, grain="1h", page_size=100)
        assert metered(rows) == told(ledger, "1h", start=one.start, stop=one.stop)
        assert rows["amount"].sum() == one.truth.dollars
        asked = [request for request in one.requests if request.path in {USAGE, COST}]
    assert [request.path for request in asked].count(USAGE) == 12  # 5 weeks of 2 pages, 5 days of 2
    assert [request.path for request in asked].count(COST) == 2
    words: dict[tuple[str, str], set[frozenset[tuple[str, str]]]] = defaultdict(set)
    for request in asked:
        pairs = frozenset(pair for pair in request.pairs if pair[0] != "page")
        words[request.path, request.query["starting_at"]].add(pairs)
    assert all(len(said) == 1 for said in words.values())


def test_faults_on_the_way_change_nothing(server: AnthropicServer) -> None:
    """Answers that fail, break or ask to wait are asked for again: 529 and overload too."""
    whole, refused = same(fetch(server)), 0
    for seed in range(6):
        with AnthropicServer(LEDGER) as one:
            one.fault_rate, one.gzip, one.chunked = (seed, 0.3), bool(seed % 2), bool(seed % 3)
            assert same(fetch(one, page_size=7)).equals(whole)
            refused += sum(request.status != 200 for request in one.requests)
    assert refused > 10


def test_overload_in_good_clothes_is_asked_again(server: AnthropicServer) -> None:
    """A 200 that says it is overloaded is no page, and passes."""
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    with AnthropicServer(LEDGER) as one:
        one.faults.append(faults.error_in_200(body))
        assert same(fetch(one)).equals(same(fetch(server)))


@pytest.mark.parametrize("spent", [errors.tier_spent(), errors.account_spent(), errors.own_limit_spent()])
def test_a_spent_limit_is_not_waited_for(spent: Fault) -> None:
    """However it is told: once, and what to do."""
    with AnthropicServer(LEDGER) as one:
        one.faults.append(spent)
        with pytest.raises(ut.RateLimitedError, match="the spend limit of the account is reached"):
            fetch(one)
        assert len(one.requests) == 1


BREACHES: dict[str, tuple[Fault, str]] = {
    "a lost bucket": (breaches.bucket_lost(1), "so that one is missing"),
    "a lost first bucket": (breaches.bucket_lost(), "so that one is missing"),
    "a lost last bucket": (breaches.bucket_lost(-1), "expected buckets up to .*, found the last one before"),
    "a bucket twice": (breaches.bucket_twice(1), "again, or out of order"),
    "backwards": (breaches.buckets_backwards(), "so that one is missing"),
    "outside": (breaches.bucket_shifted(timedelta(days=-9)), "outside what was asked for"),
    "no results": (breaches.results_null(), "expected its documented answer"),
    "a negative count": (breaches.result(output_tokens=-1), "expected its documented answer"),
    "no data": (breaches.missing("data"), "expected its documented answer"),
    "no has_more": (breaches.missing("has_more"), "expected its documented answer"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_page_that_cannot_be_true_is_refused(breach: str) -> None:
    """Nothing is kept of a walk with a hole, a double or a stray in it."""
    fault, said = BREACHES[breach]
    with AnthropicServer(LEDGER) as one:
        one.faults.append(fault)
        with pytest.raises(ut.ContractError, match=said):
            fetch(one)


@pytest.mark.parametrize("token", ["page_x", "", None, 5])
@pytest.mark.parametrize("more", [True, False])
def test_c7_contradictions_are_refused(token: object, more: object) -> None:
    """More without a next page, and a next page without more, are no end and no way on."""
    with AnthropicServer(LEDGER) as one:
        one.faults.append(breaches.next_page(token, has_more=more))
        if (token, more) == (None, False):
            assert fetch(one).height
        elif (token, more) == ("page_x", True):
            with pytest.raises(ut.FetchError, match="400"):  # it goes on with a token that nobody gave out
                fetch(one)
        else:
            with pytest.raises(ut.ContractError, match=r"nothing was kept"):
                fetch(one)


def test_c7_a_page_that_does_not_say_is_refused() -> None:
    """Without ``next_page`` nobody knows whether that was all."""
    with AnthropicServer(LEDGER) as one:
        one.faults.append(breaches.missing("next_page"))
        with pytest.raises(ut.ContractError, match="no next page; nothing was kept"):
            fetch(one)


def test_c5_a_loop_is_refused() -> None:
    """A page that was there before is not asked for again."""
    with AnthropicServer(LEDGER) as one:
        tokens: list[str] = []

        def loop(page: dict[str, Any]) -> None:
            tokens.append(page["next_page"])
            page["next_page"] = tokens[0]

        one.faults.extend([breaches.page(loop), breaches.page(loop)])
        with pytest.raises(ut.ContractError, match="found one that was there before"):
            fetch(one, page_size=10)


def test_more_buckets_than_were_asked_for_are_refused() -> None:
    """A page has as many as its limit, at most."""
    with AnthropicServer(LEDGER) as one:
        one.faults.append(breaches.bucket_twice())
        with pytest.raises(ut.ContractError, match="expected at most 1 buckets, found 2"):
            fetch(one, page_size=1)


def test_new_fields_are_no_fault(server: AnthropicServer) -> None:
    """What nobody has heard of is left alone."""
    with AnthropicServer(LEDGER) as one:
        one.faults.extend([breaches.more_fields(), breaches.more_fields()])
        assert same(fetch(one)).equals(same(fetch(server)))


def test_labels_are_names() -> None:
    """Whether or not the default workspace is listed, archived keys and spaces have names and nulls their meaning."""
    with AnthropicServer(LEDGER) as one:
        plain = fetch(one)
        one.default_listed = True
        assert same(fetch(one)).equals(same(plain))
    spaces = dict(plain.select("workspace", "workspace_id").unique().rows())
    assert spaces == {
        "(default)": "wrkspc_01DefaultNeverInReports", "Old trial": "wrkspc_01Old", "Research": "wrkspc_01Research",
        'Shop "équipe" <b>': "wrkspc_01Shop",
    }  # fmt: skip
    used = plain.filter(source="anthropic.usage")
    assert set(used["api_key"]) == {"nightly", "batch", "shop-assistant", "gone", "expired", "(console)", "(none)"}
    assert used.filter(api_key="batch")["api_key_id"].n_unique() == 2
    assert used.filter(api_key="(console)")["user_id"].null_count() == used.filter(api_key="(console)").height
    people = {"ada@example.com", "grace@example.com", "blaise@example.com", "(none)", "svac_01Deploy", "svac_01Old"}
    assert set(used["user"]) == people


def test_one_who_signed_in_knows_service_accounts_too() -> None:
    """A token goes where tokens go, and may read more names than an Admin API key."""
    with AnthropicServer(LEDGER) as one:
        rows = fetch(one, key=TOKEN)
        assert {"deploy", "old"} <= set(rows["user"])
        assert all("authorization" in request.headers for request in one.requests)


def test_names_that_may_not_be_read_are_ids() -> None:
    """The numbers are worth more than their labels, and a notice says so."""
    with AnthropicServer(LEDGER) as one:
        one.faults.extend([None, None, *[errors.status(403, "No")] * 3])
        with pytest.warns(ut.UsageToolkitWarning, match="names are shown as ids") as notices:
            rows = fetch(one)
    assert len(notices) == 3
    assert rows.filter(pl.col("workspace") == "wrkspc_01Shop").height
    assert rows.filter(workspace="(default)")["workspace_id"].null_count() == rows.filter(workspace="(default)").height


def test_what_was_grouped_by_is_in_each_row(server: AnthropicServer) -> None:
    """A null is told apart by who asked, so each row says what was asked."""
    rows = fetch(server, endpoint="usage", group_by=["workspace_id", "model"])
    assert rows["origin"].str.contains("by model+workspace_id, sha256:", literal=True).all()
    assert rows.select("api_key", "user", "service_tier").unique().rows() == [("(none)", "(none)", "(none)")]
    assert fetch(server, endpoint="cost")["origin"].str.contains("by description+workspace_id", literal=True).all()


@pytest.mark.parametrize(
    ("option", "value", "column"),
    [
        ("account_ids", "user_01Ada", "account_id"), ("api_key_ids", "apikey_01Shop", "api_key_id"),
        ("service_account_ids", "svac_01Deploy", "service_account_id"),
        ("workspace_ids", "wrkspc_01Shop", "workspace_id"), ("models", "claude-opus-5", "model"),
        ("context_window", "200k-1M", "context_window"), ("service_tiers", "batch", "service_tier"),
        ("inference_geos", "not_available", "inference_geo"), ("speeds", "fast", "speed"),
    ],
)  # fmt: skip
def test_every_filter_is_the_providers(server: AnthropicServer, option: str, value: str, column: str) -> None:
    """What is asked for comes, and nothing else."""
    rows = fetch(server, endpoint="usage", grain="1d", names=False, **{option: value})
    truth = told(LEDGER, "1d", column, start=server.start, stop=server.stop)
    assert rows["quantity"].sum() == sum(count for key, count in truth.items() if key[1] == value) > 0
    both = fetch(server, endpoint="usage", grain="1d", names=False, **{option: [value]})
    assert both.equals(rows)


def test_rows_that_were_not_asked_for_are_refused() -> None:
    """A provider that leaves a filter out is not believed."""
    with AnthropicServer(LEDGER) as one:
        one.faults.append(breaches.result(workspace_id="wrkspc_01Old"))
        with pytest.raises(ut.ContractError, match="expected workspace_id among those asked for, found 'wrkspc_01Old'"):
            fetch(one, endpoint="usage", workspace_ids=["wrkspc_01Shop"])


def test_the_bill_has_no_filter(server: AnthropicServer) -> None:
    """The cost report can't be filtered, so the two would not be of the same thing."""
    with pytest.raises(ut.ArgumentError, match="found 'models'; ask with endpoint='usage'"):
        fetch(server, models="claude-opus-5")


def test_a_bucket_is_not_cut(server: AnthropicServer) -> None:
    """A day that is over is asked for as a whole or not at all; the one that is open may be asked for until now."""
    with pytest.raises(
        ut.ArgumentError, match="found 2026-10-01T12:00:00Z, and a bucket can't be cut; move it to 2026-10-01T00"
    ):
        fetch(server, start="2026-10-01T12:00")
    assert fetch(server, start="2026-10-01T12:00", endpoint="usage").height
    now = datetime.now(UTC)
    assert fetch(server, start=now.replace(hour=0, minute=0, second=0, microsecond=0), stop=None).is_empty()


def test_buckets_to_come_need_not_be_there() -> None:
    """Until the provider's own clock has passed them, the last buckets of a window may be missing."""
    noon = datetime(2026, 10, 2, 12, 30, tzinfo=UTC)
    with AnthropicServer(LEDGER, clock=lambda: noon) as one:
        days = fetch(one, endpoint="usage", grain="1d", start="2026-10-01", stop="2026-10-05")
        assert metered(days) == told(LEDGER, "1d", start=one.start, stop=datetime(2026, 10, 3, tzinfo=UTC))


def test_hours_that_settled_later_are_told_anew() -> None:
    """Asking again gives what is true now, not what was said before."""
    with AnthropicServer(LEDGER) as one:
        before = fetch(one)
        one.ledger = later(LEDGER)
        after = fetch(one)
        assert metered(after) == told(one.ledger, "1h", start=one.start, stop=one.stop) != metered(before)
        assert after["amount"].sum() == one.truth.dollars


def test_nothing_used_is_no_rows() -> None:
    """Days without use are empty buckets, and empty frames."""
    with AnthropicServer(Ledger([], price=lambda _: [])) as one:
        rows = fetch(one, start="2026-10-01", stop="2026-10-03")
        assert rows.equals(ut.conform(rows))
        assert rows.is_empty()
        assert {request.path for request in one.requests} == {USAGE, COST}


def test_a_key_of_a_workspace_is_refused_at_the_door() -> None:
    """Before any request, and without showing any of it."""
    with AnthropicServer(LEDGER) as one:
        with pytest.raises(ut.AuthError, match=r"expected an Admin API key .*, found the key of a workspace") as error:
            fetch(one, key=WORKSPACE_KEY)
        assert not one.requests
    assert WORKSPACE_KEY not in "".join(traceback.format_exception(error.value))


@pytest.mark.parametrize(
    "fault",
    [
        faults.redirect("https://evil.example/"),
        errors.status(401, f"bad key {KEY}"),
        breaches.page(lambda page: page["data"][0].update(starting_at=KEY)),
        breaches.result(workspace_id=KEY),
    ],
)
def test_the_key_goes_nowhere_else(fault: Fault) -> None:
    """Neither across a redirect nor into a message."""
    with AnthropicServer(LEDGER) as one:
        one.faults.append(fault)
        with pytest.raises(ut.FetchError) as error:
            fetch(one, endpoint="usage", workspace_ids=["wrkspc_01Shop"])
        assert len(one.requests) == 1
    assert KEY[:20] not in str(error.value)
    assert KEY not in "".join(traceback.format_exception(error.value))


def test_every_request_says_who_asks_and_how(server: AnthropicServer) -> None:
    """The key in its own header, the version of the interface, and the beta only where it is needed."""
    with AnthropicServer(LEDGER) as one:
        fetch(one, progress=False)
        assert all({"x-api-key", "anthropic-version", "user-agent"} <= request.headers for request in one.requests)
        assert not any("authorization" in request.headers for request in one.requests)
        assert {request.path for request in one.requests if "anthropic-beta" in request.headers} == {USAGE}
        one.requests.clear()
        fetch(one, endpoint="usage", group_by=["model"])
        assert not any("anthropic-beta" in request.headers for request in one.requests)
    assert server.requests


def test_polling_is_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages follow at once, and so do some walks; whoever goes on for ever is slowed down to one a minute."""
    calm = Time()
    still = functools.partial(_http.Client, sleep=calm.sleep, clock=calm.clock, wall=calm.wall, random=lambda: 0.4)
    monkeypatch.setattr(ask, "Client", still)
    with AnthropicServer(LEDGER) as one:
        for _ in range(ask.BURST):
            fetch(one, endpoint="cost", names=False)
        assert not calm.slept
        for _ in range(3):
            fetch(one, endpoint="cost", names=False)
    assert calm.slept == [ask.EVERY] * 3
