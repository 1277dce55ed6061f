"""Launching a move project, telling it and its waves something, and seeing how every row stands."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.audiences import may_see
from api.cases.instructions import check_people, instruction
from api.cursors import Cursor, CursorPage, cursor_wrong, page, read_cursor
from api.dependencies import Context, IdempotencyKey, InContext, May
from api.examples import PROJECT_COMMANDS, WAVE_COMMANDS
from api.gate.routes import BoundedRoute
from api.moves.project import project_of
from api.moves.standing import KNOWN_LAUNCHES, LaunchStanding, sheet_of
from api.policy import Operation, check_project_command
from api.queries import QueryValue
from db.cases.journal import JournalRow, timelines
from db.cases.notices import notices_of
from db.contracts import contract_in_force, sites_by_id
from db.moves.launches import WaveRow, launch_row, wave_row, waves_of, workplaces_in, workplaces_of
from db.moves.plans import newest_plan, plan_of, plans_of
from db.moves.projects import newest_list
from db.orders import orders_of
from domain.cases.events import Event
from domain.cases.lookups import LookedUp, PlanFound, RowsFound, WaitingRow
from domain.cases.move_commands import Adopt, AssignRows, CallOff, ProjectCommand, WaveCommand, WithdrawRows
from domain.cases.notices import NoticeAttempt
from domain.ids import WAVE, case_no_of, project_workflow_id, wave_of, wave_workflow_id
from domain.keys import Key
from domain.moves.launched.call_offs import RowFate, fates, not_begun
from domain.moves.launched.launching import briefs_of, launch
from domain.moves.launched.project_sheets import ProjectSheet
from domain.moves.launched.wave_progress import WaveProgress, WorkplaceStanding, WorkplaceState
from domain.moves.plans.versions import ProjectPlan
from domain.orders.progress import SETTLED
from domain.refusals import Problem, Refused, Unacceptable, unknown
from domain.values import Few, Slug
from workflows.client import CaseExists

router = APIRouter(route_class=BoundedRoute, prefix="/projects/{project_id}", tags=["projects"])

Reading = Annotated[Key, Depends(May(Operation.READ_PROJECTS))]
Launching = Annotated[Key, Depends(May(Operation.LAUNCH_PROJECTS))]
Steering = Annotated[Key, Depends(May(Operation.COMMAND_PROJECTS))]
UNDER_WAY = "Accepted and durable; its effects are still under way."
_BY_ROW = "workplaces row"
_ROW_NUMBER = re.compile(r"^[0-9]{1,9}$")


class WorkplaceQuery(QueryValue):
    """`state` may be given several times."""

    wave: Slug | None = None
    state: Few[WorkplaceState] = ()
    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = Field(default=None, max_length=500)


class WavePath(NamedTuple):
    project_id: str
    wave_id: str


async def _wave_path(project_id: Slug, wave_id: Slug) -> WavePath:
    return WavePath(project_id, wave_id)


@router.post("/launch", operation_id="launchProject", status_code=202)
async def launch_project(project_id: Slug, caller: Launching, context: InContext, response: Response) -> ProjectSheet:
    """Launch the latest approved plan. Durable once accepted; repeating it does not launch the project twice."""
    async with context.database.reading() as session:
        project = await project_of(session, project_id, caller)
        newest = await newest_list(session, project_id)
        plan = await newest_plan(session, project_id)
        contract = await contract_in_force(session, project.contract)
        sites = await sites_by_id(session, project.sites[:1])
    response.headers["Location"] = f"/api/v1/projects/{project_id}/standing"
    known = await KNOWN_LAUNCHES.find(project_id, context)
    if known is not None:
        return known.sheet
    if contract is None:
        raise unknown("contract", project.contract)
    if plan is None:
        raise Refused(Problem(code="no_plan", values={"project": project_id}))
    if newest is None or newest.version != plan.list_version:
        raise Refused(Problem(code="list_newer_than_plan", values={"plan": str(plan.version)}))
    started = launch(project, contract, sites[0], plan, by=caller.person, at=context.now)
    # Was somebody else quicker, theirs is the one.
    with suppress(CaseExists):
        await context.temporal.start_project(started)
    return (await sheet_of(project_id, caller, context)).sheet


@router.get("/standing", operation_id="getProjectStanding")
async def show_standing(project_id: Slug, caller: Reading, context: InContext) -> ProjectSheet:
    """Get the status of a launched project: waves with gates, dates and counts."""
    return (await sheet_of(project_id, caller, context)).sheet


@router.get("/workplaces", operation_id="listWorkplaces")
async def show_workplaces(
    project_id: Slug, query: Annotated[WorkplaceQuery, Query()], caller: Reading, context: InContext
) -> CursorPage[WorkplaceStanding]:
    """List rows with their results, page by page; exceptions with owner and deadline."""
    after = read_cursor(query.cursor, _BY_ROW)
    if after is not None and not _ROW_NUMBER.match(after[1]):
        raise cursor_wrong()
    async with context.database.reading() as session:
        await project_of(session, project_id, caller)
        found = await workplaces_of(
            session,
            project_id,
            wave=query.wave,
            states=query.state or None,
            after=int(after[1]) if after else 0,
            limit=query.limit,
        )
    rows, last = page(found, query.limit)
    cursor = Cursor(sort=_BY_ROW, after=("0", str(last.row))) if last else None
    return CursorPage(items=rows, next=str(cursor) if cursor else None)


@router.get("/timeline", operation_id="getProjectTimeline")
async def show_timeline(
    project_id: Slug,
    caller: Reading,
    context: InContext,
    wave: Annotated[Slug | None, Query(description="Filter by wave.")] = None,
) -> Sequence[Event]:
    """Get the history of a project and its waves, oldest first."""
    async with context.database.reading() as session:
        await project_of(session, project_id, caller)
        found = await launch_row(session, project_id)
        if wave is not None and (found is None or found.as_progress().wave(wave) is None):
            raise unknown("wave", wave)
        names = [one.wave for one in await waves_of(session, project_id)] if wave is None else [wave]
        cases = [wave_workflow_id(project_id, name) for name in names]
        cases += [project_workflow_id(project_id)] if wave is None else []
        rows = await timelines(session, cases)
    return [_of_wave(row) for row in rows if may_see(caller, row.workflow_id, row.as_event())]


@router.get("/notices", operation_id="listProjectNotices")
async def show_notices(
    project_id: Slug, caller: Annotated[Key, Depends(May(Operation.READ_NOTICES))], context: InContext
) -> list[NoticeAttempt]:
    """List every delivery attempt for messages about a project and its waves."""
    async with context.database.reading() as session:
        await project_of(session, project_id, caller)
        waves = [wave_workflow_id(project_id, one.wave) for one in await waves_of(session, project_id)]
        found = await notices_of(session, project_workflow_id(project_id), *waves)
    return [row.as_attempt() for row in found]


def _of_wave(row: JournalRow) -> Event:
    """What a wave has noted does not name it."""
    event, (kind, _) = row.as_event(), case_no_of(row.workflow_id)
    if kind != WAVE:
        return event
    _, wave = wave_of(row.workflow_id)
    return event.but(values={"wave": wave} | event.values)


@router.post(
    "/commands", operation_id="commandProject", responses={202: {"model": ProjectSheet, "description": UNDER_WAY}}
)
async def command_project(
    project_id: Slug,
    command: Annotated[ProjectCommand, Body(openapi_examples=PROJECT_COMMANDS)],
    caller: Steering,
    context: InContext,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ProjectSheet:
    """Send a command to a project. A refusal gives the reasons and changes nothing."""
    standing = await sheet_of(project_id, caller, context)
    check_project_command(caller, command)
    found = await _looked_up(standing, command, context)
    given = instruction(command, caller, idempotency_key, context, found)
    receipt = await context.temporal.command(project_workflow_id(project_id), given)
    response.status_code = 202 if receipt is None else 200
    return (await sheet_of(project_id, caller, context)).sheet


@router.post(
    "/waves/{wave_id}/commands",
    operation_id="commandWave",
    responses={202: {"model": ProjectSheet, "description": UNDER_WAY}},
)
async def command_wave(
    path: Annotated[WavePath, Depends(_wave_path)],
    command: Annotated[WaveCommand, Body(openapi_examples=WAVE_COMMANDS)],
    caller: Steering,
    context: InContext,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ProjectSheet:
    """Send a command to a wave or to some of its rows. A refusal gives the reasons and changes nothing."""
    project_id, wave_id = path
    standing = await sheet_of(project_id, caller, context)
    if standing.progress.wave(wave_id) is None:
        raise unknown("wave", wave_id)
    check_project_command(caller, command)
    if isinstance(command, AssignRows):
        await check_people({"/to": command.to}, standing.launch.customer, context)
    given = instruction(command, caller, idempotency_key, context)
    receipt = await context.temporal.command(wave_workflow_id(project_id, wave_id), given)
    response.status_code = 202 if receipt is None else 200
    return (await sheet_of(project_id, caller, context)).sheet


@router.post("/call-off-preview", operation_id="previewCallOff")
async def preview_call_off(
    project_id: Slug, command: CallOff, caller: Reading, context: InContext
) -> Sequence[RowFate]:
    """Preview the effect of cancelling the project on each row. Nothing is changed."""
    standing = await sheet_of(project_id, caller, context)
    said = instruction(command, caller, None, context)
    found: list[RowFate] = []
    async with context.database.reading() as session:
        plan = await plan_of(session, project_id, standing.progress.plan)
        for wave in standing.progress.waves:
            row = await wave_row(session, project_id, wave.id)
            if row is None:
                found += not_begun(wave.id, _rows_of(plan, wave.id))
                continue
            progress = await _with_legs(session, row)
            past_cutoff = await _past_cutoff(session, progress)
            found += fates(row.as_launch(), progress, said, past_cutoff)
    return found


async def _with_legs(session: AsyncSession, row: WaveRow) -> WaveProgress:
    rows = await workplaces_of(session, row.project, wave=row.wave)
    return row.as_progress().but(legs=tuple(leg for standing in rows for leg in standing.legs))


async def _past_cutoff(session: AsyncSession, progress: WaveProgress) -> frozenset[str]:
    numbers = [leg.order for leg in progress.legs if leg.order is not None and leg.has_order]
    rows = await orders_of(session, numbers)
    return frozenset(
        row.no
        for row in rows
        for cutoff in [row.as_order().chain.cutoff]
        if cutoff is not None and row.as_progress().step(cutoff).status in SETTLED
    )


def _rows_of(plan: ProjectPlan | None, wave: str) -> tuple[tuple[int, str], ...]:
    if plan is None:
        return ()
    inside = {entry.workplace for entry in plan.plan.assignments if entry.wave == wave}
    return tuple((row.row, row.key) for row in plan.basis.workplaces if row.key in inside)


async def _looked_up(standing: LaunchStanding, command: ProjectCommand, context: Context) -> LookedUp | None:
    """What callers need not know, and may not say."""
    match command:
        case Adopt():
            return await _plan_found(standing, command, context)
        case WithdrawRows():
            return await _rows_found(standing.launch.project, command, context)
        case _:
            return None


async def _rows_found(project_id: str, command: WithdrawRows, context: Context) -> RowsFound:
    async with context.database.reading() as session:
        begun = {row.wave for row in await waves_of(session, project_id)}
        known = await workplaces_in(session, project_id, command.rows)
    if missing := [row for row in command.rows if row not in known]:
        raise Unacceptable(Problem(code="row_not_in_project", at="/rows", values={"rows": _listed(missing)}))
    if opened := [row for row in command.rows if known[row].wave in begun]:
        raise Refused(Problem(code="row_in_open_wave", at="/rows", values={"rows": _listed(opened)}))
    rows = (known[row] for row in dict.fromkeys(command.rows))
    return RowsFound(waiting=tuple(WaitingRow(row=one.row, wave=one.wave, workplace=one.workplace) for one in rows))


def _listed(rows: Sequence[int]) -> str:
    return ", ".join(map(str, sorted(rows)[:20]))


async def _plan_found(standing: LaunchStanding, command: Adopt, context: Context) -> PlanFound:
    """The waves are what the approved plan says, never what a caller does."""
    project = standing.launch.project
    async with context.database.reading() as session:
        plan = await plan_of(session, project, command.plan)
        lists = {one.version: one.list_version for one in await plans_of(session, project)}
    if plan is None:
        raise Unacceptable(Problem(code="plan_unknown", at="/plan", values={"plan": str(command.plan)}))
    if plan.approved is None:
        raise Refused(Problem(code="plan_not_approved", values={"plan": str(plan.version)}))
    followed = lists[standing.progress.plan]
    return PlanFound(waves=briefs_of(plan), relisted=plan.list_version > followed)
