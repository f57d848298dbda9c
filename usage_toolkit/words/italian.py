"""Italian, sentence by sentence: what stands in the code on the left, what a reader sees on the right.

A test holds that nothing is missing, nothing is left over, and each place of a sentence comes again.
"""

from __future__ import annotations

ITALIAN = {
    "(1 blank)": "(1 spazio)",
    "(empty)": "(vuoto)",
    "({count} blanks)": "({count} spazi)",
    "1 change of price": "1 variazione di prezzo",
    "1 more panel is not drawn": "1 altro riquadro non è rappresentato",
    "1 row": "1 riga",
    "1 row of unknown amount is not drawn": "1 riga di importo sconosciuto non è rappresentata",
    "1 row of unknown quantity is not drawn": "1 riga di quantità sconosciuta non è rappresentata",
    "1 span": "1 intervallo",
    "= {dollars} at the provider's parity": "= {dollars} alla parità del fornitore",
    "All API keys": "Tutte le chiavi API",
    "All input": "Input totale",
    "All models": "Tutti i modelli",
    "All providers": "Tutti i fornitori",
    "All rows of the table, every digit": "Tutte le righe della tabella, con ogni cifra",
    "All time": "Tutto il periodo",
    "All users": "Tutti gli utenti",
    "All workspaces": "Tutte le aree di lavoro",
    "Also narrowed to: {what}.": "Filtrato anche per: {what}.",
    "An estimate: if days go on like the last 28.": "Una stima: con l'andamento degli ultimi 28 giorni.",
    "Auto": "Automatico",
    "Back to {period}": "Torna a: {period}",
    "CSV with": "CSV con",
    "Cache hit share": "Quota letta da cache",
    "Change against the period before ({period}).": "Variazione sul periodo precedente ({period}).",
    "Charges": "Addebiti",
    "Cost": "Costo",
    "Credits and refunds": "Crediti e rimborsi",
    "Currencies: {names}; none is added to another.": "Valute: {names}; nessuna è sommata a un'altra.",
    "Day": "Giorno",
    "Done": "Fatto",
    "Download CSV": "Scarica CSV",
    "Estimate for {month}: {estimate} {currency} ({low} to {high}).": (
        "Stima per {month}: {estimate} {currency} ({low} \u2013 {high})."
    ),
    "Estimated and allocated quantities are in the table and have totals of their own.": (
        "Le quantità stimate e ripartite sono nella tabella e hanno totali propri."
    ),
    "Exact time": "Orario esatto",
    "Find": "Cerca",
    "From": "Dal",
    "From {first} to {last}.": "Dal {first} al {last}.",
    "Granularity": "Dettaglio",
    "Group by": "Raggruppa per",
    "Highest minute": "Minuto più intenso",
    "Highest minutes": "Minuti più intensi",
    "Hour": "Ora",
    "How many requests were rate limited is not known in full.": (
        "Il numero di richieste rifiutate per limite non è noto per intero."
    ),
    "Implied prices per day": "Prezzi impliciti al giorno",
    "In the table, but in no bar, as their rows are too coarse: {count}": (
        "Nella tabella ma in nessuna barra, per righe poco dettagliate: {count}"
    ),
    "In the totals and the table, but in no bar: rows that resolve no {span}s ({rows}).": (
        "Righe senza dettaglio per {span}, incluse nei totali e nella tabella ma in nessuna barra: {rows}."
    ),
    "Input is what came from no cache, cache writes left out.": (
        "L'input è quello non letto da cache, senza le scritture in cache."
    ),
    "Input tokens in the highest minute of each {span}": "Token di input nel minuto più intenso di ogni {span}",
    "Input tokens per minute": "Token di input al minuto",
    "Left out as not shareable: {names}.": "Tralasciati perché non condivisibili: {names}.",
    "Left out: rows of whole days or hours that lie in this period only in part ({rows}).": (
        "Righe escluse, di giorni o ore che il periodo comprende solo in parte: {rows}."
    ),
    "Left out: rows that resolve only {spans} of UTC ({rows}), as they can't be cut into days of {tz}.": (
        "Righe escluse, con il solo dettaglio in {spans} UTC ({rows}): non si possono dividere in giorni di {tz}."
    ),
    "Limit per minute": "Limite al minuto",
    "Limit type": "Tipo di limite",
    "Minute": "Minuto",
    "Minutes are as fine as it gets: there is nothing to open.": (
        "I minuti sono il dettaglio massimo: non c'è altro da aprire."
    ),
    "Month": "Mese",
    "Next day": "Giorno successivo",
    "Next month": "Mese successivo",
    "Next period": "Periodo successivo",
    "No change is shown: choose a month, a day or a range.": (
        "Nessuna variazione: scegliere un mese, un giorno o un intervallo."
    ),
    "No change is shown: rows begin on {moment}.": "Nessuna variazione: le righe iniziano il giorno {moment}.",
    "No change is shown: rows of {names} reach to {moment}.": (
        "Nessuna variazione: le righe di {names} arrivano al giorno {moment}."
    ),
    "No change is shown: there are no rows.": "Nessuna variazione: non ci sono righe.",
    "No cost in this selection": "Nessun costo in questa selezione",
    "No estimate for {month}: it takes seven closed days of known amounts.": (
        "Nessuna stima per {month}: servono sette giorni chiusi con importi conosciuti."
    ),
    "No limits are known for these models.": "Per questi modelli non è noto alcun limite.",
    "No money in this selection": "Nessun importo in questa selezione",
    "No price in this selection": "Nessun prezzo in questa selezione",
    "No rate-limited requests in this selection": "Nessuna richiesta rifiutata per limite in questa selezione",
    "No tokens in any minute of this selection": "Nessun token in alcun minuto di questa selezione",
    "No tokens in this selection": "Nessun token in questa selezione",
    "No usage in this selection": "Nessun consumo in questa selezione",
    "No {money} in this selection": "Nessun importo in {money} in questa selezione",
    "None is called so.": "Nessuno si chiama così.",
    "Not added up: spans with rows of unknown quantity or amount ({rows}).": (
        "Non sommati: intervalli con righe di quantità o importo sconosciuti ({rows})."
    ),
    "Not drawn: models with lower peaks ({count}).": "Non rappresentati: modelli con massimi più bassi ({count}).",
    "Not in this file: single requests, their ids and notes, accounts, products and list prices.": (
        "Non contiene: singole richieste, loro identificativi e note, conti, prodotti e prezzi di listino."
    ),
    "Nothing in this selection": "Nessun dato in questa selezione",
    "Only rows of: {what}.": "Solo righe di: {what}.",
    "Open": "Apri",
    "Open a day": "Apri un giorno",
    "Open a minute": "Apri un minuto",
    "Open a month": "Apri un mese",
    "Open a week": "Apri una settimana",
    "Open an hour": "Apri un'ora",
    "Output tokens in the highest minute of each {span}": "Token di output nel minuto più intenso di ogni {span}",
    "Output tokens per minute": "Token di output al minuto",
    "Period": "Periodo",
    "Previous day": "Giorno precedente",
    "Previous month": "Mese precedente",
    "Previous period": "Periodo precedente",
    "Price": "Prezzo",
    "Providers: {names}.": "Fornitori: {names}.",
    "Range": "Intervallo",
    "Rate limited": "Rifiutate",
    "Rate limits": "Limiti di frequenza",
    "Rate-limited requests": "Richieste rifiutate per limite",
    "Rate-limited requests beside the use": "Richieste rifiutate per limite accanto al consumo",
    "Rate-limited requests of {providers}: not reported": (
        "Richieste rifiutate per limite di {providers}: non comunicate"
    ),
    "Rate-limited requests: {count}": "Richieste rifiutate per limite: {count}",
    "Requests": "Richieste",
    "Scripts are off, so this is a still picture: filters and clicks need them.": (
        "Gli script sono disattivati: questa è un'immagine fissa, filtri e clic ne hanno bisogno."
    ),
    "Several…": "Più di uno…",
    "Share of the limit": "Quota del limite",
    "Show what is in this bar": "Mostra il contenuto di questa barra",
    "Table behind the chart ({rows})": "Tabella del grafico ({rows})",
    "That could not be shown ({what}); what you see is as it was before.": (
        "Impossibile mostrare il risultato ({what}); la vista è rimasta com'era."
    ),
    "That would be more bars than can be read, so they are {bars}. Choose a shorter period for finer ones.": (
        "Sarebbero più barre di quante si leggano: si vedono {bars}. Scegli un periodo più breve."
    ),
    "The first {first} of {count}; find others by name.": "I primi {first} di {count}; gli altri si cercano.",
    "The first {most} of {count} rows; Download CSV has them all.": (
        "Le prime {most} di {count} righe; \u00abScarica CSV\u00bb le contiene tutte."
    ),
    "The highest minute of this selection": "Il minuto più intenso di questa selezione",
    "The most tokens of any one minute": "Il massimo di token in un minuto",
    "The rows of this selection resolve no {asked}, so the bars are {bars}.": (
        "Le righe di questa selezione non distinguono {asked}: si vedono {bars}."
    ),
    "There is no bar to open in this selection; choose another one.": (
        "In questa selezione non c'è nessuna barra da aprire; sceglierne un'altra."
    ),
    "There is nothing above": "Non c'è un livello superiore",
    "These rows resolve no minutes, so the most tokens of a minute are not known.": (
        "Queste righe non distinguono i minuti: il massimo di token al minuto non è noto."
    ),
    "Tick what to show; with nothing ticked, all is shown.": "Spunta ciò che vuoi vedere; senza spunte si vede tutto.",
    "To": "Al",
    "Token kind": "Tipo di token",
    "Tokens": "Token",
    "Too many numbers for one page: {names} are not told apart.": (
        "Troppi numeri per una pagina: {names} non sono distinti."
    ),
    "Up": "Su",
    "Usage": "Consumo",
    "Usage and cost": "Consumo e costo",
    "Use": "Consumo",
    "Web searches": "Ricerche web",
    "Week": "Settimana",
    "What": "Voce",
    "What is in this file": "Che cosa contiene questo file",
    "When": "Quando",
    "When, which model, key and limit ({rows})": "Quando, modello, chiave e limite ({rows})",
    "Where you are": "Percorso",
    "Without peaks, as no minutes are reported: {names}.": (
        "Senza massimi, perché i minuti non sono comunicati: {names}."
    ),
    "Workspaces, API keys and users have pseudonyms.": "Aree di lavoro, chiavi API e utenti hanno pseudonimi.",
    "all of {period}": "tutto: {period}",
    "cache reads as a share of all input": "letture da cache in rapporto all'input totale",
    "commas, 0.5": "virgole, 0.5",
    "complete through {moment}": "dati completi fino al giorno {moment}",
    "counted twice: {both} ({days}); ut.one_book keeps one": (
        "contati due volte: {both} ({days}); ut.one_book ne tiene uno"
    ),
    "from {first}": "dal giorno {first}",
    "from {first} to {last}": "{first} \u2013 {last}",
    "gone": "sparito",
    "in no single bar": "in nessuna barra",
    "missing: {gaps}": "mancano: {gaps}",
    "money counted twice: {both} ({days}); ut.one_book keeps one": (
        "denaro contato due volte: {both} ({days}); ut.one_book ne tiene uno"
    ),
    "new": "nuovo",
    "no change of price": "nessuna variazione di prezzo",
    "no day without rows": "nessun giorno senza righe",
    "no gaps": "nessuna lacuna",
    "no rows on {days}": "nessuna riga nei giorni: {days}",
    "none": "nessuno",
    "not reported": "non comunicato",
    "provisional since {moment}": "dati provvisori dal giorno {moment}",
    "rows from {first} to {last}": "righe nel periodo {first} \u2013 {last}",
    "semicolons, 0,5": "punti e virgola, 0,5",
    "to {last}": "fino al giorno {last}",
    "unchanged": "invariato",
    "week from {day}": "settimana dal giorno {day}",
    "{amount} (credit)": "{amount} (credito)",
    "{amount} allocated": "{amount} (ripartizione)",
    "{amount} billed": "{amount} addebitati",
    "{amount} estimated": "{amount} (stima)",
    "{amount} metered": "{amount} misurati",
    "{asked} would be too many numbers for one page: it has {spans}.": (
        "{asked} sarebbero troppi numeri per una pagina: contiene {spans}."
    ),
    "{bar} can't be opened: its rows of {money} resolve no {span}s.": (
        "Impossibile aprire {bar}: le sue righe in {money} non hanno il dettaglio per {span}."
    ),
    "{bar} can't be opened: its rows resolve no {span}s.": (
        "Impossibile aprire {bar}: le sue righe non hanno il dettaglio per {span}."
    ),
    "{bar} can't be opened: this file has {spans} and nothing finer.": (
        "{bar} non si può aprire: questo file contiene {spans} e niente di più fine."
    ),
    "{count} changes of price": "{count} variazioni di prezzo",
    "{count} more panels are not drawn": "{count} altri riquadri non sono rappresentati",
    "{count} rows": "{count} righe",
    "{count} rows of unknown amount are not drawn": "{count} righe di importo sconosciuto non sono rappresentate",
    "{count} rows of unknown quantity are not drawn": "{count} righe di quantità sconosciuta non sono rappresentate",
    "{count} spans": "{count} intervalli",
    "{first} to {last}": "{first} \u2013 {last}",
    "{named} and {count} more": "{named} e altri {count}",
    "{number} points": "{number} punti",
    "{price} per million tokens": "{price} per milione di token",
    "{price} per {unit}": "{price} per {unit}",
    "{price}, before {before}": "{price}, prima {before}",
    "{rows} of {count} rows behind this picture": "righe in questa vista: {rows} su {count}",
    "{rows} rows added up to {numbers} numbers per {span}, in {tz}.": (
        "{rows} righe sommate in {numbers} numeri per {span}, in {tz}."
    ),
    "{said}; the most in one {span}: {most} ({when})": "{said}; il massimo per {span}: {most} ({when})",
    "{some} and {other}": "{some} e {other}",
    "{title} (dashed: the limit)": "{title} (tratteggiato: il limite)",
    "{what} by {label}": "{what} per {label}",
    "{what} over time, stacked": "{what} nel tempo, in colonne impilate",
    "{what} per day": "{what} al giorno",
    "{what} per hour": "{what} all'ora",
    "{what} per minute": "{what} al minuto",
    "{what} per month": "{what} al mese",
    "{what} per week": "{what} alla settimana",
}
