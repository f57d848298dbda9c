"""A Venice that bills on loopback, for the tests: `server` opens it, `faults` and `pagers` spoil it."""
