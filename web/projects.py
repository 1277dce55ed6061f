"""Move projects: how far each is, what is late, and who has to say something."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.dependencies import Context, InContext, Tables
from api.moves.launched import WorkplaceQuery
from api.moves.reports import show_report_pdf, show_report_workbook, this_report
from api.policy import Operation
from api.queries import QueryValue
from db.engine import Database
from db.moves.boards import board_stamp
from db.moves.launches import LaunchRow, count_states, launches
from db.moves.plans import plans_of
from db.moves.projects import list_projects
from domain.keys import CUSTOMERS_OWN, must_see
from domain.moves.launched.project_progress import GateState, ProjectProgress, ProjectState
from domain.moves.launched.project_sheets import WaveSheet
from domain.moves.launched.wave_progress import WorkplaceStanding, WorkplaceState
from domain.moves.plans.versions import PlanHeader
from domain.moves.project import Project
from domain.refusals import unknown
from domain.values import Few, Slug
from web.boards import ROWS_AT_ONCE, BoardShown, board_of
from web.forms import PageForm
from web.move_forms import (
    GRAVE,
    PROJECTS,
    STEERING,
    MoveChoices,
    gates_of,
    may_tell,
    move_form,
    project_commands,
    wave_commands,
)
from web.order_sheets import contract_named, names_of
from web.pictures import BarPiece, bar
from web.project_standing import ProjectSeen, project_seen
from web.rendering import Leaf, Values, renders_of
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
Reading = Annotated[Reader, Depends(Signed(Operation.READ_PROJECTS))]
PROJECTS_AT_ONCE = 50
_FILTERS = (
    WorkplaceState.EXCEPTION,
    WorkplaceState.FAILED,
    WorkplaceState.IN_FLIGHT,
    WorkplaceState.WAITING,
    WorkplaceState.OK,
)


class BoardQuery(QueryValue):
    """Which rows are listed, and at which of many waves the board begins."""

    wave: Slug | None = None
    state: Few[WorkplaceState] = ()
    first: Slug | None = None
    cursor: str | None = Field(default=None, max_length=500)

    def as_asked(self) -> list[tuple[str, str]]:
        named = (("wave", self.wave), *(("state", state) for state in self.state), ("first", self.first))
        return [(name, text) for name, text in named if text]

    def rows(self) -> WorkplaceQuery:
        return WorkplaceQuery(wave=self.wave, state=self.state, cursor=self.cursor, limit=ROWS_AT_ONCE)


class ProjectsQuery(QueryValue):
    """Those under way, those that are over, or all; page by page."""

    only: Literal["open", "over"] | None = None
    page: int = Field(default=1, ge=1, le=10_000)


@dataclass(frozen=True)
class ProjectLine:
    """A project in one line. Without a launch it is being prepared: `plan` is the newest one."""

    project: Project
    launch: LaunchRow | None
    plan: PlanHeader | None
    counts: Counter[WorkplaceState]

    @property
    def progress(self) -> ProjectProgress | None:
        return self.launch.as_progress() if self.launch else None

    @property
    def is_over(self) -> bool:
        return self.launch is not None and ProjectState(self.launch.state).is_final

    @property
    def needs(self) -> int:
        """How many things wait for a person."""
        progress = self.progress
        if progress is None or progress.state.is_final:
            return 0
        gates = sum(wave.gate in (GateState.ASKED, GateState.REFUSED) for wave in progress.waves)
        open_ = sum(number for state, number in self.counts.items() if state.is_open)
        return gates + open_ + (progress.state == ProjectState.SETTLING)

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        if (progress := self.progress) is not None:
            briefs = [wave.brief for wave in progress.waves]
            return min(brief.start for brief in briefs), max(brief.end for brief in briefs)
        plan = self.plan
        return (plan.start, plan.end) if plan is not None and plan.start and plan.end else None

    @property
    def bar(self) -> tuple[BarPiece, ...]:
        return bar(self.counts)


async def project_lines(query: ProjectsQuery, reader: Reader, database: Database) -> tuple[list[ProjectLine], bool]:
    """One page of them, and whether there are more."""
    async with database.reading() as session:
        projects = await list_projects(session, reader.key.customers)
        launched = {row.no: row for row in await launches(session, reader.key.customers)}
        lines = [ProjectLine(one, launched.get(one.id), None, Counter()) for one in projects]
        wanted = [line for line in lines if query.only is None or line.is_over == (query.only == "over")]
        # What is under way stands above what is being prepared, and what is over below.
        wanted.sort(key=lambda line: (line.is_over, line.launch is None, line.project.name))
        found = wanted[(query.page - 1) * PROJECTS_AT_ONCE : query.page * PROJECTS_AT_ONCE]
        counts = await count_states(session, [line.project.id for line in found])
        shown = []
        for line in found:
            states = {WorkplaceState(state): n for (project, state), n in counts.items() if project == line.project.id}
            plans = () if line.launch else await plans_of(session, line.project.id)
            shown.append(replace(line, counts=Counter(states), plan=next(iter(plans), None)))
    return shown, len(wanted) > query.page * PROJECTS_AT_ONCE


@router.get(PROJECTS, name="projectsPage")
async def list_page(
    request: Request, query: Annotated[ProjectsQuery, Query()], reader: Reading, database: Tables
) -> Response:
    async def values() -> Values:
        lines, has_more = await project_lines(query, reader, database)
        return {
            "now": reader.now,
            "live": "project",
            "lines": lines,
            "query": query,
            "has_more": has_more,
            "may_begin": reader.may(Operation.WRITE_PROJECTS),
        }

    return await renders_of(request).show(request, reader, Leaf("projects.html"), values)


@router.get(f"{PROJECTS}/{{project_id}}", name="projectPage")
async def project_page(
    request: Request, project_id: str, query: Annotated[BoardQuery, Query()], reader: Reading, context: InContext
) -> Response:
    async def look() -> Leaf:
        async with context.database.glancing() as glance:
            stamp = await board_stamp(glance, project_id)
        if stamp is None:
            raise unknown("project", project_id)
        must_see(reader.key, stamp.customer, unknown("project", project_id))
        # Customers' own see no faults.
        is_own = reader.key.role in CUSTOMERS_OWN or stamp.asks_people
        if stamp.state is not None:
            return Leaf("board.html", stamp.version, personal=is_own)
        # Was it launched and nobody has written it yet, Temporal knows.
        begun = (await project_seen(project_id, reader.key, context)).standing
        version = (stamp.version, begun and (begun.progress.seq, begun.updated_at))
        return Leaf("board.html", version, personal=is_own or begun is not None, is_written=False)

    async def values() -> Values:
        seen = await project_seen(project_id, reader.key, context)
        if seen.standing is None:
            return await _unlaunched(seen, reader, context)
        board = await board_of(request, seen, query.rows(), query.first, reader.key, context)
        return await _board_values(seen, board, query, reader, context)

    return await renders_of(request).show(request, reader, look, values)


@router.get(f"{PROJECTS}/{{project_id}}/report.pdf", name="projectReportPage")
async def report_page(project_id: str, reader: Reading, context: InContext) -> Response:
    """As far as it has come."""
    made = await this_report(project_id, reader.key, context.database, context.now, context.workshop)
    return await show_report_pdf(made, context.workshop, reader.look.language)


@router.get(f"{PROJECTS}/{{project_id}}/report.xlsx", name="projectReportWorkbookPage")
async def report_workbook_page(project_id: str, reader: Reading, context: InContext) -> Response:
    made = await this_report(project_id, reader.key, context.database, context.now, context.workshop)
    return await show_report_workbook(made, context.workshop, reader.look.language)


async def _unlaunched(seen: ProjectSeen, reader: Reader, context: Context) -> Values:
    people = {plan.actor.person for plan in seen.plans[:1]}
    people |= {plan.approved.actor.person for plan in seen.plans[:1] if plan.approved}
    return {
        **await _head(seen, reader, context),
        "board": None,
        "listed": seen.listed,
        "rehearsal": seen.rehearsal,
        "names": await names_of(people, reader, context.database),
    }


async def _head(seen: ProjectSeen, reader: Reader, context: Context) -> dict[str, object]:
    project_id = seen.project.id
    return {
        "project": seen.project,
        "contract_name": await contract_named(seen.project.contract, None, reader, context.database),
        "sheet": seen.standing.sheet if seen.standing else None,
        "plan": seen.followed,
        "zone": seen.zone,
        "now": context.now,
        "live": f"project/{project_id}",
        "steering": (),
        "others": (),
        "grave": GRAVE,
    }


async def _board_values(
    seen: ProjectSeen, board: BoardShown, query: BoardQuery, reader: Reader, context: Context
) -> Values:
    assert seen.standing is not None
    progress, address = seen.standing.progress, f"{PROJECTS}/{seen.project.id}"
    names = await names_of(board.people, reader, context.database)
    choices = MoveChoices(names, reader.look.language)
    gates = {
        wave.id: move_form(f"{address}/go", "go", progress.seq, replace(choices, waves=(wave.id,)))
        for wave in gates_of(progress, reader.key)
    }
    may = project_commands(progress, seen.plans, reader.key)
    retries = {
        row.standing.workplace: _retry(address, row.standing, board.seqs.get(row.standing.wave, 0), choices)
        for row in board.exceptions
        if row.standing.retryable and may_tell(reader.key, "retry_rows")
    }
    return {
        **await _head(seen, reader, context),
        "board": board,
        "query": query,
        "asked": query.as_asked(),
        "filters": _filters(address, query),
        "names": names,
        "gates": gates,
        "gates_open": [wave for wave in board.sheet.waves if wave.id in board.sheet.awaiting],
        "retries": retries,
        "wave_commands": {wave.sheet.id: tuple(_of_wave(seen, wave.sheet, reader)) for wave in board.waves},
        "may_decide": may_tell(reader.key, "assign_rows") and not progress.state.is_final,
        "steering": [name for name in STEERING if name in may],
        "others": [name for name in may if name not in STEERING],
    }


def _of_wave(seen: ProjectSeen, wave: WaveSheet, reader: Reader) -> Iterator[str]:
    """What it can be told, and that it is planned for another time where no newer plan has done so."""
    assert seen.standing is not None
    progress = seen.standing.progress
    is_newest = seen.plans[0].version == progress.plan
    goes_on = not progress.state.is_final and not progress.closing and progress.called_off is None
    if wave.state is None and is_newest and goes_on and reader.may(Operation.PLAN_PROJECTS):
        yield "reschedule"
    yield from wave_commands(progress, wave, reader.key)


def _filters(address: str, query: BoardQuery) -> list[tuple[WorkplaceState, str]]:
    """Each state by which rows can be narrowed, within the wave that is looked at."""
    kept = [("wave", query.wave)] if query.wave else []
    return [(state, f"{address}?{urlencode([*kept, ('state', state)])}#rows") for state in _FILTERS]


def _retry(address: str, row: WorkplaceStanding, seq: int, choices: MoveChoices) -> PageForm:
    ticked = replace(choices, rows=((row.row, ""),), ticked=frozenset({f"{row.row}"}))
    return move_form(f"{address}/waves/{row.wave}/retry_rows", "retry_rows", seq, ticked)
