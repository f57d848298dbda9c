"""The colours of what is drawn: told apart by colour-blind readers, seen on white and on black."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_toolkit.schema import OTHER

if TYPE_CHECKING:
    from collections.abc import Iterable

# At least 3:1 on white, 2:1 on #111111 (JupyterLab's dark theme), and told apart by colour-blind readers.
PALETTE = ("#4433BB", "#1F83C4", "#3A9A6E", "#CC3311", "#E07806", "#8A1174", "#604038", "#830DFF")
REST = "#858585"
"""The colour of ``"(other)"``, and of what has no colour of its own."""
METER_COLOURS = {
    "input": PALETTE[0],
    "cache_read": PALETTE[1],
    "cache_write_5m": PALETTE[2],
    "cache_write_1h": "#17604A",
    "cache_write": "#7C8F2B",
    "output": PALETTE[3],
    "web_search": PALETTE[4],
    "code_execution": PALETTE[6],
    "session": "#A8845A",
    "image": PALETTE[7],
    "audio": PALETTE[5],
    "video": "#C255C9",
    "request": "#2F6878",
    "rate_limited": "#D4709A",
    "other": REST,
}
BASIS_COLOURS = {"billed": PALETTE[1], "metered": "#7A7A7A", "estimated": "#CC6600", "allocated": "#9A4FA8"}
"""Beside the word: at least 3:1 on white and on #111111, and told apart by colour-blind readers."""
TEXT = "#757575"
"""Text that is read on white (4.6:1) and on #111111 (4.1:1) alike."""
RULE = "#75757540"
"""Lines that guide the eye and may be missed."""
BAR = PALETTE[1]
"""Bars that need no telling apart."""
GAP = "#FFFFFF"
"""The thin line between parts of a bar."""


def colours(label: str, values: Iterable[str]) -> list[str]:
    """Return a colour for each value: its own for a meter, else by its place; grey for ``"(other)"``."""
    if label == "meter":
        return [METER_COLOURS.get(value, REST) for value in values]
    places = iter(PALETTE)
    return [REST if value == OTHER else next(places, REST) for value in values]
