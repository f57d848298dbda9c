"""Venice.ai: its billing ledger, and the reports that can be held against it.

`pages` reads the ledger's bytes, `ledger` makes canonical rows of them, `walk` asks for them page by page, `lists`
reads the small endpoints (balance, API keys, rate limits) and `analytics` the aggregates.
"""
