"""An Anthropic that reports on loopback, for the tests: `server` opens it, `ledger` is the truth behind its reports."""
