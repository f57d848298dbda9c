"""The Console's exports of tokens and cost: every view, every header, to the last digit, and nothing twice."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import usage_toolkit as ut
from usage_toolkit.sources.anthropic.words import model

if TYPE_CHECKING:
    from collections.abc import Sequence

V1 = (
    "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,cost_type,inference_geo,speed"
)
V2 = V1.replace("cost_usd", "cost_usd,list_price_usd")
V3 = V2 + ",api_key_id,api_key_status"
TOKENS = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
    "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
    "usage_output_tokens,web_search_count,inference_geo,speed"
)
OLD = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
    "usage_input_tokens_cache_write,usage_input_tokens_cache_read,usage_output_tokens,web_search_count"
)
METERS = {
    "usage_input_tokens_no_cache": "input",
    "usage_input_tokens_cache_write_5m": "cache_write_5m",
    "usage_input_tokens_cache_write_1h": "cache_write_1h",
    "usage_input_tokens_cache_write": "cache_write",
    "usage_input_tokens_cache_read": "cache_read",
    "usage_output_tokens": "output",
    "web_search_count": "web_search",
}
USED = {"usage_date_utc": "2026-08-05", "model_version": "claude-opus-5", "api_key": "app", "workspace": "Default"}
USED |= {"usage_type": "standard", "context_window": "≤ 200k", "inference_geo": "global"}
PAID = {"usage_date_utc": "2026-08-05", "model": "Claude Opus 5", "api_key": "app", "workspace": "Default"}
PAID |= {"usage_type": "message", "context_window": "≤ 200k", "token_type": "output", "cost_type": "token"}
PAID |= {"cost_usd": "0.75", "inference_geo": "global"}


def export(header: str, rows: Sequence[dict[str, object]], ends: str = "\n") -> bytes:
    """A file as the Console writes it; counters that a row leaves out are 0, other cells empty."""
    columns = header.split(",")
    text = io.StringIO()
    table = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator=ends)
    table.writeheader()
    table.writerows(dict.fromkeys(columns, "") | {name: 0 for name in columns if name in METERS} | row for row in rows)
    return text.getvalue().encode()


def used(**cells: object) -> dict[str, object]:
    """A row of tokens, with other cells than the usual ones."""
    return USED | {"usage_output_tokens": 7} | cells


def paid(**cells: object) -> dict[str, object]:
    """A row of cost, with other cells than the usual ones."""
    return PAID | cells


def read(data: bytes, name: str = "export.csv") -> pl.DataFrame:
    """What `ut.read` makes of a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return ut.read(path)


def write(path: Path, data: bytes) -> Path:
    """Write a file."""
    path.write_bytes(data)
    return path


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
names = st.one_of(words.filter(lambda word: word not in {"--", "Default", "(default)", "(none)"}), st.just("a\nb"))
FIRST, LAST = datetime.fromisoformat("2023-01-01"), datetime.fromisoformat("2100-12-31")
days = st.dates(FIRST.date(), LAST.date())
cents = st.decimals(-10_000, 10_000, places=2).map(str)


@given(
    st.sampled_from([V1, V2, V3]),
    st.sampled_from(["\n", "\r\n"]),
    st.lists(st.tuples(days, names, st.one_of(names, st.just("--")), cents, cents), max_size=12),
)
def test_cost_is_what_was_written(header: str, ends: str, lines: list[tuple[object, str, str, str, str]]) -> None:
    """Whatever rows an export has, equal ones too, money and list price per day and key are theirs, to the digit."""
    made = [paid(usage_date_utc=d, api_key=key, model=m, cost_usd=a, list_price_usd=b) for d, key, m, a, b in lines * 2]
    rows = read(export(header, made, ends))
    assert rows.height == len(made)
    assert rows["time"].is_sorted()
    counted = Counter((f"{d}", key, Decimal(a), Decimal(b) if header != V1 else None) for d, key, _, a, b in lines * 2)
    found = rows.select(pl.col("time").dt.strftime("%Y-%m-%d"), "api_key", "amount", "list_amount").rows()
    assert Counter(found) == counted
    assert rows["amount"].sum() == sum(Decimal(a) for *_, a, _ in lines * 2)
    assert rows["amount_usd"].equals(rows["amount"], check_names=False)


moments = st.datetimes(FIRST, LAST)
counts = st.one_of(st.just(0), st.integers(0, 10**15))


