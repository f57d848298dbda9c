"""The one door into the canonical frame: what it mends, what it refuses, and how exact it is."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from usage_toolkit import schema
from usage_toolkit.errors import ArgumentError, InputError, UsageToolkitWarning
from usage_toolkit.schema import COLUMNS, DIMENSIONS, MONEY, NONE, QUANTITY, REQUIRED, conform, decimals, empty
from zoo import ZOO, canonical, money

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
EXACT = Context(prec=400)


def raw(**columns: Any) -> pl.DataFrame:
    """Two rows with all that is required, and some columns more; a single value is repeated."""
    must = {"time": NOON, "grain": "event", "provider": "p", "source": "s", "basis": "billed", "meter": "input"}
    columns = must | columns
    both = {name: value if isinstance(value, list | pl.Series) else [value] * 2 for name, value in columns.items()}
    return pl.DataFrame(both)


def test_labels_are_never_null() -> None:
    """A label that is missing or null becomes (none), the account (default); ids stay null."""
    for frame in (raw(), raw(model=[None, None], account=[None, None], user_id=[None, None])):
        made = conform(frame)
        assert dict(made.schema) == COLUMNS
        assert set(made["account"]) == {"(default)"}
        optional = [name for name in DIMENSIONS if name not in (*REQUIRED, "account")]
        assert set(made.select(optional).row(0)) == {NONE}
        assert (
            made.select("workspace_id", "api_key_id", "user_id", "currency", "amount").null_count().row(0) == (2,) * 5
        )


def test_rows_keep_their_order_and_number() -> None:
    """Equal rows are real rows: nothing is sorted, merged or dropped."""
    names = ["b", "a", "b", "b"]
    assert canonical({"model": name} for name in names)["model"].to_list() == names


@pytest.mark.parametrize("name", ZOO)
def test_the_zoo_is_canonical(name: str) -> None:
    """Every frame of the zoo has exactly the canonical columns, and no null label."""
    assert dict(ZOO[name].schema) == COLUMNS
    assert sum(ZOO[name].select(DIMENSIONS).null_count().sum_horizontal()) == 0


def test_nothing_makes_an_empty_frame() -> None:
    """No rows in, no rows out, with all columns; a required column must still be there."""
    assert conform(raw().head(0)).equals(empty())
    with pytest.raises(InputError, match="expected a column 'time', found none"):
        conform(pl.DataFrame())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"tokens": 1}, "expected the canonical columns, found 'tokens'"),
        ({"provider": ["p", None]}, "row 2, column 'provider': expected a value, found null"),
        ({"time": [NOON, None]}, "row 2, column 'time': expected a value, found null"),
        ({"time": date(2026, 10, 1)}, "column 'time': expected instants with a time zone, found Date"),
        ({"time": datetime(2026, 10, 1)}, "column 'time': expected instants with a time zone, found Datetime"),  # noqa: DTZ001
        ({"time": "2026-10-01"}, "column 'time': expected instants with a time zone, found String"),
        ({"meter": ["input", "tokens"]}, "row 2, column 'meter': expected one of input, .*, found 'tokens'"),
        ({"basis": ["Billed", "billed"]}, "row 1, column 'basis': expected one of billed, .*, found 'Billed'"),
        ({"basis": 0}, "column 'basis': expected texts or numbers, found values of type Int64"),
        ({"grain": True}, "column 'grain': expected texts or numbers, found values of type Boolean"),
        ({"model": [["a"], ["b"]]}, r"column 'model': expected texts or numbers, found values of type List\(String\)"),
        ({"model": [{"a": 1}, {}]}, "column 'model': expected texts or numbers, found values of type Struct"),
        ({"model": b"\xff"}, "column 'model': expected texts or numbers, found values of type Binary"),
        ({"model": pl.Series([object()] * 2, dtype=pl.Object)}, "found values of type Object"),
        ({"amount": pl.Series([object()] * 2, dtype=pl.Object), "currency": "USD"}, "found values of type Object"),
        ({"amount": 0.1, "currency": "USD"}, "column 'amount': .*, found Float64, whose digits are already rounded"),
        ({"quantity": [None, 1.0], "unit": "token"}, "column 'quantity': .*, found Float64"),
        ({"unit_price": 0.1}, "column 'unit_price': .*, found Float64"),
        (
            {"amount": ["1", "1,5"], "currency": "USD"},
            "row 2, column 'amount': expected a plain number such as -0.0015, found '1,5'",
        ),
        (
            {"amount": True, "currency": "USD"},
            "row 1, column 'amount': expected a plain number such as -0.0015, found 'true'",
        ),
        (
            {"amount": ["1", "NaN"], "currency": "USD"},
            "row 2, column 'amount': expected a plain number such as -0.0015, found 'NaN'",
        ),
        (
            {"amount": ["inf", "1"], "currency": "USD"},
            "row 1, column 'amount': expected a plain number such as -0.0015, found 'inf'",
        ),
        (
            {"amount": ["", "1"], "currency": "USD"},
            "row 1, column 'amount': expected a plain number such as -0.0015, found ''",
        ),
        ({"amount": ["1", "x" * 99], "currency": "USD"}, f"found '{'x' * 40}…'"),
        ({"amount": ["1", "1e12"], "currency": "USD"}, "row 2, column 'amount': expected a number below 1e[+]12"),
        ({"amount": ["1", "-1e12"], "currency": "USD"}, "row 2, column 'amount': expected a number below 1e[+]12"),
        ({"amount": ["1", "9" * 60], "currency": "USD"}, "row 2, column 'amount': expected a number below 1e[+]12"),
        ({"quantity": [1, 10**18], "unit": "token"}, "row 2, column 'quantity': expected a number below 1e[+]18"),
        ({"amount": [Decimal(1), Decimal(10) ** 12], "currency": "USD"}, "row 2, column 'amount'"),
        ({"amount": [1, 2], "currency": ["USD", None]}, "row 2: .*, found 'amount' without 'currency'"),
        ({"amount": [1, None], "currency": "USD"}, "row 2: .*, found 'currency' without 'amount'"),
        ({"quantity": 1}, "row 1: expected 'quantity' and 'unit' together, found 'quantity' without 'unit'"),
        ({"unit": "token"}, "row 1: expected 'quantity' and 'unit' together, found 'unit' without 'quantity'"),
        ({"unit": "tokens", "quantity": 1}, "row 1, column 'unit': expected one of token, .*, found 'tokens'"),
        ({"latency_ms": [12.0, 12.5]}, "row 2, column 'latency_ms': expected Int64, found '12.5'"),
        ({"latency_ms": ["12", "soon"]}, "row 2, column 'latency_ms': expected Int64, found 'soon'"),
    ],
)
def test_what_cannot_be_right_is_refused(wrong: dict[str, Any], said: str) -> None:
    """A wrong value is an InputError of one sentence that names row and column, and says what to do."""
    with pytest.raises(InputError, match=said) as caught:
        conform(raw(**wrong))
    assert re.fullmatch(r".*expected .*, found .*[^.]\.", str(caught.value), flags=re.DOTALL)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_column_is_required(name: str) -> None:
    """Without any one of the required columns nothing is made up."""
    with pytest.raises(InputError, match=f"expected a column '{name}', found none"):
        conform(raw().drop(name))


@pytest.mark.parametrize("frame", [raw().lazy(), raw().to_pandas(), raw().to_arrow(), [1], None])
def test_only_polars_comes_in(frame: Any) -> None:
    """Anything but a polars DataFrame is an ArgumentError that says what it was."""
    with pytest.raises(ArgumentError, match=f"expected a polars DataFrame, found {type(frame).__name__}"):
        conform(frame)


def test_a_row_is_named_as_its_reader_knows_it() -> None:
    """`where` turns the number of a row into the words of a file."""
    with pytest.raises(InputError, match=r"^usage\.csv, line 3, column 'amount'"):
        conform(raw(amount=["1", "?"], currency="USD"), where=lambda row: f"usage.csv, line {row + 1}")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount", pl.Series([5, 5], dtype=pl.Int8)),
        ("amount", pl.Series(["5", "5.000"])),
        ("amount", pl.Series(["5e0", "0.5E+1"])),
        ("amount", pl.Series(["+5", "5."])),
        ("amount", pl.Series([Decimal(5), Decimal("5.00")])),
        ("amount", pl.Series(["0" * 50 + "5", "5." + "0" * 50])),
        ("amount", pl.Series([b"5", b"5"])),
    ],
)
def test_numbers_come_in_many_forms(column: str, value: pl.Series) -> None:
    """Integers, decimals of any scale and text, plain or with an exponent, mean the same; zeros are no digits lost."""
    made = conform(raw(**{column: value, "currency": "USD"}))
    assert made[column].to_list() == [Decimal(5)] * 2
    assert made.schema[column] == MONEY


def test_times_of_any_zone_and_unit_are_instants() -> None:
    """A time in another zone, or in milliseconds, is the same instant in UTC."""
    there = pl.Series([NOON, NOON]).dt.convert_time_zone("Asia/Kathmandu").dt.cast_time_unit("ms")
    assert conform(raw(time=there))["time"].to_list() == [NOON, NOON]


def test_whole_milliseconds_may_be_floats() -> None:
    """A latency that a table with gaps holds as 12.0 is 12; a gap stays a gap."""
    assert conform(raw(latency_ms=[12.0, None]))["latency_ms"].to_list() == [12, None]


digits = st.text("0123456789", max_size=30)
numbers = st.builds(
    lambda sign, whole, parts, exponent: f"{sign}{whole}{parts}{exponent}",
    st.sampled_from(["", "-", "+"]),
    digits,
    st.just("") | digits.map(".{}".format),
    st.just("") | st.builds("{}{}".format, st.sampled_from("eE"), st.integers(-340, 20)),
)


@given(text=numbers | st.text(max_size=12), dtype=st.sampled_from([MONEY, QUANTITY]))
def test_no_text_becomes_another_number(text: str, dtype: pl.Decimal) -> None:
    """Digits become their value, rounded half-even once and with a warning, or an error: never anything else."""
    step = Decimal(1).scaleb(-dtype.scale)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            made = decimals(pl.Series("amount", [text]), dtype)[0]
        except InputError as error:
            assert "row 1, column 'amount'" in str(error)  # noqa: PT017 (most draws raise nothing)
            made = None
    assume(made is not None)
    meant = EXACT.create_decimal(text)
    assert made == meant.quantize(step, rounding=ROUND_HALF_EVEN, context=EXACT)
    assert [warning.category for warning in caught] == [UsageToolkitWarning] * (made != meant)


@given(value=st.decimals(-(10**12) + 1, 10**12 - 1, places=18))
def test_every_amount_that_fits_is_kept(value: Decimal) -> None:
    """An amount below a million million with up to 18 decimals comes out as it went in, without a warning."""
    assert decimals(pl.Series("amount", [f"{value:f}"]), MONEY).to_list() == [value]


def test_rounding_is_counted_and_measured() -> None:
    """A warning says in which column, how many of how many numbers, and by how much at most; ties go to even."""
    texts = ["1.0000000000000000005", "1.0000000000000000015", "1.5", None, "1e-19", "2"]
    with pytest.warns(UsageToolkitWarning) as caught:
        made = decimals(pl.Series("amount", texts), MONEY)
    assert [str(warning.message) for warning in caught] == [
        "amount: 3 of 6 numbers have more than 18 decimals and were rounded half-even, by at most 5.0e-19."
    ]
    even = Decimal("1.000000000000000002")
    assert made.to_list() == [Decimal(1), even, Decimal("1.5"), None, Decimal(0), Decimal(2)]


def test_decimals_that_a_column_cannot_keep_are_rounded_aloud() -> None:
    """A Decimal of another scale is no exception: it's rounded with the same warning, in `conform` too."""
    wide = pl.Series(["1.0000000000000000004"] * 2).cast(pl.Decimal(38, 19))
    with pytest.warns(UsageToolkitWarning, match="2 of 2 numbers have more than 18 decimals"):
        made = conform(raw(amount=wide, currency="USD"))
    assert made["amount"].to_list() == [Decimal(1)] * 2


def test_the_largest_numbers_leave_room_for_their_sum() -> None:
    """F2: a hundred million rows of the largest number that comes in still fit where they are added up."""
    for dtype in (MONEY, QUANTITY):
        assert schema.LIMITS[dtype] * 10**8 <= Decimal(10) ** (dtype.precision - dtype.scale)


def test_a_credit_is_negative_and_stays_so() -> None:
    """Charges are positive and credits negative, down to the last decimal."""
    made = canonical([money("-0.000000000000000001")])
    assert made["amount"].to_list() == [Decimal("-1e-18")]


def test_every_column_has_a_class() -> None:
    """No column is forgotten, and a wider limit allows all that a narrower one does."""
    assert list(schema.CLASS_OF) == list(schema.COLUMNS)
    allowed = [schema.within(limit) for limit in schema.CLASSES]
    assert set(allowed[0]) < set(allowed[1]) < set(allowed[2]) == set(schema.COLUMNS)
    assert not {"request_id", "notes", "origin", "api_key_id", "user_id", "workspace_id"} & {*allowed[1]}
