"""The columns of move lists, the German and English ways to head them, and mappings for what cannot be guessed."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import product

from pydantic import Field

from domain.blocks import Headings
from domain.cells import CellKind
from domain.lists import DAYS, NOTES, Row, normal
from domain.nearest import Nearest, named
from domain.refusals import Problem
from domain.values import Line, Value

# Behind a field's name where it stands once more.
AGAIN = ":"


class Column(StrEnum):
    """`site`, `building` and `floor` without a direction hold for both ends of a move."""

    PERSON = "person"
    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    ASSET = "asset"
    KIT = "kit"
    KIND = "kind"
    SITE = "site"
    BUILDING = "building"
    FLOOR = "floor"
    FROM_SITE = "from_site"
    FROM_BUILDING = "from_building"
    FROM_FLOOR = "from_floor"
    FROM_ROOM = "from_room"
    FROM_DESK = "from_desk"
    TO_SITE = "to_site"
    TO_BUILDING = "to_building"
    TO_FLOOR = "to_floor"
    TO_ROOM = "to_room"
    TO_DESK = "to_desk"
    DATE = "date"
    TIME = "time"
    WAVE = "wave"
    NOTE = "note"
    STAND = "stand"
    IGNORED = "ignored"


class ColumnMapping(Value):
    """What headings mean to one customer: they go before our own synonyms."""

    columns: dict[Line, Column] = Field(max_length=200)


_OTHERS: dict[str, tuple[str, ...]] = {
    "person": (
        *("person", "mitarbeiter", "mitarbeiterin", "mitarbeiter/in", "mitarbeiter:in", "mitarbeitende", "name"),
        *("nutzer", "benutzer", "vor- und nachname", "employee", "user", "full name", "staff", "occupant"),
        *("name, vorname", "nachname, vorname", "vorname nachname", "vorname, nachname", "vorname name", "ma", "wer"),
        *("mitarbeitername", "name des mitarbeiters", "employee name", "last name, first name", "last, first", "who"),
        *("person name", "colleague", "kollege", "kollegin", "kollege/in", "arbeitsplatzinhaber", "nutzername"),
        *("staff member", "team member", "occupier", "person moving", "wer zieht um", "umziehende person"),
    ),
    "email": ("e-mail", "email", "mail", "e-mail-adresse", "mailadresse", "e-mail address", "email address"),
    "first_name": ("vorname", "first name", "given name"),
    "last_name": ("nachname", "familienname", "last name", "surname"),
    "asset": (
        *("inventarnr.", "inventarnr", "inventar-nr.", "inventarnummer", "inventar", "asset", "asset tag", "tag"),
        *(
            "asset no.",
            "inventory number",
            "asset id",
            "gerätenummer",
            "asset tags",
            "asset number",
            "asset numbers",
            "tags",
        ),
        *("inventarnummern", "inventarnrn.", "inventar nr.", "inventar nr", "inv.-nr.", "inv.nr.", "inv.-nr", "inv nr"),
        *("geräte-nr.", "geräte-nr", "gerätenr.", "gerätenummern", "gerät", "device", "device tag", "device no."),
        *("notebook", "laptop", "rechner", "pc", "desktop", "computer", "monitor", "monitore", "bildschirm"),
        *("bildschirme", "dockingstation", "docking station", "docking", "dock", "drucker", "printer"),
        *("notebook-nr.", "laptop-nr.", "pc-nr.", "monitor-nr.", "inventarnr. notebook", "inventarnr. monitor"),
        *("inventarnr. laptop", "inventarnr. pc", "notebook inventarnr.", "monitor inventarnr.", "laptop tag"),
        *("monitor tag", "inventarnummer notebook", "inventarnummer monitor", "weitere geräte", "further assets"),
        *("weiteres gerät", "zweites gerät", "erstes gerät", "other assets", "other devices"),
    ),
    "kit": ("kit", "geräte", "umfang", "ausstattung", "umzugsgut", "assets", "equipment", "items", "devices"),
    "kind": (
        *("art", "vorgang", "auftragsart", "art des auftrags", "maßnahme", "tätigkeit"),
        *("kind", "type of order", "order type", "kind of order", "action", "task", "umzugsart", "was ist zu tun"),
        *("what to be done", "type of move", "move type", "service"),
    ),
    "date": (
        *("umzugsdatum", "datum", "umzugstag", "umzug am", "tag des umzugs", "termin", "date", "move date", "day"),
        *("wann", "umzugstermin", "datum umzug", "datum des umzugs", "moving date", "date of move"),
        *("moving day", "move day", "when", "planned date", "wunschtermin", "termin (wunsch)", "ausführungstag"),
        *("scheduled date", "scheduled", "relocation date", "date of relocation", "move on", "moving on"),
    ),
    "time": ("uhrzeit", "zeit", "beginn", "time", "start time", "uhr", "umzugszeit", "move time"),
    "wave": (
        *(
            "welle",
            "umzugswelle",
            "phase",
            "etappe",
            "wave",
            "batch",
            "move wave",
            "wave no.",
            "wellen-nr.",
            "welle nr.",
        ),
        *(
            "kw",
            "kalenderwoche",
            "umzugswoche",
            "woche",
            "week",
            "calendar week",
            "umzugsphase",
            "gruppe",
            "move group",
        ),
    ),
    "note": (
        *("bemerkung", "bemerkungen", "anmerkung", "anmerkungen", "notiz", "kommentar", "note", "notes", "comment"),
        *("comments", "remark", "remarks", "hinweise", "notizen", "kommentare", "info", "infos", "besonderheiten"),
        *("sonstiges", "bemerkung/hinweis", "special requirements"),
        # What somebody keeps of a row may say that it is off, or done.
        *("status", "state", "bearbeitungsstand", "umzugsstatus", "move status"),
    ),
    # Stands in lists that we have written: what was true then.
    "stand": ("stand (nicht ändern)", "as of (do not change)"),
    "": (
        *("nr.", "nr", "lfd. nr.", "lfd. nr", "lfd.nr.", "pos.", "no.", "#", "abteilung", "department", "team"),
        *("kostenstelle", "cost centre", "cost center", "telefon", "durchwahl", "phone", "extension"),
        *("lfd", "lfd nr.", "lfd nr", "laufende nummer", "row", "index", "anrede", "titel"),
        # What we add to a list that goes back to whoever made it.
        *("hinweis", "what to do"),
    ),
}
# What says nothing of a move, whatever it says: such columns are named as not read, and nobody is asked about them.
HARMLESS = frozenset(
    {
        *("personalnummer", "personal-nr.", "personalnr.", "pers.-nr.", "pers.nr.", "employee id", "staff id"),
        *("vorgesetzter", "vorgesetzte", "führungskraft", "teamleiter", "manager", "line manager", "firma"),
        *("company", "gesellschaft", "mandant", "bereich", "organisationseinheit", "oe", "kst", "kst.", "funktion"),
        *("rolle", "position", "job title", "role", "title", "handy", "mobil", "mobilnummer", "mobile", "fax"),
        *("mobile phone", "nebenstelle", "hostname", "rechnername", "computername", "mac", "mac-adresse", "ip"),
        *("mac address", "ip-adresse", "ip address", "betriebssystem", "os", "operating system", "kw", "week"),
        *("kalenderwoche", "woche", "umzugswoche", "calendar week", "ansprechpartner", "contact"),
        *("name vorgesetzter",),
    }
)
_PARTS: dict[str, tuple[str, ...]] = {
    "site": ("standort", "niederlassung", "liegenschaft", "site", "location"),
    "building": ("gebäude", "geb.", "haus", "building"),
    "floor": ("etage", "stockwerk", "stock", "geschoss", "floor", "level"),
    "room": ("raum", "zimmer", "büro", "raumnummer", "raumnr.", "raum-nr.", "room", "office", "room no."),
    "desk": ("platz", "arbeitsplatz", "schreibtisch", "tisch", "platznr.", "platz-nr.", "desk", "seat", "workplace"),
}
_WAYS: dict[str, tuple[str, ...]] = {
    "from": (
        *("von {}", "{} von", "{} (von)", "{} alt", "{} (alt)", "alter {}", "alte {}", "altes {}", "alt {}"),
        *("{} bisher", "bisheriger {}", "bisherige {}", "bisheriges {}", "{} ist", "ist-{}", "aktueller {}"),
        *("from {}", "{} from", "{} (from)", "old {}", "{} old", "{} (old)", "current {}", "source {}"),
    ),
    "to": (
        *("nach {}", "{} nach", "{} (nach)", "{} neu", "{} (neu)", "neuer {}", "neue {}", "neues {}", "neu {}"),
        *("{} künftig", "künftiger {}", "zukünftiger {}", "{} soll", "soll-{}", "ziel{}", "ziel-{}", "{} ziel"),
        *("to {}", "{} to", "{} (to)", "new {}", "{} new", "{} (new)", "target {}", "destination {}"),
    ),
}
_DIRECTIONS = {
    **dict.fromkeys(("von", "alt", "bisher", "ist", "quelle", "from", "old", "current", "source"), "from"),
    **dict.fromkeys(("nach", "neu", "künftig", "soll", "ziel", "to", "new", "target", "destination"), "to"),
}
_SHARED = ("site", "building", "floor")
_PLAIN = {word: part for part, words in _PARTS.items() for word in words}


def _directed() -> Iterator[tuple[str, str]]:
    for (side, ways), (part, words) in product(_WAYS.items(), _PARTS.items()):
        for way, word in product(ways, words):
            yield normal(way.format(word)), f"{side}_{part}"


HEADINGS: dict[str, str] = {
    **{word: f"{side}_room" for word, side in _DIRECTIONS.items()},
    **{normal(name): field for field, names in _OTHERS.items() for name in names},
    **dict(_directed()),
    **{word: part for word, part in _PLAIN.items() if part in _SHARED},
}
_SUBJECTS = frozenset({"person", "email", "last_name", "asset", "kit", "from_room", "from_desk"})
_TARGETS = frozenset({"to_room", "to_desk"})
_FEWEST = 2
# Two words that happen to be headings may stand in any row; these many do not.
_SURELY = 3
_KNOWN_SHARE = 0.6
_MAY_STAND_AGAIN = frozenset({"asset", "kit", "note"})


_NUMBER_BEHIND = re.compile(r"\s*[(#]?\s*(?:nr\.?|no\.?)?\s*\d\)?$")


def numbered(fields: Sequence[str | None]) -> tuple[str | None, ...]:
    """Columns for devices and notes may stand several times; of weeks beside waves only the waves are read."""
    seen: dict[str, int] = {}
    found: list[str | None] = []
    for field in fields:
        if field in _MAY_STAND_AGAIN and field in seen:
            found.append(f"{field}{AGAIN}{seen[field]}")
        else:
            found.append(field)
        if field is not None:
            seen[field] = seen.get(field, 0) + 1
    return tuple(found)


class MoveHeadings:
    """The headings of move lists in both languages, and what they mean to one customer."""

    mapped = "moves", "person"
    content: Mapping[str, frozenset[CellKind]] = {"date": DAYS, "time": DAYS, "wave": DAYS, "note": NOTES}

    def __init__(self, mapping: ColumnMapping) -> None:
        self._told = {
            normal(heading): "" if column == Column.IGNORED else column for heading, column in mapping.columns.items()
        }
        self._names = HEADINGS | self._told
        self._known = self._names.keys() | _PLAIN.keys()
        self._near = Nearest(HEADINGS, cutoff=0.7)

    def headings(self, rows: Sequence[Row], at: int) -> Headings | None:
        headings = [normal(text) for text in rows[at].texts if text.strip()]
        known = [heading for heading in headings if heading in self._known]
        # One known word is a title, not a row of headings.
        if len(known) < _FEWEST or not (len(known) >= _KNOWN_SHARE * len(headings) or self._is_surely(headings, known)):
            return None
        if _follow(rows, at + 1) and _is_second_line(rows[at + 1].texts):
            at += 1
        line = rows[at].texts
        directed = self._with_directions(line, rows[at - 1].texts if _follow(rows, at) else ())
        fields = [self._field(cell) for cell in directed]
        if fields.count("wave") > 1:
            fields = [None if normal(cell) in HARMLESS else field for cell, field in zip(directed, fields, strict=True)]
        return Headings(at, tuple(directed), numbered(fields))

    def _is_surely(self, headings: Sequence[str], known: Sequence[str]) -> bool:
        """Whether it heads a list however many other words stand in it. Rows below have numbers in them."""
        fields = {self._names.get(heading) for heading in known}
        needed = bool(fields & _SUBJECTS) and bool(fields & (_TARGETS | {"kind"}))
        return len(known) >= _SURELY or (needed and not any(sign.isdigit() for text in headings for sign in text))

    def _field(self, cell: str) -> str | None:
        """`Inventarnr. 2` is another one of the same."""
        heading = normal(cell)
        again = self._names.get(_NUMBER_BEHIND.sub("", heading))
        return self._names.get(heading, again if again in _MAY_STAND_AGAIN else None)

    def lacks(self, headings: Headings) -> list[Problem]:
        fields = {field for field in headings.fields if field}
        lacking = [
            *(["target_column_missing"] if not (_TARGETS | {"kind"}) & fields else []),
            *(["subject_column_missing"] if not _SUBJECTS & fields else []),
        ]
        meant = {"target_column_missing": _TARGETS | {"kind"}, "subject_column_missing": _SUBJECTS}
        return [Problem(code=code, values=self._found(headings, meant[code])) for code in lacking]

    def meant(self, heading: str) -> str:
        return self._near.to(normal(heading))

    def _found(self, headings: Headings, meant: Container[str]) -> dict[str, str]:
        """What is there instead, and which of it may be meant."""
        both = list(zip(headings.line, headings.fields, strict=True))
        unknown = [text.strip() for text, field in both if field is None and text.strip()]
        return {
            "found": named(text.strip() for text, field in both if field),
            "unknown": named(unknown),
            "nearest": next(
                (f"{text}={field}" for text in unknown if (field := self._near.to(normal(text))) in meant), ""
            ),
        }

    def _with_directions(self, line: tuple[str, ...], above: tuple[str, ...]) -> list[str]:
        """The line with a direction written behind headings that stand twice or below "von" and "nach"."""
        names = self._names
        cells, groups = _joined(line, above)
        plain = {
            place: part
            for place, cell in enumerate(cells)
            if (part := _PLAIN.get(normal(cell))) is not None and normal(cell) not in self._told
        }
        stated = {names[normal(cell)] for cell in cells if normal(cell) in names}
        stated |= {f"{groups[place]}_{part}" for place, part in plain.items() if groups[place]}
        for place, part in plain.items():
            side = groups[place] or _side(place, part, plain, groups, stated)
            if side:
                cells[place] = f"{cells[place].strip()} ({'von' if side == 'from' else 'nach'})"
        return cells


def _follow(rows: Sequence[Row], at: int) -> bool:
    """Whether that row stands right below the one before it."""
    return 0 < at < len(rows) and rows[at].line == rows[at - 1].line + 1


def _is_second_line(cells: tuple[str, ...]) -> bool:
    """Whether nothing but parts of places stands there: rooms and desks below "von" and "nach"."""
    headings = [normal(cell) for cell in cells if cell.strip()]
    return len(headings) > 1 and all(heading in _PLAIN for heading in headings)


def _joined(cells: tuple[str, ...], above: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Headings of one row or two: what stands only in the upper one, and the direction it gives to those below."""
    joined, groups, direction = list(cells), [], ""
    if not any(normal(over) in _DIRECTIONS for over in above):
        # A title, or a row of the block before.
        above = ()
    for place, cell in enumerate(cells):
        over = normal(above[place]) if place < len(above) else ""
        if over:
            direction = _DIRECTIONS.get(over, "")
        if over and not direction and not cell.strip():
            joined[place] = above[place]
        groups.append(direction)
    return joined, groups


def _side(place: int, part: str, plain: Mapping[int, str], groups: list[str], stated: set[str]) -> str:
    """What a heading without direction means beside the others of its kind; empty when that cannot be told."""
    alike = [other for other, kind in plain.items() if kind == part and not groups[other]]
    said = [side for side in ("from", "to") if f"{side}_{part}" in stated]
    if len(alike) == len(_WAYS) and not said:
        return "from" if place == alike[0] else "to"
    if len(alike) == 1 and len(said) == 1:
        return "to" if said == ["from"] else "from"
    return ""
