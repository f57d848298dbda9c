"""What Anthropic's reports and its Console call the same things: one table of words, so that their rows match.

Rows speak as the usage report does. What is not in the table passes through as it is; who it was is for `names`.
"""

from __future__ import annotations

import re

TOKENS = {
    "uncached_input_tokens": "input",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
    "input_no_cache": "input",
    "input_cache_read": "cache_read",
    "input_cache_write_5m": "cache_write_5m",
    "input_cache_write_1h": "cache_write_1h",
    "input_cache_write": "cache_write",
    "output": "output",
}
OTHERS = {"web_search": "web_search", "code_execution": "code_execution", "session_usage": "session"}

WINDOWS = {"<=200k": "0-200k", ">200k": "200k-1M"}
"""Context windows as the Console writes them, without blanks and in ASCII, and as the reports do."""

DEFAULT_WORKSPACE = "Default"
"""The name of the workspace that reports leave null."""

ABSENT = ("", "--")
"""What the Console writes where it says nothing."""

MESSAGE = "message"
"""What the export of cost calls a request of any service tier that it does not tell."""

MODELS = {
    "Claude Haiku 3": "claude-3-haiku-20240307",
    "Claude Opus 3": "claude-3-opus-20240229",
    "Claude Haiku 3.5": "claude-3-5-haiku-20241022",
    "Claude Sonnet 3.7": "claude-3-7-sonnet-20250219",
    "Claude Opus 4": "claude-opus-4-20250514",
    "Claude Sonnet 4": "claude-sonnet-4-20250514",
    "Claude Opus 4.1": "claude-opus-4-1-20250805",
    "Claude Sonnet 4.5": "claude-sonnet-4-5-20250929",
    "Claude Haiku 4.5": "claude-haiku-4-5-20251001",
    "Claude Opus 4.5": "claude-opus-4-5-20251101",
}
"""The names of models whose ids have a date; those of later ones follow from the name."""

_UNDATED = (4, 6)  # the first version whose ids have none
_SHOWN = re.compile(r"Claude ([A-Z][a-z]+) ([0-9]{1,2})(?:\.([0-9]{1,2}))?")


def meter(cost_type: str | None, token_type: str | None) -> tuple[str, str | None]:
    """Return the meter, and for one that is not known the words that it goes by.

    >>> meter("tokens", "output_tokens"), meter("token", "output"), meter("container", None)
    (('output', None), ('output', None), ('other', 'cost_type=container'))
    """
    known = TOKENS.get(token_type or "") if cost_type in ("token", "tokens") else OTHERS.get(cost_type or "")
    if known:
        return known, None
    told = [f"{name}={value}" for name, value in (("cost_type", cost_type), ("token_type", token_type)) if value]
    return "other", ", ".join(told) or None


def model(shown: str) -> str:
    """Return the id of the model that goes by a name; a name that tells no id stays as it is.

    >>> model("Claude Opus 5"), model("Claude Sonnet 4.5"), model("Claude Sonnet 3.5")
    ('claude-opus-5', 'claude-sonnet-4-5-20250929', 'Claude Sonnet 3.5')
    """
    found = _SHOWN.fullmatch(shown)
    if shown in MODELS or not found or (int(found[2]), int(found[3] or 0)) < _UNDATED:
        return MODELS.get(shown, shown)
    return "-".join(part for part in ("claude", found[1].lower(), found[2], found[3]) if part)
