"""Preparing a move, in the order in which it goes: the list put right, the plan, its rehearsal, approval and launch."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile

from api.dependencies import Context, InContext
from api.door.paces import pace_computing
from api.jobs import annotated_list, read_list
from api.moves.launched import launch_project
from api.moves.lists import bring_in
from api.moves.plans import approve_plan, make_plan
from api.moves.project import AcceptConflict, accept_conflict, newest_list_of, show_workbook
from api.moves.rehearsal_packs import show_pack
from api.policy import Operation
from db.moves.projects import staged_rows
from domain.moves.lists.staging import StagedRow
from domain.moves.plans.approvals import ApprovePlan
from domain.moves.plans.versions import DailyWindow, PlanRequest, ProjectPlan
from domain.people import Actor
from domain.refusals import NotAllowed, Problem, Refused, Unacceptable, Unknown, unknown
from web.forms import SEQ, PageForm, checked, said_in, typed_in
from web.order_sheets import contract_named
from web.preparing.rehearsals import Rehearsals, RehearsalWish
from web.preparing.shown import (
    CELL,
    PREPARE,
    CellsTyped,
    PlanAgain,
    PlanWish,
    Preparation,
    preparation_of,
)
from web.project_standing import ProjectSeen, project_seen
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed
from web.shared.answers import Answers, whole_form
from workflows.answers import TemporalAway

router = APIRouter(include_in_schema=False)
_HERE = PREPARE + "/{project_id}/prepare"


@dataclass(frozen=True)
class PrepareDesk:
    """A project before somebody who prepares it."""

    request: Request
    reader: Reader
    context: Context
    seen: ProjectSeen

    @property
    def id(self) -> str:
        return self.seen.project.id

    @property
    def address(self) -> str:
        return f"{PREPARE}/{self.id}/prepare"

    @property
    def actor(self) -> Actor:
        return Actor(person=self.reader.key.person, role=self.reader.key.role)

    @property
    def _answers(self) -> Answers:
        found: Answers = self.request.app.state.answers
        return found

    @property
    def rehearsals(self) -> Rehearsals:
        found: Rehearsals = self.request.app.state.rehearsals
        return found

    async def prepared(self) -> Preparation:
        return await preparation_of(self.seen, self.reader, self.context, self.rehearsals)

    async def page(
        self, refused: PageForm | None = None, status: HTTPStatus = HTTPStatus.OK, faults: tuple[Problem, ...] = ()
    ) -> Response:
        found = await self.prepared()
        named = await contract_named(self.seen.project.contract, None, self.reader, self.context.database)
        values = {**found.values(refused), "faults": faults, "contract_name": named}
        return page(self.request, "prepare.html", self.reader.look, values, reader=self.reader, status=status)

    async def attempt(self, form: PageForm | None, kind: Any, act: Callable[[Any], Awaitable[object]]) -> Response:  # noqa: ANN401  # a type
        """What was typed is done, or stands there again beside what is wrong with it."""
        typed = typed_in(await self.request.form())
        sent = whole_form(self.request, self.reader.session.id, typed)
        return await self._answers.alike(sent, lambda: self._attempt(form, typed, kind, act))

    async def _attempt(
        self,
        form: PageForm | None,
        typed: Mapping[str, Sequence[str]],
        kind: Any,  # noqa: ANN401  # a type
        act: Callable[[Any], Awaitable[object]],
    ) -> Response:
        if form is None:
            # It was on an earlier page: what it was about has been done meanwhile, or goes no more.
            return await self.page(status=HTTPStatus.CONFLICT, faults=(Problem(code="prepared_meanwhile"),))
        form = replace(form, typed=typed)
        if typed.get(SEQ, [""])[:1] != [f"{form.seq}"]:
            return await self._refused(form, [Problem(code="prepared_meanwhile")], HTTPStatus.CONFLICT)
        body, problems = said_in(typed, form.shapes, self.seen.zone)
        said, wrong = checked(kind, body)
        if problems or wrong:
            return await self._refused(form, [*problems, *wrong])
        try:
            await act(said)
        except (NotAllowed, Unknown):
            raise
        except Refused as refused:
            return await self._refused(form, list(refused.problems))
        except TemporalAway:
            return await self._refused(form, [Problem(code="temporal_away")], HTTPStatus.SERVICE_UNAVAILABLE)
        return see_other(self.address)

    async def _refused(
        self, form: PageForm, problems: list[Problem], status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
    ) -> Response:
        return await self.page(form.refused(problems, self.reader.look.language), status)


def prepare_desk(operation: Operation) -> Callable[..., Awaitable[PrepareDesk]]:
    async def desk(
        request: Request, project_id: str, reader: Annotated[Reader, Depends(Signed(operation))], context: InContext
    ) -> PrepareDesk:
        return PrepareDesk(request, reader, context, await project_seen(project_id, reader.key, context))

    return desk


@router.get(_HERE, name="preparePage")
async def prepare_page(desk: Annotated[PrepareDesk, Depends(prepare_desk(Operation.READ_PROJECTS))]) -> Response:
    return await desk.page()


@router.get(PREPARE + "/{project_id}/list.xlsx", name="listWorkbookPage")
async def list_workbook(desk: Annotated[PrepareDesk, Depends(prepare_desk(Operation.READ_PROJECTS))]) -> Response:
    reader, context = desk.reader, desk.context
    return await show_workbook(desk.id, reader.key, context.database, context.workshop, reader.look.language)


@router.post(f"{_HERE}/list", name="importListPage")
async def import_list(desk: Annotated[PrepareDesk, Depends(prepare_desk(Operation.WRITE_PROJECTS))]) -> Response:
    """A file that comes twice makes one version."""
    file = (await desk.request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        faults = (Problem(code="form_part_no_file", at="/file", values={"name": "file"}),)
        return await desk.page(status=HTTPStatus.UNPROCESSABLE_ENTITY, faults=faults)
    try:
        parcel = await desk.context.workshop.read(read_list, file.filename, await file.read())
        await _bring_in(desk, parcel)
    except Unacceptable as refused:
        return await desk.page(status=HTTPStatus.UNPROCESSABLE_ENTITY, faults=refused.problems)
    return see_other(desk.address)


async def _bring_in(desk: PrepareDesk, parcel: bytes) -> None:
    context = desk.context
    await bring_in(context.database, context.workshop, desk.seen.project, parcel, actor=desk.actor, at=context.now)


@router.post(f"{_HERE}/rows/{{row}}", name="mendRowPage")
async def mend_row(row: int, desk: Annotated[PrepareDesk, Depends(prepare_desk(Operation.WRITE_PROJECTS))]) -> Response:
    """What was typed becomes the next version of the list."""
    found = await desk.prepared()

    async def write(said: CellsTyped) -> None:
        cells = {name: text or "" for name, text in said.model_dump().items()}
        await _write(desk, row, cells)

    form = next((one.mending for one in found.to_mend if one.row.row == row), None)
    return await desk.attempt(form, _cells_of(form), write)


def _cells_of(form: PageForm | None) -> type[CellsTyped]:
    return CellsTyped.of(shape.name for shape in form.shapes) if form else CellsTyped


async def _write(desk: PrepareDesk, number: int, cells: Mapping[str, str]) -> None:
    context = desk.context
    async with context.database.reading() as session:
        newest = await newest_list_of(session, desk.id, desk.reader.key)
        rows = await staged_rows(session, newest)
    if number not in {row.row for row in rows}:
        raise unknown("move_row", f"{number}")
    written = [_changed(row, cells).model_dump_json() if row.row == number else row.model_dump_json() for row in rows]
    workbook = await context.workshop.make(annotated_list, newest, written, desk.reader.look.language)
    name = f"{newest.file_name.rpartition('.')[0] or newest.file_name}.xlsx"
    await _bring_in(desk, await context.workshop.read(read_list, name[-100:], workbook))


def _changed(row: StagedRow, cells: Mapping[str, str]) -> StagedRow:
    written = list(row.cells)
    for name, text in cells.items():
        place = int(name.removeprefix(CELL))
        written += [""] * (place + 1 - len(written))
        written[place] = text
    return row.but(cells=tuple(written))


@router.post(f"{_HERE}/conflicts/{{row}}", name="acceptConflictPage")
async def accept(row: int, desk: Annotated[PrepareDesk, Depends(prepare_desk(Operation.ACCEPT_CONFLICTS))]) -> Response:
    found = await desk.prepared()
    form = next((one.accepting for one in found.to_mend if one.row.row == row), None)

    async def act(said: AcceptConflict) -> None:
        await accept_conflict(desk.id, row, said, desk.reader.key, desk.context.database, desk.context.now)

    return await desk.attempt(form, AcceptConflict, act)


@router.post(f"{_HERE}/plan", name="makePlanPage")
async def plan(desk: Annotated[PrepareDesk, Depends(prepare_desk(Operation.PLAN_PROJECTS))]) -> Response:
    found = await desk.prepared()

    async def act(said: PlanWish | PlanAgain) -> None:
        request = _asked(said) if isinstance(said, PlanWish) else _as_before(found.plan, said)
        await make_plan(desk.id, request, desk.reader.key, desk.context, desk.reader.look.language)

    return await desk.attempt(found.planning, PlanAgain if found.plan else PlanWish, act)


def _asked(wish: PlanWish) -> PlanRequest:
    window = DailyWindow(first=wish.first)
    return PlanRequest(cut_by=wish.cut_by, window=window, minutes=wish.minutes, travel_minutes=wish.travel_minutes)


def _as_before(plan: ProjectPlan | None, wish: PlanAgain) -> PlanRequest:
    assert plan is not None
    if wish.go_by is None:
        return plan.request
    gates = {wave.id: wave.gate.but(by=wish.go_by) for wave in plan.basis.waves}
    return plan.request.but(gates=plan.request.gates | gates)


@router.post(f"{_HERE}/rehearse", name="rehearsePlanPage")
async def rehearse(desk: Annotated[PrepareDesk, Depends(prepare_desk(Operation.PLAN_PROJECTS))]) -> Response:
    """Only its beginning is waited for. As long as it goes on, no other of this plan begins."""
    found = await desk.prepared()
    plan = found.plan
    if found.rehearsing is not None and found.rehearsing.goes_on:
        return see_other(desk.address)

    async def act(said: RehearsalWish) -> None:
        assert plan is not None
        await pace_computing(desk.request)
        context = desk.context
        pack = await show_pack(desk.id, plan.version, desk.reader.key, context.database, context.now)
        desk.rehearsals.begin(pack, said, desk.actor, context.database)

    return await desk.attempt(found.rehearse, RehearsalWish, act)


@router.post(f"{_HERE}/approve", name="approvePlanPage")
async def approve(desk: Annotated[PrepareDesk, Depends(prepare_desk(Operation.APPROVE_PLANS))]) -> Response:
    found = await desk.prepared()
    if found.plan is None or found.plan.approved is not None:
        return see_other(desk.address)
    version = found.plan.version

    async def act(said: ApprovePlan) -> None:
        context = desk.context
        await approve_plan(desk.id, version, said, desk.reader.key, context.database, context.now)

    # Whom the contract names, the plan looks at itself: whoever is not asked is told so.
    return await desk.attempt(found.approving_by_anybody, ApprovePlan, act)


@router.post(f"{_HERE}/launch", name="launchProjectPage")
async def launch(
    desk: Annotated[PrepareDesk, Depends(prepare_desk(Operation.LAUNCH_PROJECTS))], response: Response
) -> Response:
    """Launched twice it is launched once."""
    try:
        await launch_project(desk.id, desk.reader.key, desk.context, response)
    except (NotAllowed, Unknown):
        raise
    except Refused as refused:
        return await desk.page(status=HTTPStatus.CONFLICT, faults=refused.problems)
    except TemporalAway:
        return await desk.page(status=HTTPStatus.SERVICE_UNAVAILABLE, faults=(Problem(code="temporal_away"),))
    return see_other(f"{PREPARE}/{desk.id}")
