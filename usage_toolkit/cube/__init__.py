"""The one group_by: rows of any frame library in, a small exact polars frame out.

cube        cube, totals: labels and spans added up, and what must not be added kept apart
├── parts   rows of any library, added up once by its own engine
└── spans   where a span of time begins, and which rows are too coarse for it
"""

from __future__ import annotations

from usage_toolkit.cube.cube import APART, Measure, add_up, added_up, cube, expect_cube, expect_labels, totals
from usage_toolkit.cube.parts import MEASURES
from usage_toolkit.cube.spans import EVERY, span_start

__all__ = [
    "APART",
    "EVERY",
    "MEASURES",
    "Measure",
    "add_up",
    "added_up",
    "cube",
    "expect_cube",
    "expect_labels",
    "span_start",
    "totals",
]
