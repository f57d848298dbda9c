"""What a line of Anthropic's bill is for: the meter of its words, those of the cost report and those of the Console."""

from __future__ import annotations

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
