"""What demonstrations say on their way, in both languages."""

from rich.markup import escape

from domain.people import Language

SAID: dict[str, tuple[str, str]] = {
    "go_on": ("To go on: imac demo", "Weiter geht es mit: imac demo"),
    "customer_loaded": (
        "[green]loaded[/]    {file}: {sites} sites, {people} people, contract {contract}",
        "[green]geladen[/]      {file}: {sites} Standorte, {people} Personen, Vertrag {contract}",
    ),
    "keys_made": (
        "[green]keys[/]      of {people} people in {folder}",
        "[green]Schlüssel[/]    von {people} Personen in {folder}",
    ),
    "assets_loaded": (
        "[green]loaded[/]    {file}: {added} assets added, {there} there already, {wrong} with problems",
        "[green]geladen[/]      {file}: {added} Geräte neu, {there} schon da, {wrong} mit Problemen",
    ),
    "nothing_placed": (
        "Nothing was placed: all orders of the demonstration are there already.",
        "Nichts wurde beauftragt: Alle Aufträge der Vorführung sind schon da.",
    ),
    "order_needs_help": (
        "[yellow]{order} needs help: imac order show {order}[/]",
        "[yellow]{order} braucht Hilfe: imac order show {order}[/]",
    ),
    "list_loaded": (
        "[green]imported[/]  {file}: {rows} rows, {wrong} to be put right, swaps: {swaps}, from {first} on",
        "[green]eingelesen[/]   {file}: {rows} Zeilen, {wrong} zu berichtigen, Tauschringe: {swaps}, ab {first}",
    ),
    "dates_moved": (
        "          all its dates and those of the plan are moved by {weeks} weeks, so that none lies in the past",
        "             alle Termine darin und im Plan sind um {weeks} Wochen verschoben, damit keiner zurückliegt",
    ),
    "planned": (
        "[green]planned[/]   {planned} of {workplaces} workplaces in {waves} waves, version {version}, by {person}",
        "[green]geplant[/]      {planned} von {workplaces} Plätzen in {waves} Wellen, Fassung {version}, von {person}",
    ),
    "rehearsed": (
        "[green]rehearsed[/] {runs} times in virtual time: {wave} ends {p50}, in one run of ten after {p90}",
        "[green]geprobt[/]      {runs} Mal in virtueller Zeit: {wave} endet {p50}, in jedem zehnten Lauf nach {p90}",
    ),
    "approved": (
        "[green]approved[/]  as a whole, by {person} of the customer",
        "[green]freigegeben[/]  als Ganzes, von {person} beim Kunden",
    ),
    "launched": (
        "[green]launched[/]  {project}, by {person}",
        "[green]gestartet[/]    {project}, von {person}",
    ),
    "goes_on": (
        "[green]goes on[/]   {project} was launched before",
        "[green]läuft schon[/]  {project} wurde bereits gestartet",
    ),
    "go": (
        "[green]go[/]        {wave}, by {person}",
        "[green]los[/]          {wave}, von {person}",
    ),
    "row_open": (
        "[red]{state}[/]  {wave}, row {row}, {who}: {why}",
        "[red]{state}[/]  {wave}, Zeile {row}, {who}: {why}",
    ),
    "tried_again": (
        "[yellow]again[/]     {wave}, row {row}, {who}: {why} ({person})",
        "[yellow]noch einmal[/]  {wave}, Zeile {row}, {who}: {why} ({person})",
    ),
    "nothing_done": (
        "Nothing was left to do: the move was carried out before.",
        "Nichts war mehr zu tun: Der Umzug ist bereits ausgeführt.",
    ),
    "project_needs_help": (
        "[yellow]{project} needs help: imac project exceptions {project}[/]",
        "[yellow]{project} braucht Hilfe: imac project exceptions {project}[/]",
    ),
    "sheet_hint": ("the project, its waves and their gates", "das Projekt, seine Wellen und deren Freigaben"),
    "rows_hint": ("every workplace with its order and result", "jeder Arbeitsplatz mit Auftrag und Ergebnis"),
    "report_hint": ("what the customer gets, as PDF or XLSX", "was der Kunde erhält, als PDF oder XLSX"),
    "orders_hint": ("one order of each of the kinds", "je ein Auftrag jeder Art"),
    "ui_hint": ("the same as Temporal sees it", "dasselbe, wie Temporal es sieht"),
}


def said(what: str, language: Language, **values: object) -> str:
    """With markup for rich; values are names and numbers, never markup."""
    english, german = SAID[what]
    pattern = german if language == "de" else english
    return pattern.format(**{name: escape(f"{value}") for name, value in values.items()})
