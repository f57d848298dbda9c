"""The hour cube behind a panel: rows added up once, so that a click costs milliseconds however many rows there are.

Every answer is exact. A filter that the cube can't follow, since it cuts an hour or names a label that the cube
does not keep, is answered from the rows again; minutes always are. Rows that resolve less than is asked are told
apart, never spread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from usage_toolkit import schema
from usage_toolkit.cube import APART, add_up, added_up, cube, span_start
from usage_toolkit.filters import Filter
from usage_toolkit.times import is_utc, whole_hours, zone
from usage_toolkit.view import period

if TYPE_CHECKING:
    from collections.abc import Iterable

LABELS = ("provider", "workspace", "model", "api_key", "user", "meter")
SELECTORS = LABELS[:5]
_TICK = timedelta(microseconds=1)
_SPANS = {"1d": pl.duration(days=1), "1h": pl.duration(hours=1)}
_LENGTHS = {"1m": timedelta(minutes=1), "1h": timedelta(hours=1), "1d": timedelta(days=1)}
_COARSE = {"1m": ("1h", "1d"), "1h": ("1d",)}


@dataclass(frozen=True)
class Kept:
    """The cells that a filter keeps, and how many rows it can't keep whole, as they reach beyond its end."""

    cells: pl.DataFrame
    cut: int

    def only(self, which: pl.Expr) -> Kept:
        """Return some of the cells."""
        return Kept(self.cells.filter(which), self.cut)


