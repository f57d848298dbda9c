"""`GET /billing/usage-analytics`: sums of the same ledger by day, by model and by API key, as JSON doubles.

Only charges count. The USD part holds bundled credits too; earned credits and unknown currencies are in no part.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar

from simulator.query import Query
from simulator.wire import Answer, json_answer

if TYPE_CHECKING:
    from simulator.ledger import Ledger, Row

K = TypeVar("K", bound=Hashable)
Keys = Mapping[str, tuple[str, str]]
"""From the id of a request to the id and the description of the API key that made it."""

LONGEST = 90
TOP = 50
_PART = {"USD": "usd", "BUNDLED_CREDITS": "usd", "DIEM": "diem"}
_TOKENS = re.compile(r"(?P<route>.+?)-llm-(?P<kind>input|output|cache-input|cache-write(?:-5m|-1h)?)-mtoken")
_TYPES = {"input": "Input", "output": "Output", "cache-input": "Cache Read"}
_MILLION = 1_000_000
_WEB_APP = "Web App"


@dataclass(frozen=True)
class _Charge:
    """One charge of the ledger, seen from all sides that are summed over."""

    day: date
    model: str
    model_type: str | None
    unit_type: str
    token_type: str
    key: str | None
    usd: float
    diem: float
    units: float


def analytics(
    ledger: Ledger, values: Mapping[str, str], *, keys: Keys, names: Mapping[str, str], today: date, extras: bool
) -> Answer:
    """Answer one period; `names` are display names of models, `extras` adds what the published contract leaves out."""
    label, first, last = _period(values, today)
    labels = key_labels(keys)
    start, stop = (datetime.combine(day, time.min, tzinfo=UTC) for day in (first, last + timedelta(days=1)))
    charges = [charge for row in ledger.window(start, stop) if (charge := _charge(row, keys, names)) is not None]
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]

    by_date = _grouped((charge.day, charge) for charge in charges)
    by_model = _ranked((charge.model, charge) for charge in charges)
    by_key = _ranked((charge.key, charge) for charge in charges)
    models = {model: model for model in by_model}
    key_names = {key: _WEB_APP if key is None else labels[key] for key in by_key}
    body = {
        "lookback": label,
        "byDate": [
            {"date": f"{day}", "USD": _sum(by_date.get(day, ()), "usd"), "DIEM": _sum(by_date.get(day, ()), "diem")}
            for day in days
        ],
        "byModel": [_model(name, of_model) for name, of_model in by_model.items()],
        "byModelDaily": _daily(days, by_model, models, "usd", "diem"),
        "topModels": _top(list(models)),
        "byKey": [
            {"apiKeyId": key, "description": key_names[key], **_totals(of_key)} for key, of_key in by_key.items()
        ],
        "byKeyDaily": _daily(days, by_key, key_names, "usd", "diem"),
        "topKeyNames": _top(list(key_names.values())),
    }
    if extras:
        body["byModelDailyUsd"] = _daily(days, by_model, models, "usd")
        body["byKeyDailyUsd"] = _daily(days, by_key, key_names, "usd")
    return json_answer(body)


def key_labels(keys: Keys) -> dict[str, str]:
    """The label of each key: its description, else the end of its id; a label met again gets a suffix."""
    labels: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for key, description in dict(keys.values()).items():
        label = description or f"Key ...{key[-6:]}"
        seen[label] += 1
        labels[key] = label if seen[label] == 1 else f"{label} ({seen[label]})"
    return labels


def _period(values: Mapping[str, str], today: date) -> tuple[str, date, date]:
    query = Query(values)
    if "startDate" in values and "endDate" in values:  # one of them alone is ignored, without a word
        first, last = query.day("startDate"), query.day("endDate")
        if first and last and not timedelta(0) <= last - first <= timedelta(days=LONGEST):
            query.problems["endDate"] = f"Expected a day from startDate to {LONGEST} days after it"
        query.check()
        assert first is not None
        assert last is not None
        return f"{first}:{last}", first, last
    lookback = values.get("lookback", "7d")
    if not re.fullmatch(r"[1-9]\d*d", lookback, re.ASCII):
        query.problems["lookback"] = "Expected a number of days such as 7d"
    query.check()
    span = min(int(lookback[:-1]), LONGEST) if len(lookback) < 9 else LONGEST  # far past the limit
    return f"{span}d", today - timedelta(days=span - 1), today


def _charge(row: Row, keys: Keys, names: Mapping[str, str]) -> _Charge | None:
    part, amount = _PART.get(row.currency), float(row.amount)
    if part is None or amount >= 0:
        return None
    tokens = _TOKENS.fullmatch(row.sku)
    image = row.sku.removesuffix("-image-unit")
    route = tokens["route"] if tokens else image
    unit_type, model_type = (
        ("tokens", "LLM") if tokens else ("images", "IMAGE") if image != row.sku else ("units", None)
    )
    request = row.details.request_id if row.details else None
    return _Charge(
        day=datetime.fromisoformat(row.timestamp).date(),
        model=names.get(route, route.replace("-", " ").title()),
        model_type=model_type,
        unit_type=unit_type,
        token_type=_TYPES.get(tokens["kind"], "Cache Write") if tokens else "",
        key=keys.get(request or "", (None, ""))[0],
        usd=-amount if part == "usd" else 0.0,
        diem=-amount if part == "diem" else 0.0,
        units=float(row.units) * (_MILLION if tokens else 1),
    )


def _grouped(pairs: Iterable[tuple[K, _Charge]]) -> dict[K, list[_Charge]]:
    groups: dict[K, list[_Charge]] = {}
    for key, charge in pairs:
        groups.setdefault(key, []).append(charge)
    return groups


def _ranked(pairs: Iterable[tuple[K, _Charge]]) -> dict[K, list[_Charge]]:
    """Groups, the one with the highest spend first."""
    return dict(sorted(_grouped(pairs).items(), key=lambda group: -_sum(group[1], "usd", "diem")))


def _sum(charges: Iterable[_Charge], *parts: str) -> float:
    return sum((getattr(charge, part) for charge in charges for part in parts), 0.0)


def _totals(charges: list[_Charge]) -> dict[str, float]:
    return {"totalUsd": _sum(charges, "usd"), "totalDiem": _sum(charges, "diem"), "totalUnits": _sum(charges, "units")}


def _model(name: str, charges: list[_Charge]) -> dict[str, object]:
    kinds = _ranked((charge.token_type, charge) for charge in charges)
    breakdown = [
        {"type": kind, "usd": _sum(part, "usd"), "diem": _sum(part, "diem"), "units": _sum(part, "units")}
        for kind, part in kinds.items()
    ]
    return {
        "modelName": name,
        "unitType": charges[0].unit_type,
        "modelType": charges[0].model_type,
        **_totals(charges),
        **({"breakdown": breakdown} if len(breakdown) > 1 else {}),
    }


def _top(names: Sequence[str]) -> list[str]:
    return [*names[:TOP], *(["Other"] if len(names) > TOP else [])]


def _daily(
    days: Sequence[date], groups: Mapping[K, list[_Charge]], names: Mapping[K, str], *parts: str
) -> list[dict[str, float]]:
    """Wide rows of a day each; a group whose name is `date` overwrites the day, as it does in the real answer."""
    by_day = {key: _grouped((charge.day, charge) for charge in group) for key, group in groups.items()}
    rows = []
    for day in days:
        row: dict[str, float] = {"date": int(datetime.combine(day, time.min, tzinfo=UTC).timestamp()) * 1000}
        other = 0.0
        for place, (key, of_key) in enumerate(by_day.items()):
            value = _sum(of_key.get(day, ()), *parts)
            if place < TOP:
                row[names[key]] = value
            else:
                other += value
        rows.append(row if len(by_day) <= TOP else {**row, "Other": other})
    return rows
