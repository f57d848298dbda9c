"""`Filter`: one value that polars and Vega read alike."""

from __future__ import annotations

import dataclasses
import pickle
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import polars as pl
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st

from usage_toolkit import times
from usage_toolkit.errors import ArgumentError
from usage_toolkit.filters import Filter
from usage_toolkit.schema import BASES, DIMENSIONS, GRAINS, METERS, NONE
from zoo import HARD_DAYS, HOSTILE, ZOO, any_frames, canonical, instants, money

NAMES = tuple(field.name for field in dataclasses.fields(Filter) if field.name not in ("start", "stop"))
NOON = datetime(2026, 10, 3, 12, tzinfo=UTC)
KNOWN = {"meter": METERS, "basis": BASES, "grain": GRAINS, "currency": ("USD", "DIEM", NONE), "provider": ("venice",)}


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    """Filters of an interval or an open one, and of some values of up to three labels."""
    ends = sorted(draw(st.sets(instants(), min_size=2, max_size=2)))
    start, stop = (end if draw(st.booleans()) else None for end in ends)
    labels = draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
    values = {
        label: draw(st.lists(st.sampled_from([*KNOWN.get(label, ()), "a", "b", NONE, *HOSTILE]), max_size=6))
        for label in labels
    }
    return Filter(start, stop).replace(**values)


def test_a_filter_can_narrow_every_label() -> None:
    """There is a field for each label of the canonical frame, and one for the currency."""
    assert set(NAMES) == {*DIMENSIONS, "currency"}


def test_what_means_the_same_is_equal() -> None:
    """Order, repetition, container and zone of a value make no difference to equality or hash."""
    rome = datetime(2026, 10, 1, 2, tzinfo=ZoneInfo("Europe/Rome"))
    same = [
        Filter("2026-10-01", model=("a", "b"), user="u"),
        Filter(date(2026, 10, 1), model=["b", "a", "a"], user=["u"]),
        Filter(rome, model={"a", "b"}, user=("u", "u")),
        Filter(datetime(2026, 10, 1), model=iter("ba"), user=pl.Series(["u"])),  # noqa: DTZ001 (without a zone it is UTC)
        Filter("2026-10-01T00:00:00Z", None, (), (), ["a", "b"], user={"u": 1}),
    ]
    assert len(set(same)) == 1
    assert all(one == same[0] for one in same)
    assert same[0] != Filter("2026-10-01", model="ab", user="u")


def test_one_text_is_one_value() -> None:
    """A text is never taken apart into its letters, and an empty text is a value, not no value."""
    assert Filter(model="abc").model == ("abc",)
    assert Filter(model="").model == ("",)
    assert Filter(model="") != Filter()


@given(one=filters(), another=filters())
def test_a_filter_is_a_value(one: Filter, another: Filter) -> None:
    """Pickle, deepcopy, replace by itself and its own repr all give an equal filter with an equal hash."""
    parts = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
    copies = [pickle.loads(pickle.dumps(one)), deepcopy(one), one.replace(), Filter(**parts)]  # noqa: S301 (our own)
    copies += [eval(repr(one), {"Filter": Filter}), another.replace(**parts)]  # noqa: S307 (our own)
    for copy in copies:
        assert copy == one
        assert hash(copy) == hash(one)
        assert repr(copy) == repr(one)
    assert (one == another) == (repr(one) == repr(another))


def test_repr_shows_only_what_narrows() -> None:
    """What is not narrowed is not shown; times are ISO texts in UTC."""
    assert repr(Filter()) == "Filter()"
    made = Filter(date(2026, 10, 1), "2026-10-01T00:00:00.000001+00:00", currency="USD", model=["b", "it's"])
    assert repr(made) == (
        "Filter(start='2026-10-01T00:00:00Z', stop='2026-10-01T00:00:00.000001Z', "
        """model=('b', "it's"), currency=('USD',))"""
    )


