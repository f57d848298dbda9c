"""`write_report`: the file of an executed notebook becomes one HTML file."""

from __future__ import annotations

import json
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usage_toolkit.errors import InputError, UsageToolkitError
from usage_toolkit.export import replacing

if TYPE_CHECKING:
    import os

    from nbformat import NotebookNode

_FORMAT = 4


def write_report(
    notebook: str | os.PathLike[str],
    path: str | os.PathLike[str] | None = None,
    *,
    code: bool = True,
    locale: str = "en-US",
    title: str = "",
) -> Path:
    """Write an executed notebook to one HTML file that shows its charts live, runs nothing else and asks for nothing.

    Parameters
    ----------
    notebook
        The file of a notebook, executed and saved.
    path
        The file to write; by default the name of the notebook with ``.html``, beside it. One that is there is
        replaced when the new one is complete.
    code
        Whether code can be unfolded; otherwise it is left out.
    locale
        Whose words stand around what the notebook shows.
    title
        What the window is called; else the notebook's title, or its first heading.

    Returns
    -------
    pathlib.Path
        The path. The same notebook and arguments give the same bytes.

    Raises
    ------
    InputError
        If it is no notebook, or was not executed.
    ArgumentError
        If there is no such folder.
    """
    source = Path(notebook)
    target = source.with_suffix(".html") if path is None else Path(path)
    write(read(source), target, name=source.stem, code=code, locale=locale, title=title)
    return target


def write(made: NotebookNode, path: Path, *, name: str, code: bool, locale: str, title: str = "") -> None:
    """Write a notebook that is called `name` to one HTML file."""
    from usage_toolkit.report.exporter import UsagePage

    exporter: Any = UsagePage(  # type: ignore[no-untyped-call]  # nbconvert is typed in parts
        exclude_input=not code, locale=locale, title=title
    )
    text, _ = exporter.from_notebook_node(made, resources={"metadata": {"name": name}})
    try:
        with replacing(path) as file:
            file.write(text.encode("utf-8", "replace"))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageToolkitError(
            f"report: expected to write {path}, found: {why}; what was there before is as it was."
        ) from None


def read(path: Path) -> NotebookNode:
    """Read a notebook, of whatever format it is.

    Raises
    ------
    InputError
        If it is none.
    """
    if find_spec("nbconvert") is None:
        raise UsageToolkitError("report: expected the package nbconvert, found none; install usage-toolkit[lab].")
    import nbformat

    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"report: expected a notebook at {path}, found: {error.strerror}; name its file.") from None
    except UnicodeDecodeError:
        raise InputError(f"report: expected a notebook at {path}, found no text; name an .ipynb file.") from None
    try:
        found: Any = json.loads(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old formats that lack what newer ones ask for
            made: NotebookNode = nbformat.reads(json.dumps(found), as_version=_FORMAT)  # type: ignore[no-untyped-call]
            nbformat.validate(made, relax_add_props=True)
    except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        why = str(error).partition("\n")[0][:120]
        raise InputError(f"report: expected a notebook at {path}, found none: {why}; name an .ipynb file.") from None
    return made
