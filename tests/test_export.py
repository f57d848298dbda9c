"""CSV files: what is read back is what was written, nothing in them runs, and a file is whole or as it was."""

from __future__ import annotations

import csv
import io
import os
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
import zoo
from usage_toolkit import export
from usage_toolkit.export import write_csv
from usage_toolkit.schema import CLASS_OF, CLASSES, COLUMNS, MONEY
from zoo import HOSTILE, ZOO, decimals, frames

if TYPE_CHECKING:
    from pathlib import Path

MARKS = st.sampled_from([(",", "."), (";", ","), (";", "."), ("\t", ","), ("|", ".")])
BLANKS = ("", " ", "\u00a0", "\t", "\u200b", "\ufeff", '"', "'", "\u201c")
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\u2212"
TEXTS = (
    st.text()
    | st.text("=+-@\t\r\n'\", ;|a1\ufeff\uff1d", max_size=8)
    | st.sampled_from(HOSTILE)
    | st.builds(
        str.__add__, st.sampled_from(BLANKS), st.builds(str.__add__, st.sampled_from(SIGNS + "\t\r\n"), st.text())
    )
)
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?")


def table(made: bytes, separator: str = ",") -> list[list[str]]:
    """Read a CSV file as Python's own reader does, names first."""
    text = made.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))


