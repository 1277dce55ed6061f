"""What the page shows that prepares a move, and what each reader can do there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Annotated, Self

from pydantic import Field, StringConstraints, create_model

from api.dependencies import Context
from api.moves.plans import PlanExplanation, show_changes, show_plan
from api.moves.project import AcceptConflict
from api.policy import PROJECT_COMMANDS, Operation
from db.contracts import contract_in_force
from db.moves.plans import rehearsal_of
from db.moves.projects import lists_of, staged_rows
from documents.wording import remedy, sentence
from domain.contracts.contract import Contract
from domain.lists import DataIssue
from domain.moves.lists.staging import RowState, StagedList, StagedRow
from domain.moves.plans.approvals import ApprovePlan
from domain.moves.plans.changes import PlanChanges
from domain.moves.plans.versions import USUAL_MINUTES, ProjectPlan
from domain.moves.plans.waves import LONGEST_DAY, CutBy
from domain.moves.rehearsals.forecasts import Rehearsal
from domain.people import Language, Role
from domain.refusals import Problem
from domain.times import Day
from domain.values import Slug, Value
from web.boards import name_of
from web.forms import Control, FieldShape, PageForm, shapes_of
from web.order_sheets import names_of
from web.preparing.rehearsals import Rehearsals, RehearsalWish, Rehearsing
from web.project_standing import ProjectSeen
from web.session import Reader

PREPARE = "/projects"
CELL = "c"
LISTS_SHOWN = 5
ROWS_SHOWN = 20
MOST_SHOWN = 30
_APPROVERS = frozenset({Role.APPROVER, Role.SDM})
_CellText = Annotated[str, StringConstraints(max_length=2_000)]


class CellsTyped(Value):
    """The cells of a row that are typed anew, by their places."""

    @classmethod
    def of(cls, names: Iterable[str]) -> type[Self]:
        fields = dict.fromkeys(names, (_CellText | None, None))
        return create_model("CellsTypedHere", __base__=cls, **fields)  # type: ignore[call-overload, no-any-return]  # fields known here only


class PlanWish(Value):
    """What a first plan is asked for on a page; everything else is proposed."""

    cut_by: CutBy | None = None
    first: Day | None = None
    minutes: int = Field(default=USUAL_MINUTES, gt=0, le=LONGEST_DAY)
    travel_minutes: int = Field(default=30, ge=0, le=LONGEST_DAY)


class PlanAgain(Value):
    """A plan like the last one. `go_by` says go for each wave."""

    go_by: Slug | None = None


@dataclass(frozen=True)
class SaidOfRow:
    """What is wrong with a row, and what to do about it."""

    column: str
    message: str
    to_do: str
    is_conflict: bool


@dataclass(frozen=True)
class RowToMend:
    row: StagedRow
    name: str
    said: tuple[SaidOfRow, ...]
    mending: PageForm | None
    accepting: PageForm | None


@dataclass(frozen=True)
class Preparation:
    seen: ProjectSeen
    lists: Sequence[StagedList]
    to_mend: tuple[RowToMend, ...]
    plan: ProjectPlan | None
    explanations: Sequence[PlanExplanation]
    changes: PlanChanges | None
    rehearsal: Rehearsal | None
    rehearsing: Rehearsing | None
    rehearse: PageForm | None
    reschedulable: frozenset[str]
    planning: PageForm | None
    approving: PageForm | None
    approving_by_anybody: PageForm | None
    can_launch: bool
    may_import: bool
    names: Mapping[str, str]
    reader: Reader

    @property
    def newest(self) -> StagedList | None:
        return next(iter(self.lists), None)

    def values(self, refused: PageForm | None) -> dict[str, object]:
        """With the one form that was refused in its place."""

        def shown(form: PageForm | None) -> PageForm | None:
            return refused if form and refused and form.address == refused.address else form

        rows = (replace(one, mending=shown(one.mending), accepting=shown(one.accepting)) for one in self.to_mend)
        newest = self.newest
        return {
            "project": self.seen.project,
            "sheet": self.seen.standing.sheet if self.seen.standing else None,
            "zone": self.seen.zone,
            "now": self.reader.now,
            "live": f"project/{self.seen.project.id} plan/{self.seen.project.id}",
            "names": self.names,
            "newest": newest,
            "lists": self.lists[:LISTS_SHOWN],
            "to_mend": tuple(rows),
            "plan": self.plan,
            "explanations": self.explanations[:MOST_SHOWN],
            "more_explanations": max(len(self.explanations) - MOST_SHOWN, 0),
            "changes": self.changes,
            "reschedulable": self.reschedulable,
            "rehearsal": self.rehearsal,
            "rehearsing": self.rehearsing,
            "rehearse": shown(self.rehearse),
            "planning": shown(self.planning),
            "approving": shown(self.approving),
            "can_launch": self.can_launch,
            "may_import": self.may_import,
            "wrong_form": refused,
        }


async def preparation_of(seen: ProjectSeen, reader: Reader, context: Context, rehearsals: Rehearsals) -> Preparation:
    project_id, language = seen.project.id, reader.look.language
    wrong = (RowState.ISSUE, RowState.CONFLICT)
    async with context.database.reading() as session:
        lists = await lists_of(session, project_id)
        rows = await staged_rows(session, lists[0], states=wrong, limit=ROWS_SHOWN - 1) if lists else ()
        contract = await contract_in_force(session, seen.project.contract)
        newest = seen.plans[0].version if seen.plans else 0
        rehearsal = await rehearsal_of(session, project_id, newest) if newest else None
    plan = await show_plan(project_id, newest, reader.key, context.database, language) if newest else None
    since = _since(seen, newest)
    changes = await show_changes(project_id, newest, since, reader.key, context.database) if since else None
    people = {one.actor.person for one in lists[:LISTS_SHOWN]} | {header.actor.person for header in seen.plans}
    people |= {header.approved.actor.person for header in seen.plans if header.approved}
    people |= {load.technician for load in rehearsal.loads} if rehearsal else set()
    people |= {going_on.actor.person} if (going_on := rehearsals.of(project_id, newest)) else set()
    people |= (
        {slot.technician for row in changes.moved[:MOST_SHOWN] for slot in (row.before, row.after)}
        if changes
        else set()
    )
    names = await names_of(people | _leads(contract), reader, context.database)
    leads = {person: names.get(person, person) for person in sorted(_leads(contract))}
    approving = _approving(seen, plan)
    is_newest = plan is not None and bool(lists) and plan.list_version == lists[0].version
    return Preparation(
        seen=seen,
        lists=lists,
        to_mend=tuple(_to_mend(row, lists[0], seen, reader) for row in rows),
        plan=plan,
        explanations=plan.explanations if plan else (),
        changes=changes,
        rehearsal=rehearsal,
        rehearsing=rehearsals.of(project_id, newest),
        rehearse=_rehearse(seen, plan, rehearsal, reader, rehearsals) if plan else None,
        reschedulable=frozenset(_reschedulable(seen, plan, reader)) if plan else frozenset(),
        planning=_planning(seen, lists[0], reader, plan, leads) if lists else None,
        approving=approving if plan and is_newest and _is_asked(plan, contract, reader) else None,
        approving_by_anybody=approving,
        can_launch=plan is not None
        and plan.approved is not None
        and is_newest
        and seen.standing is None
        and reader.may(Operation.LAUNCH_PROJECTS),
        may_import=reader.may(Operation.WRITE_PROJECTS),
        names=names,
        reader=reader,
    )


def _since(seen: ProjectSeen, newest: int) -> int:
    """The plan that is followed, or else the one before; 0 where there is none."""
    if seen.standing is not None:
        return seen.standing.progress.plan if seen.standing.progress.plan < newest else 0
    return seen.plans[1].version if len(seen.plans) > 1 else 0


def _form(seen: ProjectSeen, path: str, command: str, seq: int, shapes: tuple[FieldShape, ...]) -> PageForm:
    return form_of(f"{PREPARE}/{seen.project.id}/prepare/{path}", command, seq, shapes)


def form_of(address: str, command: str, seq: int, shapes: tuple[FieldShape, ...], moreover: str = "") -> PageForm:
    """Its key is another one as soon as the list or the plan is, or what is said `moreover`."""
    key = sha256(f"{address}/{seq}/{moreover}".encode()).hexdigest()[:32]
    return PageForm(address, command, key, seq, shapes, noun="preparing")


def _to_mend(row: StagedRow, of: StagedList, seen: ProjectSeen, reader: Reader) -> RowToMend:
    language = reader.look.language
    headings = {heading: place for place, heading in reversed(list(enumerate(of.headings)))}
    about = (*row.issues, *row.conflicts)
    places = sorted({headings[one.column] for one in about if one.column in headings})
    # In further sheets columns may stand elsewhere: those rows are put right in their file.
    can_mend = bool(places) and not of.further_headings and reader.may(Operation.WRITE_PROJECTS)
    cells = tuple(
        FieldShape(
            f"{CELL}{place}",
            Control.LINE,
            start=row.cells[place] if place < len(row.cells) else "",
            longest=2_000,
            words=of.headings[place],
        )
        for place in places
    )
    can_accept = not row.issues and bool(row.conflicts) and reader.may(Operation.ACCEPT_CONFLICTS)
    reason = tuple(shapes_of(AcceptConflict, leaving_out=("code",)))
    return RowToMend(
        row=row,
        name=name_of(row) or row.said.get("person", ""),
        said=tuple(_said(one, language, is_conflict=one in row.conflicts) for one in about),
        mending=_form(seen, f"rows/{row.row}", "mend", of.version, cells) if can_mend else None,
        accepting=_form(seen, f"conflicts/{row.row}", "accept", of.version, reason) if can_accept else None,
    )


def _said(issue: DataIssue, language: Language, *, is_conflict: bool) -> SaidOfRow:
    problem = Problem(code=issue.code, values=issue.values)
    return SaidOfRow(issue.column, sentence(problem, language), remedy(problem, language), is_conflict)


def _reschedulable(seen: ProjectSeen, plan: ProjectPlan, reader: Reader) -> Iterator[str]:
    """The waves that can still be planned for another time: what has opened is held or withdrawn instead."""
    progress = seen.standing.progress if seen.standing else None
    if not reader.may(Operation.PLAN_PROJECTS) or (progress and (progress.state.is_final or progress.called_off)):
        return
    opened = {wave.id for wave in progress.waves if wave.is_open} if progress else set()
    yield from (wave.id for wave in plan.basis.waves if wave.id not in opened)


def _planning(
    seen: ProjectSeen, newest: StagedList, reader: Reader, plan: ProjectPlan | None, leads: Mapping[str, str]
) -> PageForm | None:
    """A first plan is asked for; a later one is made as the last was, but for who releases its waves."""
    is_over = seen.standing is not None and seen.standing.progress.state.is_final
    if is_over or not reader.may(Operation.PLAN_PROJECTS) or not newest.ready + newest.accepted:
        return None
    if plan is None:
        return _form(seen, "plan", "plan", 0, shapes_of(PlanWish))
    (go_by,) = shapes_of(PlanAgain)
    return _form(seen, "plan", "plan_again", plan.version, (go_by.offering(leads.items()),))


def _leads(contract: Contract | None) -> set[str]:
    """Who of those whom the contract names may say go."""
    return {person for role in PROJECT_COMMANDS["go"] for person in contract.people(role)} if contract else set()


def _rehearse(
    seen: ProjectSeen, plan: ProjectPlan, found: Rehearsal | None, reader: Reader, rehearsals: Rehearsals
) -> PageForm | None:
    """As long as one goes on, no other is asked for."""
    going_on = rehearsals.of(seen.project.id, plan.version)
    if not reader.may(Operation.PLAN_PROJECTS) or not plan.plan.assignments or (going_on and going_on.goes_on):
        return None
    so_far = f"{rehearsals.begun(seen.project.id, plan.version)}/{found and (found.seed, found.runs)}"
    shapes = shapes_of(RehearsalWish)
    address = f"{PREPARE}/{seen.project.id}/prepare/rehearse"
    return form_of(address, "rehearse", plan.version, shapes, so_far)


def _approving(seen: ProjectSeen, plan: ProjectPlan | None) -> PageForm | None:
    if plan is None or plan.approved is not None:
        return None
    left = [
        name
        for name, found in (("accept_left_over", plan.plan.left_over), ("accept_conflicts", plan.conflicts))
        if not found
    ]
    return _form(seen, "approve", "approve", plan.version, shapes_of(ApprovePlan, leaving_out=left))


def _is_asked(plan: ProjectPlan, contract: Contract | None, reader: Reader) -> bool:
    """Whether this reader could approve it: named, and not the one who made it."""
    key = reader.key
    if not reader.may(Operation.APPROVE_PLANS) or not key.is_somebodys or key.person == plan.actor.person:
        return False
    named = contract.people(Role.APPROVER) if contract else ()
    return key.person in named if named else key.role in _APPROVERS
