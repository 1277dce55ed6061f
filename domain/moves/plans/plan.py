"""The plan of a move project: which technician moves which workplace in which wave and when, and what is left over."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pydantic import Field

from domain.clocks.calendars import Calendar
from domain.kinds import Leg
from domain.moves.plans import waves
from domain.moves.plans.waves import LONGEST_DAY, Freeze, Wave, Workplace, hours
from domain.places import Place, Site
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Line, Slug, Value


class Technician(Value):
    id: Slug
    hours: Calendar
    daily_minutes: int = Field(default=480, gt=0, le=1440)
    skills: tuple[Line, ...] = ()


class VendorCapacity(Value):
    """How much of a kit (pieces) somebody else can carry on one day."""

    vendor: Slug
    pieces_per_day: int = Field(gt=0)


class Basis(Value):
    """All that a plan is made from. Sites and technicians bring calendars that already know their holidays.

    A swap needs an interim place at the site of one of its desks; any number of kits may stand there.
    """

    workplaces: tuple[Workplace, ...]
    waves: tuple[Wave, ...]
    technicians: tuple[Technician, ...]
    sites: tuple[Site, ...]
    vendors: tuple[VendorCapacity, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    interim: tuple[Place, ...] = ()
    travel_minutes: int = Field(default=30, ge=0, le=LONGEST_DAY)


class Assignment(Value):
    workplace: Slug
    leg: Leg
    wave: Slug
    technician: Slug
    start: Instant
    end: Instant
    source: Place
    target: Place


class LeftOver(Value):
    """A workplace without a place in the plan, and the constraints in conflict: for each wave that could take it."""

    workplace: Slug
    why: tuple[Problem, ...]


class Plan(Value):
    """`shortfalls` sums up what would have to give: the hours that a wave lacks for what is left over."""

    assignments: tuple[Assignment, ...] = ()
    left_over: tuple[LeftOver, ...] = ()
    shortfalls: tuple[Problem, ...] = ()


def problems_of(basis: Basis, keep: Sequence[Assignment] = ()) -> list[Problem]:
    """Everything in the basis that contradicts itself, and what it lacks for what is kept."""
    problems = waves.problems_of(basis.waves) + list(_doubled(basis))
    problems += _without_names(basis)
    problems += _unknown_to(basis, keep)
    return problems + [
        Problem(
            code="technician_day_too_long",
            at=f"/technicians/{number}/daily_minutes",
            values={
                "technician": technician.id,
                "hours": hours(technician.daily_minutes),
                "limit": hours(LONGEST_DAY),
            },
        )
        for number, technician in enumerate(basis.technicians)
        if technician.daily_minutes > LONGEST_DAY
    ]


def _doubled(basis: Basis) -> Iterator[Problem]:
    named = {
        "/workplaces": (workplace.key for workplace in basis.workplaces),
        "/waves": (wave.id for wave in basis.waves),
        "/technicians": (technician.id for technician in basis.technicians),
        "/sites": (site.id for site in basis.sites),
        "/vendors": (capacity.vendor for capacity in basis.vendors),
    }
    for at, names in named.items():
        yield from (Problem(code="name_twice", at=at, values={"name": name}) for name in _twice(names))


def _unknown_to(basis: Basis, keep: Sequence[Assignment]) -> Iterator[Problem]:
    rows = {row.key for row in basis.workplaces}
    people, known = {one.id for one in basis.technicians}, {wave.id for wave in basis.waves}
    for number, entry in enumerate(keep):
        at = f"/keep/{number}"
        if entry.workplace not in rows:
            yield Problem(code="workplace_unknown", at=f"{at}/workplace", values={"workplace": entry.workplace})
        if entry.technician not in people:
            yield Problem(code="technician_unknown", at=f"{at}/technician", values={"technician": entry.technician})
        if entry.wave not in known:
            yield Problem(code="wave_unknown", at=f"{at}/wave", values={"wave": entry.wave})
    legs: dict[str, list[Leg]] = defaultdict(list)
    for entry in sorted(keep, key=lambda entry: entry.start):
        legs[entry.workplace].append(entry.leg)
    for workplace, kept in legs.items():
        if kept not in ([Leg.WHOLE], [Leg.ASIDE], [Leg.ASIDE, Leg.ON]):
            yield Problem(code="legs_contradict", at="/keep", values={"workplace": workplace})


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def _without_names(basis: Basis) -> list[Problem]:
    """What is referred to and not there."""
    sites = {site.id for site in basis.sites}
    technicians = {technician.id for technician in basis.technicians}
    places = [place for row in basis.workplaces for place in (row.source, row.target)]
    used = {place.site for place in (*places, *basis.interim)}
    problems = [Problem(code="site_unknown", at="/sites", values={"site": site}) for site in sorted(used - sites)]
    for number, wave in enumerate(basis.waves):
        problems += [
            Problem(code="technician_unknown", at=f"/waves/{number}/crew", values={"technician": member})
            for member in wave.crew
            if member not in technicians
        ]
    return problems