def plain(value: Decimal) -> str:
    """All digits of a number and no other ones, worked out apart from polars."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def would_run(text: str) -> bool:
    """Whether a spreadsheet might take a cell for more than a text, skipping all that any of them is known to skip."""
    return text[:1] in ("\t", "\r", "\n") or text.lstrip("\t\r\n \u00a0\u200b\ufeff\"'\u201c")[:1] in tuple(SIGNS)


# What is read back


@given(
    names=st.lists(TEXTS, min_size=2, max_size=4, unique=True),
    rows=st.lists(st.tuples(st.none() | TEXTS, st.none() | decimals(18)), max_size=8),
    marks=MARKS,
)
@settings(max_examples=300)
def test_what_is_read_back_is_what_was_written(
    names: list[str], rows: list[tuple[str | None, Decimal | None]], marks: tuple[str, str]
) -> None:
    """Texts and names come back letter by letter, numbers digit by digit, whatever is in them."""
    separator, decimal = marks
    schema = {name: pl.String if at else MONEY for at, name in enumerate(names)}
    frame = pl.DataFrame([(amount, *[text] * (len(names) - 1)) for text, amount in rows], schema=schema, orient="row")
    head, *body = table(export.to_csv(frame, separator=separator, decimal=decimal), separator)
    assert [export.unescape(name) for name in head] == names
    assert [export.unescape(cell) for line in body for cell in line[1:]] == [
        text or "" for text, _ in rows for _ in names[1:]
    ]
    assert [line[0].replace(decimal, ".") for line in body] == [
        "" if amount is None else plain(amount) for _, amount in rows
    ]


@given(text=TEXTS)
@settings(max_examples=300)
def test_no_cell_runs(text: str) -> None:
    """No cell or name begins with what a spreadsheet runs, and what begins with a letter or digit is left alone."""
    frame = pl.DataFrame({f"n{text}": [-1], text: [text]})
    (_, name), (_, cell) = table(export.to_csv(frame))
    assert name == cell
    assert cell.startswith("'") or not would_run(cell)
    assert cell == text or not text[:1].isalnum()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "\na", " =1", "\u00a0=1", '"=1', "\uff1d1"])
def test_what_could_run_gets_an_apostrophe(text: str) -> None:
    """The known ways to start a formula, each by itself; a price that is negative is a number and stays one."""
    frame = pl.DataFrame({"text": [text], "amount": [Decimal("-0.06")]}, schema_overrides={"amount": MONEY})
    assert table(export.to_csv(frame))[1] == [f"'{text}", "-0.06"]


def test_texts_that_are_alike_stay_apart() -> None:
    """What already looks escaped is escaped again, so that taking one apostrophe away is always right."""
    texts = ["=1", "'=1", "''=1", "'", "it's", "1-2", "(none)", "a=b", ">=200k", ""]
    cells = [line[0] for line in table(export.to_csv(pl.DataFrame({"text": texts, "n": range(len(texts))})))[1:]]
    assert cells == ["'=1", "''=1", "'''=1", "''", "it's", "1-2", "(none)", "a=b", ">=200k", ""]
    assert [export.unescape(cell) for cell in cells] == texts


def test_nothing_is_not_an_empty_text() -> None:
    """A null is an empty cell, an empty text is a pair of quotes: polars reads them back as what they were."""
    frame = pl.DataFrame({"a": ["", None, "x"], "b": [None, "", "y"]})
    made = export.to_csv(frame, bom=False)
    assert made == b'a,b\n"",\n,""\nx,y\n'
    assert pl.read_csv(made).equals(frame)


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["=1", "b"])])
def test_labels_of_any_kind_are_texts(dtype: Any) -> None:
    """However a frame keeps its labels, they are made harmless."""
    frame = pl.DataFrame({"label": pl.Series(["=1", "b", None], dtype=dtype), "n": [1, -2, None]})
    assert table(export.to_csv(frame)) == [["label", "n"], ["'=1", "1"], ["b", "-2"], ["", ""]]


@given(frame=frames())
@settings(max_examples=50)
def test_canonical_rows_come_back(frame: pl.DataFrame) -> None:
    """A file of canonical rows, read back, is those rows: each column, each digit, each instant."""
    head, *body = table(export.to_csv(frame))
    texts = [{name: export.unescape(cell) or None for name, cell in zip(head, line, strict=True)} for line in body]
    back = pl.DataFrame(texts, schema=dict.fromkeys(frame.columns, pl.String))
    instants = pl.Series([datetime.fromisoformat(time) for time in back["time"]], dtype=frame.schema["time"])
    assert ut.conform(back.with_columns(time=instants)).equals(frame)


@pytest.mark.parametrize("frame", ZOO.values(), ids=ZOO)
@pytest.mark.parametrize("make", [lambda rows: rows, ut.cube, ut.totals], ids=["rows", "cube", "totals"])
def test_every_frame_of_ours_can_be_written(frame: pl.DataFrame, make: Any) -> None:
    """Rows, cubes and totals of every hazard: as many lines as rows, numbers in plain digits, none with an exponent."""
    made = make(frame)
    head, *body = table(export.to_csv(made))
    assert len(body) == made.height
    assert head == made.columns
    for at, dtype in enumerate(made.dtypes):
        if dtype.is_numeric():
            assert [line[at] for line in body] == ["" if cell is None else plain(Decimal(cell)) for cell in made[:, at]]
            assert all(NUMBER.fullmatch(line[at]) for line in body if line[at])


def test_no_padding_and_no_exponent() -> None:
    """The smallest and the largest numbers that fit, and zeros that mean something."""
    texts = ["0.000000000000000001", "-0.000000000000000001", "99999999999999999999.999999999999999999", "100", "0"]
    frame = pl.DataFrame({"n": pl.Series(texts).str.to_decimal(scale=18).cast(MONEY)})
    assert export.to_csv(frame, bom=False).decode().split() == ["n", *texts]
    whole = pl.DataFrame({"n": [Decimal(1200), Decimal(0)]}, schema={"n": pl.Decimal(38, 0)})
    assert export.to_csv(whole, bom=False) == b"n\n1200\n0\n"


def test_instants_say_their_offset() -> None:
    """The hour that comes twice is told apart, parts of a second are kept, and before 1900 nothing is rounded."""
    times = [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, 0, 5, tzinfo=UTC)]
    times.append(datetime(1800, 1, 1, tzinfo=UTC))
    local = pl.Series("time", times).dt.convert_time_zone("Europe/Rome")
    head, *cells = export.to_csv(local.to_frame(), bom=False).decode().split()
    assert cells == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00.000005+01:00", "1800-01-01T00:49:56+00:49:56"]
    assert [datetime.fromisoformat(cell) for cell in cells] == times
    assert head == "time"
    assert export.to_csv(pl.DataFrame({"day": [date(2026, 10, 1)]}), bom=False) == b"day\n2026-10-01\n"


def test_for_an_italian_spreadsheet() -> None:
    """Semicolons part the cells and commas mark decimals; texts keep their points."""
    frame = ZOO["one row"].select("model", "amount", "quantity").with_columns(model=pl.lit("gpt-4.1; a"))
    made = export.to_csv(frame, separator=";", decimal=",")
    assert made.decode("utf-8") == '\ufeffmodel;amount;quantity\n"gpt-4.1; a";0,06;10\n'


def test_a_long_frame_is_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pieces it is written in, it has one head and every row once."""
    rows = ut.sample(days=2)
    whole = export.to_csv(rows)
    monkeypatch.setattr(export, "_BATCH", 7)
    assert export.to_csv(rows) == whole


