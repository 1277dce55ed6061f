"""The closing report of an incident: whose minutes burnt, and whose promise broke."""

from datetime import datetime

from domain.cases.holders import Burnt
from domain.cases.holders import burnt as burnt_by
from domain.clocks.sla import ClockType
from domain.clocks.windows import ServiceHours
from domain.incidents.progress import IncidentProgress
from domain.incidents.promises import RESOLUTION
from domain.times import Instant
from domain.values import Line, Value


class Broken(Value):
    clock: Line
    type: ClockType
    breached_at: Instant


def burnt(progress: IncidentProgress, hours: ServiceHours, now: datetime) -> tuple[Burnt, ...]:
    """Counted in the hours of the resolution clock."""
    clock = next(clock for clock in progress.clocks if clock.name == RESOLUTION)
    return burnt_by(progress.stints, clock, hours, now)


def broken(progress: IncidentProgress) -> tuple[Broken, ...]:
    return tuple(
        Broken(clock=clock.name, type=clock.type, breached_at=clock.breached_at)
        for clock in progress.clocks
        if clock.breached_at is not None
    )
