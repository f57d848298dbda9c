"""What a page says, in the reader's words: its script fills their places and knows no language itself."""

from __future__ import annotations

from typing import Any

from usage_toolkit import look
from usage_toolkit.schema import BASES, METERS, NONE, OTHER, UNITS
from usage_toolkit.view.hours import SELECTORS
from usage_toolkit.view.refused import LIMIT
from usage_toolkit.words import names, say


def phrases(*, locale: str) -> dict[str, str]:
    """Return each sentence under a name that the script knows; places are left as they are."""
    return {
        "all": say("All time", locale=locale),
        "all_api_key": say("All API keys", locale=locale),
        "all_model": say("All models", locale=locale),
        "all_provider": say("All providers", locale=locale),
        "all_user": say("All users", locale=locale),
        "all_workspace": say("All workspaces", locale=locale),
        "all_input": say("All input", locale=locale),
        "all_of": say("all of {period}", locale=locale, period="{period}"),
        "auto": say("Auto", locale=locale),
        "back_to": say("Back to {period}", locale=locale, period="{period}"),
        "behind": say("Table behind the chart ({rows})", locale=locale, rows="{rows}"),
        "between": say("{first} to {last}", locale=locale, first="{first}", last="{last}"),
        "cache_share": say("Cache hit share", locale=locale),
        "cache_said": say("cache reads as a share of all input", locale=locale),
        "change_note": say("Change against the period before ({period}).", locale=locale, period="{period}"),
        "charges": say("Charges", locale=locale),
        "coarser_rows": say(
            "The rows of this selection resolve no {asked}, so the bars are {bars}.",
            locale=locale, asked="{asked}", bars="{bars}",
        ),
        "coarser_bars": say(
            "That would be more bars than can be read, so they are {bars}. Choose a shorter period for finer ones.",
            locale=locale, bars="{bars}",
        ),
        "cost": say("Cost", locale=locale),
        "count_rows": say("{count} rows", locale=locale, count="{count}"),
        "credits": say("Credits and refunds", locale=locale),
        "credit": say("{amount} (credit)", locale=locale, amount="{amount}"),
        "csv": say("Download CSV", locale=locale),
        "csv_with": say("CSV with", locale=locale),
        "csv_commas": say("commas, 0.5", locale=locale),
        "csv_semicolons": say("semicolons, 0,5", locale=locale),
        "csv_title": say("All rows of the table, every digit", locale=locale),
        "currency": look.name("currency", locale=locale),
        "cut": say(
            "Left out: rows of whole days or hours that lie in this period only in part ({rows}).",
            locale=locale, rows="{rows}",
        ),
        "day": say("Day", locale=locale),
        "done": say("Done", locale=locale),
        "estimated": say(
            "Estimated and allocated quantities are in the table and have totals of their own.", locale=locale
        ),
        "first_rows": say(
            "The first {most} of {count} rows; Download CSV has them all.",
            locale=locale, most="{most}", count="{count}",
        ),
        "from": say("From", locale=locale),
        "from_": say("from {first}", locale=locale, first="{first}"),
        "from_to": say("from {first} to {last}", locale=locale, first="{first}", last="{last}"),
        "granularity": say("Granularity", locale=locale),
        "group": say("Group by", locale=locale),
        "exact": say("Exact time", locale=locale),
        "file_closed": say(
            "{bar} can't be opened: this file has {spans} and nothing finer.",
            locale=locale, bar="{bar}", spans="{spans}",
        ),
        "gone": say("gone", locale=locale),
        "limited": say("Rate-limited requests", locale=locale),
        "limited_count": say("Rate-limited requests: {count}", locale=locale, count="{count}"),
        "limited_none": say("No rate-limited requests in this selection", locale=locale),
        "limited_silent": say(
            "Rate-limited requests of {providers}: not reported", locale=locale, providers="{providers}"
        ),
        "limited_unknown": say("How many requests were rate limited is not known in full.", locale=locale),
        "month": say("Month", locale=locale),
        "limited_most": say(
            "{said}; the most in one {span}: {most} ({when})",
            locale=locale, said="{said}", span="{span}", most="{most}", when="{when}",
        ),
        "limited_outside": say(
            "In the table, but in no bar, as their rows are too coarse: {count}", locale=locale, count="{count}"
        ),
        "new": say("new", locale=locale),
        "next_day": say("Next day", locale=locale),
        "next_month": say("Next month", locale=locale),
        "next_period": say("Next period", locale=locale),
        "no_change_begin": say(
            "No change is shown: rows begin on {moment}.", locale=locale, moment="{moment}"
        ),
        "no_change_period": say("No change is shown: choose a month, a day or a range.", locale=locale),
        "no_change_rows": say("No change is shown: there are no rows.", locale=locale),
        "no_change_running": say(
            "No change is shown: rows of {names} reach to {moment}.", locale=locale, names="{names}", moment="{moment}"
        ),
        "no_money": say("No money in this selection", locale=locale),
        "no_such_money": say("No {money} in this selection", locale=locale, money="{money}"),
        "no_tokens": say("No tokens in this selection", locale=locale),
        "not_reported": say("not reported", locale=locale),
        "none": say("none", locale=locale),
        "nothing": say("Nothing in this selection", locale=locale),
        "one_row": say("1 row", locale=locale),
        "outlook": say(
            "Estimate for {month}: {estimate} {currency} ({low} to {high}).",
            locale=locale, month="{month}", estimate="{estimate}", currency="{currency}", low="{low}", high="{high}",
        ),
        "outlook_how": say("An estimate: if days go on like the last 28.", locale=locale),
        "outlook_none": say(
            "No estimate for {month}: it takes seven closed days of known amounts.", locale=locale, month="{month}"
        ),
        "over_time": say("{what} over time, stacked", locale=locale, what="{what}"),
        "other": look.word("model", OTHER, locale=locale),
        "parity": say("= {dollars} at the provider's parity", locale=locale, dollars="{dollars}"),
        "per_1m": look.per_span("{what}", "1m", locale=locale),
        "per_1d": look.per_span("{what}", "1d", locale=locale),
        "per_1h": look.per_span("{what}", "1h", locale=locale),
        "per_1mo": look.per_span("{what}", "1mo", locale=locale),
        "per_1w": look.per_span("{what}", "1w", locale=locale),
        "period": say("Period", locale=locale),
        "points": say("{number} points", locale=locale, number="{number}"),
        "previous_day": say("Previous day", locale=locale),
        "previous_month": say("Previous month", locale=locale),
        "previous_period": say("Previous period", locale=locale),
        "range": say("Range", locale=locale),
        "requests": say("Requests", locale=locale),
        "rows_behind": say("{rows} of {count} rows behind this picture", locale=locale, rows="{rows}", count="{count}"),
        "searches": say("Web searches", locale=locale),
        "several": say("Several…", locale=locale),
        "span_1d": say("Day", locale=locale),
        "span_1h": say("Hour", locale=locale),
        "span_1m": say("Minute", locale=locale),
        "span_1mo": say("Month", locale=locale),
        "span_1w": say("Week", locale=locale),
        "tick": say("Tick what to show; with nothing ticked, all is shown.", locale=locale),
        "to": say("To", locale=locale),
        "to_": say("to {last}", locale=locale, last="{last}"),
        "token_kind": say("Token kind", locale=locale),
        "tokens": say("Tokens", locale=locale),
        "unknown": say(
            "Not added up: spans with rows of unknown quantity or amount ({rows}).", locale=locale, rows="{rows}"
        ),
        "unchanged": say("unchanged", locale=locale),
        "up": say("Up", locale=locale),
        "use": say("Use", locale=locale),
    } | {f"spans_{every}": look.spans(every, 2, locale=locale) for every in ("1m", "1h", "1d", "1w", "1mo")} | {
        f"based_{basis}": look.based("{amount}", basis, locale=locale) for basis in BASES
    } | {name: text for every in ("1m", "1h") for name, text in _closed(every, locale).items()}  # fmt: skip


