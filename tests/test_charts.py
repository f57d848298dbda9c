"""The contract of every chart of a cube: it draws all of it and nothing else, whatever the names in it are."""

from __future__ import annotations

import ast
import html
import inspect
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import drawn
import usage_toolkit as ut
from usage_toolkit import charts, look
from usage_toolkit.charts import _picture
from usage_toolkit.charts._spans import Spans
from usage_toolkit.cube import EVERY
from usage_toolkit.schema import COLUMNS
from zoo import HARD_DAYS, HOSTILE, ZONES, ZOO, around, canonical, frames, money, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    Chart = Callable[..., Any]

EVERY_CHART: list[Chart] = [f for name, f in inspect.getmembers(charts, inspect.isfunction) if name.endswith("_chart")]
CHARTS: list[Chart] = [chart for chart in EVERY_CHART if "cube" in inspect.signature(chart).parameters]
OVER_TIME: list[Chart] = [chart for chart in CHARTS if "every" in inspect.signature(chart).parameters]
each_chart = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.__name__)
each_over_time = pytest.mark.parametrize("chart", OVER_TIME, ids=lambda chart: chart.__name__)

WORDS = {"bar", "bucket", "end", "kind", "name", "panel", "said", "short", "text", "value", "when"}
PALE = "model-00"


def draw(chart: Chart, rows: pl.DataFrame, *, label: str = "model", **options: Any) -> Any:
    """Draw the daily cube of `rows` by one label, however the chart calls it."""
    cube = ut.cube(rows, by=label)
    names = inspect.signature(chart).parameters.keys() & {"by", "dimension"}
    return chart(cube, **dict.fromkeys(names, label), **options)


def wanted(rows: pl.DataFrame) -> list[list[Decimal]]:
    """Give what panels may add up to: money per currency and basis, tokens, or all quantities per unit."""
    cube = ut.totals(rows, by="provider")
    counted = pl.col("basis").replace({"metered": "billed"})
    by_money = cube.filter(pl.col("currency") != "(none)").group_by("currency", "basis").agg(pl.col("amount").sum())
    by_unit = cube.filter(pl.col("unit") != "(none)").group_by("unit", counted).agg(pl.col("quantity").sum())
    found = [by_money["amount"], by_unit.filter(pl.col("unit") == "token")["quantity"], by_unit["quantity"]]
    return [sorted(Decimal(value) for value in values if value) for values in found]


def days(rows: int = 1, **columns: Any) -> pl.DataFrame:
    """Give one row of money and tokens per day."""
    start = datetime(2026, 10, 1, tzinfo=UTC)
    return canonical(
        {"time": start + timedelta(days=day), **money("1", model="a", **tokens(10)), **columns} for day in range(rows)
    )


def test_every_chart_is_named() -> None:
    """A chart in any file of the folder is named there and offered to everyone, so that its contract is tested."""
    folder = Path(charts.__file__).parent
    bodies = [ast.parse(file.read_text(encoding="utf-8")).body for file in folder.rglob("*.py")]
    written = {made.name for body in bodies for made in body if isinstance(made, ast.FunctionDef)}
    found = {name for name in written if name.endswith("_chart")}
    assert found == set(charts.__all__) == {chart.__name__ for chart in EVERY_CHART}
    assert found == {name for name in ut.__all__ if name.endswith("_chart")}


@each_chart
@pytest.mark.parametrize("rows", ZOO.values(), ids=ZOO.keys())
def test_bars_add_up_to_the_cube(chart: Chart, rows: pl.DataFrame) -> None:
    """The bars of each panel add up to what the cube says, to the last digit; two currencies are never one panel."""
    assert [value for value in drawn.sums(draw(chart, rows)) if value] in wanted(rows)


@each_chart
@given(rows=frames())
@settings(max_examples=25)
def test_bars_add_up_to_any_cube(chart: Chart, rows: pl.DataFrame) -> None:
    """The same for any rows."""
    assert [value for value in drawn.sums(draw(chart, rows)) if value] in wanted(rows)


