"""What every chart does to a cube before it draws: check it, set aside what is unknown, keep panels apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit import look, selectors
from usage_toolkit.cube import expect_cube
from usage_toolkit.errors import ArgumentError
from usage_toolkit.schema import COLUMNS, METERS, NONE, OTHER, UNITS
from usage_toolkit.words import say

if TYPE_CHECKING:
    from decimal import Decimal

MEASURES = {"quantity": "unit", "amount": "currency"}
"""What can be drawn, and the column that says in what."""

# Counts, whoever made them; what is estimated or allocated stands beside the bill, never on top of it.
_COUNTED = ("billed", "metered")
_MOST_PIXELS = 32_768  # more no browser draws
_PANEL = ("what", "basis")
_PLACES = {"billed": 0, "counted": 0, "metered": 1, "estimated": 2, "allocated": 3}


def measured(cube: pl.DataFrame, by: str, measure: str, *, chart: str, also: tuple[str, ...] = ()) -> pl.DataFrame:
    """Return the rows of `cube` with columns ``of`` (the value of `by`), ``value``, ``what``, ``basis``, ``rows``.

    Raises
    ------
    ArgumentError
        If `by` is none of the cube's labels, or this is no frame.
    InputError
        If the frame is no cube.
    """
    what = MEASURES[measure]
    expect_cube(cube, (*also, "basis", what), measure=measure, call=chart)
    labels = [name for name, dtype in cube.schema.items() if dtype == pl.String]
    if by not in labels:
        raise ArgumentError(
            f"{chart}: expected one of the cube's labels {', '.join(labels)}, found {by!r}; use one of those, or add "
            "it to by in ut.cube."
        )
    basis = pl.when(pl.col("basis").is_in(_COUNTED)).then(pl.lit("counted")).otherwise("basis")
    return cube.select(
        *also,
        pl.col(by).fill_null(NONE).alias("of"),
        pl.col(measure).cast(COLUMNS[measure]).alias("value"),
        pl.col(what).fill_null(NONE).alias("what"),
        (basis if measure == "quantity" else pl.col("basis")).alias("basis"),
        "rows",
    )


def split(rows: pl.DataFrame, measure: str, *, locale: str) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows that have something to draw, and a sentence if others are of unknown value."""
    of_measure = rows.filter(pl.col("what") != NONE)
    known = of_measure.filter(pl.col("value").fill_null(0) != 0)
    unknown = int(of_measure.filter(pl.col("value").is_null())["rows"].sum())
    return known, [_not_drawn(unknown, measure, locale)] if unknown else []


def folded(known: pl.DataFrame, n: int) -> pl.DataFrame:
    """Keep the `n` largest values and fold the others into ``"(other)"``, as `ut.top` does."""
    return selectors.folded(known, "of", n, measure="value", apart=_PANEL)


def nothing_known(rows: pl.DataFrame, empty: str, *, locale: str) -> str:
    """Return what to say instead of drawing nothing."""
    return empty if rows.height else say("No usage in this selection", locale=locale)


