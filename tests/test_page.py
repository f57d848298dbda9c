"""One HTML file: what is in it and what is not, the same each time, and only our own script."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from decimal import Context, Decimal
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
import zoo
from panels import event, frame
from payloads import PAYLOADS
from usage_toolkit.page import document, packing
from usage_toolkit.page.cells import fitting
from usage_toolkit.page.phrases import phrases
from usage_toolkit.page.write import page
from usage_toolkit.schema import COLUMNS, MONEY, QUANTITY
from usage_toolkit.view.hours import Hours

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(document.__file__).parent
SCRIPTS = {file.name: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.js"))}
PEOPLE = ("workspace", "api_key", "user")


class Parsed(HTMLParser):
    """A page as a parser sees it: its tags with their attributes, and the text of what is no markup."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.said: list[str] = []
        self._in = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        self._in = tag if tag in self.raw else ""
        if self._in:
            self.raw[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        """Note that it is over."""
        self._in = "" if tag in self.raw else self._in

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if self._in:
            self.raw[self._in][-1] += data
        else:
            self.said.append(data)

    @property
    def manifest(self) -> dict[str, Any]:
        """What the page says is in it."""
        found: dict[str, Any] = json.loads(self.raw["script"][0])
        return found

    @property
    def cargo(self) -> dict[str, Any]:
        """What its script reads."""
        found: dict[str, Any] = json.loads(self.raw["script"][1])
        return found


def write(rows: Any, **how: Any) -> str:
    """Return the text of a page."""
    usual: dict[str, Any] = dict.fromkeys(("value", "locale", "coverage", "title"))
    text, _ = page(rows, **(usual | {"tz": "UTC", "every": "1h", "redact": False, "limit": "internal"} | how))
    return text


def cells(cargo: dict[str, Any], which: str = "cube") -> pl.DataFrame:
    """Read the cells of a page again, by another way than its script does."""
    head, *lines = cargo[which]["series"].split("\n")
    bits = iter("".join(f"{byte:08b}" for byte in b64decode(cargo[which]["bits"])))
    found = []
    for line in lines:
        one = dict(zip(head.split(","), line.split(","), strict=True))
        labels = {name: cargo["codes"][name][int(one[name])] for name in cargo["codes"] if name in one}
        count, price = int(one["count"]), int(one["price"])
        steps, rows, quantities, rest, dollars, credits_ = (
            column(bits, many) for many in (count - 1, count, count, count, count, count)
        )
        pairs = zip(rest, quantities or [0] * count, strict=True) if rest else ()
        amounts = [r if r is None else r + price * (q or 0) for r, q in pairs]
        known = {
            "quantity": quantities, "amount": amounts, "amount_usd": amounts if dollars is None else dollars,
            "credit": credits_,
        }  # fmt: skip
        starts = list(listed(cargo["calendar"]["starts"][one["span"]]))
        at = int(one["first"])
        for place in range(count):
            at += (steps or [])[place - 1] or 0 if place else 0
            numbers = {
                name: None if not values or values[place] is None else scaled(values[place], cargo["scales"][name])
                for name, values in known.items()
            }
            time = sum(map(int, starts[: at + 1]))
            found.append(labels | {"span": one["span"], "time": time, "rows": (rows or [])[place]} | numbers)
    dtypes: dict[str, Any] = dict.fromkeys(head.split(",")[:-3], pl.String) | {"time": pl.Int64, "rows": pl.Int64}
    made = pl.DataFrame(found, schema=dtypes | dict.fromkeys(packing.PACKED, pl.String))
    return made.with_columns(pl.col("quantity").cast(QUANTITY), pl.col("amount", "amount_usd", "credit").cast(MONEY))


def column(bits: Iterator[str], count: int) -> list[int | None] | None:
    """Read a column of numbers, one bit after the other: nothing where none is known, None where it is the last one."""

    def take(many: int) -> int:
        return int("0" + "".join(itertools.islice(bits, many)), 2)

    def one() -> int | None:
        zeros = 0
        while next(bits) == "0":
            zeros += 1
        value = (1 << zeros + usual) + take(zeros + usual) - (1 << usual)
        if gaps and value == 0:
            return None
        value -= gaps
        return value if not signed else -(value + 1) // 2 if value % 2 else value // 2

    kind = take(8)
    if kind == 1:
        return []
    if kind == 2:
        return None
    constant, signed, gaps, usual = kind & 4, kind & 8, kind >> 4, take(8)
    return [one()] * count if constant else [one() for _ in range(count)]


def scaled(value: int | None, scale: int) -> str:
    """Write a whole number of some scale as a decimal."""
    return f"{Decimal(value or 0).scaleb(-scale, Context(prec=80)):f}"


def listed(text: str) -> Iterator[str]:
    """Write `1*3` out."""
    for part in text.split():
        value, _, again = part.partition("*")
        yield from [value] * int(again or 1)


@pytest.fixture(scope="module")
def october() -> str:
    """A page of the sample."""
    return write(ut.sample(days=7))


def test_a_browser_may_run_this_one_script_and_nothing_else(october: str) -> None:
    """What is embedded is what lies in the package, and the policy names exactly that."""
    parsed = Parsed(october)
    scripts = [attrs for tag, attrs in parsed.tags if tag == "script"]
    assert [attrs.get("type") for attrs in scripts] == ["application/json", "application/json", None]
    assert not [attrs for attrs in scripts if "src" in attrs]
    code, style = parsed.raw["script"][2], parsed.raw["style"]
    assert code == '(() => {\n"use strict";\n' + "\n".join(SCRIPTS[f"{n}.js"] for n in document.SCRIPTS) + "})();\n"
    assert style == [(FOLDER / "page.css").read_text(encoding="utf-8")]
    policy = next(attrs["content"] or "" for tag, attrs in parsed.tags if "http-equiv" in attrs)
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for directive, text in (("script-src", code), ("style-src", style[0])):
        digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert allowed.pop(directive) == f"'sha256-{digest}'"
    assert allowed == {
        "default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'",
        "require-trusted-types-for": "'script'", "trusted-types": "'none'",
    }  # fmt: skip
    assert "unsafe" not in policy


def test_all_scripts_of_the_package_are_used() -> None:
    """No script lies about that no page has."""
    assert sorted(SCRIPTS) == sorted(f"{name}.js" for name in document.SCRIPTS)


def test_nothing_in_a_page_asks_for_anything(october: str) -> None:
    """No address, no frame, no handler in markup, no style of its own."""
    parsed = Parsed(october)
    for tag, attrs in parsed.tags:
        assert tag not in {"a", "audio", "base", "embed", "form", "frame", "iframe", "img", "object", "video"}
        assert not [name for name in attrs if name.startswith("on") or name in {"src", "srcset", "action", "style"}]
        assert attrs.get("href") in (None, "data:,")
    outside = re.findall(r"https?://[^\s\"'<]+", october)
    assert set(outside) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_text_becomes_markup_or_code_or_a_request(name: str) -> None:
    """The script has no way to read a text as anything but text, nor to ask a server."""
    words = (
        "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|DOMParser|createContextualFragment|\\beval\\b|"
        "new Function|setTimeout\\(['\"`]|fetch\\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\\(|"
        "localStorage|sessionStorage|cookie|\\bsrc\\b|parseFloat"
    )
    assert not re.findall(words, SCRIPTS[name])


def test_every_sentence_of_the_script_is_there_and_used() -> None:
    """What the script says has words, and no words are carried for nothing."""
    code = "\n".join(SCRIPTS.values())
    said = {*re.findall(r'say\("(\w+)"', code), *re.findall(r'say\([^()`"]*\? "(\w+)" : "(\w+)"', code)}
    flat = {name for one in said for name in ([one] if isinstance(one, str) else one)}
    known = set(phrases(locale="en-US"))
    families = ("all_", "per_", "spans_", "span_", "based_", "closed_", "money_closed_", "next_", "previous_", "whole_")
    assert flat <= known
    named = {name for name in known if re.search(rf'"{name}"|phrases\.{name}\b', code) or name.startswith(families)}
    assert named == known


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    """In whatever order rows come, and however Python hashes its texts."""
    rows = ut.sample(days=3)
    first = write(rows)
    assert write(rows.sample(fraction=1, shuffle=True, seed=7)) == first
    assert write(rows.lazy()) == first
    code = "import sys, usage_toolkit as ut; ut.write_page(ut.sample(days=3), sys.argv[1])"
    for seed in ("1", "2"):
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(FOLDER.parents[1]), "TZ": "Asia/Tokyo"}
        path = tmp_path / f"{seed}.html"
        subprocess.run([sys.executable, "-c", code, str(path)], env=env, check=True, capture_output=True)
        assert path.read_text(encoding="utf-8") == first


