"""What must hold for every frame, zone and span: the ids (I-1, ...) name the invariants that the project promises.

What a cube is in plain Python stands in `reference.py`; everything that `cube` does for speed is held against it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from reference import EXACT, plain, reference, sums
from usage_toolkit.cube import APART, EVERY, MEASURES, Measure
from usage_toolkit.filters import Filter
from usage_toolkit.schema import COLUMNS, DIMENSIONS, MONEY, QUANTITY
from usage_toolkit.selectors import SELECTORS
from usage_toolkit.times import is_utc, whole_hours
from zoo import HARD_DAYS, ZONES, ZOO, any_frames, around, frames, instants

LABELS = (*DIMENSIONS, "unit", "currency", "workspace_id")
WHOLE_HOURS = tuple(zone for zone in ZONES if whole_hours(zone))

label_sets = st.lists(st.sampled_from(LABELS), max_size=3)
zones = st.sampled_from(ZONES)


@settings(max_examples=120)
@given(rows=any_frames(), by=label_sets, every=st.sampled_from(["1d", "1w", "1mo", None]))
def test_a_cube_in_utc_is_what_plain_python_adds_up(rows: pl.DataFrame, by: list[str], every: str | None) -> None:
    """For rows of every grain, a cube in UTC equals the reference: rows, order, sums and unknowns."""
    assert plain(ut.cube(rows, by=by, every=every)) == reference(rows, by, every)


@settings(max_examples=120)
@given(rows=frames(), by=label_sets, every=st.sampled_from(EVERY), zone=st.sampled_from(WHOLE_HOURS))
def test_a_cube_in_a_zone_is_what_plain_python_adds_up(
    rows: pl.DataFrame, by: list[str], every: str, zone: str
) -> None:
    """In zones whole hours away from UTC, every span begins where zoneinfo says that it does."""
    assert plain(ut.cube(rows, by=by, every=every, tz=zone)) == reference(rows, by, every, zone)


@settings(max_examples=60)
@given(
    rows=frames(),
    every=st.sampled_from(["1m", "1d", "1w", "1mo"]),
    zone=st.sampled_from([zone for zone in ZONES if zone not in WHOLE_HOURS]),
)
def test_a_cube_in_a_crooked_zone_is_what_plain_python_adds_up(rows: pl.DataFrame, every: str, zone: str) -> None:
    """Days, weeks and months are as exact where a zone is minutes away from UTC."""
    assert plain(ut.cube(rows, by="model", every=every, tz=zone)) == reference(rows, ["model"], every, zone)


@settings(max_examples=60)
@given(rows=any_frames(), by=label_sets, every=st.sampled_from(["1d", "1w", "1mo", None]))
def test_i1_nothing_is_lost_or_counted_twice(rows: pl.DataFrame, by: list[str], every: str | None) -> None:
    """I-1: where all parts are known, sums per basis, unit and currency are those of the rows, to the digit."""
    known = rows.filter(pl.col("quantity").is_not_null(), pl.col("amount").is_not_null())
    assert sums(ut.cube(known, by=by, every=every)) == sums(known)
    counts = {key: values[-1] for key, values in sums(ut.cube(rows, by=by, every=every)).items()}
    assert counts == {key: values[-1] for key, values in sums(rows).items()}


@settings(max_examples=60)
@given(
    rows=any_frames(), by=st.sampled_from([(), ("model",), ("currency", "unit")]), every=st.sampled_from(["1d", None])
)
def test_i1_one_measure_alone_is_the_same_money(rows: pl.DataFrame, by: tuple[str, ...], every: str | None) -> None:
    """I-1: the cube of one measure holds each row that has it once, and the same sums as the cube of both."""
    asked: list[tuple[Measure, str]] = [("quantity", "unit"), ("amount", "currency")]
    for measure, word in asked:
        having = rows.filter(pl.col(measure).is_not_null())
        alone = ut.cube(rows, by=by, every=every, measure=measure)
        assert alone["rows"].sum() == having.height
        for label in having[word].unique():
            parts = having.filter(pl.col(word) == label)[measure].to_list()
            assert reduce(EXACT.add, alone.filter(pl.col(word) == label)[measure].to_list()) == reduce(EXACT.add, parts)


@pytest.mark.parametrize("every", EVERY)
def test_i1_nothing_is_lost_in_any_zone(every: str) -> None:
    """I-1: the hard days of all zones, cut in any zone and span, keep all their rows and money."""
    rows = pl.concat([ZOO[name] for name in HARD_DAYS])
    for zone in ZONES:
        cube = ut.cube(rows, by=(), every=every, tz=zone)
        assert cube["rows"].sum() == rows.height, zone
        assert cube["amount"].sum() == cube["quantity"].sum() == rows.height, zone


@pytest.mark.parametrize("name", HARD_DAYS)
def test_i10_minutes_hours_days_and_months_agree(name: str) -> None:
    """I-10: minutes add up to hours, hours to days, days to months; a day lasts as long as zoneinfo says."""
    zone, day, hours = HARD_DAYS[name]
    rows = ZOO[name]
    days = dict(ut.cube(rows, by=(), every="1d", tz=zone).select(pl.col("time").dt.date(), "amount").iter_rows())
    assert days[day] == Decimal(hours) * 4  # one row at each quarter of an hour
    for every in ("1m", "1h"):
        parts = (
            ut.cube(rows, by=(), every=every, tz=zone).group_by(pl.col("time").dt.date()).agg(pl.col("amount").sum())
        )
        assert dict(parts.iter_rows()) == days
    for every in ("1m", "1h", "1d"):
        starts = pl.col("time").dt.date().dt.truncate("1mo")
        parts = ut.cube(rows, by=(), every=every, tz=zone).group_by(starts).agg(pl.col("amount").sum())
        months = ut.cube(rows, by=(), every="1mo", tz=zone)
        assert months["time"].dt.day().unique().to_list() == [1]
        assert dict(parts.iter_rows()) == dict(months.select(pl.col("time").dt.date(), "amount").iter_rows())


@pytest.mark.parametrize("name", [name for name, (zone, _, _) in HARD_DAYS.items() if whole_hours(zone)])
def test_i10_a_day_has_as_many_hours_as_clocks_show(name: str) -> None:
    """I-10: a day of 23 or 25 hours has 23 or 25 buckets, each of them one hour long."""
    zone, day, hours = HARD_DAYS[name]
    cube = ut.cube(ZOO[name], by=(), every="1h", tz=zone).filter(pl.col("time").dt.date() == day)
    assert cube.height == hours
    assert cube["rows"].to_list() == [4] * cube.height


@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone not in WHOLE_HOURS])
def test_i10_an_hour_holds_what_its_clocks_show(zone: str) -> None:
    """I-10: where clocks change within an hour, its rows are still counted under the hour and date that they show."""
    shown = pl.col("time").dt.convert_time_zone(zone)
    hour = [shown.dt.date().alias("date"), shown.dt.hour().alias("hour")]
    for day in (date(2026, 4, 5), date(2026, 9, 27), date(2026, 10, 4), date(2026, 11, 1)):
        rows = around(zone, day)
        cube = ut.cube(rows, by=(), every="1h", tz=zone)
        meant = rows.group_by(hour).agg(rows=pl.len().cast(pl.Int64)).sort("date", "hour")
        assert cube.group_by(hour).agg(pl.col("rows").sum()).sort("date", "hour").equals(meant)


@settings(max_examples=60)
@given(rows=any_frames(), column=st.sampled_from([*DIMENSIONS, "currency"]), data=st.data())
def test_i9_a_filter_and_its_complement_are_the_whole(rows: pl.DataFrame, column: str, data: st.DataObject) -> None:
    """I-9: some values of a label and all its other values partition the rows; no row is in neither or in both."""
    offered = list(ut.options(rows, of=[column])[column])
    chosen = data.draw(st.lists(st.sampled_from([*offered, "no such value"]), min_size=1, unique=True))
    some = Filter().replace(**{column: chosen})
    kept, dropped = rows.filter(some.to_expr()), rows.filter(~some.to_expr())
    assert kept.height + dropped.height == rows.height
    assert rows.select(some.to_expr().null_count()).item() == 0
    counts = ut.options(rows, of=[column])[column]
    assert kept.height == sum(counts.get(value, 0) for value in chosen)
    others = [value for value in offered if value not in chosen]
    rest = rows.filter(Filter().replace(**{column: others}).to_expr()) if others else rows.head(0)
    assert rest.equals(dropped)
    assert ut.totals(rows, where=some).equals(ut.totals(kept))


@settings(max_examples=40)
@given(rows=any_frames(), start=instants(), length=st.timedeltas(timedelta(microseconds=1), timedelta(days=400)))
def test_i9_an_interval_and_what_lies_outside_are_the_whole(
    rows: pl.DataFrame, start: datetime, length: timedelta
) -> None:
    """I-9: before, within and after a half-open interval partition the rows, also at its very borders."""
    stop = start + length
    parts = [rows.filter(part.to_expr()) for part in (Filter(None, start), Filter(start, stop), Filter(stop))]
    times = rows["time"].to_list()
    assert [part.height for part in parts] == [
        sum(time < start for time in times),
        sum(start <= time < stop for time in times),
        sum(time >= stop for time in times),
    ]


@settings(max_examples=60)
@given(
    rows=any_frames(),
    label=st.sampled_from(["model", "workspace", "meter"]),
    n=st.integers(0, 6),
    measure=st.sampled_from(MEASURES),
    every=st.sampled_from(["1d", None]),
)
def test_i9_the_largest_and_the_others_are_the_whole(
    rows: pl.DataFrame, label: str, n: int, measure: str, every: str | None
) -> None:
    """I-9: top n and "(other)" hold all rows and all known money; no more than n values are left, and the others."""
    known = rows.filter(pl.col("quantity").is_not_null(), pl.col("amount").is_not_null())
    for frame in (rows, known):
        cube = ut.cube(frame, by=[label, "provider"], every=every)
        least = ut.top(cube, label, n, measure=measure)
        assert least.schema == cube.schema
        assert len(set(least[label]) - {"(other)"}) <= n
        assert least["rows"].sum() == frame.height
    assert sums(least) == sums(known)
    if cube[label].n_unique() <= n:
        assert least.equals(cube)


@settings(max_examples=40)
@given(
    rows=any_frames(),
    where=st.builds(Filter, provider=st.sampled_from([(), "venice"]), model=st.sampled_from([(), "a"])),
)
def test_i9_options_count_every_row_once(rows: pl.DataFrame, where: Filter) -> None:
    """I-9: the counts of each label add up to the rows that all other choices keep; none is 0."""
    for label, counts in ut.options(rows, where=where).items():
        assert sum(counts.values()) == rows.filter(where.replace(**{label: ()}).to_expr()).height
        assert all(counts.values())
        assert list(counts) == sorted(counts, key=lambda value: (value.lower(), value))
    assert tuple(ut.options(rows)) == SELECTORS


@settings(max_examples=40)
@given(
    rows=frames(),
    start=instants(),
    length=st.timedeltas(timedelta(microseconds=1), timedelta(days=400)),
    some=st.lists(zones, min_size=2, max_size=4, unique=True),
    every=st.sampled_from(EVERY),
)
def test_i11_a_closed_interval_is_worth_the_same_in_every_zone(
    rows: pl.DataFrame, start: datetime, length: timedelta, some: list[str], every: str
) -> None:
    """I-11: money between two instants does not depend on whose calendar cuts it."""
    where = Filter(start, start + length)
    known = rows.filter(pl.col("quantity").is_not_null(), pl.col("amount").is_not_null())
    inside = known.filter(where.to_expr())
    for zone in some:
        assert sums(ut.cube(known, by="model", every=every, tz=zone, where=where)) == sums(inside)


@settings(max_examples=40)
@given(rows=any_frames(), seed=st.integers(0, 2**32), by=label_sets, every=st.sampled_from(["1d", "1mo", None]))
def test_order_does_not_matter(rows: pl.DataFrame, seed: int, by: list[str], every: str | None) -> None:
    """Any permutation of the rows, and of the labels asked for, gives the same cube."""
    shuffled = rows.sample(fraction=1, shuffle=True, seed=seed)
    cube = ut.cube(rows, by=by, every=every)
    assert ut.cube(shuffled, by=by, every=every).equals(cube)
    turned = ut.cube(rows, by=by[::-1], every=every).select(cube.columns)
    assert turned.sort(cube.columns).equals(cube.sort(cube.columns))


@pytest.mark.parametrize("name", ZOO)
def test_i16_money_is_decimal_in_every_public_frame(name: str) -> None:
    """I-16: whatever the rows, money is Decimal(38, 18) and quantities Decimal(38, 9); never a float, never Null."""
    rows = ZOO[name]
    money = {"amount": MONEY, "amount_usd": MONEY, "quantity": QUANTITY, "rows": pl.Int64}
    assert dict(ut.conform(rows).schema) == COLUMNS
    for cube in (
        ut.cube(rows, by="model"),
        ut.totals(rows, by="model"),
        ut.top(ut.totals(rows, by="model"), "model", 1),
    ):
        assert {column: cube.schema[column] for column in money} == money
        assert not any(dtype.is_float() for dtype in cube.dtypes)
        assert all(cube.schema[column] == pl.String for column in ("model", *APART))
        assert not cube.select("model", *APART).null_count().sum_horizontal().sum()


@settings(max_examples=40)
@given(rows=any_frames(), by=label_sets, every=st.sampled_from(["1d", None]))
def test_i26_ten_times_the_money_is_ten_times_the_total(rows: pl.DataFrame, by: list[str], every: str | None) -> None:
    """I-26: amounts written with one zero more make totals ten times as large, to the last digit that fits."""
    rows = rows.with_columns(pl.col("amount", "amount_usd").cast(pl.String).cast(pl.Decimal(38, 17)).cast(MONEY))
    tenfold = [
        pl.Series(name, [None if value is None else EXACT.multiply(value, 10) for value in rows[name]], dtype=MONEY)
        for name in ("amount", "amount_usd")
    ]
    once, more = ut.cube(rows, by=by, every=every), ut.cube(rows.with_columns(tenfold), by=by, every=every)
    for name in ("amount", "amount_usd"):
        assert more[name].to_list() == [None if value is None else EXACT.multiply(value, 10) for value in once[name]]
    assert more.drop("amount", "amount_usd").equals(once.drop("amount", "amount_usd"))


@settings(max_examples=40)
@given(rows=any_frames(), part=st.integers(0, 10**18).map(lambda n: Decimal(n).scaleb(-18)), by=label_sets)
def test_i26_a_row_in_two_parts_changes_no_total(rows: pl.DataFrame, part: Decimal, by: list[str]) -> None:
    """I-26: cutting every row in two of the same key changes no sum; only the number of rows doubles."""

    def cut(name: str, *, first: bool) -> pl.Series:
        halves = [None if value is None else (part if first else EXACT.subtract(value, part)) for value in rows[name]]
        return pl.Series(name, halves, dtype=MONEY)

    names = ("amount", "amount_usd")
    halves = [rows.with_columns(cut(name, first=first) for name in names) for first in (True, False)]
    halves[0] = halves[0].with_columns(
        quantity=pl.when(pl.col("quantity").is_not_null()).then(pl.lit(0, dtype=QUANTITY))
    )
    whole, twice = ut.cube(rows, by=by), ut.cube(pl.concat(halves), by=by)
    assert twice.drop("rows").equals(whole.drop("rows"))
    assert twice["rows"].to_list() == (whole["rows"] * 2).to_list()


@settings(max_examples=40)
@given(rows=any_frames())
def test_conform_again_changes_nothing(rows: pl.DataFrame) -> None:
    """The canonical frame is a fixed point of conform, and a cube of a cube's rows needs no second pass."""
    assert ut.conform(rows).equals(rows)
    assert dict(rows.schema) == COLUMNS


def test_the_zones_do_what_the_properties_need() -> None:
    """The list of zones holds UTC by two names, zones hours away, and zones minutes away from it."""
    assert {zone for zone in ZONES if is_utc(zone)} == {"GMT", "UTC"}
    assert {"Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham"}.isdisjoint(WHOLE_HOURS)
    assert {"Europe/Rome", "America/Havana", "Etc/GMT-14"} <= set(WHOLE_HOURS)
