"""What a page says of itself, to readers and programs: what is in it, how far it reaches, and what was left out."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit import look
from usage_toolkit.page import calendar
from usage_toolkit.page.document import script, style
from usage_toolkit.page.redaction import PERSONAL
from usage_toolkit.schema import CLASS_OF, COLUMNS, NONE
from usage_toolkit.times import local_date
from usage_toolkit.view.hours import LABELS
from usage_toolkit.words import say

if TYPE_CHECKING:
    from usage_toolkit.page.cargo import Cargo

DRAWN = {"time", "grain", *LABELS, "basis", "quantity", "unit", "amount", "currency", "amount_usd"}
"""The columns of rows that a page adds up; of notes it keeps the first word of refused requests, a kind of limit."""


def manifest(cargo: Cargo, written: str, *, coverage: pl.DataFrame | None, limit: str) -> dict[str, Any]:
    """Return what is in a page, for a program.

    Parameters
    ----------
    cargo
        What travels.
    written
        The same as it stands there.
    coverage
        The windows that were fetched whole.
    limit
        The last class of columns that was allowed.
    """
    hours, cells = cargo.hours, cargo.cells
    drawn = [name for name in COLUMNS if name in DRAWN and name not in (*cargo.hidden, *cells.folded)]
    first, last = (local_date(moment, tz=hours.tz).isoformat() if cargo.count else None for moment in cargo.reach)
    return {
        "rows": cargo.count,
        "numbers": cells.frame.height + cargo.refused.height,
        "first_day": first,
        "last_day": last,
        "tz": hours.tz,
        "finest": cells.every,
        "providers": hours.providers,
        "currencies": [currency for currency in cargo.codes["currency"] if currency != NONE],
        "rows_through": {name: calendar.iso(end.replace(microsecond=0)) for name, (_, end) in hours.reach.items()},
        "complete_through": {name: calendar.iso(end) for name, (_, end) in cargo.complete.items()},
        "provisional_since": _provisional(coverage),
        "limit": limit,
        "columns": {name: CLASS_OF[name] for name in drawn},
        "columns_left_out": [name for name in COLUMNS if name not in drawn],
        "labels_folded": list(cells.folded),
        "labels_redacted": [name for name in PERSONAL if name in drawn] if cargo.redaction else [],
        "rows_left_out": hours.uncut,
        "version": installed(),
        "sha256": {
            "data": sha256(written.encode()).hexdigest(),
            "script": sha256(script().encode()).hexdigest(),
            "style": sha256(style().encode()).hexdigest(),
        },
    }


def told(made: dict[str, Any], cargo: Cargo, *, asked: str, beside: str) -> list[str]:
    """Return the same for a reader, a sentence each.

    Parameters
    ----------
    made
        What `manifest` returns.
    cargo
        What travels.
    asked
        How fine times were asked to be.
    beside
        A sentence on what rows were narrowed to that can't be chosen in the page, or nothing.
    """
    locale = cargo.locale
    days = [
        look.long_day(calendar.date_of(made[name]), locale=locale) for name in ("first_day", "last_day") if made[name]
    ]
    said = [
        say(
            "{rows} rows added up to {numbers} numbers per {span}, in {tz}.",
            locale=locale,
            rows=look.number(made["rows"], locale=locale),
            numbers=look.number(made["numbers"], locale=locale),
            span=look.span(made["finest"], locale=locale),
            tz=made["tz"],
        )
    ]
    if days:
        said.append(say("From {first} to {last}.", locale=locale, first=days[0], last=days[-1]))
    providers = look.words("provider", made["providers"], locale=locale)
    said.append(say("Providers: {names}.", locale=locale, names=", ".join(providers) or "\u2013"))
    currencies = look.words("currency", made["currencies"], locale=locale)
    said.append(
        say("Currencies: {names}; none is added to another.", locale=locale, names=", ".join(currencies) or "\u2013")
    )
    if beside:
        said.append(beside)
    if made["finest"] != asked:
        spans = [look.spans(every, 2, locale=locale) for every in (asked, made["finest"])]
        said.append(
            say(
                "{asked} would be too many numbers for one page: it has {spans}.",
                locale=locale, asked=spans[0].capitalize(), spans=spans[1],
            )
        )  # fmt: skip
    for label in cargo.cells.folded:
        names = look.plural(label, 2, locale=locale)
        said.append(say("Too many numbers for one page: {names} are not told apart.", locale=locale, names=names))
    said += cargo.left_out
    said.append(
        say(
            "Not in this file: single requests, their ids and notes, accounts, products and list prices.", locale=locale
        )
    )
    if cargo.hidden:
        names = ", ".join(look.plural(label, 2, locale=locale) for label in cargo.hidden)
        said.append(say("Left out as not shareable: {names}.", locale=locale, names=names))
    if made["labels_redacted"]:
        said.append(say("Workspaces, API keys and users have pseudonyms.", locale=locale))
    return [*said, f"usage_toolkit {made['version']} \u00b7 SHA-256 {made['sha256']['data']}"]


def _provisional(coverage: pl.DataFrame | None) -> dict[str, str]:
    """Return since when the newest rows of each provider may still change."""
    if coverage is None:
        return {}
    known = coverage.drop_nulls("provisional_since").group_by("provider").agg(pl.col("provisional_since").min())
    return {name: calendar.iso(since) for name, since in known.sort("provider").iter_rows()}


def installed() -> str:
    """Return the version of the toolkit."""
    try:
        return version("usage-toolkit")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "?"
