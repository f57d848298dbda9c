"""The command line says what the functions say, ends with a code, and shows no key."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

import usage_toolkit as ut
from books import DAY, HOUR, SOURCE, START, book, hourly
from syncing import FIRST, KEY, be_quick, desk, row
from usage_toolkit.cli import main
from usage_toolkit.cli.table import table

if TYPE_CHECKING:
    from collections.abc import Callable

HEAVY = ["altair", "anywidget", "babel", "httpx", "ipywidgets", "msgspec", "narwhals", "pandas", "pyarrow", "tqdm"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with five days of two currencies and a model with a name that a terminal would obey."""
    store = ut.Store(tmp_path / "store")
    rows = [hourly(START, START + 5 * DAY), hourly(START, START + 5 * DAY, currency="DIEM", model="\x1b[31mb")]
    store.replace(pl.concat(rows), source=SOURCE, start=START, stop=START + 5 * DAY)
    return tmp_path / "store"


@pytest.fixture
def say(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Call the command line on that store: its code, what it printed, what it said beside."""

    def call(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--store", str(folder)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def test_totals_by_day_are_those_of_the_cube(say: Callable[..., tuple[int, str, str]], folder: Path) -> None:
    """Each day has its tokens and a column a currency, to the last digit."""
    code, out, _ = say("totals", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [line["day"] for line in rows] == ["2026-09-29", "2026-09-30", "2026-10-01", "2026-10-02", "2026-10-03"]
    assert {line["USD"] for line in rows} == {line["DIEM"] for line in rows} == {"1.44"}
    assert {line["input"] for line in rows} == {line["tokens"] for line in rows} == {"48000"}
    everything = ut.totals(ut.Store(folder).scan(), by=(), measure="amount")
    assert everything["amount"].sum() == sum(Decimal(line["USD"]) + Decimal(line["DIEM"]) for line in rows)


@pytest.mark.parametrize(
    "by", ["day", "week", "month", "hour", "month,model", "model", "key", "user", "provider,account"]
)
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_totals_by_anything_add_up_to_the_whole(say: Callable[..., tuple[int, str, str]], by: str, form: str) -> None:
    """However they are cut and written, the parts are the whole: 120 hours of 0.06 in each currency."""
    code, out, err = say("totals", "--by", by, "--format", form)
    assert (code, err) == (0, "")
    if form == "json":
        rows = json.loads(out)
    elif form == "csv":
        rows = list(csv.DictReader(io.StringIO(out)))
    else:
        names, *lines = out.partition("\n\n")[0].splitlines()
        assert "\x1b" not in out
        cells = [re.split(r" {2,}", line.replace(",", "")) for line in (names, *lines)]
        rows = [dict(zip(cells[0], line, strict=True)) for line in cells[1:]]
    for currency in ("USD", "DIEM"):
        assert sum(Decimal(one[currency]) for one in rows if one[currency] not in (None, "", "-")) == Decimal("7.2")
    assert sum(int(one["tokens"]) for one in rows) == 240_000


def test_days_are_those_of_the_time_zone(say: Callable[..., tuple[int, str, str]]) -> None:
    """In Kathmandu a day begins at 18:15 UTC, and the days asked for are days there."""
    code, out, _ = say(
        "totals", "--tz", "Asia/Kathmandu", "--start", "2026-09-30", "--stop", "2026-10-01", "--format", "csv"
    )
    (line,) = csv.DictReader(io.StringIO(out))
    assert (code, line["day"], line["tokens"]) == (0, "2026-09-30", "48000")
    _, out, _ = say("totals", "--tz", "Asia/Kathmandu", "--format", "csv")
    first, *_ = csv.DictReader(io.StringIO(out))
    assert (first["day"], first["tokens"]) == ("2026-09-29", "38000")  # 00:00 to 18:00 UTC


def test_filters_narrow(say: Callable[..., tuple[int, str, str]]) -> None:
    """Only the model that was asked for; no rows are said to be none."""
    _, out, _ = say("totals", "--by", "model", "--model", "a", "--format", "json")
    assert [(line["model"], line["USD"]) for line in json.loads(out)] == [("a", "7.2")]
    code, out, _ = say("totals", "--model", "nobody")
    assert code == 0
    assert out.startswith("No rows.")


def test_money_of_another_basis_has_a_column_of_its_own(say: Callable[..., tuple[int, str, str]], folder: Path) -> None:
    """Billed and estimated dollars are never in one sum."""
    estimated = book([(START, "5", "USD")], source="venice.guess").with_columns(
        basis=pl.lit("estimated", dtype=ut.schema.COLUMNS["basis"])
    )
    ut.Store(folder).replace(estimated, source="venice.guess", start=START, stop=START + DAY)
    _, out, _ = say("totals", "--by", "provider", "--format", "json")
    (line,) = json.loads(out)
    assert (line["USD"], line["USD estimated"]) == ("7.2", "5")


def test_i24_what_is_missing_stands_below_the_totals(say: Callable[..., tuple[int, str, str]], folder: Path) -> None:
    """A day that was not fetched is a gap below the table and in `status`, and `doctor` says how to fill it."""
    rows = hourly(START + 7 * DAY, START + 8 * DAY)
    ut.Store(folder).replace(rows, source=SOURCE, start=START + 7 * DAY, stop=START + 8 * DAY)
    for command in ("status", "totals"):
        _, out, _ = say(command)
        assert "2026-10-04 00:00Z" in out
        assert "gaps" in out
    code, out, _ = say("doctor")
    assert code == 1
    assert "usage-toolkit sync venice --start 2026-10-04 --stop 2026-10-06" in out
    assert "set VENICE_ADMIN_KEY" in out


def test_doctor_names_what_is_damaged(
    say: Callable[..., tuple[int, str, str]], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All well is a sentence, and what balances; a damaged file is its days, and how to fetch them again."""
    monkeypatch.setenv("VENICE_ADMIN_KEY", KEY)
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    ut.Store(folder).replace(hourly(START + 5 * DAY, now), source=SOURCE, start=START + 5 * DAY, stop=now)
    code, out, _ = say("doctor")
    well, books = out.splitlines()
    assert (code, well) == (0, "All is well: every file, window and page is as it was stored.")
    assert re.fullmatch(r"venice\.ledger \(default\): \d+ not checked", books)
    file = next(path for path in (folder / "provider=venice" / "month=2026-09").glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-9])
    code, out, _ = say("doctor")
    assert code == 1
    assert "--start 2026-09-29 --stop 2026-10-01 --again" in out
    assert KEY not in out


