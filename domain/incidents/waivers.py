"""Breaches that are not held against anybody, because the priority by which they came about was a mistake."""

from datetime import datetime

from domain.cases.case import HoursOf
from domain.cases.incident_commands import Waive
from domain.clocks.sla import SlaClock
from domain.incidents.asked import IncidentAsked
from domain.incidents.progress import IncidentProgress, Waiver
from domain.refusals import Problem, Unacceptable, conflict


def waive(asked: IncidentAsked, command: Waive) -> IncidentProgress:
    """The first person proposes it, a second one agrees; both stay in the journal with their reasons."""
    progress = asked.progress
    clock = next((clock for clock in progress.clocks if clock.name == command.clock), None)
    if clock is None:
        names = ", ".join(clock.name for clock in progress.clocks)
        values = {"clock": command.clock, "clocks": names}
        raise Unacceptable(Problem(code="clock_not_there", at="/clock", values=values))
    if clock.breached_at is None:
        raise conflict("not_missed", clock=command.clock)
    proposed = next((waiver for waiver in progress.waivers if _is_of(waiver, clock)), None)
    if proposed is None:
        fresh = Waiver(
            clock=clock.name,
            breached_at=clock.breached_at,
            reason=command.reason,
            proposed_by=asked.actor.person,
            proposed_at=asked.at,
        )
        return progress.but(waivers=(*progress.waivers, fresh))
    if proposed.proposed_by == asked.actor.person:
        raise conflict("waiver_second_person", person=proposed.proposed_by)
    agreed = proposed.but(agreed_by=asked.actor.person, agreed_at=asked.at)
    return progress.but(waivers=tuple(agreed if waiver is proposed else waiver for waiver in progress.waivers))


def is_agreed(progress: IncidentProgress, clock: SlaClock) -> bool:
    return any(_is_of(waiver, clock) and waiver.agreed_at is not None for waiver in progress.waivers)


def unbroken(clock: SlaClock, promised: SlaClock | None, hours_of: HoursOf, at: datetime) -> SlaClock:
    """The clock as if its present promise had always been it. Raises `Refused` if it broke that as well."""
    if promised is None:
        raise conflict("breach_stands", clock=clock.name)
    facts = {"target": promised.target, "hours": promised.hours, "breached_at": None}
    fresh = clock.model_copy(update=facts)
    if fresh.breach(hours_of(fresh), clock.ended_at or at) is not None:
        raise conflict("breach_stands", clock=clock.name)
    return fresh


def _is_of(waiver: Waiver, clock: SlaClock) -> bool:
    return (waiver.clock, waiver.breached_at) == (clock.name, clock.breached_at)
