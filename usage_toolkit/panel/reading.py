"""What a panel shows, to be read from code: exact frames and sums, a chart that stands alone, a file.

How it comes to be shown is for `board`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from usage_toolkit.panel.compare import changes
from usage_toolkit.panel.snapshot import Snapshot
from usage_toolkit.times import local_date
from usage_toolkit.view import period
from usage_toolkit.view.totals import plain

if TYPE_CHECKING:
    import os
    from datetime import datetime
    from decimal import Decimal
    from pathlib import Path

    import altair as alt
    import polars as pl

    from usage_toolkit.panel.compare import Before
    from usage_toolkit.panel.download import Download
    from usage_toolkit.view.hours import Hours
    from usage_toolkit.view.picture import Picture


class Reading(widgets.VBox):
    """A panel without controls."""

    _hours: Hours
    _picture: Picture
    _before: Before
    _download: Download
    _locale: str

    def __repr__(self) -> str:
        first, last = self._hours.first, self._hours.last
        days = f", {self._date(first)} to {self._date(last)}" if first and last else ""
        return f"{type(self).__name__}({self._hours.count:,} rows{days}, {self._hours.tz})"

    @property
    def picture(self) -> Picture:
        """What is shown, worked out: where it comes from, its bars and its words."""
        return self._picture

    @property
    def data(self) -> pl.DataFrame:
        """What is shown, as `usage_toolkit.cube` returns it; ``time`` is null for what lies in no single bar."""
        return self._picture.data

    @property
    def totals(self) -> dict[str, Decimal | None]:
        """The exact sums of what is shown: of each meter by its name, and of money by its currency.

        A name says more where it must: ``USD (estimated)``, or ``audio (seconds)`` next to ``audio (characters)``.
        What no row reports is not there; None where a part is unknown.
        """
        return {total.key: plain(total.value) for total in self._picture.totals}

    @property
    def changes(self) -> dict[str, Decimal | None]:
        """By how much each of the totals differs from the period before, exactly, in its own unit.

        What one of the two has no row of counts as 0 there, so a name may be here and not among the totals; None
        where a number is unknown. Empty where the periods can't be compared, which the panel explains.
        """
        if self._before.why:
            return {}
        found = changes(self._picture.totals, self._before.totals)
        return {name: plain(change) for name, change in found.items()}

    @property
    def chart(self) -> alt.Chart:
        """What is drawn, as a chart that stands alone."""
        from usage_toolkit.charts import cost_chart, token_chart

        shown = self._picture
        bars = shown.data.filter(shown.data["time"].is_not_null(), shown.drawn.behind)
        chart = token_chart if shown.drawn.measure == "quantity" else cost_chart
        return chart(bars, by=shown.group, every=shown.every, locale=self._locale)

    def snapshot(self) -> Snapshot:
        """Return what is shown now as an output that lasts without a kernel."""
        return Snapshot(self._picture, self.chart, name=repr(self), period=self._period)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Show the panel, and where its kernel is gone what it showed."""
        live: dict[str, Any] = super()._repr_mimebundle_(**options)
        return live | self.snapshot()._repr_mimebundle_()

    def download(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write what is shown to a CSV file, the same bytes that the button gives, and return its path.

        Parameters
        ----------
        path
            A file, or a folder for a file of the name that the button gives: by default the current one. The name
            tells provider, period and filter.
        """
        return self._download.write(path or ".")

    @property
    def _period(self) -> str:
        where = self._picture.where
        return period.text((where.start, where.stop), tz=self._hours.tz, locale=self._locale)

    def _date(self, moment: datetime) -> str:
        return local_date(moment, tz=self._hours.tz).isoformat()
