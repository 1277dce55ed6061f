"""The closing report of an incident: whose minutes burnt."""

from datetime import datetime

from domain.cases.holders import Burnt
from domain.cases.holders import burnt as burnt_by
from domain.clocks.windows import ServiceHours
from domain.incidents.progress import IncidentProgress
from domain.incidents.promises import RESOLUTION


def burnt(progress: IncidentProgress, hours: ServiceHours, now: datetime) -> tuple[Burnt, ...]:
    """Counted in the hours of the resolution clock."""
    clock = next(clock for clock in progress.clocks if clock.name == RESOLUTION)
    return burnt_by(progress.stints, clock, hours, now)
