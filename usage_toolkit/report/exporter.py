"""The exporter of nbconvert: ``jupyter nbconvert --to usage_page notebook.ipynb``.

It knows nbconvert; what becomes of cells is for `cells`, the file for `document`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbconvert.exporters import Exporter
from nbconvert.exporters.templateexporter import TemplateExporter
from traitlets import Unicode
from traitlets.config import Config

from usage_toolkit.errors import InputError
from usage_toolkit.report.cells import drawn, text_of
from usage_toolkit.report.document import document

if TYPE_CHECKING:
    from nbformat import NotebookNode

_HEADING = re.compile(r"^#{1,2}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


class UsagePage(TemplateExporter):
    """Makes of an executed notebook one safe HTML file that needs no network."""

    export_from_notebook = "Usage page"
    file_extension = ".html"
    output_mimetype = "text/html"
    locale = Unicode("en-US", help="Whose words stand around what the notebook shows").tag(config=True)
    title = Unicode("", help="What the window is called; else the notebook's title or its first heading").tag(
        config=True
    )

    @property
    def default_config(self) -> Any:
        """Keep the state of widgets out, should the notebook be executed on the way."""
        own = Config({"ExecutePreprocessor": {"store_widget_state": False}})
        own.merge(super().default_config)
        return own

    def from_notebook_node(  # type: ignore[override]  # as every exporter that writes text
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the text of the file."""
        done, told = Exporter.from_notebook_node(self, nb, resources, **kw)
        cells = [cell for cell in done.cells if not self.exclude_markdown or cell.cell_type != "markdown"]
        expect_executed(cells)
        title = self.title or done.metadata.get("title") or _heading(cells) or told.get("metadata", {}).get("name", "")
        made = drawn(cells, code=not self.exclude_input, locale=self.locale)
        return document(made, title=str(title), locale=self.locale), told


def expect_executed(cells: list[Any]) -> None:
    """Refuse cells that nobody ran: a report of them would show half of what it says."""
    code = [cell for cell in cells if cell.cell_type == "code" and text_of(cell.source).strip()]
    missing = [cell for cell in code if cell.get("execution_count") is None and not cell.get("outputs")]
    if missing:
        raise InputError(
            f"report: expected a notebook that was executed, found {len(missing)} of {len(code)} code cells that were "
            "not; run all of it and save it first."
        )


def _heading(cells: list[Any]) -> str:
    for cell in cells:
        if cell.cell_type == "markdown" and (found := _HEADING.search(text_of(cell.source))):
            return found[1]
    return ""
