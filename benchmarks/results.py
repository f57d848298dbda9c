"""The table of results, in Markdown, with the machine and the versions that it holds for."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import exactness

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.rounds import Line

_PACKAGES = ("usage-toolkit", "polars", "msgspec", "narwhals", "pandas", "pyarrow", "duckdb", "deltalake")


def markdown(lines: Iterable[Line], exact: Iterable[dict[str, Any]], *, said: str, notes: dict[str, str]) -> str:
    """Write everything that was found as one page."""
    rows = "\n".join([*(_row(line) for line in lines), *(_exact(found) for found in exact)])
    explained = "\n".join(f"- **{name}.** {' '.join(note.split())}" for name, note in notes.items())
    return f"""# Benchmarks

What `make bench` measured on {datetime.now(UTC):%Y-%m-%d} (UTC). Only ratios mean something elsewhere: both
sides of one are measured in turns in the same run. A ratio is the median of the rounds, in brackets their quartiles;
"≤" says how many times as long or as large the toolkit may be, "≥" how many times as fast it must be. "Rows" is the
size of the store that is asked. Where a limit is in seconds or bytes, it is the "other".

- Machine: {_machine()}
- Versions: Python {platform.python_version()}, {", ".join(_versions())}
- Input: {said}

| goal | benchmark | what | rows | toolkit | other | ratio (quartiles) | limit | met |
|---|---|---|---|---|---|---|---|---|
{rows}

## What each side does

{explained}
"""


def _row(line: Line) -> str:
    low, high = line.spread
    limit = "" if line.limit is None else f"{'≥' if line.at_least else '≤'} {line.limit:g}"
    met = {None: "", True: "yes", False: "NO"}[line.met]
    ours, theirs = (_middle(values, line.unit) for values in (line.ours, line.theirs))
    ratio = f"{line.ratio:.2f} ({low:.2f} to {high:.2f})"
    rows = "" if line.rows is None else f"{line.rows:,}"
    return f"| {line.goal} | {line.benchmark} | {line.said} | {rows} | {ours} | {theirs} | {ratio} | {limit} | {met} |"


def _exact(found: dict[str, Any]) -> str:
    met = "yes" if found["different"] == 0 else "NO"
    said = f"groups unlike plain decimals, {found['what']}, rows in {', '.join(found['libraries'])}"
    return f"| P12 | {exactness.NAME} | {said} | | {found['different']} of {found['compared']:,} | | | 0 | {met} |"


def _middle(values: list[float], unit: str) -> str:
    middle = sorted(values)[len(values) // 2]
    return f"{middle:.0f} {unit}" if unit == "MB" else f"{middle:.3g} {unit}"


def _machine() -> str:
    names = [platform.processor() or platform.machine()]
    if (info := Path("/proc/cpuinfo")).exists():
        names = [row.partition(":")[2].strip() for row in info.read_text().splitlines() if row.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {names[0]}, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def _versions() -> list[str]:
    found = []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return found
