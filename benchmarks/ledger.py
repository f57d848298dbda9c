"""A made-up Venice ledger of any size: seeded, exact to the last digit, and with the rhythm of people at work.

Money is counted in whole numbers, so that every machine writes the same digits.
Also cuts any such ledger into JSON pages.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import sys
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

PAGE_ROWS = 500
HEADER = (
    "timestamp", "sku", "pricePerUnitUsd", "units", "amount", "currency", "notes",
    "inferenceDetails.requestId", "inferenceDetails.inferenceExecutionTime",
    "inferenceDetails.promptTokens", "inferenceDetails.completionTokens",
)  # fmt: skip
_START, _DAYS = datetime(2025, 10, 1, tzinfo=UTC), 365
_BY_HOUR = (3, 2, 2, 2, 3, 5, 9, 16, 26, 34, 38, 36, 32, 36, 40, 40, 37, 32, 26, 22, 18, 14, 9, 5)
_MODELS = {  # millionths of a dollar for a million tokens of input, cached input and output; share of the requests
    "llama-3.3-70b": (700_000, 350_000, 2_800_000, 54),
    "venice-uncensored": (200_000, 100_000, 900_000, 16),
    "mistral-31-24b": (500_000, 250_000, 2_000_000, 12),
    "deepseek-v3.2": (400_000, 200_000, 1_000_000, 6),
    "claude-sonnet-4-6": (3_750_000, 375_000, 18_750_000, 5),
    "claude-opus-4-8": (6_000_000, 600_000, 30_000_000, 3),
    "qwen3-235b-a22b": (450_000, 225_000, 3_500_000, 2),
    "zai-org-glm-5-1": (900_000, 450_000, 3_000_000, 1),
}
_CURRENCIES, _SHARES = ("DIEM", "USD", "BUNDLED_CREDITS"), (75, 22, 3)
_PER_MILLION = 6  # both prices and units count in millionths


def rows(*, seed: int, count: int) -> list[tuple[str, ...]]:
    """Return the fields of `count` rows in the order of time; a request has 2 to 4, or 1 for a picture."""
    rng = random.Random(seed)
    made: list[tuple[str, ...]] = []
    for moment in _moments(rng, count):
        made += _request(rng, moment)
        if len(made) >= count:
            break
    return sorted(made[:count])  # the time comes first; requests of the same second mingle


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


def _moments(rng: random.Random, count: int) -> list[datetime]:
    """More requests than `count` rows need are spread over the year; fewer at night and at weekends."""
    hours = [_START + timedelta(hours=hour) for hour in range(24 * _DAYS)]
    weights = accumulate(_BY_HOUR[hour.hour] * (2 if hour.weekday() > 4 else 5) for hour in hours)
    chosen = rng.choices(range(len(hours)), cum_weights=list(weights), k=count * 45 // 100 + 10)
    return sorted(hours[hour] + timedelta(milliseconds=rng.randrange(3_600_000)) for hour in chosen)


def _request(rng: random.Random, moment: datetime) -> list[tuple[str, ...]]:
    currency = rng.choices(_CURRENCIES, _SHARES)[0]
    took = str(rng.randrange(200, 40_000))
    if not rng.randrange(60):
        rest = (currency, "API Inference", f"gen-{rng.getrandbits(128):032x}", took, "", "")
        return [_row(moment, "grok-imagine-image-image-unit", 40_000, 10**6, rest)]
    model = rng.choices(list(_MODELS), [share for *_, share in _MODELS.values()])[0]
    counts = {"input": _tokens(rng), "output": _tokens(rng)}
    prices = dict(zip(("input", "cache-input", "output"), _MODELS[model], strict=False))
    if not rng.randrange(4):
        counts = {"input": counts["input"], "cache-input": _tokens(rng), "output": counts["output"]}
    prompt = sum(counts.values()) - counts["output"]
    request = f"chatcmpl-{rng.getrandbits(128):032x}"
    rest = (currency, "API Inference", request, took, str(prompt), str(counts["output"]))
    made = []
    for kind, count in counts.items():
        made.append(_row(moment, f"{model}-llm-{kind}-mtoken", prices[kind], count, rest))
        moment += timedelta(milliseconds=rng.randrange(10))
    if not rng.randrange(40):
        made.append(_row(moment, "search-augmentation", 10_000, 10**6, rest))
    return made


def _row(moment: datetime, sku: str, price: int, units: int, rest: tuple[str, ...]) -> tuple[str, ...]:
    time = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    amount = digits(-price * units, 2 * _PER_MILLION)
    return time, sku, digits(price, _PER_MILLION), digits(units, _PER_MILLION), amount, *rest


def _tokens(rng: random.Random) -> int:
    """Many small counts and a few large ones."""
    return rng.randrange(1, 2 << rng.randrange(3, 13))


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