@settings(max_examples=40)
@given(rows=zoo.any_frames())
def test_what_travels_are_the_rows_added_up(rows: pl.DataFrame) -> None:
    """Nothing is lost and nothing is added: per set of labels, sums and numbers of rows are those of the rows."""
    found = cells(Parsed(write(rows)).cargo)
    keys = ["provider", "workspace", "model", "api_key", "user", "meter", "basis", "unit", "currency"]
    labels = rows.with_columns(pl.col(keys).cast(pl.String).fill_null("(none)"))
    wanted = labels.group_by(keys).agg(
        *(
            pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name)
            for name in ("quantity", "amount", "amount_usd")
        ),
        pl.len().cast(pl.Int64).alias("rows"),
    )
    again = found.group_by(keys).agg(
        *(
            pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name)
            for name in ("quantity", "amount", "amount_usd")
        ),
        pl.col("rows").sum(),
    )
    assert again.sort(keys).equals(wanted.sort(keys), null_equal=True)


@pytest.mark.parametrize(
    ("how", "drawn"),
    [
        ({}, {"provider", "workspace", "model", "api_key", "user"}),
        ({"every": "1m"}, {"provider", "workspace", "model", "api_key", "user"}),
        ({"limit": "shareable"}, {"provider", "model"}),
        ({"redact": True}, {"provider", "model"}),
        ({"redact": "phrase", "limit": "secret"}, {"provider", "model"}),
        ({"limit": "secret"}, {"provider", "workspace", "model", "api_key", "user", "notes"}),
    ],
    ids=str,
)
def test_no_column_travels_that_is_not_drawn(how: dict[str, Any], drawn: set[str]) -> None:
    """A mark in each column is found where that column is drawn under such a limit, and nowhere else."""
    marked = {name: f"mark-{name}" for name, dtype in COLUMNS.items() if dtype == pl.String and name != "currency"}
    row = event(datetime(2026, 10, 3, 12, 34, 56, 789_000, UTC), latency_ms=987654321, list_amount="5.4321",
                unit_price="0.98765") | marked  # fmt: skip
    text = write(frame(row, row | {"meter": "rate_limited", "unit": "request"}), **how)
    parsed = Parsed(text)
    bits = b"".join(b64decode(parsed.cargo[which]["bits"]) for which in ("cube", "refused"))
    found = {name for name, mark in marked.items() if re.search(rf"{mark}\b(?!_)", text) or mark.encode() in bits}
    assert found == drawn
    assert drawn - {"notes"} == {*marked} & {*parsed.manifest["columns"]} - ({*PEOPLE} if how.get("redact") else set())
    for finer in ("987654321", "5.4321", "0.98765", ".789"):
        assert finer not in text.replace(document.script(), "")
    numbers = {*cells(parsed.cargo)["quantity"], *cells(parsed.cargo)["amount"]}
    assert numbers == {Decimal("10.000000000"), Decimal("0.01").quantize(Decimal(1).scaleb(-18))}


