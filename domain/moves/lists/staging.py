"""A move list as it is kept: each row with what it says, what stands against it, and what is new in it."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from domain.blocks import table_of
from domain.cells import CellFile
from domain.lists import DataIssue, Table, sites_by_name
from domain.meanings import NO_MEANINGS, Meanings
from domain.moves.lists.beside import Resolved, resolve
from domain.moves.lists.columns import HARMLESS, HEADINGS, ColumnMapping, MoveHeadings
from domain.moves.lists.conflicts import weigh
from domain.moves.lists.desk_chains import Turn
from domain.moves.lists.kits import KitMove, subject
from domain.moves.lists.known import PeopleAndAssets
from domain.moves.lists.rows import MoveList, StatedMove, read_moves
from domain.moves.project import Project
from domain.nearest import Nearest
from domain.people import Actor
from domain.places import Site
from domain.refusals import Problem, Refused, Unacceptable
from domain.times import Instant
from domain.unknown_columns import UnknownColumn, questions
from domain.unseen import ROW_STRUCK, unseen
from domain.values import Line, Slug, Text, Value

_MOST_LEFT_OUT = 100
_FAR = timedelta(days=3 * 365)


class RowState(StrEnum):
    """`accepted`: every conflict of the row has been accepted by somebody, with a reason.

    `stays`: the list says that nothing moves. `joined`: what the row names moves with another one's kit.
    """

    READY = "ready"
    ISSUE = "issue"
    CONFLICT = "conflict"
    ACCEPTED = "accepted"
    STAYS = "stays"
    JOINED = "joined"


class RowChange(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class AcceptedConflict(Value):
    reason: Text
    actor: Actor
    at: Instant


class Conflict(DataIssue):
    """Possible, but somebody has to say that it is wanted."""

    accepted: AcceptedConflict | None = None

    def is_as(self, other: "Conflict") -> bool:
        """The same conflict, even if the row stands elsewhere now."""
        return (self.code, self.values) == (other.code, other.values)


class StagedRow(Value):
    """`turn` says when the row can move: 1 waits for nobody, others for the desks of the rows `after` which they come.

    `remarks` are what nobody has to do anything about; `part_of` is the row whose kit has what this one names.
    An `interim` row stands in a ring: its things wait in an interim place until its desk is free. `line` is its place
    in the `sheet`: `row` is the same but in sheets after the first.
    """

    row: int
    key: Slug
    said: dict[str, str]
    cells: tuple[str, ...]
    sheet: str = ""
    line: int | None = None
    move: KitMove | None = None
    issues: tuple[DataIssue, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    remarks: tuple[DataIssue, ...] = ()
    part_of: int | None = None
    stays: bool = False
    turn: int = 1
    after: tuple[int, ...] = ()
    interim: bool = False
    change: RowChange = RowChange.ADDED
    state: RowState = RowState.READY

    def judged(self) -> Self:
        if self.issues:
            return self.but(state=RowState.ISSUE)
        if any(conflict.accepted is None for conflict in self.conflicts):
            return self.but(state=RowState.CONFLICT)
        if self.stays:
            return self.but(state=RowState.STAYS)
        if self.part_of is not None:
            return self.but(state=RowState.JOINED)
        return self.but(state=RowState.ACCEPTED if self.conflicts else RowState.READY)

    @property
    def content(self) -> str:
        """What makes it the same row as before, unchanged."""
        written = "\x1f".join(f"{field}={text}" for field, text in sorted(self.said.items()))
        return hashlib.sha256(written.encode()).hexdigest()[:32]

    def accepting(self, acceptance: AcceptedConflict, code: str | None) -> Self:
        """With one of its conflicts accepted, or all that are still open. Raises `Refused` when there is none."""
        wanted = [one for one in self.conflicts if one.accepted is None and code in (None, one.code)]
        if self.issues:
            raise Refused(Problem(code="row_has_issues", values={"row": str(self.row)}))
        if not wanted:
            raise Refused(Problem(code="no_such_conflict", values={"row": str(self.row)}))
        conflicts = tuple(one.but(accepted=acceptance) if one in wanted else one for one in self.conflicts)
        return self.but(conflicts=conflicts).judged()

    def as_begun(self, before: "StagedRow") -> Self:
        """In a list that comes again when the row is being moved: its things need no longer stand where it says."""
        return self.but(
            move=before.move,
            issues=before.issues,
            conflicts=before.conflicts,
            remarks=before.remarks,
            part_of=before.part_of,
            stays=before.stays,
            turn=before.turn,
            interim=before.interim,
            state=before.state,
        )

    def since(self, before: "Before") -> Self:
        """Compared with the list before; what was accepted there stays accepted as long as it is the same."""
        known = before.contents.get(self.key)
        if known is None:
            return self
        old = before.accepted.get(self.key, ())
        conflicts = (
            one.but(accepted=next((was.accepted for was in old if was.is_as(one)), None)) for one in self.conflicts
        )
        change = RowChange.UNCHANGED if self.content in known else RowChange.CHANGED
        return self.but(change=change, conflicts=tuple(conflicts)).judged()


class LeftOut(Value):
    """A row that is none: a title between the others, such as a department."""

    row: int
    text: str
    sheet: str = ""


class HeadingLine(Value):
    """Where headings stand after the first: in another sheet, or further down."""

    sheet: str
    line: int
    headings: tuple[str, ...]


class Cause(Value):
    """How many rows one thing stands against: as an issue, or as a conflict that nobody has accepted."""

    code: Slug
    rows: int
    is_conflict: bool = False


class StagedList(Value):
    """One list of a project, counted. `removed` are rows of the version before that are not in this one."""

    project: Slug
    version: int
    file_name: Line
    digest: Slug
    at: Instant
    actor: Actor
    headings: tuple[str, ...]
    ignored_columns: tuple[str, ...] = ()
    unread_sheets: tuple[str, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    rows: int
    ready: int
    with_issues: int
    with_conflicts: int
    accepted: int
    swaps: int
    added: int
    changed: int
    unchanged: int
    removed: tuple[int, ...] = ()
    staying: int = 0
    joined: int = 0
    left_out: tuple[LeftOut, ...] = ()
    unknown_columns: tuple[UnknownColumn, ...] = ()
    causes: tuple[Cause, ...] = ()
    further_headings: tuple[HeadingLine, ...] = ()


class Before(NamedTuple):
    """The version before, by row key: what its rows said, where they stood, and which conflicts were accepted."""

    contents: Mapping[str, Collection[str]] = {}
    rows: Mapping[str, int] = {}
    accepted: Mapping[str, Sequence[Conflict]] = {}


@dataclass(frozen=True)
class Ground:
    """All that a list is held against. Calendars of `sites` have their holidays."""

    project: Project
    sites: Sequence[Site]
    known: PeopleAndAssets
    mapping: ColumnMapping
    today: date
    meanings: Meanings = NO_MEANINGS
    begun: Collection[str] = ()


class Staged(NamedTuple):
    headings: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: tuple[StagedRow, ...]
    unread_sheets: tuple[str, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unknown_columns: tuple[UnknownColumn, ...] = ()
    further_headings: tuple[HeadingLine, ...] = ()


def stage(file: CellFile, ground: Ground) -> Staged:
    """Every row of the list with all its issues and conflicts. Raises `Unacceptable` without columns or rows."""
    table = table_of(file, MoveHeadings(ground.mapping))
    found = read_moves(table, ground.project, sites_by_name(ground.sites), ground.meanings, ground.today)
    found, left_out = _without_titles(found, ground.known)
    if not found.rows:
        raise Unacceptable(Problem(code="list_without_rows"))
    rows = [stated.row for stated in found.rows if stated.stays is None]
    asked = questions(table, rows, Nearest(HEADINGS, cutoff=0.7), HARMLESS)
    found.issues.extend(asked.issues)
    resolved = resolve(found, ground.project, ground.known, ground.today, ground.begun)
    sites = {site.id: site for site in ground.sites}
    stand = weigh(resolved.moves, found, ground.project, ground.known, sites)
    names = {stated.row.number: stated.row.name for stated in found.rows}
    against = _Against(
        _by_row(resolved.issues),
        _by_row([*_unseen(found), *stand.conflicts, *_far_off(found, resolved, ground)]),
        names,
    )
    staged = tuple(_staged(stated, resolved, against, stand.turns, table) for stated in found.rows)
    further = tuple(HeadingLine(sheet=one.sheet, line=one.at, headings=one.line) for one in table.blocks[1:])
    return Staged(
        headings=table.line,
        ignored=table.ignored,
        rows=staged,
        unread_sheets=table.unread,
        hidden_columns=table.hidden,
        left_out=left_out[:_MOST_LEFT_OUT],
        unknown_columns=asked.columns,
        further_headings=further,
    )


def _unseen(found: MoveList) -> Iterator[DataIssue]:
    """Of rows that move, and of those that do not because they are struck out."""
    for stated in found.rows:
        if stated.stays is None or stated.stays.code == ROW_STRUCK:
            yield from unseen(found.table, stated.row, subject(stated))


def _far_off(found: MoveList, resolved: Resolved, ground: Ground) -> Iterator[DataIssue]:
    """Days that nobody plans for yet: a year mistyped, or one that means "some time"."""
    for stated in found.rows:
        if stated.day is not None and stated.row.number in resolved.moves and stated.day - ground.today > _FAR:
            yield found.table.issue(stated.row, "date", "day_far_off", date=stated.day.isoformat())


def _without_titles(found: MoveList, known: PeopleAndAssets) -> tuple[MoveList, tuple[LeftOut, ...]]:
    """Without rows that are none: their only word names nobody and nothing, or stands in no column that is read."""
    rows, left_out = [], []
    for stated in found.rows:
        said = [text.strip() for text in stated.row.texts if text.strip()]
        names = next(iter(stated.said.values()), None)
        is_title = len(said) == 1 and not any(field.startswith("to_") for field in stated.said)
        if names is None or (is_title and not (known.people(names) or known.holder(names) or known.asset(names))):
            left_out.append(LeftOut(row=stated.row.number, text=" ".join(said)[:200], sheet=stated.row.sheet))
        else:
            rows.append(stated)
    none = {one.row for one in left_out}
    issues = [issue for issue in found.issues if issue.row not in none]
    return MoveList(found.table, tuple(rows), issues), tuple(left_out)


class _Against(NamedTuple):
    issues: Mapping[int, Sequence[DataIssue]]
    conflicts: Mapping[int, Sequence[DataIssue]]
    names: Mapping[int, str]


def _staged(
    stated: StatedMove, resolved: Resolved, against: _Against, turns: Mapping[int, Turn], table: Table
) -> StagedRow:
    number = stated.row.number
    turn = turns.get(number, Turn(1, (), False))
    part_of = resolved.joined.get(number)
    remarks = [] if stated.stays is None or stated.stays.code == ROW_STRUCK else [stated.stays]
    if part_of is not None:
        remarks.append(table.issue(stated.row, subject(stated), "row_joined", row=against.names[part_of]))
    return StagedRow(
        row=number,
        key=stated.key,
        said=dict(stated.said),
        cells=stated.row.texts,
        sheet=stated.row.sheet,
        line=stated.row.line,
        move=resolved.moves.get(number),
        issues=tuple(against.issues.get(number, ())),
        conflicts=tuple(Conflict(**issue.model_dump()) for issue in against.conflicts.get(number, ())),
        remarks=tuple(remarks),
        part_of=part_of,
        stays=stated.stays is not None,
        turn=turn.turn,
        after=turn.after,
        interim=turn.interim,
    ).judged()


def _by_row(issues: Iterable[DataIssue]) -> Mapping[int, Sequence[DataIssue]]:
    sorted_: dict[int, list[DataIssue]] = defaultdict(list)
    for issue in issues:
        sorted_[issue.row].append(issue)
    return sorted_


def causes_of(rows: Iterable[StagedRow]) -> tuple[Cause, ...]:
    """What stands against rows, the worst first: issues before conflicts, many before few."""
    found: Counter[tuple[bool, str]] = Counter()
    for row in rows:
        found.update({(False, issue.code) for issue in row.issues})
        found.update({(True, conflict.code) for conflict in row.conflicts if conflict.accepted is None})
    worst = sorted(found.items(), key=lambda one: (one[0][0], -one[1], one[0][1]))
    return tuple(Cause(code=code, rows=count, is_conflict=is_conflict) for (is_conflict, code), count in worst)


def counted(rows: Sequence[StagedRow]) -> dict[str, int]:
    states = [row.state for row in rows]
    changes = [row.change for row in rows]
    return {
        "rows": len(rows),
        "ready": states.count(RowState.READY),
        "with_issues": states.count(RowState.ISSUE),
        "with_conflicts": states.count(RowState.CONFLICT),
        "accepted": states.count(RowState.ACCEPTED),
        "staying": states.count(RowState.STAYS),
        "joined": states.count(RowState.JOINED),
        "swaps": sum(row.interim for row in rows),
        "added": changes.count(RowChange.ADDED),
        "changed": changes.count(RowChange.CHANGED),
        "unchanged": changes.count(RowChange.UNCHANGED),
    }
