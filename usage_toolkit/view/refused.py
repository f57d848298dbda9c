"""Requests that a rate limit turned away: when, whose, and at which limit.

They are few beside all others, so they are kept as they are and not added up before they are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from usage_toolkit import schema
from usage_toolkit.cube import add_up, span_start
from usage_toolkit.schema import DIMENSIONS, NONE
from usage_toolkit.view.hours import Hours, beyond, coarse

if TYPE_CHECKING:
    from usage_toolkit.filters import Filter

METER, LIMIT = "rate_limited", "limit"
KEYS = ("time", "provider", "model", "api_key", LIMIT, "basis", "unit")
_LABELS = (*DIMENSIONS, "unit", "currency", "notes")


@dataclass(frozen=True)
class Refused:
    """The rows of meter ``rate_limited`` among all others, taken out when first asked for."""

    hours: Hours

    @cached_property
    def rows(self) -> pl.DataFrame:
        """Each row, with the kind of ``limit``: the first word of its notes, as in ``RPM, paid tier``."""
        import narwhals as nw

        found: Any = nw.from_native(self.hours.rows).lazy()
        there = found.collect_schema().names()
        labels = [name for name in _LABELS if name in there]
        taken: pl.DataFrame = (
            found.filter(nw.col("meter").cast(nw.String) == METER)
            .select("time", "quantity", *(nw.col(name).cast(nw.String) for name in labels))
            .collect("polars")
            .to_native()
        )
        named = [pl.col(name).fill_null(NONE) for name in labels if name not in ("currency", "notes")]
        notes = pl.col("notes") if "notes" in there else pl.lit(None, pl.String)
        return taken.with_columns(
            *named,
            pl.col("time").cast(schema.TIME),
            pl.col("quantity").cast(schema.QUANTITY),
            notes.str.split(", ").list.first().fill_null(NONE).alias(LIMIT),
        )

    @cached_property
    def reporting(self) -> frozenset[str]:
        """The providers that report such requests at all."""
        return frozenset(self.rows["provider"])

    def shown(self, where: Filter, *, every: str) -> pl.DataFrame:
        """Add up those that a filter keeps, per span, model, key and limit, by the rules of `Hours`.

        Rows that resolve less than `every` have no ``time``.
        """
        tz = self.hours.tz
        kept = self.rows.filter(where.to_expr(), pl.col("grain").is_in(self.hours.grains))
        if where.stop is not None:
            kept = kept.filter(~beyond(where.stop))
        time = pl.when(~coarse(every)).then(span_start(every, tz)).alias("time")
        return add_up(kept.with_columns(time, pl.lit(1, pl.Int64).alias("rows")), list(KEYS))
