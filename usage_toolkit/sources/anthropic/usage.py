"""Anthropic's usage report to canonical rows: quantities, no money.

A result has a counter for each kind of token, none of which is part of another, so each becomes a row of its own
meter; a counter at 0 gives none. There is no count of requests. Facts: Anthropic's reference of
``/v1/organizations/usage_report/messages``, 2026-09.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import polars as pl
from msgspec import Meta, Struct

from usage_toolkit import schema
from usage_toolkit.errors import ArgumentError, ContractError
from usage_toolkit.sources.anthropic.buckets import LIMITS, Page, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from usage_toolkit.sources.anthropic.names import Names

SOURCE, PATH = "anthropic.usage", "/v1/organizations/usage_report/messages"
GROUPS = (
    "account_id", "api_key_id", "context_window", "inference_geo", "model", "service_account_id", "service_tier",
    "speed", "workspace_id",
)  # fmt: skip
"""All that the report can be grouped by, and what it is grouped by unless asked otherwise."""

FILTERS = {
    "account_ids": "account_id", "api_key_ids": "api_key_id", "service_account_ids": "service_account_id",
    "workspace_ids": "workspace_id", "models": "model", "context_window": "context_window",
    "service_tiers": "service_tier", "inference_geos": "inference_geo", "speeds": "speed",
}  # fmt: skip
"""The filters by their names on the wire, and the dimension that each restricts."""

Count = Annotated[int, Meta(ge=0, lt=10**18)]
COUNTERS = {
    "uncached_input_tokens": ("input", "token"),
    "cache_read_input_tokens": ("cache_read", "token"),
    "cache_creation.ephemeral_5m_input_tokens": ("cache_write_5m", "token"),
    "cache_creation.ephemeral_1h_input_tokens": ("cache_write_1h", "token"),
    "output_tokens": ("output", "token"),
    "server_tool_use.web_search_requests": ("web_search", "request"),
    "requests": ("request", "request"),
}
"""The counters by their names on the wire, and their meter and unit."""

_UNKNOWN = {"cache_creation": ("cache_write", "token"), "server_tool_use": ("other", "unit")}


class Counts(Struct):
    """What was used."""

    uncached_input_tokens: Count
    cache_read_input_tokens: Count
    output_tokens: Count
    cache_creation: dict[str, Count]
    server_tool_use: dict[str, Count]

    def wide(self) -> dict[str, int]:
        """Return the counters by their names on the wire."""
        nested = {
            f"{name}.{key}": count
            for name, counts in (("cache_creation", self.cache_creation), ("server_tool_use", self.server_tool_use))
            for key, count in counts.items()
        }
        return {
            "uncached_input_tokens": self.uncached_input_tokens,
            "cache_read_input_tokens": self.cache_read_input_tokens,
            "output_tokens": self.output_tokens,
        } | nested


class Result(Counts):
    """One group of a bucket; a dimension is null where nobody asked for it, and also where it does not apply."""

    account_id: str | None = None
    api_key_id: str | None = None
    context_window: str | None = None
    inference_geo: str | None = None
    model: str | None = None
    service_account_id: str | None = None
    service_tier: str | None = None
    speed: str | None = None
    workspace_id: str | None = None


def report(
    *, grain: str, size: int | None, groups: Sequence[str], filters: Mapping[str, Sequence[str] | str | None]
) -> Report:
    """Say how to ask for the usage, or what of it can't be asked for."""
    if grain not in LIMITS:
        raise ArgumentError(f"anthropic: expected a grain of 1m, 1h or 1d, found {grain!r}; use one of those.")
    most = LIMITS[grain]
    size = most if size is None else size
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= most:
        raise ArgumentError(f"anthropic: expected a page_size from 1 to {most} at {grain}, found {size!r}; use one.")
    if isinstance(groups, str) or (unknown := set(groups) - set(GROUPS)):
        found = groups if isinstance(groups, str) else min(unknown)
        raise ArgumentError(f"anthropic: expected group_by as some of {', '.join(GROUPS)}, found {found!r}.")
    asked = {
        name: (values,) if isinstance(values, str) else tuple(values) for name, values in filters.items() if values
    }

    def table(results: Sequence[Result], name: str) -> pl.DataFrame:
        _check_filters(results, asked, name)
        return wide(results)

    return Report(
        "usage report",
        PATH,
        Page[Result],
        table,
        tuple(sorted(set(groups))),
        grain,
        size,
        {f"{name}[]": values for name, values in asked.items()},
    )


def wide(results: Sequence[Result]) -> pl.DataFrame:
    """Make a table of results: a column for each dimension and for each counter."""
    counts = [result.wide() for result in results]
    names = {name: None for name in COUNTERS if name != "requests"} | dict.fromkeys(n for row in counts for n in row)
    dimensions = pl.DataFrame(
        {group: [getattr(result, group) for result in results] for group in GROUPS},
        schema=dict.fromkeys(GROUPS, pl.String),
    )
    return dimensions.with_columns(pl.Series(name, [row.get(name) for row in counts], pl.Int64) for name in names)


def meters(table: pl.DataFrame) -> pl.DataFrame:
    """Make of each counter that is not 0 a row with its ``meter``, ``quantity`` and ``unit``, in the order of rows.

    A kind of cache write that nobody knew yet is a cache write all the same; its name is kept in ``notes``.
    """
    counters = [name for name in table.columns if name in COUNTERS or name.partition(".")[0] in _UNKNOWN]
    known = [COUNTERS.get(name) or _UNKNOWN[name.partition(".")[0]] for name in counters]
    notes = [None if name in COUNTERS else name for name in counters]
    kinds = pl.DataFrame(
        {
            "counter": counters,
            "meter": [meter for meter, _ in known],
            "unit": [unit for _, unit in known],
            "notes": notes,
        },
        schema=dict.fromkeys(("counter", "meter", "unit", "notes"), pl.String),
    ).with_row_index("kind")
    rest = [name for name in table.columns if name not in counters]
    return (
        table.with_row_index("row")
        .unpivot(counters, index=["row", *rest], variable_name="counter", value_name="quantity")
        .filter(pl.col("quantity") > 0)
        .join(kinds, on="counter", how="left", validate="m:1")
        .sort("row", "kind")
        .drop("row", "kind", "counter")
    )


def canonical(table: pl.DataFrame, *, grain: str, groups: Sequence[str], names: Names, account: str) -> pl.DataFrame:
    """Make canonical rows of a table with ``time`` and ``origin``.

    Parameters
    ----------
    groups
        What the report was grouped by, which says what a null means.
    """
    return schema.conform(
        meters(table).select(
            "time", "model", "service_tier", "context_window", "speed", "meter", "quantity", "unit", "notes", "origin",
            *names.labels(groups),
            region=pl.col("inference_geo"), grain=pl.lit(grain), provider=pl.lit("anthropic"), source=pl.lit(SOURCE),
            basis=pl.lit("metered"), account=pl.lit(account),
        )
    )  # fmt: skip


def _check_filters(results: Sequence[Result], asked: Mapping[str, Sequence[str]], name: str) -> None:
    """Refuse rows that were not asked for; only ids are sure to be repeated as they were given."""
    for parameter, values in asked.items():
        dimension = FILTERS[parameter]
        found = {getattr(result, dimension) for result in results} - {*values, None}
        if dimension.endswith("_id") and found:
            raise ContractError(
                f"{name}: expected {dimension} among those asked for, found {min(found)[:40]!r}; nothing was kept."
            )
