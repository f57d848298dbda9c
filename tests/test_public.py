"""The public names: what a reader may import, and that each of them is there."""

from __future__ import annotations

from importlib import import_module

import pytest

import usage_toolkit as ut

NAMES = [
    "ArgumentError",
    "AuthError",
    "ContractError",
    "CostPanel",
    "EndpointGoneError",
    "FetchError",
    "Filter",
    "FilterPanel",
    "InputError",
    "MonthlyReport",
    "RateLimitedError",
    "Store",
    "StoreBusyError",
    "StoreError",
    "SyncReport",
    "UsagePanel",
    "UsageToolkitError",
    "UsageToolkitWarning",
    "allocate",
    "breakdown_chart",
    "cache_savings",
    "conform",
    "cost_chart",
    "cube",
    "estimate",
    "fetch",
    "implied_price",
    "list_prices",
    "monthly_report",
    "one_book",
    "options",
    "overlaps",
    "peaks",
    "price_chart",
    "read",
    "read_prices",
    "run_rate",
    "sample",
    "token_chart",
    "top",
    "totals",
    "unpriced",
    "what_if",
    "write_csv",
    "write_page",
    "write_report",
]


def test_the_public_names_are_these() -> None:
    """A name comes or goes on purpose, with a change of this list; it is sorted so that a change is one line."""
    assert ut.__all__ == NAMES == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_public_name_can_be_got(name: str) -> None:
    """Each name is there, is the same thing each time, and says in a first line what it is for."""
    thing = getattr(ut, name)
    assert thing is getattr(ut, name)
    assert callable(thing)
    assert (thing.__doc__ or "").strip()


def test_completion_offers_every_public_name_before_it_is_loaded() -> None:
    """`dir` lists all public names, each once, though some load only when first used."""
    offered = dir(ut)
    assert set(NAMES) <= set(offered)
    assert offered == sorted(set(offered))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A misspelt name says which one, as any module does, and `hasattr` works."""
    with pytest.raises(AttributeError, match=r"module 'usage_toolkit' has no attribute 'cubes'"):
        _ = ut.cubes
    assert not hasattr(ut, "_repr_html_")


def test_names_are_not_shadowed_by_their_modules() -> None:
    """`cube` and `sample` are functions, though modules are called so too, whatever is imported first."""
    import_module("usage_toolkit.cube")
    import_module("usage_toolkit.sample")
    assert callable(ut.cube)
    assert callable(ut.sample)


@pytest.mark.parametrize("error", [getattr(ut, name) for name in NAMES if name.endswith("Error")])
def test_one_except_catches_every_error(error: type[Exception]) -> None:
    """All errors that the toolkit raises on purpose are of one family; what a caller got wrong is a ValueError too."""
    assert issubclass(error, ut.UsageToolkitError)
    assert issubclass(error, ValueError) == (error in (ut.InputError, ut.ArgumentError))
