"""A store that is kept in step with providers: which windows to ask for, asking, and storing one after the other.

store       Store: what `usage_toolkit.store` keeps, and `sync` and `rebuild`
├── plan        which time is missing, or may have changed since
├── ask         one window: its rows and pages, and by whose clock
└── report      what a sync did
"""

from __future__ import annotations

from usage_toolkit.sync.report import SyncReport
from usage_toolkit.sync.store import Store

__all__ = ["Store", "SyncReport"]
