"""One sentence to the reader when something asked of a panel could not be done; the panel goes on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import ipywidgets as widgets

from usage_toolkit import look
from usage_toolkit.errors import UsageToolkitError
from usage_toolkit.view.markup import Html, fill
from usage_toolkit.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator


class Message(widgets.HTML):
    """A line that is not there until there is something to say, in the reader's language."""

    def __init__(self, *, locale: str) -> None:
        self._locale = locale
        super().__init__()
        self.add_class("ut-message")
        self.say("")

    def say(self, sentence: str) -> None:
        """Show a sentence, or none."""
        self.value = fill('<div role="alert">{sentence}</div>', sentence=sentence) if sentence else Html()
        self.layout.display = None if sentence else "none"

    @contextmanager
    def careful(self) -> Iterator[None]:
        """Do what a click asks for; what goes wrong is said here and goes no further."""
        try:
            self.say("")
            yield
        except UsageToolkitError as error:
            self.say(str(error))
        except Exception as error:  # noqa: BLE001 (a widget's callback has no caller who could know better)
            found = look.visible(str(error), limit=200)
            what = f"{type(error).__name__}: {found}"
            self.say(
                say(
                    "That could not be shown ({what}); what you see is as it was before.",
                    locale=self._locale,
                    what=what,
                )
            )
