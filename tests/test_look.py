"""What is shown can be read: by everyone, to the last digit, and with nothing invisible in it."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_toolkit import look, panel
from usage_toolkit.errors import ArgumentError
from usage_toolkit.schema import BASES, DIMENSIONS, METERS, OTHER
from zoo import HOSTILE, decimals

WHITE, DARK = "#FFFFFF", "#111111"
COLOURS = sorted({*look.PALETTE, look.REST, *look.METER_COLOURS.values()})
LOCALES = ["en-US", "it-IT", "de-CH", "hi-IN", "fr-FR", "sv-SE"]

# How colours look to those who lack one kind of cone (Machado, Oliveira and Fernandes 2009, severity 1).
SEEN = {
    "by most": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "with protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "with deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "with tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))


def linear(colour: str) -> list[float]:
    """Give the light of a colour, red, green and blue."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def times(matrix: tuple[tuple[float, ...], ...], vector: list[float]) -> list[float]:
    """Multiply."""
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of WCAG."""
    dark, light = sorted(times(XYZ, linear(colour))[1] for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(light: list[float]) -> list[float]:
    """Give CIE L*a*b* under daylight."""
    white = [sum(row) for row in XYZ]
    xyz = times(XYZ, [min(max(part, 0.0), 1.0) for part in light])
    f = [
        v ** (1 / 3) if (v := part / whole) > 0.008856 else 7.787 * v + 16 / 116
        for part, whole in zip(xyz, white, strict=True)
    ]
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]


def distance(one: str, other: str, eye: str) -> float:
    """Give how far apart two colours are to an eye (CIE76; 2 can just be told)."""
    a, b = (lab(times(SEEN[eye], linear(colour))) for colour in (one, other))
    return math.dist(a, b)


@pytest.mark.parametrize("colour", COLOURS)
def test_bars_are_seen_on_both_themes(colour: str) -> None:
    """Each colour of a bar stands out from white, and from the darkest theme."""
    assert contrast(colour, WHITE) >= 3
    assert contrast(colour, DARK) >= 2


def on_dark(colour: str) -> str:
    """Give what the panels' style makes of a colour in a dark theme, as filters of CSS do it."""
    style = (Path(panel.__file__).parent / "panel.css").read_text()
    factors = re.search(r"filter: contrast\((.*?)\) brightness\((.*?)\)", style)
    assert factors
    less, more = map(float, factors.groups())
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 * min(1.0, more * ((part - 0.5) * less + 0.5))):02X}" for part in parts)


def test_panels_are_seen_as_well_on_a_dark_theme() -> None:
    """There, each colour of a bar stands out as it does on white, and is told apart from its neighbours as well."""
    assert min(contrast(on_dark(colour), DARK) for colour in COLOURS) >= 3
    pairs = [(on_dark(one), on_dark(other)) for one, other in combinations(look.PALETTE, 2)]
    assert min(distance(*pair, eye) for pair in pairs for eye in SEEN) > 10


def test_text_is_read_on_both_themes() -> None:
    """One grey serves text on both themes."""
    assert contrast(look.TEXT, WHITE) >= 4.5
    assert contrast(look.TEXT, DARK) >= 3


@pytest.mark.parametrize("eye", SEEN)
def test_colours_are_told_apart(eye: str) -> None:
    """The colours of a chart, and those of token meters, differ to colour-blind readers too."""
    token_meters = [look.METER_COLOURS[meter] for meter in ("input", "cache_read", "cache_write_5m", "output")]
    for colours in (look.PALETTE, token_meters):
        assert min(distance(one, other, eye) for one, other in combinations(colours, 2)) > 11


def test_what_money_is_worth_has_a_colour() -> None:
    """Billed, metered, estimated and allocated are told apart on both themes, by colour-blind readers too."""
    assert set(look.BASIS_COLOURS) == set(BASES)
    for colour in look.BASIS_COLOURS.values():
        assert min(contrast(colour, WHITE), contrast(colour, DARK)) >= 3
    pairs = list(combinations(look.BASIS_COLOURS.values(), 2))
    assert min(distance(*pair, eye) for pair in pairs for eye in SEEN) > 11


def test_every_meter_has_a_colour_of_its_own() -> None:
    """A meter is known by its colour, in every chart."""
    assert set(look.METER_COLOURS) == set(METERS)
    assert min(distance(*pair, "by most") for pair in combinations(look.METER_COLOURS.values(), 2)) > 15
    assert look.colours("meter", ["output", "input"]) == [look.METER_COLOURS["output"], look.METER_COLOURS["input"]]


def test_other_labels_take_colours_in_turn() -> None:
    """The rest is grey wherever it stands, and so is what comes after the last colour."""
    values = ["a", OTHER, *"bcdefghij"]
    expected = [look.PALETTE[0], look.REST, *look.PALETTE[1:], look.REST, look.REST]
    assert look.colours("model", values) == expected


def test_every_dimension_and_meter_has_a_name() -> None:
    """Names are for people: none has an underscore."""
    assert not [one for one in map(look.name, DIMENSIONS) if "_" in one or not one[0].isupper()]
    assert not [one for one in (look.word("meter", meter) for meter in METERS) if "_" in one]
    assert [look.plural(label, 2) for label in ("api_key", "basis", "service_tier")] == [
        "API keys",
        "bases",
        "service tiers",
    ]


