"""A month as one HTML file: how large it is and how long it takes to write, to open and to answer in Chromium."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import Line, child

if TYPE_CHECKING:
    import polars as pl

    from benchmarks.inputs import Inputs

NAME = "page to share"
NOTE = """`ut.write_page` of 31 days x 24 hours x 6 models x 8 API keys x 5 kinds of tokens, no cell empty: 178,560
cells, tokens spread over four powers of ten. "By price": an amount is tokens times the price of model and kind, as in a
bill; "any money": each cell has a random amount of up to 10 USD in millionths, which no encoding makes small: its
numbers alone hold 0.86 MB of chance, so its size packed by gzip has no limit. The file is opened in headless Chromium;
the page's own clock counts from the event to the end of the layout that follows it, for a model chosen in the menu and
for a click on a day, with bars per day, and with 744 bars per hour. Medians, against what they may be."""
_TESTS = Path(__file__).parents[1] / "tests"
_HOURS, _MODELS, _KEYS, _METERS = 31 * 24, 6, 8, ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
_PRICES = (1500, 150, 1875, 3000, 7500)  # billionths of a dollar
_START = datetime(2026, 10, 1, tzinfo=UTC)
_TURNS = 15

_CLOCK = """async ([every, turns]) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  const menu = (label) => [...document.querySelectorAll('label')].find((one) => one.textContent === label)
    .parentElement.querySelector('select');
  const choose = (label, value) => {
    menu(label).value = value;
    menu(label).dispatchEvent(new Event('change', { bubbles: true }));
  };
  const clock = async (act) => {
    await frame();
    const begin = performance.now();
    act();
    document.body.getBoundingClientRect();
    return performance.now() - begin;
  };
  choose('Period', 'month');
  choose('Granularity', every);
  const [chosen, clicked] = [[], []];
  for (let turn = 0; turn < turns; turn += 1) chosen.push(await clock(() => choose('Model', String(turn % 6))));
  choose('Model', 'all');
  for (let turn = 0; turn < (every === 'auto' ? turns : 0); turn += 1) {
    const bar = document.querySelectorAll('#use .place')[turn];
    clicked.push(await clock(() => bar.dispatchEvent(new MouseEvent('click', { bubbles: true }))));
    [...document.querySelectorAll('button')].find((one) => one.textContent === 'Up').click();
  }
  return { chosen, clicked };
}"""


def measure(inputs: Inputs) -> list[Line]:
    """Measure both pages."""
    lines = []
    for kind in ("by price", "any money"):
        took = child("-m", __name__, kind, "3" if inputs.quick else "7")
        wanted = [
            ("size", "MB", took["size"], 2.0),
            *([("size, by gzip", "MB", took["packed"], 0.7)] if kind == "by price" else []),
            ("to write", "s", took["written"], 3.0),
            ("to open", "ms", took["opened"], 500.0),
            ("model chosen, by day", "ms", took["by day"], 50.0),
            ("model chosen, 744 hours", "ms", took["by hour"], 50.0),
            ("click on a day", "ms", took["clicked"], 50.0),
        ]
        lines += [Line(NAME, f"{what}, {kind}", unit, [found], [most], limit=1) for what, unit, found, most in wanted]
    return lines


def rows(kind: str) -> pl.DataFrame:
    """Make the cells of a month, each an hour's row."""
    import numpy as np
    import polars as pl

    import usage_toolkit as ut
    from usage_toolkit.schema import TIME

    rng, count = np.random.default_rng(0), _HOURS * _MODELS * _KEYS * len(_METERS)
    place = np.arange(count)
    meter, key = place % len(_METERS), place // len(_METERS) % _KEYS
    model = place // (len(_METERS) * _KEYS) % _MODELS
    tokens = np.clip(rng.lognormal(9, 1.5, count), 1, 5e6).astype(np.int64)
    priced = tokens * np.array(_PRICES)[meter] * (1 + model)
    billionths = priced if kind == "by price" else rng.integers(1, 10_000_000, count) * 1000
    hours = pl.datetime_range(_START, _START + timedelta(days=31), "1h", closed="left", time_zone="UTC", eager=True)
    made = pl.DataFrame(
        {
            "time": hours.cast(TIME).gather(place // (len(_METERS) * _KEYS * _MODELS)),
            "model": [f"model-{at}" for at in model],
            "api_key": [f"key-{at}" for at in key],
            "workspace": [f"workspace-{at % 3}" for at in key],
            "user": [f"user-{at % 4}" for at in key],
            "meter": [_METERS[at] for at in meter],
            "quantity": tokens,
            "amount": [f"{of // 10**9}.{of % 10**9:09}" for of in billionths.tolist()],
        }
    )
    same = {"grain": "1h", "provider": "anthropic", "source": "made up", "basis": "billed"}
    same |= {"unit": "token", "currency": "USD"}
    return ut.conform(made.with_columns(pl.lit(text).alias(name) for name, text in same.items()))


def _run(kind: str, rounds: int) -> dict[str, float]:
    import usage_toolkit as ut

    made = rows(kind)
    with tempfile.TemporaryDirectory() as folder:
        path, took = Path(folder) / "page.html", []
        for _ in range(rounds):
            begin = perf_counter()
            with contextlib.redirect_stdout(io.StringIO()):
                ut.write_page(made, path)
            took.append(perf_counter() - begin)
        text = path.read_bytes()
        sizes = {"size": len(text) / 1e6, "packed": len(gzip.compress(text, 9)) / 1e6, "written": median(took)}
        return sizes | _browse(path, rounds)


def _browse(path: Path, rounds: int) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    sys.path.insert(0, str(_TESTS))
    from browser.conftest import FLAGS

    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        opened: list[float] = []
        took: dict[str, Any] = {}
        for number in range(rounds):
            page = browser.new_page(viewport={"width": 1300, "height": 1200})
            page.goto(path.as_uri())
            page.wait_for_selector("#live")
            opened.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
            if number == rounds - 1:
                took = {every: page.evaluate(_CLOCK, [every, _TURNS]) for every in ("auto", "1h")}
            page.close()
        browser.close()
    return {
        "opened": median(opened),
        "by day": median(took["auto"]["chosen"]),
        "by hour": median(took["1h"]["chosen"]),
        "clicked": median(took["auto"]["clicked"]),
    }


if __name__ == "__main__":
    print(json.dumps(_run(sys.argv[1], int(sys.argv[2]))))
