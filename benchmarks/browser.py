"""A panel in real JupyterLab in Chromium: from a choice to the redrawn chart, and what the page keeps of it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import Line, child
from benchmarks.table import DECIMALS

if TYPE_CHECKING:
    from benchmarks.inputs import Inputs

NAME = "panel in a browser"
NOTE = """A notebook with one `ut.UsagePanel` in JupyterLab in headless Chromium, kernel and browser on one machine.
The clock is the page's own: from the event of a choice in "Model", or of a click on a bar, to the last change of the
chart's drawing that follows it; 20 of each, against the milliseconds that they may take. "Heap" is what the page
holds after 200 choices more than before them, each at its lowest of eight samples, garbage collected, against 5 MB.
Left out where there is no Chromium."""
_TESTS = Path(__file__).parents[1] / "tests"
_TURNS, _CHANGES, _SAMPLES = 20, 200, 8

# Resolves with the milliseconds from now to the last change of the drawing, once nothing has changed for a while;
# with null where nothing changes at all.
_CLOCK = """([what, which, quiet]) => new Promise((resolve) => {
  const chart = document.querySelector('.jp-OutputArea .ut-chart');
  const begin = performance.now();
  let last = null, timer = setTimeout(() => { watch.disconnect(); resolve(null); }, 10000);
  const watch = new MutationObserver(() => {
    last = performance.now();
    clearTimeout(timer);
    timer = setTimeout(() => { watch.disconnect(); resolve(last - begin); }, quiet);
  });
  watch.observe(chart, { subtree: true, childList: true, attributes: true, characterData: true });
  if (what === 'choose') {
    const select = [...document.querySelectorAll('.jp-OutputArea label')]
      .find((label) => label.textContent === 'Model').parentElement.querySelector('select');
    select.selectedIndex = which;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  } else if (what === 'up') {
    [...document.querySelectorAll('.jp-OutputArea button')].find((b) => b.textContent === 'Up').click();
  } else {
    const bars = chart.querySelectorAll('path[aria-roledescription="bar"]');
    const bar = bars[which % bars.length], box = bar.getBoundingClientRect();
    const where = { bubbles: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, view: window };
    for (const kind of ['pointermove', 'mousemove', 'pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])
      bar.dispatchEvent(new (kind.startsWith('pointer') ? PointerEvent : MouseEvent)(kind, where));
  }
})"""


def measure(inputs: Inputs) -> list[Line]:
    """Measure a panel over the ledger, and one over the large table."""
    if _chromium() is None:
        print(f"{NAME}: no Chromium found, left out", file=sys.stderr)
        return []
    ledger = child("-m", __name__, f"ut.read({str(inputs.ledger)!r})", "heap")
    table = child("-m", __name__, f"pl.scan_parquet({str(inputs.table / DECIMALS)!r})")
    return [
        _line("choice to drawing, the ledger", ledger["chosen"], most=100),
        _line("click to hours, the ledger", ledger["clicked"], most=100),
        _line("choice to drawing, the large table", table["chosen"], most=150),
        _line("click to hours, the large table", table["clicked"], most=150),
        Line(NAME, "heap kept of 200 choices, the ledger", "MB", [ledger["grown"]], [5.0], limit=1),
    ]


def _line(said: str, took: list[float], *, most: float) -> Line:
    return Line(NAME, said, "ms", took, [most] * len(took), limit=1)


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def _run(source: str, *, heap: bool) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    sys.path.insert(0, str(_TESTS))
    from browser.conftest import FLAGS
    from browser.lab import Notebook, serve

    with tempfile.TemporaryDirectory() as home, serve(Path(home)) as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=[*FLAGS, "--js-flags=--expose-gc"])
        page = browser.new_page(viewport={"width": 1300, "height": 1200})
        notebook = Notebook(page, lab)
        notebook.watch()
        month = 'ut.Filter.month("2026-03")'
        notebook.run("import polars as pl, usage_toolkit as ut", f"ut.UsagePanel({source}, value={month})")
        page.wait_for_selector('.ut-chart path[aria-roledescription="bar"]', timeout=180_000)
        page.wait_for_timeout(2000)
        choose = [_timed(page, "choose", 1 + turn % 4) for turn in range(_TURNS + 3)][3:]
        _timed(page, "choose", 0)
        clicked = []
        for turn in range(_TURNS):
            clicked.append(_timed(page, "click", turn))
            _timed(page, "up", 0)
        grown = _grown(page) if heap else None
        browser.close()
    if notebook.problems:
        raise SystemExit(f"panel in a browser: {notebook.problems[0]}")
    return {"chosen": choose, "clicked": clicked, "grown": grown}


def _timed(page: Any, what: str, which: int, *, quiet: int = 200) -> float:
    """Return the milliseconds from an act to the last change that follows it, with none in `quiet` after that."""
    took = page.evaluate(_CLOCK, [what, which, quiet])
    if took is None:
        raise SystemExit(f"{NAME}: nothing was drawn after {what} {which}")
    return float(took)


def _grown(page: Any) -> float:
    """Return by how many MB the page's heap grows over many choices, each time at its lowest of some samples.

    A browser lets go of drawings it no longer shows when it likes, so one sample may hold many of them.
    """
    session, choices = page.context.new_cdp_session(page), cycle((1, 2, 3, 4))

    def lowest() -> float:
        sizes = []
        for _ in range(_SAMPLES):
            for which in islice(choices, _CHANGES // _SAMPLES):
                _timed(page, "choose", which, quiet=80)
            session.send("HeapProfiler.collectGarbage")
            sizes.append(session.send("Runtime.getHeapUsage")["usedSize"] / 1e6)
        return float(min(sizes))

    before = lowest()
    return max(lowest() - before, 0.0)


if __name__ == "__main__":
    print(json.dumps(_run(sys.argv[1], heap="heap" in sys.argv[2:])))
