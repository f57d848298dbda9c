"""The button that hands the reader what a panel shows as a CSV file, and the choice of how numbers are written in it.

The text crosses the wire when it is asked for, never before. How a cell is written is for `export`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import anywidget
import ipywidgets as widgets
import polars as pl
import traitlets

from usage_toolkit.export import file_name, to_csv, write_csv
from usage_toolkit.times import is_utc, local_date, zone
from usage_toolkit.view import period
from usage_toolkit.words import say

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from datetime import datetime

    from usage_toolkit.filters import Filter
    from usage_toolkit.panel.message import Message
    from usage_toolkit.view.hours import Hours
    from usage_toolkit.view.period import Ends

_MARKS = {",": ".", ";": ","}


class Shown(Protocol):
    """What a file is made of: a frame, and what its name tells."""

    @property
    def data(self) -> pl.DataFrame:
        """The frame."""

    @property
    def where(self) -> Filter:
        """Which rows it is of."""

    @property
    def group(self) -> str:
        """What it is grouped by."""

    @property
    def hours(self) -> Hours:
        """All rows."""


class _Button(anywidget.AnyWidget):
    """A button that asks, and keeps the file that is the answer."""

    text = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)  # ipywidgets shows a `tooltip` itself, and only beside a description

    # Every view of every page hears each answer, so each click has a number and waits for its own. The address of
    # the file lives on for a while, as some hosts fetch it late.
    _esm = """
    export default {
      render({ model, el }) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "lm-Widget jupyter-widgets jupyter-button widget-button";
        button.textContent = model.get("text");
        button.title = model.get("hint");
        let asked = null;
        button.addEventListener("click", () => {
          asked = Math.random();
          model.send({ asked });
        });
        const keep = (answer, [file]) => {
          if (asked === null || answer.asked !== asked) return;
          asked = null;
          const link = document.createElement("a");
          link.href = URL.createObjectURL(new Blob([file], { type: "text/csv;charset=utf-8" }));
          link.download = answer.name;
          link.hidden = true;
          document.body.append(link);
          link.click();
          link.remove();
          setTimeout(() => URL.revokeObjectURL(link.href), 60000);
        };
        model.on("msg:custom", keep);
        el.append(button);
        return () => model.off("msg:custom", keep);
      },
    };
    """


class Download(widgets.Box):
    """The button and, beside it, how numbers are written.

    Parameters
    ----------
    subject
        The first word of the file's name.
    picture
        Gives what is shown now.
    message
        Where it is said if that can't be had.
    locale
        Whose words are on them.
    """

    separator = traitlets.Enum(tuple(_MARKS), default_value=",")

    def __init__(self, subject: str, picture: Callable[[], Shown], *, message: Message, locale: str) -> None:
        self._subject, self._picture, self._message = subject, picture, message
        self._style = widgets.Dropdown(
            description=say("CSV with", locale=locale),
            options=[(say("commas, 0.5", locale=locale), ","), (say("semicolons, 0,5", locale=locale), ";")],
            style={"description_width": "initial"},
        )
        self._button = _Button(
            text=say("Download CSV", locale=locale), hint=say("All rows of the table, every digit", locale=locale)
        )
        super().__init__([self._style, self._button])
        self.add_class("ut-download")
        traitlets.link((self, "separator"), (self._style, "value"))
        self._button.on_msg(self._asked)

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the file that the button gives, to `path` or, under its own name, into the folder `path`."""
        picture, target = self._picture(), Path(path)
        target = target / name(self._subject, picture) if target.is_dir() else target
        return write_csv(picture.data, target, **self._marks)

    @property
    def _marks(self) -> dict[str, Any]:
        return {"separator": self.separator, "decimal": _MARKS[self.separator]}

    def _asked(self, _: Any, content: dict[str, Any], _buffers: Any) -> None:
        with self._message.careful():
            picture = self._picture()
            answer = {"asked": content["asked"], "name": name(self._subject, picture)}
            self._button.send(answer, [to_csv(picture.data, **self._marks)])


def name(subject: str, picture: Shown) -> str:
    """Return the name of a file of what is shown: who provided it, when, of what and by what.

    Times are those of the reader's zone, which is named unless it is UTC.
    """
    where, hours = picture.where, picture.hours
    shown = hours.keep(where).cells["provider"].cast(pl.String).unique().sort().to_list()
    said = ["+".join(shown or where.provider), _period(picture)]
    said += [] if is_utc(hours.tz) else [hours.tz.replace("/", "-").replace("_", "-")]
    said += [
        f"{label.replace('_', '-')}-{'+'.join(values)}"
        for label, values in where.names().items()
        if label != "provider"
    ]
    said += [f"by-{picture.group.replace('_', '-')}"]
    return file_name(subject, filter(None, said), suffix=".csv")


def _period(picture: Shown) -> str:
    """Write a period as its dates, with an open end as far as there are rows; times only where it has any."""
    where, hours = picture.where, picture.hours
    ends = _closed((where.start, where.stop), hours.first, hours.last, hours.tz)
    kind, days = period.kind(ends, tz=hours.tz), period.days(ends, tz=hours.tz)
    if kind == period.MONTH:
        return f"{days[0]:%Y-%m}"
    if kind == period.DAY:
        return str(days[0])
    exact = kind == period.EXACT
    start, stop = (end and (_moment(end, hours.tz) if exact else str(day)) for end, day in zip(ends, days, strict=True))
    if start and stop:
        return f"{start}-to-{stop.removeprefix(start[:11])}"  # the day is said once
    return f"from-{start}" if start else f"to-{stop}" if stop else ""


def _closed(ends: Ends, first: datetime | None, last: datetime | None, tz: str) -> Ends:
    if first is None or last is None:
        return ends
    known = period.of_days(local_date(first, tz=tz), local_date(last, tz=tz), tz=tz)
    start, stop = (end or other for end, other in zip(ends, known, strict=True))
    return (start, stop) if start is not None and stop is not None and start < stop else ends


def _moment(of: datetime, tz: str) -> str:
    """Write a date and time as a file's name can, with the offset where clocks show that hour twice."""
    local = of.astimezone(zone(tz))
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    text = local.replace(tzinfo=None).isoformat().removesuffix(":00").replace(":", ".")
    return text + (f"{local:%z}" if twice else "")
