"""Panels for JupyterLab: a filter, and what was used and what it cost, drawn, added up and told in a table.

The only place that knows ipywidgets. A panel computes in the kernel and shows; which rows are meant is a `Filter`,
how they are added up is for `cube`, and charts that stand alone are for `charts`.
"""

from __future__ import annotations

from usage_toolkit.panel.cost_panel import CostPanel
from usage_toolkit.panel.filter_panel import FilterPanel
from usage_toolkit.panel.usage_panel import UsagePanel

__all__ = ["CostPanel", "FilterPanel", "UsagePanel"]
