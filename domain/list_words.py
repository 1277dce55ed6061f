"""Words in cells that are no values, for both kinds of list: not decided yet, stays, called off, as above, at home."""

import re
from collections.abc import Sequence
from enum import StrEnum

from domain.place_names import plain


class Wordless(StrEnum):
    """What a cell says instead of a value."""

    OPEN = "open"
    STAYS = "stays"
    CALLED_OFF = "called_off"
    AT_HOME = "at_home"
    AS_ABOVE = "as_above"
    TWO = "two"


# What is said of them in a list.
WORDLESS = {
    Wordless.OPEN: "word_open",
    Wordless.STAYS: "word_stays",
    Wordless.CALLED_OFF: "word_called_off",
    Wordless.AT_HOME: "word_at_home",
    Wordless.AS_ABOVE: "word_as_above",
    Wordless.TWO: "word_two",
}
# These say that a cell is empty; in lists of assets they leave the register as it is.
MISSING = frozenset({"-", "–", "—", "--", "---", "n/a"})
# In a list of assets nobody waits for what nobody knows.
UNSTATED = frozenset({"k.a.", "k. a.", "ka", "keine angabe"})
_WORDS: dict[Wordless, tuple[str, ...]] = {
    Wordless.OPEN: (
        *("offen", "noch offen", "steht noch nicht fest", "steht noch aus", "noch nicht bekannt", "noch unbekannt"),
        *("unbekannt", "unklar", "noch unklar", "ungeklärt", "in klärung", "wird geklärt", "wird noch geklärt"),
        *("wird nachgereicht", "folgt", "folgt noch", "kommt noch", "ziel folgt", "später", "fehlt", "fehlt noch"),
        *("nicht bekannt", "nicht vorhanden", "noch nicht vergeben", "noch festzulegen", "nach absprache", "egal"),
        *("beliebig", "ka", "k.a", "k.a.", "k. a.", "keine angabe", "keine", "keiner", "keines", "kein", "niemand"),
        *("ohne", "nichts", "leer", "frei", "vakant", "unbesetzt", "n.n.", "n.n", "n. n.", "nn", "xx", "xxx", "xxxx"),
        *("tbd", "t.b.d.", "t.b.d", "tba", "t.b.a.", "tbc", "t.b.c.", "to be defined", "to be determined", "later"),
        *("to be decided", "to be confirmed", "to be announced", "to follow", "not yet known", "unknown", "open"),
        *("not known", "not decided", "undecided", "missing", "none", "nobody", "no one", "nothing", "nil", "null"),
        *("empty", "vacant", "any", "anywhere", "unassigned", "not assigned", "n.a.", "n. a.", "...", "…"),
        # What a board says of itself where nobody has given it a number.
        *("to be filled by o.e.m.", "default string", "system serial number", "not specified", "not available"),
        # What programs write where a table of theirs has nothing.
        *("nan", "undefined", "blank", "inconnu", "à définir", "à confirmer", "por definir", "da definire"),
        # Nobody's desk in particular.
        *("flex", "flexibel", "flexible", "desk sharing", "desk-sharing", "desksharing", "shared desk", "hot desk"),
        *("hotdesk", "hot desking", "freie platzwahl", "zu klären", "zu definieren", "zu bestimmen"),
    ),
    Wordless.STAYS: (
        *("bleibt", "bleiben", "bleibt hier", "bleibt da", "bleibt stehen", "bleibt wo er ist", "bleibt unverändert"),
        *("unverändert", "keine änderung", "kein umzug", "zieht nicht um", "zieht nicht", "nicht umziehen"),
        *("verbleibt", "wie bisher", "wie vorher", "wie gehabt", "stays", "stay", "stays here", "remains", "unchanged"),
        *("no change", "no move", "not moving", "does not move", "same as before", "as is"),
    ),
    Wordless.CALLED_OFF: (
        *("entfällt", "entfallen", "storniert", "storno", "abgesagt", "gestrichen", "gecancelt", "gelöscht"),
        *("ausgeschieden", "ausgetreten", "cancelled", "canceled", "called off", "dropped", "withdrawn", "void"),
        *("left the company", "elternzeit", "in elternzeit", "mutterschutz", "in rente", "im ruhestand"),
        *("parental leave", "retired", "gekündigt", "verschoben", "postponed", "zurückgestellt", "on hold"),
        *("abgelehnt", "rejected", "declined"),
    ),
    Wordless.AT_HOME: (
        *("homeoffice", "home office", "home-office", "im homeoffice", "zu hause", "zuhause", "daheim"),
        *(
            "heimarbeit",
            "telearbeit",
            "mobiles arbeiten",
            "mobil",
            "remote",
            "at home",
            "from home",
            "working from home",
        ),
        *("wfh", "teleworking"),
    ),
    Wordless.AS_ABOVE: (
        *("dito", "ditto", "do.", "dto.", "dto", "detto", "idem", "siehe oben", "s.o.", "s. o.", "s.o", "wie oben"),
        *("w.o.", "w. o.", "w.o", "gleich", "gleicher raum", "selber raum", "derselbe", "dieselbe"),
        *(
            "wie vor",
            "wie zuvor",
            "ebenso",
            "ebenda",
            "ebd.",
            "desgleichen",
            "see above",
            "as above",
            "same",
            "same as above",
        ),
        *('"', "''", "„", "“", "”", "〃", "''", '""', '-"-', '- " -', "-''-", '--"--', "-„-", "↑", "^", "⬆"),
    ),
    # Said by a sign between two values.
    Wordless.TWO: (),
}
_MEANING = {plain(word): meaning for meaning, words in _WORDS.items() for word in words}
# What somebody adds behind such a word does not make it a value: "offen (klärt Frau Brandt)".
_FIRST = re.compile(r"^(?P<word>.+?)\s*(?:[(\[:;!?]|\s[-/]|,\s).*$", re.DOTALL)
# Whoever writes so has not decided yet: "1.01?", "vsl. 1.01", "1.01 oder 1.02".
_UNDECIDED = re.compile(
    r"(?:vsl|voraussichtlich|evtl|eventuell|vermutlich|vielleicht|wahrscheinlich|möglicherweise|ggf|vorläufig"
    r"|probably|maybe|perhaps|possibly|presumably|tentatively|nicht|au(?:ß|ss)er|not|except)[. ] *\S.*"
    r"|(?:ca\.|approx\.?) *\S.*"
    r"|.*\?|\?.*|~.*|.* (?:oder|or|bzw\.) .*|(?:ab|from) \S+ \S*\d.*|wunsch\b.*"
    r"|(?:wird|will be)\b.*|.* (?:wird|will be) .*"
    r"|in (?:abstimmung|planung|arbeit)|geplant|planned|keine ahnung|no idea"
    r"|(?:noch|muss noch|still|yet) \S.*|.* (?:folgt|noch offen|to follow)|(?:noch )?kein(?:e|en|er)? \S.*"
    r"|(?:raum|platz|etage|gebäude|ziel|zuteilung|room|desk|floor)"
    r" (?:offen|unklar|fehlt|unbekannt|open|unknown|missing)"
    r"|\S*\d\S* \((?:tbd|vorläufig|unklar|offen|vsl\.?|evtl\.?|tentative|provisional)\)",
    re.DOTALL,
)
_NOT_MOVING = re.compile(
    r"\b(?:storniert|abgesagt|kein umzug|nicht umziehen)\b|\bzieh(?:t|en)\b.{0,60}\bnicht\b"
    r"|\b(?:cancelled|canceled|called off|no move)\b|\b(?:not|n't|never) (?:be )?mov(?:e|ed|ing)\b"
    r"|\bnicht (?:\w+ )?umgezogen\b|\bfällt (?:weg|aus)\b|\bhat sich erledigt\b"
    r"|\b(?:ist|sind|geht) in (?:rente|elternzeit|mutterschutz)\b|\bhat gekündigt\b|\b(?:has )?resigned\b"
    # At another time, or to another place, than the row says.
    r"|\b(?:verschoben|zurückgestellt|postponed|deferred|rescheduled|on hold|statt|anstelle|instead of)\b"
    r"|\berst (?:ab|am|im|nach|wenn|in)\b(?! \d{1,2}(?:[.:]\d\d)? uhr)"
    r"|\bnot (?:before|until)\b(?! (?:noon|\d{1,2}(?:[.:]\d\d)? ?(?:am|pm|o'clock|h)\b))"
    r"|\b(?:neue[rs]?|new) (?:raum|platz|termin|datum|etage|gebäude|room|desk|date|floor|building)\b",
    re.DOTALL,
)
# Of a state that somebody keeps beside the rows: there is nothing left to do.
_DONE = frozenset(
    {
        *("erledigt", "abgeschlossen", "fertig", "umgezogen", "bereits umgezogen", "schon umgezogen", "ist umgezogen"),
        *("done", "completed", "complete", "closed", "moved", "already moved"),
    }
)
# What is said of a person or of one of their things.
_THING = (
    r"(?:notebooks?|laptops?|rechner|pcs?|computers?|monitor(?:e|en|s)?|bildschirme?|dock\w*|drucker|printers?"
    r"|telefone?|phones?|headsets?|tastatur|keyboard|maus|mouse|screens?)"
)
_STAYING = re.compile(
    r"\b(?:bleib(?:t|en)|verbleib(?:t|en)|entfällt|entfallen|nicht mitnehmen|komm(?:t|en) nicht mit|stays?|remains?)\b"
    rf"|\b(?:nur|ohne|außer|only|without|except)(?: (?:das|den|der|die|dem|ein|einen|the|one|1|2))? {_THING}\b"
)
# What is longer is a text, and would take the patterns long.
_LONGEST_DOUBT = 200
_ANSWERS = frozenset({"ja", "nein", "yes", "no", "ok", "okay", "wahr", "falsch", "true", "false"})
_ELSEWHERE = re.compile(
    r"(?:wie|siehe|s\.|lt\.|laut|gem\.|gemä(?:ß|ss)|same as|see|as per|according to) +\S.*", re.DOTALL
)
# The old value and the new one, or one below the other.
_TWO = re.compile(
    r".*\S\s*(?:→|⇒|➔|-+>|=+>)\s*\S.*|\S*\d\S* (?:und|u\.|and|&|\+) \S*\d\S*"
    r"|[\d.]*\d[,;] +[\d.]*\d|.*\b(?:alt|old)\b:?.*\b(?:neu|new)\b:?.*|(?:neu|new|alt|old): .*",
    re.DOTALL,
)
_ONLY_MARKS = re.compile(r"[?!. ]*\?[?!. ]*|x{2,6}|_+|[.…]{2,}")
_FOOTERS = (
    *(
        "summe",
        "zwischensumme",
        "gesamt",
        "gesamtsumme",
        "insgesamt",
        "ergebnis",
        "gesamtergebnis",
        "anzahl",
        "übertrag",
    ),
    *("stand", "seite", "legende", "ende der liste", "erstellt", "druckdatum", "total", "grand total", "subtotal"),
    *("sum", "count", "as of", "page", "legend", "end of list", "created", "printed"),
)
_FOOTER = re.compile(rf"(?:{'|'.join(_FOOTERS)})\b(?!-?\d+[a-z])(?:[\s:.=]|$)")
_MOST_IN_A_FOOTER = 4
_TOTALS = frozenset(_FOOTERS[: _FOOTERS.index("stand")]) | {
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sum",
    "count",
}
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?(?: ?(?:h|std\.?|stk\.?|stück|pcs\.?))?", re.ASCII | re.IGNORECASE)


