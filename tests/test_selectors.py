"""What is made from cubes for selectors and legends: the options of a label, and its largest values."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from usage_toolkit.errors import ArgumentError, InputError
from usage_toolkit.filters import Filter
from usage_toolkit.schema import OTHER
from zoo import ZOO, canonical, frames, money, tokens


def test_top_folds_the_rest() -> None:
    """The two largest models keep their names, all others are "(other)", and the totals stay."""
    cube = ut.totals(ZOO["40 models"], by="model")
    least = ut.top(cube, "model", 2)
    assert least["model"].to_list() == ["(other)", "model-38", "model-39"]
    assert least["amount"].sum() == cube["amount"].sum() == sum(range(40)) + 20
    assert least["rows"].to_list() == [38, 1, 1]
    assert ut.top(cube, "model", 0)["model"].to_list() == ["(other)"]
    assert ut.top(cube, "model", 40).equals(cube)


def test_top_ranks_within_a_currency() -> None:
    """The largest of each currency is kept before the second of any: 100 DIEM are not more than 4 USD."""
    rows = canonical(
        [
            money("4", model="dollars"),
            *[money("100", "DIEM", model=name, meter=meter) for name in "xyz" for meter in ("input", "output")],
        ]
    )
    assert "dollars" in ut.top(ut.totals(rows, by="model"), "model", 1)["model"].to_list()


def test_top_does_not_add_shares() -> None:
    """A model of 60 % in one currency comes before one of 40 % and 50 % in two."""
    shares = [("60", "USD", "a"), ("40", "USD", "b"), ("50", "DIEM", "b"), ("50", "DIEM", "c")]
    rows = canonical(money(amount, currency, model=model) for amount, currency, model in shares)
    assert set(ut.top(ut.totals(rows, by="model"), "model", 1)["model"]) == {"a", "(other)"}


def test_top_counts_credits_by_size() -> None:
    """A large credit is a large thing: it is shown rather than folded."""
    rows = canonical(money(amount, model=model) for amount, model in [("5", "a"), ("-7", "credited"), ("6", "b")])
    assert ut.top(ut.totals(rows, by="model"), "model", 1)["model"].to_list() == ["(other)", "credited"]


@pytest.mark.parametrize("label", ["currency", "basis", "unit", "time", "amount", "rows", "modle"])
def test_top_never_adds_what_is_kept_apart(label: str) -> None:
    """Folding currencies, bases or units would add them up: refused, as is what is no label of the cube."""
    with pytest.raises(ArgumentError, match=f"expected a label among model, found '{label}'"):
        ut.top(ut.cube(ZOO["two currencies"], by="model"), label, 1)


@settings(max_examples=60)
@given(rows=frames(), n=st.integers(0, 5), measure=st.sampled_from(["amount", "quantity"]))
def test_nothing_folded_is_larger_than_what_is_kept(rows: pl.DataFrame, n: int, measure: str) -> None:
    """No value that is folded has a larger share of any currency (or unit) than each value that is kept has of one."""
    cube = ut.totals(rows, by="model").filter(pl.col("model") != OTHER)
    apart = "currency" if measure == "amount" else "unit"
    sizes: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for model, what, value in cube.select("model", apart, measure).iter_rows():
        sizes[model, what] += abs(value or 0)
    whole: dict[str, Decimal] = defaultdict(Decimal)
    for (_, what), size in sizes.items():
        whole[what] += size
    shares: dict[str, float] = defaultdict(float)
    for (model, what), size in sizes.items():
        shares[model] = max(shares[model], float(size) / float(whole[what]) if size else 0)
    kept = set(ut.top(cube, "model", n, measure=measure)["model"]) - {OTHER}
    least = min((shares[model] for model in kept), default=1)
    assert len(kept) == min(n, len(shares))
    assert all(share <= least + 1e-9 for model, share in shares.items() if model not in kept)


def test_top_of_a_top_keeps_as_many() -> None:
    """What was folded before counts as no value, however large it is."""
    cube = ut.totals(ZOO["40 models"], by="model")
    assert ut.top(ut.top(cube, "model", 5), "model", 2).equals(ut.top(cube, "model", 2))


@pytest.mark.parametrize(
    ("n", "measure", "said"),
    [
        (1, "rows", "found 'rows'"),
        (1, ["amount"], r"found \['amount'\]"),
        (-1, "amount", "expected n, a whole number of at least 0, found -1"),
        (1.5, "amount", "found 1.5"),
        ("3", "amount", "found '3'"),
        (None, "amount", "found None"),
    ],
)
def test_top_refuses_what_it_cannot_rank(n: Any, measure: Any, said: str) -> None:
    """A measure that is none, or less than no values, is an ArgumentError."""
    with pytest.raises(ArgumentError, match=said):
        ut.top(ut.totals(ZOO["40 models"], by="model"), "model", n, measure=measure)


def test_top_takes_cubes_only() -> None:
    """Rows, lazy frames, frames of other libraries and cubes without labels are told what is missing."""
    rows = ZOO["40 models"]
    cube = ut.totals(rows, by="model")
    with pytest.raises(
        InputError, match=r"top: expected a cube with a column 'rows', found none; make it with ut\.cub"
    ):
        ut.top(rows, "model", 1)
    for frame in (cube.lazy(), cube.to_pandas(), None):
        found = type(frame).__name__
        with pytest.raises(ArgumentError, match=f"top: expected the polars frame that ut.cube returns, found {found}"):
            ut.top(frame, "model", 1)  # type: ignore[arg-type]  # what is wrong is the point
    with pytest.raises(ArgumentError, match="top: expected a cube with a label, found none; name one in by"):
        ut.top(ut.totals(rows, by=()), "model", 1)


@pytest.mark.parametrize("call", [ut.options, ut.totals])
def test_nobody_speaks_for_another(call: Any) -> None:
    """What `options` and `totals` refuse is not said in the name of `cube`."""
    named = "of" if call is ut.options else "by"
    for wrong in ({named: "modle"}, {named: None}, {"where": None}, {"where": {"model": "a"}}):
        with pytest.raises(ArgumentError, match=r"^expected "):
            call(ZOO["one row"], **wrong)


def test_options_of_a_label_ignore_its_own_choice() -> None:
    """Having chosen model a, one can still choose b instead; other labels are narrowed to a."""
    rows = canonical([money("1", model="a", user="u"), money("1", model="b", user="v"), tokens(1, model="a", user="u")])
    offers = ut.options(rows, where=Filter(model="a"))
    assert offers["model"] == {"a": 2, "b": 1}
    assert offers["user"] == {"u": 2}
    assert offers["currency"] == {"(none)": 1, "USD": 1}


def test_options_of_any_label_can_be_asked_for() -> None:
    """Labels that no filter narrows, such as the unit or an id, have options too."""
    assert ut.options(ZOO["an unpriced model"], of=("unit", "workspace_id")) == {
        "unit": {"token": 2}, "workspace_id": {"(none)": 2},
    }  # fmt: skip
    assert set(map(len, ut.options(ZOO["empty"]).values())) == {0}