def test_what_narrows_a_page_is_named_only_as_far_as_allowed() -> None:
    """An account that the rows were narrowed to is named, or only counted."""
    rows = ut.sample(days=3)
    workspace = str(rows["workspace"].max())
    value = ut.Filter(account="(default)", workspace=workspace)
    for how, said in (
        ({}, "Only rows of: account (default)."),
        ({"limit": "shareable"}, "Only rows of: 1 workspace; 1 account."),
        ({"redact": True}, "Only rows of: 1 account."),
    ):
        text = write(rows, value=value, **how)
        assert said in Parsed(text).said
        assert (workspace in text) == (not how)


def test_a_shareable_page_adds_people_up() -> None:
    """Under the narrowest limit nobody is told apart, sums are the same, and what is left out is said."""
    rows = ut.sample(days=7)
    wide, narrow = (Parsed(write(rows, limit=limit)) for limit in ("internal", "shareable"))
    sums = [
        cells(page.cargo).group_by("provider", "model", "meter", "currency").agg(pl.col("amount", "rows").sum())
        for page in (wide, narrow)
    ]
    assert sums[0].sort(pl.all().exclude("amount")).equals(sums[1].sort(pl.all().exclude("amount")))
    assert narrow.cargo["selectors"] == ["provider", "model"]
    assert "Left out as not shareable: workspaces, API keys, users." in narrow.said
    assert {"workspace", "api_key", "user"} <= {*narrow.manifest["columns_left_out"]}
    assert set(narrow.manifest["columns"].values()) == {"shareable"}