@each_chart
@pytest.mark.parametrize("name", ["one row", "two currencies", "three bases", "a credit", "hostile names", "40 models"])
def test_vega_draws_every_bar_to_scale(chart: Chart, name: str) -> None:
    """Each bar of the data is on the screen, as long as its value, and no two of a stack overlap."""
    picture = draw(chart, ZOO[name])
    carried = drawn.carried(picture)
    panels = [panel for panel in drawn.panels(picture) if panel]
    assert sum(map(len, panels)) == carried.height
    for panel in panels:
        lengths = dict(carried.select("text", pl.col("value").abs().cast(pl.Float64)).iter_rows())
        values = [lengths[bar.said.rsplit(": ", 1)[1]] for bar in panel]
        sides = [[bar.bottom - bar.top for bar in panel], [bar.right - bar.left for bar in panel]]
        scales = [max(side) / max(values) for side in sides]
        fits = [
            all(abs(px - value * scale) < 1e-6 for px, value in zip(side, values, strict=True))
            for side, scale in zip(sides, scales, strict=True)
        ]
        assert any(fits)
        for one in panel:
            for other in panel:
                aside = one.right <= other.left or other.right <= one.left
                assert one is other or aside or one.bottom <= other.top + 1e-6 or other.bottom <= one.top + 1e-6


@each_chart
def test_jupyterlab_and_altair_draw_the_same(chart: Chart) -> None:
    """Vega-Lite 5, which JupyterLab has, and 6, which Altair is made for, put each bar at the same place."""
    picture = draw(chart, ut.sample(days=10))
    assert drawn.panels(picture, version=drawn.LAB) == drawn.panels(picture, version=drawn.NEWEST)


@each_chart
def test_same_cube_same_spec(chart: Chart) -> None:
    """The same cube gives the same bytes, in whatever order its rows are."""
    cube = ut.cube(ut.sample(days=10))
    names = inspect.signature(chart).parameters.keys() & {"by", "dimension"}
    specs = {
        json.dumps(chart(frame, **dict.fromkeys(names, "model")).to_dict())
        for frame in (cube, cube, cube.sample(fraction=1, shuffle=True, seed=1))
    }
    assert len(specs) == 1


@each_chart
def test_names_are_data_only(chart: Chart) -> None:
    """No name from data is a field, an expression or an address; the same shape gives the same program."""
    rows = ZOO["hostile names"]
    tame = rows.with_columns(model=pl.int_range(pl.len()).map_elements(lambda i: f"m{i}", return_dtype=pl.String))
    programs = []
    for frame in (rows, tame):
        spec = draw(chart, frame).to_dict()
        programs.append(sorted(drawn.values_of(spec, "field", "calculate", "labelExpr", "expr", "test")))
        assert set(drawn.values_of(spec, "field")) <= WORDS
        assert not list(drawn.values_of(spec, "url", "href", "image"))
    assert programs[0] == programs[1]


@each_chart
@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_any_name_is_drawn_literally(chart: Chart, name: str) -> None:
    """A hostile name draws as many bars as a tame one, and can be read."""
    rows = canonical([money("1", model=name, **tokens(1)), money("2", model=PALE, **tokens(2))])
    picture = html.unescape(drawn.svg(draw(chart, rows)))
    bars = drawn.spoken(drawn.svg(draw(chart, rows)))
    assert len(bars) == 2
    assert look.word("model", name, limit=200) in " ".join(map(html.unescape, bars))
    assert look.word("model", name, limit=28).removesuffix("…") in picture
    assert "\u202e" not in picture
    assert "<script" not in drawn.svg(draw(chart, rows))


@each_chart
def test_names_that_look_alike_stay_apart(chart: Chart) -> None:
    """Two names that differ far behind, or only in how letters are composed, are two bars with two labels."""
    names = ["x" * 5000 + "1", "x" * 5000 + "2", "e\u0301", "\u00e9"]
    bars = drawn.spoken(drawn.svg(draw(chart, canonical(money("1", model=name, **tokens(1)) for name in names))))
    assert len(set(bars)) == 4


