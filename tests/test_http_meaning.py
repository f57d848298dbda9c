"""What an answer means: a page, a wait, or a sentence that says what to do (B1 to B17)."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asking import CANARY, ENV, Time, ask, client
from fault_server import READ, Step, answer, serve
from usage_toolkit.errors import (
    AuthError,
    ContractError,
    EndpointGoneError,
    FetchError,
    RateLimitedError,
    UsageToolkitWarning,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = b'{"data":[],"nextCursor":null}'
GOOD: list[Step] = [READ, answer(PAGE)]
SERVER = datetime(2026, 11, 22, 10, tzinfo=UTC)
DATE = {"Date": format_datetime(SERVER, usegmt=True)}


def refusal(
    status: int, body: bytes = b'{"error":"No such luck"}', *, headers: Mapping[str, str] | None = None
) -> list[Step]:
    """Script one refusal."""
    return [READ, answer(body, status=status, headers=headers)]


@pytest.mark.parametrize("lot", [0.0, 0.5, 1.0])
def test_b1_retry_after_is_waited_for(lot: float) -> None:
    """Asked to wait 7 s, it waits 7 to 8 s, says so beforehand, and goes on."""
    calm, told = Time(), []
    with serve(refusal(429, headers={"Retry-After": "7"}), GOOD) as server:
        reply = ask(server, calm, random=lambda: lot, on_wait=lambda *what: told.append((*what, len(calm.slept))))
    assert (reply.body, reply.retries) == (PAGE, 1)
    assert len(calm.slept) == 1
    assert 7.0 <= calm.slept[0] <= 8.0
    assert told == [(calm.slept[0], "rate limit", 0)]


@pytest.mark.parametrize("off", [-3600.0, 0.0, 3600.0])
def test_b2_a_date_with_a_wrong_clock_here(off: float) -> None:
    """An instant to wait for is read against the server's own clock, however wrong ours is."""
    calm = Time()
    after = format_datetime(SERVER + timedelta(seconds=9), usegmt=True)
    with serve(refusal(503, headers={**DATE, "Retry-After": after}), GOOD) as server:
        ask(server, calm, wall=lambda: calm.wall() + off)
    assert 9.0 <= calm.slept[0] <= 10.0


@pytest.mark.parametrize("unit", [1, 1000])
@pytest.mark.parametrize("name", ["x-ratelimit-reset-requests", "x-ratelimit-resets"])
def test_b3_the_reset_of_the_rate_limit_is_waited_for(name: str, unit: int) -> None:
    """Without Retry-After the instant of the reset is obeyed, in seconds or milliseconds."""
    calm = Time()
    with serve(refusal(429, headers={**DATE, name: str(int(SERVER.timestamp() + 20) * unit)}), GOOD) as server:
        ask(server, calm)
    assert 20.0 <= calm.slept[0] <= 21.0


def test_b4_a_rate_limit_without_a_hint() -> None:
    """It waits longer each time, gives up after six attempts, and says what to do."""
    calm = Time()
    with serve(refusal(429)) as server:
        with pytest.raises(RateLimitedError, match=r"found 429 \(No such luck\), 6 times; try again in a few minutes"):
            ask(server, calm, random=lambda: 1.0)
        assert server.connections == 6
    assert calm.slept == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_b5_a_spend_limit_is_not_waited_for() -> None:
    """The other 429 lasts until next month, so it is told at once."""
    body = b'{"type":"error","error":{"message":"Limit reached","error_code":"enforced_spend_limit_reached"}}'
    with serve(refusal(429, body)) as server:
        with pytest.raises(RateLimitedError, match=r"\(Limit reached\); the spend limit of the account is reached"):
            ask(server)
        assert server.connections == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (429, "This request would exceed your account's monthly spend limit."),
        (400, "You have reached your specified API usage limits."),
    ],
)
def test_b5_a_spend_limit_in_other_words(status: int, said: str) -> None:
    """However a provider says it, it is told at once, even where the answer asks to wait a moment."""
    body = json.dumps({"type": "error", "error": {"type": "rate_limit_error", "message": said}}).encode()
    with serve(refusal(status, body, headers={**DATE, "Retry-After": "1"})) as server:
        with pytest.raises(RateLimitedError, match="the spend limit of the account is reached"):
            ask(server)
        assert server.connections == 1


@pytest.mark.parametrize("status", [429, 503])
def test_b6_a_wait_beyond_the_budget(status: int) -> None:
    """A day is too long to wait: it stops at once and names the time to try again, by the server's clock."""
    calm = Time()
    with serve(refusal(status, headers={**DATE, "Retry-After": "86400"})) as server:
        with pytest.raises(
            RateLimitedError, match=r"wait 86,400 s, so try again after 2026-11-23 10:00:00 UTC\.$"
        ) as caught:
            ask(server, calm)
        assert server.connections == 1
    assert (caught.value.status, caught.value.wait) == (status, 86_400)
    assert not calm.slept


