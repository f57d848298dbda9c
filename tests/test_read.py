"""Exported files: recognised by content, whole or not at all, never counted twice."""

from __future__ import annotations

import gzip
import random
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

import usage_toolkit as ut
from simulator.ledger import CSV_HEADER
from simulator.sample import make_rows

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from simulator.ledger import Row

ROWS = sorted(make_rows(seed=3, n=300), key=lambda row: row.timestamp)
pytestmark = pytest.mark.filterwarnings("ignore:.*more than 18 decimals:usage_toolkit.UsageToolkitWarning")


def as_csv(rows: list[Row]) -> bytes:
    """The rows as an exported CSV file."""
    return b"".join([CSV_HEADER, *(row.csv for row in rows)])


def as_json(rows: list[Row], tail: str = '"nextCursor":null') -> bytes:
    """The rows as a saved page."""
    return b'{"data":[' + b",".join(row.json for row in rows) + b"]," + tail.encode() + b"}"


def write(path: Path, data: bytes) -> Path:
    """Write a file, gzipped if its name says so."""
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def same(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows but for the file they came from."""
    return rows.drop("origin")


def test_forms_do_not_matter(tmp_path: Path) -> None:
    """JSON or CSV, plain or gzipped, under any name: the same rows in the same order."""
    names = ["a.csv", "b.csv.gz", "c.json", "d.json.gz", "e"]
    data = [as_csv(ROWS), as_csv(ROWS), as_json(ROWS), as_json(ROWS), as_json(ROWS)]
    read = [same(ut.read(write(tmp_path / name, bytes_))) for name, bytes_ in zip(names, data, strict=True)]
    assert all(rows.equals(read[0]) for rows in read)
    assert read[0].height == len(ROWS)
    assert read[0]["time"].is_sorted()


def test_retired_pages_are_read_too(tmp_path: Path) -> None:
    """A saved page of ``/billing/usage`` has the same rows, newest first in the file."""
    tail = '"warningMessage":"old","pagination":{"limit":500,"page":1,"total":300,"totalPages":1}'
    newest_first = write(tmp_path / "usage.json", as_json(ROWS[::-1], tail))
    rows, plain = ut.read(newest_first), ut.read(write(tmp_path / "history.json", as_json(ROWS)))
    labels = ["time", "sku", "amount", "currency", "quantity", "request_id"]
    assert rows.select(labels).sort(labels).equals(plain.select(labels).sort(labels))


def test_parts_make_the_whole(tmp_path: Path) -> None:
    """A walk that was saved page by page reads as the walk, in whatever order the pages are named."""
    random.seed(1)
    cuts = [0, *sorted(random.sample(range(1, len(ROWS)), 5)), len(ROWS)]
    for number, (begin, end) in enumerate(pairwise(cuts)):
        tail = '"nextCursor":null' if end == len(ROWS) else f'"nextCursor":"cursor-{number}"'
        write(tmp_path / f"page{9 - number}.json", as_json(ROWS[begin:end], tail))
    whole = ut.read(write(tmp_path / "whole.csv", as_csv(ROWS)))
    parts = ut.read(tmp_path / "page*.json")
    order = same(whole).columns
    assert same(parts).sort(order).equals(same(whole).sort(order))
    assert parts["origin"].n_unique() == len(cuts) - 1


def test_a_page_that_goes_on_says_so(tmp_path: Path) -> None:
    """A truncated list is not passed off as the whole."""
    page = write(tmp_path / "page.json", as_json(ROWS, '"nextCursor":"abc"'))
    with pytest.warns(ut.UsageToolkitWarning, match=r"page\.json: the walk goes on"):
        ut.read(page)
    tail = '"pagination":{"limit":300,"page":1,"total":301,"totalPages":2}'
    with pytest.warns(ut.UsageToolkitWarning, match="hold 300 of 301 rows"):
        ut.read(write(tmp_path / "usage.json", as_json(ROWS, tail)))


def test_nothing_is_counted_twice(tmp_path: Path) -> None:
    """The same content under two names, and two files over the same time, are refused with both names."""
    write(tmp_path / "a.csv", as_csv(ROWS))
    write(tmp_path / "b.csv.gz", as_csv(ROWS))
    with pytest.raises(ut.InputError, match=r"the content of (a\.csv|b\.csv\.gz); leave one out"):
        ut.read(tmp_path / "*.csv*")
    write(tmp_path / "c.json", as_json(ROWS[100:]))
    with pytest.raises(ut.InputError, match=r"c\.json: expected a time of its own, .* a\.csv goes on until"):
        ut.read(tmp_path / "a.csv", tmp_path / "c.json")
    assert ut.read(tmp_path / "a.csv", tmp_path / "a*.csv").height == len(ROWS)


def test_the_rows_of_one_instant_are_not_counted_twice(tmp_path: Path) -> None:
    """Files that share but an instant are refused if they share its rows, unless they are pages of one walk."""
    one, other, *_ = ROWS
    other = replace(other, timestamp=one.timestamp)
    late = [row for row in ROWS if row.timestamp > one.timestamp]
    a, b = tmp_path / "a", tmp_path / "b"
    write(a, as_csv([one, other]))
    write(b, as_csv([other, *late]))
    with pytest.raises(ut.InputError, match=rf"^b: expected rows of its own, found 1 of {one.timestamp[:16]}"):
        ut.read(a, b)
    assert ut.read(write(a, as_csv([one])), b).height == 2 + len(late)
    write(a, as_json([one, other], '"nextCursor":"b"'))
    assert ut.read(a, b).height == 3 + len(late)
    for page, rows in ((a, [other, one]), (b, [*late[::-1], other])):
        write(page, as_json(rows, f'"pagination":{{"limit":500,"page":1,"total":{3 + len(late)},"totalPages":2}}'))
    assert ut.read(a, b).height == 3 + len(late)


def test_books_have_a_name(tmp_path: Path) -> None:
    """Rows carry the account they were read for, and where they came from."""
    rows = ut.read(write(tmp_path / "a.csv", as_csv(ROWS)), account="acme")
    assert rows["account"].unique().to_list() == ["acme"]
    assert rows["origin"].unique().str.contains(r"^a\.csv, sha256:[0-9a-f]{16}$").all()


def test_no_rows_are_a_frame_too(tmp_path: Path) -> None:
    """An export of a quiet month is an empty frame, with every column."""
    for name, data in (("a.json", as_json([])), ("a.csv", CSV_HEADER)):
        rows = ut.read(write(tmp_path / name, data))
        assert rows.equals(ut.read(tmp_path / name).clear())
        assert rows.schema == ut.sample(days=1).schema


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("empty.csv", b"", "found an empty file; export it again"),
        ("blank.csv", b" \n\n", "found an empty file; export it again"),
        ("page.html", b"<!doctype html><title>Sign in</title>", "found HTML, beginning '<!doctype html>"),
        ("page.json", b"\n <html><body>", "found HTML"),
        ("notes.txt", b"Dear all,\nplease", "found something else, beginning 'Dear all"),
        ("other.csv", b"date,cost\n2026-10-01,3\n", "expected a usage export as JSON or CSV"),
        ("binary", bytes(range(256)), "expected a usage export as JSON or CSV"),
        ("bad.csv.gz", b"\x1f\x8b\x08rubbish", "expected a whole, readable file"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, data: bytes, sentence: str) -> None:
    """What is no usage export gets one sentence with its name, its beginning and what to do."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ut.InputError, match=f"^{name}: expected") as error:
        ut.read(path)
    assert sentence in str(error.value)


def test_a_gz_cut_anywhere_is_refused(tmp_path: Path) -> None:
    """No cut of a gzipped file reads as a smaller file."""
    data = gzip.compress(as_csv(ROWS[:20]), mtime=0)
    path = tmp_path / "cut.csv.gz"
    for cut in range(2, len(data)):
        path.write_bytes(data[:cut])
        with pytest.raises(ut.InputError, match=r"^cut\.csv\.gz: expected a whole, readable file"):
            ut.read(path)


def test_one_bad_file_loads_nothing(tmp_path: Path) -> None:
    """Good files beside a bad one do not come through by halves."""
    write(tmp_path / "1.json", as_json(ROWS[:100]))
    write(tmp_path / "2.json", as_json(ROWS[100:]).replace(b'"amount":', b'"amount":null,"was":', 1))
    with pytest.raises(ut.InputError, match=r"2\.json, row 1, column 'amount'"):
        ut.read(tmp_path / "*.json")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Neither a path nor a pattern without files reads as no usage."""
    for path in ("gone.csv", "*.csv"):
        with pytest.raises(ut.InputError, match="expected a file, found none; check the path"):
            ut.read(tmp_path / path)
    with pytest.raises(ut.InputError, match=r'found a folder; pass ".*\*\.csv"'):
        ut.read(tmp_path)


@pytest.mark.parametrize("path", ["", b"a.csv", None, 7, {"a.csv"}, [""], ["a.csv", None]])
def test_what_is_no_path_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Any) -> None:
    """An empty text is not the folder one is in, and no other thing is a path."""
    write(tmp_path / "a.csv", as_csv(ROWS))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ut.ArgumentError, match=r"^read: expected a path, found"):
        ut.read(path)


@pytest.mark.parametrize("path", ["x\0y.csv", "x" * 5000, "~nobody-of-this-name/x.csv"])
def test_impossible_paths_are_not_found(path: str) -> None:
    """A path that no file can have is one sentence too."""
    with pytest.raises(ut.InputError, match="expected a file, found none"):
        ut.read(path)


def test_lists_and_the_own_folder_are_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of paths reads as the paths, and ``~`` is the home of who reads."""
    monkeypatch.setenv("HOME", str(tmp_path))
    before = [row for row in ROWS if row.timestamp < ROWS[100].timestamp]
    parts = [write(tmp_path / "1.csv", as_csv(before)), write(tmp_path / "2.csv", as_csv(ROWS[len(before) :]))]
    rows = ut.read(*parts)
    assert ut.read(parts).equals(rows)
    assert ut.read(tuple(str(part) for part in parts)).equals(rows)
    assert ut.read("~/*.csv").equals(rows)
    assert ut.read("~/1.csv", [parts[1]]).equals(rows)
    assert ut.read([]).height == 0


def test_a_file_that_may_not_be_opened_is_not_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not open a file is not told to get it anew."""

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path / "a.csv", as_csv(ROWS))
    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(ut.InputError, match="Permission denied; nothing was loaded: see that you may open it"):
        ut.read(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told(tmp_path: Path, encoding: str) -> None:
    """What an editor saved as UTF-16 is not called rubbish."""
    path = tmp_path / "a.csv"
    path.write_bytes(as_csv(ROWS[:2]).decode().encode(encoding))
    with pytest.raises(ut.InputError, match=r"^a\.csv: expected text in UTF-8, found UTF-16; save it as UTF-8"):
        ut.read(path)


def test_equal_names_are_told_apart(tmp_path: Path) -> None:
    """Files of one name in two folders go by their paths, in errors and in origins."""
    names = []
    for part, rows in (("1", ROWS[:50]), ("2", ROWS[50:])):
        (tmp_path / part).mkdir()
        tail = '"nextCursor":"more"' if part == "1" else '"nextCursor":null'
        names.append(str(write(tmp_path / part / "page.json", as_json(rows, tail))))
    read = ut.read(tmp_path / "*" / "page.json")
    assert set(read["origin"].str.split(", sha256:").list.first()) == set(names)
    write(tmp_path / "2" / "page.json", as_json(ROWS[:50]))
    with pytest.raises(ut.InputError) as error:
        ut.read(names)
    assert all(name in str(error.value) for name in names)


@pytest.mark.parametrize(
    "name",
    ["</script><script>alert(1)</script>", "=1+1", "../../x", "\u202eevil", "'; drop table", "a[0].b", "x" * 10_000],
)
def test_hostile_names_are_kept_as_they_are(tmp_path: Path, name: str) -> None:
    """A name that is markup, a formula or a path is a name, in JSON and in CSV."""
    row = replace(ROWS[0], sku=f"{name}-llm-input-mtoken")
    for file, data in (("a.json", as_json([row])), ("a.csv", as_csv([row]))):
        assert ut.read(write(tmp_path / file, data))["model"].to_list() == [name]
