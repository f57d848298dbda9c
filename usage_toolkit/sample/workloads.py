"""Who works in the sample's Anthropic organization, with which key and model, how much, and from when to when.

The planted events are workloads that start, stop or change here; what becomes of them is for `anthropic`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from usage_toolkit.sample.rhythm import ALWAYS, CUSTOMERS, NIGHTLY, OFFICE
from usage_toolkit.schema import NONE

if TYPE_CHECKING:
    from usage_toolkit.sample.rhythm import Rhythm

WORKSPACES = {
    "Platform": "wrkspc_01PlatfmSample0000000001",
    "Research": "wrkspc_01ResrchSample0000000002",
    "Support": "wrkspc_01SuportSample0000000003",
}
USERS = {
    "anna@example.com": "user_01SampleAnna00000000000001",
    "ben@example.com": "user_01SampleBen000000000000002",
    "chen@example.com": "user_01SampleChen00000000000003",
    "dora@example.com": "user_01SampleDora00000000000004",
    "emil@example.com": "user_01SampleEmil00000000000005",
    "farah@example.com": "user_01SampleFarah0000000000006",
}
API_KEYS = {
    "agent-sandbox": "apikey_01SampleAgentSandbox001",
    "ci-review": "apikey_01SampleCiReview0000002",
    "claude-code": "apikey_01SampleClaudeCode00003",
    "contract-reader": "apikey_01SampleContracts000004",
    "docs-writer": "apikey_01SampleDocsWriter00005",
    "nightly-digest": "apikey_01SampleNightly00000006",
    "notebooks": "apikey_01SampleNotebooks000007",
    "support-bot": "apikey_01SampleSupportBot00008",
    "support-triage": "apikey_01SampleTriage000000009",
}

OPUS, SONNET, NEW_SONNET, HAIKU = "claude-opus-4-8", "claude-sonnet-4-6", "claude-sonnet-5", "claude-haiku-4-5"


@dataclass(frozen=True)
class Workload:
    """One key, person and model at work: what a full hour takes, and from when to when."""

    workspace: str
    api_key: str
    model: str
    rhythm: Rhythm
    tokens: tuple[tuple[str, int], ...]
    user: str = NONE
    web_searches: int = 0
    service_tier: str = "standard"
    context_window: str = "0-200k"
    region: str = "global"
    speed: str = "standard"
    start: str = "2000-01-01T00"
    stop: str = "3000-01-01T00"


def _moved(
    workload: Workload, moment: str, *, model: str = "", tokens: tuple[tuple[str, int], ...] = ()
) -> tuple[Workload, Workload]:
    """Return the workload until `moment`, and what becomes of it from then on."""
    after = replace(workload, model=model or workload.model, tokens=tokens or workload.tokens)
    return replace(workload, stop=moment), replace(after, start=moment)


_CODING = (
    ("input", 34_000), ("cache_read", 2_600_000), ("cache_write_5m", 140_000), ("cache_write_1h", 50_000),
    ("output", 36_000),
)  # fmt: skip
_SANDBOX = Workload(
    "Research", "agent-sandbox", OPUS, OFFICE, (("input", 30_000), ("cache_read", 90_000), ("output", 6_000)),
    user="farah@example.com",
)  # fmt: skip

WORKLOADS = (
    Workload("Platform", "claude-code", OPUS, OFFICE, _CODING, user="anna@example.com", web_searches=5),
    Workload("Platform", "claude-code", OPUS, OFFICE, _CODING, user="ben@example.com"),
    Workload(
        "Platform", "claude-code", HAIKU, OFFICE, (("input", 60_000), ("cache_read", 300_000), ("output", 9_000)),
        user="ben@example.com", region="not_available",
    ),
    *_moved(
        Workload("Platform", "claude-code", SONNET, OFFICE, _CODING, user="chen@example.com"),
        "2026-09-22T00", model=NEW_SONNET,
    ),
    Workload(
        "Platform", "claude-code", OPUS, OFFICE, (("input", 3_000), ("output", 1_400)),
        user="chen@example.com", speed="fast",
    ),
    *_moved(
        Workload("Platform", "ci-review", SONNET, OFFICE, (("input", 420_000), ("output", 38_000))),
        "2026-09-24T00", model=NEW_SONNET,
    ),
    # An old client library: its cache writes come without a lifetime.
    *_moved(
        Workload(
            "Platform", "docs-writer", SONNET, OFFICE,
            (("input", 50_000), ("cache_read", 160_000), ("cache_write", 18_000), ("output", 14_000)), region="us",
        ),
        "2026-09-29T00", model=NEW_SONNET,
    ),
    Workload(
        "Research", "notebooks", OPUS, OFFICE, (("input", 70_000), ("cache_write_5m", 30_000), ("cache_read", 200_000),
        ("output", 16_000)), user="dora@example.com", web_searches=12,
    ),
    Workload(
        "Research", "notebooks", OPUS, OFFICE, (("input", 45_000), ("cache_read", 80_000), ("output", 9_000)),
        user="emil@example.com", web_searches=4,
    ),
    _SANDBOX,
    # The runaway: an agent in a loop, all night, until somebody came to work.
    replace(
        _SANDBOX, rhythm=ALWAYS, start="2026-09-16T19", stop="2026-09-17T07",
        tokens=(("input", 3_400_000), ("cache_read", 14_000_000), ("output", 650_000)),
    ),
    Workload(
        "Research", "contract-reader", OPUS, OFFICE, (("input", 130_000), ("output", 4_000)),
        user="emil@example.com", context_window="200k-1M",
    ),
    # Caching switched on: the same prompts, most of them read back from the cache.
    *_moved(
        Workload(
            "Support", "support-bot", HAIKU, CUSTOMERS, (("input", 1_250_000), ("output", 85_000)),
            region="not_available",
        ),
        "2026-08-24T00",
        tokens=(("input", 190_000), ("cache_read", 1_000_000), ("cache_write_5m", 60_000), ("output", 85_000)),
    ),
    Workload(
        "Support", "support-triage", HAIKU, CUSTOMERS, (("input", 300_000), ("output", 20_000)), region="not_available"
    ),
    *_moved(
        Workload(
            "Support", "nightly-digest", SONNET, NIGHTLY, (("input", 1_900_000), ("output", 140_000)),
            service_tier="batch",
        ),
        "2026-09-28T00", model=NEW_SONNET,
    ),
)  # fmt: skip
