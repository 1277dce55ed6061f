"""The closing report of an incident: whose minutes burnt, and whose promise broke."""

from datetime import datetime, timedelta

from domain.cases.incident_commands import HolderKind
from domain.clocks.sla import ClockType
from domain.clocks.windows import ServiceHours
from domain.incidents.progress import Burnt, IncidentProgress
from domain.incidents.promises import RESOLUTION
from domain.times import ZERO, Instant
from domain.values import Line, Value


class Broken(Value):
    clock: Line
    type: ClockType
    breached_at: Instant


def burnt(progress: IncidentProgress, hours: ServiceHours, now: datetime) -> tuple[Burnt, ...]:
    """Counted in the hours of the resolution clock; whole minutes, rounded down once per holder."""
    clock = next(clock for clock in progress.clocks if clock.name == RESOLUTION)
    spent: dict[tuple[HolderKind, str], timedelta] = {}
    for stint in progress.stints:
        until = min(stint.until or now, now)
        parts = ((max(run.start, stint.since), min(run.end, until)) for run in clock.runs(now))
        whose = (stint.kind, stint.holder)
        spent[whose] = spent.get(whose, ZERO) + sum(
            (hours.elapsed(start, end) for start, end in parts if start < end), ZERO
        )
    return tuple(
        Burnt(kind=kind, holder=holder, minutes=int(span.total_seconds() // 60))
        for (kind, holder), span in spent.items()
    )


def broken(progress: IncidentProgress) -> tuple[Broken, ...]:
    return tuple(
        Broken(clock=clock.name, type=clock.type, breached_at=clock.breached_at)
        for clock in progress.clocks
        if clock.breached_at is not None
    )
