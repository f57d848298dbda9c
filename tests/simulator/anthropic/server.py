"""An Anthropic that reports on loopback: the admin endpoints over real HTTP/1.1, honest unless a test asks for faults.

    with AnthropicServer(make_ledger(seed=0, n=400)) as server:
        server.faults.extend([None, errors.overloaded()])  # the second request fails
        ut.fetch("anthropic", start=server.start, stop=server.stop, base_url=server.base_url, key=server.key)
        server.truth.usage(every="1h", by=("api_key_id",))

What is true stands in `ledger`, what an endpoint makes of it in the file of its name; here are the doors.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from simulator.anthropic import organization
from simulator.anthropic.analytics import Analytics
from simulator.anthropic.claude_code import claude_code
from simulator.anthropic.cost import cost
from simulator.anthropic.errors import TRANSIENT, error, refusal
from simulator.anthropic.limits import rate_limits
from simulator.anthropic.query import Query
from simulator.anthropic.sample import START, make_ledger
from simulator.anthropic.truth import Truth
from simulator.anthropic.usage import usage
from simulator.host import Host, Pairs
from simulator.wire import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulator.anthropic.ledger import Ledger
    from simulator.wire import Answer

BASE = "/v1/organizations"
KEY = "sk-ant-admin01-" + "c4n4ry" * 5
TOKEN = "sk-ant-oat01-" + "c4n4ry" * 5
WORKSPACE_KEY = "sk-ant-api03-of-a-workspace-in-the-same-organization"
VERSION = "2023-06-01"
_LIMITS_OF = re.compile(r"/workspaces/(?P<workspace>[^/]+)/rate_limits")


class AnthropicServer(Host):
    """The provider; every public attribute may be set at any time between two requests.

    Attributes
    ----------
    ledger
        The truth; set it to another one, such as `sample.later(ledger)`, and the next page is cut from that.
    key, token
        The Admin API key and the OAuth token that are let in.
    default_listed
        Whether the list of workspaces has the default one.
    analytics
        Whether the key may read the Usage and Cost Analytics API.
    start, stop
        The days that the ledger covers.
    """

    transient = TRANSIENT

    def __init__(
        self,
        ledger: Ledger | None = None,
        *,
        key: str = KEY,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(clock=clock)
        self.ledger = make_ledger() if ledger is None else ledger
        self.key = key
        self.token = TOKEN
        self.default_listed = False
        self.analytics = True
        self._analytics = Analytics()

    @property
    def truth(self) -> Truth:
        """The sums that a reader of all reports should come to."""
        return Truth(self.ledger)

    @property
    def start(self) -> datetime:
        """Midnight before the first entry of the ledger."""
        return min(self._times(), default=START).replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def stop(self) -> datetime:
        """Midnight after the last entry of the ledger."""
        last = max(self._times(), default=START).replace(hour=0, minute=0, second=0, microsecond=0)
        return last + timedelta(days=1)

    def refresh_analytics(self) -> None:
        """Refuse every page token that analytics gave out so far."""
        self._analytics.refresh()

    def _times(self) -> list[datetime]:
        return [entry.time for entries in (self.ledger.calls, self.ledger.charges) for entry in entries]

    def _answer(self, method: str, path: str, pairs: Pairs, headers: Mapping[str, str], now: datetime) -> Answer:
        endpoint = path.removeprefix(BASE) if path.startswith(BASE + "/") else ""
        if method != "GET":
            return error(405, "Method Not Allowed", {"Allow": "GET"})
        self._admit(headers, endpoint)
        query = Query(path, pairs)
        betas = frozenset(word.strip() for word in headers.get("anthropic-beta", "").split(","))
        endpoints: dict[str, Callable[[], Answer]] = {
            "/usage_report/messages": lambda: usage(self.ledger, query, now=now, betas=betas),
            "/cost_report": lambda: cost(self.ledger, query, now=now),
            "/usage_report/claude_code": lambda: claude_code(self.ledger, query),
            "/analytics/usage": lambda: self._analytics.usage(self.ledger, query, now=now, betas=betas),
            "/analytics/cost": lambda: self._analytics.cost(self.ledger, query, now=now, betas=betas),
            "/rate_limits": lambda: rate_limits(query),
            "/workspaces": lambda: organization.workspaces(query, default_listed=self.default_listed),
            "/api_keys": lambda: organization.api_keys(query),
            "/users": lambda: organization.users(query),
            "/service_accounts": lambda: organization.service_accounts(query),
            "/me": lambda: json_answer(organization.ME),
        }
        if endpoint in endpoints:
            return endpoints[endpoint]()
        if limits := _LIMITS_OF.fullmatch(endpoint):
            return rate_limits(query, limits["workspace"])
        return error(404, "Not found")

    def _admit(self, headers: Mapping[str, str], endpoint: str) -> None:
        if headers.get("anthropic-version") != VERSION:
            raise refusal(400, "anthropic-version: header is required")
        key, bearer = headers.get("x-api-key"), headers.get("authorization")
        if key is None and bearer is None:
            raise refusal(401, "x-api-key header is required")
        if bearer is not None:
            if bearer != f"Bearer {self.token}":
                raise refusal(401, "Invalid bearer token")
        elif key == WORKSPACE_KEY:
            raise refusal(403, "This endpoint needs an Admin API key")
        elif key != self.key:
            raise refusal(401, "invalid x-api-key")
        if endpoint.startswith("/analytics/") and not self.analytics:
            raise refusal(403, "This endpoint needs a key with the scope read:analytics")
        if endpoint == "/service_accounts" and bearer is None:
            raise refusal(403, "This endpoint needs an OAuth token with the scope org:admin")