@each_chart
def test_a_title_is_text(chart: Chart) -> None:
    """A title is shown as it is given."""
    picture = draw(chart, ZOO["one row"], title="</script> datum.value {{x}}")
    assert "&lt;/script&gt; datum.value {{x}}" in drawn.svg(picture)


@each_chart
def test_an_empty_cube_says_so(chart: Chart) -> None:
    """Nothing to draw is a calm picture with a sentence, and no error."""
    picture = draw(chart, ZOO["empty"])
    assert "No usage in this selection" in drawn.svg(picture)
    assert not [bar for panel in drawn.panels(picture) for bar in panel]
    assert picture._repr_mimebundle_()["text/plain"] == f"{chart.__name__}: no usage in this selection"


@each_chart
def test_what_is_unknown_is_said(chart: Chart) -> None:
    """Rows of unknown value are not drawn as 0 but counted in words, on the screen and for a screen reader."""
    measure = "quantity" if chart is ut.token_chart else "amount"
    cube = ut.cube(days(2), by="model").with_columns(pl.lit(None, COLUMNS[measure]).alias(measure))
    picture = chart(cube, **dict.fromkeys(inspect.signature(chart).parameters.keys() & {"by", "dimension"}, "model"))
    said = f"2 rows of unknown {measure} are not drawn"
    assert said in drawn.svg(picture)
    assert said in picture.to_dict()["description"]


@pytest.mark.parametrize("measure", ["amount", "quantity"])
def test_a_cube_of_one_measure_is_enough(measure: Any) -> None:
    """Charts ask for no more than they draw."""
    rows = ZOO["two currencies"]
    whole, part = ut.cube(rows), ut.cube(rows, measure=measure)
    for chart in (ut.cost_chart,) if measure == "amount" else (ut.token_chart,):
        assert drawn.sums(chart(part)) == drawn.sums(chart(whole))
    assert drawn.sums(ut.breakdown_chart(part, "model")) == drawn.sums(
        ut.breakdown_chart(whole, "model", measure=measure)
    )


@each_chart
def test_a_saved_notebook_keeps_the_picture(chart: Chart) -> None:
    """The bundle has a spec for JupyterLab, a small sharp picture and a line of text, and no HTML."""
    picture = draw(chart, ZOO["two currencies"] if chart is not ut.token_chart else days(3))
    bundle = picture._repr_mimebundle_()
    assert sorted(bundle) == ["application/vnd.vegalite.v5+json", "image/png", "text/plain"]
    spec = bundle["application/vnd.vegalite.v5+json"]
    assert spec == picture.to_dict() | {"$schema": "https://vega.github.io/schema/vega-lite/v5.json"}
    assert json.loads(json.dumps(spec)) == spec
    assert spec["usermeta"]["embedOptions"] == {"renderer": "svg", "actions": False}
    assert "\n" not in bundle["text/plain"]
    with Image.open(io.BytesIO(bundle["image/png"])) as image:
        assert image.mode == "P"
        assert image.width > 2 * 400
        assert len(bundle["image/png"]) < 40_000


@each_chart
@pytest.mark.parametrize("locale", ["en-US", "it-IT"])
def test_nothing_is_cut_off(chart: Chart, locale: str) -> None:
    """Around the picture there is a margin, and nothing fills its corners: it is transparent."""
    for rows in (ZOO["hostile names"], ut.sample(days=92), ZOO["a credit"]):
        bundle = draw(chart, rows, locale=locale)._repr_mimebundle_()
        alpha = Image.open(io.BytesIO(bundle["image/png"])).convert("RGBA").getchannel("A")
        left, top, right, bottom = alpha.getbbox() or (0, 0, 0, 0)
        assert min(left, top, alpha.width - right, alpha.height - bottom) >= 2


