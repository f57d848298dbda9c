"""What readers see is in their language: every sentence has its Italian, and nothing English is left on a panel."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pytest

import drawn
import usage_toolkit as ut
from drawn import values_of
from usage_toolkit import look, schema
from usage_toolkit.report.run import lines, template
from usage_toolkit.report.write import read
from usage_toolkit.words import NAMES, TABLES, say, translated
from usage_toolkit.words.italian_names import ITALIAN_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl

PACKAGE = Path(ut.__file__).parent
SAME = {"Input", "Output", "output", "input", "Audio", "Video", "audio", "video", "token", "CSV", "UTC"}
"""English words that Italians use."""
ENGLISH = re.compile(
    r"\b(the|of|by|and|to|from|no|as|rows?|tokens|days?|hours?|months?|minutes?|cost|billed|metered|estimated"
    r"|allocated|requests?|images?|seconds?|units?|none|other|default|currency|models?|users?|write|read|search)\b",
    re.IGNORECASE,
)
"""Words by which English is known."""


def sentences() -> Iterator[tuple[str, ast.Call]]:
    """Give each call of `say`, and where it stands."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                yield f"{file.relative_to(PACKAGE)}:{node.lineno}", node


def places(text: str) -> set[str]:
    """Give the places of a sentence."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_only_constants_are_said() -> None:
    """A sentence that is put together in the code could not be looked up."""
    odd = [
        place
        for place, call in sentences()
        if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant) or not isinstance(call.args[0].value, str)
    ]
    assert not odd


def test_every_sentence_is_said_in_italian() -> None:
    """Nothing is missing and nothing is left over."""
    italian = TABLES["it"]
    said = {ast.literal_eval(call.args[0]): place for place, call in sentences()}
    said |= dict.fromkeys(lines(read(template())), template().name)
    assert not {text: place for text, place in said.items() if text not in italian}
    assert not set(italian) - set(said)


def test_a_notebook_is_translated_line_by_line() -> None:
    """A heading stays one, an empty line too, and a line that nobody knows stays as it is."""
    text = "## How final is it?\n\nNobody knows this line."
    assert translated(text, locale="it-IT") == "## Quanto è definitivo?\n\nNobody knows this line."
    assert translated(text, locale="en-US") == text


def test_every_sentence_is_said_in_a_language() -> None:
    """Whoever says something says for whom, and fills each place of it."""
    for place, call in sentences():
        given = {keyword.arg for keyword in call.keywords}
        assert given == places(ast.literal_eval(call.args[0])) | {"locale"}, place


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_is_in_order(table: dict[str, str]) -> None:
    """A sentence is found where the alphabet has it, its places come again, and none is empty."""
    assert list(table) == sorted(table)
    assert not {text: own for text, own in table.items() if places(text) != places(own) or not own.strip()}


@pytest.mark.parametrize("table", NAMES.values(), ids=NAMES)
def test_every_word_of_the_data_has_a_name(table: dict[str, dict[str, str]]) -> None:
    """No meter, unit, column, basis or grain is forgotten, and none is there that the data do not know."""
    assert set(table["meter"]) == set(schema.METERS)
    assert set(table["unit"]) == set(table["units"]) == {*schema.UNITS, schema.NONE}
    assert set(table["basis"]) == set(schema.BASES)
    assert set(table["grain"]) == set(schema.GRAINS)
    assert set(table["column"]) == set(table["columns"]) == set(look.DIMENSION_LABELS)
    assert set(table["any"]) == {schema.NONE, schema.DEFAULT, schema.OTHER, schema.UNALLOCATED}
    assert set(table["span"]) == set(table["spans"])


def test_different_meters_look_different() -> None:
    """Two words of the data are never shown the same way."""
    for kind in ("column", "meter", "basis", "grain", "any"):
        assert len(set(ITALIAN_NAMES[kind].values())) == len(ITALIAN_NAMES[kind])


def test_who_has_no_table_reads_english() -> None:
    """A language without a table is English with numbers of its own."""
    assert say("Group by", locale="sv-SE") == "Group by"
    assert look.quantity(1200, "token", locale="de-DE") == "1.200 tokens"
    assert look.name("api_key", locale="it_IT") == "Chiave API"


def test_sentinels_are_said_and_never_stored() -> None:
    """What the data call (other) has an Italian word where it is shown, and a name that looks so stays apart."""
    assert look.words("model", ["(altro)", "(other)"], locale="it-IT") == ["(altro)", "(altro) (2)"]
    panel = ut.CostPanel(ut.sample(days=3), locale="it-IT")
    assert "(none)" in panel.data["model"].to_list()


def test_money_is_never_renamed() -> None:
    """An Italian pays dollars in dollars."""
    texts = visible(ut.CostPanel(ut.sample(days=3), locale="it-IT"))
    assert not [text for text in texts if "EUR" in text or "\u20ac" in text]
    assert [text for text in texts if "USD" in text]


def plain(markup: str) -> Iterator[str]:
    """Give what is read of a piece of HTML: its text, and what its attributes say."""
    markup = re.sub(r"<style>.*?</style>", "", markup, flags=re.DOTALL)
    for found in [*re.findall(r'(?:title|aria-label)="([^"]*)"', markup), *re.split(r"<[^>]*>", markup)]:
        yield html.unescape(found)


def visible(panel: Any) -> set[str]:
    """Give every text of a panel: of its controls, their tooltips and options, of its HTML and of its chart."""
    found: set[str] = set()
    todo, seen = [panel], set()
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        todo += getattr(one, "children", ())
        found |= {getattr(one, name, None) or "" for name in ("description", "tooltip", "text", "hint")}
        found |= set(getattr(one, "titles", ()))
        if isinstance(one, widgets.HTML):
            found |= set(plain(one.value))
        if isinstance(one, widgets.Dropdown):
            found |= {label for label, _ in one.options}
        if hasattr(one, "spec"):
            found |= {*drawn_words(one.spec), *texts(one.params.state)}
    return {text.strip() for text in found if text.strip()}


def drawn_words(spec: dict[str, Any]) -> Iterator[str]:
    """Give every text of a spec that a reader sees or hears, as far as it is not in a CSV."""
    spec = {key: value for key, value in spec.items() if key != "config"}
    said = [*values_of(spec, "title", "description")]
    said += [param.get("value") for param in spec.get("params", ())]
    yield from texts(said)


def texts(node: object) -> Iterator[str]:
    """Give the texts among some values, however deep."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        yield from texts([value for key, value in node.items() if key not in ("colours", "field", "names", "type")])
    elif isinstance(node, list):
        for one in node:
            yield from texts(one)


