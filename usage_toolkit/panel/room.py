"""The room that a chart has: Vega asks for it only when the window changes, and a panel has many other occasions."""

from __future__ import annotations

import anywidget


class Room(anywidget.AnyWidget):
    """Stands below a chart, as wide as that and without height, and lets charts know when it gets another width.

    A side bar that opens, a tab that was hidden and a page that is split all change it without a word of the window.
    """

    _esm = """
    export default {
      render({ el }) {
        let width = 0, timer = null;
        const observer = new ResizeObserver(() => {
          if (el.clientWidth === 0 || el.clientWidth === width) return;
          width = el.clientWidth;
          clearTimeout(timer);
          timer = setTimeout(() => window.dispatchEvent(new Event("resize")), 60);
        });
        observer.observe(el);
        return () => { observer.disconnect(); clearTimeout(timer); };
      },
    };
    """

    def __init__(self) -> None:
        super().__init__(layout={"width": "100%", "height": "0", "margin": "0"})
