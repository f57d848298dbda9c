"""Charts of cubes: a small exact frame in, a picture out. Each is a pure function whose name ends in ``_chart``.

What the rows are and which of them are meant was decided before; no chart hears of filters. To add one, write a
function ``something_chart(cube, ...)`` in a file of its own, and name it here and in usage_toolkit/__init__.py.
"""

from __future__ import annotations

from usage_toolkit.charts.breakdown import breakdown_chart
from usage_toolkit.charts.costs import cost_chart
from usage_toolkit.charts.prices import price_chart
from usage_toolkit.charts.tokens import token_chart

__all__ = ["breakdown_chart", "cost_chart", "price_chart", "token_chart"]
