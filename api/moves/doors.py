"""Door sheets of a move project: who comes to which desk of a room, as data and on paper."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.dependencies import May, Now, Spoken, Tables
from api.gate.routes import BoundedRoute
from api.headers import PDF, file_of, file_response
from api.jobs import door_sheets, doors_pdf
from api.moves.project import project_of
from api.policy import Operation
from api.workshop import AtWorkshop
from db.contracts import sites_by_id
from db.engine import Database
from db.moves.launches import launch_row
from db.moves.plans import newest_plan, plan_of
from db.moves.projects import list_of, written_rows
from domain.keys import Key
from domain.moves.reports.doors import DoorSheets
from domain.people import Language
from domain.refusals import Problem, Refused
from domain.values import Line, Slug

router = APIRouter(route_class=BoundedRoute, prefix="/projects/{project_id}", tags=["projects"])

Reading = Annotated[Key, Depends(May(Operation.READ_PROJECTS))]
OfRoom = Annotated[Line | None, Query(description="Only rooms of this name.")]


async def doors_of(
    project_id: Slug, caller: Reading, database: Tables, now: Now, workshop: AtWorkshop, room: OfRoom = None
) -> DoorSheets:
    return await read_doors(project_id, room, caller, database, workshop, now)


async def read_doors(
    project_id: str, room: str | None, caller: Key, database: Database, workshop: AtWorkshop, now: Now
) -> DoorSheets:
    """Raises `Refused` as long as there is no plan."""
    async with database.reading() as session:
        project = await project_of(session, project_id, caller)
        launched = await launch_row(session, project_id)
        followed = launched.as_progress().plan if launched else None
        plan = await (plan_of(session, project_id, followed) if followed else newest_plan(session, project_id))
        if plan is None:
            raise Refused(Problem(code="no_plan", values={"project": project_id}))
        staged = await list_of(session, project_id, plan.list_version)
        rows = await written_rows(session, staged) if staged else ()
        sites = {site.id: site for site in await sites_by_id(session, project.sites)}
    first = sites.get(project.sites[0])
    rooms = await workshop.make(door_sheets, plan.plan.assignments, rows, room)
    return DoorSheets(
        project=project.id,
        name=project.name,
        plan=plan.version,
        zone=first.access.zone if first else "UTC",
        made_at=now.replace(second=0, microsecond=0),
        rooms=rooms,
        sites={site.id: site.name for site in sites.values()},
    )


TheseDoors = Annotated[DoorSheets, Depends(doors_of)]


@router.get("/doors", operation_id="getProjectDoors")
async def show_doors(doors: TheseDoors) -> DoorSheets:
    """Get, for each room that is moved into, who comes to which desk, when and with what."""
    return doors


@router.get("/doors.pdf", operation_id="getProjectDoorsPdf", response_class=Response, responses={200: file_of(PDF)})
async def show_doors_pdf(doors: TheseDoors, workshop: AtWorkshop, language: Spoken) -> Response:
    """Get the same as PDF/A on A4, a sheet for each door."""
    return await printed_doors(doors, workshop, language)


async def printed_doors(doors: DoorSheets, workshop: AtWorkshop, language: Language) -> Response:
    printed = await workshop.make(doors_pdf, doors, language)
    return file_response(printed, PDF, f"doors-{doors.project}-{language}.pdf", language)
