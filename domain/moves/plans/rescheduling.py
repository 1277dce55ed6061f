"""Planning one wave for another time, with everything else left as it is."""

from collections.abc import Collection
from datetime import datetime

from pydantic import Field

from domain.moves.plans.plan import Assignment
from domain.moves.plans.versions import PlanRequest, ProjectPlan
from domain.refusals import Problem, Unacceptable
from domain.times import MINUTE, Instant
from domain.values import Slug, Value


class RescheduleWave(Value):
    """Its window begins at `start`; it stays as long as it was unless another length is given."""

    wave: Slug
    start: Instant
    minutes: int | None = Field(default=None, gt=0, le=60 * 24 * 31)


def rescheduled(
    plan: ProjectPlan, command: RescheduleWave, begun: Collection[str], now: datetime
) -> tuple[PlanRequest, list[Assignment]]:
    """What to ask for, and what to keep.

    Raises `Unacceptable` when the plan has no such wave, when it has `begun` (its rows are held or withdrawn instead),
    or when it would begin in the past.
    """
    waves = {wave.id: wave for wave in plan.basis.waves}
    problems = []
    if command.wave not in waves:
        problems.append(Problem(code="wave_unknown", at="/wave", values={"wave": command.wave}))
    elif command.wave in begun:
        problems.append(Problem(code="wave_has_opened", at="/wave", values={"wave": command.wave}))
    if command.start <= now:
        problems.append(Problem(code="begins_in_the_past", at="/start"))
    if problems:
        raise Unacceptable(*problems)
    wave = waves[command.wave]
    length = wave.end - wave.start if command.minutes is None else command.minutes * MINUTE
    waves[wave.id] = wave.but(start=command.start, end=command.start + length)
    inside = dict.fromkeys((entry.workplace for entry in plan.plan.assignments if entry.wave == wave.id), wave.id)
    request = plan.request.but(waves=tuple(waves.values()), cut_by=None, bound=plan.request.bound | inside)
    return request, [entry for entry in plan.plan.assignments if entry.wave != wave.id]
