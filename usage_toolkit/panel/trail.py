"""The way down and back: which bars were opened, the words that tell where that led, and the controls that go on.

What lies in a bar, and whether it can be opened, is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

from usage_toolkit.panel.controls import field, offer
from usage_toolkit.panel.granularity import to_open
from usage_toolkit.view import period
from usage_toolkit.view.markup import Html, fill, join
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_toolkit.view.period import Ends
    from usage_toolkit.view.picture import Picture

    Level = tuple[Ends, str]  # a period, and how fine its bars were asked to be


class Trail:
    """Where a reader came from; `crumb` tells it, `bar` and `open` lead on, `up` leads back.

    Parameters
    ----------
    tz, locale
        The reader's.
    opened
        Called with the name of the bar to open, None where there is none.
    back
        Called to go back.
    """

    def __init__(self, *, tz: str, locale: str, opened: Callable[[str | None], None], back: Callable[[], None]) -> None:
        self._tz, self._locale = tz, locale
        self._levels: list[Level] = []
        self.crumb = widgets.HTML()
        self.crumb.add_class("ut-crumb")
        self.bar = field(widgets.Dropdown(), "160px")
        self.open = widgets.Button(
            description=say("Open", locale=locale),
            tooltip=say("Show what is in this bar", locale=locale),
            layout={"width": "56px"},
        )
        self.up = widgets.Button(description=say("Up", locale=locale), layout={"width": "56px"})
        self.open.on_click(lambda _: opened(self.bar.value))
        self.up.on_click(lambda _: back())

    def leave(self, level: Level) -> None:
        """Note what is left for one of its bars."""
        self._levels.append(level)

    def arrive(self, level: Level) -> None:
        """Forget what is shown now, and what does not lie around it."""
        self._levels = [outer for outer in self._levels if outer != level and period.inside(level[0], outer[0])]

    def above(self, ends: Ends, every: str) -> Level:
        """Return what was left last, or else what lies around a period."""
        return self._levels[-1] if self._levels else (period.wider(ends, tz=self._tz), every)

    def show(self, shown: Picture, heading: str) -> None:
        """Say where we are, and offer the bars that can be opened."""
        ends = (shown.where.start, shown.where.stop)
        self.crumb.value = self.crumbs(ends, heading)
        named = zip(shown.longs, shown.bars, strict=True)
        filled = [(long, bar.name) for long, bar in named if bar.time in shown.filled] if shown.opens else []
        offer(self.bar, filled, filled[0][1] if filled else None)
        self.bar.description = to_open(shown.every, locale=self._locale)
        self.bar.disabled = self.open.disabled = not filled
        visibility = None if shown.opens else "hidden"  # keeps its place
        self.bar.layout.visibility = self.open.layout.visibility = visibility
        above, _ = self.above(ends, shown.asked)
        self.up.disabled = above == ends
        self.up.tooltip = (
            say("There is nothing above", locale=self._locale)
            if self.up.disabled
            else say("Back to {period}", locale=self._locale, period=self._said(above))
        )

    def crumbs(self, ends: Ends, heading: str) -> Html:
        """Draw the way to a period, below a heading."""
        steps = join(fill("{text} \u203a ", text=self._said(outer)) for outer, _ in self._levels)
        return fill(
            '<h4>{heading}</h4><nav aria-label="{where}">{steps}<b aria-current="true">{now}</b></nav>',
            heading=heading,
            where=say("Where you are", locale=self._locale),
            steps=steps,
            now=self._said(ends),
        )

    def _said(self, ends: Ends) -> str:
        return period.text(ends, tz=self._tz, locale=self._locale)
