"""Small canonical frames, one per hazard, and a strategy for random ones.

`ZOO` maps a hazard to its frame; `frames()` draws rows that mix all of them; `HARD_DAYS` names the days that clocks
make hard, and `ZONES` the zones that between them do everything that a zone can do.
"""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import strategies as st

from usage_toolkit.schema import BASES, GRAINS, conform

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Row = dict[str, Any]

# A day that clocks make hard: its zone, itself, and its length in hours.
HARD_DAYS = {
    "23 hours in Rome": ("Europe/Rome", date(2026, 3, 29), 23),
    "25 hours in Rome": ("Europe/Rome", date(2026, 10, 25), 25),
    "23 hours in New York": ("America/New_York", date(2026, 3, 8), 23),
    "25 hours in New York": ("America/New_York", date(2026, 11, 1), 25),
    "no midnight in Cairo": ("Africa/Cairo", date(2024, 4, 26), 23),
    "no midnight in Havana": ("America/Havana", date(2026, 3, 8), 23),
    "no midnight in Santiago": ("America/Santiago", date(2026, 9, 6), 23),
    "two midnights in Havana, on the first of a month": ("America/Havana", date(2026, 11, 1), 25),
    "two midnights on the Azores": ("Atlantic/Azores", date(2026, 10, 25), 25),
    "24.5 hours on Lord Howe": ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    "23.5 hours on Lord Howe": ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
    "part of an hour is skipped on Chatham": ("Pacific/Chatham", date(2026, 9, 27), 23),
    "the last hour of a month twice in Almaty": ("Asia/Almaty", date(2024, 2, 29), 25),
    "three hours again in Casey": ("Antarctica/Casey", date(2023, 3, 9), 27),
    "no change in Kathmandu": ("Asia/Kathmandu", date(2026, 3, 29), 24),
    "no change in UTC": ("UTC", date(2026, 3, 29), 24),
}

