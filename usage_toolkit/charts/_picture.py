"""`Picture`: an Altair chart that stays visible in a saved notebook, and what all charts have in common.

A picture carries its data as one CSV text, so that a spec is checked, stored and compared quickly, and its numbers
are exact decimals until the moment that they are drawn.
"""

from __future__ import annotations

import io
from importlib.util import find_spec
from typing import Any

import altair as alt
import polars as pl

from usage_toolkit import look

# JupyterLab draws Vega-Lite 5.6; the oldest of vl-convert stands for it where a PNG is made.
MIME = "application/vnd.vegalite.v5+json"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
PNG_VERSION = "5.8"
_COLOURS = 128
_FONT = 11


class _Saved:
    """What Jupyter stores of a chart: the spec for JupyterLab, a PNG for code hosts, a line of text for terminals."""

    def _repr_mimebundle_(self, *_args: Any, **_options: Any) -> dict[str, Any]:
        spec: dict[str, Any] = self.to_dict()  # type: ignore[attr-defined]  # it is a chart too
        spec["$schema"] = SCHEMA
        bundle = {MIME: spec, "text/plain": spec["usermeta"]["summary"]}
        if find_spec("vl_convert") and find_spec("PIL"):
            bundle["image/png"] = _png(spec)
        return bundle


class Picture(_Saved, alt.Chart):
    """A chart of one kind of mark."""


class PanelledPicture(_Saved, alt.VConcatChart):
    """Charts of several kinds of marks, one above the other."""


def csv(frame: pl.DataFrame, **types: str) -> alt.InlineData:
    """Return `frame` as data of a spec; `types` says what Vega makes of each column."""
    text = frame.select(*types).write_csv(quote_style="non_numeric", line_terminator="\n")
    return alt.InlineData(values=text, format=alt.CsvDataFormat(type="csv", parse=types), name="cube")


def plain(values: pl.Series) -> pl.Series:
    """Write decimals by their digits: the reader of the spec makes its floats, nobody before."""
    return values.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")


def params(**values: Any) -> list[Any]:
    """Return named values that expressions of a spec may read: what comes from data never is an expression itself."""
    return [alt.VariableParameter(name=name, value=value) for name, value in values.items()]


def surround(summary: str, title: str, lines: list[str], description: str, locale: str) -> dict[str, Any]:
    """Return the properties around a drawing.

    Parameters
    ----------
    summary
        One line for where nothing can be drawn.
    title, lines
        What stands above the drawing.
    description
        What a screen reader says.
    locale
        Of the numbers on the axes.
    """
    return {
        "title": alt.TitleParams(text=title, subtitle=lines),
        "description": description,
        "background": "transparent",
        "config": _config(locale),
        "usermeta": {"embedOptions": {"renderer": "svg", "actions": False}, "summary": summary},
    }


def nothing(sentence: str, *, width: float, **around: Any) -> Picture:
    """Return a calm picture that only says `sentence`."""
    return Picture(
        data=alt.InlineData(values=[{}], name="cube"),
        mark=alt.MarkDef(type="text", fontSize=13, color=look.TEXT),
        encoding=alt.FacetedEncoding(text=alt.TextValue(value=sentence)),
        width=width,
        height=80,
        **around,
    )


SPACING = 22


def headers() -> dict[str, Any]:
    """Return how panels stand one above the other, each under its own words."""
    return {
        "field": "panel",
        "type": "ordinal",
        "title": None,
        "header": {
            "labelExpr": "panels[datum.value]",
            "labelOrient": "top",
            "labelAnchor": "start",
            "labelAngle": 0,
            "labelAlign": "left",
            "labelFontSize": 12,
            "labelPadding": -6,
            "labelFontWeight": "bold",
        },
    }


def text_width(texts: list[str]) -> float:
    """Return how many pixels the longest of `texts` takes, roughly and rather too many."""
    return max((len(text) for text in texts), default=0) * _FONT * 0.58


def _config(locale: str) -> alt.Config:
    ink = {"labelColor": look.TEXT, "titleColor": look.TEXT}
    return alt.Config(
        locale={"number": look.vega_locale(locale)},
        view={"stroke": None},
        title={
            "anchor": "start", "frame": "group", "color": look.TEXT, "subtitleColor": look.TEXT,
            "fontSize": 15, "subtitleFontSize": 12, "subtitlePadding": 4, "offset": 12,
        },
        axis={
            **ink, "domainColor": look.TEXT, "tickColor": look.TEXT, "gridColor": look.RULE,
            "labelFontSize": _FONT, "titleFontSize": _FONT, "titleFontWeight": "normal",
        },
        legend={**ink, "labelFontSize": _FONT, "labelLimit": 0, "symbolType": "square", "symbolStrokeWidth": 0},
        header=ink,
        text={"color": look.TEXT, "fontSize": _FONT},
    )  # fmt: skip


def _png(spec: dict[str, Any]) -> bytes:
    """Draw twice as sharp as the screen, with few colours: a tenth of the size and nothing to see of it."""
    import vl_convert
    from PIL import Image

    drawn = Image.open(io.BytesIO(vl_convert.vegalite_to_png(spec, vl_version=PNG_VERSION, scale=2)))
    small = io.BytesIO()
    drawn.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE).save(small, "PNG", optimize=True)
    return small.getvalue()
