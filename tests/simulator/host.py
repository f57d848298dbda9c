"""What every simulated provider shares: its socket, its log, its faults; which endpoint answers what is each one's own.

A provider is a subclass with an `_answer`; it may refuse by raising `Refusal`.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, urlsplit

from simulator.faults import TRANSIENT, Fault
from simulator.socket import Loopback
from simulator.wire import Answer, Refusal, Wire, chunked, framed, gzipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import ClassVar, Self

FAULTS_IN_A_ROW = 3
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """One request as it arrived: names of headers but none of their values, and the status that was sent."""

    method: str
    path: str
    pairs: tuple[tuple[str, str], ...]
    headers: frozenset[str]
    status: int | None

    @property
    def query(self) -> dict[str, str]:
        """The parameters by name, the last one of each."""
        return dict(self.pairs)


class Host:
    """A provider on loopback; every public attribute may be set at any time between two requests.

    Attributes
    ----------
    requests
        What was asked so far, in order.
    faults
        One fault for each request to come; None lets the request through.
    fault_rate
        `(seed, probability)`: once `faults` is empty, transient faults at random, never more than three in a row.
    faulty
        How the paths begin that faults are for; all of them, unless told.
    gzip, chunked
        Whether bodies are compressed where the client takes it, and sent in chunks.
    """

    base: ClassVar[str] = ""
    transient: ClassVar[tuple[Fault, ...]] = TRANSIENT

    def __init__(self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.requests: list[Request] = []
        self.faults: deque[Fault | None] = deque()
        self.fault_rate = None
        self.faulty = ""
        self.gzip = False
        self.chunked = False
        self._clock = clock
        self._lock = threading.Lock()
        self._socket: Loopback | None = None

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
        return f"http://127.0.0.1:{self.port}{self.base}"

    @property
    def port(self) -> int:
        """The port on loopback."""
        if self._socket is None:
            raise RuntimeError(f"{type(self).__name__} has an address only while it is open")
        return int(self._socket.server_address[1])

    def open(self) -> Self:
        """Listen and answer until `close`; a with block does both."""
        self._socket = Loopback(self.respond)
        self._socket.start()
        return self

    def close(self) -> list[BaseException]:
        """Stop, and tell what went wrong inside."""
        stopped, self._socket = self._socket, None
        assert stopped is not None
        stopped.stop()
        return stopped.failures

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        for failure in self.close():
            if raised is None:
                raise failure
            raised.add_note(f"The server failed too: {failure!r}")

    def respond(self, method: str, target: str, headers: Mapping[str, str]) -> Wire:
        """Answer one request, log it, and let a fault have its way with the answer."""
        url = urlsplit(target)
        pairs = parse_qsl(url.query, keep_blank_values=True)
        with self._lock:
            now = self._clock()
            try:
                answer = self._answer(method, url.path, pairs, headers, now)
            except Refusal as refusal:
                answer = refusal.answer
            answer = self._finished(answer, url)
            answer = answer.with_headers({"Date": format_datetime(now, usegmt=True)})
            path = url.path.removeprefix(self.base)
            sent = self._spoil(answer) if path.startswith(self.faulty) else answer
            if isinstance(sent, Answer):
                coded = self.gzip and "gzip" in headers.get("accept-encoding", "")
                sent = (chunked if self.chunked else framed)(gzipped(sent) if coded else sent)
            self.requests.append(Request(method, path, tuple(pairs), frozenset(headers), sent.status))
        return sent

    def _answer(self, method: str, path: str, pairs: Pairs, headers: Mapping[str, str], now: datetime) -> Answer:
        raise NotImplementedError

    def _finished(self, answer: Answer, url: SplitResult) -> Answer:  # noqa: ARG002 - for those who add headers
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
        return self._chance.choice(self.transient)(answer)
