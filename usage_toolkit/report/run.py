"""The report of a month from no notebook of one's own: the one that is shipped, filled in, run and written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usage_toolkit import errors
from usage_toolkit.errors import UsageToolkitError
from usage_toolkit.report.write import read, write
from usage_toolkit.view import period
from usage_toolkit.words import say, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbformat import NotebookNode

NAME = "06_monthly_report.ipynb"
PARAMETERS, SAMPLE = "parameters", "sample"
"""Tags: of the cell that is filled in, and of texts that are about the sample."""

_LONGEST = 3600
"""Seconds that one cell may take."""


def template() -> Path:
    """Return the notebook that is run: in the package, or in the working tree that the package lies in."""
    shipped = Path(__file__).with_name(NAME)
    return shipped if shipped.is_file() else Path(__file__).parents[2] / "notebooks" / NAME


def write_month(
    path: str | os.PathLike[str],
    month: str,
    *,
    store: str,
    tz: str = "UTC",
    locale: str = "en-US",
    provider: Iterable[str] = (),
    title: str = "",
    code: bool = False,
) -> Path:
    """Write the report of a month to one HTML file.

    Parameters
    ----------
    path
        The file to write.
    month
        As ``2026-10``.
    store
        The folder or URL of the store.
    tz
        The time zone whose month is meant.
    locale
        Whose words, dates and numbers are shown.
    provider
        By default all.
    title
        What the window is called and what stands above it.
    code
        Whether the code of the notebook can be unfolded.

    Raises
    ------
    UsageToolkitError
        If the notebook can't be run, or the file not be written.
    """
    ends = period.days(_month(month, tz), tz=tz)
    called = say("Usage and cost, {month}", locale=locale, month=period.text(_month(month, tz), tz=tz, locale=locale))
    notebook = read(template())
    notebook.cells = [cell for cell in notebook.cells if SAMPLE not in _tags(cell)]
    values = {"month": f"{ends[0]:%Y-%m}", "store": store, "tz": tz, "locale": locale, "provider": tuple(provider)}
    _fill(notebook, values)
    _run(notebook)
    _fill(notebook, values | {"store": Path(store).name})  # where a store lies is nobody's business
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = translated(cell.source, locale=locale)
    first = notebook.cells[0]
    first.source = f"# {title or called}"
    write(notebook, Path(path), name=called, code=code, locale=locale, title=title or called)
    return Path(path)


def _month(month: str, tz: str) -> Any:
    from usage_toolkit.filters import Filter

    asked = Filter.month(month, tz=tz)
    return asked.start, asked.stop


def _fill(notebook: NotebookNode, values: Mapping[str, object]) -> None:
    """Write values into the cell of parameters."""
    (cell,) = (cell for cell in notebook.cells if PARAMETERS in _tags(cell))
    cell.source = "\n".join(f"{name} = {value!r}" for name, value in values.items())


def _tags(cell: Any) -> Any:
    return cell.metadata.get("tags", ())


def _run(notebook: NotebookNode) -> None:
    """Run a notebook in a kernel of this Python, without widget state and without anybody's keys."""
    import nbclient
    from jupyter_client.kernelspec import NoSuchKernel

    kept = {name: value for name, value in os.environ.items() if not name.endswith("_ADMIN_KEY")}
    client = nbclient.NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=_LONGEST,
        store_widget_state=False,
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR", "--HistoryManager.enabled=False"],
    )
    try:
        client.execute(env=kept)
    except nbclient.exceptions.CellExecutionError as error:
        raise _told(error.ename, error.evalue) from None
    except (NoSuchKernel, RuntimeError, OSError) as error:
        raise UsageToolkitError(
            f"report: expected a kernel to run the notebook in, found: {error}; install usage-toolkit[lab]."
        ) from None


def _told(kind: str, said: str) -> UsageToolkitError:
    """Return what went wrong in the kernel as an error here, one sentence of it."""
    own = getattr(errors, kind, None)
    if isinstance(own, type) and issubclass(own, UsageToolkitError):
        return own(said)
    line = said.partition("\n")[0]
    return UsageToolkitError(
        f"report: expected the notebook of the month to run, found {kind}: {line}; mend that first."
    )


def lines(notebook: NotebookNode) -> Iterator[str]:
    """Give each line of text of a notebook that has words in it."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and SAMPLE not in _tags(cell):
            yield from (line.lstrip("# ") for line in cell.source.splitlines() if line.strip())
