"""The one group_by: what it takes, what it keeps apart, and what it refuses."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import narwhals as nw
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from reference import EXACT
from usage_toolkit import times
from usage_toolkit.cube import APART, EVERY
from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.filters import Filter
from usage_toolkit.schema import MONEY, QUANTITY
from zoo import HARD_DAYS, HOSTILE, ZONES, ZOO, around, canonical, frames, money, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

SPANS = ("1h", "1d", "1w", "1mo", None)
LIBRARIES = ["polars", "lazy", "pandas", "pyarrow", "narwhals", "narwhals lazy"]


def told(rows: pl.DataFrame, library: str) -> Any:
    """The same rows as a frame of another library."""
    makers: dict[str, Callable[[], Any]] = {
        "polars": lambda: rows,
        "lazy": rows.lazy,
        "pandas": rows.to_pandas,
        "pyarrow": rows.to_arrow,
        "narwhals": lambda: nw.from_native(rows),
        "narwhals lazy": lambda: nw.from_native(rows.lazy()),
    }
    return makers[library]()


@pytest.mark.parametrize("library", LIBRARIES)
@settings(max_examples=15)
@given(rows=frames(), every=st.sampled_from(SPANS), zone=st.sampled_from(["UTC", "Europe/Rome", "Asia/Kathmandu"]))
def test_every_library_gives_the_same_cube(library: str, rows: pl.DataFrame, every: str | None, zone: str) -> None:
    """The same rows as polars, pandas, pyarrow or narwhals, eager or lazy, give equal cubes, also of no rows."""
    where = Filter("2024-02-01", "2026-11-01", meter=["input", "output"], currency=["USD", "DIEM", "(none)"])
    asked: dict[str, Any] = {"by": ["model", "meter"], "every": every, "tz": zone, "where": where}
    assert ut.cube(told(rows, library), **asked).equals(ut.cube(rows, **asked))


@pytest.mark.parametrize("session", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_duckdb_gives_the_same_cube(session: str) -> None:
    """A DuckDB relation gives an equal cube, whatever time zone its session shows."""
    duckdb = pytest.importorskip("duckdb")
    rows = pl.concat([ZOO[name] for name in HARD_DAYS] + [ZOO["two currencies"], ZOO["unknowns"], ZOO["a credit"]])
    with duckdb.connect() as connection:
        connection.execute(f"SET TimeZone = '{session}'")
        relation = connection.from_arrow(rows.to_arrow())
        for zone in ("UTC", "Europe/Rome", "Australia/Lord_Howe", "America/Havana"):
            for every in SPANS:
                where = Filter("2024-02-29T18:00:00Z", model=["m", "a"], meter="input", currency=["USD", "(none)"])
                asked: dict[str, Any] = {"by": ["model"], "every": every, "tz": zone, "where": where}
                assert ut.cube(relation, **asked).equals(ut.cube(rows, **asked)), (zone, every)


@pytest.mark.parametrize("name", ZOO)
def test_a_cube_has_its_columns(name: str) -> None:
    """Time in the zone, the labels in the order asked, what is kept apart, the measures; sorted, each key once."""
    by = ["user", "model"]
    cube = ut.cube(ZOO[name], by=by)
    keys = ["time", *by, *APART]
    assert cube.columns == [*keys, "quantity", "amount", "amount_usd", "rows"]
    assert cube.schema["time"] == pl.Datetime("us", "UTC")
    assert cube.select(keys).equals(cube.select(keys).unique().sort(keys))
    assert ut.totals(ZOO[name], by=by).columns == cube.columns[1:]


def test_a_label_is_asked_for_once() -> None:
    """One label may be a plain text; a label asked for twice, or kept apart anyway, is one column."""
    rows = ZOO["40 models"]
    assert ut.cube(rows, by="model").equals(ut.cube(rows, by=["model"]))
    assert ut.cube(rows, by=["currency", "model", "model", "basis"]).columns[:5] == [
        "time", "currency", "model", "basis", "unit",
    ]  # fmt: skip
    assert ut.totals(rows, by=()).columns == [*APART, "quantity", "amount", "amount_usd", "rows"]


def test_two_currencies_are_never_added() -> None:
    """F5: 1 USD and 100 DIEM stay two rows under every grouping; no label can make them one."""
    rows = ZOO["two currencies"]
    for by in ((), "model", "provider", ("currency",)):
        cube = ut.totals(rows, by=by)
        assert set(cube["currency"]) == {"USD", "DIEM"}
        assert dict(cube.group_by("currency").agg(pl.col("amount").sum()).iter_rows()) == {"USD": 4, "DIEM": 100}


def test_bases_and_units_are_never_added() -> None:
    """What was billed, metered and estimated stay three rows; so do tokens and requests."""
    assert ut.totals(ZOO["three bases"], by=()).select("basis", "amount").rows() == [
        ("billed", 1), ("estimated", 1), ("metered", 1),
    ]  # fmt: skip
    rows = canonical([tokens(5), {"quantity": "2", "unit": "request"}])
    assert ut.totals(rows, by=()).select("unit", "quantity").rows() == [("request", 2), ("token", 5)]


def test_unknown_is_not_zero() -> None:
    """A sum of unknowns is null, and so is a sum with one unknown part; a known zero is 0."""
    of_money = ut.totals(canonical([money("1")] * 2), by=())
    assert of_money.select("quantity", "amount", "unit").row(0) == (None, 2, "(none)")
    of_tokens = ut.totals(canonical([tokens(0)] * 2), by=())
    assert of_tokens.select("quantity", "amount", "amount_usd", "currency").row(0) == (0, None, None, "(none)")
    parity = ut.totals(ZOO["no parity for one part"], by=())
    assert parity.select("amount", "amount_usd").row(0) == (3, None)
    unpriced = ut.totals(ZOO["an unpriced model"], by="model")
    assert dict(unpriced.select("model", "amount").iter_rows()) == {"new": None, "old": Decimal("0.01")}


def test_one_unknown_hour_makes_an_unknown_day() -> None:
    """The unknown part is found also where it was added up on its own first, in another hour of the day."""
    rows = canonical(
        money("1", "DIEM", time=datetime(2026, 10, 1, hour, tzinfo=UTC), amount_usd=usd)
        for hour, usd in ((7, "1"), (8, None))
    )
    assert ut.cube(rows, by=(), tz="Europe/Rome")["amount_usd"].to_list() == [None]
    assert ut.cube(rows, by=(), tz="Europe/Rome", every="1h")["amount_usd"].to_list() == [1, None]


def test_a_credit_is_subtracted() -> None:
    """F8: a credit makes a total smaller, below zero if it must, and is exact to the last decimal."""
    amounts = dict(ut.totals(ZOO["a credit"], by="model").select("model", "amount").iter_rows())
    assert amounts == {"a": Decimal("-2.25"), "b": Decimal("-1e-18")}


def test_equal_rows_count_each() -> None:
    """Three equal rows are three rows: 0.1 three times is 0.3, exactly."""
    assert ut.totals(ZOO["equal rows"], by=()).select("amount", "rows").row(0) == (Decimal("0.3"), 3)


def test_hostile_names_stay_as_they_are() -> None:
    """Names with markup, quotes, line breaks, column names or ten thousand letters are labels like any other."""
    cube = ut.totals(ZOO["hostile names"], by=["model", "workspace", "sku"])
    assert sorted(cube["model"]) == sorted(HOSTILE)
    assert cube["model"].equals(cube["workspace"].alias("model"))
    assert list(ut.options(ZOO["hostile names"])["api_key"].values()) == [1] * len(HOSTILE)


def test_a_day_with_two_midnights_is_one_day() -> None:
    """Where clocks go back over midnight the day, and the month that it opens, is still one span."""
    rows = ZOO["two midnights in Havana, on the first of a month"]
    days = ut.cube(rows, by=(), tz="America/Havana")
    assert days["time"].dt.date().to_list() == [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)]
    months = ut.cube(rows, by=(), tz="America/Havana", every="1mo")
    assert months.select(pl.col("time").dt.date(), "rows").rows() == [(date(2026, 10, 1), 96), (date(2026, 11, 1), 192)]


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_of_a_cube_is_a_day_of_its_zone(zone: str) -> None:
    """Each span of a day begins with the first instant of its date, as `times.day` has it, also on hard days."""
    for of in {day for _, day, _ in HARD_DAYS.values()}:
        starts = ut.cube(around(zone, of), by=(), tz=zone)["time"]
        dates = starts.dt.date()
        assert dates.is_unique().all()
        assert starts.dt.convert_time_zone("UTC").to_list() == [times.day(date, tz=zone)[0] for date in dates]


def test_a_zone_can_be_given_as_such() -> None:
    """A ZoneInfo is the zone of its name."""
    rows = ZOO["25 hours in Rome"]
    assert ut.cube(rows, tz=ZoneInfo("Europe/Rome")).equals(ut.cube(rows, tz="Europe/Rome"))


def test_weeks_begin_on_monday() -> None:
    """E9: a week is from Monday to Sunday, across the end of a year too."""
    rows = canonical(money("1", time=datetime(2026, 12, day, 23, tzinfo=UTC)) for day in range(25, 32))
    weeks = ut.cube(rows, by=(), every="1w")
    assert weeks.select(pl.col("time").dt.date(), "amount").rows() == [(date(2026, 12, 21), 3), (date(2026, 12, 28), 4)]


@pytest.mark.parametrize(
    ("grain", "fits", "refused"),
    [
        ("event", [(every, "Asia/Kathmandu") for every in EVERY], []),
        ("1m", [(every, "Asia/Kathmandu") for every in EVERY], []),
        ("1h", [("1h", "Europe/Rome"), ("1d", "Europe/Rome")], [("1m", "UTC"), ("1h", "Asia/Kathmandu")]),
        (
            "1d",
            [("1d", "UTC"), ("1w", "GMT"), ("1mo", "UTC")],
            [("1h", "UTC"), ("1d", "Europe/Rome"), ("1mo", "Asia/Tokyo")],
        ),
    ],
)
def test_a_bucket_is_never_cut(grain: str, fits: list[tuple[str, str]], refused: list[tuple[str, str]]) -> None:
    """E3: what resolves hours or days is refused where a span would cut it; the error says how to leave it out."""
    rows = canonical([money("1", model="a"), money("1", model="b", grain=grain)])
    assert ut.totals(rows)["rows"].sum() == 2
    for every, zone in fits:
        assert ut.cube(rows, every=every, tz=zone)["rows"].sum() == 2
    for every, zone in refused:
        with pytest.raises(InputError, match=f"{every} spans of {zone}, found 1 rows that only resolve {grain};"):
            ut.cube(rows, every=every, tz=zone)
        assert ut.cube(rows, every=every, tz=zone, where=Filter(grain=["event", "1m"]))["model"].to_list() == ["a"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"by": "modle"}, "expected labels among provider, .*, found 'modle'"),
        ({"by": ["model", "time"]}, "expected labels among .*, found 'time'"),
        ({"by": "amount"}, "expected labels among .*, found 'amount'"),
        ({"every": "2d"}, "expected every to be one of 1m, 1h, 1d, 1w, 1mo or None, found '2d'"),
        ({"every": "day"}, "found 'day'"),
        ({"tz": "Mars"}, "expected an IANA time zone such as Europe/Rome, found 'Mars'"),
        ({"tz": None, "every": None}, "expected an IANA time zone"),
        ({"tz": []}, r"expected an IANA time zone such as Europe/Rome, found \[\]"),
        ({"by": None}, "expected labels among provider, .*, found None"),
        ({"by": 3}, "expected labels among .*, found 3"),
        ({"by": [[]]}, r"expected labels among .*, found \[\]"),
        ({"by": [pl.col("model")]}, "expected labels among .*, found "),
        ({"measure": []}, r"expected measure to be quantity, amount or None, found \[\]"),
        ({"measure": "rows"}, "expected measure to be quantity, amount or None, found 'rows'"),
        ({"where": None}, "expected where to be a Filter, found NoneType; write ut.Filter"),
        ({"where": {"model": "a"}}, "expected where to be a Filter, found dict"),
        ({"where": "model"}, "expected where to be a Filter, found str"),
        ({"where": pl.col("model") == "a"}, "expected where to be a Filter, found Expr"),
        ({"rows": [{"model": "a"}]}, "expected a polars, pandas, pyarrow or lazy frame, found list"),
        ({"rows": "usage.csv"}, "found str"),
        ({"rows": pl.Series([1])}, "found Series"),
        ({"rows": None}, "found NoneType"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(wrong: dict[str, Any], said: str) -> None:
    """A wrong argument is an ArgumentError of one sentence, before anything is added up."""
    with pytest.raises(ArgumentError, match=said):
        ut.cube(**({"rows": ZOO["one row"]} | wrong))


@pytest.mark.parametrize("library", LIBRARIES)
def test_rows_that_are_not_canonical_are_refused(library: str) -> None:
    """F1: a missing column, money that is no exact number, or a time without a zone is an InputError everywhere."""
    rows = ZOO["one row"]
    wrong = {
        "expected a column 'unit', found none": rows.drop("unit"),
        "column 'amount': expected exact decimals, found Float64": rows.with_columns(pl.col("amount").cast(pl.Float64)),
        "column 'amount': expected exact decimals, found String": rows.with_columns(pl.col("amount").cast(pl.String)),
        "column 'amount': expected exact decimals, found Boolean": rows.with_columns(amount=pl.lit(value=True)),
        "column 'time': expected instants with a time zone": rows.with_columns(
            pl.col("time").dt.replace_time_zone(None)
        ),
    }
    for said, frame in wrong.items():
        with pytest.raises(InputError, match=said):
            ut.cube(told(frame, library))


def test_times_in_another_zone_are_the_same_instants() -> None:
    """Rows whose times are shown in New York still fall on the days and months of UTC."""
    rows = ZOO["25 hours in New York"]
    there = rows.with_columns(pl.col("time").dt.convert_time_zone("America/New_York"))
    for every in SPANS:
        for frame in (there, there.lazy(), there.to_pandas(), there.to_arrow()):
            assert ut.cube(frame, every=every).equals(ut.cube(rows, every=every))


@example(amounts=[EXACT.create_decimal("99999999999999999999")] * 3, zone="UTC")
@given(
    amounts=st.lists(
        st.integers(-(10**38) + 1, 10**38 - 1).map(lambda n: Decimal(n).scaleb(-18, EXACT)), min_size=1, max_size=5
    ),
    zone=st.sampled_from(["UTC", "Europe/Rome"]),
)
@settings(max_examples=40)
def test_a_sum_that_does_not_fit_never_wraps_around(amounts: list[Decimal], zone: str) -> None:
    """F2: sums of rows that never met `conform` are exact, or an error; polars alone would turn them negative."""
    rows = pl.concat(
        ZOO["one row"].with_columns(
            time=pl.lit(datetime(2026, 10, 1, hour, tzinfo=UTC), dtype=pl.Datetime("us", "UTC")),
            amount=pl.Series([amount], dtype=MONEY),
        )
        for hour, amount in enumerate(amounts)
    )
    for every in (None, "1d"):
        for frame in (rows, rows.rechunk(), nw.from_native(rows)):
            try:
                cube = ut.cube(frame, by=(), tz=zone, every=every)
            except (InputError, pl.exceptions.ComputeError) as error:
                assert re.search("overflow|expected sums below 1e[+]20", str(error))  # noqa: PT017 (most don't raise)
            else:
                assert cube["amount"].to_list() == [reduce(EXACT.add, amounts)]


def test_one_measure_is_not_split_by_the_other() -> None:
    """Tokens paid in two currencies are one sum of tokens; money for tokens and requests one sum of money."""
    rows = canonical([money("1", "USD", **tokens(5)), money("2", "DIEM", **tokens(7)), tokens(0), money("4", "USD")])
    of_tokens = ut.totals(rows, by=(), measure="quantity")
    assert of_tokens.rows(named=True) == [{"basis": "billed", "unit": "token", "quantity": 12, "rows": 3}]
    of_money = ut.totals(rows, by=(), measure="amount")
    assert of_money.select("currency", "amount", "rows").rows() == [("DIEM", 2, 1), ("USD", 5, 2)]
    assert of_money.columns == ["basis", "currency", "amount", "amount_usd", "rows"]


def test_an_empty_cube_has_its_types() -> None:
    """No rows make a cube without rows, of the same types as any other."""
    for every in SPANS:
        made, other = (ut.cube(ZOO[name], every=every, tz="Europe/Rome") for name in ("empty", "one row"))
        assert made.schema == other.schema
        assert made.height == 0
    assert (ut.totals(ZOO["empty"]).schema["amount"], ut.totals(ZOO["empty"]).schema["quantity"]) == (MONEY, QUANTITY)