@dataclass(frozen=True)
class Hours:
    """Rows of any frame library, and their hour cube in the time zone `tz`.

    Parameters
    ----------
    rows
        What `usage_toolkit.cube` takes.
    tz
        The zone whose days and hours are meant.
    """

    rows: Any
    tz: str = "UTC"
    _last: dict[Filter, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tz", zone(self.tz).key)
        self.cells  # noqa: B018 (rows that can't be added up are refused here)

    @cached_property
    def cells(self) -> pl.DataFrame:
        """One row for each hour (or UTC day, where that is all a row resolves) and set of labels."""
        return self._added_up(Filter())

    @cached_property
    def days(self) -> pl.DataFrame:
        """The same by the day: several times fewer, for whatever asks for no hours."""
        keys = ["day", *LABELS, "grain", *APART]
        return add_up(self.cells.drop("time"), keys).with_columns(time=pl.col("day").dt.convert_time_zone("UTC"))

    @cached_property
    def census(self) -> pl.DataFrame:
        """How many rows there are of each grain and provider, their first and last instant, and where they end."""
        import narwhals as nw

        time = nw.col("time")
        grouped: pl.DataFrame = (
            nw.from_native(self.rows)
            .lazy()
            .group_by(nw.col("grain").cast(nw.String), nw.col("provider").cast(nw.String))
            .agg(nw.len().alias("rows"), time.min().alias("first"), time.max().alias("last"))
            .collect("polars")
            .to_native()
            .with_columns(pl.col("first", "last").cast(schema.TIME))
        )
        length = pl.col("grain").replace_strict(_LENGTHS, default=timedelta(), return_dtype=pl.Duration("us"))
        return grouped.with_columns(end=pl.col("last") + length).sort("grain", "provider")

    @cached_property
    def credits(self) -> Hours:
        """The rows that give money back: within an hour they would be lost in its sum."""
        return Hours(_below_zero(self.rows), self.tz)

    @property
    def count(self) -> int:
        """How many rows there are, also those that can't be cut into days of the zone."""
        return int(self.census["rows"].sum())

    @property
    def first(self) -> datetime | None:
        """The first instant of any row."""
        return cast("datetime | None", self.census["first"].min())

    @property
    def last(self) -> datetime | None:
        """The last instant of any row."""
        return cast("datetime | None", self.census["last"].max())

    @property
    def reach(self) -> dict[str, tuple[datetime, datetime]]:
        """From where to where the rows of each provider reach."""
        ends = self.census.group_by("provider").agg(pl.col("first").min(), pl.col("end").max()).sort("provider")
        return {provider: (first, end) for provider, first, end in ends.iter_rows()}

    @cached_property
    def providers(self) -> list[str]:
        """Who provided the rows."""
        return sorted(self.cells["provider"].cast(pl.String).unique())

    @property
    def uncut(self) -> dict[str, int]:
        """How many rows of which grain are left out, as they can't be cut into days of the zone."""
        left = set(schema.GRAINS) - set(self.grains)
        rows = self.census.filter(pl.col("grain").is_in(left)).group_by("grain").agg(pl.col("rows").sum()).sort("grain")
        return dict(rows.iter_rows())

    def has(self, grain: str) -> bool:
        """Whether any row has that grain."""
        return grain in self.census["grain"]

    def keep(self, where: Filter, *, hourly: bool = False) -> Kept:
        """Return the cells of all rows that `where` keeps; those of a day stand together unless `hourly` parts them."""
        foreign = {name: values for name, values in where.names().items() if name not in self.cells.columns}
        cuts = self._cuts_an_hour(where.start) or self._cuts_an_hour(where.stop)
        if foreign or cuts:
            asked = Filter(where.start if cuts else None, where.stop if cuts else None, **foreign)
            if asked not in self._last:
                for oldest in list(self._last)[:-1]:  # what is shown and what it is compared with
                    del self._last[oldest]
                self._last[asked] = self._added_up(asked)
            rest = where.replace(**dict.fromkeys(foreign, ()))
            rest = rest.replace(start=None, stop=None) if cuts else rest
            cells = self._last[asked].filter(rest.to_expr())
        else:
            whole = self.cells if hourly or self._cuts_a_day(where) else self.days
            cells = whole.filter(where.to_expr())
        if where.stop is None:
            return Kept(cells, 0)
        cut = beyond(where.stop)
        return Kept(cells.filter(~cut), int(cells.filter(cut)["rows"].sum()))

    def minutes(self, where: Filter) -> pl.DataFrame:
        """Return the cells of all rows that `where` keeps, by the minute as far as rows resolve it."""
        kept = self.keep(where, hourly=True).cells.with_columns(pl.col(*LABELS, "grain", *APART).cast(pl.String))
        fine = self._minutes((*LABELS, "grain"), where)
        coarser = kept.filter(coarse("1m"))
        if fine is None:
            return coarser
        timed = fine.with_columns(pl.col("time").dt.convert_time_zone("UTC"))
        return pl.concat([coarser, timed.with_columns(day=span_start("1d", self.tz)).select(coarser.columns)])

    def begun(self, where: Filter) -> int:
        """Count the rows that begin before a period and reach into it: it can't keep those whole either."""
        if where.start is None or not self._cuts_a_day(where):
            return 0
        return self.keep(where.replace(start=None, stop=where.start), hourly=True).cut

    def sums(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Add up cells per meter, over all their time."""
        return _named(add_up(cells, ["meter", *APART]))

    def offers(self, where: Filter) -> dict[str, dict[str, int]]:
        """Return what each selector can offer, with its number of rows: as `usage_toolkit.options` does."""
        narrowed = where.names()
        everything = self.keep(where).cells
        found = {}
        for label in SELECTORS:
            cells = self.keep(where.replace(**{label: ()})).cells if label in narrowed else everything
            counts = cells.group_by(pl.col(label)).agg(pl.col("rows").sum()).with_columns(pl.col(label).cast(pl.String))
            found[label] = dict(counts.sort(pl.col(label).str.to_lowercase(), label).iter_rows())
        return found

    def shown(self, kept: Kept, *, by: Iterable[str], every: str, where: Filter) -> pl.DataFrame:
        """Add up what is kept per span and label, as `usage_toolkit.cube` does.

        Rows that resolve less than `every` have no ``time``: they belong to the whole that is shown, to none of its
        bars.
        """
        apart = coarse(every)
        keys = ["time", *dict.fromkeys([*by, *APART])]
        if every == "1m":
            drawn = self._minutes(by, where)
            cells = kept.cells.filter(apart).with_columns(time=pl.lit(None, pl.Datetime("us", self.tz)))
        else:
            drawn = None
            known = {"1h": pl.col("time").dt.convert_time_zone(self.tz), "1d": pl.col("day")}
            start = known.get(every, span_start(every, self.tz))
            cells = kept.cells.with_columns(time=pl.when(~apart).then(start))
        parts = _named(added_up(cells, keys))
        return (parts if drawn is None else pl.concat([parts, drawn.select(parts.columns)])).sort(keys)

    def _minutes(self, by: Iterable[str], where: Filter) -> pl.DataFrame | None:
        """Add up rows per minute, as far as they resolve minutes."""
        grains = [grain for grain in ("event", "1m") if not where.grain or grain in where.grain]
        return cube(self.rows, by=by, every="1m", where=where.replace(grain=grains), tz=self.tz) if grains else None

    def resolves(self, kept: Kept, every: str) -> bool:
        """Whether any row that is kept can be drawn in such spans, or there is none."""
        return kept.cells.is_empty() or not kept.cells.select(coarse(every).all()).item()

    @property
    def grains(self) -> tuple[str, ...]:
        """The grains of rows that can be cut into days of the zone."""
        return (*self._fine, *(["1d"] if is_utc(self.tz) else []))

    @property
    def _fine(self) -> tuple[str, ...]:
        return ("event", "1m", "1h") if whole_hours(self.tz) else ("event", "1m")

    def _cuts_a_day(self, where: Filter) -> bool:
        return period.kind((where.start, where.stop), tz=self.tz) == period.EXACT

    def _cuts_an_hour(self, moment: datetime | None) -> bool:
        local = moment and moment.astimezone(zone(self.tz))
        return local is not None and (local.minute, local.second, local.microsecond) != (0, 0, 0)

    def _added_up(self, where: Filter) -> pl.DataFrame:
        by = (*LABELS, "grain")
        parts = [cube(self.rows, by=by, every="1h", where=where.replace(grain=self._fine), tz=self.tz)]
        if is_utc(self.tz) and self.has("1d"):
            parts.append(cube(self.rows, by=by, every="1d", where=where.replace(grain="1d")))
        return (
            pl.concat(parts)
            .with_columns(pl.col("time").dt.convert_time_zone("UTC"))
            .with_columns(
                span_start("1d", self.tz).alias("day"),
                pl.col(*LABELS, "grain", "basis", "unit").cast(pl.Categorical),
                # null again, as in rows: a filter on currency never keeps what has none
                pl.when(pl.col("currency") != schema.NONE).then("currency").cast(pl.Categorical),
            )
        )


def coarse(every: str) -> pl.Expr:
    """Whether a row resolves less than such spans, so that it lies in no single one."""
    return pl.col("grain").is_in(_COARSE.get(every, ()))


def beyond(stop: datetime) -> pl.Expr:
    """Whether a row reaches beyond an end, so that it can't be kept whole."""
    ends = pl.col("time") + pl.when(pl.col("grain") == "1d").then(_SPANS["1d"]).otherwise(_SPANS["1h"])
    return pl.col("grain").is_in(list(_SPANS)) & (ends > stop)


def _named(cells: pl.DataFrame) -> pl.DataFrame:
    labels = pl.col(name for name, dtype in cells.schema.items() if dtype == pl.Categorical)
    return cells.with_columns(labels.cast(pl.String)).with_columns(pl.col("currency").fill_null(schema.NONE))


def _below_zero(rows: Any) -> Any:
    import narwhals as nw

    if isinstance(rows, pl.DataFrame | pl.LazyFrame):
        return rows.filter(pl.col("amount") < 0)
    frame = nw.from_native(rows)
    if isinstance(frame, nw.LazyFrame):
        return frame.filter(nw.col("amount") < 0).to_native()
    return frame.to_polars().filter(pl.col("amount") < 0)
