"""What all controls of a panel have in common: their look, their options, and the trait that they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from traitlets import HasTraits


def field(control: Any, width: str | None = None) -> Any:
    """Make a control look like a field of a form: its label above it."""
    control.add_class("ut-field")
    control.layout.width = width or "auto"
    return control


def offer(control: Any, options: list[tuple[str, Any]], value: Any) -> None:
    """Show these options and that value; nothing is sent to the browser where nothing changes."""
    if control.options != tuple(options):
        control.options = options
    if control.value != value:
        control.value = value


def tie(one: HasTraits, name: str, other: HasTraits, other_name: str) -> None:
    """Keep two traits equal, whichever is moved, and also where one is moved back at once.

    `traitlets.link` takes that for a broken link.
    """
    other.set_trait(other_name, getattr(one, name))
    one.observe(lambda change: other.set_trait(other_name, change["new"]), name)
    other.observe(lambda change: one.set_trait(name, change["new"]), other_name)