# What is refused


@pytest.mark.parametrize(
    ("frame", "options", "said"),
    [
        (pl.LazyFrame({"a": [1]}), {}, "found LazyFrame; collect or convert it first"),
        (pl.DataFrame({"a": [0.1]}), {}, "found Float64 in column 'a'; cast or drop it"),
        (pl.DataFrame({"a": [[1]]}), {}, "in column 'a'; cast or drop it"),
        (pl.DataFrame({"a": [1]}), {"decimal": ","}, "found ',' for both; use separator=';' with decimal=','"),
        (pl.DataFrame({"a": [1]}), {"separator": "::"}, "expected separator to be one of"),
        (pl.DataFrame({"a": [1]}), {"decimal": "'"}, "expected decimal to be one of"),
    ],
)
def test_what_cannot_be_written(frame: Any, options: Any, said: str, tmp_path: Path) -> None:
    """A frame or marks that would lose something are refused in a sentence, before any file is touched."""
    with pytest.raises(ut.ArgumentError, match=re.escape(said)):
        ut.write_csv(frame, tmp_path / "a.csv", **options)
    assert list(tmp_path.iterdir()) == []


def test_where_no_file_can_be(tmp_path: Path) -> None:
    """No folder, or no file but something else there: a sentence, and what is there stays."""
    frame = pl.DataFrame({"a": [1]})
    with pytest.raises(ut.ArgumentError, match=r"expected a folder for a\.csv, found none"):
        ut.write_csv(frame, tmp_path / "none" / "a.csv")
    with pytest.raises(ut.ArgumentError, match="expected the path of a file"):
        ut.write_csv(frame, tmp_path)
    with pytest.raises(ut.ArgumentError, match="expected the path of a file"):
        ut.write_csv(frame, os.devnull)
    assert list(tmp_path.iterdir()) == []


# Whole or as it was


def test_the_file_is_the_bytes(tmp_path: Path) -> None:
    """A path comes back, and the file holds what `to_csv` gives; a second time it is replaced."""
    path = tmp_path / "usage.csv"
    for frame in (ZOO["one row"], ZOO["a credit"]):
        assert ut.write_csv(frame, str(path)) == path
        assert path.read_bytes() == export.to_csv(frame)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="modes and links are those of POSIX")