ZONES = tuple(
    sorted(
        {zone for zone, _, _ in HARD_DAYS.values()}
        | {"Africa/Casablanca", "America/Asuncion", "America/Caracas", "America/Nuuk", "America/Phoenix"}
        | {"America/St_Johns", "Antarctica/Troll", "Asia/Beirut", "Asia/Gaza", "Asia/Kolkata", "Asia/Tokyo"}
        | {"Australia/Adelaide", "Australia/Eucla", "Etc/GMT-14", "Etc/GMT+12", "Europe/Dublin", "Europe/London"}
        | {"GMT", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Marquesas", "Pacific/Pago_Pago"}
    )
)

HOSTILE = (
    "</script><script>alert(1)</script>",
    "it's",
    'say "hi"',
    "back\\slash",
    "gpt-4.1",
    "GLM 5.1",
    "a[0]",
    "date",
    "time",
    "amount",
    "(other)",
    "(none)",
    "=1+1",
    "abc\u202edef",
    "mod\u00e8le \u6a21\u578b \U0001f600",
    "line\nbreak, comma\ttab",
    " ",
    "x" * 10_240,
)

EDGES = tuple(
    sorted(
        {
            datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
            for zone, day, _ in HARD_DAYS.values()
        }
        | {datetime(2026, month, 1, tzinfo=UTC) for month in (1, 3, 10, 11)}
        | {datetime(2024, 2, 29, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)}
    )
)


def canonical(rows: Iterable[Row]) -> pl.DataFrame:
    """Canonical rows from the few words that matter; numbers are given as text or Decimal."""
    known: Row = {"grain": "event", "provider": "venice", "source": "ledger", "basis": "billed", "meter": "input"}
    full = [{"time": datetime(2026, 10, 1, tzinfo=UTC)} | known | row for row in rows]
    if not full:
        return conform(pl.DataFrame(schema=_TEXTS))
    names = dict.fromkeys(name for row in full for name in row)
    # `format` keeps all digits of a small Decimal, where `str` would write an exponent
    texts = {
        name: [f"{row[name]:f}" if isinstance(row.get(name), Decimal) else row.get(name) for row in full]
        for name in names
    }
    return conform(pl.DataFrame(texts, schema={name: _TEXTS[name] for name in names}))


def money(amount: str, currency: str = "USD", **rest: object) -> Row:
    """Words for a row of money."""
    return {"amount": amount, "currency": currency, **rest}


def tokens(quantity: int, **rest: object) -> Row:
    """Words for a row of tokens."""
    return {"quantity": str(quantity), "unit": "token", **rest}


def around(zone: str, day: date, *, every: timedelta = timedelta(minutes=15)) -> pl.DataFrame:
    """One row of 1 USD and one token at every quarter of an hour from the day before to the day after."""
    first = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC) - timedelta(days=1)
    steps = range(timedelta(days=3) // every)
    return canonical(money("1", time=first + step * every, model="m", **tokens(1)) for step in steps)


_TEXTS: dict[str, pl.DataType] = {"time": pl.Datetime("us", "UTC")} | dict.fromkeys(
    [
        "grain", "provider", "source", "basis", "account", "workspace", "workspace_id", "api_key", "api_key_id", "user",
        "model", "sku", "service_tier", "region", "meter", "quantity", "unit", "amount", "currency", "amount_usd",
    ],
    pl.String(),
)  # fmt: skip

ZOO: dict[str, pl.DataFrame] = {
    "empty": canonical([]),
    "one row": canonical([money("0.06", model="a", **tokens(10))]),
    "unknowns": canonical(
        [
            money("1", model=None, workspace=None, api_key=None, user=None),
            money("2", model="a", amount_usd="2"),
            tokens(7, model="a"),
            tokens(0, model="a", meter="output"),
            {"model": "a", "meter": "request"},
        ]
    ),
    "two currencies": canonical([money("1", "USD", model="a"), money("100", "DIEM", model="a"), money("3", model="b")]),
    "three bases": canonical(money("1", model="a", basis=basis) for basis in BASES[:3]),
    "no parity for one part": canonical([money("1", "DIEM", amount_usd="1"), money("2", "DIEM")]),
    "a credit": canonical(
        [money("5", model="a"), money("-7.25", model="a"), money("-0.000000000000000001", model="b")]
    ),
    "an unpriced model": canonical([tokens(1000, model="new"), money("0.01", model="old", **tokens(1000))]),
    "equal rows": canonical([money("0.1", model="a", **tokens(1))] * 3),
    "hostile names": canonical(
        money("1", time=datetime(2026, 10, 1, hour, tzinfo=UTC), model=name, workspace=name, api_key=name, sku=name)
        for hour, name in enumerate(HOSTILE)
    ),
    "40 models": canonical(money(f"{n}.5", model=f"model-{n:02}", **tokens(n)) for n in range(40)),
    "daily buckets": canonical(
        money("1", time=datetime(2026, 10, day, tzinfo=UTC), grain="1d", model="a") for day in range(1, 32)
    ),
} | {name: around(zone, day) for name, (zone, day, _) in HARD_DAYS.items()}


def decimals(places: int, limit: int = 10**11) -> st.SearchStrategy[Decimal]:
    """Decimals with up to that many places, negative too, and now and then all digits that fit."""
    few = st.builds(lambda n, p: Decimal(n).scaleb(-p), st.integers(1 - limit, limit - 1), st.integers(0, places))
    return few | st.decimals(1 - limit, limit - 1, places=places)


def instants() -> st.SearchStrategy[datetime]:
    """Instants near the borders of days, months and hours, and near changes of clocks."""
    steps = st.sampled_from([0, 1, -1, 15, -15, 30, -30, 45, 59, 60, -60, 75, 90, 120, 180, 1440, -1440])
    parts = st.sampled_from([0, 0, 0, 1, -1, 1_000, 500_001])
    made = st.builds(
        lambda edge, minutes, micro: edge + timedelta(minutes=minutes, microseconds=micro),
        st.sampled_from(EDGES), steps, parts,
    )  # fmt: skip
    return made | st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


_LABELS = {
    "provider": st.sampled_from(["venice", "anthropic"]),
    "source": st.sampled_from(["ledger", "cost"]),
    "basis": st.sampled_from(BASES),
    "meter": st.sampled_from(["input", "output", "request"]),
    "model": st.sampled_from(["a", "b", None, *HOSTILE]),
    "workspace": st.sampled_from(["a", None, *HOSTILE[:3]]),
    "api_key": st.sampled_from(["a", "A", None]),
    "user": st.sampled_from(["a", None]),
    "workspace_id": st.sampled_from(["id", None]),
}


@functools.cache
def _row(grains: Sequence[str]) -> st.SearchStrategy[Row]:
    amounts = st.none() | st.tuples(decimals(18), st.sampled_from(["USD", "DIEM", "EUR"]), st.booleans())
    quantities = st.none() | st.tuples(decimals(9), st.sampled_from(["token", "request"]))
    return st.builds(_joined, st.fixed_dictionaries(_LABELS), instants(), st.sampled_from(grains), amounts, quantities)


def _joined(labels: Row, time: datetime, grain: str, amount: Any, quantity: Any) -> Row:
    units = {"event": timedelta(microseconds=1), "1m": timedelta(minutes=1), "1h": timedelta(hours=1)}
    after = (time - datetime(2024, 1, 1, tzinfo=UTC)) % units.get(grain, timedelta(days=1))
    row = labels | {"time": time - after, "grain": grain}
    if amount:
        row |= {"amount": amount[0], "currency": amount[1], "amount_usd": amount[0] if amount[2] else None}
    if quantity:
        row |= {"quantity": quantity[0], "unit": quantity[1]}
    return row


@st.composite
def frames(draw: st.DrawFn, *, grains: Sequence[str] = ("event", "1m"), min_rows: int = 0) -> pl.DataFrame:
    """Up to 200 canonical rows, equal ones among them; `grains` are what they may resolve."""
    rows = draw(st.lists(_row(tuple(grains)), min_size=min_rows, max_size=25))
    again = draw(st.lists(st.sampled_from(rows), max_size=25)) if rows else []
    return canonical([*rows, *again] * draw(st.sampled_from([1, 1, 1, 4])))


def any_frames() -> st.SearchStrategy[pl.DataFrame]:
    """Up to 200 canonical rows that resolve events, minutes, hours or days of UTC."""
    return frames(grains=GRAINS)