def test_a_filter_does_not_change() -> None:
    """No field can be set, deleted or added."""
    made = Filter(model="a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.model = ()  # type: ignore[misc]  # that it is frozen is the point
    with pytest.raises(dataclasses.FrozenInstanceError):
        del made.model
    assert made == Filter(model="a")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"model": None}, "expected texts in 'model', found None; pass [(][)] to keep all"),
        ({"model": 5}, "expected texts in 'model', found 5"),
        ({"model": ["a", None]}, "expected texts in 'model', found None; pass names as text"),
        ({"api_key": [1, "a"]}, "expected texts in 'api_key', found 1"),
        ({"model": b"ab"}, "expected texts in 'model', found 97"),
        ({"start": "2026-10-02", "stop": "2026-10-01"}, "start before stop, found 2026-10-02T00:00:00Z and 2026-10-01"),
        ({"start": "2026-10-01", "stop": date(2026, 10, 1)}, "expected start before stop"),
        ({"start": "soon"}, "expected a date or time such as 2026-10-01, found 'soon'"),
        ({"stop": 1}, "expected a date or time, found int"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any], said: str) -> None:
    """A wrong value is an ArgumentError that names the field, however the filter is made."""
    with pytest.raises(ArgumentError, match=said):
        Filter(**wrong)
    with pytest.raises(ArgumentError, match=said):
        Filter(user="u").replace(**wrong)


@pytest.mark.parametrize("name", HARD_DAYS)
def test_a_day_or_month_of_a_zone_is_all_of_it(name: str) -> None:
    """`day` and `month` keep what the clocks of the zone show within that day or month, and other fields beside."""
    tz, of, hours = HARD_DAYS[name]
    day, month = Filter.day(of.isoformat(), tz=tz, model="a"), Filter.month(f"{of:%Y-%m}", tz=ZoneInfo(tz))
    assert day == Filter(*times.day(of, tz=tz), model="a") == Filter.day(of, tz=ZoneInfo(tz), model="a")
    assert day.start
    assert day.stop == day.start + timedelta(hours=hours)
    assert month == Filter(*times.month(of, tz=tz)) == Filter.month(of, tz=tz)
    shown = pl.col("time").dt.convert_time_zone(tz).dt.date()
    rows = ZOO[name]
    assert rows.filter(day.replace(model=()).to_expr()).equals(rows.filter(shown == of))
    assert rows.filter(month.to_expr()).equals(rows.filter(shown.dt.month_start() == of.replace(day=1)))


@pytest.mark.parametrize("make", [Filter.day, Filter.month])
@pytest.mark.parametrize(
    "wrong", ["", "soon", "2026", "2026-13", "2026-02-30", "20261003", "2026-W4", "2026-W40-6", None, 3, NOON]
)
def test_what_is_no_day_or_month_is_refused(make: Any, wrong: Any) -> None:
    """A day or month is written one way; a time, whose date depends on a zone, is neither."""
    said = "a day such as 2026-10-03" if make == Filter.day else "a month such as 2026-10"
    with pytest.raises(ArgumentError, match=f"expected {said}, found"):
        make(wrong)
    with pytest.raises(ArgumentError, match="expected an IANA time zone"):
        make(date(2026, 10, 3), tz=[])
    for name in ("modle", "start"):
        with pytest.raises(TypeError, match=name):
            make(date(2026, 10, 3), **{name: "a"})


@pytest.mark.parametrize("of", [date.min, date.max])
def test_a_day_beyond_the_calendar_is_refused(of: date) -> None:
    """The first and the last day that a date can tell reach beyond it where clocks differ from UTC."""
    for make in (Filter.day, Filter.month):
        with pytest.raises(ArgumentError, match="expected a time within the years 1 to 9999, found"):
            make(of, tz="Europe/Rome")


def test_an_unknown_field_is_refused() -> None:
    """A misspelt field is named, beside those that there are."""
    with pytest.raises(ArgumentError, match=r"fields among start, stop, .*, found 'modle'; use one of those"):
        Filter().replace(modle="a")
    with pytest.raises(TypeError, match="modle"):
        Filter(modle="a")  # type: ignore[call-arg]  # what is wrong is the point


def test_names_are_what_is_narrowed() -> None:
    """`names` lists the columns that matter, and only those."""
    assert Filter().names() == {}
    assert Filter("2026-10-01", user="u", model=("b", "a")).names() == {"model": ("a", "b"), "user": ("u",)}


