"""The file that a panel gives: its bytes, its name, and what happens when it can't be made."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import usage_toolkit as ut
from panels import HOSTILE, OCTOBER, ask, event, frame, panel_of
from usage_toolkit.export import to_csv, unescape
from usage_toolkit.panel import download

if TYPE_CHECKING:
    from pathlib import Path


def test_the_button_gives_the_same_file(rows: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A click and the method give the same bytes under the same name, with whatever marks are chosen."""
    panel = ut.UsagePanel(rows, value=ut.Filter(*OCTOBER, provider="venice"))
    monkeypatch.chdir(tmp_path)
    comma = ask(panel, monkeypatch)
    panel._download._style.value = ";"
    semicolon = ask(panel, monkeypatch)
    panel.separator = ","
    for name, file in (comma, semicolon):
        path = panel.download()
        assert (path.name, path.resolve().read_bytes()) == (name, file)
        assert panel.download(tmp_path / "own name.csv").read_bytes() == file
        panel.separator = ";"
    assert comma[1] == to_csv(panel.data)
    assert semicolon[1] == to_csv(panel.data, separator=";", decimal=",")


@pytest.mark.parametrize(
    ("value", "tz", "name"),
    [
        (ut.Filter(), "UTC", "anthropic+venice_2026-10-18-to-2026-10-31_by-meter"),
        (ut.Filter(*OCTOBER, provider="venice"), "UTC", "venice_2026-10_by-meter"),
        (ut.Filter(*OCTOBER, workspace="Research"), "UTC", "anthropic_2026-10_workspace-Research_by-meter"),
        (ut.Filter("2026-10-20", "2026-10-21", user="ben@example.com"), "UTC",
         "anthropic_2026-10-20_user-ben@example.com_by-meter"),
        (ut.Filter("2026-10-20T13:00", "2026-10-20T14:00", model=["claude-opus-4-8", "no-such"]), "UTC",
         "anthropic+venice_2026-10-20T13.00-to-14.00_model-claude-opus-4-8+no-such_by-meter"),
        (ut.Filter("2026-10-24T22:00", "2026-10-25T23:00", provider="venice"), "Europe/Rome",
         "venice_2026-10-25_Europe-Rome_by-meter"),
        (ut.Filter("2026-10-20T13:00", "2026-10-20T14:00", provider="venice"), "America/New_York",
         "venice_2026-10-20T09.00-to-10.00_America-New-York_by-meter"),
        (ut.Filter("2027-01-01", provider="venice"), "UTC", "venice_from-2027-01-01_by-meter"),
        (ut.Filter(stop="2026-01-01", provider="venice"), "UTC", "venice_to-2025-12-31_by-meter"),
    ],
)  # fmt: skip
def test_the_name_of_a_download(
    rows: pl.DataFrame, value: ut.Filter, tz: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file's name tells who provided what is shown, when, of what, and what it is grouped by."""
    panel = panel_of(rows, tz)
    panel.group, panel.value = "meter", value
    assert ask(panel, monkeypatch)[0] == f"usage_{name}.csv"


def test_a_name_with_nothing_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a row there is a file all the same, with names of columns in it and a name of its own."""
    panel = ut.UsagePanel(ut.conform(pl.DataFrame(schema=ut.sample(days=1).schema)))
    assert ask(panel, monkeypatch) == ("usage_by-meter.csv", to_csv(panel.data))
    panel.value = ut.Filter(stop="2026-01-01")
    assert ask(panel, monkeypatch)[0] == "usage_to-2025-12-31_by-meter.csv"


def test_hours_that_come_twice_have_two_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two hours from two to three of the day when clocks go back are two files."""
    hours = [datetime(2026, 10, 25, hour, tzinfo=UTC) for hour in (0, 1, 2)]
    panel = ut.UsagePanel(frame(*map(event, hours)), tz="Europe/Rome")
    names = set()
    for start, stop in pairwise(hours):
        panel.value = ut.Filter(start, stop)
        names.add(ask(panel, monkeypatch)[0])
    assert len(names) == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_downloaded(name: str, tmp_path: Path) -> None:
    """Whatever a user is called, the file is in the folder that was named, and its text is what it was."""
    panel = ut.UsagePanel(frame(event(datetime(2026, 10, 3, tzinfo=UTC), user=name)), value=ut.Filter(user=name))
    panel.group = "user"
    path = panel.download(tmp_path)
    assert path.resolve().parent == tmp_path.resolve()
    assert len(path.name) <= 100
    (row,) = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
    assert unescape(row["user"]) == name


def test_a_download_that_fails_is_a_sentence(rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """A click whose file can't be made is answered in the panel, and the next one works."""
    panel = ut.UsagePanel(rows)

    def fail(*_: Any, **__: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(download, "to_csv", fail)
        panel._download._button._handle_custom_msg({"asked": 1}, [])
    assert "That could not be shown (MemoryError" in panel._message.value
    assert ask(panel, monkeypatch)[1] == to_csv(panel.data)
    assert not panel._message.value