@pytest.mark.parametrize("locale", LOCALES)
@given(value=decimals(18))
def test_a_number_loses_no_digit(locale: str, value: Decimal) -> None:
    """Read back, a number is what it was."""
    marks = look.vega_locale(locale)
    text = look.number(value, locale=locale, least=2)
    plain = text.replace(marks["thousands"], "").replace(marks["decimal"], ".").replace(marks["minus"], "-")
    assert Decimal(plain) == value
    assert len(text.partition(marks["decimal"])[2]) >= 2


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en-US", "-1,234,567.50"),
        ("it-IT", "-1.234.567,50"),
        ("hi-IN", "-12,34,567.50"),
        ("de-CH", "-1\u2019234\u2019567.50"),
    ],
)
def test_a_number_is_grouped_as_its_reader_does(locale: str, expected: str) -> None:
    """Groups and commas follow the locale."""
    assert look.number(Decimal("-1234567.5"), locale=locale, least=2) == expected


@given(value=decimals(18))
def test_a_short_amount_is_near_and_never_nothing(value: Decimal) -> None:
    """An amount at a glance is within half a cent, or half a percent where it is smaller than one."""
    text = look.short_money(value, "USD")
    read = Decimal(text.removesuffix(" USD").replace(",", ""))
    assert abs(read - value) <= max(Decimal("0.005") if abs(value) >= 1 else 0, abs(value) / 200)
    assert (read == 0) == (value == 0)


def test_units_and_currencies_stand_behind_their_number() -> None:
    """Each number says what it counts, one of it or many."""
    assert look.quantity(1, "token") == "1 token"
    assert look.quantity(Decimal("1234.5"), "second", locale="it-IT") == "1.234,5 secondi"
    assert look.money(Decimal("0.8179706625"), "BUNDLED_CREDITS") == "0.8179706625 bundled credits"
    assert look.money(Decimal(12), "JPY") == "12 JPY"


def test_days_and_months_follow_the_locale() -> None:
    """Months are named in the reader's language."""
    third = date(2026, 10, 3)
    assert [look.short_day(third), look.long_day(third), look.month(third)] == ["3 Oct", "3 Oct 2026", "Oct 2026"]
    assert [look.short_day(third, locale="it-IT"), look.month(third, locale="it-IT")] == ["3 ott", "ott 2026"]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_dollar_is_a_dollar_everywhere(locale: str) -> None:
    """No locale turns the sign of one currency into that of another."""
    assert look.vega_locale(locale)["currency"] == ["US$\u00a0", ""]


@pytest.mark.parametrize("locale", ["", "xx", "en-", "</script>"])
def test_an_unknown_locale_is_refused(locale: str) -> None:
    """A locale that is none is a sentence."""
    with pytest.raises(ArgumentError, match="expected a locale such as en-US or it-IT, found"):
        look.number(1, locale=locale)


def test_locales_are_written_either_way() -> None:
    """An underscore is as good as a hyphen."""
    assert look.number(1000, locale="it_IT") == look.number(1000, locale="it-IT")


@given(text=st.text(), limit=st.integers(2, 50))
def test_what_is_shown_can_be_seen(text: str, limit: int) -> None:
    """No text is invisible, breaks a line or turns what stands beside it, and none is longer than asked for."""
    shown = look.visible(text, limit=limit)
    assert len(shown) <= max(limit, len(f"({len(text)} blanks)"))
    assert shown.strip()
    odd = {char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")}
    assert odd <= {"\u200d"}


@pytest.mark.parametrize(
    "text", ["gpt-4.1", "it's", 'say "hi"', "a[0]", "__proto__", "</script>", "\U0001f469\u200d\U0001f4bb"]
)
def test_what_can_be_seen_stays(text: str) -> None:
    """Ordinary letters, signs and emoji are shown as they are."""
    assert look.visible(text) == text


@given(values=st.lists(st.text(max_size=12) | st.sampled_from([*HOSTILE, "x", "x (2)", "x…"]), unique=True))
def test_different_values_look_different(values: list[str]) -> None:
    """However short the room, two names are never shown the same way."""
    shown = look.words("model", values, limit=6)
    assert len({unicodedata.normalize("NFKC", text) for text in shown}) == len(values)


@given(
    st.lists(st.decimals(-(10**18), 10**18, places=18) | st.none(), max_size=8),
    st.sampled_from(["en-US", "it-IT", "de-CH", "hi-IN", "fr-FR", "sv-SE"]),
    st.sampled_from([0, 2]),
)
def test_a_column_of_numbers_is_written_as_each_of_them(values: list[Decimal | None], locale: str, least: int) -> None:
    """Thousands of numbers are written at once as one by one, with their unit too."""
    column = pl.DataFrame({"value": pl.Series(values, dtype=pl.Decimal(38, 18))})
    own = [None if value is None else look.number(value, locale=locale, least=least) for value in values]
    assert column.select(look.numbers(pl.col("value"), locale=locale, least=least)).to_series().to_list() == own
    named = [None if value is None else look.quantity(value, "token", locale=locale) for value in values]
    assert column.select(look.quantities(pl.col("value"), "token", locale=locale)).to_series().to_list() == named


def test_equal_instants_of_two_zones_are_each_their_own_day() -> None:
    """A moment before midnight in London is the next day in Rome, whichever was written first."""
    london = datetime(2026, 3, 30, 23, 30, tzinfo=ZoneInfo("UTC"))
    rome = london.astimezone(ZoneInfo("Europe/Rome"))
    assert london == rome
    assert (look.long_day(london), look.long_day(rome)) == ("30 Mar 2026", "31 Mar 2026")
