"""What every source must do, whoever bills: found by themselves in `usage_toolkit.sources`.

A format brings a folder in tests/exports: files as its provider exports them, all with the same rows, and what they
mean in expected.csv.
"""

from __future__ import annotations

import csv
import gzip
import inspect
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

import usage_toolkit as ut
from usage_toolkit import sources
from usage_toolkit.schema import COLUMNS, DIMENSIONS
from usage_toolkit.sources.files import FORMATS

if TYPE_CHECKING:
    from types import ModuleType

EXPORTS = Path(__file__).parent / "exports"
FILES = {
    path: format_ for format_ in FORMATS for path in sorted((EXPORTS / format_).glob("*")) if path.stem != "expected"
}
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
each_provider = pytest.mark.parametrize("provider", sources.PROVIDERS)


def module(name: str) -> ModuleType:
    """A part of `usage_toolkit.sources`."""
    return import_module(f"usage_toolkit.sources.{name}")


def test_every_provider_can_be_asked_for() -> None:
    """Each folder of sources is a provider that `fetch` knows, and its docstring names it."""
    folders = {path.name for path in Path(sources.__file__).parent.iterdir() if (path / "__init__.py").exists()}
    assert set(sources.PROVIDERS) == folders
    assert all(f'"{name}"' in (inspect.getdoc(ut.fetch) or "") for name in folders)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_brings_its_files(format_: str) -> None:
    """A format without examples is not tested, so it is not there."""
    assert [path for path, of in FILES.items() if of == format_]
    assert (EXPORTS / format_ / "expected.csv").exists()


@each_provider
def test_a_provider_takes_the_common_words(provider: str) -> None:
    """Each source can be asked with the same keywords, and says where it is and where its key comes from."""
    source = module(sources.PROVIDERS[provider])
    taken = inspect.signature(source.fetch).parameters
    assert {"start", "stop", "key", "base_url", "account", "progress"} <= set(taken)
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in taken.values())
    assert source.KEY.endswith("_ADMIN_KEY")
    assert source.BASE_URL.startswith("https://")


@each_provider
@pytest.mark.parametrize("key", ["", " ", "zq7 4f9", "zq7-4f9\n", "zq7-schlüssel", 'zq7"', "\x00zq7"])
def test_a_key_with_stray_characters_is_refused_at_the_door(provider: str, key: str) -> None:
    """Before any request, and without showing any of it."""
    with pytest.raises(ut.AuthError) as error:
        ut.fetch(provider, start="2026-10-01", stop="2026-10-02", key=key, base_url="https://127.0.0.1:9")
    assert "zq7" not in str(error.value)


@each_provider
@pytest.mark.parametrize(
    "url", ["http://example.org", "https://user:pass@example.org", "ftp://example.org", "example.org", ""]
)
def test_an_address_that_could_leak_the_key_is_refused(provider: str, url: str) -> None:
    """Neither plain HTTP to another machine nor an address with a password is ever asked."""
    with pytest.raises(ut.ArgumentError, match="expected"):
        ut.fetch(provider, start="2026-10-01", stop="2026-10-02", key="made-up-key", base_url=url)


@each_file
def test_a_file_means_what_is_written_down(path: Path) -> None:
    """The rows of every exported file are the expected ones, in order, to the last digit."""
    with (path.parent / "expected.csv").open(newline="", encoding="utf-8") as lines:
        expected = list(csv.DictReader(lines))
    rows = ut.read(path)
    found = rows.select(expected[0].keys()).rows()
    exact = {"quantity": Decimal, "amount": Decimal}
    assert [tuple(value.isoformat() if hasattr(value, "isoformat") else value for value in row) for row in found] == [
        tuple(exact.get(name, str)(value) for name, value in row.items()) for row in expected
    ]


@each_file
def test_rows_are_canonical(path: Path) -> None:
    """Every column in its dtype, no label missing, an origin for each row, one provider."""
    rows = ut.read(path, account="acme")
    assert rows.schema == pl.Schema(COLUMNS)
    assert ut.conform(rows).equals(rows)
    assert not any(rows[label].null_count() for label in (*DIMENSIONS, "origin"))
    assert rows["origin"].str.starts_with(path.name).all()
    assert rows.select("provider", "account", "source").unique().height == 1
    assert rows["account"][0] == "acme"
    assert rows["source"][0].startswith(rows["provider"][0])


@each_file
def test_only_one_format_takes_a_file(path: Path, tmp_path: Path) -> None:
    """A file is recognised by its content, by one format alone, whatever its name and whether it is gzipped."""
    data = path.read_bytes()
    assert [format_ for format_ in FORMATS if module(format_).matches(data)] == [FILES[path]]
    other = tmp_path / "export"
    other.write_bytes(gzip.compress(b"\xef\xbb\xbf" + data))
    assert ut.read(other).drop("origin").equals(ut.read(path).drop("origin"))


@each_file
def test_a_file_cut_short_is_refused_or_loses_no_digit(path: Path, tmp_path: Path) -> None:
    """Wherever a file is cut, either a sentence says so, or the rows that are left are whole."""
    data, whole = path.read_bytes(), ut.read(path).drop("origin")
    cut = tmp_path / path.name
    for length in range(1, len(data.rstrip()), 7):
        cut.write_bytes(data[:length])
        try:
            rows = ut.read(cut).drop("origin")
        except ut.InputError as error:
            assert path.name in str(error)  # noqa: PT017 (some cuts are no error)
        else:
            exact = ["time", "sku", "quantity", "amount", "currency"]
            assert rows.select(exact).equals(whole[: rows.height].select(exact))
