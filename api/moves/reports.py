"""The report of a launched move project: as data, as a PDF and as a workbook."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import May, Now, Spoken, Tables
from api.gate.routes import BoundedRoute
from api.headers import PDF, file_of, file_response
from api.jobs import made_report, report_pdf, report_workbook
from api.moves.project import XLSX, project_of
from api.policy import Operation, may
from api.workshop import AtWorkshop
from db.contracts import list_customers, people_by_id
from db.ledger import entries_of_all
from db.moves.launches import LaunchRow, launch_row, waves_of, workplaces_of
from db.moves.plans import plan_of
from db.moves.projects import list_of, written_rows
from db.orders import progress_of
from domain.keys import Key
from domain.moves.launched.wave_progress import WaveState
from domain.moves.reports.records import ProjectRecords, WaveFacts, order_numbers
from domain.moves.reports.report import ProjectReport
from domain.refusals import unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/projects/{project_id}", tags=["projects"])


Reading = Annotated[Key, Depends(May(Operation.READ_PROJECTS))]


async def this_report(
    project_id: Slug, caller: Reading, database: Tables, now: Now, workshop: AtWorkshop
) -> ProjectReport:
    async with database.reading() as session:
        await project_of(session, project_id, caller)
        row = await launch_row(session, project_id)
        if row is None:
            raise unknown("launch", project_id)
        (customer,) = await list_customers(session, (row.customer,))
        records, rows = await _records(session, row)
        numbers = order_numbers(row.no, (leg for standing in records.standings for leg in standing.legs))
        orders = await progress_of(session, numbers)
        entries = await entries_of_all(session, numbers) if may(caller, Operation.READ_CHARGES) else None
    at = row.updated_at if records.progress.state.is_final else now
    records = replace(records, entries=None if entries is None else [entry.as_line() for entry in entries])
    made = await workshop.make(made_report, records, rows, orders, customer, at)
    async with database.reading() as session:
        people = await people_by_id(session, sorted(made.people))
    return made.but(names={person.id: person.name for person in people})


ThisReport = Annotated[ProjectReport, Depends(this_report)]


@router.get("/report", operation_id="getProjectReport")
async def show_report(made: ThisReport) -> ProjectReport:
    """Get the project report: results with reasons, effort and schedule; charges if the caller may see them.

    An interim report as long as the project is under way.
    """
    return made


@router.get("/report.pdf", operation_id="getProjectReportPdf", response_class=Response, responses={200: file_of(PDF)})
async def show_report_pdf(made: ThisReport, workshop: AtWorkshop, language: Spoken) -> Response:
    """Get the report as PDF/A."""
    printed = await workshop.make(report_pdf, made, language)
    return file_response(printed, PDF, f"report-{made.project}-{language}.pdf", language)


@router.get(
    "/report.xlsx", operation_id="getProjectReportWorkbook", response_class=Response, responses={200: file_of(XLSX)}
)
async def show_report_workbook(made: ThisReport, workshop: AtWorkshop, language: Spoken) -> Response:
    """Get the report as a workbook."""
    written = await workshop.make(report_workbook, made, language)
    return file_response(written, XLSX, f"report-{made.project}-{language}.xlsx", language)


async def _records(session: AsyncSession, row: LaunchRow) -> tuple[ProjectRecords, Sequence[str]]:
    """Without what its rows and orders say, which takes long to read: the rows beside it, as they are written."""
    project, progress = row.no, row.as_progress()
    plan = await plan_of(session, project, progress.plan)
    if plan is None:
        raise unknown("plan", str(progress.plan))
    staged = await list_of(session, project, plan.list_version)
    waves = await waves_of(session, project)
    records = ProjectRecords(
        launch=row.as_launch(),
        progress=progress,
        plan=plan,
        rows=(),
        standings=await workplaces_of(session, project),
        orders={},
        entries=None,
        waves={wave.wave: WaveFacts(WaveState(wave.state), wave.as_progress().given) for wave in waves},
    )
    return records, await written_rows(session, staged) if staged else ()
