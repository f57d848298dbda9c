"""A store of usage and bills: a Delta Lake table, changed a window of time at a time, and read while it is.

    store       what a person calls: replace, scan, coverage, revisions, as_of, check, compact, vacuum
    ├── change      one window replaced: what goes, what comes, what is known of it afterwards
    │   ├── windows     what is known of a day: as of when, how many rows, their sums and digest
    │   └── balance     a sum held against another report
    ├── owner       whose books these are
    ├── check       whether all that is stored is what was stored
    ├── upkeep      files merged, and those that nobody needs deleted
    ├── land        a change committed, and made anew if another writer was first
    ├── log         the table's versions: the files of one, and one commit from it to the next
    │   └── files       rows as files, named by their content
    ├── pages       what a provider answered, kept as it came
    ├── lock        one writer at a time
    ├── form        the number of the form that a store is written in
    └── place       a folder, or a bucket of an object store
        └── disk        whether a folder is on a disk of the network

Asking providers is for `sync`.
"""

from __future__ import annotations

from usage_toolkit.store.store import Store

__all__ = ["Store"]
