"""What was spent, as tiles: the sum of each money, and of the one that is drawn its charges, credits and kinds.

Neither two currencies nor a bill and an estimate are ever added, here as anywhere.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.analysis.outlook import from_days
from usage_toolkit.panel.compare import running
from usage_toolkit.panel.tiles import Tile, of, row
from usage_toolkit.schema import METERS
from usage_toolkit.times import local_date
from usage_toolkit.times import month as month_of
from usage_toolkit.view.markup import Html, join
from usage_toolkit.view.totals import EXACT, kinds, totals
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from usage_toolkit.filters import Filter
    from usage_toolkit.panel.compare import Before
    from usage_toolkit.panel.tiles import Figures, Parts
    from usage_toolkit.times import Interval
    from usage_toolkit.view.drawn import Drawn
    from usage_toolkit.view.hours import Hours
    from usage_toolkit.view.picture import Picture
    from usage_toolkit.view.totals import Total

_ALWAYS = ("web_search", "code_execution", "session", "other")
_WHOLE_FROM = 100
_EMPTY = "\u00a0"


def bill(picture: Picture, before: Before, known: list[Total], figures: Figures) -> Html:
    """Draw a tile for each money there is, then what the drawn one is made of.

    Parameters
    ----------
    picture
        What is shown.
    before
        The period before.
    known
        The totals of all rows.
    figures
        How numbers are written.
    """
    locale, moneys = figures.locale, [total for total in known if not total.of]
    if not moneys:
        return row([Tile(say("Cost", locale=locale), None)], kind="ut-large", locale=locale)
    parity = any(total.usd is not None and total.unit != "USD" for total in moneys)
    sums = [_sum(total, picture, before, figures, parity=parity) for total in moneys]
    drawn = next((total for total in moneys if total.key == picture.drawn.key), moneys[0])
    inside = [*_given_back(drawn, picture, before, figures), *_meters(drawn, picture, before, figures)]
    return join([row(sums, kind="ut-large", locale=locale), row(inside, kind="ut-minor", locale=locale)])


def outlook(hours: Hours, where: Filter, drawn: Drawn, *, complete: Mapping[str, Interval], locale: str) -> str:
    """Estimate the drawn money at the end of the month that is shown, if that one is still running."""
    ends, last = (where.start, where.stop), hours.last
    if last is None or not drawn.bases:
        return ""
    today = local_date(last, tz=hours.tz)
    if ends != month_of(today, tz=hours.tz) or not running(hours, where, complete=complete):
        return ""
    own = hours.keep(where.replace(start=None, stop=None)).only(drawn.behind).cells
    days = own.select(pl.col("day").dt.date(), pl.col("currency", "basis").cast(pl.String), "amount")
    found = from_days(days, today=today)
    month = look.month(today, locale=locale)
    if not found.height or found["estimate"][0] is None:
        return say("No estimate for {month}: it takes seven closed days of known amounts.", locale=locale, month=month)
    estimate, low, high = (_rounded(found[name][0], drawn.unit, locale) for name in ("estimate", "low", "high"))
    return say(
        "Estimate for {month}: {estimate} {currency} ({low} to {high}).",
        locale=locale,
        month=month,
        estimate=estimate,
        currency=look.word("currency", drawn.unit, locale=locale),
        low=low,
        high=high,
    )


def _sum(total: Total, picture: Picture, before: Before, figures: Figures, *, parity: bool) -> Tile:
    now, then = of(picture.totals, total.what), of(before.totals, total.what)
    tile = figures.money(total.label, now, then, total.unit, basis=total.basis)
    worth = next((found.usd for found in picture.totals if found.what == total.what), None)
    aside = _EMPTY if parity else ""
    if worth is not None and total.unit != "USD":
        dollars = look.short_money(worth, "USD", locale=figures.locale)
        aside = say("= {dollars} at the provider's parity", locale=figures.locale, dollars=dollars)
    return tile._replace(aside=aside, chosen=total.key == picture.drawn.key)


def _given_back(drawn: Total, picture: Picture, before: Before, figures: Figures) -> list[Tile]:
    """Return charges and credits as tiles, if any row at all gives money back."""
    credit = picture.hours.credits
    if not credit.count:
        return []
    back = of(totals(credit.sums(credit.keep(picture.where).cells)), drawn.what)
    was = of(totals(credit.sums(credit.keep(before.where).cells)), drawn.what) if figures.compared else []
    now, then = of(picture.totals, drawn.what), of(before.totals, drawn.what)
    charges, credits_ = say("Charges", locale=figures.locale), say("Credits and refunds", locale=figures.locale)
    return [
        figures.money(charges, _less(now, back), _less(then, was), drawn.unit),
        figures.money(credits_, _if_known(back, now), _if_known(was, then), drawn.unit),
    ]


def _meters(drawn: Total, picture: Picture, before: Before, figures: Figures) -> list[Tile]:
    """Return the drawn money by meter: those that any row is charged for, and those that a bill always names."""
    now, then = kinds(picture.data, drawn.unit, drawn.basis), kinds(before.sums, drawn.unit, drawn.basis)
    charged = picture.hours.cells.filter(pl.col("currency").is_not_null())["meter"].unique().cast(pl.String)
    named = {meter: look.word("meter", meter, locale=figures.locale) for meter in METERS}
    return [
        figures.money(label, _part(now, meter), _part(then, meter), drawn.unit)
        for meter, label in named.items()
        if meter in _ALWAYS or meter in charged
    ]


def _part(found: Mapping[str, Decimal | None], meter: str) -> Parts:
    return [found[meter]] if meter in found else []


def _less(total: Parts, back: Parts) -> Parts:
    return [*total, *(None if part is None else part.copy_negate() for part in back)]


def _if_known(back: Parts, total: Parts) -> Parts:
    """With an unknown amount in the total it is not known what was given back."""
    return [None] if None in total else back


def _rounded(value: Decimal, currency: str, locale: str) -> str:
    """Write an estimate without cents where it is large."""
    if abs(value) < _WHOLE_FROM:
        return look.short_money(value, currency, locale=locale).partition(" ")[0]
    return look.number(value.quantize(Decimal(1), context=EXACT), locale=locale)
