"""What would be a bad file is, from the provider itself, a broken contract."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from usage_toolkit.errors import ContractError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from usage_toolkit._key import Key


@contextmanager
def as_contract(provider: str, key: Key | None = None) -> Iterator[None]:
    """Turn an `InputError` into a `ContractError`; of either, what repeats the key isn't shown."""
    problem = ""
    try:
        yield
    except InputError as error:
        problem = str(error)
    except ContractError as error:
        problem = str(error)
        if key is None or not key.shows_in(problem):
            raise
    if key is not None and key.shows_in(problem):
        problem = f"{provider}: expected rows, found a value that repeats the key; nothing was kept: check base_url."
    if problem:
        raise ContractError(problem) from None  # or a traceback would show the first error, and all that is in it
