"""What the tab of rate limits shows for a picture: worked out when it is asked for, drawn nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit import look
from usage_toolkit.analysis.minutes import FINE, peaks
from usage_toolkit.schema import OTHER
from usage_toolkit.selectors import top
from usage_toolkit.view.picture import MOST_SERIES
from usage_toolkit.view.refused import LIMIT
from usage_toolkit.words import say

if TYPE_CHECKING:
    from usage_toolkit.filters import Filter
    from usage_toolkit.view.hours import Hours
    from usage_toolkit.view.picture import Picture
    from usage_toolkit.view.refused import Refused

DRAWN = ("input", "output")
_OF = ("provider", "model")


@dataclass(frozen=True)
class Limited:
    """Refused requests and the highest minutes, for the same filter and the same bars as the use."""

    picture: Picture
    refused: Refused
    limits: pl.DataFrame | None

    @property
    def where(self) -> Filter:
        """Which rows are meant."""
        return self.picture.where

    @property
    def hours(self) -> Hours:
        """All rows."""
        return self.picture.hours

    @property
    def group(self) -> str:
        """What the bars are stacked by."""
        return LIMIT

    @cached_property
    def data(self) -> pl.DataFrame:
        """Refused requests per bar, model, key and kind of limit; ``time`` is null for what lies in no single bar."""
        return self.refused.shown(self.where, every=self.picture.every)

    @cached_property
    def peaks(self) -> pl.DataFrame:
        """The highest minute of each bar, model and meter, beside its limit."""
        picture = self.picture
        return peaks(self.hours.rows, every=picture.every, where=self.where, tz=self.hours.tz, limits=self.limits)

    # Refused requests

    @property
    def count(self) -> Decimal | None:
        """How many requests were refused; None where a part of it is unknown."""
        counts = self._counts["quantity"]
        return None if counts.null_count() else Decimal(counts.sum())

    @cached_property
    def heights(self) -> pl.DataFrame:
        """What is drawn, per bar and kind of limit."""
        inside = top(self._counts.filter(pl.col("time").is_not_null()), LIMIT, MOST_SERIES, measure="quantity")
        known = inside.filter(pl.col("quantity").is_not_null())
        return known.group_by(_instant(), LIMIT).agg(pl.col("quantity").sum()).sort("time", LIMIT)

    @cached_property
    def series(self) -> list[str]:
        """The kinds of limit that are drawn, the one that was met most first."""
        sizes = self.heights.group_by(LIMIT).agg(pl.col("quantity").sum())
        found = sizes.sort(["quantity", LIMIT], descending=[True, False])[LIMIT].to_list()
        return sorted(found, key=lambda value: value == OTHER)

    @cached_property
    def use(self) -> pl.DataFrame:
        """What was used beside it, per bar."""
        return self.picture.heights.group_by("time").agg(pl.col(self.picture.drawn.measure).sum()).sort("time")

    def told(self) -> list[str]:
        """Say how many requests were refused and when most, or why that is not known."""
        return [*self._told_count(), *self._silent(), *self._outside()]

    # The highest minutes

    @property
    def has_peaks(self) -> bool:
        """Whether there is a highest minute to draw."""
        return self.peaks.filter(pl.col("meter").is_in(DRAWN), pl.col("quantity").is_not_null()).height > 0

    @cached_property
    def highest(self) -> pl.DataFrame:
        """The highest minute of all, per model and meter; what is nearest to its limit first."""
        ranked = self.peaks.sort("quantity", "minute", descending=[True, False], nulls_last=False)
        found = ranked.group_by(*_OF, "meter", maintain_order=True).first()
        share = (100 * pl.col("quantity").cast(pl.Float64) / pl.col("limit").cast(pl.Float64)).alias("share")
        return found.with_columns(share).sort(
            "share", "quantity", *_OF, "meter", descending=[True, True, False, False, False], nulls_last=True
        )

    @cached_property
    def models(self) -> list[tuple[str, str]]:
        """Whose minutes are drawn, as provider and model: those with the highest ones."""
        counted = self.highest.filter(pl.col("meter").is_in(DRAWN))
        sizes = counted.group_by(_OF).agg(pl.col("quantity").max())
        found = sizes.sort("quantity", *_OF, descending=[True, False, False], nulls_last=True)
        return found.select(_OF).head(MOST_SERIES).rows()

    def peaks_of(self, meter: str) -> pl.DataFrame:
        """Return the highest minutes of a meter, each with the ``name`` of what is drawn."""
        return self._named(self.peaks.filter(pl.col("meter") == meter, pl.col("quantity").is_not_null()))

    def limits_of(self, meter: str) -> pl.DataFrame:
        """Return the limits that are known, each with the ``name`` of what is drawn."""
        return self._named(self.highest.filter(pl.col("meter") == meter, pl.col("limit").is_not_null()))

    def _named(self, found: pl.DataFrame) -> pl.DataFrame:
        drawn = pl.DataFrame(self.models, schema=dict.fromkeys(_OF, pl.String), orient="row")
        named = drawn.with_columns(name=pl.Series(self.names, dtype=pl.String))
        return found.with_columns(_instant()).join(named, on=_OF, maintain_order="left")

    @property
    def names(self) -> list[str]:
        """What those are called: by provider too where there are several."""
        several, locale = len({provider for provider, _ in self.models}) > 1, self.picture.locale
        said = [
            f"{look.word('model', model, locale=locale)} ({look.word('provider', provider)})" if several else model
            for provider, model in self.models
        ]
        return look.words("model", said, limit=60, locale=locale)

    def told_peaks(self) -> list[str]:
        """Say what the highest minutes are of, and which rows know none."""
        locale = self.picture.locale
        cells = self.hours.keep(self.where).cells
        if cells.is_empty():
            return [say("Nothing in this selection", locale=locale)]
        fine = cells.filter(pl.col("grain").cast(pl.String).is_in(FINE))
        if fine.is_empty():
            return [say("These rows resolve no minutes, so the most tokens of a minute are not known.", locale=locale)]
        if not self.has_peaks:
            return [say("No tokens in any minute of this selection", locale=locale)]
        coarse = sorted({*cells["provider"].cast(pl.String)} - {*fine["provider"].cast(pl.String)})
        said = [say("Input is what came from no cache, cache writes left out.", locale=locale)]
        if coarse:
            names = ", ".join(look.words("provider", coarse))
            said.append(say("Without peaks, as no minutes are reported: {names}.", locale=locale, names=names))
        if self.peaks["limit"].null_count() == self.peaks.height:
            said.append(say("No limits are known for these models.", locale=locale))
        left = self.highest.filter(pl.col("meter").is_in(DRAWN)).select(_OF).n_unique() - len(self.models)
        if left:
            said.append(say("Not drawn: models with lower peaks ({count}).", locale=locale, count=left))
        return said

    def titles(self) -> dict[str, str]:
        """Return what stands above each part of the charts."""
        every, locale = self.picture.every, self.picture.locale
        span = look.span(every, locale=locale)
        said = {
            "use": self.picture.drawn.heading(every, locale=locale),
            "refused": look.per_span(say("Rate-limited requests", locale=locale), every, locale=locale),
        }
        if every == "1m":
            peaks = {
                "input": say("Input tokens per minute", locale=locale),
                "output": say("Output tokens per minute", locale=locale),
            }
        else:
            peaks = {
                "input": say("Input tokens in the highest minute of each {span}", locale=locale, span=span),
                "output": say("Output tokens in the highest minute of each {span}", locale=locale, span=span),
            }
        for meter in DRAWN:
            if self.limits_of(meter).height:
                peaks[meter] = say("{title} (dashed: the limit)", locale=locale, title=peaks[meter])
        return said | peaks

    @cached_property
    def _counts(self) -> pl.DataFrame:
        return self.data.filter(pl.col("unit") == "request")

    def _told_count(self) -> list[str]:
        locale = self.picture.locale
        if self.data.is_empty():
            asked = self._providers
            if asked and not asked & self.refused.reporting:
                return []
            return [say("No rate-limited requests in this selection", locale=locale)]
        if self.count is None:
            return [say("How many requests were rate limited is not known in full.", locale=locale)]
        counts = self.heights.group_by("time").agg(pl.col("quantity").sum())
        total = look.number(self.count, locale=locale)
        said = [say("Rate-limited requests: {count}", locale=locale, count=total)]
        if counts.height > 1:
            time, most = counts.sort("quantity", "time", descending=[True, False]).row(0)
            whens = [self.picture.longs[self.picture.places[time]]] if time in self.picture.places else []
            said = [
                say(
                    "{said}; the most in one {span}: {most} ({when})",
                    locale=locale,
                    said=said[0],
                    span=look.span(self.picture.every, locale=locale),
                    most=look.number(most, locale=locale),
                    when=", ".join(whens),
                )
            ]
        return said

    @property
    def _providers(self) -> set[str]:
        """Whose rows are meant."""
        shown = self.hours.keep(self.where).cells["provider"].cast(pl.String)
        return {*shown} or {*self.where.provider} or {*self.hours.providers}

    def _silent(self) -> list[str]:
        silent = sorted(self._providers - self.refused.reporting)
        if not silent:
            return []
        names = ", ".join(look.words("provider", silent))
        return [say("Rate-limited requests of {providers}: not reported", locale=self.picture.locale, providers=names)]

    def _outside(self) -> list[str]:
        outside = Decimal(self._counts.filter(pl.col("time").is_null())["quantity"].sum())
        if not outside:
            return []
        locale, count = self.picture.locale, look.number(outside, locale=self.picture.locale)
        return [say("In the table, but in no bar, as their rows are too coarse: {count}", locale=locale, count=count)]


def _instant() -> pl.Expr:
    return pl.col("time").dt.convert_time_zone("UTC")
