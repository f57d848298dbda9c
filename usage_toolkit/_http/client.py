"""One page at a time: ask, judge the answer, wait, ask again, or say in one sentence why not."""

from __future__ import annotations

import logging
import random as _random
import time
import warnings
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

from usage_toolkit._http.address import base, page
from usage_toolkit._http.answer import judge, notice
from usage_toolkit._http.fault import Fault, broken
from usage_toolkit._http.line import Broken, Line
from usage_toolkit._http.patience import Patience
from usage_toolkit._http.retry import asked, clock_time, served
from usage_toolkit._http.tape import running
from usage_toolkit.errors import UsageToolkitWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from usage_toolkit._key import Key

_LOG = logging.getLogger("usage_toolkit")


@dataclass(frozen=True)
class Reply:
    """A whole page: its body as sent, decoded.

    Attributes
    ----------
    headers
        By lower-case name.
    framed
        False when only the end of the connection said where the body ends, so that it may have been cut short.
    retries
        How many attempts had failed before this one.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    framed: bool
    retries: int
    url_path: str


class Client:
    """Asks one provider for pages, over one connection; use it in a ``with``, and one for each thread.

    Parameters
    ----------
    base_url
        The provider's own address: https, or http to this very machine.
    key
        Goes to that address only, in the header `header` after `scheme`.
    headers
        Further headers of every request, such as the version of an interface; none of them a secret.
    page_deadline
        Seconds that one page may take, waits between attempts not counted.
    budget
        Seconds that all waits and failed attempts of this client may take together.
    limit
        Bytes that a page may have, decoded.
    on_wait
        Is told before each wait how long it is and why, for a progress line.
    sleep, clock, wall, random
        Time and chance: how to wait, a clock that only goes forward, Unix seconds, and a number from 0 to 1.

    Raises
    ------
    ArgumentError
        If `base_url` can't be a provider's address; before any request, like the next.
    AuthError
        If the key is missing or malformed.
    """

    def __init__(
        self,
        base_url: str,
        *,
        key: Key,
        header: str = "Authorization",
        scheme: str = "Bearer ",
        headers: Mapping[str, str] | None = None,
        page_deadline: float = 60.0,
        budget: float = 600.0,
        limit: int = 64 * 2**20,
        on_wait: Callable[[float, str], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self._base, self._host, local = base(base_url)
        key.check()
        self._key, self._page_deadline, self._limit, self._wall = key, page_deadline, limit, wall
        self._patience = Patience(self._host, budget, on_wait, sleep, clock, random)
        self._line = Line(
            self._base, key, local=local, header=header, scheme=scheme, limit=limit, headers=headers or {}
        )
        self._noticed: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def pace(self, question: str, *, burst: int, every: float) -> None:
        """Wait until `question` may be asked: `burst` times at once, and over time once in `every` seconds."""
        tape = running()
        if tape is not None and tape.plays:
            return
        self._patience.keep_pace(f"{self._key.digest} {question}", burst=burst, every=every)

    def get(
        self, path: str, params: Mapping[str, str | int | Sequence[str]], *, accept: str = "application/json"
    ) -> Reply:
        """Return the page at `path`, asked for with `params`, once all of it has arrived.

        A list in `params` is repeated under its name.

        Raises
        ------
        FetchError
            Or one of its children, each with one sentence; nothing of the page is kept then.
        """
        tape = running()
        if tape is not None and tape.plays:
            kept = tape.find(path, params)
            return Reply(HTTPStatus.OK, kept.headers, kept.body, framed=kept.framed, retries=0, url_path=path)
        url = page(self._base, path, params)
        failures, spent = 0, 0.0
        while True:
            entered = self._patience.enter(path)
            outcome = self._ask(url, path=path, accept=accept, seconds=self._page_deadline - spent)
            fault = outcome if isinstance(outcome, Fault) else None
            took = self._patience.leave(entered, failed=fault is not None and fault.seen and not fault.stale)
            spent += took
            if isinstance(outcome, Reply):
                self._tell(outcome)
                if tape is not None:
                    tape.keep(path, params, headers=outcome.headers, body=outcome.body, framed=outcome.framed)
                return replace(outcome, retries=failures)
            # A server may close a kept connection at any time: nobody's failure, and the next attempt opens another.
            if not outcome.stale:
                failures += 1
                self._patience.wait(outcome, failures=failures, took=took, last=spent >= self._page_deadline)

    def _ask(self, url: str, *, path: str, accept: str, seconds: float) -> Reply | Fault:
        answer = self._line.ask(url, accept=accept, seconds=seconds)
        if isinstance(answer, Broken):
            about = {"path": path, "limit": self._limit, "deadline": self._page_deadline}
            return replace(broken(answer.how, got=answer.got, why=answer.why, **about), stale=answer.stale)
        fault = judge(answer.status, answer.headers, answer.body, path=path, accept=accept, key=self._key)
        if fault is None:
            return Reply(answer.status, answer.headers, answer.body, framed=answer.framed, retries=0, url_path=path)
        wall = self._wall()
        wait = asked(answer.headers, status=answer.status, wall=wall) if fault.attempts > 1 else None
        until = "" if wait is None else clock_time(served(answer.headers, wall=wall) + wait)
        return replace(fault, wait=wait, until=until)

    def _tell(self, reply: Reply) -> None:
        path = reply.url_path
        _LOG.debug("%s: GET %s: %d, %d bytes", self._host, path, reply.status, len(reply.body))
        if path not in self._noticed and (text := notice(reply.headers, host=self._host, path=path, key=self._key)):
            self._noticed.add(path)
            warnings.warn(text, UsageToolkitWarning, stacklevel=3)
