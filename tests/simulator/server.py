"""A Venice that bills on loopback: the billing endpoints over real HTTP/1.1, honest unless a test asks for faults.

    with VeniceServer(make_rows(seed=0, n=500), key="VENICE_ADMIN_KEY_test") as server:
        server.faults.extend([None, status(503)])  # the second request fails
        ...server.base_url...

What a row, a walk, a sum or a fault is stands in the files beside this one; here are the doors: who may ask,
which endpoint answers, what is logged, and what goes over the socket.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from simulator.account import Balance, Exceeded, api_keys, balance, rate_limits, rate_limits_log
from simulator.analytics import Keys, analytics
from simulator.faults import TRANSIENT, Fault
from simulator.ledger import Details, Ledger, Row, from_csv
from simulator.sample import make_rows
from simulator.socket import Loopback
from simulator.usage import CLOSING, gone, usage
from simulator.walk import History, Pager
from simulator.wire import Answer, Refusal, Wire, chunked, error, framed, gzipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Self

__all__ = ["Balance", "Details", "Exceeded", "Request", "Row", "VeniceServer", "from_csv", "make_rows"]

BASE = "/api/v1"
FAULTS_IN_A_ROW = 3
_CACHED = timedelta(minutes=10)


@dataclass(frozen=True)
class Request:
    """One request as it arrived: names of headers but none of their values, and the status that was sent."""

    method: str
    path: str
    query: dict[str, str]
    headers: frozenset[str]
    status: int | None


class VeniceServer:
    """The provider and its socket; every public attribute may be set at any time between two requests.

    Attributes
    ----------
    requests
        What was asked so far, in order.
    faults
        One fault for each request to come; None lets the request through.
    fault_rate
        `(seed, probability)`: once `faults` is empty, transient faults at random, never more than three in a row.
    pager
        A breach of the paging contract for usage-history, see `pagers`.
    total
        Turns the true number of rows of `/billing/usage` into the one that it reports.
    gone
        Whether `/billing/usage` is closed for good.
    extras
        Whether fields are answered that are live but not in the published contract.
    gzip, chunked
        Whether bodies are compressed where the client takes it, and sent in chunks.
    rows, keys, names, exceeded, funds
        The ledger, the API key behind each request id, display names of models, exceeded rate limits, the balance.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        *,
        key: str,
        inference_key: str = "VENICE_INFERENCE_KEY_of_the_same_account",
        keys: Keys | None = None,
        names: Mapping[str, str] | None = None,
        exceeded: Iterable[Exceeded] = (),
        gone: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.requests: list[Request] = []
        self.faults: deque[Fault | None] = deque()
        self.total: Callable[[int], int] | None = None
        self.gone = gone
        self.extras = True
        self.gzip = False
        self.chunked = False
        self.keys = keys or {}
        self.names = names or {}
        self.exceeded = list(exceeded)
        self.funds = Balance()
        self.rows = rows
        self._admin = f"Bearer {key}"
        self._inference = f"Bearer {inference_key}"
        self._clock = clock
        self._history = History()
        self._analytics: dict[tuple[tuple[str, str], ...], tuple[datetime, Answer]] = {}
        self.fault_rate = None
        self._lock = threading.Lock()
        self._socket: Loopback | None = None

    @property
    def rows(self) -> list[Row]:
        """The ledger in ascending time; walks that are under way keep the one they began with."""
        return self._ledger.rows

    @rows.setter
    def rows(self, rows: Iterable[Row]) -> None:
        self._ledger = Ledger(rows)

    @property
    def pager(self) -> Pager | None:
        """The breach of the paging contract, None for none."""
        return self._history.pager

    @pager.setter
    def pager(self, pager: Pager | None) -> None:
        self._history.pager = pager

    @property
    def fault_rate(self) -> tuple[int, float] | None:
        """Seed and probability of random faults, None for none; setting it begins the sequence anew."""
        return self._fault_rate

    @fault_rate.setter
    def fault_rate(self, plan: tuple[int, float] | None) -> None:
        self._fault_rate = plan
        self._chance = random.Random(plan[0] if plan else 0)
        self._in_a_row = 0

    @property
    def base_url(self) -> str:
        """Where the API begins."""
        return f"http://127.0.0.1:{self.port}{BASE}"

    @property
    def port(self) -> int:
        """The port on loopback."""
        if self._socket is None:
            raise RuntimeError("a VeniceServer has an address only inside its with block")
        return int(self._socket.server_address[1])

    def expire_cursors(self) -> None:
        """Refuse every cursor given out so far."""
        self._history.expire()

    def check_cursors_alone(self) -> None:
        """Assert that no request sent a filter beside a cursor."""
        for request in self.requests:
            beside = request.query.keys() - {"cursor"}
            assert "cursor" not in request.query or not beside, f"{sorted(beside)} sent with a cursor"

    def __enter__(self) -> Self:
        self._socket = Loopback(self.respond)
        self._socket.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        stopped, self._socket = self._socket, None
        assert stopped is not None
        stopped.stop()
        for failure in stopped.failures:
            if raised is None:
                raise failure
            raised.add_note(f"The server failed too: {failure!r}")

    def respond(self, method: str, target: str, headers: Mapping[str, str]) -> Wire:
        """Answer one request, log it, and let a fault have its way with the answer."""
        url = urlsplit(target)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        with self._lock:
            now = self._clock()
            try:
                answer = self._answer(method, url.path, query, headers, now)
            except Refusal as refusal:
                answer = refusal.answer
            if url.path == f"{BASE}/billing/usage":
                answer = replace(answer, headers={**CLOSING, **answer.headers})
            sent = self._spoil(answer.with_headers({"Date": format_datetime(now, usegmt=True)}))
            if isinstance(sent, Answer):
                coded = self.gzip and "gzip" in headers.get("accept-encoding", "")
                sent = (chunked if self.chunked else framed)(gzipped(sent) if coded else sent)
            self.requests.append(Request(method, url.path.removeprefix(BASE), query, frozenset(headers), sent.status))
        return sent

    def _answer(
        self, method: str, path: str, query: dict[str, str], headers: Mapping[str, str], now: datetime
    ) -> Answer:
        endpoint = path.removeprefix(BASE) if path.startswith(BASE) else ""
        as_csv = "text/csv" in headers.get("accept", "")
        if method != "GET":
            return error(405, "Method not allowed", {"Allow": "GET"})
        if endpoint == "/billing/usage" and self.gone:
            return gone()
        self._admit(headers.get("authorization"), endpoint)
        endpoints = {
            "/billing/usage-history": lambda: self._history.answer(self._ledger, query, as_csv=as_csv, now=now),
            "/billing/usage": lambda: usage(self._ledger, query, as_csv=as_csv, claim=self.total),
            "/billing/usage-analytics": lambda: self._cached_analytics(query, now),
            "/billing/balance": lambda: balance(self.funds, extras=self.extras),
            "/api_keys": lambda: api_keys(self._ledger, self.keys, now=now),
            "/api_keys/rate_limits": lambda: rate_limits(self.funds, now=now),
            "/api_keys/rate_limits/log": lambda: rate_limits_log(self.exceeded),
        }
        if endpoint in endpoints:
            return endpoints[endpoint]()
        return error(404, "Not found")

    def _admit(self, authorization: str | None, endpoint: str) -> None:
        if authorization is None:
            raise Refusal(_payment_wanted(endpoint))
        if authorization == self._inference:
            if endpoint != "/api_keys/rate_limits":
                raise Refusal(error(401, "Admin API key required"))
        elif authorization != self._admin:
            raise Refusal(error(401, "Authentication failed"))

    def _cached_analytics(self, query: dict[str, str], now: datetime) -> Answer:
        period = (*sorted(query.items()), ("extras", str(self.extras)))
        made, answer = self._analytics.get(period, (None, None))
        if made is None or answer is None or now - made >= _CACHED:
            answer = analytics(
                self._ledger, query, keys=self.keys, names=self.names, today=now.date(), extras=self.extras
            )
            self._analytics[period] = (now, answer)
        return answer

    def _spoil(self, answer: Answer) -> Answer | Wire:
        if self.faults:
            fault = self.faults.popleft()
            return fault(answer) if fault else answer
        probability = self._fault_rate[1] if self._fault_rate else 0
        if self._in_a_row >= FAULTS_IN_A_ROW or self._chance.random() >= probability:
            self._in_a_row = 0
            return answer
        self._in_a_row += 1
        return self._chance.choice(TRANSIENT)(answer)


def _payment_wanted(endpoint: str) -> Answer:
    """What a request without any credentials gets: an offer to pay by wallet, which is a missing header in disguise."""
    return error(
        402,
        "Authentication required",
        x402Version=2,
        resource={"url": f"https://api.venice.ai{BASE}{endpoint}"},
        accepts=[{"scheme": "exact", "network": "eip155:8453", "amount": "0", "payTo": "0x" + "0" * 40}],
        authOptions={"apiKey": {"header": "Authorization"}, "wallet": {"header": "SIGN-IN-WITH-X"}},
    )
