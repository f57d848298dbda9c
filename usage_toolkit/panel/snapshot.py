"""What a panel showed, as an output that lasts: it needs no kernel, no widgets and no network."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from usage_toolkit.view.totals import lines

if TYPE_CHECKING:
    from usage_toolkit.view.picture import Picture


_LINE = 100


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

        said = lines(self.picture.totals, locale=self.picture.locale)
        with pl.Config(tbl_rows=20, tbl_cols=-1, tbl_width_chars=160, tbl_hide_dataframe_shape=False):
            return "\n".join([self.name, self.period, *said, *self.picture.notes(), str(self.picture.data)])

    def _repr_mimebundle_(self, *_args: Any, **_options: Any) -> dict[str, Any]:
        said = lines(self.picture.totals, locale=self.picture.locale)
        title = self.chart.title
        told = self.chart.copy()
        told.title = {"text": title.text, "subtitle": [self.period, *_lines(said)]}
        bundle: dict[str, Any] = told._repr_mimebundle_()
        return bundle | {"text/plain": repr(self)}


def _lines(said: list[str]) -> list[str]:
    """Put sentences side by side, as many as a line holds, and break none."""
    whole = " \u00b7 ".join(part.replace(" ", "\u00a0") for part in said)
    return wrap(whole, _LINE, break_on_hyphens=False)
