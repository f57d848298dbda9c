"""A Venice to practise on, as notebooks do: the sample's ledger, and a clock that moves only when it is told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import usage_toolkit as ut
from simulator.ledger import Details, Ledger, Row, stamp
from simulator.sample import digits
from simulator.server import VeniceServer
from usage_toolkit.times import instant

if TYPE_CHECKING:
    from usage_toolkit.times import Moment

_MILLION = Decimal(1_000_000)


class PracticeVenice(VeniceServer):
    """A Venice on this machine, at ten in the morning of 29 October 2026.

    Attributes
    ----------
    now
        Its time, and what the clock of whoever asks should say.
    """

    def __init__(self) -> None:
        self.now = datetime(2026, 10, 29, 10, 5, tzinfo=UTC)
        ledger = ut.sample(days=31).filter(source="venice.ledger")
        self._key = "practice-without-a-key"
        super().__init__(map(_row, ledger.rows(named=True)), key=self._key, clock=lambda: self.now)

    @property
    def here(self) -> dict[str, Any]:
        """What `sync` needs to ask this Venice, at its own time, and to draw no bar."""
        return {"base_url": self.base_url, "key": self._key, "now": self.now, "progress": False}

    def wait(self, hours: float) -> None:
        """Let time go by."""
        self.now += timedelta(hours=hours)

    def add(self, moment: Moment, amount: str, *, currency: str = "DIEM", notes: str = "API Inference") -> None:
        """Put a row into the ledger, perhaps late; a negative amount is a charge, as Venice has it."""
        units = digits(abs(Decimal(amount)))
        row = Row(stamp(instant(moment)), "search-augmentation", units, "1", amount, currency, notes)
        self.rows = [*self.rows, row]

    def withdraw(self, start: Moment, stop: Moment) -> None:
        """Take back what was charged from `start` to `stop`."""
        ends = instant(start), instant(stop)
        self.rows = Ledger(self.rows).window(None, ends[0]) + Ledger(self.rows).window(ends[1], None)


def _row(row: dict[str, Any]) -> Row:
    """What Venice would have written for a canonical row of its ledger."""
    many = _MILLION if row["unit"] == "token" else Decimal(1)
    details = Details(row["request_id"], execution_ms=row["latency_ms"]) if row["request_id"] else None
    units, price = row["quantity"] or Decimal(1), row["unit_price"] or abs(row["amount"])  # a refund has neither
    return Row(
        stamp(row["time"]), row["sku"], digits(units / many), digits(price * many), digits(-row["amount"]),
        row["currency"], row["notes"], details,
    )  # fmt: skip