@pytest.mark.parametrize("words", [["totals", "--by", "nothing"], ["totals", "--tz", "Mars"], ["sync", "nobody"]])
def test_what_cannot_be_meant_is_a_sentence(say: Callable[..., tuple[int, str, str]], words: list[str]) -> None:
    """A wrong word ends with 1 and says what was expected."""
    code, out, err = say(*words)
    assert (code, out) == (1, "")
    assert "expected" in err
    assert "Traceback" not in err


def test_sync_status_and_totals_of_a_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From nothing to totals: a line a window, what was done, no key anywhere; a refusal is one sentence and code 1."""
    be_quick(monkeypatch)
    monkeypatch.setenv("VENICE_ADMIN_KEY", KEY)
    monkeypatch.setenv("USAGE_TOOLKIT_STORE", str(tmp_path / "store"))
    with desk([row(FIRST + n * HOUR) for n in range(30)], now=datetime.now(UTC)) as venice:
        asked = ["sync", "venice", "--base-url", venice.server.base_url]
        assert main([*asked, "--start", "2026-09-28", "--stop", "2026-09-30"]) == 0
        shown = capsys.readouterr()
        assert shown.out.startswith(
            "venice (default): complete through 2026-09-30 00:00Z; 2 windows asked for, 30 rows"
        )
        assert [line.partition(":")[0] for line in shown.err.splitlines()] == ["venice.ledger (default)"] * 2
        assert main(["totals", "--by", "month"]) == main(["status"]) == 0
        assert "30,000" in capsys.readouterr().out
        monkeypatch.setenv("VENICE_ADMIN_KEY", KEY + "x")
        assert main([*asked, "--stop", "2026-10-02"]) == 1
        refused = capsys.readouterr()
        assert "0 of 2 windows are stored; the next sync goes on there." in refused.err
        assert KEY not in shown.out + shown.err + refused.out + refused.err


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (ut.StoreBusyError("found process 1"), 75, "found process 1"),
        (KeyboardInterrupt("stopped by you; 3 of 5"), 130, "3 of 5"),
    ],
)
def test_exit_codes(
    say: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
    raised: BaseException,
    code: int,
    said: str,
) -> None:
    """Someone else writing is 75, so that cron tries again; stopped by hand is 130."""

    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(ut.Store, "sync", fail)
    found, out, err = say("sync", "venice")
    assert (found, out) == (code, "")
    assert said in err


def test_p13_totals_load_nothing_that_they_do_not_need(folder: Path) -> None:
    """A look from the command line is quick: no charts, no HTTP, no pandas."""
    call = "import sys; from usage_toolkit.cli import main; main(sys.argv[1:])"
    code = f"{call}; print(sorted(set({HEAVY}) & set(sys.modules)))"
    words = [sys.executable, "-c", code, "totals", "--by", "month,model", "--store", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` says what there is; a wrong command is code 2."""
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("sync", "status", "totals", "doctor"))
    with pytest.raises(SystemExit) as left:
        main(["nothing"])
    assert left.value.code == 2


def test_a_table_without_rows_has_its_names() -> None:
    """Names alone are a table too."""
    assert table(["a", "b"], [], numbers=[False, True]) == "a  b"