def test_given_back_travels_beside_what_was_charged() -> None:
    """In every hour what is below zero is known for itself, to the last digit."""
    rows = ut.sample(days=14)
    back = rows.filter(pl.col("amount") < 0)
    assert back.height
    for every in ("1m", "1h", "1d"):
        found = cells(Parsed(write(rows, every=every)).cargo)
        keys = ["provider", "model", "meter", "currency"]
        given = found.filter(pl.col("credit") != 0).group_by(keys).agg(pl.col("credit").sum().alias("amount"))
        wanted = back.with_columns(pl.col("meter").cast(pl.String)).group_by(keys).agg(pl.col("amount").sum())
        assert given.sort(keys).equals(wanted.sort(keys))


def test_minutes_are_there_only_when_asked_for() -> None:
    """Each minute of the rows is in a page of minutes, none in another; coarser rows keep their own span."""
    rows = ut.sample(days=3)
    found = cells(Parsed(write(rows, every="1m")).cargo)
    fine = found.filter(pl.col("span") == "1m")
    events = rows.filter(pl.col("grain").cast(pl.String).is_in(["event", "1m"]))
    assert {*fine["time"]} == {*events["time"].dt.truncate("1m").dt.epoch("ms")}
    assert {*found["span"]} == {"1m", *({*rows["grain"]} - {"event", "1m"})}
    assert {*cells(Parsed(write(rows)).cargo)["span"]} <= {"1h", "1d"}
    assert "1m" not in Parsed(write(rows)).cargo["calendar"]["starts"]


def test_too_long_a_time_has_no_minutes() -> None:
    """A page of more than a year has hours, and says so."""
    rows = frame(event(datetime(2024, 10, 1, tzinfo=UTC)), event(datetime(2026, 10, 1, tzinfo=UTC)))
    parsed = Parsed(write(rows, every="1m"))
    assert parsed.manifest["finest"] == "1h"
    assert "Minutes would be too many numbers for one page: it has hours." in parsed.said


@given(values=st.lists(st.none() | st.integers(-(10**40), 10**40) | st.integers(-3, 200), max_size=40))
def test_columns_come_back(values: list[int | None]) -> None:
    """Numbers of any size, unknown ones among them, are read as they were written, and nothing is left over."""
    bits = iter(packing.column(values))
    found = column(bits, len(values))
    assert (found or [None] * len(values)) == values
    assert list(bits) == []


