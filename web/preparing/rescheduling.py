"""One wave planned for another time, in a new plan: nothing changes until it is approved and adopted."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.moves.plans import reschedule_wave, show_plan
from api.policy import Operation
from domain.moves.plans.rescheduling import RescheduleWave
from domain.moves.plans.versions import ProjectPlan
from domain.moves.plans.waves import Wave
from domain.refusals import Problem, unknown
from web.forms import FieldShape, PageForm, shapes_of
from web.moments import typed_moment
from web.preparing.page import PrepareDesk, prepare_desk
from web.preparing.shown import PREPARE, form_of
from web.rendering import page
from web.words import say

router = APIRouter(include_in_schema=False)
_HERE = PREPARE + "/{project_id}/waves/{wave_id}/reschedule"


@dataclass(frozen=True)
class ReschedulingDesk(PrepareDesk):
    """A wave of the newest plan before somebody who moves it to another time."""

    plan: ProjectPlan
    wave: Wave

    @property
    def here(self) -> str:
        return f"{PREPARE}/{self.id}/waves/{self.wave.id}/reschedule"

    def form(self) -> PageForm:
        shapes = tuple(self._fitted(shape) for shape in shapes_of(RescheduleWave))
        return replace(form_of(self.here, "reschedule", self.plan.version, shapes), says="reschedule")

    def _fitted(self, shape: FieldShape) -> FieldShape:
        match shape.name:
            case "wave":
                return shape.offering([(self.wave.id, self.wave.id)])
            case "start":
                return replace(shape, start=typed_moment(self.wave.start, self.seen.zone))
            case "minutes":
                return replace(shape, words=say("wave_minutes", self.reader.look.language))
        return shape

    async def page(
        self, refused: PageForm | None = None, status: HTTPStatus = HTTPStatus.OK, faults: tuple[Problem, ...] = ()
    ) -> Response:
        values = {
            "project": self.seen.project,
            "plan": self.plan,
            "wave": self.wave,
            "zone": self.seen.zone,
            "now": self.context.now,
            "form": refused or self.form(),
            "faults": faults,
        }
        return page(self.request, "reschedule.html", self.reader.look, values, reader=self.reader, status=status)


async def _desk(
    wave_id: str, desk: Annotated[PrepareDesk, Depends(prepare_desk(Operation.PLAN_PROJECTS))]
) -> ReschedulingDesk:
    newest, context = next(iter(desk.seen.plans), None), desk.context
    if newest is None:
        raise unknown("wave", wave_id)
    plan = await show_plan(desk.id, newest.version, desk.reader.key, context.database, desk.reader.look.language)
    wave = next((one for one in plan.basis.waves if one.id == wave_id), None)
    if wave is None:
        raise unknown("wave", wave_id)
    return ReschedulingDesk(desk.request, desk.reader, context, desk.seen, plan, wave)


AtDesk = Annotated[ReschedulingDesk, Depends(_desk)]


@router.get(_HERE, name="rescheduleWavePage")
async def reschedule_page(desk: AtDesk) -> Response:
    return await desk.page()


@router.post(_HERE, name="rescheduleWaveByPage")
async def reschedule(desk: AtDesk) -> Response:
    async def act(said: RescheduleWave) -> None:
        key, language = desk.reader.key, desk.reader.look.language
        await reschedule_wave(desk.id, desk.plan.version, said, key, desk.context, language)

    return await desk.attempt(desk.form(), RescheduleWave, act)
