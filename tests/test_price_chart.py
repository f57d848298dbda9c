"""The chart of prices draws every price where it is and marks the days on which one changed."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import drawn
import usage_toolkit as ut
from usage_toolkit import look
from zoo import HOSTILE, canonical, money, tokens

if TYPE_CHECKING:
    import altair as alt

WORDS = {"bucket", "change", "kind", "line", "name", "panel", "rule", "said", "text", "value", "when"}


def day(number: int, amount: str, **rest: Any) -> dict[str, Any]:
    """Words for a thousand tokens and their money on one day."""
    return {"time": datetime(2026, 10, number, tzinfo=UTC), **money(amount, model="a"), **tokens(1000), **rest}


def prices(*rows: dict[str, Any]) -> pl.DataFrame:
    """Give the prices of some rows."""
    return ut.implied_price(canonical(rows))


def marks(chart: alt.VConcatChart | alt.Chart, role: str) -> list[str]:
    """Give what is read out of each mark of a kind."""
    found = re.findall(rf'aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="{role}"', drawn.svg(chart))
    return [html.unescape(text) for text in found]


def test_every_price_is_drawn_at_its_day() -> None:
    """Each price of the frame is one point, by the million tokens or by the unit, exact in the spec."""
    frame = ut.implied_price(ut.sample(days=30).filter(provider="venice"))
    chart = ut.price_chart(frame, n=99)
    carried = drawn.carried(chart)
    shown = pl.when(pl.col("unit") == "token").then(pl.col("price") * 10**6).otherwise("price")
    known = frame.drop_nulls("price").select(pl.col("time").dt.strftime("%Y-%m-%d"), shown.alias("price"))
    assert sorted(carried.select("bucket", "value").rows()) == sorted(known.rows())
    assert len(marks(chart, "point")) == known.height


def test_a_change_is_marked_and_said() -> None:
    """The day of a change has a dashed line, larger points, and both prices in words."""
    frame = ut.implied_price(ut.sample().filter(provider="venice", currency="USD"))
    chart = ut.price_chart(frame)
    assert chart.to_dict()["vconcat"][0]["title"]["text"] == "openai-gpt-56-sol, USD per million tokens"
    changed = drawn.carried(chart).filter(pl.col("change") == 1)
    assert changed["bucket"].to_list() == ["2026-09-08"] * 4
    assert changed["rule"].sum() == 1
    assert "8 Sep 2026, output: 10.00 USD per million tokens, before 20.00 USD" in marks(chart, "point")
    assert "4 changes of price" in chart.to_dict()["description"]


def test_two_currencies_and_two_units_have_a_panel_each() -> None:
    """No scale is shared by what can't be compared."""
    frame = prices(
        day(1, "1"), day(1, "2", currency="DIEM"), day(1, "3", meter="image", unit="image"), day(1, "4", model="b")
    )
    titles = [panel["title"]["text"] for panel in ut.price_chart(frame).to_dict()["vconcat"]]
    assert sorted(titles) == [
        "a, DIEM per million tokens", "a, USD per image", "a, USD per million tokens", "b, USD per million tokens",
    ]  # fmt: skip


def test_lines_are_named_by_what_tells_them_apart() -> None:
    """A tier is said where there are two; what is the same everywhere is not."""
    frame = prices(
        day(1, "1", service_tier="batch", region="us"), day(1, "2", service_tier="standard", region="us"),
        day(1, "3", model="b", service_tier="batch"),
    )  # fmt: skip
    names = [text.split(", ", 1)[1].split(":")[0] for text in marks(ut.price_chart(frame), "point")]
    assert sorted(names) == ["input", "input, batch", "input, standard"]


def test_panels_beyond_n_are_counted() -> None:
    """What is not drawn is said, and a panel with a change comes first however small it is."""
    rows = [day(1, f"{n}", model=f"m{n}") for n in range(2, 6)] + [day(1, "0.1"), day(2, "0.2")]
    for n, note in ((4, "1 more panel is not drawn"), (1, "4 more panels are not drawn")):
        spec = ut.price_chart(prices(*rows), n=n).to_dict()
        assert spec["title"]["subtitle"] == ["1 change of price, 1 Oct \u2013 2 Oct 2026 (UTC)", note]
        assert spec["vconcat"][0]["title"]["text"].startswith("a,")
        assert len(spec["vconcat"]) == n


def test_names_are_data_only() -> None:
    """No name from data is a field, an expression or an address, and all of them can be drawn."""
    frame = prices(*(day(1, "1", model=name, service_tier=name, region=name) for name in HOSTILE))
    chart = ut.price_chart(frame, n=99)
    spec = chart.to_dict()
    assert set(drawn.values_of(spec, "field")) <= WORDS
    assert not list(drawn.values_of(spec, "url", "href", "image"))
    assert len(marks(chart, "point")) == len(HOSTILE)
    assert {panel["title"]["text"].split(", USD")[0] for panel in spec["vconcat"]} == {
        look.word("model", name) for name in HOSTILE
    }


def test_same_prices_same_spec() -> None:
    """The order of the rows does not matter."""
    frame = ut.implied_price(ut.sample(days=10))
    specs = {
        json.dumps(ut.price_chart(rows).to_dict()) for rows in (frame, frame.sample(fraction=1, shuffle=True, seed=3))
    }
    assert len(specs) == 1


def test_prices_keep_their_digits() -> None:
    """A price that is no round number is said to its last digit, in the reader's way."""
    frame = prices(day(1, "1234.000000000000001"))
    assert drawn.carried(ut.price_chart(frame))["value"].to_list() == [Decimal("1234000.000000000001")]
    said = marks(ut.price_chart(frame, locale="it-IT"), "point")
    assert said == ["1 ott 2026, input: 1.234.000,000000000001 USD per milione di token"]


def test_no_price_is_said() -> None:
    """A frame without prices is a sentence, not an empty axis."""
    empty = prices(day(1, "1")).head(0)
    bare = prices({**money("1", model="a")})
    for frame in (empty, bare):
        chart = ut.price_chart(frame)
        assert "No price in this selection" in drawn.svg(chart)
        assert chart.to_dict()["usermeta"]["summary"] == "price_chart: No price in this selection"


def test_what_cannot_be_drawn_is_refused() -> None:
    """Another frame, a float, or a size that is none is a sentence."""
    frame = prices(day(1, "1"))
    with pytest.raises(ut.ArgumentError, match=r"frame that ut\.implied_price returns, found dict"):
        ut.price_chart({})  # type: ignore[arg-type]
    with pytest.raises(ut.InputError, match="expected a column 'price', found none"):
        ut.price_chart(frame.drop("price"))
    with pytest.raises(ut.InputError, match="expected exact decimals in 'price', found Float64"):
        ut.price_chart(frame.with_columns(pl.col("price").cast(pl.Float64)))
    with pytest.raises(ut.ArgumentError, match="expected n, a whole number of at least 1, found 0"):
        ut.price_chart(frame, n=0)
    with pytest.raises(ut.ArgumentError, match="price_chart: expected height to be a number of pixels, found 0"):
        ut.price_chart(frame, height=0)
