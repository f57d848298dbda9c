"""How final a month is: how far its rows reach, and what providers changed after its end."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.report.section import NOTHING, Section, signed
from usage_toolkit.view import period
from usage_toolkit.words import say

if TYPE_CHECKING:
    from usage_toolkit.report.known import Known

_MOST = 40


def completeness(known: Known) -> Section:
    """Show how far the rows of each provider reach, and of a store each book's windows."""
    locale, books = known.locale, known.books
    alerts = tuple(known.open)
    if books is None or books.is_empty():
        note = say("Rows alone can't tell that a day without any is complete; a store can.", locale=locale)
        return Section(pl.DataFrame(), said=tuple(known.fresh), notes=(note,), alerts=alerts, locale=locale)
    summed = books.group_by("provider", "source", "account").agg(
        pl.col("start").min(),
        pl.col("stop").max(),
        since=pl.max_horizontal("provisional_since", "start").filter(pl.col("provisional_since").is_not_null()).min(),
        as_of=pl.col("as_of").max(),
        rows=pl.col("rows").sum(),
    ).sort("provider", "source", "account")  # fmt: skip
    body = tuple(
        (
            look.visible(source, locale=locale),
            look.word("account", account, locale=locale),
            known.moment(start),
            known.moment(stop),
            known.moment(since) if since else NOTHING,
            known.moment(as_of),
            look.number(rows, locale=locale),
        )
        for _, source, account, start, stop, since, as_of, rows in summed.rows()
    )
    across = (
        (look.name("source", locale=locale), False),
        (look.name("account", locale=locale), False),
        (say("From", locale=locale), False),
        (say("To", locale=locale), False),
        (say("Provisional since", locale=locale), False),
        (say("Fetched", locale=locale), False),
        (look.name("rows", locale=locale), True),
    )
    title = say("What was fetched", locale=locale)
    said = tuple(known.fresh)
    return Section(summed, title=title, said=said, heads=across, body=body, alerts=alerts, locale=locale)


def revisions(revised: pl.DataFrame | None, known: Known) -> Section:
    """Show what was not the same any more when it was fetched after the end of the month."""
    locale = known.locale
    if revised is None:
        note = say("Rows alone can't tell what was changed; a store can.", locale=locale)
        return Section(pl.DataFrame(), said=(note,), locale=locale)
    stop = known.where.stop
    own = revised.filter(pl.col("start") < stop, pl.col("stop") > known.where.start, pl.col("as_of") >= stop)
    if known.where.provider:
        own = own.filter(pl.col("provider").is_in(known.where.provider))
    if own.is_empty():
        return Section(
            own, said=(say("Nothing was changed after the month had closed.", locale=locale),), locale=locale
        )
    zero = pl.lit(Decimal(), own.schema["before"])
    change = pl.col("after").fill_null(zero) - pl.col("before").fill_null(zero)  # a sum that was not there was 0
    made = own.with_columns(change=pl.when(pl.col("measure").is_not_null()).then(change))
    made = made.sort("as_of", "start", "source", maintain_order=True)
    body = tuple(
        (
            period.text((start, end), tz=known.hours.tz, locale=locale),
            look.visible(source, locale=locale),
            *_revised(measure, of, (before, after, difference), locale),
            known.moment(as_of),
        )
        for start, end, source, measure, of, before, after, difference, as_of in made.head(_MOST)
        .select("start", "stop", "source", "measure", "of", "before", "after", "change", "as_of")
        .rows()
    )
    across = (
        (look.name("time", locale=locale), False),
        (look.name("source", locale=locale), False),
        (say("Before", locale=locale), True),
        (say("Now", locale=locale), True),
        (say("Change", locale=locale), True),
        (say("Seen", locale=locale), False),
    )
    sums = made.filter(measure="amount").group_by("of").agg(pl.col("change").sum()).sort("of").rows()
    said = [
        say("{month} has changed by {money} since it closed.", locale=locale, month=known.month,
            money=signed(value, look.money(value, currency, locale=locale)))
        for currency, value in sums
    ] or [say("No money has changed since the month closed.", locale=locale)]  # fmt: skip
    title = say("What was changed", locale=locale)
    return Section(made, title=title, said=tuple(said), heads=across, body=body, locale=locale)


def _revised(measure: str | None, of: str, values: tuple[Decimal | None, ...], locale: str) -> list[str]:
    if measure is None:
        return [NOTHING, NOTHING, say("rows, no sum", locale=locale)]
    write = look.money if measure == "amount" else look.quantity
    texts = [NOTHING if value is None else write(value, of, locale=locale) for value in values]
    return [*texts[:2], signed(values[2], texts[2])]
