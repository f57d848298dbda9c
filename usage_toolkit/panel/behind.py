"""What lies behind a chart: its table, folded away until somebody looks, and the button that hands it out as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_toolkit.panel.download import Download
    from usage_toolkit.panel.message import Message
    from usage_toolkit.view.markup import Html


class Behind(widgets.Box):
    """A table that is drawn only while it is open: most of the time nobody looks.

    Parameters
    ----------
    draw
        Draws what is shown now.
    download
        The button beside it.
    message
        Where it is said if the table can't be drawn.
    """

    def __init__(self, draw: Callable[[], Html], download: Download, *, message: Message) -> None:
        self._draw, self._message = draw, message
        self.table = widgets.HTML()
        self.table.add_class("ut-table")
        self.fold = widgets.ToggleButton()  # and no accordion: that one can't be reached by keyboard
        self.fold.add_class("ut-fold")
        super().__init__([self.fold, download, self.table])
        self.add_class("ut-behind")
        self.fold.observe(self._folded, "value")

    def show(self, title: str) -> None:
        """Draw what is shown now, below a title that tells how much there is."""
        self.fold.description = title
        self.table.layout.display = None if self.fold.value else "none"
        self.table.value = self._draw() if self.fold.value else ""

    def _folded(self, _: object) -> None:
        with self._message.careful():
            self.show(self.fold.description)
