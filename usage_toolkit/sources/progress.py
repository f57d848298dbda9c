"""A bar for long walks, in a notebook and in a terminal: rows, pages and the time reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

DELAY = 1.0  # seconds before a bar shows: a quick answer needs none, and leaves no trace in a notebook


class Progress:
    """Shows how much of the time from `start` to `stop` has been walked; silent if not `shown`."""

    def __init__(self, name: str, *, start: datetime, stop: datetime, shown: bool = True) -> None:
        self._name, self._start, self._stop, self._shown = name, start, stop, shown
        self._pages = self._rows = 0
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self._shown:
            from tqdm.auto import tqdm

            whole = (self._stop - self._start).total_seconds() / 86400
            layout = "{desc}: {percentage:3.0f}%|{bar}| {n:.1f}/{total:.1f} days [{elapsed}<{remaining}{postfix}]"
            self._bar = tqdm(total=whole, desc=self._name, delay=DELAY, bar_format=layout)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def page(self, rows: int, reached: datetime) -> None:
        """Count a page of `rows` that goes up to `reached`."""
        self._pages, self._rows = self._pages + 1, self._rows + rows
        if self._bar is not None:
            self._bar.set_postfix_str(
                f"{self._rows:,} rows, {self._pages:,} pages, to {reached:%Y-%m-%d %H:%M}Z", refresh=False
            )
            self._bar.update((reached - self._start).total_seconds() / 86400 - self._bar.n)

    def wait(self, seconds: float, reason: str) -> None:
        """Say that the walk waits, and why."""
        if self._bar is not None:
            self._bar.set_postfix_str(f"waiting {seconds:.0f} s ({reason})")

    def restart(self) -> None:
        """Begin the count again."""
        self._pages = self._rows = 0
        if self._bar is not None:
            self._bar.reset()
