"""Door sheets of a move, to hang at rooms on its day."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.dependencies import Tables
from api.moves.doors import printed_doors, read_doors
from api.policy import Operation
from api.queries import QueryValue
from api.workshop import AtWorkshop
from domain.values import Line
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
Reading = Annotated[Reader, Depends(Signed(Operation.READ_PROJECTS))]


class DoorSheetQuery(QueryValue):
    room: Line | None = None


@router.get("/projects/{project_id}/doors.pdf", name="doorSheetsPage")
async def doors_page(
    project_id: str, query: Annotated[DoorSheetQuery, Query()], reader: Reading, database: Tables, workshop: AtWorkshop
) -> Response:
    doors = await read_doors(project_id, query.room, reader.key, database, workshop, reader.now)
    return await printed_doors(doors, workshop, reader.look.language)