@given(st.from_regex(r"[-+]?[0-9]{0,12}(\.[0-9]{0,3})?(e[0-9]{1,3})?|soon|NaN|inf", fullmatch=True))
@settings(max_examples=40)
def test_b6_any_wish_ends_within_the_budget(wish: str) -> None:
    """Whatever is asked, no more than the budget is ever slept, and no wait is shorter than one that makes sense."""
    calm = Time()
    with serve(refusal(429, headers={"Retry-After": wish})) as server, pytest.raises(RateLimitedError):
        ask(server, calm, budget=100.0)
    assert sum(calm.slept) <= 100
    if re.fullmatch(r"\d+", wish):
        assert all(seconds >= int(wish) for seconds in calm.slept)


@pytest.mark.parametrize("wish", ["-5", "soon", "", "NaN", "0"])
def test_b6_nonsense_is_no_tight_loop(wish: str) -> None:
    """Where no sensible wait is asked, it waits on its own account, even with the luckiest lots."""
    calm = Time()
    with serve(refusal(503, headers={"Retry-After": wish})) as server, pytest.raises(FetchError):
        ask(server, calm, random=lambda: 0.0)
    assert len(calm.slept) == 5
    assert min(calm.slept) >= 0.1


def test_b7_a_storm_stays_below_the_quota() -> None:
    """Twenty minutes of errors: no thirty seconds see more than ten failures, and each page ends in a sentence."""
    calm, times = Time(), []

    def draw() -> float:
        times.append(calm.now)
        return 0.01

    with serve(refusal(500)) as server:
        while calm.now < 1000 + 1200:
            with pytest.raises(FetchError, match=r"found 500 \(No such luck\), 6 times"):
                ask(server, calm, random=draw)
        assert server.connections >= 6 * 2
    # A lot is drawn after each failure, so these are the instants of the failures.
    for late in times:
        assert sum(late - 30 < instant <= late for instant in times) <= 10


def test_b7_the_budget_of_a_client_is_one() -> None:
    """Waits add up over pages; when the budget is used up, a failure is told at once."""
    calm = Time()
    with serve(refusal(503, headers={"Retry-After": "40"})) as server, client(server, calm, budget=100.0) as asking:
        with pytest.raises(RateLimitedError, match="3 times"):
            asking.get("/usage", {})
        with pytest.raises(RateLimitedError, match="wait 40 s"):
            asking.get("/usage", {})
        assert server.connections == 4
    assert sum(calm.slept) <= 100


def test_b7_a_quota_that_is_full_for_longer_than_the_budget() -> None:
    """Where the quota leaves no room in time, nothing is sent, and the sentence says how long to wait."""
    calm = Time()
    with serve(refusal(401)) as server:
        for _ in range(10):
            with pytest.raises(AuthError):
                ask(server, calm)
        with pytest.raises(
            RateLimitedError, match=r"as many failures just now as this host should see; try again in 30 s"
        ):
            ask(server, calm, budget=5.0)
        assert server.connections == 10
        told: list[tuple[float, str]] = []
        with pytest.raises(AuthError):
            ask(server, calm, on_wait=lambda *what: told.append(what))
        assert told == [(30.0, "too many failures")]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
def test_b8_one_failure_is_invisible(status: int) -> None:
    """A passing failure costs a retry, and the page is whole."""
    with serve(refusal(status), GOOD) as server:
        reply = ask(server)
    assert (reply.body, reply.retries) == (PAGE, 1)


@pytest.mark.parametrize(
    "status", [400, 402, 404, 405, 407, 409, 410, 411, 413, 414, 415, 418, 422, 451, 501, 505, 599]
)
def test_b10_b14_what_will_not_pass_is_not_repeated(status: int) -> None:
    """Every other refusal is told at once, with its status and the provider's own words."""
    with serve(refusal(status)) as server:
        with pytest.raises(FetchError, match=rf"expected a page from /usage, found {status}") as caught:
            ask(server)
        assert server.connections == 1
    assert caught.value.status == status


@pytest.mark.parametrize("status", [401, 403])
def test_b9_a_refused_key(status: int) -> None:
    """The sentence names the variable to set and says what the provider says, but nothing of the key."""
    body = f'{{"error":"Admin API key required, not {CANARY}"}}'.encode()
    with serve(refusal(status, b'{"error":"Admin API key required"}'), refusal(status, body)) as server:
        with pytest.raises(
            AuthError, match=rf"found {status} \(Admin API key required\); set {ENV} to a key"
        ) as caught:
            ask(server)
        with pytest.raises(AuthError, match=r"\(not shown: it repeats the key\)") as caught:
            ask(server)
        assert server.connections == 2
    assert caught.value.status == status


