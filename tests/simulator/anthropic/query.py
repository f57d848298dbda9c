"""The parameters of a request: arrays carry brackets, and one bad value refuses the request with 400.

A page token holds where to go on and a digest of all other parameters: it is good for the same question only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from simulator.anthropic.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


class Query:
    """Reads parameters by name; of a name that is no array, the last value counts."""

    def __init__(self, path: str, pairs: Sequence[tuple[str, str]]) -> None:
        self._path = path
        self._pairs = pairs
        self._values = dict(pairs)

    def only(self, names: Iterable[str]) -> None:
        """Take no parameter but these."""
        for name in sorted(self._values.keys() - set(names)):
            raise refusal(400, f"{name}: Extra inputs are not permitted")

    def text(self, name: str) -> str | None:
        """Any text, None where there is none."""
        return self._values.get(name)

    def flag(self, name: str) -> bool:
        """True or false; false where nothing is said."""
        return self.choice(name, ("true", "false")) == "true"

    def choice(self, name: str, allowed: Sequence[str]) -> str | None:
        """One word of a list, None where nothing is said."""
        text = self._values.get(name)
        if text is not None and text not in allowed:
            raise refusal(400, f"{name}: Input should be {_either(allowed)}")
        return text

    def many(self, name: str, allowed: Sequence[str] | None = None) -> list[str]:
        """All values of an array."""
        found = [value for key, value in self._pairs if key == name]
        for value in found:
            if allowed is not None and value not in allowed:
                raise refusal(400, f"{name}: Input should be {_either(allowed)}")
        return found

    def integer(self, name: str, *, default: int, low: int, high: int) -> int:
        """A whole number within its range."""
        text = self._values.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
            raise refusal(400, f"{name}: Input should be a whole number from {low} to {high}")
        return int(text)

    def instant(self, name: str) -> datetime | None:
        """An RFC 3339 instant with its zone, in UTC."""
        text = self._values.get(name)
        if text is None:
            return None
        try:
            if _INSTANT.fullmatch(text):
                return datetime.fromisoformat(text).astimezone(UTC)
        except ValueError:
            pass
        raise refusal(400, f"{name}: Input should be a valid RFC 3339 datetime with a timezone")

    def needed(self, name: str) -> datetime:
        """An instant that must be there."""
        found = self.instant(name)
        if found is None:
            raise refusal(400, f"{name}: Field required")
        return found

    def day(self, name: str) -> date:
        """A day as YYYY-MM-DD, which must be there."""
        text = self._values.get(name, "")
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise refusal(400, f"{name}: Input should be a date as YYYY-MM-DD")

    def token(self, place: str) -> str:
        """The opaque token of a place in the answer to this very question."""
        data = json.dumps([place, self._digest()]).encode()
        return "page_" + base64.urlsafe_b64encode(data).decode()

    def resume(self) -> str | None:
        """The place that the token in `page` stands for, None on the first page."""
        token = self._values.get("page")
        if token is None:
            return None
        try:
            place, digest = json.loads(base64.urlsafe_b64decode(token.removeprefix("page_").encode()))
        except ValueError:
            raise refusal(400, "page: Invalid page token") from None
        if digest != self._digest():
            raise refusal(400, "page: This token belongs to a request with other parameters")
        return str(place)

    def _digest(self) -> str:
        """What the question is; how many are answered at a time may change."""
        question = sorted(pair for pair in self._pairs if pair[0] not in {"page", "limit"})
        return hashlib.blake2b(json.dumps([self._path, question]).encode(), digest_size=8).hexdigest()


def _either(allowed: Sequence[str]) -> str:
    return " or ".join(repr(word) for word in allowed)
