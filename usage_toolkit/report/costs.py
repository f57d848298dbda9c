"""What a month cost, whose and for what, and what changed: frames that become sections, exact there, short here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.report.section import NOTHING, Section, amount, heads, percent, signed
from usage_toolkit.schema import BASES, OTHER
from usage_toolkit.words import say

if TYPE_CHECKING:
    from decimal import Decimal

    from usage_toolkit.report.known import Known

SPREAD = ("api_key", "user")
"""Labels that bills of whole days lack: their money is spread by `allocate` first."""

_MOST, _MOVED = 12, 8
_NUMBERS = ("now", "before", "change")


def money(sums: pl.DataFrame, known: Known) -> Section:
    """Show what the month cost, the bill first."""
    locale = known.locale
    ordered = _ordered(sums, pl.col("now"))
    rows = ordered.select("basis", "currency", *_NUMBERS).rows()
    unknown = say("not reported", locale=locale)
    tiles = tuple(
        (
            _based(currency, basis, locale),
            unknown if now is None else amount(now, currency, locale=locale),
            _against(before, change, currency, locale),
        )
        for basis, currency, now, before, change in rows
    )
    body = tuple(
        (_based(currency, basis, locale), *_row(numbers, currency, known, exact=True))
        for basis, currency, *numbers in rows
    )
    said = [say("{month}, in days of {tz}.", locale=locale, month=known.month, tz=known.hours.tz), *_final(known)]
    return Section(
        ordered,
        title=say("To the last digit", locale=locale),
        said=(" ".join(said),),
        tiles=tiles,
        heads=heads(say("Money", locale=locale), known),
        body=body,
        notes=(say("Currencies are never added to each other, nor is a bill to an estimate.", locale=locale),),
        alerts=(*known.open, *known.left_out),
        locale=locale,
    )


def by(sums: pl.DataFrame, label: str, known: Known) -> Section:
    """Show the cost by a label, with the share of each in its currency."""
    locale = known.locale
    ordered = _ordered(_folded(sums, label, pl.col("now"), _MOST), pl.col("now"))
    called = _called(ordered, label, locale)
    wholes = {(basis, currency): whole for basis, currency, whole in _wholes(sums, "now")}
    body = tuple(
        (
            called[of],
            _based(currency, basis, locale),
            *_row(numbers, currency, known),
            percent(numbers[0], wholes.get((basis, currency)), locale=locale),
        )
        for of, basis, currency, *numbers in ordered.select(label, "basis", "currency", *_NUMBERS).rows()
    )
    name, share = look.name(label, locale=locale), say("Share", locale=locale)
    return Section(
        ordered,
        title=_by(label, locale),
        heads=((name, False), *heads(say("Money", locale=locale), known), (share, True)),
        body=body,
        notes=_spread_note(ordered, locale),
        locale=locale,
    )


def drivers(sums: pl.DataFrame, label: str, known: Known) -> Section:
    """Show what changed most against the month before, up or down."""
    locale = known.locale
    if known.why_not:
        return Section(sums.clear(), said=(known.why_not,), locale=locale)
    moved = sums.filter(pl.col("change").is_not_null(), pl.col("change") != 0)
    ordered = _ordered(_folded(moved, label, pl.col("change").abs(), _MOVED), pl.col("change").abs())
    called = _called(ordered, label, locale)
    said = tuple(
        say("{money}: {change} against {month}.", locale=locale, money=_based(currency, basis, locale),
            change=signed(change, amount(change, currency, locale=locale)), month=known.month_before)
        for basis, currency, change in _wholes(sums.filter(pl.col("change").is_not_null()), "change")
    )  # fmt: skip
    body = tuple(
        (
            called[of],
            _based(currency, basis, locale),
            *_row(numbers, currency, known),
            percent(numbers[2], numbers[1], locale=locale, sign=True)
            or (NOTHING if numbers[1] else say("new", locale=locale)),
        )
        for of, basis, currency, *numbers in ordered.select(label, "basis", "currency", *_NUMBERS).rows()
    )
    name, share = look.name(label, locale=locale), say("in percent", locale=locale)
    return Section(
        ordered,
        title=say("Largest changes", locale=locale),
        said=said,
        heads=((name, False), *heads(say("Money", locale=locale), known), (share, True)),
        body=body,
        notes=_spread_note(ordered, locale),
        locale=locale,
    )


def bases(sums: pl.DataFrame, known: Known) -> Section:
    """Show which money is a bill and which was worked out, by the report that it came from."""
    locale = known.locale
    ordered = _ordered(sums, pl.col("now"))
    meaning = {
        "billed": say("as the provider billed it", locale=locale),
        "metered": say("counted by the provider, on no bill yet", locale=locale),
        "estimated": say("worked out from quantities and prices", locale=locale),
        "allocated": say("a bill, spread over those who used", locale=locale),
    }
    body = tuple(
        (
            look.word("basis", basis, locale=locale),
            meaning.get(basis, ""),
            look.visible(source, locale=locale),
            look.money(now, currency, locale=locale) if now is not None else say("not reported", locale=locale),
        )
        for basis, source, currency, now in ordered.select("basis", "source", "currency", "now").rows()
    )
    across = (
        (look.name("basis", locale=locale), False),
        (say("What it is worth", locale=locale), False),
        (look.name("source", locale=locale), False),
        (look.name("amount", locale=locale), True),
    )
    return Section(ordered, title=_by("basis", locale), heads=across, body=body, locale=locale)


def _final(known: Known) -> list[str]:
    """Say how final the month is, and what it is held against."""
    locale, since = known.locale, known.provisional
    said = [say("The month is complete.", locale=locale)] if known.closed and since is None else []
    if since is not None:
        moment = known.moment(since)
        said = [say("Provisional since {moment}: numbers may still change.", locale=locale, moment=moment)]
    return [*said, known.why_not or say("Held against {month}.", locale=locale, month=known.month_before)]


def _row(numbers: list[Decimal | None], currency: str, known: Known, *, exact: bool = False) -> list[str]:
    """Write an amount, the one before and its change, as far as they are known."""
    locale = known.locale
    unknown = say("not reported", locale=locale)
    now, before, change = (
        unknown if value is None else amount(value, currency, locale=locale, exact=exact) for value in numbers
    )
    return [now] if known.why_not else [now, before, signed(numbers[2], change)]


def _against(before: Decimal | None, change: Decimal | None, currency: str, locale: str) -> str:
    if change is None:
        return ""
    if not change:
        return say("unchanged", locale=locale)
    moved, written = percent(change, before, locale=locale, sign=True), amount(change, currency, locale=locale)
    return f"{signed(change, written)} ({moved})" if moved else signed(change, written)


def _by(label: str, locale: str) -> str:
    cost = say("Cost", locale=locale)
    return say("{what} by {label}", locale=locale, what=cost, label=look.lower(label, locale=locale))


def _based(currency: str, basis: str, locale: str) -> str:
    return look.based(look.word("currency", currency, locale=locale), basis, locale=locale)


def _called(ordered: pl.DataFrame, label: str, locale: str) -> dict[str, str]:
    values = ordered[label].unique(maintain_order=True).to_list()
    return dict(zip(values, look.words(label, values, locale=locale), strict=True))


def _wholes(sums: pl.DataFrame, column: str) -> list[tuple[str, str, Decimal]]:
    known = sums.filter(pl.col(column).is_not_null()).group_by("basis", "currency").agg(pl.col(column).sum())
    return _ordered(known).select("basis", "currency", column).rows()


def _ordered(sums: pl.DataFrame, size: pl.Expr | None = None) -> pl.DataFrame:
    """Put the bill first, currencies of the world before others, then what is folded last and the largest first."""
    virtual = pl.Series([not look.is_money(name) for name in sums["currency"]], dtype=pl.Boolean)
    labels = [pl.col(name) for name in sums.columns if name not in ("basis", "currency", *_NUMBERS)]
    apart = [
        pl.col("basis").cast(pl.Enum(BASES)),
        pl.lit(virtual),
        pl.col("currency"),
        *(one == OTHER for one in labels),
    ]
    sizes = [] if size is None else [size]
    falling = [*[False] * len(apart), *[True] * len(sizes), *[False] * len(labels)]
    return sums.sort([*apart, *sizes, *labels], descending=falling, nulls_last=True)


def _folded(sums: pl.DataFrame, label: str, size: pl.Expr, most: int) -> pl.DataFrame:
    """Keep the largest of each currency and basis, and add the others up as one."""
    rank = size.rank("ordinal", descending=True).over("basis", "currency")
    kept = (rank <= most) | (pl.len().over("basis", "currency") <= most + 1)
    named = sums.sort(label).with_columns(pl.when(kept).then(label).otherwise(pl.lit(OTHER)).alias(label))
    known = [pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name) for name in _NUMBERS]
    return named.group_by(label, "basis", "currency").agg(known)


def _spread_note(sums: pl.DataFrame, locale: str) -> tuple[str, ...]:
    note = say("Allocated: a bill that names nobody, spread over those who used, equal in sum.", locale=locale)
    return (note,) if "allocated" in sums["basis"] else ()
