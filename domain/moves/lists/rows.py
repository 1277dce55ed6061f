"""What the rows of a move list say, before anybody looks whether it is true."""

import hashlib
from collections.abc import Container, Mapping
from datetime import date, time
from typing import NamedTuple

from domain.kinds import OrderKind
from domain.list_words import WORDLESS, Wordless, doubtful, doubtful_place, is_footer, is_total, wordless
from domain.lists import DataIssue, Row, Table, normal
from domain.meanings import Meanings
from domain.moves.lists.almost_days import almost_day
from domain.moves.lists.cells import day_and_time, kind_of, kit_of, time_of_day
from domain.moves.lists.columns import AGAIN
from domain.moves.lists.written_places import written_place
from domain.moves.project import Project
from domain.nearest import named
from domain.place_names import PARTS, agrees
from domain.places import Place
from domain.times import FIRST_DAY, LAST_DAY
from domain.unseen import ROW_STRUCK, is_struck

_LONGEST, _LONGEST_TEXT = 200, 4000
# What a formula without a value says.
_UNKNOWN = "="
# What is taken down or disposed of goes nowhere that the list would have to name.
WITH_TARGET = frozenset({OrderKind.INSTALL, OrderKind.MOVE})
_TEXTS = frozenset({"kit", "note"})
# Names are people's own, and what is noted may be anything.
_FREE = frozenset({"note", "first_name", "last_name", "email", "stand"})


class StatedMove(NamedTuple):
    """One row. `everything` is said or, where no tag is named, meant; `key` stays when the row comes again.

    Without a readable `kind` nothing can be said of what else the row needs. `stays`: the list says that nothing moves.
    `told` are fields whose words the customer has explained.
    """

    row: Row
    said: Mapping[str, str]
    key: str
    kind: OrderKind | None
    person: str | None
    email: str | None
    tags: tuple[str, ...]
    everything: bool
    source: Place | None
    target: Place | None
    day: date | None
    hour: time | None
    wave: str | None = None
    stays: DataIssue | None = None
    stand: str | None = None
    told: frozenset[str] = frozenset()


class MoveList(NamedTuple):
    table: Table
    rows: tuple[StatedMove, ...]
    issues: list[DataIssue]


def read_moves(table: Table, project: Project, sites: Mapping[str, str], meanings: Meanings, today: date) -> MoveList:
    """Every row but totals and repeated headings, with all that cannot be read in it. `sites` are ids by name."""
    reader = _RowReader(table, project, sites, meanings, today)
    rows = tuple(reader.read(row) for row in table.rows if not _is_no_move(row, table))
    return MoveList(table, rows, reader.issues)


def _is_no_move(row: Row, table: Table) -> bool:
    cells = table.cells(row)
    if cells and all(normal(table.headings[field]).startswith(normal(text)) for field, text in cells.items()):
        return True
    if is_total(row.texts) and "date" not in cells:
        return True
    return is_footer(row.texts) and not ({"to_room", "to_desk"} & cells.keys())


