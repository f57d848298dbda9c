"""What a panel showed, as an output that lasts: it needs no kernel, no widgets and no network."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from usage_toolkit.view.totals import lines

if TYPE_CHECKING:
    from usage_toolkit.view.picture import Picture


_LINE = 100
_BETWEEN = "\u00a0\u00b7"


@dataclass(frozen=True, repr=False)
class Snapshot:
    """A chart with its totals, drawn by JupyterLab, a code host, or as text by anything else."""

    picture: Picture
    chart: Any
    name: str
    period: str

    def __repr__(self) -> str:
        """Return the totals and the table, exact."""
        import polars as pl

        with pl.Config(tbl_rows=20, tbl_cols=-1, tbl_width_chars=160, tbl_hide_dataframe_shape=False):
            return "\n".join([self.name, *self._of, *self._totals, *self._notes, str(self.picture.data)])

    def _repr_mimebundle_(self, *_args: Any, **_options: Any) -> dict[str, Any]:
        title = self.chart.title
        told = self.chart.copy()
        below = [*_wrapped(self._of), *_lines(self._totals), *_wrapped(self._notes)]
        told.title = {"text": title.text, "subtitle": below}
        bundle: dict[str, Any] = told._repr_mimebundle_()
        return bundle | {"text/plain": repr(self)}

    @property
    def _of(self) -> list[str]:
        """Say which rows these are."""
        labels = self.picture.labels().values()
        return [f"{self.period} ({self.picture.hours.tz})", *(text[:1].upper() + text[1:] for text in labels)]

    @property
    def _totals(self) -> list[str]:
        """Say all totals, what is drawn first."""
        money = self.picture.drawn.measure == "amount"
        found = sorted(self.picture.totals, key=lambda total: money is bool(total.of))
        return lines(found, locale=self.picture.locale)

    @property
    def _notes(self) -> list[str]:
        return [*self.picture.left_out(), *self.picture.notes()]


def _wrapped(said: list[str]) -> list[str]:
    return [line for sentence in said for line in wrap(sentence, _LINE)]


def _lines(said: list[str]) -> list[str]:
    """Put sentences side by side, as many as a line holds, and break none."""
    whole = f"{_BETWEEN} ".join(part.replace(" ", "\u00a0") for part in said)
    return [line.removesuffix(_BETWEEN) for line in wrap(whole, _LINE, break_on_hyphens=False)]
