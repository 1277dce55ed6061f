"""Move projects and their lists: brought in, checked against the registers, and put right together."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, File, Query, UploadFile
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.cursors import Cursor, CursorPage, cursor_wrong, page, read_cursor
from api.customers import must_know_customer
from api.dependencies import InContext, May, Now, Spoken, Tables
from api.gate.routes import BoundedRoute
from api.headers import file_of
from api.jobs import TemplateGround, annotated_list, read_list, written_template
from api.moves.lists import bring_in
from api.policy import Operation
from api.queries import QueryValue
from api.saving import BySaving, tagged
from api.workshop import AtWorkshop
from db.assets.asset import written_assets
from db.contracts import contract_in_force, list_people, list_sites
from db.engine import Database
from db.moves import projects as kept
from db.moves.approvals import await_approval
from db.turns import saving_turn
from documents.wording import remedy, sentence
from domain.keys import Key, must_see
from domain.lists import DataIssue
from domain.moves.explained import heading_problems
from domain.moves.lists.columns import ColumnMapping
from domain.moves.lists.staging import AcceptedConflict, Conflict, RowState, StagedList, StagedRow
from domain.moves.project import Project
from domain.people import Actor, Language
from domain.refusals import Problem, Refused, Unacceptable, refuse_if, unknown
from domain.values import Line, Slug, Text, Value

router = APIRouter(route_class=BoundedRoute, prefix="/projects", tags=["projects"])

Reading = Annotated[Key, Depends(May(Operation.READ_PROJECTS))]
Writing = Annotated[Key, Depends(May(Operation.WRITE_PROJECTS))]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BY_ROW = "rows row"
_SAID_OF = tuple(state for state in RowState if state != RowState.READY)
_MOST_DIGITS = 9


class WordedIssue(DataIssue):
    """What is wrong in one cell, as a sentence, and what to do. A conflict may be `accepted` as it is.

    About a remark there is nothing to do.
    """

    message: str
    to_do: str
    is_conflict: bool
    is_remark: bool = False
    accepted: AcceptedConflict | None = None


class RowQuery(QueryValue):
    state: RowState | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)


class TemplateQuery(QueryValue):
    """Which workplaces a list is written for: those of a site, or of one of its floors."""

    site: Slug
    floor: Line | None = None
    lang: Language | None = None


class AcceptConflict(Value):
    """Which conflict of a row is wanted, and why; without `code` all that are open."""

    reason: Text = Field(min_length=1)
    code: Slug | None = None


@router.get("", operation_id="listProjects")
async def show_projects(caller: Reading, database: Tables) -> Sequence[Project]:
    """List visible projects."""
    async with database.reading() as session:
        return await kept.list_projects(session, caller.customers)


@router.get("/{project_id}", operation_id="getProject")
async def show_project(project_id: Slug, caller: Reading, database: Tables, response: Response) -> Project:
    """Get a project."""
    async with database.reading() as session:
        return tagged(response, await project_of(session, project_id, caller))


@router.put("/{project_id}", operation_id="putProject")
async def put_project(project_id: Slug, project: Project, caller: Writing, saving: BySaving) -> Project:
    """Save a project. Existing lists are checked against it when imported again."""
    if project.id != project_id:
        raise Unacceptable(Problem(code="id_differs", at="/id"))
    async with saving.turn(f"project/{project_id}", project.customer) as session:
        await must_know_customer(session, caller, project.customer, "/customer")
        saving.over(await kept.project_to_change(session, project_id), project, caller)
        await _keep(session, project)
    return saving.answer(project)


async def begin_project(project: Project, caller: Key, database: Database) -> None:
    """Save a new one. Raises `Refused` where its name is taken."""
    async with saving_turn(database, f"project/{project.id}", project.customer) as session:
        await must_know_customer(session, caller, project.customer, "/customer")
        if await kept.project_to_change(session, project.id) is not None:
            raise Refused(Problem(code="name_taken", at="/id"))
        await _keep(session, project)


async def _keep(session: AsyncSession, project: Project) -> None:
    refuse_if(await _unknown_names(session, project))
    await kept.save_project(session, project)
    await await_approval(session, project)


@router.get("/{project_id}/mapping", operation_id="getColumnMapping")
async def show_mapping(project_id: Slug, caller: Reading, database: Tables, response: Response) -> ColumnMapping:
    """Get the customer's own column mappings."""
    async with database.reading() as session:
        found = await project_of(session, project_id, caller)
        return tagged(response, await kept.column_mapping(session, found.customer))