@each_chart
def test_without_the_drawing_library_the_spec_remains(chart: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no PNG can be made, JupyterLab still draws the chart."""
    monkeypatch.setattr(_picture, "find_spec", lambda _name: None)
    assert "image/png" not in draw(chart, ZOO["one row"])._repr_mimebundle_()


@each_chart
def test_a_changed_copy_is_still_a_picture(chart: Chart) -> None:
    """What Altair's own methods return keeps the bundle."""
    copy = draw(chart, ZOO["two currencies"]).properties(padding=20)
    bundle = copy._repr_mimebundle_()
    assert bundle[_picture.MIME]["padding"] == 20
    assert "image/png" in bundle


@each_chart
def test_dollars_stay_dollars(chart: Chart) -> None:
    """Another locale writes other commas, and never another currency."""
    picture = drawn.svg(draw(chart, days(1, amount="1234567.5", quantity="1234567.5"), locale="it-IT"))
    assert "1.234.567,5" in picture
    assert "€" not in picture


@each_chart
def test_what_is_no_cube_is_refused(chart: Chart) -> None:
    """Anything but a cube is a sentence, not a traceback of a library."""
    cube = ut.cube(days(2))
    names = inspect.signature(chart).parameters.keys() & {"by", "dimension"}
    asked = dict.fromkeys(names, "model")
    with pytest.raises(ut.ArgumentError, match=r"the polars frame that ut\.cube returns, found dict"):
        chart({}, **asked)
    with pytest.raises(ut.ArgumentError, match=r"labels model, meter, basis, unit, currency, found 'user'"):
        chart(cube, **dict.fromkeys(names, "user"))
    with pytest.raises(ut.InputError, match="expected a cube with a column 'rows', found none"):
        chart(days(2), **asked)
    with pytest.raises(ut.InputError, match=r"expected exact decimals in '(amount|quantity)', found Float64"):
        chart(cube.with_columns(pl.col("amount", "quantity").cast(pl.Float64)), **asked)
    with pytest.raises(ut.ArgumentError, match="locale such as en-US or it-IT, found 'xx-'"):
        chart(cube, **asked, locale="xx-")


@each_chart
def test_what_cannot_be_drawn_so_is_refused(chart: Chart) -> None:
    """A title that is no text or a size that is no number of pixels is a sentence in the chart's name."""
    for rows in (days(1), ZOO["empty"]):
        with pytest.raises(ut.ArgumentError, match=f"{chart.__name__}: expected title to be a text or None, found 3"):
            draw(chart, rows, title=3)
        for name in inspect.signature(chart).parameters.keys() & {"width", "height"}:
            for wrong in (None, "640", 0, -1, float("nan"), float("inf")):
                size: dict[str, Any] = {name: wrong}
                with pytest.raises(ut.ArgumentError, match=f"{name} to be a number of pixels, found {wrong!r}"):
                    draw(chart, rows, **size)


@each_over_time
def test_a_cube_without_time_is_refused(chart: Chart) -> None:
    """A chart over time needs spans of time, each in a zone."""
    with pytest.raises(ut.InputError, match="a column 'time', found none"):
        chart(ut.totals(days(2), by="model"), by="model")
    cube = ut.cube(days(2), by="model")
    with pytest.raises(ut.InputError, match="expected times with a zone"):
        chart(cube.with_columns(pl.col("time").dt.replace_time_zone(None)), by="model")
    with pytest.raises(ut.InputError, match="expected a time in each row"):
        chart(cube.with_columns(time=pl.lit(None, cube.schema["time"])), by="model")


@each_over_time
def test_gaps_are_visible(chart: Chart) -> None:
    """Days without use have their place on the axis."""
    spec = draw(chart, days(5)[[0, 4]]).to_dict()
    assert spec["encoding"]["x"]["scale"]["domain"] == [f"2026-10-0{day}" for day in range(1, 6)]
    assert "5 days" in spec["usermeta"]["summary"]


@each_over_time
@pytest.mark.parametrize("name", HARD_DAYS)
@pytest.mark.parametrize("every", ["1h", "1d"])
def test_days_that_clocks_make_hard(chart: Chart, name: str, every: str) -> None:
    """No span is lost or drawn twice, and each has its own place and its own words."""
    tz, day, _ = HARD_DAYS[name]
    cube = ut.cube(around(tz, day), by="model", every=every, tz=tz)
    picture = chart(cube, by="model")
    spec = picture.to_dict()
    carried = drawn.carried(picture)
    domain = spec["encoding"]["x"]["scale"]["domain"]
    assert len(domain) == len(set(domain)) == carried["bucket"].n_unique() == carried["when"].n_unique() == cube.height
    assert carried["bucket"].to_list() == domain


@pytest.mark.parametrize("name", HARD_DAYS)
@pytest.mark.parametrize("every", ["1h", "1d"])
def test_gaps_on_days_that_clocks_make_hard(name: str, every: str) -> None:
    """Between the first and the last row there are as many places as if there were use all the time."""
    tz, day, _ = HARD_DAYS[name]
    busy = around(tz, day)
    domains = [
        ut.cost_chart(ut.cube(rows, every=every, tz=tz), every=every).to_dict()["encoding"]["x"]["scale"]["domain"]
        for rows in (busy, busy[[0, -1]])
    ]
    assert domains[0] == domains[1]


@pytest.mark.parametrize("every", EVERY)
@given(rows=frames(min_rows=1), tz=st.sampled_from(ZONES))
@settings(max_examples=25)
def test_spans_are_seen_in_the_cube(every: str, rows: pl.DataFrame, tz: str) -> None:
    """Spans that are seen begin where those of the cube begin, and are never shorter than it was asked for."""
    time = ut.cube(rows, by="model", every=every, tz=tz)["time"]
    starts = time.unique().sort().to_list()
    if starts[-1] - starts[0] < timedelta(days=3):
        spans = Spans.of(time)
        assert {start.astimezone(UTC) for start in starts} <= {start.astimezone(UTC) for start in spans.starts}
        assert spans.every is None if len(starts) == 1 else EVERY.index(spans.every or "") >= EVERY.index(every)


@pytest.mark.parametrize(
    ("every", "noun"), [("1h", "hour"), ("1d", "day"), ("1w", "week"), ("1mo", "month"), (None, "")]
)
def test_the_title_says_the_span(every: str | None, noun: str) -> None:
    """What a bar stands for is said, unless there is only one and nobody said how long it is."""
    rows = ut.sample(days=60).filter(pl.col("grain") == "event")
    cube = ut.cube(rows, every=every or "1mo", where=ut.Filter() if every else ut.Filter("2026-10-01", "2026-11-01"))
    title = ut.token_chart(cube).to_dict()["title"]["text"]
    assert title == (f"Tokens per {noun} by meter" if every else "Tokens by meter")


def test_a_single_span_can_be_named() -> None:
    """Whoever knows how long the only span is can say so; what contradicts the cube is refused."""
    cube = ut.cube(days(1), every="1mo")
    assert ut.cost_chart(cube, every="1mo").to_dict()["title"]["text"] == "Cost per month by model"
    with pytest.raises(ut.ArgumentError, match="begin a span of 1w in UTC, found 2026-10-01 00:00"):
        ut.cost_chart(cube, every="1w")
    with pytest.raises(ut.ArgumentError, match="expected every to be one of 1m, 1h"):
        ut.cost_chart(cube, every="2d")


def test_too_many_spans_are_refused() -> None:
    """A cube of minutes over months is a sentence, not a frozen browser."""
    cube = ut.cube(days(30), every="1m").with_columns(pl.col("time").dt.offset_by("7m"))
    with pytest.raises(ut.ArgumentError, match=r"at most 5,000 spans to draw, found 41,761 from 2026-10-01"):
        ut.cost_chart(cube)


@each_over_time
@pytest.mark.parametrize("number", [1, 7, 14, 31, 92, 366])
def test_labels_of_the_axis_do_not_touch(chart: Chart, number: int) -> None:
    """However many days, a few labels stand apart, at equal steps or where a month begins."""
    spec = draw(chart, days(number)).to_dict()
    ticks = next(param["value"] for param in spec["params"] if param["name"] == "ticks")
    assert len(ticks) * (_picture.text_width(list(ticks.values())) + 8) <= 640
    assert len(ticks) >= min(number, 4)
    assert spec["encoding"]["x"]["axis"]["values"] == list(ticks)


def test_each_currency_and_basis_has_its_panel() -> None:
    """Panels name what they are in; the bill comes first."""
    rows = canonical(
        [money("2", "USD", model="a"), money("100", "DIEM", model="a"), money("1", model="b", basis="estimated")]
    )
    names = ["2.00 USD billed", "100.00 DIEM billed", "1.00 USD estimated"]
    for picture in (draw(ut.cost_chart, rows), draw(ut.breakdown_chart, rows)):
        places = [drawn.svg(picture).find(f">{name}<") for name in names]
        assert -1 < places[0] < places[1] < places[2]
        assert [len(panel) for panel in drawn.panels(picture)] == [1, 1, 1]
        lengths = [bar.right - bar.left + bar.bottom - bar.top for panel in drawn.panels(picture) for bar in panel]
        assert max(lengths) - min(lengths) < 1e-6  # each fills a scale of its own


def test_one_currency_is_named_beside_its_axis() -> None:
    """A single panel names its currency on the axis and in the subtitle."""
    spec = draw(ut.cost_chart, days(3)).to_dict()
    assert spec["encoding"]["y"]["axis"]["title"] == "USD"
    assert spec["title"]["subtitle"][0] == "3.00 USD billed, 1 Oct \u2013 3 Oct 2026 (UTC)"
    assert "row" not in spec["encoding"]


def test_estimated_tokens_stand_beside_counted_ones() -> None:
    """Tokens that were counted add up whoever counted them; estimates do not join them."""
    rows = canonical(tokens(10, model="a", basis=basis) for basis in ("billed", "metered", "estimated"))
    assert drawn.sums(draw(ut.token_chart, rows)) == [10, 20]


@pytest.mark.parametrize("chart", [ut.cost_chart, ut.breakdown_chart], ids=["cost_chart", "breakdown_chart"])
def test_a_credit_is_below_zero(chart: Chart) -> None:
    """Credits hang below the line on which charges stand, and say what they are."""
    rows = canonical([money("10", model="a"), money("-4", model="refund")])
    charge, credit = sorted(drawn.panels(draw(chart, rows))[0], key=lambda bar: "refund" in bar.said)
    assert credit.top >= charge.bottom or credit.right <= charge.left
    assert credit.said.endswith("refund: -4.00 USD billed (credit)")


def test_a_credit_does_not_hide_in_its_charge() -> None:
    """Where a cube tells a credit from a charge, so does the bar of their model."""
    rows = canonical([money("10", model="a", meter="input"), money("-4", model="a", meter="other")])
    assert sorted(drawn.carried(ut.cost_chart(ut.cube(rows)))["value"]) == [-4, 10]


def test_a_reader_can_have_every_digit() -> None:
    """The tooltip and the text for screen readers hold the exact amount, the heading what is read at a glance."""
    rows = days(1, amount="1234.000000000000000001")
    bar = drawn.panels(draw(ut.cost_chart, rows))[0][0]
    assert bar.said == "from 1 Oct 2026, a: 1,234.000000000000000001 USD billed"
    assert draw(ut.cost_chart, rows).to_dict()["title"]["subtitle"][0].startswith("1,234.00 USD billed")


def test_eight_colours_and_the_rest() -> None:
    """Of forty models eight have a colour, those that `ut.top` keeps, and the rest is grey together."""
    cube = ut.cube(ZOO["40 models"], by="model")
    spec = ut.cost_chart(cube).to_dict()
    names = next(param["value"] for param in spec["params"] if param["name"] == "names")
    assert set(names) == set(ut.top(cube, "model", 8)["model"])
    assert names[-1] == "(other)"
    assert spec["encoding"]["color"]["scale"]["range"] == [*look.PALETTE, look.REST]


def test_a_breakdown_keeps_the_largest() -> None:
    """The n largest of each panel come first, in order, and the rest last."""
    bars = drawn.panels(draw(ut.breakdown_chart, ZOO["40 models"], n=3))[0]
    read = [bar.said.split(":")[0] for bar in sorted(bars, key=lambda bar: bar.top)]
    assert read == ["model-39", "model-38", "model-37", "(other)"]


def test_a_breakdown_writes_each_number_at_its_bar() -> None:
    """Each bar has its number, to the right of it."""
    picture = draw(ut.breakdown_chart, days(3, amount="0.00012345"))
    assert ">0.00037 USD<" in drawn.svg(picture)


def test_a_breakdown_of_quantities_keeps_units_apart() -> None:
    """Tokens and requests have a panel each."""
    rows = canonical([tokens(10, model="a"), {"model": "a", "quantity": "3", "unit": "request", "meter": "request"}])
    picture = draw(ut.breakdown_chart, rows, measure="quantity")
    assert drawn.sums(picture) == [3, 10]
    assert picture._repr_mimebundle_()["text/plain"] == "breakdown_chart: 1 model, 10 tokens, 3 requests"


def test_a_breakdown_refuses_what_it_cannot_mean() -> None:
    """Another measure or no bars at all is a sentence."""
    with pytest.raises(ut.ArgumentError, match="expected measure amount or quantity, found 'rows'"):
        draw(ut.breakdown_chart, days(1), measure="rows")
    for n in (0, 1.5, "3", None):
        with pytest.raises(ut.ArgumentError, match=f"expected n, a whole number of at least 1, found {n!r}"):
            draw(ut.breakdown_chart, days(1), n=n)


def test_meters_keep_their_order_and_colour() -> None:
    """Input is at the bottom and output on top, whichever is larger, in colours that do not depend on the data."""
    rows = canonical(tokens(n, meter=meter) for n, meter in enumerate(["output", "cache_read", "input"], 1))
    picture = ut.token_chart(ut.cube(rows))
    bars = sorted(drawn.panels(picture)[0], key=lambda bar: -bar.bottom)
    assert [bar.said.split(", ")[1].split(":")[0] for bar in bars] == ["input", "cache read", "output"]
    colours = [look.METER_COLOURS[meter] for meter in ("input", "cache_read", "output")]
    assert picture.to_dict()["encoding"]["color"]["scale"]["range"] == colours


def test_tokens_alone_are_drawn_as_tokens() -> None:
    """Requests and images are no tokens."""
    rows = canonical([tokens(10), {"meter": "image", "quantity": "7", "unit": "image"}])
    assert drawn.sums(ut.token_chart(ut.cube(rows))) == [10]


def test_the_line_of_text_is_stable() -> None:
    """Where nothing can be drawn, one line says what would be."""
    rows = canonical(
        {"time": datetime(2026, 10, day, tzinfo=UTC), **tokens(1_000_000 * day, meter=meter)}
        for day in range(1, 4)
        for meter in ("input", "output")
    )
    bundle = draw(ut.token_chart, rows, label="meter")._repr_mimebundle_()
    assert bundle["text/plain"] == "token_chart: 3 days \u00d7 2 meters, 12,000,000 tokens"


def test_altairs_limit_of_rows_does_not_apply() -> None:
    """Hours of three months are drawn, though Altair asks to sample frames of more than 5,000 rows."""
    cube = ut.cube(ut.sample().filter(pl.col("grain") != "1d"), by="meter", every="1h")
    assert drawn.carried(ut.token_chart(cube)).height > 5000


def test_a_picture_can_be_saved(tmp_path: Path) -> None:
    """Altair's own way to a file works on a picture."""
    draw(ut.cost_chart, days(3)).save(tmp_path / "costs.svg")
    assert (tmp_path / "costs.svg").read_text(encoding="utf-8").startswith("<svg")
