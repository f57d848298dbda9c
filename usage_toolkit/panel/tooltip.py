"""What is told where the pointer is: in the colours of the page, and gone when the drawing below it changes."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

OPTIONS: dict[str, Any] = {"id": "ut-tooltip", "disableDefaultStyle": True}
"""What Vega is told of it: an element of its own, as the one that all other charts of a page share is always white."""


class Tooltip(anywidget.AnyWidget):
    """The look of the tooltips of a panel, and the way to be rid of one: Vega waits for the pointer to move on."""

    drawn = traitlets.Int(0).tag(sync=True)

    _esm = """
    export default {
      render({ model }) {
        const hide = () => document.getElementById("ut-tooltip")?.classList.remove("visible");
        model.on("change:drawn", hide);
        return () => model.off("change:drawn", hide);
      },
    };
    """
    _css = """
    #ut-tooltip {
      position: fixed; z-index: 10000; visibility: hidden; pointer-events: none;
      max-width: 480px; padding: 6px 10px; overflow-wrap: anywhere;
      font: 12px / 1.5 var(--jp-ui-font-family, sans-serif); font-variant-numeric: tabular-nums;
      color: var(--jp-ui-font-color1, CanvasText); background: var(--jp-layout-color1, Canvas);
      border: 1px solid var(--jp-border-color1, rgba(128, 128, 128, 0.6)); border-radius: 3px;
      box-shadow: 0 2px 6px rgba(0, 0, 0, 0.25);
    }
    #ut-tooltip.visible { visibility: visible; }
    #ut-tooltip table { border-spacing: 0; }
    #ut-tooltip td { padding: 1px 0; text-align: left; vertical-align: top; }
    #ut-tooltip td.key { padding-right: 10px; white-space: nowrap; color: var(--jp-ui-font-color2, inherit); }
    """

    def __init__(self) -> None:
        super().__init__(layout={"display": "none"})

    def hide(self) -> None:
        """Take it away: what it tells of is no longer drawn."""
        self.drawn += 1