@router.put("/{project_id}/mapping", operation_id="putColumnMapping")
async def put_mapping(
    project_id: Slug, mapping: ColumnMapping, caller: Writing, database: Tables, saving: BySaving
) -> ColumnMapping:
    """Save column mappings for all lists of the customer."""
    async with database.reading() as session:
        whose = (await project_of(session, project_id, caller)).customer
    async with saving.turn(f"column-mapping/{whose}", whose) as session:
        saving.must_match(await kept.column_mapping(session, whose))
        if problems := list(heading_problems(mapping.columns)):
            raise Unacceptable(*problems)
        await kept.save_column_mapping(session, whose, mapping)
    return saving.answer(mapping)


@router.get("/{project_id}/lists", operation_id="listMoveLists")
async def show_lists(project_id: Slug, caller: Reading, database: Tables) -> Sequence[StagedList]:
    """List the versions of the move list with counts, newest first."""
    async with database.reading() as session:
        await project_of(session, project_id, caller)
        return await kept.lists_of(session, project_id)


@router.post("/{project_id}/lists", operation_id="importMoveList")
async def bring_in_list(
    project_id: Slug,
    file: Annotated[UploadFile, File(description="CSV, XLSX or ODS, with German or English headers.")],
    caller: Writing,
    context: InContext,
) -> StagedList:
    """Import a move list as the next version: all rows are kept, with their issues.

    Nothing is moved by it. Rows are compared with those of the version before; the same file with the same result
    makes no new version, and what was accepted stays accepted as long as it is the same.
    """
    async with context.database.reading() as session:
        found = await project_of(session, project_id, caller)
    parcel = await context.workshop.read(read_list, file.filename or "", await file.read())
    actor = Actor(person=caller.person, role=caller.role)
    return await bring_in(context.database, context.workshop, found, parcel, actor=actor, at=context.now)


@router.get("/{project_id}/issues", operation_id="listProjectIssues")
async def show_issues(project_id: Slug, caller: Reading, database: Tables, language: Spoken) -> Sequence[WordedIssue]:
    """List all issues and conflicts in the latest list, by row, and what is said of rows that are not moved."""
    _, rows = await _rows(database, project_id, caller, _SAID_OF)
    return [_worded(issue, language, row) for row in rows for issue in (*row.issues, *row.conflicts, *row.remarks)]


@router.get("/{project_id}/rows", operation_id="listStagedRows")
async def show_rows(
    project_id: Slug, query: Annotated[RowQuery, Query()], caller: Reading, database: Tables
) -> CursorPage[StagedRow]:
    """List the rows of the latest list in file order, page by page."""
    version, after = _place(query.cursor)
    async with database.reading() as session:
        newest = await newest_list_of(session, project_id, caller)
        if version not in (None, newest.version):
            raise cursor_wrong()
        states = None if query.state is None else (query.state,)
        found = await kept.staged_rows(session, newest, states=states, after=after, limit=query.limit)
    rows, last = page(found, query.limit)
    cursor = Cursor(sort=_BY_ROW, after=(str(newest.version), str(last.row))) if last else None
    return CursorPage(items=rows, next=str(cursor) if cursor else None)


@router.get(
    "/{project_id}/list.xlsx",
    operation_id="getMoveListWorkbook",
    response_class=Response,
    responses={200: file_of(XLSX)},
)
async def show_workbook(
    project_id: Slug, caller: Reading, database: Tables, workshop: AtWorkshop, language: Spoken
) -> Response:
    """Export the latest list with a column of corrections needed. It can be imported again as it is."""
    async with database.reading() as session:
        newest = await newest_list_of(session, project_id, caller)
        rows = await kept.written_rows(session, newest)
    written = await workshop.make(annotated_list, newest, rows, language)
    name = f'attachment; filename="{newest.project}-{newest.version}.xlsx"'
    headers = {"Content-Disposition": name, "Content-Language": language, "Vary": "Accept-Language"}
    return Response(written, media_type=XLSX, headers=headers)


