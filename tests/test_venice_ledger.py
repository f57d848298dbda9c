"""What a Venice ledger says, and the traps in it that would change a sum."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from usage_toolkit import InputError, UsageToolkitWarning
from usage_toolkit.schema import COLUMNS, NONE
from usage_toolkit.sources.venice import ledger

HEADER = (
    "timestamp,sku,pricePerUnitUsd,units,amount,currency,notes,inferenceDetails.requestId,"
    "inferenceDetails.inferenceExecutionTime,inferenceDetails.promptTokens,inferenceDetails.completionTokens"
)
DETAILS = {"requestId": "chatcmpl-1", "promptTokens": 84306, "completionTokens": 214, "inferenceExecutionTime": 4433}


def entry(**changes: Any) -> dict[str, Any]:
    """One row as Venice sends it, with some fields changed."""
    row = {
        "timestamp": "2026-09-04T03:10:02.855Z",
        "sku": "glm-5-llm-input-mtoken",
        "units": 0.00021,
        "pricePerUnitUsd": 6,
        "amount": -0.00126,
        "currency": "DIEM",
        "notes": "API Inference",
        "inferenceDetails": DETAILS,
    }
    return row | changes


def parsed(*rows: dict[str, Any], **body: Any) -> pl.DataFrame:
    """Canonical rows of a JSON page with these entries."""
    data = json.dumps({"data": rows, "nextCursor": None} | body).encode()
    return ledger.parse(data, name="page.json", origin="page.json", account="acme").rows


def from_text(text: str) -> pl.DataFrame:
    """Canonical rows of a page given as its very text."""
    return ledger.parse(text.encode(), name="page", origin="page", account="acme").rows


def test_a_request_is_several_rows_and_none_counts_its_prompt_twice() -> None:
    """Quantities come from each row's own units; the details that every row repeats are never added."""
    rows = parsed(
        entry(units=0.00021),
        entry(sku="glm-5-llm-cache-input-mtoken", units=0.084096, pricePerUnitUsd=0.6, amount=-0.0504576),
        entry(sku="glm-5-llm-output-mtoken", units=0.000214, pricePerUnitUsd=30, amount=-0.00642),
    )
    assert rows["meter"].to_list() == ["input", "cache_read", "output"]
    assert rows["quantity"].to_list() == [Decimal(210), Decimal(84096), Decimal(214)]
    assert rows["quantity"][:2].sum() == DETAILS["promptTokens"]
    assert rows["request_id"].n_unique() == 1
    assert rows.schema == pl.Schema(COLUMNS)


def test_millions_of_tokens_become_tokens_and_their_price_a_price_of_one() -> None:
    """``-mtoken`` counts millions; quantity times unit price is the amount."""
    row = parsed(entry(units=0.612379, pricePerUnitUsd=0.275, amount=-0.168404225)).row(0, named=True)
    assert (row["quantity"], row["unit"], row["unit_price"]) == (612379, "token", Decimal("0.000000275"))
    assert row["quantity"] * row["unit_price"] == row["amount"]


def test_charges_are_positive_and_credits_negative() -> None:
    """The ledger's sign is turned once, at the door."""
    assert parsed(entry(amount=-1.5), entry(amount=2))["amount"].to_list() == [Decimal("1.5"), Decimal(-2)]


def test_equal_rows_are_all_kept() -> None:
    """Two rows equal in everything are two charges."""
    rows = parsed(entry(), entry(), entry())
    assert rows.height == 3
    assert rows["amount"].sum() == Decimal("0.00378")


@pytest.mark.parametrize(
    ("currency", "dollars"),
    [("USD", 1), ("DIEM", 1), ("BUNDLED_CREDITS", 1), ("EARNED_CREDITS", 1), ("VCU", None), ("EUR", None)],
)
def test_retired_and_new_currencies_are_kept_but_not_turned_into_dollars(currency: str, dollars: int | None) -> None:
    """Only what Venice itself counts as a dollar has one; VCU and what is not known have none."""
    row = parsed(entry(currency=currency, amount=-1)).row(0, named=True)
    assert (row["currency"], row["amount"], row["amount_usd"]) == (currency, 1, dollars)


