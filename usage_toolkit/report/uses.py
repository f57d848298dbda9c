"""What was used in a month, what caching saved, and what was turned away: frames that become sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.report.section import NOTHING, Section, amount, heads, signed
from usage_toolkit.schema import METERS, NONE, TOKEN_METERS
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from usage_toolkit.report.known import Known

_MOST = 12
_COUNTED = ("billed", "metered")


def tokens(sums: pl.DataFrame, known: Known) -> Section:
    """Show what was used, per kind and unit."""
    locale = known.locale
    order = pl.col("meter").replace_strict(METERS, range(len(METERS)), return_dtype=pl.Int64)
    counted = sums.filter(pl.col("basis").is_in(_COUNTED)).group_by("meter", "unit")
    ordered = counted.agg(_known("now"), _known("before"), _known("change")).sort(order, "unit")
    body = tuple(
        (look.word("meter", meter, locale=locale), *_quantities(numbers, unit, known))
        for meter, unit, *numbers in ordered.rows()
    )
    (whole,) = (
        ordered.filter(pl.col("unit") == "token", pl.col("meter").is_in(TOKEN_METERS)).select(_known("now")).row(0)
    )
    tokens = "" if whole is None else look.quantity(whole, "token", locale=locale)
    return Section(
        ordered,
        title=say("What was used", locale=locale),
        said=(say("{tokens} in all.", locale=locale, tokens=tokens),) if whole else (),
        heads=heads(look.name("meter", locale=locale), known),
        body=body,
        locale=locale,
    )


def caching(saved: pl.DataFrame, known: Known) -> Section:
    """Show what caching saved per model, and the sum of it per currency."""
    locale = known.locale
    priced = saved.filter(pl.col("currency") != NONE)
    if priced.is_empty():
        nothing = say("No tokens of known price were read from a cache.", locale=locale)
        return Section(saved, said=(nothing,), locale=locale)
    virtual = pl.Series([not look.is_money(name) for name in priced["currency"]], dtype=pl.Boolean)
    priced = priced.sort(virtual, "currency", "net", "provider", "model", descending=[False, False, True, False, False])
    sums = priced.group_by("currency", maintain_order=True).agg(_known("net")).rows()
    said = tuple(
        say("Caching saved {money}, net of what writing the cache cost.", locale=locale,
            money=look.short_money(net, currency, locale=locale))
        for currency, net in sums
        if net is not None
    )  # fmt: skip
    body = tuple(
        (
            look.word("model", model, locale=locale),
            look.word("currency", currency, locale=locale),
            *(look.number(count, locale=locale) if count else NOTHING for count in counts),
            *(NOTHING if value is None else amount(value, currency, locale=locale) for value in money),
        )
        for (model, currency), counts, money in zip(
            priced.select("model", "currency").rows(),
            priced.select("cache_read", "cache_write").rows(),
            priced.select("saved", "premium", "net").rows(),
            strict=True,
        )
    )
    across = (
        (look.name("model", locale=locale), False),
        (look.name("currency", locale=locale), False),
        (say("Tokens read", locale=locale), True),
        (say("Tokens written", locale=locale), True),
        (say("Saved", locale=locale), True),
        (say("Premium", locale=locale), True),
        (say("Net", locale=locale), True),
    )
    title = say("What caching saved", locale=locale)
    note = say("At the prices that the bill itself implies: an estimate, on no bill.", locale=locale)
    return Section(priced, title=title, said=said, heads=across, body=body, notes=(note,), locale=locale)


def limits(refused: pl.DataFrame, reporting: Iterable[str], known: Known) -> Section:
    """Show how many requests a rate limit turned away, and on which day most."""
    locale = known.locale
    keys = ["provider", "model", "api_key", "limit"]
    fullest = pl.col("time").sort_by("quantity", "time", descending=[True, False], nulls_last=True).first()
    summed = refused.group_by(keys).agg(pl.col("quantity").sum(), fullest.alias("most_on"))
    summed = summed.sort("quantity", *keys, descending=[True, *[False] * len(keys)])
    silent = look.words("provider", [name for name in known.hours.providers if name not in {*reporting}], locale=locale)
    notes = tuple(say("{provider} does not report refused requests.", locale=locale, provider=one) for one in silent)
    if summed.is_empty():
        return Section(summed, said=(say("No request was turned away.", locale=locale),), notes=notes, locale=locale)
    body = tuple(
        (
            look.word("provider", provider, locale=locale),
            look.word("model", model, locale=locale),
            look.word("api_key", key, locale=locale),
            look.word("limit", kind, locale=locale),
            look.number(count, locale=locale),
            look.long_day(day.date(), locale=locale) if day else NOTHING,
        )
        for provider, model, key, kind, count, day in summed.head(_MOST).rows()
    )
    across = (
        *((look.name(name, locale=locale), False) for name in keys[:3]),
        (say("Limit type", locale=locale), False),
        (look.units("request", locale=locale).capitalize(), True),
        (say("Most on", locale=locale), True),
    )
    (whole,) = summed.select(_known("quantity")).row(0)
    count = "" if whole is None else look.quantity(whole, "request", locale=locale)
    said = (say("A rate limit turned away {requests}.", locale=locale, requests=count),) if count else ()
    title = say("Rate limits", locale=locale)
    return Section(summed, title=title, said=said, heads=across, body=body, notes=notes, locale=locale)


def _known(name: str) -> pl.Expr:
    """Add up; a sum with an unknown part, or without any, is unknown."""
    return pl.when(pl.col(name).null_count() == 0, pl.len() > 0).then(pl.col(name).sum()).alias(name)


def _quantities(numbers: list[Decimal | None], unit: str, known: Known) -> list[str]:
    locale = known.locale
    unknown = say("not reported", locale=locale)
    now, before, change = (unknown if n is None else look.quantity(n, unit, locale=locale) for n in numbers)
    return [now] if known.why_not else [now, before, signed(numbers[2], change)]