def summed(known: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Add up per panel, value and `keys`; charges and credits apart, so that a credit is seen beside its charge."""
    credit = (pl.col("value") < 0).alias("credit")
    keyed = known.with_columns(credit).group_by("what", "basis", "of", "credit", *keys)
    return keyed.agg(pl.col("value").sum(), pl.col("rows").sum())


def panels(known: pl.DataFrame) -> pl.DataFrame:
    """Return what is never added together, one row each with its total: the bill first, and USD before DIEM."""
    totals = known.group_by("what", "basis").agg(pl.col("value").sum())
    order = [
        (_PLACES.get(basis, 9), UNITS.index(what) if what in UNITS else not look.is_money(what), what)
        for what, basis in totals.select("what", "basis").rows()
    ]
    return totals[sorted(range(len(order)), key=order.__getitem__)].with_row_index("panel")


def ranked(known: pl.DataFrame, by: str) -> list[str]:
    """Return the values of `by` in the order to draw: meters as tokens flow, others by size, ``"(other)"`` last."""
    values = selectors.by_size(known, "of", measure="value", apart=_PANEL)
    if by == "meter":
        values.sort(key=lambda value: METERS.index(value) if value in METERS else len(METERS))
    return sorted(values, key=lambda value: value == OTHER)


def texts(rows: pl.DataFrame, measure: str, *, locale: str) -> pl.Series:
    """Return the numbers of `rows` to their last digit: ``1,234.50 USD billed``."""
    said = pl.lit(None, pl.String)
    for what, basis in rows.select("what", "basis").unique().rows():
        own = (pl.col("what") == what) & (pl.col("basis") == basis)
        said = pl.when(own).then(_written(what, basis, measure, locale)).otherwise(said)
    return rows.select(said.alias("text"))["text"]


def short_text(value: Decimal, what: str, measure: str, *, locale: str) -> str:
    """Return a number as it is read at a glance; quantities stay whole."""
    shorten = look.short_money if measure == "amount" else look.quantity
    return shorten(value, what, locale=locale)


def totals(panels: pl.DataFrame, measure: str, *, locale: str) -> tuple[list[str], list[str]]:
    """Return the total of each panel at a glance, and to its last digit."""
    rows = panels.select("value", "what", "basis").rows()
    glance = [_based(short_text(value, what, measure, locale=locale), basis, locale) for value, what, basis in rows]
    return glance, texts(panels, measure, locale=locale).to_list()


def expect_looks(*, chart: str, title: Any, **pixels: Any) -> None:
    """Refuse a title that is no text, or a size that is no number of pixels."""
    if not isinstance(title, str | None):
        raise ArgumentError(f"{chart}: expected title to be a text or None, found {title!r}; write it as text.")
    for name, size in pixels.items():
        if not isinstance(size, int | float) or not 0 < size < _MOST_PIXELS:
            raise ArgumentError(f"{chart}: expected {name} to be a number of pixels, found {size!r}; try 640.")


def heading(title: str | None, usual: str) -> str:
    """Return the title to show."""
    return usual if title is None else look.visible(title, limit=200)


def extent(by: str, kinds: list[str], *, locale: str) -> str:
    """Return how many values are drawn: ``8 models and (other)``."""
    number = len(set(kinds) - {OTHER})
    said = f"{number} {look.plural(by, number, locale=locale)}"
    other = look.word(by, OTHER, locale=locale)
    return say("{some} and {other}", locale=locale, some=said, other=other) if OTHER in kinds else said


def sentences(*parts: str) -> str:
    """Join sentences for a screen reader."""
    return " ".join(f"{part}." for part in parts)


def _not_drawn(rows: int, measure: str, locale: str) -> str:
    count = look.number(rows, locale=locale)
    if measure == "quantity":
        if rows == 1:
            return say("1 row of unknown quantity is not drawn", locale=locale)
        return say("{count} rows of unknown quantity are not drawn", locale=locale, count=count)
    if rows == 1:
        return say("1 row of unknown amount is not drawn", locale=locale)
    return say("{count} rows of unknown amount are not drawn", locale=locale, count=count)


def _based(written: str, basis: str, locale: str) -> str:
    return written if basis == "counted" else look.based(written, basis, locale=locale)


_NUMBER = "\0"  # stands in a sentence for a number, which no sentence has in it


def _written(what: str, basis: str, measure: str, locale: str) -> pl.Expr:
    """Write a column of numbers of one unit or currency."""
    value = pl.col("value")
    if measure == "quantity":
        return _around(look.quantities(value, what, locale=locale), _based(_NUMBER, basis, locale))
    named = f"{_NUMBER} {look.word('currency', what, locale=locale)}"
    charge = _based(named, basis, locale)
    number = look.numbers(value, locale=locale, least=look.cents(what))
    credit = say("{amount} (credit)", locale=locale, amount=charge)
    return pl.when(value < 0).then(_around(number, credit)).otherwise(_around(number, charge))


def _around(number: pl.Expr, sentence: str) -> pl.Expr:
    before, _, after = sentence.partition(_NUMBER)
    return pl.lit(before) + number + pl.lit(after)
