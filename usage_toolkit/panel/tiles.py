"""Totals as tiles to read: a number, what it counts, and how it has changed.

A panel shows the same tiles for as long as it lives, so that nothing moves when another period is chosen: what there
is none of has its place, too. What the numbers are is for `totals` and `compare`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from usage_toolkit import look
from usage_toolkit.panel.compare import Before, percent, signed, told
from usage_toolkit.schema import TOKEN_METERS
from usage_toolkit.view import period
from usage_toolkit.view.markup import Html, fill, join
from usage_toolkit.view.totals import EXACT, FACTS, INPUTS, Total, added
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Parts = Sequence[Decimal | None]

_NOTHING = "\u2013"
_EMPTY = "\u00a0"  # keeps a line's place


class Tile(NamedTuple):
    """What stands in a tile; without a `number` it is not reported."""

    label: str
    number: str | None
    unit: str = ""
    change: str = ""
    title: str = ""
    basis: str = ""
    aside: str = ""
    chosen: bool = False


class Figures:
    """How numbers of now and before are written and compared: what all tiles of a panel have in common.

    Parameters
    ----------
    before
        The period before.
    tz, locale
        The reader's.
    """

    def __init__(self, before: Before, *, tz: str, locale: str) -> None:
        self.locale, self.compared = locale, not before.why
        then = period.text((before.where.start, before.where.stop), tz=tz, locale=locale)
        self._then, self._why = then, before.why

    @property
    def note(self) -> str:
        """Say what changes are measured against, or why there are none."""
        return self._why or say("Change against the period before ({period}).", locale=self.locale, period=self._then)

    def count(self, label: str, now: Parts, then: Parts, unit: str, *, main: bool = False) -> Tile:
        """Return the tile of a quantity; where no row reports it, that is said in words if it is a `main` one."""
        value = added(now)
        exact = _counted(value, unit, self.locale)
        absent = None if main or now else _NOTHING
        number = absent if value is None else look.number(_whole(value), locale=self.locale)
        change = self._told(now, then, unit=unit, money=False)
        title = self._title(exact, _counted(added(then), unit, self.locale), then)
        shown_unit = look.units(unit, value, locale=self.locale) if value is not None else ""
        return Tile(label, number, shown_unit, change, title)

    def money(self, label: str, now: Parts, then: Parts, currency: str, *, basis: str = "", main: bool = False) -> Tile:
        """Return the tile of an amount, rounded to cents; its title has every digit."""
        value = added(now)
        absent = None if main or now else _NOTHING
        number, unit = absent, look.word("currency", currency, locale=self.locale)
        if value is not None:
            number, _, unit = look.short_money(value, currency, locale=self.locale).partition(" ")
        change = self._told(now, then, unit=currency, money=True)
        title = self._title(_paid(value, currency, self.locale), _paid(added(then), currency, self.locale), then)
        return Tile(label, number, unit, change, title, basis)

    def share(self, label: str, now: tuple[Parts, Parts], then: tuple[Parts, Parts], *, said: str) -> Tile:
        """Return the tile of a share in percent, which changes by percentage points."""
        has, had = _share(*now), _share(*then)
        if has is None:
            return Tile(label, None, title=said)
        number = look.number(has.quantize(Decimal("0.1")), locale=self.locale, least=1)
        change, title = "", said
        if self.compared and had is not None:
            points = say("{number} points", locale=self.locale, number=percent(abs(has - had), locale=self.locale))
            same = say("unchanged", locale=self.locale)
            change = same if has == had else signed(has - had, points, locale=self.locale)
            before = look.number(had.quantize(Decimal("0.1")), locale=self.locale, least=1)
            title = f"{said}; {self._then}: {before} %"
        return Tile(label, number, "%", change, title)

    def _told(self, now: Parts, then: Parts, *, unit: str, money: bool) -> str:
        if not self.compared:
            return ""
        locale = self.locale

        def write(size: Decimal) -> str:
            return look.short_money(size, unit, locale=locale) if money else look.quantity(size, unit, locale=locale)

        return told(now, then, write=write, locale=locale)

    def _title(self, now: str, before: str, then: Parts) -> str:
        if not self.compared:
            return now
        return "; ".join(filter(None, [now, f"{self._then}: {before or _none(then, self.locale)}"]))


def usage(now: list[Total], before: Before, known: list[Total], figures: Figures) -> Html:
    """Draw what was used: input, output, cache hit share, searches and requests; then money; then each kind.

    Parameters
    ----------
    now
        The totals of what is shown.
    before
        The period before.
    known
        The totals of all rows: what there is a tile for.
    figures
        How numbers are written.
    """
    locale, then = figures.locale, before.totals
    searches, requests, output = (_counts(meter) for meter in ("web_search", "request", "output"))
    inputs, made = [_counts(meter, "token") for meter in INPUTS], look.word("meter", "output", locale=locale)
    main = [
        figures.count(say("All input", locale=locale), of(now, *inputs), of(then, *inputs), "token", main=True),
        figures.count(made, of(now, output), of(then, output), "token", main=True),
        figures.share(
            say("Cache hit share", locale=locale),
            (of(now, _counts("cache_read", "token")), of(now, *inputs)),
            (of(then, _counts("cache_read", "token")), of(then, *inputs)),
            said=say("cache reads as a share of all input", locale=locale),
        ),
        figures.count(say("Web searches", locale=locale), of(now, searches), of(then, searches), "request", main=True),
        figures.count(say("Requests", locale=locale), of(now, requests), of(then, requests), "request", main=True),
    ]
    own = {("output", "token", FACTS[-1]), searches, requests}
    kinds = [total for total in known if total.of and total.what not in own]
    minor = [figures.count(total.label, of(now, total.what), of(then, total.what), total.unit) for total in kinds]
    money = [
        figures.money(total.label, of(now, total.what), of(then, total.what), total.unit, basis=total.basis)
        for total in known
        if not total.of
    ]
    cost = money or [Tile(say("Cost", locale=locale), None)]
    return join([row(main, locale=locale), row(cost, locale=locale), row(minor, kind="ut-minor", locale=locale)])


def mark(basis: str) -> Html:
    """Draw the colour of a basis, beside its name; nothing without one."""
    if not basis:
        return Html()
    return fill('<i class="ut-mark" style="background:{colour}"></i>', colour=look.BASIS_COLOURS[basis])


def row(tiles: Iterable[Tile], *, locale: str, kind: str = "") -> Html:
    """Draw tiles beside each other; nothing where there is none."""
    drawn = join(_tile(tile, locale) for tile in tiles)
    return fill('<div class="ut-tiles {kind}">{drawn}</div>', kind=kind, drawn=drawn) if drawn else Html()


def note(said: str, *, estimate: str = "", left_out: Iterable[str] = (), locale: str) -> Html:
    """Draw what is said below all tiles: an estimate in its colour, and what is in none of them, before the rest."""
    guess = Html()
    if estimate:
        how = say("An estimate: if days go on like the last 28.", locale=locale)
        drawn = mark("estimated")
        guess = fill('<b title="{how}">{drawn}{estimate}</b> ', how=how, drawn=drawn, estimate=estimate)
    missing = join(fill("<b>{sentence}</b> ", sentence=sentence) for sentence in left_out)
    return fill('<p class="ut-note">{guess}{missing}{said}</p>', guess=guess, missing=missing, said=said)


def of(found: list[Total], *what: tuple[str, str, str]) -> list[Decimal | None]:
    """Return the parts of a number that some totals have."""
    return [total.value for total in found if total.what in what]


def _tile(tile: Tile, locale: str) -> Html:
    aside = fill('<small class="ut-aside">{text}</small>', text=tile.aside) if tile.aside else Html()
    return fill(
        '<div class="{kind}" title="{title}">'
        '<div class="ut-label">{mark}{label}</div><div class="{known}">{number}</div>'
        '<div class="ut-below"><small>{unit}</small><span>{change}</span></div>{aside}</div>',
        kind="ut-tile ut-chosen" if tile.chosen else "ut-tile",
        title=tile.title,
        mark=mark(tile.basis),
        label=tile.label[:1].upper() + tile.label[1:],
        known="ut-unknown" if tile.number is None else "ut-value",
        number=say("not reported", locale=locale) if tile.number is None else tile.number,
        unit=tile.unit or _EMPTY,
        change=tile.change,
        aside=aside,
    )


def _counts(meter: str, unit: str = "") -> tuple[str, str, str]:
    return meter, unit or ("token" if meter in TOKEN_METERS else "request"), FACTS[-1]


def _share(part: Parts, whole: Parts) -> Decimal | None:
    """Return which share of the whole a part is; where it is not reported that is not known."""
    some, all_ = added(part), added(whole)
    return 100 * some / all_ if some is not None and all_ else None


def _whole(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1), context=EXACT) if abs(value) >= 1 else value


def _counted(value: Decimal | None, unit: str, locale: str) -> str:
    return "" if value is None else look.quantity(value, unit, locale=locale)


def _paid(value: Decimal | None, currency: str, locale: str) -> str:
    return "" if value is None else look.money(value, currency, locale=locale)


def _none(then: Parts, locale: str) -> str:
    return say("not reported", locale=locale) if then else say("none", locale=locale)
