"""What a plan's rehearsal has found, kept beside the plan by whoever has rehearsed it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from api.dependencies import May, Now, Tables
from api.gate.routes import BoundedRoute
from api.moves.project import project_of
from api.policy import Operation
from api.saving import BySaving, tagged
from db.moves.plans import plan_of, rehearsal_of, store_rehearsal
from domain.keys import Key
from domain.moves.rehearsals.forecasts import Rehearsal
from domain.refusals import Problem, refuse_if, unknown
from domain.values import Slug

router = APIRouter(
    route_class=BoundedRoute, prefix="/projects/{project_id}/plans/{version}/rehearsal", tags=["projects"]
)

Version = Annotated[int, Field(ge=1, le=10**9)]


@router.get("", operation_id="getRehearsal")
async def show_rehearsal(
    project_id: Slug,
    version: Version,
    caller: Annotated[Key, Depends(May(Operation.READ_PROJECTS))],
    database: Tables,
    response: Response,
) -> Rehearsal:
    """Get the latest rehearsal of a plan."""
    async with database.reading() as session:
        await project_of(session, project_id, caller)
        found = await rehearsal_of(session, project_id, version)
    if found is None:
        raise unknown("rehearsal", str(version))
    return tagged(response, found)


@router.put("", operation_id="putRehearsal")
async def put_rehearsal(
    project_id: Slug,
    version: Version,
    rehearsal: Rehearsal,
    caller: Annotated[Key, Depends(May(Operation.PLAN_PROJECTS))],
    saving: BySaving,
    now: Now,
) -> Rehearsal:
    """Save the rehearsal of a plan, replacing an earlier one."""
    said = (("/project", rehearsal.project, project_id), ("/plan", rehearsal.plan, version))
    refuse_if([Problem(code="id_differs", at=at) for at, given, meant in said if given != meant])
    async with saving.database.reading() as session:
        whose = (await project_of(session, project_id, caller)).customer
    async with saving.turn(f"rehearsal/{project_id}/{version}", whose) as session:
        saving.must_match(await rehearsal_of(session, project_id, version))
        if await plan_of(session, project_id, version) is None:
            raise unknown("plan", str(version))
        await store_rehearsal(session, rehearsal, now)
    return saving.answer(rehearsal)