def wordless(text: str) -> Wordless | None:
    """None where it is a value."""
    said = plain(text).strip("()[]<>*")
    if _ONLY_MARKS.fullmatch(said):
        return Wordless.OPEN
    found = _MEANING.get(said) or _MEANING.get(said.rstrip(".!?:; "))
    if found is None and (first := _FIRST.match(said)):
        return _MEANING.get(first["word"].strip()) or _MEANING.get(first["word"].rstrip(".!?:; "))
    return found


def is_against_moving(note: str, *, everything: bool) -> bool:
    """Whether somebody notes that the move is off or, where everything is to go along, that something stays."""
    said = plain(note)
    if (
        wordless(note) in (Wordless.STAYS, Wordless.CALLED_OFF)
        or said.strip(".! ") in _DONE
        or _NOT_MOVING.search(said)
    ):
        return True
    return everything and _STAYING.search(said) is not None


def doubtful(text: str) -> Wordless | None:
    """What a cell says that names a value and yet does not settle on it."""
    said = plain(text)
    if len(said) > _LONGEST_DOUBT:
        return None
    if _TWO.fullmatch(said):
        return Wordless.TWO
    if _ELSEWHERE.fullmatch(said):
        return Wordless.AS_ABOVE
    return Wordless.OPEN if _UNDECIDED.fullmatch(said) else None


def doubtful_place(text: str) -> Wordless | None:
    """What can be no place: an answer, nothing but marks, or two lines."""
    if "\n" in text:
        return Wordless.TWO
    is_answer = plain(text) in _ANSWERS or not any(sign.isalnum() for sign in text)
    return Wordless.OPEN if is_answer else None


def is_total(texts: Sequence[str]) -> bool:
    """Whether there is nothing but numbers behind a word that sums them up, however many."""
    said = [text.strip() for text in texts if text.strip()]
    return len(said) > 1 and plain(said[0]).rstrip(":. ") in _TOTALS and all(map(_NUMBER.fullmatch, said[1:]))


def is_footer(texts: Sequence[str]) -> bool:
    """Whether a row sums up, numbers pages or dates the list. Rows that say much are no footers, however they begin."""
    said = [text.strip() for text in texts if text.strip()]
    return bool(said) and len(said) <= _MOST_IN_A_FOOTER and _FOOTER.match(plain(said[0])) is not None
