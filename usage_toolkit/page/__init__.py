"""Pages: the boards of usage and cost as one HTML file, whose filters work with no kernel and no network.

What a board shows is worked out in the reader's browser, from a cube that travels in the file, with integers of any
size: its totals are exact to the last digit. Its bars are drawn by the page's own small script, as a chart library
would be nine tenths of the file and asks a browser for more rights than a page from elsewhere should have. All
scripts and styles are files beside this one, put into the page as they are.
"""

from __future__ import annotations

from usage_toolkit.page.write import write_page

__all__ = ["write_page"]
