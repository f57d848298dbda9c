"""``usage-toolkit sync | status | totals | report | doctor``: thin, over the same functions as a notebook.

main        the words of the command line, and what a command ends with
├── totals      what was used and what it cost, as a table, CSV or JSON
├── report      an HTML file of a notebook, or of a month
├── health      how fresh and complete a store is, and what is wrong with it
└── table       columns of text
"""

from __future__ import annotations

from usage_toolkit.cli.main import main

__all__ = ["main"]
