"""A move list as it is kept: each row with what it says, what stands against it, and what is new in it."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Self

from domain.blocks import table_of
from domain.cells import CellFile
from domain.lists import DataIssue, sites_by_name
from domain.moves.lists.columns import ColumnMapping, MoveHeadings
from domain.moves.lists.conflicts import weigh
from domain.moves.lists.desk_chains import Turn
from domain.moves.lists.kits import KitMove, resolve
from domain.moves.lists.known import PeopleAndAssets
from domain.moves.lists.rows import StatedMove, read_moves
from domain.moves.project import Project
from domain.people import Actor
from domain.places import Site
from domain.refusals import Problem, Refused, Unacceptable
from domain.times import Instant
from domain.values import Line, Slug, Text, Value


class RowState(StrEnum):
    """`accepted`: every conflict of the row has been accepted by somebody, with a reason."""

    READY = "ready"
    ISSUE = "issue"
    CONFLICT = "conflict"
    ACCEPTED = "accepted"


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


class Staged(NamedTuple):
    headings: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: tuple[StagedRow, ...]
    unread_sheets: tuple[str, ...] = ()


def stage(file: CellFile, ground: Ground) -> Staged:
    """Every row of the list with all its issues and conflicts. Raises `Unacceptable` without columns or rows."""
    table = table_of(file, MoveHeadings(ground.mapping))
    found = read_moves(table, ground.project, sites_by_name(ground.sites))
    if not found.rows:
        raise Unacceptable(Problem(code="list_without_rows"))
    resolved = resolve(found, ground.project, ground.known, ground.today)
    sites = {site.id: site for site in ground.sites}
    stand = weigh(resolved.moves, found, ground.project, ground.known, sites)
    issues, conflicts = _by_row(resolved.issues), _by_row(stand.conflicts)
    rows = tuple(
        _staged(stated, resolved.moves.get(number), issues.get(number, ()), conflicts.get(number, ()), stand.turns)
        for stated in found.rows
        for number in (stated.row.number,)
    )
    return Staged(table.line, table.ignored, rows, table.unread)


def _staged(
    stated: StatedMove,
    move: KitMove | None,
    issues: Sequence[DataIssue],
    conflicts: Sequence[DataIssue],
    turns: Mapping[int, Turn],
) -> StagedRow:
    turn = turns.get(stated.row.number, Turn(1, (), False))
    return StagedRow(
        row=stated.row.number,
        key=stated.key,
        said=dict(stated.said),
        cells=stated.row.texts,
        sheet=stated.row.sheet,
        line=stated.row.line,
        move=move,
        issues=tuple(issues),
        conflicts=tuple(Conflict(**issue.model_dump()) for issue in conflicts),
        turn=turn.turn,
        after=turn.after,
        interim=turn.interim,
    ).judged()


def _by_row(issues: Iterable[DataIssue]) -> Mapping[int, Sequence[DataIssue]]:
    sorted_: dict[int, list[DataIssue]] = defaultdict(list)
    for issue in issues:
        sorted_[issue.row].append(issue)
    return sorted_


def counted(rows: Sequence[StagedRow]) -> dict[str, int]:
    states = [row.state for row in rows]
    changes = [row.change for row in rows]
    return {
        "rows": len(rows),
        "ready": states.count(RowState.READY),
        "with_issues": states.count(RowState.ISSUE),
        "with_conflicts": states.count(RowState.CONFLICT),
        "accepted": states.count(RowState.ACCEPTED),
        "swaps": sum(row.interim for row in rows),
        "added": changes.count(RowChange.ADDED),
        "changed": changes.count(RowChange.CHANGED),
        "unchanged": changes.count(RowChange.UNCHANGED),
    }
