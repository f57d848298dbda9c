"""Choosing among the values of a label: all, one, or several, which are ticked in a list that opens for it.

Stock controls that are one tuple of names. What there is to choose, and what a choice means for rows, is said from
outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from usage_toolkit import look
from usage_toolkit.panel.controls import field, offer
from usage_toolkit.view.markup import fill
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 100
"""How many values are listed at once: each is a widget, and nobody reads more."""
_FEW = 24
"""As many are seen at one glance, and nothing needs to be found."""
_SEVERAL = "several"


class Choice(widgets.Box):
    """A menu of values with their counts; its last line, ``Several…``, opens a list of them to tick.

    A value that is chosen stays in sight with a count of 0 if it does not exist (any more). The list closes with its
    button, and when one or all are chosen in the menu.

    Parameters
    ----------
    label
        The column whose values these are.
    locale
        How numbers are written.

    Attributes
    ----------
    value : tuple of str
        What is chosen, sorted; nothing means all.
    unfolded : bool
        Whether the list is open.
    """

    value = traitlets.Tuple()
    unfolded = traitlets.Bool(default_value=False)

    def __init__(self, label: str, *, locale: str) -> None:
        self._label, self._locale = label, locale
        self._counts: dict[str, int] = {}
        self._words: dict[str, str] = {}
        self._first: tuple[str, ...] = ()
        self._moving = False
        self.menu = field(widgets.Dropdown(description=look.name(label, locale=locale)))
        self.ticks = Ticks(locale=locale)
        super().__init__([self.menu, self.ticks])
        self.add_class("ut-choice")
        self.menu.observe(self._by_menu, "value")
        self.ticks.observe(lambda change: self.set_trait("value", change["new"]), "value")
        self.ticks.done.on_click(lambda _: self._fold())
        self.observe(self._opened, "unfolded")
        self.observe(lambda _: self._show(), "value")
        self._show()

    def show(self, counts: Mapping[str, int], value: tuple[str, ...]) -> None:
        """Offer these values with their counts, and show which are chosen."""
        self._counts = dict(counts)
        if self.value == value:
            self._show()
        self.value = value

    def _by_menu(self, change: Any) -> None:
        if self._moving:
            return
        self.unfolded = change["new"] == _SEVERAL
        if self.unfolded:
            self._show()  # the menu goes on showing what is chosen
        else:
            self.value = change["new"]

    def _fold(self) -> None:
        self.unfolded = False

    def _opened(self, _: Any) -> None:
        self._first = self.value if self.unfolded else ()  # these stand on top, and nothing moves while it is open
        self._show()

    def _show(self) -> None:
        counts = self._counts | {name: 0 for name in (*self.value, *self._first) if name not in self._counts}
        if list(self._words) != list(counts):  # to make all names different costs more than all else here
            self._words = dict(zip(counts, look.words(self._label, counts, locale=self._locale), strict=True))
        said = {name: f"{word} ({self._number(counts[name])})" for name, word in self._words.items()}
        many = len(self.value)
        options: list[tuple[str, Any]] = [(_all(self._label, self._locale), ())]
        options += (
            [(f"{self._number(many)} {look.plural(self._label, many, locale=self._locale)}", self.value)]
            if many > 1
            else []
        )
        options += [(text, (name,)) for name, text in said.items()]
        options += [(say("Several…", locale=self._locale), _SEVERAL)] if len(said) > 1 else []
        self._moving, before = True, self._moving
        try:
            offer(self.menu, options, self.value)
        finally:
            self._moving = before
        first = {name: said[name] for name in self._first}
        self.ticks.show(first | said if self.unfolded else {}, self.value)

    def _number(self, of: int) -> str:
        return look.number(of, locale=self._locale)


class Ticks(widgets.Box):
    """Boxes to tick, one for each name, in a space that does not grow; not there while there is no name."""

    value = traitlets.Tuple()

    def __init__(self, *, locale: str) -> None:
        self._locale = locale
        self._said: dict[str, str] = {}
        self._listed: list[str] = []
        self._moving = False
        self._made: list[widgets.Checkbox] = []
        self.find = widgets.Text(description=say("Find", locale=locale), layout={"width": "200px"})
        self._note = widgets.HTML()
        self.done = widgets.Button(description=say("Done", locale=locale), layout={"width": "64px"})
        self.boxes = widgets.Box()
        self.boxes.add_class("ut-boxes")
        top = widgets.Box([self._note, self.find, self.done])
        top.add_class("ut-several-top")
        super().__init__([top, self.boxes])
        self.add_class("ut-several")
        self.find.observe(lambda _: self._show(), "value")

    def show(self, said: Mapping[str, str], value: tuple[str, ...]) -> None:
        """Offer these names, each with what it is called, and show which are chosen."""
        self.layout.display = None if said else "none"
        self._said = dict(said)
        self.value = value
        if said:
            self.find.layout.display = None if len(said) > _FEW else "none"
            self._show()
        else:
            self.find.value = ""

    def _show(self) -> None:
        """Make a box for each name that is found; those that are there already are used again."""
        sought = self.find.value.strip().casefold()
        found = [name for name, text in self._said.items() if sought in name.casefold() or sought in text.casefold()]
        self._listed = found[:MOST]
        while len(self._made) < len(self._listed):
            self._made.append(self._box(len(self._made)))
        self._moving = True
        try:
            for box, name in zip(self._made, self._listed, strict=False):
                box.description, box.value = self._said[name], name in self.value
        finally:
            self._moving = False
        if len(self.boxes.children) != len(self._listed):
            self.boxes.children = self._made[: len(self._listed)]
        self._note.value = fill("{text}", text=self._told(len(found)))

    def _box(self, place: int) -> widgets.Checkbox:
        box = widgets.Checkbox(indent=False)
        box.observe(lambda change: self._tick(self._listed[place], ticked=change["new"]), "value")
        return box

    def _tick(self, name: str, *, ticked: bool) -> None:
        if not self._moving:
            others = {*self.value} - {name}
            self.value = tuple(sorted(others | {name} if ticked else others))

    def _told(self, found: int) -> str:
        if not found:
            return say("None is called so.", locale=self._locale)
        if found > MOST:
            first, count = (look.number(number, locale=self._locale) for number in (MOST, found))
            return say("The first {first} of {count}; find others by name.", locale=self._locale, first=first,
                       count=count)  # fmt: skip
        return say("Tick what to show; with nothing ticked, all is shown.", locale=self._locale)


def _all(label: str, locale: str) -> str:
    return {
        "provider": say("All providers", locale=locale),
        "workspace": say("All workspaces", locale=locale),
        "model": say("All models", locale=locale),
        "api_key": say("All API keys", locale=locale),
        "user": say("All users", locale=locale),
    }[label]
