"""Two sides of one ratio, measured in turns so that a busy machine is busy for both.

A round is one turn of each side, and every other round the second side begins. The ratio is the median of the rounds'
own ratios, its spread their quartiles.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Line:
    """One line of the table: what the two sides took in `unit`, their ratio, and what it is meant to be.

    `goal` is the number that the limit has in the list of goals, `rows` how large the store is that was asked.
    """

    benchmark: str
    said: str
    unit: str
    ours: list[float]
    theirs: list[float]
    limit: float | None = None
    at_least: bool = False
    goal: str = ""
    rows: int | None = None

    @property
    def ratios(self) -> list[float]:
        """Ours over theirs, or theirs over ours where more is better: one a round."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return [their / our if self.at_least else our / their for our, their in pairs]

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """The lower and the upper quartile of the rounds."""
        cuts = quantiles(self.ratios, n=4, method="inclusive") if len(self.ratios) > 1 else [self.ratio] * 3
        return cuts[0], cuts[2]

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        if self.limit is None:
            return None
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit


def alternate(sides: dict[str, Callable[[], Any]], *, rounds: int) -> dict[str, list[float]]:
    """Call the sides in turns, and return the seconds of each."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name in list(sides) if number % 2 else list(reversed(sides)):
            begin = perf_counter()
            sides[name]()
            seconds[name].append(perf_counter() - begin)
    return seconds


def child(*arguments: str, parse: bool = True) -> Any:
    """Run this Python anew and return what it printed last, as JSON."""
    done = subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    if not parse:
        return done.stdout
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else None


def peak() -> float:
    """Return the most memory that this process has held, in MB."""
    # A child inherits the peak of its parent, which therefore loads neither polars nor data.
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)