def test_pages_say_how_fresh_they_are(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What was fetched whole, and since when it may change, is in the manifest and is printed."""
    rows = ut.sample(days=3)
    window = {"provider": ["venice"], "source": ["venice.ledger"], "account": ["(default)"]}
    moments = {"start": [datetime(2026, 10, 29, tzinfo=UTC)], "stop": [datetime(2026, 11, 1, tzinfo=UTC)],
               "provisional_since": [datetime(2026, 10, 31, tzinfo=UTC)]}  # fmt: skip
    path = ut.write_page(rows, tmp_path / "page.html", coverage=pl.DataFrame(window | moments))
    made = Parsed(path.read_text(encoding="utf-8")).manifest
    assert made["complete_through"] == {"venice": "2026-11-01T00:00:00Z"}
    assert made["provisional_since"] == {"venice": "2026-10-31T00:00:00Z"}
    assert "provisional since 31 Oct 2026, 00:00" in capsys.readouterr().out
    assert {*made["sha256"]} == {"data", "script", "style"}


def test_a_page_of_days_knows_no_hours() -> None:
    """Asked for days, no hour of a row is in the file."""
    rows = ut.sample(days=5)
    cargo = Parsed(write(rows, every="1d")).cargo
    assert {*cells(cargo)["span"], *cells(cargo, "refused")["span"]} == {"1d"}
    assert "1h" not in cargo["calendar"]["starts"]


def test_a_page_tells_what_is_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The manifest stands in the file for readers and programs, is printed, and its hash is that of the data."""
    rows = ut.sample(days=7)
    path = ut.write_page(rows, tmp_path / "page.html")
    parsed = Parsed(path.read_text(encoding="utf-8"))
    made = parsed.manifest
    assert made["rows"] == rows.height
    assert (made["first_day"], made["last_day"], made["tz"], made["finest"]) == (
        "2026-10-25",
        "2026-10-31",
        "UTC",
        "1h",
    )
    assert made["providers"] == ["anthropic", "venice"]
    assert made["currencies"] == sorted(rows["currency"].drop_nulls().unique())
    assert {"request_id", "notes", "api_key_id", "user_id", "workspace_id", "account", "sku"} <= {
        *made["columns_left_out"]
    }
    assert made["sha256"]["data"] == hashlib.sha256(parsed.raw["script"][1].encode()).hexdigest()
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) >= 5
    assert set(printed) <= {text.strip() for text in parsed.said}
    assert f"{rows.height:,} rows added up to" in printed[0]


def test_people_can_have_pseudonyms() -> None:
    """No name is left, sums are the same, and the same phrase gives the same pseudonym in another page."""
    rows = ut.sample(days=7)
    names = {name for label in PEOPLE for name in rows[label].unique() if name not in ("(none)", "(default)")}
    somebody, somewhere = (str(rows[label].max()) for label in ("user", "workspace"))
    value = ut.Filter(workspace=somewhere, account="(default)", user=[somebody, "nobody-there"])
    plain, hidden = write(rows), write(rows, redact="blue horse", value=value)
    assert all(name in plain for name in names)
    assert not [name for name in {*names, "nobody-there"} if name in hidden]
    known, other = (Parsed(write(some, redact="blue horse")).cargo["codes"] for some in (rows, ut.sample(days=3)))
    for label in PEOPLE:
        assert {*other[label]} <= {*known[label]}
        assert len(known[label]) == rows[label].n_unique()
    changed = Parsed(write(rows, redact="red horse")).cargo["codes"]
    assert not {*changed["user"]} & {*known["user"]} - {"(none)", "(default)"}
    sums = [
        cells(Parsed(text).cargo).group_by("model", "meter", "currency").agg(pl.col("amount", "rows").sum())
        for text in (plain, write(rows, redact=True))
    ]
    assert sums[0].sort(pl.all().exclude("amount")).equals(sums[1].sort(pl.all().exclude("amount")))
    assert Parsed(hidden).manifest["labels_redacted"] == list(PEOPLE)


@pytest.mark.parametrize("group", ["api_key", "user", "workspace"])
def test_pseudonyms_also_in_the_still_picture(group: str) -> None:
    """Where a panel is stacked by people, the picture without scripts names none of them either."""
    rows = ut.sample(days=3)
    panel = ut.CostPanel(rows)
    panel.group = group
    text = write(panel, redact="x")
    assert not [name for name in rows[group].unique() if name not in ("(none)", "(default)") and name in text]