def test_b10_no_key_arrived() -> None:
    """402 is what a provider says that saw no key at all."""
    body = b'{"x402Version":2,"error":"Authentication required","accepts":[{"network":"base"}]}'
    with (
        serve(refusal(402, body)) as server,
        pytest.raises(FetchError, match=r"402 \(Authentication required\).*strips"),
    ):
        ask(server)


def test_b11_a_closed_endpoint_names_its_successor() -> None:
    """Since when it is closed and what takes over, as words and as values."""
    headers = {
        "Deprecation": "@1783555200",
        "Sunset": "Wed, 16 Sep 2026 00:00:00 GMT",
        "Link": '</docs>; rel="help", </api/v1/billing/usage-history>; title="x, y"; rel="successor-version"',
    }
    with serve([READ, answer(b'{"error":"Gone"}', status=410, headers=headers)]) as server:
        with pytest.raises(EndpointGoneError) as caught:
            ask(server)
        host = f"127.0.0.1:{server.port}"
    assert str(caught.value) == (
        f"{host}: expected a page from /usage, found 410: the provider closed it for good on 2026-09-16; "
        "ask its successor /api/v1/billing/usage-history instead."
    )
    assert (caught.value.sunset, caught.value.successor) == (date(2026, 9, 16), "/api/v1/billing/usage-history")


@pytest.mark.parametrize(
    ("link", "successor"),
    [
        ("", None), ("nonsense", None), ("<>; rel=successor-version", None), ("</a>; rel=other", None),
        ("</a>; rel=successor-version", "/a"), ('</a>; REL="help Successor-Version"', "/a"),
        ("<https://evil.example/a?b>; rel=successor-version", "/a"), ("<http://[>; rel=successor-version", None),
    ],
)  # fmt: skip
def test_b11_a_successor_is_a_path_or_none(link: str, successor: str | None) -> None:
    """However the link is written, the successor is a path and never an address to go to."""
    with (
        serve(refusal(410, headers={"Link": link, "Sunset": "some day"})) as server,
        pytest.raises(EndpointGoneError) as caught,
    ):
        ask(server)
    assert (caught.value.successor, caught.value.sunset) == (successor, None)


def test_b12_a_coming_end_is_told_once() -> None:
    """One warning for each client and path, and the page as always."""
    headers = {"Sunset": "Wed, 16 Sep 2026 00:00:00 GMT", "Link": '</new>; rel="successor-version"'}
    page: list[Step] = [READ, answer(PAGE, headers=headers)]
    with serve(page) as server, client(server) as asking:
        with pytest.warns(UsageToolkitWarning, match=r": /usage closes on 2026-09-16; /new takes over\.") as caught:
            assert [asking.get("/usage", {"page": n}).body for n in range(3)] == [PAGE] * 3
        assert len(caught) == 1
        assert caught[0].filename == __file__
        with pytest.warns(UsageToolkitWarning, match="/other closes"):
            asking.get("/other", {})


def test_b12_deprecated_without_a_date() -> None:
    """A mere Deprecation says less, and so does the warning."""
    page: list[Step] = [READ, answer(PAGE, headers={"Deprecation": "true"})]
    with serve(page) as server, pytest.warns(UsageToolkitWarning, match="is deprecated; look for its successor"):
        ask(server)


