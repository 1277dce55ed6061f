"""Plans of move projects: made from the newest list, explained, compared, and approved by a named person."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import InContext, May, Now, Spoken, Tables
from api.examples import PLANS
from api.gate.routes import BoundedRoute
from api.jobs import drawn, made_plan
from api.moves.project import newest_list_of, project_of
from api.policy import Operation
from api.workshop import AtWorkshop
from connectors.holidays import calendar_problems, with_holidays
from db.contracts import contract_in_force, list_sites, people_by_id
from db.engine import Database
from db.moves import plans as kept
from db.moves.approvals import await_approval
from db.moves.launches import launch_row, workplaces_of
from db.moves.projects import newest_list, project_to_change, staged_rows, written_rows
from documents.wording import sentence
from domain.contracts.contract import Contract
from domain.keys import Key
from domain.moves.plans.approvals import ApprovePlan, approve
from domain.moves.plans.changes import PlanChanges, changes_between
from domain.moves.plans.charts import Bar, PlannedLoad
from domain.moves.plans.making import PlanGround, people_named
from domain.moves.plans.plan import Assignment
from domain.moves.plans.rescheduling import RescheduleWave, rescheduled
from domain.moves.plans.versions import CrewMember, PlanHeader, PlanRequest, ProjectPlan
from domain.moves.project import Project
from domain.people import Actor, Language
from domain.refusals import Problem, refuse_if, unknown
from domain.values import Slug, Value

router = APIRouter(route_class=BoundedRoute, prefix="/projects/{project_id}/plans", tags=["projects"])

Reading = Annotated[Key, Depends(May(Operation.READ_PROJECTS))]
Version = Annotated[int, Field(ge=1, le=10**9)]


class PlanExplanation(Value):
    """Why a workplace has no time, or what stands against the plan as a whole."""

    code: str
    message: str
    workplace: Slug | None = None
    row: int | None = None


class ExplainedPlan(ProjectPlan):
    explanations: tuple[PlanExplanation, ...] = ()


class PlanChart(Value):
    """Bars of a Gantt chart, minutes of each technician and day, and the waves that decide when all is over."""

    bars: tuple[Bar, ...]
    loads: tuple[PlannedLoad, ...]
    critical_path: tuple[Slug, ...]


@router.post("", operation_id="makePlan", status_code=201)
async def make_plan(
    project_id: Slug,
    request: Annotated[PlanRequest, Body(openapi_examples=PLANS)],
    caller: Annotated[Key, Depends(May(Operation.PLAN_PROJECTS))],
    context: InContext,
    language: Spoken,
) -> ExplainedPlan:
    """Plan the ready rows of the latest list. This starts nothing and discards nothing.

    Whatever finds no time or cannot be planned yet is in the answer with its reasons.
    """
    now = context.now
    refuse_if(_calendar_problems(request, now))
    dated = request.but(technicians=tuple(_with_holidays(request, now)))
    ground, rows = await _ground(context.database, project_id, dated, caller, now)
    made = await context.workshop.make(made_plan, dated, ground, rows, _actor(caller), now)
    return _explained(await _kept(context.database, made), language)


@router.post("/{version}/reschedule", operation_id="rescheduleWave", status_code=201)
async def reschedule_wave(
    project_id: Slug,
    version: Version,
    command: RescheduleWave,
    caller: Annotated[Key, Depends(May(Operation.PLAN_PROJECTS))],
    context: InContext,
    language: Spoken,
) -> ExplainedPlan:
    """Reschedule one wave in a new plan. Nothing changes until it is approved.

    What it breaks is in the answer; what it moves, in the changes since the plan.
    """
    database, now = context.database, context.now
    plan = await _plan(database, project_id, version, caller)
    async with database.reading() as session:
        launched = await launch_row(session, project_id)
    begun = {wave.id for wave in launched.as_progress().waves if wave.is_open} if launched else set()
    request, keep = rescheduled(plan, command, begun, now)
    ground, rows = await _ground(database, project_id, request, caller, now, keep)
    made = await context.workshop.make(made_plan, request, ground, rows, _actor(caller), now)
    return _explained(await _kept(database, made), language)


def _actor(caller: Key) -> Actor:
    return Actor(person=caller.person, role=caller.role)


async def _kept(database: Database, made: ProjectPlan) -> ProjectPlan:
    async with database.writing() as session:
        project = await project_to_change(session, made.project)
        assert project is not None
        saved = await kept.store_plan(session, made)
        await await_approval(session, project)
    return saved


@router.get("", operation_id="listPlans")
async def show_plans(project_id: Slug, caller: Reading, database: Tables) -> Sequence[PlanHeader]:
    """List plans, newest first."""
    async with database.reading() as session:
        await project_of(session, project_id, caller)
        return await kept.plans_of(session, project_id)


@router.get("/{version}", operation_id="getPlan")
async def show_plan(
    project_id: Slug, version: Version, caller: Reading, database: Tables, language: Spoken
) -> ExplainedPlan:
    """Get a plan, with explanations for rows left over."""
    return _explained(await _plan(database, project_id, version, caller), language)


@router.get("/{version}/chart", operation_id="getPlanChart")
async def show_chart(
    project_id: Slug, version: Version, caller: Reading, database: Tables, workshop: AtWorkshop
) -> PlanChart:
    """Get chart data for a plan."""
    found = await _plan(database, project_id, version, caller)
    bars, loads, critical_path = await workshop.make(drawn, found.basis, found.plan)
    return PlanChart(bars=bars, loads=loads, critical_path=critical_path)


@router.get("/{version}/changes", operation_id="getPlanChanges")
async def show_changes(
    project_id: Slug, version: Version, since: Annotated[Version, Query()], caller: Reading, database: Tables
) -> PlanChanges:
    """Compare with another plan: rows added, removed or rescheduled."""
    before = await _plan(database, project_id, since, caller)
    return changes_between(before, await _plan(database, project_id, version, caller))


@router.post("/{version}/approval", operation_id="approvePlan")
async def approve_plan(
    project_id: Slug,
    version: Version,
    command: ApprovePlan,
    caller: Annotated[Key, Depends(May(Operation.APPROVE_PLANS))],
    database: Tables,
    now: Now,
) -> PlanHeader:
    """Approve the latest plan as a whole; its orders need no further approval. The planner cannot approve it."""
    async with database.writing() as session:
        await project_to_change(session, project_id)
        project = await project_of(session, project_id, caller)
        found = await _version(session, project_id, version)
        newest = await newest_list_of(session, project_id, caller)
        actor = Actor(person=caller.person, role=caller.role)
        approval = approve(
            found,
            command,
            await _contract(session, project),
            (newest.version, await kept.newest_version(session, project_id)),
            actor=actor,
            at=now,
        )
        approved = await kept.approve_plan(session, found, approval)
        await await_approval(session, project)
    return approved.header


async def _ground(
    database: Database,
    project_id: str,
    request: PlanRequest,
    caller: Key,
    now: datetime,
    keep: Sequence[Assignment] = (),
) -> tuple[PlanGround, Sequence[str]]:
    """What is planned from, beside the rows of the newest list as they are written."""
    async with database.reading() as session:
        project = await project_of(session, project_id, caller)
        newest = await newest_list_of(session, project_id, caller)
        contract = await _contract(session, project)
        begun = await _begun(session, project_id)
        sites = await list_sites(session, (project.customer,))
        ground = PlanGround(
            project=project,
            contract=contract,
            list=newest,
            rows=(),
            sites=[site.but(access=with_holidays(site.access, now)) for site in sites],
            people=await people_by_id(session, people_named(request, contract)),
            keep=[*begun, *(entry for entry in keep if entry not in begun)],
        )
        return ground, await written_rows(session, newest)


async def _begun(session: AsyncSession, project_id: str) -> Sequence[Assignment]:
    """What a launched project has begun stays as it was planned, as far as the newest list still has it."""
    row = await launch_row(session, project_id)
    followed = await kept.plan_of(session, project_id, row.as_progress().plan) if row else None
    if followed is None:
        return ()
    begun = {one.workplace for one in await workplaces_of(session, project_id) if one.is_begun}
    newest = await newest_list(session, project_id)
    listed = {staged.key for staged in await staged_rows(session, newest)} if newest else set()
    return [entry for entry in followed.plan.assignments if entry.workplace in begun & listed]


async def _contract(session: AsyncSession, project: Project) -> Contract:
    contract = await contract_in_force(session, project.contract)
    if contract is None:
        raise unknown("contract", project.contract)
    return contract


async def _plan(database: Database, project_id: str, version: int, caller: Key) -> ProjectPlan:
    async with database.reading() as session:
        await project_of(session, project_id, caller)
        return await _version(session, project_id, version)


async def _version(session: AsyncSession, project_id: str, version: int) -> ProjectPlan:
    found = await kept.plan_of(session, project_id, version)
    if found is None:
        raise unknown("plan", str(version))
    return found


def _calendar_problems(request: PlanRequest, now: datetime) -> list[Problem]:
    calendars = {f"/technicians/{n}/hours": member.hours for n, member in enumerate(request.technicians)}
    return [
        problem for at, hours in calendars.items() if hours is not None for problem in calendar_problems(hours, at, now)
    ]


def _with_holidays(request: PlanRequest, now: datetime) -> Iterator[CrewMember]:
    for member in request.technicians:
        yield member if member.hours is None else member.but(hours=with_holidays(member.hours, now))


def _explained(plan: ProjectPlan, language: Language) -> ExplainedPlan:
    return ExplainedPlan(**dict(plan), explanations=tuple(_explanations(plan, language)))


def _explanations(plan: ProjectPlan, language: Language) -> Iterator[PlanExplanation]:
    rows = {row.key: row.row for row in plan.basis.workplaces}

    def explained(problem: Problem, workplace: str | None = None, row: int | None = None) -> PlanExplanation:
        message = sentence(_with_rows(problem, rows), language)
        return PlanExplanation(code=problem.code, message=message, workplace=workplace, row=row)

    for left in plan.plan.left_over:
        yield from (explained(problem, left.workplace, rows[left.workplace]) for problem in left.why)
    yield from map(explained, (*plan.plan.shortfalls, *plan.conflicts))
    for out in plan.not_planned:
        yield from (explained(problem, out.workplace, out.row) for problem in out.why)


def _with_rows(problem: Problem, rows: Mapping[str, int]) -> Problem:
    """People know workplaces by their rows in the list."""
    values = {name: value.split(", ") for name, value in problem.values.items()}
    named = {name: [f"#{rows[part]}" if part in rows else part for part in parts] for name, parts in values.items()}
    return problem.but(values={name: ", ".join(parts) for name, parts in named.items()})