@pytest.mark.parametrize(
    ("sku", "model", "meter", "unit", "quantity"),
    [
        ("glm-5-llm-input-mtoken", "glm-5", "input", "token", 2_000_000),
        ("glm-5-llm-output-mtoken", "glm-5", "output", "token", 2_000_000),
        ("glm-5-llm-cache-input-mtoken", "glm-5", "cache_read", "token", 2_000_000),
        ("gpt-5-llm-cache-write-mtoken", "gpt-5", "cache_write", "token", 2_000_000),
        ("claude-llm-cache-write-5m-mtoken", "claude", "cache_write_5m", "token", 2_000_000),
        ("claude-llm-cache-write-1h-mtoken", "claude", "cache_write_1h", "token", 2_000_000),
        ("a-llm-b-llm-input-mtoken", "a-llm-b", "input", "token", 2_000_000),
        ("grok-imagine-image-image-unit", "grok-imagine-image", "image", "image", 2),
        ("search-augmentation", NONE, "web_search", "request", 2),
        ("glm-5-llm-thought-mtoken", NONE, "other", "token", 2_000_000),
        ("never-seen-before", NONE, "other", "unit", 2),
        ("", NONE, "other", "unit", 2),
    ],
)
def test_every_product_finds_a_meter(sku: str, model: str, meter: str, unit: str, quantity: int) -> None:
    """A product that is not known is `other`, under its own name, and never dropped."""
    row = parsed(entry(sku=sku, units=2)).row(0, named=True)
    assert (row["sku"], row["model"], row["meter"], row["unit"], row["quantity"]) == (sku, model, meter, unit, quantity)


def test_what_is_not_inference_has_no_details() -> None:
    """Null details are null, not empty texts and not 0."""
    row = parsed(entry(inferenceDetails=None, notes=None)).row(0, named=True)
    assert (row["request_id"], row["latency_ms"], row["notes"]) == (None, None, None)


@pytest.mark.parametrize("time", ["NaN", "inf", "-inf", "1e300", "1e18000", "soon"])
def test_a_latency_that_is_none_is_unknown(time: str) -> None:
    """How long a request took is no money: what can't be read is null, and the charge stays."""
    head = "timestamp,sku,pricePerUnitUsd,units,amount,currency,inferenceDetails.inferenceExecutionTime"
    rows = [from_text(f"{head}\n2026-09-04T03:10:02.855Z,x,1,1,-1,USD,{time}\n")]
    if time.startswith("1e"):  # the others are no JSON
        page = json.dumps({"data": [entry(inferenceDetails=DETAILS | {"inferenceExecutionTime": 7.125})]})
        rows.append(from_text(page.replace("7.125", time)))
    for row in rows:
        assert row["latency_ms"].to_list() == [None]
        assert row["amount"].null_count() == 0


def test_every_digit_arrives() -> None:
    """Numbers are read by their digits: no double could hold these, nor tell these exponents from decimals."""
    text = (
        '{"data":[{"timestamp":"2026-09-04T03:10:02Z","sku":"x","units":123456789.123456789,"pricePerUnitUsd":6e0,'
        '"amount":-0.123456789012345678,"currency":"USD","notes":""},'
        '{"timestamp":"2026-09-04T03:10:02Z","sku":"x","units":9e-7,"pricePerUnitUsd":1.095e-05,'
        '"amount":-9E-7,"currency":"USD","notes":""}],"nextCursor":null}'
    )
    rows = from_text(text)
    assert rows["amount"].to_list() == [Decimal("0.123456789012345678"), Decimal("0.0000009")]
    assert rows["quantity"].to_list() == [Decimal("123456789.123456789"), Decimal("0.0000009")]
    assert rows["unit_price"][1] == Decimal("0.00001095")


def test_more_digits_than_a_column_keeps_are_said() -> None:
    """Rounding happens once, half-even, and with a notice of how often and how much."""
    with pytest.warns(UsageToolkitWarning, match=r"amount: 1 of 1 .* 18 decimals .* 5\.0e-19"):
        row = from_text(json.dumps({"data": [entry()]}).replace("-0.00126", "-0.0012600000000000005")).row(
            0, named=True
        )
    assert row["amount"] == Decimal("0.00126")


def test_noise_in_token_counts_is_rounded_and_said() -> None:
    """0.00020999999999999998 million tokens are 210 tokens."""
    with pytest.warns(UsageToolkitWarning, match="1 of 1 token counts are not whole"):
        rows = parsed(entry(units=0.00020999999999999))
    assert rows["quantity"].to_list() == [Decimal(210)]


def test_csv_and_json_are_the_same_rows() -> None:
    """The two forms of a page differ in nothing but form; old CSVs say `unit` for `units`."""
    details = "chatcmpl-1,4433,84306,214"
    line = f"2026-09-04T03:10:02.855Z,glm-5-llm-input-mtoken,6,0.00021,-0.00126,DIEM,API Inference,{details}"
    same = parsed(entry()).drop("origin")
    for header in (HEADER, HEADER.replace("units", "unit"), "\ufeff" + HEADER):
        assert from_text(f"{header}\n{line}\n").drop("origin").equals(same)