class _RowReader:
    def __init__(
        self, table: Table, project: Project, sites: Mapping[str, str], meanings: Meanings, today: date
    ) -> None:
        self.issues: list[DataIssue] = []
        self._table = table
        self._project = project
        self._sites = sites
        self._meanings = meanings
        self._today = today

    def read(self, row: Row) -> StatedMove:
        read = {field: _in_one_line(field, text) for field, text in self._table.cells(row).items()}
        faults = self._table.faults(row)
        meant, told = self._meanings.without(read)
        stays = _staying(meant)
        if stays is not None:
            return self._stays(row, read, stays, "row_stays")
        if is_struck(self._table, row):
            return self._stays(row, read, next(iter(read), "person"), ROW_STRUCK)
        if "stand" in read and not _has(read, "to") and not _has(faults, "to") and "kind" not in read:
            return self._stays(row, read, "to_room", "row_left_empty")
        self.issues += [*faults.values(), *self._table.nameless(row)]
        cells = {
            field: text
            for field, text in meant.items()
            if self._is_readable(row, field, text) and (field in told or self._is_value(row, field, text))
        }
        said = read | {field: issue.value or _UNKNOWN for field, issue in faults.items()}
        kind = self._kind(row, cells)
        person, tags, everything = _person(cells), *self._kit(row, cells)
        unread = said.keys() - cells.keys()
        source, target = (
            None if any(field.startswith(side) for field in unread) else self._place(row, cells, side)
            for side in ("from", "to")
        )
        if target is None and kind in WITH_TARGET and not _has(cells, "to") and not _has(unread, "to"):
            self._say(row, _named(self._table, "to"), "target_needed")
        elif kind is not None and kind not in WITH_TARGET and _has(cells, "to"):
            self._say(row, _named(self._table, "to"), "target_needless", kind=kind)
        at = self._when(row, cells)
        subject = ",".join(sorted(tags)) or (cells.get("email") or person or "").lower()
        return StatedMove(
            row=row,
            said=said,
            key=_key(self._project.id, subject, source, target, said, kind or OrderKind.MOVE),
            kind=kind,
            person=person,
            email=cells.get("email"),
            tags=tags,
            everything=everything,
            source=source,
            target=target,
            day=at[0] if at else None,
            hour=at[1] if at else None,
            wave=cells.get("wave"),
            stand=cells.get("stand"),
            told=told,
        )

    def _stays(self, row: Row, said: Mapping[str, str], field: str, why: str) -> StatedMove:
        """Nothing of such a row is done, so nothing in it has to be right."""
        person = _person(said)
        return StatedMove(
            row=row,
            said=said,
            key=_key(self._project.id, "", None, None, said, OrderKind.MOVE),
            kind=None,
            person=person,
            email=said.get("email"),
            tags=(),
            everything=False,
            source=None,
            target=None,
            day=None,
            hour=None,
            stays=self._table.issue(row, field, why),
        )

    def _say(self, row: Row, field: str, code: str, **values: str) -> None:
        self.issues.append(self._table.issue(row, field, code, **values))

    def _is_readable(self, row: Row, field: str, text: str) -> bool:
        kind = _first(field)
        most = _LONGEST_TEXT if kind in _TEXTS else _LONGEST
        if text.startswith("=") and kind != "note":
            self._say(row, field, "formula_without_value")
        elif len(text) > most:
            self._say(row, field, "cell_too_long", max_length=str(most))
        elif not all(sign.isprintable() or (sign in "\n\r\t" and _may_have_lines(field)) for sign in text):
            self._say(row, field, "control_characters")
        else:
            return True
        return False

    def _is_value(self, row: Row, field: str, text: str) -> bool:
        if _first(field) in _FREE:
            return True
        pieces = kit_of(text)[0] if is_kit(field) else (text,)
        meanings = (wordless(piece) or doubtful(piece) for piece in pieces)
        meaning = next((found for found in meanings if found is not None), None)
        if meaning is None and is_place(field):
            meaning = doubtful_place(text)
        if meaning is None:
            return True
        self._say(row, field, WORDLESS[meaning])
        return False

    def _kind(self, row: Row, cells: Mapping[str, str]) -> OrderKind | None:
        kind = kind_of(cells["kind"]) if "kind" in cells else OrderKind.MOVE
        if kind is None:
            self._say(row, "kind", "kind_unreadable")
        return kind

    def _kit(self, row: Row, cells: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
        tags: dict[str, None] = {}
        everything = False
        for field in filter(is_kit, cells):
            named, everything_here = kit_of(cells[field])
            tags |= dict.fromkeys(named)
            everything |= everything_here
        return tuple(tags), everything or not tags

    def _place(self, row: Row, cells: Mapping[str, str], side: str) -> Place | None:
        parts = {part: text for part in PARTS if (text := cells.get(f"{side}_{part}") or cells.get(part))}
        if not _has(cells, side):
            return None
        parts, against = written_place(parts)
        for part, text in against.items():
            own = next(field for field in (f"{side}_{part}", part) if field in cells)
            for field, other in ((own, text), (f"{side}_room", parts[part])):
                self._say(row, field, "place_contradicts_itself", part=part, other=other)
        site = self._site(row, parts.get("site"), side)
        if side == "to" and not ("room" in parts or "desk" in parts):
            self._say(row, _named(self._table, side), "target_needed")
        return Place.model_validate(parts | {"site": site}) if site else None

    def _site(self, row: Row, name: str | None, side: str) -> str | None:
        field = f"{side}_site" if f"{side}_site" in self._table.positions else "site"
        ours = self._project.sites
        if name is None:
            if len(ours) > 1:
                self._say(row, field, "site_of_several_needed", sites=", ".join(ours))
            return ours[0] if len(ours) == 1 else None
        site = self._sites.get(normal(name))
        if site is None:
            self._say(row, field, "site_unknown", site=name, known=named(self._sites))
        elif site not in ours:
            self._say(row, field, "site_not_in_project", site=site, sites=", ".join(ours))
            return None
        return site

    def _when(self, row: Row, cells: Mapping[str, str]) -> tuple[date, time | None] | None:
        at = day_and_time(cells["date"], since_1904=row.since_1904) if "date" in cells else None
        if "date" in cells and at is None:
            almost = almost_day(cells["date"], self._today)
            if almost is None:
                self._say(row, "date", "date_unreadable")
            else:
                self._say(row, "date", almost.code, nearest=f"{almost.nearest or ''}")
        if at is not None and not FIRST_DAY <= at[0] <= LAST_DAY:
            self._say(row, "date", "day_out_of_reach", first=f"{FIRST_DAY.year}", last=f"{LAST_DAY.year}")
            at = None
        clock = time_of_day(cells["time"]) if "time" in cells else None
        if "time" in cells and clock is None:
            self._say(row, "time", "time_unreadable")
        return (at[0], clock or at[1]) if at else None


def is_kit(field: str) -> bool:
    """Whether tags stand in it: `asset`, `kit`, or one of several such columns."""
    return _first(field) in ("asset", "kit")


def is_place(field: str) -> bool:
    return field.rpartition("_")[2] in PARTS


def _may_have_lines(field: str) -> bool:
    return _first(field) in _TEXTS or is_kit(field) or is_place(field)


def _first(field: str) -> str:
    """`note` of `note:1`, the second column of its kind."""
    return field.partition(AGAIN)[0]


def _in_one_line(field: str, text: str) -> str:
    """Where a text only goes on below; in a cell of a place two lines are two places, in others two devices."""
    return text if _may_have_lines(field) or "\n" not in text else " ".join(text.split())


def _staying(cells: Mapping[str, str]) -> str | None:
    """The field that says that nothing moves: the kind of order, or all that is said of where to."""
    if wordless(cells.get("kind", "")) in (Wordless.STAYS, Wordless.CALLED_OFF):
        return "kind"
    goals = [field for field in cells if field.startswith("to_")]
    if goals and all(wordless(cells[field]) == Wordless.STAYS for field in goals):
        return goals[0]
    return None


def _has(cells: Container[str], side: str) -> bool:
    return any(f"{side}_{part}" in cells for part in PARTS)


def _person(cells: Mapping[str, str]) -> str | None:
    # "Name" beside "Vorname" is the family's.
    last = "person" if "first_name" in cells and "last_name" not in cells else "last_name"
    parts = [cells[field] for field in ("first_name", last) if field in cells]
    return (cells.get("person") if last != "person" else None) or " ".join(parts) or None


def _named(table: Table, side: str) -> str:
    return next((f"{side}_{part}" for part in ("room", "desk") if f"{side}_{part}" in table.positions), f"{side}_room")


def _key(
    project: str, subject: str, source: Place | None, target: Place | None, said: Mapping[str, str], kind: OrderKind
) -> str:
    """Of what the row says, not of what is true: putting right a register must not make it another row."""
    if subject or source:
        parts = (project, subject, *_written(source), "→", *_written(target))
    else:
        parts = (project, *(f"{field}={text}" for field, text in sorted(said.items())))
    if kind != OrderKind.MOVE:
        parts = (*parts, kind)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _written(place: Place | None) -> tuple[str, ...]:
    """As it always was: another spelling of the same place is another row, and those of kept lists stay the same."""
    parts = (getattr(place, part) for part in PARTS) if place else ()
    return tuple("" if part is None else part.strip().lower() for part in parts)


def covers(stated: Place | None, known: Place | None) -> bool:
    """Whether an asset at a known place may be at the stated one."""
    return stated is None or (known is not None and agrees(stated, known))