@given(
    st.sampled_from([TOKENS, OLD]),
    st.sampled_from(["%Y-%m-%d", "%Y-%m-%d %H:00", "%Y-%m-%d %H:%M"]),
    st.lists(
        st.tuples(moments, names, st.lists(counts, min_size=7, max_size=7)),
        max_size=12,
    ),
)
def test_tokens_are_what_was_written(header: str, view: str, lines: list[tuple[datetime, str, list[int]]]) -> None:
    """Whatever rows an export has, each counter's sum per time and key is in its meter, and zeros are no rows."""
    made = [
        used(usage_date_utc=f"{at:{view}}", api_key=key, **dict(zip(METERS, numbers, strict=True)))
        for at, key, numbers in lines
    ]
    rows = read(export(header, made))
    expected: Counter[tuple[str, str, str]] = Counter()
    for row in made:
        for column, meter in METERS.items():
            if column in header.split(",") and row[column]:
                expected[str(row["usage_date_utc"]), str(row["api_key"]), meter] += int(str(row[column]))
    sums = rows.group_by(pl.col("time").dt.strftime(view), "api_key", pl.col("meter").cast(pl.String))
    found = {tuple(key): int(total) for *key, total in sums.agg(pl.col("quantity").sum()).iter_rows()}
    assert found == dict(expected)
    assert (rows["quantity"] > 0).all()
    assert rows["amount"].null_count() == rows.height


def test_rows_that_differ_only_in_cost_are_different_charges() -> None:
    """Rows equal in every key column, and rows equal altogether, are all there."""
    made = [paid(cost_usd=cost) for cost in ("0.75", "1.16", "1.16", "0.00")]
    for header in (V1, V2, V3):
        rows = read(export(header, [row | {"list_price_usd": "1.16"} for row in made]))
        assert rows["amount"].to_list() == [Decimal("0.75"), Decimal("1.16"), Decimal("1.16"), Decimal(0)]
        assert ut.totals(rows, by="api_key", measure="amount")["amount"].to_list() == [Decimal("3.07")]


def test_more_digits_than_cents_are_kept() -> None:
    """Should the Console stop rounding, no digit is lost."""
    rows = read(export(V2, [paid(cost_usd="0.123456789012345678", list_price_usd="1e-7")]))
    assert rows["amount"].to_list() == [Decimal("0.123456789012345678")]
    assert rows["list_amount"].to_list() == [Decimal("1e-7")]


def test_a_list_price_that_is_not_told_is_unknown() -> None:
    """Neither a missing column nor an empty cell is a list price of 0."""
    rows = read(export(V2, [paid(list_price_usd=cell) for cell in ("", "--", "0.00")]))
    assert rows["list_amount"].to_list() == [None, None, Decimal(0)]
    assert read(export(V1, [paid()]))["list_amount"].to_list() == [None]


def test_the_year_before_had_one_kind_of_cache_write() -> None:
    """What an old export does not tell apart stays one meter, and what it does not say stays unsaid."""
    rows = read(export(OLD, [used(usage_input_tokens_cache_write=5)]))
    assert dict(rows.select("meter", "quantity").iter_rows()) == {"cache_write": 5, "output": 7}
    assert set(rows["region"]) == set(rows["speed"]) == {"(none)"}


@pytest.mark.parametrize(
    ("moments", "grain"),
    [
        (["2026-08-05", "2026-08-06"], "1d"),
        (["2026-08-05 02:00", "2026-08-05 23:00"], "1h"),
        (["2026-08-05 15:00", "2026-08-05 15:59"], "1m"),
        (["2026-08-05T15:00:00Z", "2026-08-05 15:07:00"], "1m"),
    ],
)
def test_a_view_has_its_grain(moments: list[str], grain: str) -> None:
    """The month's view has days, the day's hours, the hour's minutes, all in UTC; the file's name does not matter."""
    rows = read(export(TOKENS, [used(usage_date_utc=moment) for moment in moments]), "claude_api_tokens_2026_08.csv")
    assert set(rows["grain"]) == {grain}
    assert rows["time"].to_list() == [datetime.fromisoformat(m.removesuffix("Z")).replace(tzinfo=UTC) for m in moments]


