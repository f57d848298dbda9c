"""`GET /rate_limits` and `/workspaces/{id}/rate_limits`: what may be used in a minute, never what was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.anthropic.errors import refusal
from simulator.anthropic.organization import DEFAULT_WORKSPACE, WORKSPACES
from simulator.wire import json_answer

if TYPE_CHECKING:
    from simulator.anthropic.query import Query
    from simulator.wire import Answer

GROUP_TYPES = ("batch", "files", "model_group", "skills", "token_count", "web_search")
_PER_MINUTE = ("requests_per_minute", "input_tokens_per_minute", "output_tokens_per_minute")


def _minute(*values: int) -> dict[str, int]:
    return dict(zip(_PER_MINUTE, values, strict=True))


_GROUPS: tuple[tuple[str, str, str | None, list[str] | None, dict[str, int]], ...] = (
    ("rlg_01Opus", "model_group", "Claude Opus 5", ["claude-opus-5"], _minute(4000, 2_000_000, 400_000)),
    (
        "rlg_01Sonnet",
        "model_group",
        "Claude Sonnet 5",
        ["claude-sonnet-5", "claude-sonnet-latest"],
        _minute(4000, 4_000_000, 800_000),
    ),
    (
        "rlg_01Haiku",
        "model_group",
        "Claude Haiku",
        ["claude-haiku-4-5", "claude-haiku-4-5-20251001", "claude-3-5-haiku-20241022"],
        _minute(4000, 4_000_000, 800_000),
    ),
    ("rlg_01Batch", "batch", None, None, {"enqueued_batch_requests": 500_000, "requests_per_minute": 4000}),
)
_OVERRIDES = {("wrkspc_01Shop", "rlg_01Opus", "requests_per_minute"): 50}


def rate_limits(query: Query, workspace: str | None = None) -> Answer:
    """Answer for the organization, or for a workspace: its overrides, and what it inherits if that is asked for."""
    inherited = workspace is not None and query.flag("include_inherited")
    query.only(("group_type", "model", "limit", "page", *(("include_inherited",) if workspace else ())))
    if workspace is not None and workspace not in {DEFAULT_WORKSPACE, *(space.id for space in WORKSPACES)}:
        raise refusal(404, "Workspace not found")
    kind, model = query.choice("group_type", GROUP_TYPES), query.text("model")
    known = {name for _, _, _, models, _ in _GROUPS for name in models or ()}
    if model is not None and model not in known:
        raise refusal(404, f"model: {model} has no rate limits")
    entries = []
    for number, group_type, name, models, limits in _GROUPS:
        if kind in {None, group_type} and (model is None or model in (models or ())):
            values = [
                value
                for limit, amount in limits.items()
                if (value := _value(workspace, number, limit, amount, inherited=inherited))
            ]
            if values:
                group = {"type": group_type, "id": number, **({"display_name": name} if name else {})}
                entries.append(
                    {
                        "type": "rate_limit",
                        "id": f"rl_{workspace or 'org'}_{number}",
                        "group_type": group_type,
                        "group": group,
                        "models": models,
                        "limits": values,
                    }
                )
    limit = query.integer("limit", default=1000, low=1, high=1000)
    first = int(query.resume() or 0)
    following = query.token(str(first + limit)) if first + limit < len(entries) else None
    return json_answer({"data": entries[first : first + limit], "next_page": following})


def _value(workspace: str | None, group: str, limit: str, amount: int, *, inherited: bool) -> dict[str, Any] | None:
    if workspace is None:
        return {"type": limit, "value": amount}
    own = _OVERRIDES.get((workspace, group, limit))
    if own is None and not inherited:
        return None
    source = "organization" if own is None else "workspace"
    return {"type": limit, "value": amount if own is None else own, "source": {"type": source}}
