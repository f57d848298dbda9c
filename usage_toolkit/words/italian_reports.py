"""Italian of reports, and of the notebook that the report of a month is made from; the rest is in `italian`."""

from __future__ import annotations

ITALIAN_REPORTS = {
    "A rate limit turned away {requests}.": "Un limite di frequenza ha respinto {requests}.",
    "Allocated: a bill that names nobody, spread over those who used, equal in sum.": (
        "Ripartito: un addebito senza nomi, suddiviso tra chi ha usato, con la stessa somma."
    ),
    "At the prices that the bill itself implies: an estimate, on no bill.": (
        "Ai prezzi impliciti nell'addebito stesso: una stima, in nessun addebito."
    ),
    "Before": "Prima",
    "By API key, the largest change of each currency first.": (
        "Per chiave API, prima la variazione maggiore di ogni valuta."
    ),
    "By workspace, then by model; what a bill does not tell stands as (none).": (
        "Per area di lavoro, poi per modello; ciò che un addebito non dice è (nessuno)."
    ),
    "Caching saved {money}, net of what writing the cache cost.": (
        "La cache ha fatto risparmiare {money}, al netto del costo di scrittura."
    ),
    "Change": "Variazione",
    "Charts: {charts}; other pictures: {pictures}.": "Grafici: {charts}; altre immagini: {pictures}.",
    "Code": "Codice",
    "Currencies are never added to each other, nor is a bill to an estimate.": (
        "Valute diverse non sono mai sommate, né un addebito a una stima."
    ),
    "Fetched": "Scaricato",
    "Held against {month}.": "A confronto con {month}.",
    "How far the rows reach, and what providers changed after the month had closed.": (
        "Fin dove arrivano le righe, e che cosa i fornitori hanno cambiato dopo la chiusura del mese."
    ),
    "How final is it?": "Quanto è definitivo?",
    "How much of it is a bill?": "Quanto di questo è un addebito?",
    "It opens without a network and asks for nothing.": "Si apre senza rete e non chiede nulla.",
    "Largest changes": "Variazioni maggiori",
    "Money": "Valuta e base",
    "Most on": "Di più il",
    "Net": "Netto",
    "No change is shown: the month is not complete for {names}.": (
        "Variazione non indicata: il mese non è completo per {names}."
    ),
    "No change is shown: {names} is not known for the month before.": (
        "Variazione non indicata: {names} non è noto per il mese precedente."
    ),
    "No money has changed since the month closed.": "Nessun importo è cambiato dopo la chiusura del mese.",
    "No request was turned away.": "Nessuna richiesta è stata respinta.",
    "No tokens of known price were read from a cache.": "Nessun token di prezzo noto è stato letto da una cache.",
    "Nothing was changed after the month had closed.": "Nulla è cambiato dopo la chiusura del mese.",
    "Now": "Adesso",
    "Pieces of code, folded: {count}.": "Parti di codice, chiuse: {count}.",
    "Premium": "Sovrapprezzo",
    "Provisional since": "Provvisorio dal",
    "Provisional since {moment}: numbers may still change.": (
        "Provvisorio dal {moment}: i numeri possono ancora cambiare."
    ),
    "Rows alone can't tell that a day without any is complete; a store can.": (
        "Le sole righe non dicono se un giorno senza righe è completo; un archivio sì."
    ),
    "Rows alone can't tell what was changed; a store can.": (
        "Le sole righe non dicono che cosa è cambiato; un archivio sì."
    ),
    "Saved": "Risparmio",
    "Seen": "Rilevato",
    "Share": "Quota",
    "The code is left out.": "Il codice è omesso.",
    "The month is complete.": "Il mese è completo.",
    "The month is not complete yet.": "Il mese non è ancora completo.",
    "The numbers as text": "I numeri come testo",
    "To the last digit": "Fino all'ultima cifra",
    "Tokens read": "Token letti",
    "Tokens written": "Token scritti",
    "Usage and cost, {month}": "Uso e costo, {month}",
    "What caching saved": "Quanto ha fatto risparmiare la cache",
    "What did the month cost?": "Quanto è costato il mese?",
    "What drove the change?": "Che cosa ha causato la variazione?",
    "What it is worth": "Che valore ha",
    "What was changed": "Che cosa è cambiato",
    "What was fetched": "Che cosa è stato scaricato",
    "What was used": "Che cosa è stato usato",
    "What was used, what did caching save, and what was turned away?": (
        "Che cosa è stato usato, quanto ha fatto risparmiare la cache e che cosa è stato respinto?"
    ),
    "Whose is it, and for what?": "Di chi è, e per che cosa?",
    "a bill, spread over those who used": "un addebito, suddiviso tra chi ha usato",
    "as the provider billed it": "come addebitato dal fornitore",
    "counted by the provider, on no bill yet": "contato dal fornitore, non ancora addebitato",
    "in percent": "in percentuale",
    "rows, no sum": "righe, nessuna somma",
    "worked out from quantities and prices": "calcolato da quantità e prezzi",
    "{money}: {change} against {month}.": "{money}: {change} rispetto a {month}.",
    "{month} has changed by {money} since it closed.": "{month} è cambiato di {money} dopo la chiusura.",
    "{month}, in days of {tz}.": "{month}, in giorni di {tz}.",
    "{provider} does not report refused requests.": "{provider} non riporta le richieste respinte.",
    "{tokens} in all.": "{tokens} in totale.",
}
