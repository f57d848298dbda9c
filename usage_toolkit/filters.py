"""`Filter`: which rows are meant, as one frozen value that polars and Vega both read.

It knows columns and instants only; drawing and counting are for others.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, overload

import polars as pl

from usage_toolkit import times
from usage_toolkit.errors import ArgumentError
from usage_toolkit.schema import NONE

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

Values = str | Iterable[str]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Instant:
    """A field that takes any moment and holds an instant in UTC, or None for an open end."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, filter_: None, owner: type) -> None: ...
    @overload
    def __get__(self, filter_: object, owner: type) -> datetime | None: ...
    def __get__(self, filter_: object | None, owner: type) -> datetime | None:
        return None if filter_ is None else vars(filter_)[self._name]

    def __set__(self, filter_: object, moment: times.Moment | None) -> None:
        vars(filter_)[self._name] = None if moment is None else times.instant(moment)


class _Names:
    """A field that takes one text or several and holds them sorted, each once."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, filter_: None, owner: type) -> tuple[()]: ...
    @overload
    def __get__(self, filter_: object, owner: type) -> tuple[str, ...]: ...
    def __get__(self, filter_: object | None, owner: type) -> tuple[str, ...]:
        return () if filter_ is None else vars(filter_)[self._name]

    def __set__(self, filter_: object, values: Values) -> None:
        if not isinstance(values, Iterable):
            raise ArgumentError(f"Filter: expected texts in {self._name!r}, found {values!r}; pass () to keep all.")
        names = (values,) if isinstance(values, str) else tuple(values)
        if odd := [name for name in names if not isinstance(name, str)]:
            raise ArgumentError(f"Filter: expected texts in {self._name!r}, found {odd[0]!r}; pass names as text.")
        vars(filter_)[self._name] = tuple(sorted(set(names)))


@dataclass(frozen=True, repr=False)
class Filter:
    """Which rows are meant. Filters that mean the same are equal.

    Parameters
    ----------
    start, stop
        The half-open interval of time, as dates or instants; UTC unless they carry a zone, also where a cube or panel
        has a `tz`: there write ``"2026-10-01T00:00+02:00"``, or use `month` and `day`. None is open.
    provider, workspace, model, api_key, user, meter, ...
        The values to keep of that column, as one text or several. Empty keeps all; ``"(none)"`` means rows
        that have no such value.

    Raises
    ------
    ArgumentError
        If `start` is not before `stop`, or a value is not a text.

    Examples
    --------
    >>> Filter(model=["b", "a", "a"]) == Filter(model=("a", "b"))
    True
    >>> Filter("2026-10-01", "2026-11-01", model="claude-opus-4-8")
    Filter(start='2026-10-01T00:00:00Z', stop='2026-11-01T00:00:00Z', model=('claude-opus-4-8',))
    """

    start: _Instant = _Instant()
    stop: _Instant = _Instant()
    provider: _Names = _Names()
    workspace: _Names = _Names()
    model: _Names = _Names()
    api_key: _Names = _Names()
    user: _Names = _Names()
    meter: _Names = _Names()
    currency: _Names = _Names()
    account: _Names = _Names()
    source: _Names = _Names()
    basis: _Names = _Names()
    grain: _Names = _Names()
    sku: _Names = _Names()
    service_tier: _Names = _Names()
    context_window: _Names = _Names()
    region: _Names = _Names()
    speed: _Names = _Names()

    def __post_init__(self) -> None:
        if self.start and self.stop and self.start >= self.stop:
            raise ArgumentError(
                f"Filter: expected start before stop, found {_iso(self.start)} and {_iso(self.stop)}; swap or widen."
            )

    def __repr__(self) -> str:
        said = {name: getattr(self, name) for name in _FIELDS}
        texts = (f"{k}={_iso(v)!r}" if isinstance(v, datetime) else f"{k}={v!r}" for k, v in said.items() if v)
        return f"Filter({', '.join(texts)})"

    @classmethod
    def month(cls, month: str | date, *, tz: str | ZoneInfo = "UTC", **labels: Any) -> Filter:
        """Return the filter of a month in a time zone.

        Parameters
        ----------
        month
            As ``"2026-10"``, or any date in it.
        tz
            The time zone whose month is meant.
        **labels
            Values of other fields, as `Filter` takes them.

        Examples
        --------
        >>> Filter.month("2026-10", tz="Europe/Rome", model="a")
        Filter(start='2026-09-30T22:00:00Z', stop='2026-10-31T23:00:00Z', model=('a',))
        """
        return cls(*_interval(times.month, month, tz), **labels)

    @classmethod
    def day(cls, day: str | date, *, tz: str | ZoneInfo = "UTC", **labels: Any) -> Filter:
        """Return the filter of a day in a time zone.

        Parameters
        ----------
        day
            As ``"2026-10-03"``, or as a date.
        tz
            The time zone whose day is meant.
        **labels
            Values of other fields, as `Filter` takes them.

        Examples
        --------
        >>> Filter.day("2026-10-25", tz="Europe/Rome")
        Filter(start='2026-10-24T22:00:00Z', stop='2026-10-25T23:00:00Z')
        """
        return cls(*_interval(times.day, day, tz), **labels)

    def replace(self, **changes: Any) -> Filter:
        """Return a copy with some fields changed.

        Examples
        --------
        >>> Filter(model="a", user="u").replace(model=())
        Filter(user=('u',))
        """
        if unknown := changes.keys() - set(_FIELDS):
            known = ", ".join(_FIELDS)
            raise ArgumentError(f"Filter: expected fields among {known}, found {min(unknown)!r}; use one of those.")
        return dataclasses.replace(self, **changes)

    def names(self) -> dict[str, tuple[str, ...]]:
        """Return the columns that are narrowed to some values, and the values."""
        return {name: getattr(self, name) for name in _FIELDS[2:] if getattr(self, name)}

    def to_expr(self, lib: Any = pl) -> Any:
        """Return the filter as an expression that is true or false, never null, so that its complement is exact.

        Parameters
        ----------
        lib
            Whose expressions to build: polars, or narwhals for frames of other libraries.
        """
        time = lib.col("time")
        terms = [time >= self.start] if self.start else []
        terms += [time < self.stop] if self.stop else []
        for name, values in self.names().items():
            column = lib.col(name).cast(lib.String) if name in _ENUMS else lib.col(name)
            terms.append((column.fill_null(NONE) if name == "currency" else column).is_in(values))
        return reduce(and_, terms) if terms else ~time.is_null()  # a literal would be one value, not one a row

    def to_params(self) -> dict[str, int | list[str] | None]:
        """Return the filter as the values of Vega params.

        Returns
        -------
        dict
            ``start`` and ``stop`` as milliseconds since 1970 in UTC, each other field as a list of texts; None
            keeps all. Parts of a millisecond are rounded up, which keeps the same rows of millisecond data.

        Examples
        --------
        >>> Filter("2026-10-01", model="a").to_params()["start"], Filter(model="a").to_params()["model"]
        (1790812800000, ['a'])
        """
        ends = {name: _milliseconds(getattr(self, name)) for name in ("start", "stop")}
        return ends | {name: list(getattr(self, name)) or None for name in _FIELDS[2:]}


def expect_filter(where: Any, *, name: str = "where") -> None:
    """Refuse what is no filter."""
    if not isinstance(where, Filter):
        raise ArgumentError(f"expected {name} to be a Filter, found {type(where).__name__}; write ut.Filter(...).")


def _interval(of: Callable[..., times.Interval], when: str | date, tz: str | ZoneInfo) -> times.Interval:
    try:
        return of(when, tz=tz)
    except OverflowError:
        raise ArgumentError(f"expected a time within the years 1 to 9999, found {when}; choose another.") from None


_ENUMS = ("meter", "basis", "grain")  # an Enum column would refuse to be compared with an unknown word
_FIELDS = tuple(field.name for field in dataclasses.fields(Filter))


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else -((_EPOCH - moment) // timedelta(milliseconds=1))
