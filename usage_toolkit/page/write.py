"""`write_page`: rows, or a panel, become one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from usage_toolkit import look
from usage_toolkit.errors import ArgumentError
from usage_toolkit.export import replacing
from usage_toolkit.filters import Filter, expect_filter
from usage_toolkit.page.cargo import cargo, to_json
from usage_toolkit.page.document import document
from usage_toolkit.page.manifest import manifest, told
from usage_toolkit.page.redaction import PERSONAL, expect_redact
from usage_toolkit.page.still import still
from usage_toolkit.schema import CLASSES, COLUMNS, within
from usage_toolkit.view import period
from usage_toolkit.view.buckets import SPANS
from usage_toolkit.view.drawn import NO_MONEY, TOKENS, moneys
from usage_toolkit.view.hours import Hours
from usage_toolkit.view.picture import AUTO, Picture, picture
from usage_toolkit.view.status import complete, expect_coverage, freshness
from usage_toolkit.words import say

if TYPE_CHECKING:
    import os

    import polars as pl

    from usage_toolkit.page.cargo import Cargo
    from usage_toolkit.view.drawn import Drawn

FINEST = ("1m", "1h", "1d")


def write_page(
    rows: Any,
    path: str | os.PathLike[str],
    *,
    value: Filter | None = None,
    tz: str = "UTC",
    locale: str | None = None,
    coverage: pl.DataFrame | None = None,
    title: str | None = None,
    every: str = "1h",
    redact: bool | str = False,
    limit: str = "internal",
) -> Path:
    """Write the boards of usage and cost to one HTML file whose filters work without a kernel and without a network.

    Whoever opens the file chooses workspace, models, API key, user, provider and period, clicks on a day for its
    hours (and on an hour for its minutes), sees what changed against the period before, and downloads what is shown,
    every digit of it. It holds sums per hour (or minute, or day) of what can be chosen and nothing else: no ids, no
    notes, no single request. What is in it is printed, and told at its end.

    Parameters
    ----------
    rows
        What `usage_toolkit.cube` takes, or a panel: the page then begins with what the panel shows.
    path
        The file; one that is there is replaced when the new one is complete.
    value
        The filter to begin with. What the page has no control for, such as a currency or a part of an hour, narrows
        what is written.
    tz
        The time zone whose days and hours are meant. In another one than UTC, rows that resolve only days of UTC are
        left out, and the page says so. A panel has its own.
    locale
        Whose words, dates and numbers are shown, for example ``it-IT``; by default those of the panel, or ``en-US``.
    coverage
        As for `UsagePanel`: the windows that were fetched whole. A panel has its own.
    title
        What stands above it, instead of the usual.
    every
        How fine its times are: ``1m``, ``1h`` or ``1d``, as far as rows resolve it. Minutes are in it only where they
        are asked for. Where they or hours are too many for a page, it is coarser and says so.
    redact
        True or a secret phrase gives workspaces, API keys and users pseudonyms. The same phrase gives the same ones
        in every page; with True, who guesses a name can tell its pseudonym.
    limit
        Columns of which class it tells at most: ``internal``, or ``shareable``, which leaves out workspaces, API keys
        and users. With ``secret`` a kind of rate limit that does not look like one is told as it was noted.

    Returns
    -------
    pathlib.Path
        The path. The same rows and arguments give the same bytes.

    Raises
    ------
    ArgumentError
        If an argument can't be meant, or there is no such folder.
    InputError
        If the rows are not canonical, or even their days are too many for a page.

    Examples
    --------
    >>> import tempfile, usage_toolkit as ut
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = write_page(ut.sample(days=7), f"{folder}/october.html", every="1d")  # doctest: +ELLIPSIS
    6,... rows added up to ... numbers per day, in UTC.
    From 25 Oct 2026 to 31 Oct 2026.
    Providers: anthropic, venice.
    ...
    """
    text, said = page(
        rows,
        value=value,
        tz=tz,
        locale=locale,
        coverage=coverage,
        title=title,
        every=every,
        redact=redact,
        limit=limit,
    )
    with replacing(Path(path)) as file:
        file.write(text.encode())
    print("\n".join(said))  # noqa: T201 (whoever shares a file should see what is in it)
    return Path(path)


def page(
    rows: Any,
    *,
    value: Filter | None,
    tz: str,
    locale: str | None,
    coverage: pl.DataFrame | None,
    title: str | None,
    every: str,
    redact: bool | str,
    limit: str,
) -> tuple[str, list[str]]:
    """Return the text of a page, and what is in it."""
    phrase = expect_redact(redact)
    within(limit, (), call="write_page")
    if every not in FINEST:
        raise ArgumentError(f"write_page: expected every to be 1m, 1h or 1d, found {every!r}; use one of those.")
    if not isinstance(title, str | None):
        raise ArgumentError(f"write_page: expected title to be a text or None, found {title!r}; write it as text.")
    if value is not None:
        expect_filter(value, name="value")
    shown = getattr(rows, "picture", None)
    if isinstance(shown, Picture):
        hours, value, locale = shown.hours, value or shown.where, locale or shown.locale
        known = rows.coverage if coverage is None else expect_coverage(coverage)
    else:
        shown, hours, known = None, Hours(rows, tz), expect_coverage(coverage)
    value, locale = value or Filter(), locale or "en-US"
    made = cargo(hours, value, every=every, redact=phrase, limit=limit, complete=complete(known), locale=locale)
    drawn = _money(hours, value, shown)
    groups = _groups(shown, made)
    spans = (AUTO, *SPANS[SPANS.index(made.cells.every) :])
    begin = {
        "board": "use" if shown is not None and shown.drawn.measure == "quantity" else "cost",
        "cost": groups["cost"],
        "use": groups["use"],
        "currency": drawn.key if shown is not None and shown.drawn.measure == "amount" else "",
        "every": shown.asked if shown is not None and shown.asked in spans else AUTO,
    }
    written = made.written(begin)
    inside = manifest(made, written, coverage=known, limit=limit)
    beside = _beside(made, limit)
    lines, fresh = told(inside, made, asked=every, beside=beside), freshness(hours, known, locale=locale)
    stills = {"cost": (drawn, groups["cost"]), "use": (TOKENS, groups["use"])}
    boards = [stills.pop(begin["board"]), *stills.values()]
    text = document(
        title=look.visible(title, limit=200) if title is not None else say("Usage and cost", locale=locale),
        period=period.text((value.start, value.stop), tz=hours.tz, locale=locale),
        fresh=[*([beside] if beside else []), *fresh],
        boards=[still(_picture(made, value, of, group), redaction=made.redaction) for of, group in boards],
        told=lines,
        manifest=to_json(inside),
        cargo=written,
        locale=locale,
    )
    return text, [*lines[:-1], *fresh, lines[-1]]


def _picture(made: Cargo, value: Filter, drawn: Drawn, group: str) -> Picture:
    """Work out a board as the page first shows it, no finer than the page is."""
    found = picture(made.hours, value, drawn=drawn, group=group, locale=made.locale)
    if SPANS.index(found.every) >= SPANS.index(made.cells.every):
        return found
    return picture(made.hours, value, drawn=drawn, group=group, locale=made.locale, every=made.cells.every)


def _money(hours: Hours, value: Filter, shown: Picture | None) -> Drawn:
    if shown is not None and shown.drawn.measure == "amount":
        return shown.drawn
    return next(iter(moneys(hours.keep(value).cells).values()), NO_MONEY)


def _groups(shown: Picture | None, made: Cargo) -> dict[str, str]:
    """Return what each board is stacked by at first."""
    groups = {"use": "meter", "cost": "model" if "model" not in made.cells.folded else "meter"}
    if shown is not None and shown.group not in (*made.cells.folded, *made.hidden):
        groups["use" if shown.drawn.measure == "quantity" else "cost"] = shown.group
    return groups


def _beside(made: Cargo, limit: str) -> str:
    """Say what narrows a page that its controls don't; of names that must not be told only how many they are."""
    locale, where = made.locale, made.redaction.filter(made.beside) if made.redaction else made.beside
    allowed = within(limit if made.redaction is None else CLASSES[0], COLUMNS)
    said = []
    for name, values in where.names().items():
        if name in allowed or (made.redaction and name in PERSONAL and name not in made.hidden):
            words = ", ".join(look.words(name, values, locale=locale))
            said.append(f"{look.lower(name, locale=locale)} {words}")
        else:
            said.append(f"{len(values)} {look.plural(name, len(values), locale=locale)}")
    if where.start or where.stop:
        said.append(period.text((where.start, where.stop), tz=made.hours.tz, locale=locale))
    return say("Only rows of: {what}.", locale=locale, what="; ".join(said)) if said else ""