def test_b13_a_rejected_cursor_can_be_told_apart() -> None:
    """A 400 carries its status and the provider's words, so that a walk knows to begin anew; it is never repeated."""
    body = b'{"error":"Invalid or expired cursor","details":"restart from the first page"}'
    with serve(refusal(400, body)) as server:
        with pytest.raises(FetchError, match="Invalid or expired cursor: restart from the first page") as caught:
            ask(server)
        assert server.connections == 1
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error":"Plain words"}', "(Plain words)"),
        (b'{"error":{"message":"In an object","type":"t","code":null}}', "(In an object)"),
        (b'{"type":"error","error":{"type":"overloaded_error"}}', "(overloaded_error)"),
        (b'{"message":"Elsewhere"}', "(Elsewhere)"),
        (b"<html><head><title>502</title><script>x()</script></head><body><b>Bad &amp;</b>", "(502 Bad &amp;)"),
        (b"plain\r\n\x1b[31mtext\x00", "(plain [31mtext)"),
        ('{"error":"b\u202ed"}'.encode(), "(b d)"),
        (b'{"error":[1]}', ""), (b"[[1]", "([[1])"), (b"", ""), (b'{"error":', '({"error":)'),
        (b"\xff\xfe", "(\ufffd\ufffd)"),
        (b"[" * 100_000, ""), (b'{"error":' * 10_000, ""),
    ],
)  # fmt: skip
def test_an_error_body_becomes_a_short_safe_message(body: bytes, said: str) -> None:
    """Text or object, HTML or worse: a few words without markup, one line, or nothing."""
    with serve(refusal(404, body)) as server, pytest.raises(FetchError) as caught:
        ask(server)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 320


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":"Something broke"}',
        b'{"type":"error","error":{"message":"Something broke"}}',
        b' {"message":"Something broke","error":true}',
    ],
)
def test_b15_an_error_in_good_clothes(body: bytes) -> None:
    """A 200 whose body is an error is that error and no page."""
    with (
        serve([READ, answer(body)]) as server,
        pytest.raises(FetchError, match=r"200 with an error \(Something broke\)"),
    ):
        ask(server)


@pytest.mark.parametrize("kind", ["overloaded_error", "api_error", "timeout_error"])
def test_b15_an_error_that_passes_is_asked_again(kind: str) -> None:
    """A 200 whose body says that the provider is busy is worth another attempt."""
    body = b'{"type":"error","error":{"type":"%s","message":"Busy"}}' % kind.encode()
    with serve([READ, answer(body)], GOOD) as server:
        assert ask(server).retries == 1


@pytest.mark.parametrize(
    "body", [b'{"data":[{"notes":"error"}]}', b'{"data":[],"error":null}', b'{"error":null}', b'["error"]']
)
def test_b15_a_page_that_only_mentions_errors(body: bytes) -> None:
    """A page may well hold the word."""
    with serve([READ, answer(body)]) as server:
        assert ask(server).body == body


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        ("text/html; charset=utf-8", b"<html><title>Sign in</title>", r"found text/html \(Sign in\); check base_url"),
        ("text/plain", b"down for maintenance", r"found text/plain \(down for maintenance\)"),
        ("text/csv", b"a,b", "found text/csv"),
        ("", b"\n <html>Welcome to the hotel", r"found HTML \(Welcome to the hotel\)"),
        ("<script>alert(1)</script>", b"x" * 1000, r"found HTML \(x{79}…\)"),
    ],
)
def test_b16_a_page_of_another_kind(kind: str, body: bytes, told: str) -> None:
    """A sign-in page or a maintenance note is told by its first words and not taken for data."""
    with serve([READ, answer(body, headers={"Content-Type": kind})]) as server:
        with pytest.raises(ContractError, match=told):
            ask(server)
        assert server.connections == 1


@pytest.mark.parametrize(
    ("kind", "accept"),
    [
        ("application/json", "application/json"), ("Application/JSON; charset=utf-8", "application/json"),
        ("application/vnd.api+json", "application/json"), ("", "application/json"),
        ("text/csv; header=present", "text/csv"),
    ],
)  # fmt: skip
def test_b16_kinds_that_fit(kind: str, accept: str) -> None:
    """The wished kind passes with its options, and so does a body without a kind that is no HTML."""
    with serve([READ, answer(PAGE, headers={"Content-Type": kind})]) as server:
        assert ask(server, accept=accept).body == PAGE
    assert f"accept: {accept}".encode() in server.requests[0].lower()


def test_b17_an_empty_page_is_asked_for_again() -> None:
    """A 200 without a body is no last page."""
    with serve([READ, answer(b"")], GOOD) as server:
        assert ask(server).retries == 1
    with serve([READ, answer(b"")]) as server, pytest.raises(ContractError, match="200 without a body, 6 times"):
        ask(server)


@pytest.mark.parametrize("status", [204, 205, 206, 304, 600, 999])
def test_b17_an_answer_that_no_one_asked_for(status: int) -> None:
    """Parts, nothing and unheard-of numbers are no page, and are not tried again."""
    body = b"" if status in (204, 304) else PAGE
    with serve([READ, answer(body, status=status)]) as server:
        with pytest.raises(ContractError, match=f"found {status}; nothing of it was kept"):
            ask(server)
        assert server.connections == 1


def test_a_reply_prints_without_its_contents() -> None:
    """What a page or its headers hold, cursors for example, shows in no print."""
    with serve([READ, answer(PAGE, headers={"x-next-cursor": "confidential"})]) as server:
        reply = ask(server)
    assert repr(reply) == "Reply(status=200, framed=True, retries=0, url_path='/usage')"
    assert reply.headers["x-next-cursor"] == "confidential"
