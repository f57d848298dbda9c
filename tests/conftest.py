"""What every test relies on: Chromium where one is needed, and properties that do not watch the clock."""

from __future__ import annotations

import os
import shutil

import polars as pl
import pytest
from hypothesis import HealthCheck, settings

import usage_toolkit as ut

# A property fails for what is wrong, never because the machine is slow today. In CI the same examples come every time.
settings.register_profile(
    "calm",
    deadline=None,
    derandomize="CI" in os.environ,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("calm")

NO_CHROMIUM = (
    "No Chromium was found, so nothing that happens in a browser was tested: install one "
    "(Debian, Ubuntu: apt-get install chromium) or set CHROMIUM to its path."
)


def chromium() -> str | None:
    """Where Chromium is, or None."""
    named = os.environ.get("CHROMIUM")
    found = map(shutil.which, [named] if named else ["chromium", "chromium-browser", "google-chrome"])
    return next(filter(None, found), None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a browser test where there is no Chromium; in CI that is a failure."""
    if item.get_closest_marker("browser") and chromium() is None:
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(NO_CHROMIUM, pytrace=False)
        pytest.skip(NO_CHROMIUM)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The Chromium to start; only tests marked `browser` may ask."""
    path = chromium()
    assert path is not None, NO_CHROMIUM
    return path


@pytest.fixture(scope="session")
def rows() -> pl.DataFrame:
    """Two weeks of sample rows, those with hours and finer."""
    return ut.sample(days=14).filter(pl.col("grain") != "1d")