@pytest.mark.parametrize(
    ("cell", "window"),
    [
        ("≤ 200k", "0-200k"), ("<=200K", "0-200k"), ("≤\u00a0200k", "0-200k"), ("> 200k", "200k-1M"),
        ("0-200k", "0-200k"), ("huge", "huge"), ("--", "(none)"), ("", "(none)"),
    ],
)  # fmt: skip
def test_a_context_window_is_that_of_the_reports(cell: str, window: str) -> None:
    """However it is written; one that nobody knows yet stays as it is."""
    assert read(export(TOKENS, [used(context_window=cell)]))["context_window"].to_list() == [window]
    assert read(export(V1, [paid(context_window=cell)]))["context_window"].to_list() == [window]


@pytest.mark.parametrize(
    ("cost", "token", "meter", "notes"),
    [
        ("token", "input_no_cache", "input", None),
        ("token", "input_cache_read", "cache_read", None),
        ("token", "input_cache_write_5m", "cache_write_5m", None),
        ("token", "input_cache_write_1h", "cache_write_1h", None),
        ("token", "output", "output", None),
        ("web_search", "--", "web_search", None),
        ("code_execution", "--", "code_execution", None),
        ("session_usage", "", "session", None),
        ("token", "thought", "other", "cost_type=token, token_type=thought"),
        ("container", "--", "other", "cost_type=container"),
        ("--", "--", "other", None),
    ],
)
def test_a_charge_has_its_meter(cost: str, token: str, meter: str, notes: str | None) -> None:
    """A kind of charge that nobody knew yet is money all the same, with its name in the notes."""
    rows = read(export(V3, [paid(cost_type=cost, token_type=token, api_key_id="apikey_01", list_price_usd="1")]))
    assert rows.select("meter", "amount", "api_key_id").rows() == [(meter, Decimal("0.75"), "apikey_01")]
    assert rows["notes"].to_list() == [notes]


@pytest.mark.parametrize(
    ("shown", "id_"),
    [
        ("Claude Opus 5", "claude-opus-5"),
        ("Claude Opus 4.8", "claude-opus-4-8"),
        ("Claude Sonnet 4.5", "claude-sonnet-4-5-20250929"),
        ("Claude Haiku 3.5", "claude-3-5-haiku-20241022"),
        ("Claude Sonnet 3.5", "Claude Sonnet 3.5"),
        ("Claude Opus 5 (fast)", "Claude Opus 5 (fast)"),
        ("Something Else 9", "Something Else 9"),
    ],
)
def test_a_shown_name_is_the_id_of_the_reports(shown: str, id_: str) -> None:
    """Cost and tokens of a model meet under its id; a name that could be two ids stays a name, as does a stranger."""
    assert model(shown) == id_
    rows = read(export(V1, [paid(model=shown)]))
    assert rows.select("model", "sku").rows() == [(id_, f"{shown}, message, output")]


def test_unknown_columns_are_named_once(tmp_path: Path) -> None:
    """However many files have them, one notice names the columns; the rest is read as ever."""
    for day in ("05", "06", "07"):
        row = used(usage_date_utc=f"2026-08-{day}", usage_thought_tokens=9, team="x")
        write(tmp_path / f"{day}.csv", export(f"{TOKENS},usage_thought_tokens,team,", [row]))
    with pytest.warns(ut.UsageToolkitWarning) as notices:
        rows = ut.read(tmp_path / "*.csv")
    (said,) = (str(notice.message) for notice in notices)
    assert said.startswith(
        "05.csv and 2 more: expected the columns of an export as it is known, found 'team', 'usage_th"
    )
    assert said.endswith("which were left out; if one of them counts use or money, it is in no sum.")
    assert rows["quantity"].to_list() == [7, 7, 7]


def test_columns_go_by_their_names() -> None:
    """Their order is not fixed."""
    for header, rows in ((TOKENS, [used(), used(api_key="b")]), (V3, [paid(list_price_usd="1"), paid(api_key="b")])):
        plain, turned = (
            read(export(",".join(columns), rows)) for columns in (header.split(","), header.split(",")[::-1])
        )
        assert plain.drop("origin").equals(turned.drop("origin"))