def test_a_file_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    """A new file is as open as any other one; a replaced one stays as open as it was, and a link stays a link."""
    path, link, other = tmp_path / "usage.csv", tmp_path / "link.csv", tmp_path / "other.csv"
    other.touch()
    ut.write_csv(ZOO["one row"], path)
    assert path.stat().st_mode == other.stat().st_mode
    path.chmod(0o600)
    link.symlink_to(path)
    ut.write_csv(ZOO["a credit"], link)
    assert link.is_symlink()
    assert path.read_bytes() == export.to_csv(ZOO["a credit"])
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()])
@pytest.mark.parametrize("step", ["fsync", "replace", "rows"])
@pytest.mark.parametrize("before", [None, b"old"])
def test_what_fails_leaves_no_trace(
    error: BaseException, step: str, before: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong, wherever: the old file is as it was, or there is none, and nothing else is left behind."""
    path = tmp_path / "usage.csv"
    if before is not None:
        path.write_bytes(before)
    count = iter(range(100))

    def fail(*given: Any, **_: Any) -> Any:
        if step != "rows" or next(count) > 5:
            raise error
        return cell(*given)

    cell = export._cell
    monkeypatch.setattr(*((export, "_cell") if step == "rows" else (os, step)), fail)
    monkeypatch.setattr(export, "_BATCH", 1)
    with pytest.raises(type(error)):
        ut.write_csv(pl.DataFrame({"a": range(50)}), path)
    monkeypatch.undo()
    assert [file.read_bytes() for file in tmp_path.iterdir()] == ([] if before is None else [before])


def test_a_full_disk(tmp_path: Path) -> None:
    """Where the system itself refuses more bytes, the error says so and the old file is as it was."""
    resource, signal = pytest.importorskip("resource"), pytest.importorskip("signal")
    path = tmp_path / "usage.csv"
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(OSError, match="too large") as caught:
            ut.write_csv(pl.DataFrame({"a": range(100_000)}), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, heard)
    assert caught.value.__notes__ == [f"{path} was not written; what was there before is as it was."]
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]


# Names of files


@given(parts=st.lists(TEXTS | st.sampled_from(["../../x", "..", "con", "a/b", "a:b", "x" * 300, "~"]), max_size=4))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_name_stays_in_its_folder(tmp_path: Path, parts: list[str]) -> None:
    """Whatever a name is made of, it is short, made of plain characters, and the name of a file in that folder."""
    name = export.file_name("usage", parts, suffix=".csv")
    assert re.fullmatch(r"usage[A-Za-z0-9.@+_-]{0,91}\.csv", name)
    assert ".." not in name.removesuffix(".csv") or any(".." in part for part in parts)
    assert (tmp_path / name).resolve().parent == tmp_path.resolve()


@given(pair=st.lists(st.lists(st.text("ab/_.-:", min_size=1, max_size=3), max_size=2), min_size=2, max_size=2))
@settings(max_examples=300)
def test_names_tell_apart(pair: list[list[str]]) -> None:
    """Different parts make different names, also where what makes them different can't be in a name."""
    names = {export.file_name("usage", parts, suffix=".csv") for parts in pair}
    assert len(names) == (1 if pair[0] == pair[1] else 2)


def test_a_name_can_be_read() -> None:
    """What can be said is said; a hash stands only where something is missing."""
    said = ["venice", "2026-10", "workspace-Claude Code"]
    assert export.file_name("usage", said, suffix=".csv") == "usage_venice_2026-10_workspace-Claude-Code.csv"
    assert re.fullmatch(r"usage_x{81}-[0-9a-f]{8}\.csv", export.file_name("usage", ["x" * 99], suffix=".csv"))


@pytest.mark.parametrize("limit", CLASSES)
def test_a_limit_keeps_columns_in(limit: str, tmp_path: Path) -> None:
    """A mark in each column is in the file if its class is allowed, and nowhere in it otherwise."""
    texts = {name: f"mark-{name}." for name, dtype in COLUMNS.items() if dtype == pl.String}
    rows = zoo.canonical([zoo.money("1", **zoo.tokens(1))]).with_columns(
        *(pl.lit(mark).alias(name) for name, mark in texts.items()), latency_ms=pl.lit(987654321, pl.Int64)
    )
    text = write_csv(rows, tmp_path / "rows.csv", limit=limit).read_text(encoding="utf-8-sig")
    allowed = {name for name, of in CLASS_OF.items() if CLASSES.index(of) <= CLASSES.index(limit)}
    assert text.splitlines()[0].split(",") == [name for name in COLUMNS if name in allowed]
    assert {name for name, mark in texts.items() if mark in text} == allowed & {*texts}
    assert ("987654321" in text) == ("latency_ms" in allowed)


def test_a_limit_takes_cubes_and_refuses_what_has_no_class(tmp_path: Path) -> None:
    """Sums of a cube are shareable; a column that nobody has judged is an error, and no file is there."""
    cube = ut.cube(ut.sample(days=1), by=("model", "user"))
    text = write_csv(cube, tmp_path / "cube.csv", limit="shareable", bom=False).read_text()
    assert text.splitlines()[0] == "time,model,basis,unit,currency,quantity,amount,amount_usd,rows"
    with pytest.raises(ut.ArgumentError, match="'mine'"):
        write_csv(cube.with_columns(mine=pl.lit("x")), tmp_path / "mine.csv", limit="internal")
    with pytest.raises(ut.ArgumentError, match="limit to be one of shareable, internal, secret"):
        write_csv(cube, tmp_path / "mine.csv", limit="public")
    assert not (tmp_path / "mine.csv").exists()
