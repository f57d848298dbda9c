"""Reports: an executed notebook as one HTML file that is safe to open and to pass on, and that of a month.

write       a notebook's file becomes an HTML file
├── exporter    the same for nbconvert
├── document    the file: policy, style, script, and what is in it
├── cells       text, code and outputs as HTML
├── chart       which specs are drawn, and by what
└── harmless    markup without anything that runs
run         the report of a month: the notebook that is shipped, filled in and run
month       what that notebook asks for: a month in answers
├── costs       what it cost, whose, for what, and what changed
├── uses        what was used, saved and turned away
├── finality    how complete and how final it is
├── known       what is to be known of the month beside its numbers
└── section     an answer, as a notebook shows it

A page (`page`) is made from rows and has filters; a report shows what a notebook shows.
"""

from __future__ import annotations

from usage_toolkit.report.month import MonthlyReport, monthly_report
from usage_toolkit.report.write import write_report

__all__ = ["MonthlyReport", "monthly_report", "write_report"]
