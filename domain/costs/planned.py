"""A move that has only been planned, as the cases it will be: with the minutes that its rehearsal has come to."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

from domain.costs.cases import CaseLog, ChargedCase
from domain.moves.plans.plan import Assignment
from domain.moves.plans.versions import ProjectPlan
from domain.people import Role
from domain.times import MINUTE

# Nobody can log more for one visit.
LONGEST_VISIT = 1440


def planned_cases(plan: ProjectPlan, minutes: int, version: int, at: datetime) -> Iterator[ChargedCase]:
    """One for each trip of a workplace, under the version of the contract that is in force.

    `minutes` are those of half of all rehearsals, ways between sites with them: each trip has its share by its planned
    time, and together they are all of them.
    """
    kinds = {row.key: row.kind for row in plan.basis.workplaces}
    trips = sorted((*plan.kept, *plan.plan.assignments), key=lambda one: (one.start, one.workplace, one.leg))
    planned = sum(_planned(one) for one in trips)
    passed = reached = 0
    for trip in trips:
        passed += _planned(trip)
        upto = round(Fraction(minutes) * passed / planned) if planned else 0
        share, reached = upto - reached, upto
        told = min(share, LONGEST_VISIT)
        yield ChargedCase(
            no=f"{trip.workplace}-{trip.leg}",
            version=version,
            kind=kinds[trip.workplace],
            accepted=at,
            ended=trip.start + timedelta(minutes=told),
            is_completed=True,
            logs=(CaseLog(Role.TECHNICIAN, told, trip.start, is_visit=True),),
        )


def _planned(trip: Assignment) -> int:
    return (trip.end - trip.start) // MINUTE
