"""A store that is kept in step with providers: which windows to ask for, asking, and storing one after the other.

store       Store: what `usage_toolkit.store` keeps, and `sync` and `rebuild`
├── plan        which time is missing, or may have changed since
├── owner       whose books these are, so that no other account's key is taken
├── ask         one window: its rows and pages, and by whose clock
├── books       whether final days balance with another report of the provider
├── done        what is stored so far
└── report      what a sync did
"""

from __future__ import annotations

from usage_toolkit.sync.report import SyncReport
from usage_toolkit.sync.store import Store

__all__ = ["Store", "SyncReport"]
