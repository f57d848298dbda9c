"""Italian, sentence by sentence: what stands in the code on the left, what a reader sees on the right.

A test holds that nothing is missing, nothing is left over, and each place of a sentence comes again.
"""

from __future__ import annotations

ITALIAN = {
    "Group by": "Raggruppa per",
    "{count} rows": "{count} righe",
}
