"""Whether a key is of the account whose books are stored, so that two accounts are never in one sum."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING

from usage_toolkit.errors import FetchError, StoreError
from usage_toolkit.sources import PROVIDERS
from usage_toolkit.store.land import land
from usage_toolkit.store.owner import marks, owned

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from usage_toolkit._key import Key
    from usage_toolkit.store.place import Place
    from usage_toolkit.store.windows import Owner
    from usage_toolkit.sync.ask import Question


def second(provider: str) -> ModuleType:
    """Return the module that knows what a provider tells by other means."""
    return import_module(f"usage_toolkit.sources.{PROVIDERS[provider].partition('.')[0]}.second")


def expect_owner(
    place: Place, owners: Iterable[Owner], of: Question, *, key: Key, base_url: str | None, same: bool
) -> None:
    """Refuse a key of another account than the one whose books are stored, and store whose they are.

    A key that was seen before is not asked about. Of a new one the provider is asked what only its account has.

    Parameters
    ----------
    same
        Whether a person vouches that it is the same account.

    Raises
    ------
    StoreError
        If it is another account, if that can't be told, or if the account has books under another name.
    """
    mine = marks(of.provider, [f"key {key.digest}"])
    known = {one.account: frozenset(one.marks) for one in owners if one.provider == of.provider}
    before = known.pop(of.account, frozenset())
    if mine <= before:
        return
    found, problem = _asked(of.provider, key=key, base_url=base_url)
    other = next((name for name, theirs in known.items() if theirs & (found | mine)), None)
    if other is not None:
        raise StoreError(
            f"{place.url}: expected the books of {of.provider} {of.account!r} to be of an account of their own, found "
            f"a key of the one whose books are {other!r}; nothing was stored, or its use would count twice: sync with "
            f"account={other!r}."
        )
    if before and not same and not before & found:
        told = f"one of which that can't be told ({problem})" if problem else "one of another account"
        raise StoreError(
            f"{place.url}: expected a key of the account whose books are {of.provider} {of.account!r}, found {told}; "
            "nothing was stored: sync it into another store or with another account=, or, if it is the same account "
            "all the same, with same_account=True."
        )
    now = datetime.now(UTC)
    land(
        place,
        lambda snapshot: owned(
            place, snapshot, provider=of.provider, account=of.account, found=before | found | mine, as_of=now
        ),
        note={"what": f"owner of {of.provider} {of.account}"},
    )


def _asked(provider: str, *, key: Key, base_url: str | None) -> tuple[frozenset[str], str]:
    """Return the marks of an account, or why there are none; a key that is none rises."""
    try:
        return marks(provider, second(provider).whose(key=key, base_url=base_url)), ""
    except FetchError as error:
        if error.status == HTTPStatus.UNAUTHORIZED:
            raise
        return frozenset(), str(error).rstrip(".")
