"""The columns of move lists, the German and English ways to head them, and mappings for what cannot be guessed."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import product

from pydantic import Field

from domain.lists import Row, Sheet, Table, heading_row, normal, table_of
from domain.refusals import Problem, refuse_if
from domain.values import Line, Value


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
    IGNORED = "ignored"


class ColumnMapping(Value):
    """What headings mean to one customer: they go before our own synonyms."""

    columns: dict[Line, Column] = Field(max_length=200)


_OTHERS: dict[str, tuple[str, ...]] = {
    "person": (
        *("person", "mitarbeiter", "mitarbeiterin", "mitarbeiter/in", "mitarbeiter:in", "mitarbeitende", "name"),
        *("nutzer", "benutzer", "vor- und nachname", "employee", "user", "full name", "staff", "occupant"),
    ),
    "email": ("e-mail", "email", "mail", "e-mail-adresse", "mailadresse", "e-mail address", "email address"),
    "first_name": ("vorname", "first name", "given name"),
    "last_name": ("nachname", "familienname", "last name", "surname"),
    "asset": (
        *("inventarnr.", "inventarnr", "inventar-nr.", "inventarnummer", "inventar", "asset", "asset tag", "tag"),
        *("asset no.", "inventory number", "gerätenummer"),
    ),
    "kit": ("kit", "geräte", "umfang", "ausstattung", "umzugsgut", "assets", "equipment", "items"),
    "kind": (
        *("art", "vorgang", "auftragsart", "art des auftrags", "maßnahme", "tätigkeit"),
        *("kind", "type of order", "order type", "kind of order", "action", "task"),
    ),
    "date": ("umzugsdatum", "datum", "umzugstag", "umzug am", "tag des umzugs", "termin", "date", "move date", "day"),
    "time": ("uhrzeit", "zeit", "beginn", "time", "start time"),
    "wave": ("welle", "umzugswelle", "phase", "etappe", "wave", "batch"),
    "note": ("bemerkung", "bemerkungen", "anmerkung", "anmerkungen", "notiz", "kommentar", "note", "notes", "comment"),
    "": (
        *("nr.", "nr", "lfd. nr.", "lfd. nr", "lfd.nr.", "pos.", "no.", "#", "abteilung", "department", "team"),
        *("kostenstelle", "cost centre", "cost center", "telefon", "durchwahl", "phone", "extension", "status"),
        # What we add to a list that goes back to whoever made it.
        *("hinweis", "what to do"),
    ),
}
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


def moves_table(sheet: Sheet, mapping: ColumnMapping) -> Table:
    """The table of a move list. Raises `Unacceptable`, naming the headings that were found, when it cannot be read."""
    told = {normal(heading): "" if column == Column.IGNORED else column for heading, column in mapping.columns.items()}
    names = HEADINGS | told
    directed = _with_directions(sheet, names, told)
    table = table_of(directed, names)
    found = ", ".join([*table.headings.values(), *table.ignored])[:500]
    problems = []
    if not (_TARGETS | {"kind"}) & table.positions.keys():
        problems.append(Problem(code="target_column_missing", values={"found": found}))
    if not _SUBJECTS & table.positions.keys():
        problems.append(Problem(code="subject_column_missing", values={"found": found}))
    refuse_if(problems)
    return table


def _with_directions(sheet: Sheet, names: Mapping[str, str], told: Mapping[str, str]) -> Sheet:
    """The sheet with a direction written behind headings that stand twice or below "von" and "nach"."""
    at = heading_row(sheet, {**dict.fromkeys(_PLAIN, ""), **names})
    if at + 1 < len(sheet.rows) and _is_second_line(sheet.rows[at + 1]):
        at += 1
    above = sheet.rows[at - 1].cells if at else ()
    cells, groups = _joined(sheet.rows[at].cells, above)
    plain = {
        place: part
        for place, cell in enumerate(cells)
        if (part := _PLAIN.get(normal(cell))) is not None and normal(cell) not in told
    }
    stated = {names[normal(cell)] for cell in cells if normal(cell) in names}
    stated |= {f"{groups[place]}_{part}" for place, part in plain.items() if groups[place]}
    for place, part in plain.items():
        side = groups[place] or _side(place, part, plain, groups, stated)
        if side:
            cells[place] = f"{cells[place].strip()} ({'von' if side == 'from' else 'nach'})"
    row = Row(sheet.rows[at].number, tuple(cells))
    return sheet._replace(rows=(*sheet.rows[:at], row, *sheet.rows[at + 1 :]))


def _is_second_line(row: Row) -> bool:
    """Whether nothing but parts of places stands there: rooms and desks below "von" and "nach"."""
    headings = [normal(cell) for cell in row.cells if cell.strip()]
    return len(headings) > 1 and all(heading in _PLAIN for heading in headings)


def _joined(cells: tuple[str, ...], above: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Headings of one row or two: what stands only in the upper one, and the direction it gives to those below."""
    joined, groups, direction = list(cells), [], ""
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
