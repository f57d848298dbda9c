"""Panels without a browser: a mouse is an assignment to a control, a click is what Vega would have sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import strategies as st

import usage_toolkit as ut

if TYPE_CHECKING:
    import pytest

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    'it\'s "quoted" & {braced} %s',
    "\u202egnp.exe",
    "x" * 10_000,
    "gpt-4.1",
    "a[0]",
    "date",
    "(none)",
    "All models",
    "3 models",
    " ",
]
OCTOBER = ("2026-10-01", "2026-11-01")
HALF_HOURS = st.integers(0, 2 * 24 * 14).map(lambda n: datetime(2026, 10, 17, tzinfo=UTC) + timedelta(minutes=30 * n))
NAMES = {
    "provider": ["venice", "anthropic"],
    "workspace": ["Platform", "Research", "(none)", "no-such"],
    "model": ["claude-opus-4-8", "openai-gpt-56-sol"],
    "meter": ["input", "output", "rate_limited"],
    "currency": ["USD", "DIEM", "(none)"],
    "service_tier": ["batch", "(none)"],
}


def event(time: datetime, **values: Any) -> dict[str, Any]:
    """One canonical row: ten input tokens for a cent, unless it says otherwise."""
    row = {
        "time": time, "grain": "event", "provider": "venice", "source": "venice.ledger", "basis": "billed",
        "model": "m", "meter": "input", "quantity": "10", "unit": "token", "amount": "0.01", "currency": "USD",
    }  # fmt: skip
    return row | values


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """Make rows canonical."""
    time = pl.Datetime("us", "UTC")
    return ut.conform(pl.DataFrame(list(rows), infer_schema_length=None).with_columns(pl.col("time").cast(time)))


def daily(time: datetime, **values: Any) -> dict[str, Any]:
    """One row that resolves a day of UTC: money only."""
    return event(time, grain="1d", quantity=None, unit=None, amount="5", **values)


def select(panel: Any, label: str, *values: str) -> None:
    """Choose values in a selector, as a person does."""
    panel._fields[label].value = values


def click(panel: ut.UsagePanel, bucket: str, rev: int | None = None) -> None:
    """Click on a bar: what the browser then sends."""
    picked = {"bucket": bucket, "rev": panel._live._rev if rev is None else rev}
    fields = [{"type": "E", "field": field} for field in picked]
    store = [{"unit": "", "fields": fields, "values": list(picked.values())}]
    value = {name: [it] for name, it in picked.items()} | {"vlPoint": {"or": [picked]}}
    panel._live._view._vl_selections = {"pick": {"value": value, "store": store}}


def carried(state: dict[str, Any], table: str = "stack") -> list[list[Decimal]]:
    """What a live chart is given to draw: the numbers of a table, row by row."""
    return [[Decimal(cell) for cell in line.split(",")] for line in state[table].split(";") if line]


def heights(state: dict[str, Any], table: str = "stack") -> list[Decimal]:
    """How high each bar is, to the last digit."""
    return [row[-1] for row in carried(state, table)]


def sums(rows: pl.DataFrame) -> dict[str, Decimal]:
    """Add up rows in polars alone: tokens and other counts by meter, money by currency."""
    counts = rows.drop_nulls("unit").group_by("meter").agg(pl.col("quantity").sum())
    money = rows.drop_nulls("currency").group_by("currency").agg(pl.col("amount").sum())
    return dict(counts.cast({"meter": pl.String}).rows()) | dict(money.rows())


def ask(panel: ut.UsagePanel, monkeypatch: pytest.MonkeyPatch) -> tuple[str, bytes]:
    """Click on the download button: the name and the bytes that the browser is then given."""
    sent: list[Any] = []
    with monkeypatch.context() as heard:
        heard.setattr(panel._download._button, "send", lambda *answer: sent.append(answer))
        panel._download._button._handle_custom_msg({"asked": 0.5}, [])
    ((answer, (file,)),) = sent
    assert answer["asked"] == 0.5
    return answer["name"], file


@st.composite
def filters(draw: st.DrawFn) -> ut.Filter:
    """Any filter: open, of days, of hours, or cutting an hour; also by labels that have no control."""
    names: dict[str, Any] = {
        label: draw(st.just([]) | st.lists(st.sampled_from(of), max_size=2)) for label, of in NAMES.items()
    }
    ends = sorted(draw(st.just([]) | st.lists(HALF_HOURS, min_size=2, max_size=2, unique=True)))
    names |= dict(zip(("start", "stop"), ends, strict=False))
    return ut.Filter(**names)


_PANELS: dict[str, ut.UsagePanel] = {}


def panel_of(rows: pl.DataFrame, tz: str = "UTC") -> ut.UsagePanel:
    """Return one panel per zone for all examples of a property: a panel is meant to be used on and on."""
    if tz not in _PANELS:
        _PANELS[tz] = ut.UsagePanel(rows, tz=tz)
    return _PANELS[tz]
