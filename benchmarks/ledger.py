"""`traffic` as a Venice ledger, seeded and exact to the last digit: its CSV, and the JSON pages of any such file.

Money is counted in whole numbers, so that every machine writes the same digits.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import traffic

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

PAGE_ROWS = 500
HEADER = (
    "timestamp", "sku", "pricePerUnitUsd", "units", "amount", "currency", "notes",
    "inferenceDetails.requestId", "inferenceDetails.inferenceExecutionTime",
    "inferenceDetails.promptTokens", "inferenceDetails.completionTokens",
)  # fmt: skip
_WORDS = {"input": "input", "cache_read": "cache-input", "output": "output"}
_PER_MILLION = 6  # both prices and units count in millionths


def rows(*, seed: int, count: int) -> list[tuple[str, ...]]:
    """Return the fields of `count` rows in the order of time."""
    made: list[tuple[str, ...]] = []
    for month in traffic.months(seed=seed, count=count + int(8 * count**0.5)):
        made += fields(month)
    return made[:count]


def write(path: Path, *, seed: int, count: int) -> None:
    """Write the rows as a gzipped CSV, as Venice exports one."""
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        lines = (",".join(row) + "\n" for row in (HEADER, *rows(seed=seed, count=count)))
        file.write("".join(lines).encode())


def pages(path: Path) -> list[bytes]:
    """Return the rows of a gzipped CSV as the JSON pages of ``usage-history``, its numbers digit for digit."""
    with gzip.open(path, "rt", newline="") as file:
        objects = [_json(row) for row in csv.DictReader(file)]
    starts = range(0, len(objects), PAGE_ROWS)
    cursors = [*(f'"page-{number}"' for number in range(2, len(starts) + 1)), "null"]
    return [
        f'{{"data":[{",".join(objects[start : start + PAGE_ROWS])}],"nextCursor":{cursor}}}'.encode()
        for start, cursor in zip(starts, cursors, strict=True)
    ]


def digits(number: int, places: int) -> str:
    """Write `number` / 10 ** `places` as JavaScript does: shortest, with an exponent below a millionth."""
    sign, number = ("-", -number) if number < 0 else ("", number)
    while places and not number % 10:
        number, places = number // 10, places - 1
    if not places:
        return f"{sign}{number}"
    text = str(number)
    if places - len(text) >= 6:
        rest = f".{text[1:]}" if len(text) > 1 else ""
        return f"{sign}{text[0]}{rest}e-{places - len(text) + 1}"
    text = text.zfill(places + 1)
    return f"{sign}{text[:-places]}.{text[-places:]}"


def fields(lines: pl.DataFrame) -> Iterator[tuple[str, ...]]:
    """Give the fields of billed rows, as they stand in the CSV."""
    tokens = _tokens(lines)
    for line, (prompt, completion) in zip(lines.iter_rows(named=True), tokens, strict=True):
        time = line["time"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
        yield (
            time,
            sku(line["model"], line["meter"]),
            digits(line["price"], _PER_MILLION),
            digits(line["units"], _PER_MILLION),
            digits(-line["price"] * line["units"], 2 * _PER_MILLION),
            *(line["currency"], "API Inference", line["request_id"], str(line["latency_ms"]), prompt, completion),
        )


def _tokens(lines: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return the tokens that went into each row's request, and those that came out; nothing for a picture."""
    import polars as pl

    def of(*meters: str) -> pl.Expr:
        found = pl.col("units").filter(pl.col("meter").is_in(meters))
        return pl.when(found.len() > 0).then(found.sum().cast(pl.String)).otherwise(pl.lit(""))

    counts = lines.select(
        of("input", "cache_read").over("request_id").alias("prompt"), of("output").over("request_id").alias("answer")
    )
    return counts.rows()


def sku(model: str, meter: str) -> str:
    """Return what Venice calls that product."""
    if meter == "image":
        return f"{model}-image-unit"
    return f"{model}-llm-{_WORDS[meter]}-mtoken" if meter in _WORDS else "search-augmentation"


def _json(row: dict[str, str]) -> str:
    words = {name: json.dumps(row[name]) for name in ("timestamp", "sku", "currency", "notes")}
    details = {name.partition(".")[2]: row[name] for name in HEADER if "." in name}
    inner = ",".join(
        f'"{name}":{(json.dumps(text) if name == "requestId" else text) if text else "null"}'
        for name, text in details.items()
    )
    return (
        f'{{"timestamp":{words["timestamp"]},"sku":{words["sku"]},"pricePerUnitUsd":{row["pricePerUnitUsd"]},'
        f'"units":{row["units"]},"amount":{row["amount"]},"currency":{words["currency"]},"notes":{words["notes"]},'
        f'"inferenceDetails":{{{inner}}}}}'
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]), seed=0, count=int(sys.argv[2]))