def test_too_much_becomes_coarser_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours become days, then labels are given up one after the other; sums stay, and a sentence tells."""
    rows = ut.sample(days=14)
    hours = Hours(rows)
    whole = hours.cells.group_by("meter", "currency").agg(pl.col("amount", "rows").sum()).sort("rows", "amount")
    seen = []
    for most in (100_000, 5_000, 3_000, 1_000, 500):
        made = fitting(hours, ut.Filter(), every="1h", most=most)
        assert made.frame.height <= most
        seen.append((made.every, made.folded))
        sums = made.frame.group_by("meter", "currency").agg(pl.col("amount", "rows").sum()).sort("rows", "amount")
        assert sums.select("amount", "rows").equals(whole.select("amount", "rows"))
    assert seen[0] == ("1h", ())
    assert seen == sorted(seen, key=lambda one: (one[0] == "1d", len(one[1])))
    assert len(set(seen)) >= 4
    monkeypatch.setitem(fitting.__kwdefaults__ or {}, "most", 1_000)
    value = ut.Filter("2026-10-30T13:00", "2026-10-30T14:00", user=str(rows["user"].max()))
    text = write(rows, value=value)
    parsed = Parsed(text)
    assert parsed.manifest["finest"] in ("1h", "1d")
    coarse = Parsed(write(rows))
    assert "Hours would be too many numbers for one page: it has days." in coarse.said
    assert coarse.manifest["rows"] == rows.height
    told = [line for line in coarse.said if line.startswith("Too many numbers for one page")]
    assert len(told) == len(coarse.manifest["labels_folded"]) > 0
    monkeypatch.setitem(fitting.__kwdefaults__ or {}, "most", 10)
    with pytest.raises(ut.InputError, match="at most 10 numbers"):
        write(rows)


def test_a_panel_becomes_a_page_as_it_stands() -> None:
    """Filter, group, currency, granularity, zone and language of the panel are those of the page."""
    rows = ut.sample(days=7)
    panel = ut.CostPanel(rows, tz="Europe/Rome", locale="it-IT")
    panel.value = ut.Filter.day("2026-10-30", tz="Europe/Rome", model="claude-opus-4-8")
    panel.group, panel.currency, panel.every = "provider", "DIEM", "1h"
    parsed = Parsed(write(panel))
    cargo = parsed.cargo
    assert cargo["begin"] == {"board": "cost", "cost": "provider", "use": "meter", "currency": "DIEM", "every": "1h"}
    params = panel.value.to_params()
    assert cargo["filter"] == {name: params[name] for name in cargo["filter"]}
    assert cargo["calendar"]["tz"] == "Europe/Rome"
    assert "Che cosa contiene questo file" in parsed.said
    assert Parsed(write(ut.UsagePanel(rows))).cargo["begin"]["board"] == "use"


def test_what_can_not_be_chosen_narrows_the_page() -> None:
    """A currency, or a part of an hour, is said and is all that the file holds."""
    rows = ut.sample(days=7)
    parsed = Parsed(write(rows, value=ut.Filter(currency="DIEM")))
    assert parsed.manifest["currencies"] == ["DIEM"]
    assert "Only rows of: currency DIEM." in parsed.said
    part = ut.Filter("2026-10-30T13:10", "2026-10-30T13:50", provider="venice")
    found = Parsed(write(rows, value=part))
    kept = rows.filter(part.replace(provider=()).to_expr(), pl.col("grain") == "event")
    assert found.manifest["rows"] == kept.height
    assert found.cargo["filter"]["start"] == ut.Filter("2026-10-30T13:00").to_params()["start"]


@pytest.mark.parametrize("locale", ["en-US", "it-IT"])
@pytest.mark.parametrize("hazard", zoo.ZOO)
def test_every_hazard_has_a_page(hazard: str, locale: str) -> None:
    """No rows, unknown numbers, hard days, hostile names: there is a page, and its rows are all there."""
    parsed = Parsed(write(zoo.ZOO[hazard], locale=locale))
    assert parsed.manifest["rows"] == zoo.ZOO[hazard].height
    assert cells(parsed.cargo)["rows"].sum() == zoo.ZOO[hazard].height


def test_hostile_names_stay_names() -> None:
    """Whatever a text column holds, the page has the same tags and the names come back letter by letter."""
    assert len(PAYLOADS) >= 60 + len(zoo.HOSTILE)
    columns = [name for name, dtype in COLUMNS.items() if dtype == pl.String and name != "currency"]
    start = datetime(2026, 10, 1, tzinfo=UTC)
    pages = []
    for names in (PAYLOADS, [f"name {place:03}" for place in range(len(PAYLOADS))]):
        rows = [
            event(start, meter=meter, **dict.fromkeys(columns, name))
            for name in names
            for meter in ("input", "rate_limited")
        ]
        pages.append(Parsed(write(frame(*rows), title=names[18])))
    ours, harmless = pages
    assert [tag for tag, _ in ours.tags] == [tag for tag, _ in harmless.tags]
    assert [sorted(attrs) for _, attrs in ours.tags] == [sorted(attrs) for _, attrs in harmless.tags]
    for label in ("provider", "workspace", "model", "api_key", "user"):
        assert ours.cargo["codes"][label] == sorted(PAYLOADS)
        assert len({*ours.cargo["called"][label]}) == len(PAYLOADS)


@pytest.mark.parametrize("currency", ["</script><script>window.hit=1</script>", "U S D", "a,b", "__proto__"])
def test_hostile_currencies_stay_names(currency: str) -> None:
    """A currency is a text of the data, too."""
    parsed = Parsed(write(frame(event(datetime(2026, 10, 1, tzinfo=UTC), currency=currency))))
    assert parsed.cargo["codes"]["currency"] == [currency]
    assert [attrs.get("type") for tag, attrs in parsed.tags if tag == "script"][2] is None
    assert len(parsed.raw["script"]) == 3


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"every": "1w"}, "every to be 1m, 1h or 1d"),
        ({"limit": "public"}, "limit to be one of"),
        ({"redact": ""}, "redact"),
        ({"redact": 3}, "redact"),
        ({"title": 3}, "title"),
        ({"value": "2026-10"}, "value to be a Filter"),
        ({"tz": "Mars/Olympus"}, "time zone"),
        ({"locale": "xx-none"}, "locale"),
    ],
)
def test_what_can_not_be_meant_is_refused(how: dict[str, Any], said: str, tmp_path: Path) -> None:
    """One sentence says what was expected, and no file is there."""
    with pytest.raises(ut.ArgumentError, match=said):
        ut.write_page(ut.sample(days=1), tmp_path / "page.html", **how)
    assert not list(tmp_path.iterdir())


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    """The folder is not made up."""
    with pytest.raises(ut.ArgumentError, match="folder"):
        ut.write_page(ut.sample(days=1), tmp_path / "none" / "page.html")


def test_no_name_stands_twice_in_the_script() -> None:
    """All files of the script are one text, in which the second of two functions would replace the first unheard."""
    named = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", document.script(), re.MULTILINE)
    assert len(named) > 50
    assert sorted(named) == sorted(set(named))


@pytest.mark.parametrize(("kind", "packed"), [("by price", 0.7e6), ("any money", 2.0e6)])
def test_a_month_is_small(kind: str, packed: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """31 days of 24 hours, 6 models, 8 keys and 5 kinds, every cell filled, are at most two megabytes, by gzip less."""
    monkeypatch.syspath_prepend(str(FOLDER.parents[1]))
    rows = import_module("benchmarks.shared_pages").rows(kind)
    text = write(rows).encode()
    assert Parsed(text.decode()).manifest["numbers"] == 31 * 24 * 6 * 8 * 5
    assert len(text) <= 2.0e6
    assert len(gzip.compress(text)) <= packed
