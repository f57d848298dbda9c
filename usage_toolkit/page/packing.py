"""Cells as they travel: what a series is as a line of text, its numbers as bits, exact and a third of their digits.

A line is a series: all that has the same labels, its cells in the order of time. Its numbers stand column by column:
steps from one cell to the next, rows, then each measure as whole numbers of one scale. A number is written by the
exponential Golomb code: as many zeros as it is longer than most of its column, then its own digits. Where an amount
is the quantity times a price, the price stands in the line and only what is left of the amount among the numbers.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from itertools import pairwise
from statistics import median_low
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.cube import MEASURES
from usage_toolkit.schema import MONEY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Numbers = Sequence[int | None]

CREDIT = "credit"
"""What was given back within an amount: negative, and a part of it."""
PACKED = (*MEASURES, CREDIT)
LIMB = 10**9
"""Sums that a double can't hold are kept in parts of this size, so that those of all cells of a page stay exact."""

_UNKNOWN, _AGAIN, _CONSTANT, _SIGNED, _GAPS = 1, 2, 4, 8, 16


def packed(
    cells: pl.DataFrame,
    *,
    codes: Mapping[str, list[str]],
    starts: Mapping[str, Sequence[int]],
    scales: Mapping[str, int],
) -> dict[str, str]:
    """Write cells as the lines of their series and the bits of their numbers.

    Parameters
    ----------
    cells
        What `fitting` or `limited` returns.
    codes
        The values of each label: what stands in a line is their place.
    starts
        When each span begins, in milliseconds since 1970: a cell is told by how many of them lie before it.
    scales
        How many decimals each measure has.
    """
    if CREDIT not in cells.columns:
        cells = cells.with_columns(pl.lit(None, MONEY).alias(CREDIT))
    coded = cells.with_columns(
        pl.col(label).replace_strict(values, range(len(values)), return_dtype=pl.Int64)
        for label, values in codes.items()
    )
    place = {span: _place(known) for span, known in starts.items()}
    series = coded.group_by(*codes, "span", maintain_order=True).agg(
        pl.col("time").dt.epoch("ms"), "rows", *(_digits(name, scales) for name in PACKED)
    )
    lines, bits = [], []
    for *keys, span, times, rows, quantities, amounts, dollars, credits_ in series.iter_rows():
        at = [place[span](time) for time in times]
        known = [_whole(column) for column in (quantities, amounts, dollars, credits_)]
        price, rest = _priced(known[0], known[1])
        lines.append(",".join(map(str, [*keys, span, at[0], len(at), price])))
        bits += [
            column([after - before for before, after in pairwise(at)]), column(rows), column(known[0]), column(rest),
            f"{_AGAIN:08b}" if known[2] == known[1] else column(known[2]), column(known[3]),
        ]  # fmt: skip
    return {"series": "\n".join([",".join([*codes, "span", "first", "count", "price"]), *lines]), "bits": _text(bits)}


def column(values: Numbers) -> str:
    """Write numbers as zeros and ones: what kind of column it is in eight, its usual length in eight, then each.

    >>> column([5, 5]), column([None]), column([0, 1, -1])
    ('00000100000000010111', '00000001', '00001000000000001011010')
    """
    known = [value for value in values if value is not None]
    if not known:
        return f"{_UNKNOWN:08b}"
    gaps, signed = len(known) < len(values), min(known) < 0
    kind = (_GAPS if gaps else 0) | (_SIGNED if signed else 0)
    if len(set(values)) == 1:
        kind, values = kind | _CONSTANT, values[:1]
    folded = [0 if value is None else gaps + (_fold(value) if signed else value) for value in values]
    middle = median_low(folded).bit_length()
    usual = min(range(max(0, middle - 2), middle + 1), key=lambda length: _cost(folded, length))
    return f"{kind:08b}{usual:08b}" + "".join(_golomb(value, usual) for value in folded)


def limbs(total: int) -> int:
    """Return in how many parts numbers are kept whose sizes add up to that.

    >>> limbs(2**53 - 1), limbs(2**53), limbs(10**25)
    (1, 2, 3)
    """
    count = 1
    while total >= 2**53 * LIMB ** (count - 1):
        count += 1
    return count


def places(cells: pl.DataFrame, measure: str) -> int:
    """Return how many decimals a measure has at most."""
    parts = cells.select(
        pl.col(measure).cast(pl.String).str.split_exact(".", 1).struct.field("field_1").str.strip_chars_end("0")
    )
    return int(parts.select(pl.all().str.len_bytes().max()).item() or 0)


def _digits(measure: str, scales: Mapping[str, int]) -> pl.Expr:
    """Write decimals as whole numbers of their scale."""
    exact = pl.col(measure).cast(pl.Decimal(38, scales[measure]))
    return exact.cast(pl.String).str.replace(".", "", literal=True)


def _whole(texts: Sequence[str | None]) -> list[int | None]:
    return [None if text is None else int(text) for text in texts]


def _place(known: Sequence[int]) -> Callable[[int], int]:
    """Return how a start's place is found; minutes are evenly spaced, other spans are not."""
    return known.index if isinstance(known, range) else {start: at for at, start in enumerate(known)}.__getitem__


def _priced(quantities: Numbers, amounts: Numbers) -> tuple[int, Numbers]:
    """Return the price that most cells have, 0 if there is none, and what is left of amounts without it."""
    pairs = [(q, a) for q, a in zip(quantities, amounts, strict=True) if q and a is not None]
    if len(pairs) < len(amounts):
        return 0, amounts
    prices = Counter(a // q for q, a in pairs if a % q == 0)
    price, count = max(prices.items(), key=lambda found: (found[1], -found[0]), default=(0, 0))
    if 2 * count <= len(pairs):
        return 0, amounts
    return price, [a - price * q for q, a in pairs]


def _fold(value: int) -> int:
    return -2 * value - 1 if value < 0 else 2 * value


def _golomb(value: int, usual: int) -> str:
    number = value + (1 << usual)
    length = number.bit_length()
    return f"{number:0{2 * length - usual - 1}b}"


def _cost(values: Sequence[int], usual: int) -> int:
    least = 1 << usual
    return 2 * sum((value + least).bit_length() for value in values) - usual * len(values)


def _text(bits: list[str]) -> str:
    whole = "".join(bits)
    whole += "0" * (-len(whole) % 8)
    return b64encode(int(whole or "0", 2).to_bytes(len(whole) // 8, "big")).decode()
