"""The room that a chart has: Vega asks for it only when the window changes, and a panel has many other occasions."""

from __future__ import annotations

import anywidget


class Room(anywidget.AnyWidget):
    """Stands below a chart, as wide as that and without height, and lets it know when it has another width.

    A side bar that opens, a tab that was hidden and a page that is split all change it without a word of the window;
    and a chart may be drawn before it has a place.
    """

    _esm = """
    export default {
      render({ el }) {
        let timer = null;
        const fit = () => {
          const drawn = el.previousElementSibling?.querySelector("svg");
          if (!drawn || !el.clientWidth || Math.abs(drawn.getBoundingClientRect().width - el.clientWidth) < 2) return;
          clearTimeout(timer);
          timer = setTimeout(() => window.dispatchEvent(new Event("resize")), 50);
        };
        const embedded = new MutationObserver(fit);
        const resized = new ResizeObserver(() => {
          if (el.previousElementSibling) embedded.observe(el.previousElementSibling, { childList: true });
          fit();
        });
        resized.observe(el);
        return () => { resized.disconnect(); embedded.disconnect(); clearTimeout(timer); };
      },
    };
    """

    def __init__(self) -> None:
        super().__init__(layout={"width": "100%", "height": "0", "margin": "0"})
