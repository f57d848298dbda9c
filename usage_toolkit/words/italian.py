"""Italian, sentence by sentence: what stands in the code on the left, what a reader sees on the right.

A test holds that nothing is missing, nothing is left over, and each place of a sentence comes again.
"""

from __future__ import annotations

ITALIAN = {
    "Group by": "Raggruppa per",
    "complete through {moment}": "completo fino al {moment}",
    "missing: {gaps}": "mancano: {gaps}",
    "no day without rows": "nessun giorno senza righe",
    "no gaps": "nessuna lacuna",
    "no rows on {days}": "nessuna riga il {days}",
    "provisional since {moment}": "provvisorio dal {moment}",
    "rows from {first} to {last}": "righe dal {first} al {last}",
    "{count} rows": "{count} righe",
    "{named} and {count} more": "{named} e altri {count}",
    "{rows} of {count} rows behind this picture": "{rows} di {count} righe in questa vista",
}
