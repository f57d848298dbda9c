"""Anthropic's lists, limits, Claude Code and analytics over a real socket, held against what the organization is."""

from __future__ import annotations

import functools
import inspect
import traceback
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import usage_toolkit as ut
from asking import Time
from simulator.anthropic import breaches, errors
from simulator.anthropic.ledger import KINDS
from simulator.anthropic.organization import KEYS
from simulator.anthropic.sample import make_ledger
from simulator.anthropic.server import KEY, TOKEN, WORKSPACE_KEY, AnthropicServer
from usage_toolkit import _http
from usage_toolkit.schema import COLUMNS, TOKEN_METERS
from usage_toolkit.sources import anthropic
from usage_toolkit.sources.anthropic import ask
from usage_toolkit.sources.anthropic.lists import _ApiKey, _default_of, _Scope, _Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

LEDGER = make_ledger(seed=4, n=300)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits take no time, and there is enough of it."""
    time = Time()
    still = functools.partial(_http.Client, sleep=time.sleep, clock=time.clock, wall=time.wall, random=lambda: 0.4)
    monkeypatch.setattr(ask, "Client", functools.partial(still, budget=1e9))


@pytest.fixture
def server() -> Iterator[AnthropicServer]:
    """An organization."""
    with AnthropicServer(LEDGER) as one:
        yield one


def where(server: AnthropicServer, **options: Any) -> dict[str, Any]:
    """How to ask it."""
    return {"base_url": server.base_url, "key": KEY, **options}


def whole(server: AnthropicServer, **options: Any) -> dict[str, Any]:
    """How to ask it for all of its days."""
    return where(server, start=server.start, stop=server.stop, progress=False, **options)


def test_every_name_can_be_got_and_no_other() -> None:
    """What is offered loads when it is asked for."""
    assert all(callable(getattr(anthropic, name)) for name in anthropic.__all__)
    assert not hasattr(anthropic, "nonsense")


def test_keys_of_every_status_are_listed(server: AnthropicServer) -> None:
    """Also those that are archived or expired, each with the real id of its workspace."""
    keys = anthropic.api_keys(**where(server))
    assert keys.select("api_key_id", "status").rows() == [(key.id, key.status) for key in KEYS]
    assert keys["workspace_id"].to_list()[:2] == ["wrkspc_01DefaultNeverInReports", "wrkspc_01Research"]


def test_people_and_services_are_listed(server: AnthropicServer) -> None:
    """People by email; services only to one who signed in."""
    assert anthropic.users(**where(server))["user"].to_list() == [
        "ada@example.com", "grace@example.com", "blaise@example.com",
    ]  # fmt: skip
    services = anthropic.service_accounts(**where(server, key=TOKEN))
    assert services.select("user_id", "user").rows() == [("svac_01Deploy", "deploy"), ("svac_01Old", "old")]
    with pytest.raises(ut.AuthError, match="403"):
        anthropic.service_accounts(**where(server))


@pytest.mark.parametrize("listed", [True, False])
def test_the_default_workspace_is_named_once(server: AnthropicServer, *, listed: bool) -> None:
    """Whether the provider lists it or not; archived ones are there too."""
    server.default_listed = listed
    spaces = anthropic.workspaces(**where(server)).select("workspace", "workspace_id").rows()
    assert spaces == [
        ("(default)", "wrkspc_01DefaultNeverInReports"), ("Research", "wrkspc_01Research"),
        ('Shop "équipe" <b>', "wrkspc_01Shop"), ("Old trial", "wrkspc_01Old"),
    ]  # fmt: skip


NAMED = [_Workspace("w1", "Research"), _Workspace("w2", "Shop")]


@pytest.mark.parametrize(
    ("spaces", "keys", "default"),
    [
        (NAMED, [("w0", None), ("w1", "w1")], "w0"),
        ([*NAMED, _Workspace("w0", "Default")], [("w0", None), ("w1", "w1")], "w0"),
        (NAMED, [("w0", "absent"), ("w1", "absent")], "w0"),
        ([], [("w0", "absent")], "w0"),
        (None, [("w0", "absent")], None),
        (None, [("w0", None)], "w0"),
        (NAMED, [("w1", None)], None),
        (NAMED, [("w0", None), ("w9", None)], None),
        (NAMED, [(None, None)], None),
        (NAMED, [], None),
    ],
)
def test_the_id_of_the_default_workspace_is_not_guessed(
    spaces: list[_Workspace] | None, keys: list[tuple[str | None, str | None]], default: str | None
) -> None:
    """It is the one in the scope of a key that has no other name; where keys disagree it is not known."""
    made = [_ApiKey("k", "key", scope=_Scope("workspace", scope), workspace_id=old) for scope, old in keys]
    for key in made:
        if key.workspace_id == "absent":
            key.workspace_id = _ApiKey("", "").workspace_id
    assert _default_of(spaces, made) == default


def test_lists_go_on_to_their_end(server: AnthropicServer) -> None:
    """A page says whether there is more, and the next one goes on after its last id."""

    def halve(page: dict[str, Any]) -> None:
        page["data"] = page["data"][:4]
        page.update(has_more=True, last_id=page["data"][-1]["id"])

    server.faults.append(breaches.page(halve))
    assert anthropic.api_keys(**where(server))["api_key_id"].to_list() == [key.id for key in KEYS]
    assert [request.query.get("after_id") for request in server.requests] == [None, KEYS[3].id]


@pytest.mark.parametrize("last", [None, "", "user_01Ada"])
def test_a_list_that_goes_nowhere_is_refused(server: AnthropicServer, last: str | None) -> None:
    """More without a way on, or the same page for ever."""
    server.faults.extend([breaches.page(lambda page: page.update(has_more=True, last_id=last))] * 3)
    with pytest.raises(ut.ContractError, match=r"no next page|there before"):
        anthropic.users(**where(server))


def test_limits_are_a_row_for_each_model(server: AnthropicServer) -> None:
    """Decimals by the minute, for every id and alias; what is not by the minute is not among them."""
    limits = anthropic.rate_limits(**where(server))
    assert limits.columns == ["provider", "workspace", "model_group", "model", "meter", "per_minute"]
    assert limits.schema["per_minute"].is_decimal()
    opus = limits.filter(model="claude-opus-5").select("workspace", "model_group", "meter", "per_minute").rows()
    assert opus == [
        ("(none)", "Claude Opus 5", "request", Decimal(4000)), ("(none)", "Claude Opus 5", "input", Decimal(2_000_000)),
        ("(none)", "Claude Opus 5", "output", Decimal(400_000)),
    ]  # fmt: skip
    assert limits.filter(model="(none)").select("model_group", "meter").rows() == [("batch", "request")]


def test_limits_of_a_workspace_include_what_it_inherits(server: AnthropicServer) -> None:
    """All that holds there, under the name of the workspace."""
    limits = anthropic.rate_limits(**where(server), workspace_id="wrkspc_01Research")
    assert limits["workspace"].unique().to_list() == ["Research"]
    assert limits.height == anthropic.rate_limits(**where(server)).height
    with pytest.raises(ut.ArgumentError, match="expected the id of a workspace"):
        anthropic.rate_limits(**where(server), workspace_id="../../x")


def test_claude_code_is_an_estimate(server: AnthropicServer) -> None:
    """Rows of a basis of their own, dollars from whole cents, a person or a key in each."""
    rows = anthropic.claude_code(**whole(server))
    assert rows.schema == pl.Schema(COLUMNS)
    assert rows.select("basis", "source", "grain").unique().rows() == [("estimated", "anthropic.claude_code", "1d")]
    assert not rows.filter(pl.col("amount").is_null() == pl.col("quantity").is_null()).height
    assert not rows.filter((pl.col("user") == "(none)") == (pl.col("api_key") == "(none)")).height
    cents = rows["amount"].drop_nulls() * 100
    assert cents.equals(cents.round(0))
    assert 0 < rows["amount"].sum() < 2 * server.truth.dollars
    days = (server.stop - server.start).days
    assert len({request.query["starting_at"] for request in server.requests}) == days == 4


def test_claude_code_of_another_day_is_refused(server: AnthropicServer) -> None:
    """One day is asked for at a time, and no other is taken."""
    server.faults.append(breaches.page(lambda page: page["data"][0].update(date="2026-09-30")))
    with pytest.raises(ut.ContractError, match="expected that day, found '2026-09-30'"):
        anthropic.claude_code(**whole(server))


@pytest.mark.parametrize("grain", ["1m", "1h", "1d"])
def test_analytics_know_money_by_key_and_hour(server: AnthropicServer, grain: str) -> None:
    """What was charged, by API key and bucket, net and at list price; credits come after it."""
    rows = anthropic.analytics_cost(**whole(server), grain=grain)
    truth = server.truth.money(every=grain, by=("api_key_id", "cost_type")).filter(pl.col("cost_type") != "credit")
    charged = truth.group_by("time", "api_key_id").agg(pl.col("amount").sum()).sort("time", "api_key_id")
    found = rows.group_by("time", "api_key_id").agg(pl.col("amount").sum()).sort("time", "api_key_id")
    assert found.equals(charged)
    assert (rows["list_amount"] >= rows["amount"]).all()
    one = ("anthropic.analytics_cost", "billed", grain)
    assert rows.select("source", "basis", "grain").unique().rows() == [one]


def test_analytics_count_requests(server: AnthropicServer) -> None:
    """The tokens of the usage report, and the requests that it lacks."""
    rows = anthropic.analytics_usage(**whole(server))
    usage = server.truth.usage(by=("api_key_id",))
    quantities = dict(rows.group_by("meter").agg(pl.col("quantity").sum()).rows())
    assert quantities["request"] == usage["requests"].sum() == len(LEDGER.calls)
    tokens = sum(quantities[meter] for meter in TOKEN_METERS if meter in quantities)
    assert tokens == sum(usage[kind].sum() for kind in KINDS)


def test_actors_are_people_and_services(server: AnthropicServer) -> None:
    """A key that acts for itself is nobody; what is not asked for is nobody either."""
    rows = anthropic.analytics_usage(**whole(server))
    people = {"ada@example.com", "grace@example.com", "blaise@example.com", "(none)"}
    assert people <= set(rows["user"])
    assert rows.filter(pl.col("user_id").str.starts_with("apikey_")).is_empty()
    assert set(anthropic.analytics_usage(**whole(server), group_by=["model"])["user"]) == {"(none)"}


def test_analytics_begin_again_when_their_numbers_change(server: AnthropicServer) -> None:
    """A token that went out of date is no end: the walk begins anew, and has each row once."""
    rows = anthropic.analytics_usage(**whole(server))

    def shorter(page: dict[str, Any]) -> None:
        page["data"] = page["data"][:1]
        page.update(has_more=True, next_page="page_of_before")

    server.faults.extend([breaches.page(shorter), errors.status(410, "This token has expired")])
    assert anthropic.analytics_usage(**whole(server)).drop("origin").equals(rows.drop("origin"))


def test_rows_of_another_time_are_refused(server: AnthropicServer) -> None:
    """Ranked rows are each held against what was asked."""
    early = {"starting_at": "2026-09-30T23:00:00Z", "ending_at": "2026-10-01T00:00:00Z"}
    server.faults.append(breaches.page(lambda page: page["data"][0].update(early)))
    with pytest.raises(ut.ContractError, match="expected rows of 1h from 2026-10-01"):
        anthropic.analytics_cost(**whole(server))


def test_analytics_take_a_key_of_their_own(server: AnthropicServer) -> None:
    """Such a key looks like one of a workspace, so the provider says whether it may read them; lists it may not."""
    with pytest.raises(ut.AuthError, match="403"):
        anthropic.analytics_cost(**whole(server, key=WORKSPACE_KEY))
    assert server.requests
    with pytest.raises(ut.AuthError, match="nothing was sent"):
        anthropic.users(**where(server, key=WORKSPACE_KEY))


@pytest.mark.parametrize("name", anthropic.__all__)
def test_no_frame_of_ours_holds_the_key(server: AnthropicServer, name: str) -> None:
    """A traceback that shows variables shows no key, whichever list or report was refused."""
    call = getattr(anthropic, name)
    server.faults.append(errors.status(401, f"bad key {KEY}"))
    period = {"start": server.start, "stop": server.stop, "progress": False}
    takes = inspect.signature(call).parameters
    with pytest.raises(ut.AuthError) as error:
        call(**where(server), **{name: value for name, value in period.items() if name in takes})
    assert KEY not in str(error.value)
    package = str(Path(ut.__file__).parent)
    frames = [frame for frame, _ in traceback.walk_tb(error.value.__traceback__)]
    ours = [frame for frame in frames if frame.f_code.co_filename.startswith(package)]
    assert ours
    assert not [frame.f_code.co_name for frame in ours if KEY in repr(list(frame.f_locals.values()))]


@pytest.mark.parametrize("call", [anthropic.analytics_cost, anthropic.claude_code])
def test_days_that_make_no_sense_are_refused(server: AnthropicServer, call: Any) -> None:
    """Before any request."""
    with pytest.raises(ut.ArgumentError, match="expected start"):
        call(**where(server), start="2026-10-02", stop="2026-10-02")
    assert not server.requests
