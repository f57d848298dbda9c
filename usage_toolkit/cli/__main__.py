"""``python -m usage_toolkit.cli`` is ``usage-toolkit``."""

from __future__ import annotations

import sys

from usage_toolkit.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