def test_columns_are_found_by_name() -> None:
    """Another order, fewer details and unknown columns change nothing."""
    text = "currency,amount,sku,units,new,pricePerUnitUsd,timestamp\nUSD,-1,x,1,?,1,2026-09-04T03:10:02.855Z\n"
    row = from_text(text).row(0, named=True)
    assert (row["currency"], row["amount"], row["request_id"], row["notes"]) == ("USD", 1, None, None)
    unnamed = text.replace("timestamp\n", "timestamp,,\n").replace("855Z\n", "855Z,,\n")
    assert from_text(unnamed).drop("origin").equals(from_text(text).drop("origin"))


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("notes", "amount", "found 'amount' twice"),
        ("notes", "unit", "found 'units' and 'unit', which mean the same"),
        ("notes", "requestId", "found 'requestId' and 'inferenceDetails.requestId', which mean the same"),
    ],
)
def test_a_column_that_is_there_twice_is_refused(old: str, new: str, found: str) -> None:
    """Which of two columns is meant is not guessed."""
    with pytest.raises(InputError, match=f"^page: expected each column once, {found}"):
        from_text(HEADER.replace(old, new) + "\n" + ",".join("1" for _ in HEADER.split(",")) + "\n")


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators_are_named(mark: str, word: str) -> None:
    """What a spreadsheet saved with semicolons or tabs is told as such."""
    with pytest.raises(InputError, match=f"^page: expected commas between the columns, found {word}; save it as CSV"):
        from_text(HEADER.replace(",", mark) + "\n" + mark.join("1,5" for _ in HEADER.split(",")) + "\n")


def test_a_row_with_more_cells_is_named() -> None:
    """An unquoted comma in a cell: which row has how many fields."""
    head, row = HEADER.split(",")[:6], "2026-09-04T03:10:02.855Z,x,1,1,-1,USD"
    with pytest.raises(InputError, match=r"^page, row 2: expected 6 fields, found 7"):
        from_text("\n".join([",".join(head), row, row.replace("-1", "-1,5"), ""]))


def test_a_cell_without_end_is_refused() -> None:
    """A quote that never closes is one sentence, however long the cell is."""
    with pytest.raises(InputError, match=r"^page"):
        from_text(HEADER + '\n"' + "x" * 200_000)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(end: str) -> None:
    """No line end makes rows disappear."""
    row = "2026-09-04T03:10:00.855Z,glm-5-llm-output-mtoken,30,0.00021,-0.0063,DIEM,,chatcmpl,44,84306,214"
    assert from_text(end.join([HEADER, row, row, ""]))["amount"].to_list() == [Decimal("0.0063")] * 2


def test_quoted_cells_may_hold_commas_quotes_and_lines() -> None:
    """CSV is read as RFC 4180 says, and a whole quoted file is not mistaken for a cut one."""
    head = "timestamp,sku,pricePerUnitUsd,units,amount,currency,notes\n"
    text = head + '2026-09-04T03:10:02.855Z,x,1,1,-1,USD,"a, ""b""\nc"\n'
    assert from_text(text)["notes"].to_list() == ['a, "b"\nc']


@pytest.mark.parametrize(
    ("timestamp", "instant"),
    [
        ("2026-09-04T03:10:02.855Z", "2026-09-04T03:10:02.855000+00:00"),
        ("2026-09-04T03:10:02Z", "2026-09-04T03:10:02+00:00"),
        ("2015-01-01T00:00:00.000Z", "2015-01-01T00:00:00+00:00"),
        ("2100-12-31T23:59:59.000Z", "2100-12-31T23:59:59+00:00"),
        ("2026-09-04T05:10:02.855123+02:00", "2026-09-04T03:10:02.855123+00:00"),
    ],
)
def test_instants_with_an_offset_are_converted(timestamp: str, instant: str) -> None:
    """An instant is an instant, however it is written."""
    assert parsed(entry(timestamp=timestamp))["time"][0].isoformat() == instant


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-09-04T03:10:02.855", "2026-09-04", "2026-09-04T23:59:60.000Z", "2026-09-04T24:00:00.000Z",
        "2026-02-30T00:00:00.000Z", "2026-09-04T03:10:02.123456789Z", "1790812800000", "", "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999Z", "2014-12-31T23:59:59.999Z", "2101-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z",
    ],
)  # fmt: skip
def test_a_time_that_could_mean_two_things_is_refused(timestamp: str) -> None:
    """No zone, a 60th second, parts of a microsecond, a far year: a sentence with row and column, never a guess."""
    with pytest.raises(InputError, match=r"page\.json, row 2, column 'timestamp': expected an instant"):
        parsed(entry(), entry(timestamp=timestamp))


