"""What travels to a live chart is written there as it is written here: every digit, by the marks of the reader."""

from __future__ import annotations

from decimal import Decimal

import altair as alt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawn import live
from usage_toolkit import look
from usage_toolkit.panel.wire import table, text, written
from usage_toolkit.schema import MONEY, QUANTITY

LOCALES = ["en-US", "it-IT", "de-CH", "en-IN", "pl-PL", "sv-SE"]
AMOUNTS = st.one_of(
    st.decimals(-(10**20), 10**20, places=18, allow_nan=False).filter(lambda amount: len(f"{amount:f}") < 38),
    st.integers(-(10**17), 10**17).map(Decimal),
    st.sampled_from([Decimal(0), Decimal(1), Decimal(-1), Decimal(1000), Decimal("0.000000000000000001")]),
)


def told(values: list[Decimal], dtype: pl.DataType, units: tuple[str, str], least: int, locale: str) -> list[str]:
    """What Vega makes of some numbers."""
    travelling = pl.DataFrame({"at": range(len(values)), "value": values}, schema={"at": pl.Int64, "value": dtype})
    state = {"numbers": text(travelling, "at", "value"), "units": units, "least": least}
    chart = (
        table("numbers", "kind", "digits")
        .transform_calculate(exact=written(unit="state.units", least="state.least", locale=locale))
        .mark_bar()
        .encode(x="kind:O", description="exact:N")
        .add_params(alt.param(name="state", value=state))
        .configure(locale=alt.Locale(number=look.vega_locale(locale)))
    )
    return [bar.said for bar in live(chart.to_dict(), state)]


@pytest.mark.parametrize("locale", LOCALES)
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=30))
@settings(max_examples=8)
def test_money_is_written_alike(locale: str, amounts: list[Decimal]) -> None:
    """An amount of any size and sign has all its digits, grouped as its reader groups them."""
    exact = [look.money(amount, "USD", locale=locale) for amount in amounts]
    assert told(amounts, MONEY, ("USD", "USD"), look.cents("USD"), locale) == exact


@pytest.mark.parametrize("locale", LOCALES)
@given(counts=st.lists(st.integers(-(10**18), 10**18), min_size=1, max_size=30))
@settings(max_examples=8)
def test_counts_are_written_alike(locale: str, counts: list[int]) -> None:
    """So has a count, of which there may be one."""
    values = [Decimal(count) for count in [*counts, 1, -1, 0]]
    one, many = (look.units("token", count, locale=locale) for count in (1, 2))
    exact = [look.quantity(value, "token", locale=locale) for value in values]
    assert told(values, QUANTITY, (one, many), 0, locale) == exact


def test_nothing_is_no_row() -> None:
    """A table without rows draws nothing."""
    assert told([], QUANTITY, ("token", "tokens"), 0, "en-US") == []
