"""The parameters of a request, checked as the provider checks them: one bad value refuses the request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from simulator.wire import Refusal, error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_LONGEST_INSTANT = 40


@dataclass
class Query:
    """Reads parameters by name, gathers what is wrong with them, and refuses all of it at once in `check`."""

    values: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    def only(self, names: Iterable[str]) -> None:
        """Take no parameter but these."""
        for name in self.values.keys() - set(names):
            self.problems[name] = "Unrecognized parameter"

    def alone(self, name: str) -> None:
        """Take no parameter beside this one."""
        for other in self.values.keys() - {name}:
            self.problems[other] = f"Not allowed together with {name}"

    def integer(self, name: str, *, default: int, low: int, high: int | None = None) -> int:
        """A whole number within its range."""
        text = self.values.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
            self.problems[name] = "Expected a whole number"
            return default
        number = int(text)
        if number < low or (high is not None and number > high):
            self.problems[name] = f"Expected at least {low}" + (f" and at most {high}" if high else "")
        return number

    def choice(self, name: str, allowed: tuple[str, ...]) -> str | None:
        """One word of a list, or None where nothing was said."""
        text = self.values.get(name)
        if text is not None and text not in allowed:
            self.problems[name] = "Expected one of " + ", ".join(allowed)
        return text

    def instant(self, name: str) -> datetime | None:
        """An instant in UTC, written with a Z."""
        text = self.values.get(name)
        if text is None:
            return None
        try:
            if len(text) <= _LONGEST_INSTANT and _INSTANT.fullmatch(text):
                return datetime.fromisoformat(text)
        except ValueError:
            pass
        self.problems[name] = "Expected an ISO 8601 instant in UTC that ends in Z"
        return None

    def any_instant(self, name: str) -> datetime | None:
        """An instant in any ISO 8601 form; what carries no offset is UTC."""
        text = self.values.get(name)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.problems[name] = "Expected an ISO 8601 instant"
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def day(self, name: str) -> date | None:
        """A day as YYYY-MM-DD."""
        text = self.values.get(name, "")
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self.problems[name] = "Expected a day as YYYY-MM-DD"
        return None

    def check(self) -> None:
        """Refuse the request with 400 if anything was wrong."""
        if self.problems:
            raise Refusal(
                error(
                    400,
                    "Invalid request parameters",
                    details={"_errors": [], **{name: {"_errors": [text]} for name, text in self.problems.items()}},
                    issues=[{"path": [name], "message": text} for name, text in self.problems.items()],
                )
            )