@pytest.mark.parametrize("column", ["units", "pricePerUnitUsd", "amount"])
@pytest.mark.parametrize("number", ["null", "true", '"0.5"', "{}", "[]", "1e400", "123456789012345678901"])
def test_a_number_that_is_none_is_refused(column: str, number: str) -> None:
    """Null, booleans, texts and absurd sizes: a sentence that names file, row and column."""
    page = json.dumps({"data": [entry(), entry(**{column: 7.125})]}).replace("7.125", number)
    with pytest.raises(InputError, match=rf"page, row 2, column '{column}': expected a (plain )?number"):
        from_text(page)


@pytest.mark.parametrize(
    "body",
    [
        "{", '{"data":[', "[]", '{"data":null}', '{"data":{}}', '{"data":[1]}', '{"data":[{}]}', '{"data":[]} extra',
        '{"error":"no"}', "{}", '{"data":[{"timestamp":1}]}', '{"data":[NaN]}', "[" * 100_000, '{"data":["\ud800"]}',
    ],
)  # fmt: skip
def test_json_of_another_shape_is_refused(body: str) -> None:
    """Anything but a list of rows is one sentence, never another library's traceback."""
    data = body.encode("utf-8", "surrogatepass")
    with pytest.raises(InputError, match=r"^page\.json: expected a JSON page of a Venice ledger"):
        ledger.parse(data, name="page.json", origin="", account="acme")


def test_a_second_list_is_refused() -> None:
    """JSON that has its list twice would be read as the last one alone; a row that only says "data" is no list."""
    row = json.dumps(entry(sku="data", notes='"data"'))
    with pytest.raises(InputError, match=r"expected a JSON page of .*, found: that list twice"):
        from_text(f'{{"data":[{row}],"data":[],"nextCursor":null}}')
    assert from_text(f'{{"data":[{row},{row}],"nextCursor":null}}').height == 2


def test_nan_in_json_is_refused() -> None:
    """NaN is no number of JSON's."""
    with pytest.raises(InputError, match="expected a JSON page"):
        from_text(json.dumps({"data": [entry(amount=float("nan"))]}))


@pytest.mark.parametrize("number", ["NaN", "inf", "-", "1_0", "0x1F", "1,5", "1 000", " 1"])
def test_nan_and_its_kin_in_csv_are_refused(number: str) -> None:
    """What is no number in a CSV is named with its row and column."""
    head = "timestamp,sku,pricePerUnitUsd,units,currency,amount"
    with pytest.raises(
        InputError, match=r"page, row 1, column 'amount': expected a plain number such as -0\.0015, found"
    ):
        from_text(f'{head}\n2026-09-04T03:10:02.855Z,x,1,1,USD,"{number}"\n')


@pytest.mark.parametrize("column", ["timestamp", "sku", "units", "pricePerUnitUsd", "amount", "currency"])
def test_a_missing_column_is_named(column: str) -> None:
    """A CSV without one of the columns that matter is not read."""
    names = [name for name in HEADER.split(",") if name != column]
    with pytest.raises(InputError, match=f"expected a column '{column}', found"):
        from_text(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n")


@pytest.mark.parametrize("column", range(6))
def test_an_empty_cell_is_not_zero(column: int) -> None:
    """A row without one of the values that matter is refused by row and column."""
    cells = ["2026-09-04T03:10:02.855Z", "x", "1", "1", "-1", "USD"]
    name = HEADER.split(",")[column]
    cells[column] = ""
    with pytest.raises(InputError, match=f"page, row 1, column '{name}': expected a value, found none"):
        from_text(",".join(HEADER.split(",")[:6]) + "\n" + ",".join(cells) + "\n")


def test_a_csv_cut_anywhere_is_refused_or_loses_no_money() -> None:
    """Wherever a CSV is cut, either a sentence says so, or all rows that are left have all their digits."""
    row = "2026-09-04T03:10:0{0}.855Z,glm-5-llm-output-mtoken,30,0.00021{0},-0.0063{0},DIEM,,chatcmpl-{0},44,84306,214"
    lines = [row.format(i) for i in range(4)]
    whole = "\n".join([HEADER, *lines, ""])
    amounts = from_text(whole)["amount"].to_list()
    kept = 0
    for cut in range(len(HEADER) + 1, len(whole)):
        try:
            rows = from_text(whole[:cut])
        except InputError:
            continue
        kept += 1
        assert rows["amount"].to_list() == amounts[: rows.height]
    harmless = ("", "2", "21", "214", "214\n")  # what may be left of a row's last cell, a count that is not used
    assert kept == len(lines) * len(harmless)  # the whole file is not cut, but a header alone is no row either
