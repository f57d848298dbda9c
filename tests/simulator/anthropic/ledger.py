"""The truth of one organization: every single call and charge, in the order of time.

Reports are sums of it that other files print; `prices` says what a call costs, `sample` makes calls up,
`truth` sums them for tests to compare with.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from decimal import Decimal

KINDS = (
    "uncached_input_tokens",
    "cache_creation.ephemeral_5m_input_tokens",
    "cache_creation.ephemeral_1h_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
)
"""Kinds of token, in the order in which a call counts them."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to a model; None is the default workspace, the Workbench, nobody signed in, no service account."""

    time: datetime
    model: str
    tokens: tuple[int, int, int, int, int]
    web_searches: int = 0
    workspace_id: str | None = None
    api_key_id: str | None = None
    account_id: str | None = None
    service_account_id: str | None = None
    service_tier: str = "standard"
    context_window: str = "0-200k"
    inference_geo: str = "global"
    speed: str = "standard"
    charged: bool = True


@dataclass(frozen=True, kw_only=True)
class Charge:
    """Money in cents, negative for a credit: of one kind of token of the call number `call`, or of no call at all."""

    time: datetime
    cents: Decimal
    list_cents: Decimal
    description: str
    cost_type: str
    token_type: str | None = None
    model: str | None = None
    workspace_id: str | None = None
    api_key_id: str | None = None
    account_id: str | None = None
    service_account_id: str | None = None
    service_tier: str | None = None
    context_window: str | None = None
    inference_geo: str | None = None
    speed: str | None = None
    call: int | None = None


class Ledger:
    """Calls, and the charges for them beside the charges for anything else."""

    def __init__(
        self, calls: Iterable[Call], *, fees: Iterable[Charge] = (), price: Callable[[Call], list[Charge]]
    ) -> None:
        self.fees = list(fees)
        self.price = price
        self.calls = sorted(calls, key=lambda call: call.time)
        self.charges = sorted(
            [
                *self.fees,
                *(replace(charge, call=n) for n, call in enumerate(self.calls) for charge in price(call)),
            ],
            key=lambda charge: charge.time,
        )
        self._called = [call.time for call in self.calls]
        self._charged = [charge.time for charge in self.charges]

    def called(self, start: datetime, stop: datetime) -> list[Call]:
        """Calls from `start` up to `stop`."""
        return self.calls[bisect_left(self._called, start) : bisect_left(self._called, stop)]

    def charged(self, start: datetime, stop: datetime) -> list[Charge]:
        """Charges from `start` up to `stop`."""
        return self.charges[bisect_left(self._charged, start) : bisect_left(self._charged, stop)]

    def revised(self, change: Callable[[Call], Iterable[Call]], *, since: datetime) -> Ledger:
        """The ledger as it turns out later: each call from `since` on is whatever `change` makes of it."""
        settled = self.calls[: bisect_left(self._called, since)]
        late = [call for old in self.calls[len(settled) :] for call in change(old)]
        return Ledger([*settled, *late], fees=self.fees, price=self.price)
