"""What the command line itself says no with: per code a sentence and a hint, in both languages."""

from collections.abc import Sequence

from rich.console import Console

from cli.asking import asked_for
from cli.errors import CliError
from documents.wording import sentence
from domain.people import Language
from domain.refusals import Problem

WORDS: dict[str, dict[Language, tuple[str, str]]] = {
    # What was typed
    "case_unreadable": {
        "en": ("“{typed}” is not a case.", "Write order/NUMBER or incident/NUMBER."),
        "de": ("„{typed}“ ist kein Vorgang.", "Schreiben Sie order/NUMMER oder incident/NUMMER."),
    },
    "column_meaning_unreadable": {
        "en": ("“{typed}” is not a column mapping.", "It is written heading=column, with one of: {columns}."),
        "de": (
            "„{typed}“ sagt nichts über eine Spalte.",
            "Schreiben Sie Überschrift=Spalte, mit einer von diesen: {columns}.",
        ),
    },
    "date_unreadable": {
        "en": ("“{typed}” is not a date.", "Write 2027-03-31, 31.03.2027 or 2027-03-31T18:00+02:00."),
        "de": ("„{typed}“ ist kein Datum.", "Schreiben Sie 31.03.2027, 2027-03-31 oder 2027-03-31T18:00+02:00."),
    },
    "days_not_plannable": {
        "en": (
            "No waves can be proposed for these days.",
            "Days lie between 1 and 366; hours are written like 08:00-16:00.",
        ),
        "de": (
            "Für diese Tage lassen sich keine Wellen vorschlagen.",
            "Möglich sind 1 bis 366 Tage; Uhrzeiten schreiben Sie so: 08:00-16:00.",
        ),
    },
    "label_without_pattern": {
        "en": ("“{typed}” is no label.", "Write NAME=PATTERN."),
        "de": ("„{typed}“ ist kein Label.", "Schreiben Sie NAME=MUSTER."),
    },
    "label_without_value": {
        "en": ("“{typed}” is no label.", "Write NAME=VALUE."),
        "de": ("„{typed}“ ist kein Label.", "Schreiben Sie NAME=WERT."),
    },
    "no_kit_item_named": {
        "en": ("Say what was found.", "Give --tag, --elsewhere or --all."),
        "de": ("Es fehlt die Angabe, was gefunden wurde.", "Nennen Sie es mit --tag, --elsewhere oder --all."),
    },
    "no_row_named": {
        "en": ("No row is named.", "Name them by their numbers in the list."),
        "de": ("Es ist keine Zeile genannt.", "Nennen Sie die Zeilen mit ihren Nummern in der Liste."),
    },
    "one_state_only": {
        "en": (
            "The list can be filtered by one state only.",
            "Ask for one of {listed}; or for several of {launched}.",
        ),
        "de": (
            "Aus der Liste lässt sich nur ein Stand auf einmal abfragen.",
            "Fragen Sie nach einem von {listed} oder nach mehreren von {launched}.",
        ),
    },
    "place_unreadable": {
        "en": ("“{typed}” is not a place.", "Expected: TAG:ROOM/DESK."),
        "de": ("„{typed}“ nennt keinen Platz.", "Schreiben Sie INVENTARNUMMER:RAUM/PLATZ."),
    },
    "rota_not_named": {
        "en": ("There are {count} rotas.", "Name one with --rota: {rotas}"),
        "de": ("Es gibt {count} Dienstpläne.", "Nennen Sie einen davon mit --rota: {rotas}"),
    },
    "shift_unreadable": {
        "en": ("“{typed}” names no shift.", 'Write p-lang@"2026-12-07 12:00", or backup:p-lang@…'),
        "de": ("„{typed}“ nennt keine Schicht.", 'Schreiben Sie p-lang@"07.12.2026 12:00" oder backup:p-lang@…'),
    },
    "taker_not_named": {
        "en": ("Name who takes it.", "Give exactly one of --to, --team, --vendor."),
        "de": ("Jemand muss es übernehmen.", "Geben Sie genau eines an: --to, --team oder --vendor."),
    },
    "time_repeated": {
        "en": ("{typed} exists twice in {zone}: the clocks are put back.", "Write {first} or {second}."),
        "de": (
            "{typed} gibt es in {zone} zweimal: Die Uhren werden zurückgestellt.",
            "Schreiben Sie {first} oder {second}.",
        ),
    },
    "time_skipped": {
        "en": ("{typed} does not exist in {zone}: the clocks are put forward.", "Choose an earlier or a later time."),
        "de": (
            "{typed} gibt es in {zone} nicht: Die Uhren werden vorgestellt.",
            "Wählen Sie eine frühere oder spätere Zeit.",
        ),
    },
    "time_unreadable": {
        "en": (
            "“{typed}” is not a valid time.",
            'Write "2026-11-24 09:00" or "24.11.2026 09:00" for the clock at the site ({zone}), '
            "or 2026-11-24T09:00+01:00.",
        ),
        "de": (
            "„{typed}“ ist keine Zeitangabe.",
            'Schreiben Sie "24.11.2026 09:00" oder "2026-11-24 09:00" für die Uhr am Ort der Arbeit ({zone}), '
            "oder 2026-11-24T09:00+01:00.",
        ),
    },
    "zone_unknown": {
        "en": ("There is no time zone {zone}.", "Expected: a name like Europe/Berlin."),
        "de": ("Die Zeitzone {zone} gibt es nicht.", "Schreiben Sie einen Namen wie Europe/Berlin."),
    },
    # Files
    "file_holds_no_order": {
        "en": ("{file} holds no order.", 'Expected: {{"contract": …}}'),
        "de": ("{file} enthält keinen Auftrag.", 'Erwartet wird: {{"contract": …}}'),
    },
    "file_holds_no_webhook": {
        "en": ("{file} holds nothing that Alertmanager sends.", 'Expected: {{"alerts": …}}'),
        "de": ("{file} enthält nichts, was Alertmanager sendet.", 'Erwartet wird: {{"alerts": …}}'),
    },
    "file_not_json": {
        "en": ("{file} is not JSON.", "The mistake is in line {line}, column {column}."),
        "de": ("{file} ist kein JSON.", "Der Fehler steht in Zeile {line}, Spalte {column}."),
    },
    "file_not_text": {
        "en": ("{file} is not JSON.", "The file is not UTF-8 text."),
        "de": ("{file} ist kein JSON.", "Die Datei ist kein Text in UTF-8."),
    },
    "file_refused": {
        "en": ("{file} could not be imported.", "{lines}"),
        "de": ("{file} lässt sich nicht einlesen.", "{lines}"),
    },
    "file_unreadable": {
        "en": ("{file} cannot be read.", "{reason}."),
        "de": ("{file} lässt sich nicht lesen.", "{reason}."),
    },
    "file_unwritable": {
        "en": ("{file} cannot be written.", "{reason}."),
        "de": ("{file} lässt sich nicht schreiben.", "{reason}."),
    },
    "matrix_format_unknown": {
        "en": ("{file} is neither a PDF nor an HTML file.", "Its name must end in one of: {endings}."),
        "de": ("{file} ist weder ein PDF noch eine Webseite.", "Der Name muss auf eins davon enden: {endings}."),
    },
    "report_format_unknown": {
        "en": ("{file} is neither a PDF nor a workbook.", "Its name must end in one of: {endings}."),
        "de": ("{file} ist weder ein PDF noch eine Arbeitsmappe.", "Der Name muss auf eins davon enden: {endings}."),
    },
    # What stands against it
    "nobody_paged": {
        "en": ("Nobody was paged about {incident}.", "imac page list --all"),
        "de": ("Zu {incident} wurde niemand alarmiert.", "imac page list --all"),
    },
    "nobody_to_ask": {
        "en": ("Cannot prompt for confirmation here.", "Use --yes to confirm."),
        "de": ("Hier lässt sich niemand fragen.", "Geben Sie --yes an, wenn es gewollt ist."),
    },
    "no_plan_yet": {
        "en": ("{project} has no plan yet.", "Create one: imac project plan {project}"),
        "de": ("{project} hat noch keinen Plan.", "Machen Sie einen: imac project plan {project}"),
    },
    "no_rota": {
        "en": ("There is no rota.", "imac oncall import FILE"),
        "de": ("Es gibt keinen Dienstplan.", "imac oncall import DATEI"),
    },
    "nothing_changed": {
        "en": ("Nothing was changed.", ""),
        "de": ("Es wurde nichts geändert.", ""),
    },
    "nothing_to_retry": {
        "en": ("There is nothing to retry.", "What is open: imac project exceptions {project}"),
        "de": (
            "Nichts lässt sich noch einmal versuchen.",
            "Was offen ist, zeigt: imac project exceptions {project}",
        ),
    },
    "replay_differs": {
        "en": (
            "The replay does not agree with the log.",
            "Incidents that have not ended, or whose times differ, are in the answer to --json.",
        ),
        "de": (
            "Die Wiederholung stimmt nicht mit dem Log überein.",
            "Störungen, die nicht geendet haben oder deren Zeiten abweichen, stehen in der Antwort auf --json.",
        ),
    },
    "replay_stuck": {
        "en": ("The server that skips time got stuck.", "Try again."),
        "de": ("Der Server, der die Zeit überspringt, ist stecken geblieben.", "Versuchen Sie es noch einmal."),
    },
    "rows_in_no_wave": {
        "en": ("In no wave of the plan: {rows}.", "Rows are added by a newer list and plan: imac project adopt."),
        "de": (
            "In keiner Welle des Plans: {rows}.",
            "Zeilen kommen durch eine neuere Liste und einen neueren Plan hinzu: imac project adopt.",
        ),
    },
    # The API
    "api_busy": {
        "en": ("{title}", "{lines}\nTry again in {seconds} s."),
        "de": ("{title}", "{lines}\nVersuchen Sie es in {seconds} s noch einmal."),
    },
    "api_refused": {
        "en": ("{title}", "{lines}"),
        "de": ("{title}", "{lines}"),
    },
    "api_silent": {
        "en": ("{url} does not answer: {reason}", "The outcome of the request is unknown."),
        "de": ("{url} antwortet nicht: {reason}", "Was aus der Anfrage geworden ist, ist nicht bekannt."),
    },
    "api_too_slow": {
        "en": ("{url} does not answer in time.", "The outcome of the request is unknown."),
        "de": ("{url} antwortet nicht rechtzeitig.", "Was aus der Anfrage geworden ist, ist nicht bekannt."),
    },
    "answer_not_ours": {
        "en": ("{request} was answered with {status}.", "{text}"),
        "de": ("{request} wurde mit {status} beantwortet.", "{text}"),
    },
    "answer_unreadable": {
        "en": (
            "The response from {path} could not be read: {where}.",
            "The server and this command have different versions. Use --json to see the raw response.",
        ),
        "de": (
            "Die Antwort von {path} lässt sich nicht lesen: {where}.",
            "Der Server hat eine andere Version als dieser Befehl. --json zeigt die Antwort, wie sie ist.",
        ),
    },
    "key_missing": {
        "en": ("No API key.", "IMAC_KEY is not set and {file} cannot be read. Put a key into IMAC_KEY."),
        "de": (
            "Es fehlt ein API-Schlüssel.",
            "IMAC_KEY ist nicht gesetzt, und {file} lässt sich nicht lesen. Setzen Sie IMAC_KEY auf einen Schlüssel.",
        ),
    },
    "key_of_elsewhere_missing": {
        "en": ("No API key.", "{url} is not the stack on this machine. Put a key into IMAC_KEY."),
        "de": (
            "Es fehlt ein API-Schlüssel.",
            "{url} ist nicht der Stack auf diesem Rechner. Setzen Sie IMAC_KEY auf einen Schlüssel.",
        ),
    },
    "stream_ended": {
        "en": ("The event stream for {case} ended.", "Watch again."),
        "de": ("Der Server meldet nichts mehr über {case}.", "Rufen Sie den Befehl noch einmal auf."),
    },
    # The stack
    "data_dir_locked": {
        "en": (
            "A stack already runs on {data_dir}.",
            "Use it, end it, or choose another directory with --data-dir.",
        ),
        "de": (
            "Auf {data_dir} läuft schon ein Stack.",
            "Benutzen oder beenden Sie ihn, oder wählen Sie mit --data-dir ein anderes Verzeichnis.",
        ),
    },
    "data_dir_unwritable": {
        "en": (
            "Cannot write to the data directory {data_dir}: {reason}.",
            "Choose another one with --data-dir.",
        ),
        "de": (
            "In das Datenverzeichnis {data_dir} lässt sich nicht schreiben: {reason}.",
            "Wählen Sie mit --data-dir ein anderes.",
        ),
    },
    "no_port_free": {
        "en": ("No free port at or above {port} on {host}.", "End some other servers, or use {option}."),
        "de": (
            "Ab Port {port} ist auf {host} keiner frei.",
            "Beenden Sie andere Server, oder geben Sie {option} an.",
        ),
    },
    "no_stack_runs": {
        "en": (
            "imacflow is not running here.",
            "Start it with: imac up\nNo stack runs on {data_dir}; IMAC_URL can name an API elsewhere.",
        ),
        "de": (
            "imacflow läuft hier nicht.",
            "Starten Sie es mit: imac up\nAuf {data_dir} läuft kein Stack; IMAC_URL kann eine API anderswo nennen.",
        ),
    },
    "not_running": {
        "en": ("imacflow is not running here.", "Start it with: imac up"),
        "de": ("imacflow läuft hier nicht.", "Starten Sie es mit: imac up"),
    },
    "port_taken": {
        "en": (
            "Port {port} is taken.",
            "Choose another one with {option}, or leave it out to get the next free port.",
        ),
        "de": (
            "Port {port} ist belegt.",
            "Wählen Sie mit {option} einen anderen, oder lassen Sie die Angabe weg: Dann wird es der nächste freie.",
        ),
    },
    "port_unusable": {
        "en": (
            "Port {port} cannot be used ({reason}).",
            "Choose another one with {option}, or leave it out to get the next free port.",
        ),
        "de": (
            "Port {port} lässt sich nicht verwenden ({reason}).",
            "Wählen Sie mit {option} einen anderen, oder lassen Sie die Angabe weg: Dann wird es der nächste freie.",
        ),
    },
    "program_not_starting": {
        "en": ("{program} failed to start.", "The end of {log}:\n{lines}"),
        "de": ("{program} startet nicht.", "Das Ende von {log}:\n{lines}"),
    },
    "settings_wrong": {
        "en": ("Invalid setting.", "{problems}"),
        "de": ("Eine Einstellung ist falsch.", "{problems}"),
    },
    "stack_runs_already": {
        "en": (
            "A stack already runs on {data_dir} at {url} (pid {pid}).",
            "Use it, end it, or choose another directory with --data-dir.",
        ),
        "de": (
            "Auf {data_dir} läuft schon ein Stack, erreichbar unter {url} (pid {pid}).",
            "Benutzen oder beenden Sie ihn, oder wählen Sie mit --data-dir ein anderes Verzeichnis.",
        ),
    },
    "temporal_silent": {
        "en": (
            "No Temporal with this namespace answers at {address}.",
            "Check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or unset both for an embedded server.",
        ),
        "de": (
            "Unter {address} antwortet kein Temporal mit diesem Namespace.",
            "Prüfen Sie TEMPORAL_ADDRESS und TEMPORAL_NAMESPACE, oder entfernen Sie beide: "
            "Dann läuft ein eingebetteter Server.",
        ),
    },
}


def tell(error: CliError, typed: Sequence[str]) -> None:
    """Say on stderr why a command ended, in the language that was asked for."""
    show(error, asked_for(typed), Console(stderr=True, highlight=False, soft_wrap=True))


def show(error: CliError, language: Language, console: Console) -> None:
    why, hint = worded(error, language)
    console.print(why, style="bold red", markup=False)
    if hint:
        console.print(hint, markup=False)


def worded(error: CliError, language: Language) -> tuple[str, str]:
    values = {name: _shown(value, language) for name, value in error.values.items()}
    why, hint = WORDS[error.code][language]
    return why.format(**values), hint.format(**values).strip()


def _shown(value: object, language: Language) -> str:
    if isinstance(value, tuple):
        return "\n".join(_shown(one, language) for one in value)
    return f"{value.at}: {sentence(value, language)}" if isinstance(value, Problem) else f"{value}"