def english(ours: set[str], theirs: set[str], names: set[str]) -> set[str]:
    """Give what stands the same in Italian and English, or speaks English in the midst of Italian.

    Not meant are numbers and dates, names of the data, and words that both use.
    """
    known = "|".join(re.escape(name) for name in sorted(names | SAME, key=len, reverse=True))
    bare = {text: re.sub(rf"(?<!\w)({known})(?!\w)", "", text) for text in ours}
    return {
        text for text, rest in bare.items() if (text in theirs and re.search(r"[^\W\d_]", rest)) or ENGLISH.search(rest)
    }


def names_in(rows: pl.DataFrame) -> set[str]:
    """Give what is nobody's to translate."""
    labels = ("provider", "workspace", "model", "api_key", "user", "currency", "service_tier")
    return {name for label in labels for name in rows[label].drop_nulls().unique()} - {"(none)", "(default)"}


@pytest.mark.parametrize("kind", [ut.UsagePanel, ut.CostPanel, ut.FilterPanel])
def test_no_english_is_left_on_a_panel(kind: Any) -> None:
    """All that an Italian reads is Italian, in every state of a panel."""
    rows = ut.sample(days=3)
    ours, theirs = (kind(rows, locale=locale) for locale in ("it-IT", "en-US"))
    moments = [
        ut.Filter(),
        ut.Filter("2026-10-30", "2026-10-31"),
        ut.Filter("2026-10-30T13:00", "2026-10-30T14:00"),
        ut.Filter("2026-10-01", "2026-11-01", provider="anthropic"),
        ut.Filter("2026-10-30", None, model=("claude-opus-4-8", "claude-sonnet-5")),
        ut.Filter(None, "2026-10-31", service_tier="standard"),
        ut.Filter(model="no such model"),
    ]
    for where in moments:
        for panel in (ours, theirs):
            panel.value = where
            if kind is not ut.FilterPanel:
                panel._behind.fold.value = True
        assert english(visible(ours), visible(theirs), names_in(rows) | {"no such model"}) == set(), where


def test_no_english_is_left_on_a_chart() -> None:
    """Titles, axes, legends and tooltips are Italian too."""
    rows = ut.sample(days=3)
    cube = ut.cube(rows, by=("model", "meter"), every="1d")
    prices = ut.implied_price(ut.sample().filter(provider="venice"))
    charts: list[Callable[..., Any]] = [
        lambda **looks: ut.token_chart(cube, **looks),
        lambda **looks: ut.cost_chart(cube, by="meter", **looks),
        lambda **looks: ut.token_chart(cube.head(0), **looks),
        lambda **looks: ut.breakdown_chart(ut.totals(rows, by="api_key"), "api_key", **looks),
        lambda **looks: ut.breakdown_chart(ut.totals(rows, by="workspace"), "workspace", measure="quantity", **looks),
        lambda **looks: ut.price_chart(prices, **looks),
        lambda **looks: ut.price_chart(prices.head(0), **looks),
    ]
    for draw in charts:
        ours, theirs = (set(drawn_words(draw(locale=locale).to_dict())) for locale in ("it-IT", "en-US"))
        assert english(ours, theirs, names_in(rows)) == set()
        said = set(drawn.carried(draw(locale="it-IT"))["text"])
        assert english(said, set(), names_in(rows)) == set()
