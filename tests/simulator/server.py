"""A Venice that bills on loopback: the billing endpoints over real HTTP/1.1, honest unless a test asks for faults.

    with VeniceServer(make_rows(seed=0, n=500), key="VENICE_ADMIN_KEY_test") as server:
        server.faults.extend([None, status(503)])  # the second request fails
        ...server.base_url...

What a row, a walk, a sum or a fault is stands in the files beside this one, socket, log and faults in `host`;
here are the doors: who may ask, and which endpoint answers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from simulator.account import ADMIN, Balance, Exceeded, api_keys, balance, rate_limits, rate_limits_log
from simulator.analytics import Keys, analytics
from simulator.host import Host, Pairs, Request
from simulator.ledger import Details, Ledger, Row, from_csv
from simulator.sample import make_rows
from simulator.usage import CLOSING, gone, usage
from simulator.walk import History, Pager
from simulator.wire import Answer, Refusal, error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from urllib.parse import SplitResult

__all__ = ["Balance", "Details", "Exceeded", "Request", "Row", "VeniceServer", "from_csv", "make_rows"]

BASE = "/api/v1"
_CACHED = timedelta(minutes=10)


class VeniceServer(Host):
    """The provider; every public attribute may be set at any time between two requests.

    Attributes
    ----------
    key
        The admin key that is let in.
    pager
        A breach of the paging contract for usage-history, see `pagers`.
    total
        Turns the true number of rows of `/billing/usage` into the one that it reports.
    gone
        Whether `/billing/usage` is closed for good.
    extras
        Whether fields are answered that are live but not in the published contract.
    admin_id
        The id of the admin key, which its list of keys tells.
    rows, keys, names, exceeded, funds
        The ledger, the API key behind each request id, display names of models, exceeded rate limits, the balance.
    """

    base = BASE

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
        super().__init__(clock=clock)
        self.total: Callable[[int], int] | None = None
        self.gone = gone
        self.extras = True
        self.admin_id = ADMIN
        self.keys = keys or {}
        self.names = names or {}
        self.exceeded = list(exceeded)
        self.funds = Balance()
        self.rows = rows
        self.key = key
        self._inference = f"Bearer {inference_key}"
        self._history = History()
        self._analytics: dict[tuple[tuple[str, str], ...], tuple[datetime, Answer]] = {}

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

    def expire_cursors(self) -> None:
        """Refuse every cursor given out so far."""
        self._history.expire()

    def check_cursors_alone(self) -> None:
        """Assert that no request sent a filter beside a cursor."""
        for request in self.requests:
            beside = request.query.keys() - {"cursor"}
            assert "cursor" not in request.query or not beside, f"{sorted(beside)} sent with a cursor"

    def _finished(self, answer: Answer, url: SplitResult) -> Answer:
        closing = url.path == f"{BASE}/billing/usage"
        return replace(answer, headers={**CLOSING, **answer.headers}) if closing else answer

    def _answer(self, method: str, path: str, pairs: Pairs, headers: Mapping[str, str], now: datetime) -> Answer:
        query = dict(pairs)
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
            "/api_keys": lambda: api_keys(self._ledger, self.keys, now=now, admin=self.admin_id),
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
        elif authorization != f"Bearer {self.key}":
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
