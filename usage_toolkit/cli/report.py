"""An HTML file of a notebook that was run, or of a month; what is asked for that can't be meant is refused here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_toolkit.errors import ArgumentError
from usage_toolkit.export import file_name

if TYPE_CHECKING:
    import argparse


def report(said: argparse.Namespace) -> str:
    """Write the file, and say which."""
    if (said.notebook is None) is (said.month is None):
        found = "neither" if said.month is None else "both"
        raise ArgumentError(f"report: expected a notebook or --month 2026-10, found {found}; say one of them.")
    if said.month is None:
        from usage_toolkit.report import write_report

        if said.provider or said.tz != "UTC":
            raise ArgumentError("report: expected --provider and --tz with --month, found a notebook; leave them out.")
        path = write_report(said.notebook, said.out, code=said.input is not False, locale=said.locale, title=said.title)
    else:
        from usage_toolkit.report.run import write_month

        if said.store is None:
            raise ArgumentError("report: expected the store of the month, found none; name it with --store.")
        path = write_month(
            said.out or file_name("usage", [said.month], suffix=".html"),
            said.month,
            store=said.store,
            tz=said.tz,
            locale=said.locale,
            provider=said.provider or (),
            title=said.title,
            code=bool(said.input),
        )
    return f"{path}: {path.stat().st_size / 1000:,.0f} kB; it opens without a network and asks for nothing."
