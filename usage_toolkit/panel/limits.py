"""The tab of rate limits: what was refused and at which limit, and how near the highest minutes came to one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import ipywidgets as widgets
import polars as pl

from usage_toolkit import look
from usage_toolkit.panel.behind import Behind
from usage_toolkit.panel.download import Download
from usage_toolkit.panel.limits_chart import PeaksChart, RefusedChart
from usage_toolkit.view.markup import Html, fill, join
from usage_toolkit.view.period import moment
from usage_toolkit.view.refused import LIMIT
from usage_toolkit.view.table import MOST, caption, counted, grid
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_toolkit.panel.limited import Limited
    from usage_toolkit.panel.message import Message

_NOTHING = "\u2013"
_TENTH = Decimal("0.1")


class Limits(widgets.VBox):
    """Draws what `Limited` works out.

    Parameters
    ----------
    limited
        What to draw first.
    controls
        The ways to other bars that the use has too.
    picked
        Called with the name of a bar that was clicked.
    message
        Where it is said if a table or a file can't be had.
    """

    def __init__(
        self, limited: Limited, *, controls: list[widgets.Widget], picked: Callable[[str], None], message: Message
    ) -> None:
        self._limited = limited
        self.crumb, self._told, self._told_peaks, self._highest = (widgets.HTML() for _ in range(4))
        self.crumb.add_class("ut-crumb")
        for part in (self._told, self._told_peaks):
            part.add_class("ut-told")
        self._highest.add_class("ut-table")
        self.refused, self.peaks = RefusedChart(limited, picked=picked), PeaksChart(limited, picked=picked)
        self.download = Download("rate-limited", lambda: self._limited, message=message, locale=limited.picture.locale)
        self._behind = Behind(lambda: listed(self._limited), self.download, message=message)
        bar = widgets.Box([self.crumb, *controls])
        bar.add_class("ut-bar")
        super().__init__(
            [
                bar,
                self._told,
                self.refused,
                self._behind,
                self._told_peaks,
                self.peaks,
                self._highest,
            ],
            layout={"grid_gap": "12px"},
        )
        self._say()

    def show(self, limited: Limited) -> None:
        """Draw another picture in the same views."""
        self._limited = limited
        self.refused.show(limited)
        self.peaks.show(limited)
        self._say()

    def _say(self) -> None:
        limited, locale = self._limited, self._limited.picture.locale
        self._told.value = _lines(limited.told())
        heading = fill("<h4>{text}</h4>", text=say("Highest minutes", locale=locale))
        self._told_peaks.value = join([heading, _lines(limited.told_peaks())])
        self.refused.layout.display = None if limited.series else "none"
        self._behind.layout.display = None if limited.data.height else "none"
        self.peaks.layout.display = None if limited.has_peaks else "none"
        self._highest.value = highest(limited) if limited.has_peaks else ""
        rows = counted(limited.data.height, locale=locale)
        self._behind.show(say("When, which model, key and limit ({rows})", locale=locale, rows=rows))


def listed(limited: Limited) -> Html:
    """Draw which requests were refused: when, whose, at which limit."""
    picture = limited.picture
    locale, names = picture.locale, dict(zip(picture.places, picture.longs, strict=True))
    labels = ("provider", "model", "api_key", LIMIT)
    heads = [
        (look.name("time", locale=locale), False),
        *((look.name(label, locale=locale), False) for label in labels[:3]),
        (say("Limit type", locale=locale), False),
        (say("Rate limited", locale=locale), True),
    ]
    shown = limited.data.head(MOST).with_columns(pl.col("time").dt.convert_time_zone("UTC"))
    whole = say("in no single bar", locale=locale)
    body = (
        [
            names.get(time, whole),
            *(look.word(label, value, locale=locale) for label, value in zip(labels, values, strict=True)),
            _NOTHING if count is None else look.quantity(count, unit, locale=locale),
        ]
        for time, *values, _, unit, count in shown.select("time", *labels, "basis", "unit", "quantity").iter_rows()
    )
    return grid(heads, body, said=caption(limited.data.height, locale=locale))


def highest(limited: Limited) -> Html:
    """Draw the highest minute of each model, when it was, and how much of its limit that is."""
    locale, tz = limited.picture.locale, limited.hours.tz
    heads = [
        (look.name("provider", locale=locale), False),
        (look.name("model", locale=locale), False),
        (say("What", locale=locale), False),
        (say("Highest minute", locale=locale), True),
        (say("Limit per minute", locale=locale), True),
        (say("Share of the limit", locale=locale), True),
        (say("When", locale=locale), False),
    ]
    body = []
    for provider, model, meter, most, minute, limit in limited.highest.select(
        "provider", "model", "meter", "quantity", "minute", "limit"
    ).head(MOST).iter_rows():  # fmt: skip
        body.append(
            [
                look.word("provider", provider),
                look.word("model", model, locale=locale),
                look.word("meter", meter, locale=locale),
                _number(most, locale),
                _number(limit, locale),
                _share(most, limit, locale),
                moment(minute, tz=tz, locale=locale) if minute else _NOTHING,
            ]
        )
    return grid(heads, body, said=say("The highest minute of this selection", locale=locale))


def _number(value: Decimal | None, locale: str) -> str:
    return _NOTHING if value is None else look.number(value, locale=locale)


def _share(most: Decimal | None, limit: Decimal | None, locale: str) -> str:
    if most is None or limit is None:
        return _NOTHING
    return f"{look.number((100 * most / limit).quantize(_TENTH), locale=locale, least=1)} %"


def _lines(said: list[str]) -> Html:
    return fill("<div>{lines}</div>", lines=join(fill("<p>{line}</p>", line=line) for line in said))
