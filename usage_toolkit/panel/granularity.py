"""What the granularities of a panel are called, where one is chosen and where a bar is opened."""

from __future__ import annotations

from usage_toolkit.view.picture import AUTO
from usage_toolkit.words import say


def granularities(*, locale: str) -> list[tuple[str, str]]:
    """Return how fine bars can be asked to be, as a list to choose from."""
    return [
        (say("Auto", locale=locale), AUTO),
        (say("Minute", locale=locale), "1m"),
        (say("Hour", locale=locale), "1h"),
        (say("Day", locale=locale), "1d"),
        (say("Week", locale=locale), "1w"),
        (say("Month", locale=locale), "1mo"),
    ]


def to_open(every: str, *, locale: str) -> str:
    """Ask which bar to open, where bars are that fine."""
    return {
        "1mo": say("Open a month", locale=locale),
        "1w": say("Open a week", locale=locale),
        "1d": say("Open a day", locale=locale),
        "1h": say("Open an hour", locale=locale),
        "1m": say("Open a minute", locale=locale),
    }[every]
