"""Reads a chart back: what its spec carries, and what Vega draws of it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import vl_convert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    import altair as alt

LAB, NEWEST = "5.8", "6.4"  # what is nearest to the Vega-Lite of JupyterLab, and what Altair writes


class Bar(NamedTuple):
    """One bar on the screen: the text that it is read out as, and where its sides are."""

    said: str
    left: float
    right: float
    top: float
    bottom: float


def carried(chart: alt.Chart | alt.VConcatChart) -> pl.DataFrame:
    """Give the data of a spec, numbers as exact decimals."""
    text = chart.to_dict()["data"]["values"]
    if not isinstance(text, str):
        return pl.DataFrame(schema={"panel": pl.Int64, "value": pl.Decimal(38, 18), "text": pl.String})
    frame = pl.read_csv(io.StringIO(text), schema_overrides={"value": pl.String, "text": pl.String})
    return frame.with_columns(pl.col("value").cast(pl.Decimal(38, 18)))


def sums(chart: alt.Chart | alt.VConcatChart) -> list[Decimal]:
    """Give the sum of the bars of each panel, sorted."""
    return sorted(carried(chart).group_by("panel").agg(pl.col("value").sum())["value"])


def panels(chart: alt.Chart | alt.VConcatChart, *, version: str = LAB) -> list[list[Bar]]:
    """Give the bars that Vega draws, panel by panel."""
    scene = vl_convert.vegalite_to_scenegraph(chart.to_dict(), vl_version=version)
    return [[_bar(item) for item in mark["items"]] for mark in _marks(scene, "rect")]


def live(spec: dict[str, Any], state: dict[str, Any], *, width: int = 1000, kind: str = "rect") -> list[Bar]:
    """Give the bars that Vega draws of a live chart in some state, without the columns that only catch clicks."""
    scene = drawn_live(spec, state, width=width)
    return [_bar(item) for mark in _marks(scene, kind) for item in mark["items"] if item.get("description")]


def drawn_live(spec: dict[str, Any], state: dict[str, Any], *, width: int = 1000) -> dict[str, Any]:
    """Give all that Vega draws of a live chart that has so much room."""
    params = [param | ({"value": state} if param["name"] == "state" else {}) for param in spec["params"]]
    made = spec | {"params": params, "width": width}
    scene: dict[str, Any] = vl_convert.vegalite_to_scenegraph(made, vl_version=NEWEST)
    return scene


def svg(chart: alt.Chart | alt.VConcatChart) -> str:
    """Give the picture as SVG."""
    drawn: str = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=LAB)
    return drawn


def values_of(node: object, *keys: str) -> Iterator[Any]:
    """Give all that stands under one of `keys`, however deep."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in keys:
                yield value
            yield from values_of(value, *keys)
    elif isinstance(node, list):
        for value in node:
            yield from values_of(value, *keys)


def spoken(picture: str) -> list[str]:
    """Give the labels of the bars in an SVG, as they stand there."""
    return re.findall(r'aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="bar"', picture)


def _marks(node: object, kind: str) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("marktype") == kind and node.get("role") == "mark":
            yield node
        for value in node.values():
            yield from _marks(value, kind)
    elif isinstance(node, list):
        for value in node:
            yield from _marks(value, kind)


def _bar(item: dict[str, Any]) -> Bar:
    left, top = item.get("x", 0), item.get("y", 0)
    return Bar(item["description"], left, left + item.get("width", 0), top, top + item.get("height", 0))