@settings(max_examples=60)
@given(rows=any_frames(), where=filters())
def test_polars_keeps_what_is_meant(rows: pl.DataFrame, where: Filter) -> None:
    """The expression is true or false for each row, as plain Python says, and narwhals builds the same."""
    meant = [_keeps(where, row) for row in rows.iter_rows(named=True)]
    assert rows.select(where.to_expr()).to_series().to_list() == meant
    assert rows.filter(where.to_expr()).equals(rows.filter(meant))
    assert nw.from_native(rows).filter(where.to_expr(nw)).to_native().equals(rows.filter(meant))


def _keeps(where: Filter, row: dict[str, Any]) -> bool:
    inside = (where.start is None or where.start <= row["time"]) and (where.stop is None or row["time"] < where.stop)
    return inside and all((row[name] or NONE) in values for name, values in where.names().items())


def test_an_unknown_currency_can_be_asked_for() -> None:
    """Rows without money are found under "(none)", as every table and selector calls them."""
    rows = ZOO["an unpriced model"]
    assert rows.filter(Filter(currency=NONE).to_expr())["model"].to_list() == ["new"]
    assert rows.filter(Filter(currency="USD").to_expr())["model"].to_list() == ["old"]
    assert rows.filter(Filter(currency=("USD", NONE)).to_expr()).height == rows.height


def test_a_word_that_no_row_has_keeps_nothing() -> None:
    """A value outside the known words is no error: a filter can come from a saved notebook of another version."""
    for name in NAMES:
        assert ZOO["40 models"].filter(Filter().replace(**{name: "no such word"}).to_expr()).height == 0


@given(where=filters())
def test_params_are_lists_or_none(where: Filter) -> None:
    """Each field is a param: a sorted list, milliseconds, or None for all; the same filter gives the same params."""
    params = where.to_params()
    assert list(params) == [field.name for field in dataclasses.fields(Filter)]
    assert {name: tuple(values) for name in NAMES if isinstance(values := params[name], list)} == where.names()
    assert all(params[name] is None for name in NAMES if not getattr(where, name))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for name in ("start", "stop"):
        if (made := params[name]) is not None:
            assert isinstance(made, int)
            late = epoch + timedelta(milliseconds=made) - getattr(where, name)
            assert timedelta(0) <= late < timedelta(milliseconds=1)
        else:
            assert getattr(where, name) is None


def _drawn_by_vega(rows: pl.DataFrame, where: Filter) -> list[int]:
    """The numbers of the rows that Vega draws a mark for."""
    labels = [f"({name} == null || indexof({name}, datum.{name}) >= 0)" for name in NAMES]
    keep = " && ".join(["(start == null || datum.time >= start) && (stop == null || datum.time < stop)", *labels])
    marks = {"type": "text", "from": {"data": "rows"}, "encode": {"enter": {"text": {"field": "row"}}}}
    values = rows.select(pl.col("time").dt.epoch("ms"), pl.col(NAMES).cast(pl.String).fill_null(NONE))
    spec = {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "signals": [{"name": name, "value": value} for name, value in where.to_params().items()],
        "data": [
            {
                "name": "rows",
                "values": values.with_row_index("row").to_dicts(),
                "transform": [{"type": "filter", "expr": keep}],
            }
        ],
        "marks": [marks],
    }
    (root,) = vl_convert.vega_to_scenegraph(spec)["scenegraph"]["items"]
    return [mark["text"] for group in root["items"] for mark in group["items"]]


@settings(max_examples=40)
@given(rows=any_frames(), where=filters())
def test_vega_draws_what_polars_keeps(rows: pl.DataFrame, where: Filter) -> None:
    """For times in milliseconds, as charts hold them, Vega draws exactly the rows that the expression keeps."""
    rows = rows.with_columns(pl.col("time").dt.truncate("1ms"))
    kept = rows.with_row_index("row").filter(where.to_expr())["row"].to_list()
    assert _drawn_by_vega(rows, where) == kept


@pytest.mark.parametrize("name", HOSTILE)
def test_vega_draws_a_hostile_name_too(name: str) -> None:
    """A name with quotes, markup, dots or brackets is a value like any other."""
    rows = canonical(money("1", model=model) for model in [*HOSTILE, None])
    where = Filter(model=name)
    kept = rows.with_row_index("row").filter(where.to_expr())["row"].to_list()
    assert _drawn_by_vega(rows, where) == kept
    assert len(kept) == (2 if name == NONE else 1)
