"""What is made from cubes for selectors and legends: the options of a label, and its largest values."""

from __future__ import annotations

import pytest

import usage_toolkit as ut
from usage_toolkit.errors import ArgumentError
from usage_toolkit.filters import Filter
from zoo import ZOO, canonical, money, tokens


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


@pytest.mark.parametrize(("n", "measure", "said"), [(1, "rows", "found 'rows'"), (-1, "amount", "found -1")])
def test_top_refuses_what_it_cannot_rank(n: int, measure: str, said: str) -> None:
    """A measure that is none, or less than no values, is an ArgumentError."""
    with pytest.raises(ArgumentError, match=said):
        ut.top(ut.totals(ZOO["40 models"], by="model"), "model", n, measure=measure)


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
