"""`Section`: a part of a report that a notebook shows: a few sentences, tiles or a table, and what is to be known."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from usage_toolkit import look
from usage_toolkit.view.markup import Html, fill, join
from usage_toolkit.view.table import grid
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from usage_toolkit.report.known import Known

_EXACT = Context(prec=80)
_SPACE = "\u00a0"
NOTHING = "\u2013"


@dataclass(frozen=True, repr=False)
class Section:
    """An output that lasts: it needs no kernel, no widgets and no network.

    ``frame`` holds the same numbers, exact.
    """

    frame: pl.DataFrame
    said: tuple[str, ...] = ()
    tiles: tuple[tuple[str, str, str], ...] = ()
    title: str = ""
    heads: tuple[tuple[str, bool], ...] = ()
    body: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    locale: str = "en-US"

    def __repr__(self) -> str:
        """Return the sentences and the exact numbers."""
        import polars as pl

        options: dict[str, Any] = {"tbl_rows": 40, "tbl_cols": -1, "tbl_width_chars": 160, "fmt_str_lengths": 60}
        with pl.Config(**options, trim_decimal_zeros=True, tbl_hide_column_data_types=True):
            numbers = [str(self.frame)] if self.frame.width else []
            return "\n".join([*filter(None, [self.title]), *self.alerts, *self.said, *numbers, *self.notes])

    def _repr_mimebundle_(self, *_args: Any, **_options: Any) -> dict[str, Any]:
        return {"text/html": str(self.to_html()), "text/plain": repr(self)}

    def to_html(self) -> Html:
        """Return it as HTML, without a script and without a style of its own."""
        notes = join(fill("<li>{line}</li>", line=line) for line in self.notes)
        parts = [
            *(fill('<p class="ut-alert">{line}</p>', line=line) for line in self.alerts),
            *(fill("<p>{line}</p>", line=line) for line in self.said),
            _tiled(self.tiles),
            self._table(),
            fill('<ul class="ut-notes">{lines}</ul>', lines=notes) if notes else Html(),
        ]
        return fill('<div class="ut-report">{parts}</div>', parts=join(parts))

    def _table(self) -> Html:
        if not self.body:
            return Html()
        return grid(list(self.heads), (list(row) for row in self.body), said=self.title)


def _tiled(tiles: Sequence[tuple[str, str, str]]) -> Html:
    if not tiles:
        return Html()
    drawn = (
        fill(
            '<div class="ut-tile"><small>{name}</small><b>{value}</b><small>{below}</small></div>',
            name=n,
            value=v,
            below=b,
        )
        for n, v, b in tiles
    )
    return fill('<div class="ut-tiles">{tiles}</div>', tiles=join(drawn))


def percent(part: Decimal | None, whole: Decimal | None, *, locale: str, sign: bool = False) -> str:
    r"""Return a share in percent, to a tenth; nothing where it means nothing.

    Examples
    --------
    >>> percent(Decimal(1), Decimal(3), locale="en-US"), percent(Decimal(1), Decimal(0), locale="en-US")
    ('33.3\xa0%', '')
    """
    if part is None or whole is None or whole <= 0:
        return ""
    share = _EXACT.divide(100 * part, whole).quantize(Decimal("0.1"), context=_EXACT)
    plus = "+" if sign and share > 0 else ""
    return f"{plus}{look.number(share, locale=locale, least=1)}{_SPACE}%"


def amount(value: Decimal, currency: str, *, locale: str, exact: bool = False) -> str:
    """Return an amount whose currency stands beside it already.

    Examples
    --------
    >>> amount(Decimal("1234.5"), "USD", locale="it-IT")
    '1.234,50'
    """
    write = look.money if exact else look.short_money
    return write(value, currency, locale=locale).removesuffix(f" {look.word('currency', currency, locale=locale)}")


def signed(value: Decimal | None, text: str) -> str:
    """Put a plus before what is more than 0; a dash stands for what is not known."""
    if value is None:
        return NOTHING
    return f"+{text}" if value > 0 else text


def heads(name: str, known: Known) -> tuple[tuple[str, bool], ...]:
    """Return what stands above a table that holds the month against the one before, where that can be said."""
    first = ((name, False), (known.month, True))
    if known.why_not:
        return first
    return (*first, (known.month_before, True), (say("Change", locale=known.locale), True))