@router.get(
    "/{project_id}/template.xlsx",
    operation_id="getMoveListTemplate",
    response_class=Response,
    responses={200: file_of(XLSX)},
)
async def show_template(
    project_id: Slug,
    asked: Annotated[TemplateQuery, Query()],
    caller: Writing,
    database: Tables,
    workshop: AtWorkshop,
    language: Spoken,
) -> Response:
    """Write a move list from the register: who sits where with what today, to be filled in and imported."""
    async with database.reading() as session:
        found = await project_of(session, project_id, caller)
        if asked.site not in found.sites:
            values = {"site": asked.site, "sites": ", ".join(found.sites)}
            raise Unacceptable(Problem(code="site_not_in_project", at="/query/site", values=values))
        sites = await list_sites(session, (found.customer,))
        people = await list_people(session, (found.customer,))
        assets = await written_assets(session, found.customer)
    site = next(site for site in sites if site.id == asked.site)
    ground = TemplateGround(site, asked.floor, people, assets)
    written = await workshop.make(written_template, ground, language)
    name = f'attachment; filename="{project_id}-{asked.site}.xlsx"'
    headers = {"Content-Disposition": name, "Content-Language": language, "Vary": "Accept-Language"}
    return Response(written, media_type=XLSX, headers=headers)


@router.post("/{project_id}/conflicts/{row}", operation_id="acceptConflict")
async def accept_conflict(
    project_id: Slug,
    row: Annotated[int, Field(ge=1, le=10**_MOST_DIGITS)],
    accept: AcceptConflict,
    caller: Annotated[Key, Depends(May(Operation.ACCEPT_CONFLICTS))],
    database: Tables,
    now: Now,
) -> StagedRow:
    """Accept conflicts of a row in the latest list, with a reason. Issues cannot be accepted."""
    acceptance = AcceptedConflict(reason=accept.reason, actor=Actor(person=caller.person, role=caller.role), at=now)
    async with database.writing() as session:
        await kept.project_to_change(session, project_id)
        newest = await newest_list_of(session, project_id, caller)
        found = await kept.staged_row(session, newest, row)
        if found is None:
            raise unknown("move_row", str(row))
        accepted = found.accepting(acceptance, accept.code)
        await kept.replace_row(session, newest, accepted)
    return accepted


async def project_of(session: AsyncSession, project_id: str, caller: Key) -> Project:
    found = await kept.project(session, project_id)
    if found is None:
        raise unknown("project", project_id)
    must_see(caller, found.customer, unknown("project", project_id))
    return found


async def newest_list_of(session: AsyncSession, project_id: str, caller: Key) -> StagedList:
    await project_of(session, project_id, caller)
    newest = await kept.newest_list(session, project_id)
    if newest is None:
        raise unknown("move_list", project_id)
    return newest


async def _rows(
    database: Database, project_id: str, caller: Key, states: Sequence[RowState] | None
) -> tuple[StagedList, Sequence[StagedRow]]:
    async with database.reading() as session:
        newest = await newest_list_of(session, project_id, caller)
        return newest, await kept.staged_rows(session, newest, states=states)


async def _unknown_names(session: AsyncSession, project: Project) -> list[Problem]:
    problems = []
    contract = await contract_in_force(session, project.contract)
    if contract is None:
        problems.append(Problem(code="contract_unknown", at="/contract", values={"contract": project.contract}))
    elif contract.customer != project.customer:
        problems.append(Problem(code="contract_of_another", at="/contract", values={"contract": project.contract}))
    known = {site.id for site in await list_sites(session, (project.customer,))}
    named = {f"/sites/{n}": site for n, site in enumerate(project.sites)}
    for field, places in (("places", project.places), ("closed", project.closed)):
        named |= {f"/{field}/{n}/site": place.site for n, place in enumerate(places)}
    return problems + [
        Problem(code="site_unknown", at=at, values={"site": site}) for at, site in named.items() if site not in known
    ]


def _worded(issue: DataIssue, language: Language, row: StagedRow) -> WordedIssue:
    problem = Problem(code=issue.code, values=issue.values)
    return WordedIssue(
        **issue.model_dump(exclude={"accepted"}),
        message=sentence(problem, language),
        to_do=remedy(problem, language),
        is_conflict=isinstance(issue, Conflict),
        is_remark=issue in row.remarks,
        accepted=issue.accepted if isinstance(issue, Conflict) else None,
    )


def _place(cursor: str | None) -> tuple[int | None, int]:
    after = read_cursor(cursor, _BY_ROW)
    if after is None:
        return None, 0
    if not all(part.isascii() and part.isdecimal() and len(part) <= _MOST_DIGITS for part in after):
        raise cursor_wrong()
    version, row = map(int, after)
    return version, row
