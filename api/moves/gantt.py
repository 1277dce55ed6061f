"""A move project on one time axis, for whoever draws it."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.dependencies import May, Tables
from api.gate.routes import BoundedRoute
from api.moves.project import project_of
from api.policy import Operation
from api.workshop import AtWorkshop
from db.moves.launches import launch_row, workplaces_of
from db.moves.plans import newest_plan, plan_of, rehearsal_of
from domain.keys import Key
from domain.moves.reports.gantt import Gantt, Rehearsed, gantt
from domain.refusals import Problem, Refused
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/projects/{project_id}", tags=["projects"])


@router.get("/gantt", operation_id="getProjectGantt")
async def show_gantt(
    project_id: Slug,
    caller: Annotated[Key, Depends(May(Operation.READ_PROJECTS))],
    database: Tables,
    workshop: AtWorkshop,
) -> Gantt:
    """Get a Gantt chart: waves and workplaces as planned, rehearsed and actual, and technician workload.

    By the plan that is followed or, before the launch, by the newest.
    """
    async with database.reading() as session:
        await project_of(session, project_id, caller)
        launched = await launch_row(session, project_id)
        progress = launched.as_progress() if launched else None
        if progress is None:
            plan = await newest_plan(session, project_id)
        else:
            plan = await plan_of(session, project_id, progress.plan)
        if plan is None:
            raise Refused(Problem(code="no_plan", values={"project": project_id}))
        standings = await workplaces_of(session, project_id)
        rehearsal = await rehearsal_of(session, project_id, plan.version)
    waves = rehearsal.waves if rehearsal else ()
    rehearsed = {wave.wave: Rehearsed(p50=wave.p50, p90=wave.p90) for wave in waves}
    return await workshop.make(gantt, plan, progress, standings, rehearsed)