def without(header: str, column: str) -> str:
    """A header that lacks a column."""
    return ",".join(name for name in header.split(",") if name != column)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (export(TOKENS, [used(), used(usage_output_tokens="1.5")]), "row 2, column 'usage_output_tokens': expected a "),
        (export(TOKENS, [used(usage_output_tokens=-1)]), "row 1, column 'usage_output_tokens': expected a whole numbe"),
        (export(TOKENS, [used(usage_output_tokens="NaN")]), "row 1, column 'usage_output_tokens': expected a plain nu"),
        (export(TOKENS, [used(usage_output_tokens="1,000")]), "row 1, column 'usage_output_tokens': expected a plain"),
        (export(TOKENS, [used(), used(web_search_count="")]), "row 2, column 'web_search_count': expected a value, fo"),
        (export(TOKENS, [used(usage_output_tokens=10**18)]), "row 1, column 'usage_output_tokens': expected a number "),
        (export(V1, [paid(), paid(cost_usd="NaN")]), "row 2, column 'cost_usd': expected a plain number"),
        (export(V1, [paid(cost_usd="inf")]), "row 1, column 'cost_usd': expected a plain number"),
        (export(V1, [paid(cost_usd="$0.75")]), "row 1, column 'cost_usd': expected a plain number"),
        (export(V1, [paid(cost_usd="--")]), "row 1, column 'cost_usd': expected a plain number"),
        (export(V1, [paid(), paid(), paid(cost_usd="")]), "row 3, column 'cost_usd': expected a value, found none"),
        (export(V2, [paid(list_price_usd="x")]), "row 1, column 'list_price_usd': expected a plain number"),
        (export(V1, [paid(), paid(usage_date_utc="8/5/2026")]), "row 2, column 'usage_date_utc': expected a day or a "),
        (export(V1, [paid(usage_date_utc="2026-02-30")]), "row 1, column 'usage_date_utc': expected a day"),
        (export(V1, [paid(usage_date_utc="9999-01-01")]), "row 1, column 'usage_date_utc': expected a day"),
        (export(V1, [paid(usage_date_utc="")]), "row 1, column 'usage_date_utc': expected a value"),
        (export(V1, [paid(usage_date_utc="Total")]), "row 1, column 'usage_date_utc': expected a day"),
        (export(TOKENS, [used(usage_date_utc="2026-08-05 24:00")]), "row 1, column 'usage_date_utc': expected a day"),
        (export(TOKENS, [used(), used(usage_date_utc="2026-08-05 02:00")]), "row 2, column 'usage_date_utc': expected"),
        (export(without(V1, "cost_usd"), [paid()]), "expected a column 'cost_usd', found usage_date_utc, model"),
        (export(without(V1, "api_key"), [paid()]), "expected a column 'api_key', found"),
        (export(without(TOKENS, "usage_output_tokens"), [used()]), "expected a column 'usage_output_tokens', found"),
        (export(without(TOKENS, "usage_input_tokens_cache_write_1h"), [used()]), "expected a column 'usage_input_toke"),
        (export(without(OLD, "usage_input_tokens_cache_write"), [used()]), "expected a column 'usage_input_tokens_cac"),
        (export(TOKENS + ",usage_input_tokens_cache_write", [used()]), "expected either 'usage_input_tokens_cache_wri"),
        (export(V1, [paid()]).replace(b"speed", b"model"), "expected each column once, found 'model' twice"),
        (export(V1, [paid()]).replace(b",", b";"), "expected commas between the columns, found semicolons"),
        (export(V1, [paid(), paid()])[:-20], "row 2: expected 11 fields, found 7"),
        (export(V1, [paid()]).rstrip() + b",1\n", "row 1: expected 11 fields, found 12"),
        (f"{TOKENS},tea".encode(), "expected rows below the header, found the end of the file in column 'tea'"),
        (export(V1, [paid(api_key="x")]).replace(b"x", b"\xff"), "expected a CSV export of the Claude Console, found"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_a_sentence(data: bytes, sentence: str) -> None:
    """It names the file, and the row and column if one is at fault; nothing is loaded."""
    with pytest.raises(ut.InputError) as error:
        read(data)
    assert str(error.value).startswith("export.csv")
    assert sentence in str(error.value)
    assert str(error.value).count("\n") == 0


@pytest.mark.parametrize("header", [V1, V2, V3, TOKENS, OLD])
def test_a_quiet_month_is_no_rows(header: str) -> None:
    """A header alone is an empty frame, and so is a month in which nothing was counted."""
    for data in (export(header, []), header.encode(), export(header, []).replace(b"\n", b"\r\n\r\n")):
        assert read(data).equals(ut.sample(days=1).clear())
    assert read(export(TOKENS, [used(usage_output_tokens=0)])).height == 0


def test_bytes_around_the_rows_do_not_matter() -> None:
    """A mark at the start, Windows or old Mac line ends, blank lines at the end, gzip: the same rows."""
    for header, row in ((TOKENS, used()), (V3, paid(list_price_usd="0.80"))):
        plain = export(header, [row, row])
        forms = [b"\xef\xbb\xbf" + plain, plain.replace(b"\n", b"\r\n"), plain.replace(b"\n", b"\r"), plain.rstrip()]
        forms += [plain + b"\n\n", gzip.compress(plain)]
        assert all(read(form).drop("origin").equals(read(plain).drop("origin")) for form in forms)


def test_two_views_of_a_day_are_refused(tmp_path: Path) -> None:
    """The month's view and a day's hours are the same tokens, also if the day is the month's last."""
    month = write(tmp_path / "month.csv", export(TOKENS, [used(), used(usage_date_utc="2026-08-06")]))
    for day in ("05", "06"):
        view = write(tmp_path / f"{day}.csv", export(TOKENS, [used(usage_date_utc=f"2026-08-{day} 02:00")]))
        with pytest.raises(ut.InputError, match="expected a time of its own, found rows from"):
            ut.read(month, view)
    view = write(tmp_path / "07.csv", export(TOKENS, [used(usage_date_utc="2026-08-07 00:00")]))
    assert set(ut.read(month, view)["grain"]) == {"1d", "1h"}


def test_a_day_that_grew_is_not_counted_twice(tmp_path: Path) -> None:
    """Exports that share a day are refused, though no row of it is the same; months that follow are read together."""
    for header, row, number in ((V1, paid, "cost_usd"), (TOKENS, used, "usage_output_tokens")):
        early = write(tmp_path / "a.csv", export(header, [row(usage_date_utc="2026-08-04"), row(**{number: 1})]))
        late = write(tmp_path / "b.csv", export(header, [row(**{number: 2}), row(usage_date_utc="2026-08-06")]))
        with pytest.raises(ut.InputError, match=r"b\.csv: expected a time of its own, found rows from 2026-08-05"):
            ut.read(early, late)
        late = write(tmp_path / "b.csv", export(header, [row(usage_date_utc="2026-08-06")]))
        assert ut.read(early, late).height == 3


def test_tokens_and_cost_of_a_day_are_two_measures(tmp_path: Path) -> None:
    """Quantities of one export and money of the other are read together, and no report is there twice."""
    write(tmp_path / "tokens.csv", export(TOKENS, [used()]))
    write(tmp_path / "cost.csv", export(V2, [paid(list_price_usd="1.00")]))
    rows = ut.read(tmp_path / "*.csv")
    labels = ["provider", "workspace", "api_key", "model", "context_window", "region", "meter"]
    assert rows.select(labels).unique().height == 1
    assert dict(rows.select("source", "basis").iter_rows()) == {
        "anthropic.cost_csv": "billed",
        "anthropic.tokens_csv": "metered",
    }
    assert ut.one_book(rows).equals(rows)


def test_cost_of_a_day_is_spread_over_the_hours_of_its_key() -> None:
    """Tokens by the hour and cost by the day meet by key and model: each hour has its part, each key its whole."""
    hours = [
        used(usage_date_utc=f"2026-08-05 {hour:02}:00", api_key=key, usage_output_tokens=hour + 1)
        for hour in range(3)
        for key in ("a", "b")
    ]
    days = [paid(api_key=key, cost_usd=cost) for key in ("a", "b") for cost in ("0.75", "1.16", "1.15")]
    rows = pl.concat([read(export(TOKENS, hours)), read(export(V1, days))])
    spread = ut.allocate(rows).filter(basis="allocated").sort("api_key", "time")
    assert spread["api_key"].to_list() == ["a"] * 3 + ["b"] * 3
    assert spread["amount"].to_list() == [Decimal("0.51"), Decimal("1.02"), Decimal("1.53")] * 2


def test_views_and_reports_that_came_together_are_seen() -> None:
    """Rows that were read by themselves and put together are one book only after someone said which to believe."""
    month = read(export(TOKENS, [used()]))
    hours = read(export(TOKENS, [used(usage_date_utc="2026-08-05 02:00")]))
    cost = read(export(V1, [paid()]))
    report = cost.with_columns(source=pl.lit("anthropic.cost"))
    for rows, prefer in (
        (pl.concat([month, hours]), "anthropic.tokens_csv 1h"),
        (pl.concat([cost, report]), "anthropic.cost_csv"),
    ):
        assert ut.overlaps(rows).height == 1
        with pytest.raises(ut.InputError, match="expected one report of"):
            ut.one_book(rows)
        assert ut.one_book(rows, prefer=prefer).height == 1
