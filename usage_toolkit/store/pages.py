"""What a provider answered, kept as it came, so that it can be read again and a number be traced to its page.

The pages of one question are one file, named by its content. Keys are in no page: they are never part of an answer's
address, and of its headers only a few are kept.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from usage_toolkit._http import Page
    from usage_toolkit.store.place import Place

FOLDER = "_pages"
_COLUMNS = {"path": pl.String(), "query": pl.String(), "headers": pl.String(), "framed": pl.Boolean()}
_COLUMNS |= {"sha256": pl.String(), "body": pl.Binary()}


@dataclass(frozen=True)
class Kept:
    """What was asked, in the words of who asked, and the pages of the answer."""

    asked: dict[str, Any]
    pages: tuple[Page, ...]


def write(place: Place, kept: Kept) -> str:
    """Keep the pages and return their name."""
    rows = [
        (page.path, page.query, json.dumps(dict(page.headers), sort_keys=True), page.framed, _sha(page.body), page.body)
        for page in kept.pages
    ]
    rows.append(("", json.dumps(kept.asked, sort_keys=True), "{}", True, "", b""))
    made = io.BytesIO()
    pl.DataFrame(rows, schema=_COLUMNS, orient="row").write_parquet(made, compression="zstd", compression_level=3)
    name = f"{FOLDER}/{hashlib.sha256(made.getvalue()).hexdigest()}.parquet"
    place.put(name, made.getvalue())
    return name


def read(place: Place, name: str) -> Kept:
    """Return what was kept under a name.

    Raises
    ------
    StoreError
        If it is not what its name says.
    """
    from usage_toolkit._http import Page

    data = place.get(name)
    if hashlib.sha256(data).hexdigest() != name.removeprefix(f"{FOLDER}/").removesuffix(".parquet"):
        raise StoreError(f"{place.uri(name)}: expected the pages of its name, found other bytes; sync that time again.")
    *pages, asked = pl.read_parquet(io.BytesIO(data)).rows(named=True)
    return Kept(
        json.loads(asked["query"]),
        tuple(Page(p["path"], p["query"], json.loads(p["headers"]), p["body"], framed=p["framed"]) for p in pages),
    )


def origins(pages: Iterable[Page]) -> dict[str, Page]:
    """Return pages by the start of their hash, as it stands in the `origin` of a row."""
    return {_sha(page.body)[:16]: page for page in pages}


def _sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
