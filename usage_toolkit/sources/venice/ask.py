"""One small question to Venice, one typed answer; the ledger's long walks are in `walk`."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import polars as pl

from usage_toolkit import schema
from usage_toolkit._http import Client
from usage_toolkit.errors import ContractError, UsageToolkitWarning
from usage_toolkit.sources.contract import as_contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from usage_toolkit._key import Key

KEY, BASE_URL = "VENICE_ADMIN_KEY", "https://api.venice.ai/api/v1"
Shape = TypeVar("Shape")


def ask(
    path: str,
    shape: type[Shape],
    *,
    key: Key,
    base_url: str | None,
    params: Mapping[str, str] | None = None,
) -> tuple[Shape, datetime]:
    """Return the answer of ``GET path`` as a `shape`, and the instant at which Venice gave it.

    Raises
    ------
    ContractError
        If the answer has not that shape.
    """
    with Client(BASE_URL if base_url is None else base_url, key=key) as client:
        reply = client.get(path, params or {})
    try:
        answer, problem = msgspec.json.decode(reply.body, type=shape), ""
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        answer, problem = None, str(error)
    if answer is None:
        raise ContractError(f"venice {path}: expected its documented answer, found: {problem}; nothing was kept.")
    date = reply.headers.get("date")
    return answer, parsedate_to_datetime(date).astimezone(UTC) if date else datetime.now(UTC)


def money(name: str, numbers: Iterable[msgspec.Raw | str | None]) -> pl.Series:
    """Make decimals of JSON numbers, or of texts with digits; null stays null."""
    texts = [_digits(number) for number in numbers]
    with warnings.catch_warnings(), as_contract("venice"):
        warnings.simplefilter("ignore", UsageToolkitWarning)  # these are doubles at Venice: their last digits are noise
        return schema.decimals(pl.Series(name, texts, dtype=pl.String), schema.MONEY)


def _digits(number: Any) -> str | None:
    text = str(number, "utf-8") if isinstance(number, msgspec.Raw) else number
    return None if text == "null" else text
