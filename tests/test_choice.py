"""`Choice`: one, several or all values of a label, whichever of its controls is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from panels import HOSTILE
from usage_toolkit.panel.choice import MOST, Choice

if TYPE_CHECKING:
    import polars as pl

COUNTS = {f"model-{n:02}": n + 1 for n in range(40)}


def choice(counts: dict[str, int] = COUNTS, value: tuple[str, ...] = ()) -> Choice:
    """Make a choice of models."""
    made = Choice("model", locale="en-US")
    made.show(counts, value)
    return made


def chosen(made: Choice) -> list[str]:
    """Read the value as it is now."""
    return list(made.value)


def ticked(made: Choice) -> dict[str, bool]:
    """Read the list as it stands."""
    return {box.description: box.value for box in made.ticks.boxes.children}


def unfold(made: Choice) -> None:
    """Choose the last line of the menu."""
    made.menu.label = "Several…"


@given(names=st.lists(st.sampled_from(sorted(COUNTS)), unique=True, max_size=6), folded=st.booleans())
@settings(max_examples=15)
def test_ticking_is_setting(names: list[str], *, folded: bool) -> None:
    """Boxes ticked one by one are the value that says the same, and setting the value ticks the same boxes."""
    made, told = choice(), choice()
    unfold(made)
    for name in names:
        box = next(box for box in made.ticks.boxes.children if box.description.startswith(f"{name} ("))
        box.value = True
    assert chosen(made) == sorted(names)
    if folded:
        made.ticks.done.click()
    told.value = made.value
    assert (told.menu.label, told.menu.value) == (made.menu.label, made.menu.value)
    unfold(told)
    unfold(made)
    expected = {f"{name} ({count})": name in names for name, count in COUNTS.items()}
    assert ticked(told) == ticked(made) == expected


def test_the_menu_tells_what_is_chosen() -> None:
    """All, one with its count, or how many; choosing all or one closes the list, and so does its button."""
    made = choice()
    assert made.menu.label == "All models"
    assert made.ticks.layout.display == "none"
    unfold(made)
    assert made.ticks.layout.display is None
    assert made.menu.label == "All models"
    made.ticks.boxes.children[3].value = True
    assert made.menu.label == "model-03 (4)"
    made.ticks.boxes.children[1].value = True
    assert made.menu.label == "2 models"
    assert chosen(made) == ["model-01", "model-03"]
    made.ticks.done.click()
    assert made.ticks.layout.display == "none"
    assert chosen(made) == ["model-01", "model-03"]
    unfold(made)
    assert list(ticked(made))[:3] == ["model-01 (2)", "model-03 (4)", "model-00 (1)"]  # what is chosen comes first
    made.menu.value = ("model-07",)
    assert made.ticks.layout.display == "none"
    assert chosen(made) == ["model-07"]
    made.menu.label = "All models"
    assert chosen(made) == []


def test_nothing_moves_under_the_mouse() -> None:
    """While the list is open, lines keep their places, also of what is not there any more."""
    made = choice(value=("gone", "model-30"))
    unfold(made)
    before = list(ticked(made))
    assert before[:2] == ["gone (0)", "model-30 (31)"]
    for box in made.ticks.boxes.children[:4]:
        box.value = not box.value
    assert list(ticked(made)) == before
    assert chosen(made) == ["model-00", "model-01"]


def test_a_long_list_can_be_searched() -> None:
    """Of thousands of values the first are listed, and any of them is found by a part of its name."""
    counts = {f"user-{n:04}@example.com": 1 for n in range(3000)}
    made = choice(counts)
    unfold(made)
    assert len(made.ticks.boxes.children) == MOST
    made.ticks.find.value = "R-2999@"
    assert ticked(made) == {"user-2999@example.com (1)": False}
    made.ticks.boxes.children[0].value = True
    made.ticks.find.value = "nobody"
    assert ticked(made) == {}
    made.ticks.find.value = ""
    assert chosen(made) == ["user-2999@example.com"]


def test_hostile_names_are_ticked() -> None:
    """Names with markup, of 10 kB or of blanks are short, different, and chosen as they are."""
    made = choice(dict.fromkeys(sorted(HOSTILE), 1))
    unfold(made)
    shown = list(ticked(made))
    assert len(set(shown)) == len(HOSTILE)
    assert max(map(len, shown)) < 60
    for box in made.ticks.boxes.children:
        box.value = True
    assert chosen(made) == sorted(HOSTILE)


def test_one_list_at_a_time(rows: pl.DataFrame) -> None:
    """Opening a list closes the others; several values narrow the rows and the other selectors."""
    panel = ut.FilterPanel(rows)
    unfold(panel._fields["workspace"])
    unfold(panel._fields["model"])
    assert [label for label, control in panel._fields.items() if control.unfolded] == ["model"]
    for box in panel._fields["model"].ticks.boxes.children:
        box.value = box.description.startswith("claude-")
    models = ("claude-haiku-4-5", "claude-opus-4-8", "claude-sonnet-5")
    assert panel.value == ut.Filter(model=models)
    assert panel._fields["model"].menu.label == "3 models"
    kept = rows.filter(ut.Filter(model=models, provider="anthropic").to_expr())
    assert panel._fields["provider"].menu.options[1] == (f"anthropic ({kept.height:,})", ("anthropic",))
    panel.value = ut.Filter(model=models[:1])
    (only,) = (said for said, chosen in ticked(panel._fields["model"]).items() if chosen)
    assert only.startswith("claude-haiku-4-5 (")
