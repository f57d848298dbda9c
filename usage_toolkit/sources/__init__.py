"""Where rows come from: `fetch` asks a provider, `read` opens exported files.

One file or folder a provider. A source has a ``fetch`` of its own, and for its files a ``matches`` and a ``parse``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from usage_toolkit._key import Key
from usage_toolkit.errors import ArgumentError
from usage_toolkit.sources.files import read
from usage_toolkit.times import instant

if TYPE_CHECKING:
    import polars as pl

    from usage_toolkit.times import Moment

__all__ = ["PROVIDERS", "fetch", "read"]

PROVIDERS = {"anthropic": "anthropic.walk", "venice": "venice.walk"}
"""The provider's name, and the module whose ``fetch`` asks it."""


def fetch(
    provider: str,
    *,
    start: Moment,
    stop: Moment | None = None,
    key: Key | str | None = None,
    base_url: str | None = None,
    **options: Any,
) -> pl.DataFrame:
    """Ask a provider for its usage and bills, straight from its API.

    Parameters
    ----------
    provider
        ``"anthropic"`` or ``"venice"``.
    start, stop
        The half-open interval, as dates or instants; UTC unless they carry a zone. None stops now.
    key
        The API key; else it is read from the environment (``ANTHROPIC_ADMIN_KEY``,
        ``VENICE_ADMIN_KEY``). Better not typed into a notebook.
    base_url
        Another server than the provider's own.
    **options
        For all ``account=`` (the books the rows belong to), ``endpoint=``, ``page_size=`` and ``progress=``; the rest
        is what only this provider has. Venice: ``currency=``, ``format=``. Anthropic: ``endpoint="both"`` (``"usage"``
        for quantities, ``"cost"`` for money), ``grain="1h"`` of the usage (``"1m"``, ``"1d"``), ``group_by=``,
        ``names=``, ``beta=``, and of the usage alone the filters ``account_ids=``, ``api_key_ids=``,
        ``service_account_ids=``, ``workspace_ids=``, ``models=``, ``context_window=``, ``service_tiers=``,
        ``inference_geos=`` and ``speeds=``.

    Returns
    -------
    polars.DataFrame
        Canonical rows in the order of time: all that the provider has, or an error.

    Raises
    ------
    ArgumentError
        If the provider is unknown or `start` is not before `stop`.
    FetchError
        If the provider could not be asked, or its answer contradicts its contract; then nothing is kept.

    Examples
    --------
    >>> fetch("venice", start="2026-10-02", stop="2026-10-01")
    Traceback (most recent call last):
    ...
    usage_toolkit.errors.ArgumentError: venice: expected start before stop, found 2026-10-02 and 2026-10-01; swap them.
    """
    # At once, so that no frame of ours that a traceback could show holds the key itself.
    if not isinstance(provider, str) or provider not in PROVIDERS:
        key = None
        known = ", ".join(PROVIDERS)
        raise ArgumentError(f"fetch: expected a provider among {known}, found {provider!r}; name one of those.")
    source = import_module(f"usage_toolkit.sources.{PROVIDERS[provider]}")
    key = Key.of(key, env=source.KEY)
    begin, end = instant(start), datetime.now(UTC) if stop is None else instant(stop)
    if stop is None and begin >= end:
        raise ArgumentError(f"{provider}: expected a start in the past, found {start}; move it, or give a stop too.")
    if begin >= end:
        raise ArgumentError(f"{provider}: expected start before stop, found {start} and {stop}; swap them.")
    key.check()
    rows: pl.DataFrame = source.fetch(start=begin, stop=end, key=key, base_url=base_url, **options)
    return rows