def _closed(every: str, locale: str) -> dict[str, str]:
    """Return what is said of rows that resolve no such spans."""
    span = look.span(every, locale=locale)
    return {
        f"closed_{every}": say(
            "{bar} can't be opened: its rows resolve no {span}s.", locale=locale, bar="{bar}", span=span
        ),
        f"money_closed_{every}": say(
            "{bar} can't be opened: its rows of {money} resolve no {span}s.",
            locale=locale, bar="{bar}", money="{money}", span=span,
        ),
        f"whole_{every}": say(
            "In the totals and the table, but in no bar: rows that resolve no {span}s ({rows}).",
            locale=locale, span=span, rows="{rows}",
        ),
    }  # fmt: skip


def called(codes: dict[str, list[str]], *, locale: str) -> dict[str, list[str]]:
    """Return what each value of each label is called: two of them never the same."""
    return {label: look.words(label, values, locale=locale) for label, values in codes.items()}


def columns(*, locale: str) -> dict[str, str]:
    """Return what columns are called."""
    labels = (*SELECTORS, "meter", "basis", "unit", "currency", "time", "quantity", "amount", "rows")
    return {label: look.name(label, locale=locale) for label in labels} | {LIMIT: say("Limit type", locale=locale)}


def meters(*, locale: str) -> dict[str, str]:
    """Return what meters are called."""
    return {meter: look.word("meter", meter, locale=locale) for meter in METERS}


def spans(*, locale: str) -> dict[str, str]:
    """Return what one span of time is called."""
    return {every: look.span(every, locale=locale) for every in ("1m", "1h", "1d", "1w", "1mo")}


def units(*, locale: str) -> dict[str, list[str]]:
    """Return what one and many of a unit are called."""
    return {unit: [look.units(unit, count, locale=locale) for count in (1, 2)] for unit in (*UNITS, NONE)}


def numbers(*, locale: str) -> dict[str, Any]:
    """Return how numbers are written, and how large ones are shortened at an axis."""
    marks = look.vega_locale(locale)
    letters = {"k": "k", "M": "M", "G": "B"} | dict(names("axis", locale=locale))
    return {
        "decimal": marks["decimal"],
        "thousands": marks["thousands"],
        "grouping": marks["grouping"][:2],
        "minus": marks["minus"],
        "letters": letters,
    }


def order() -> dict[str, list[str]]:
    """Return the orders of this project that are not the alphabet's."""
    return {"meter": list(METERS), "basis": list(BASES)}
