"""Making a project's plan: from the list as it stands, what people ask for, and what has begun already."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.clocks.calendars import WEEK, WEEKDAYS, Calendar, Weekly
from domain.clocks.closures import MIDNIGHT
from domain.contracts.contract import Contract
from domain.kinds import Leg
from domain.moves.lists.staging import StagedList, StagedRow
from domain.moves.plans.checks import conflicts_of
from domain.moves.plans.plan import Assignment, Basis, Technician, problems_of
from domain.moves.plans.planning import STEPS, plan
from domain.moves.plans.proposals import problems_of as proposal_problems
from domain.moves.plans.proposals import propose, said_by
from domain.moves.plans.rows import plannable, workplaces_of
from domain.moves.plans.versions import CrewMember, DailyWindow, PlanRequest, ProjectPlan
from domain.moves.plans.waves import LARGEST_WAVE, Wave, Workplace
from domain.moves.project import Project
from domain.people import Actor, Person, Role
from domain.places import Site
from domain.refusals import Problem, Refused, Unacceptable, refuse_if

MOST_WORKPLACES = 5_000
# Each step looks at all workplaces: with many, fewer steps take as long.
_LOOKS = 800_000


class PlanGround(NamedTuple):
    """What a request is held against; sites and the hours of technicians have their holidays.

    `people` are those of the `people_named` who are known. What is kept was planned before and has begun.
    """

    project: Project
    contract: Contract
    list: StagedList
    rows: Sequence[StagedRow]
    sites: Sequence[Site]
    people: Sequence[Person]
    keep: Sequence[Assignment] = ()


def make(request: PlanRequest, ground: PlanGround, *, actor: Actor, at: datetime) -> ProjectPlan:
    """The next plan, whose version is still to be given. Rows that cannot be planned are in it with their reasons.

    Raises `Unacceptable` naming everything wrong with the request, `Refused` when no row can be planned.
    """
    ready, not_planned = plannable(ground.rows, ground.contract.targets, {site.id for site in ground.sites})
    _refuse_size(ready, ground)
    workplaces = workplaces_of(ready, request, ground.project.sites[0])
    crew = tuple(_technician(member, request, ground) for member in _crew(request, ground.contract))
    problems = [*_request_problems(request, workplaces, ground), *_people_problems(request, ground)]
    if not request.waves:
        refuse_if(problems)
    basis = _basis(request, workplaces, crew, ground)
    keep = (*ground.keep, *_fixed(request, basis.workplaces))
    refuse_if([*problems, *_gate_problems(request, basis), *problems_of(basis, keep)])
    made = plan(basis, request.seed, min(STEPS, _LOOKS // len(workplaces)), keep)
    return ProjectPlan(
        project=ground.project.id,
        version=1,
        list_version=ground.list.version,
        at=at,
        actor=actor,
        rows=len(ground.rows),
        workplaces=len(workplaces),
        planned=len({entry.workplace for entry in made.assignments} - {left.workplace for left in made.left_over}),
        start=min((entry.start for entry in made.assignments), default=None),
        end=max((entry.end for entry in made.assignments), default=None),
        request=request,
        basis=basis,
        plan=made,
        kept=keep,
        conflicts=tuple(conflicts_of(basis, made)) if keep else (),
        not_planned=tuple(not_planned),
    )


def _refuse_size(ready: Sequence[StagedRow], ground: PlanGround) -> None:
    if not ready:
        values = {"project": ground.project.id, "version": str(ground.list.version)}
        raise Refused(Problem(code="nothing_to_plan", values=values))
    if len(ready) > MOST_WORKPLACES:
        values = {"workplaces": str(len(ready)), "limit": str(MOST_WORKPLACES)}
        raise Unacceptable(Problem(code="too_many_workplaces", values=values))


def _request_problems(request: PlanRequest, workplaces: Sequence[Workplace], ground: PlanGround) -> Iterator[Problem]:
    rows = {row.row for row in workplaces}
    for number, fixed in enumerate(request.fixed):
        if fixed.row not in rows:
            yield Problem(code="row_not_planned", at=f"/fixed/{number}/row", values={"row": str(fixed.row)})
    if not request.waves:
        begun = {entry.workplace for entry in ground.keep}
        anew = [row for row in workplaces if row.key not in begun]
        yield from proposal_problems(anew, request.cut_by or said_by(workplaces), request.window)
    elif request.cut_by is not None:
        yield Problem(code="waves_given", at="/cut_by")


def people_named(request: PlanRequest, contract: Contract) -> Sequence[str]:
    """The technicians, else those of the contract, and whoever is to open a gate."""
    gates = [*(wave.gate for wave in request.waves), *request.gates.values()]
    return [*(member.id for member in _crew(request, contract)), *(gate.by for gate in gates if gate.by is not None)]


def _gate_problems(request: PlanRequest, basis: Basis) -> Iterator[Problem]:
    waves = [wave.id for wave in basis.waves]
    for name in request.gates:
        if name not in waves:
            values = {"wave": name, "waves": ", ".join(waves)[:500]}
            yield Problem(code="gate_of_no_wave", at=f"/gates/{name}", values=values)


def _crew(request: PlanRequest, contract: Contract) -> Sequence[CrewMember]:
    return request.technicians or [CrewMember(id=person) for person in contract.people(Role.TECHNICIAN)]


def _people_problems(request: PlanRequest, ground: PlanGround) -> Iterator[Problem]:
    known = {person.id for person in ground.people if person.acts_for(ground.project.customer)}
    for number, wave in enumerate(request.waves):
        if wave.gate.by is not None and wave.gate.by not in known:
            yield Problem(code="person_unknown", at=f"/waves/{number}/gate/by", values={"person": wave.gate.by})
    for name, gate in request.gates.items():
        if gate.by is not None and gate.by not in known:
            yield Problem(code="person_unknown", at=f"/gates/{name}/by", values={"person": gate.by})
    crew = _crew(request, ground.contract)
    if not crew:
        yield Problem(code="technicians_needed", at="/technicians", values={"contract": ground.contract.id})
    for number, member in enumerate(crew):
        if member.id not in known:
            yield Problem(code="person_unknown", at=f"/technicians/{number}/id", values={"person": member.id})


def _technician(member: CrewMember, request: PlanRequest, ground: PlanGround) -> Technician:
    hours = member.hours
    if hours is None:
        access = next(site.access for site in ground.sites if site.id == ground.project.sites[0])
        hours = access if request.waves else within(access, request.window)
    return Technician(id=member.id, hours=hours, daily_minutes=member.daily_minutes, skills=member.skills)


def within(access: Calendar, window: DailyWindow) -> Calendar:
    """The hours of every day that lie in the window; all of them, where none does."""
    opened = [((0, MIDNIGHT),)] * WEEK if access.always else access.weekly.days
    common = ([(max(a, window.start), min(b, window.end)) for a, b in spans] for spans in opened)
    days = [tuple(span for span in spans if span[0] < span[1]) for spans in common]
    if not any(days):
        return access
    weekly = Weekly().model_copy(update=dict(zip(WEEKDAYS, days, strict=True)))
    return access.model_copy(update={"always": False, "weekly": weekly})


def _basis(
    request: PlanRequest, workplaces: Sequence[Workplace], crew: tuple[Technician, ...], ground: PlanGround
) -> Basis:
    sites = {site.id: site for site in ground.sites}
    waves = request.waves
    if not waves:
        by = request.cut_by or said_by(workplaces)
        waves, workplaces = propose(workplaces, by, request.window, crew, sites)
    places = [place for row in workplaces for place in (row.source, row.target)]
    used = {place.site for place in (*places, *request.interim)}
    return Basis(
        workplaces=tuple(workplaces),
        waves=tuple(_gated(wave, request) for wave in waves),
        technicians=crew,
        sites=tuple(site for site in ground.sites if site.id in used),
        vendors=request.vendors,
        freezes=request.freezes,
        interim=request.interim,
        travel_minutes=request.travel_minutes,
    )


def _gated(wave: Wave, request: PlanRequest) -> Wave:
    capacity = min(wave.capacity or LARGEST_WAVE, LARGEST_WAVE)
    return wave.but(capacity=capacity, gate=request.gates.get(wave.id, wave.gate))


def _fixed(request: PlanRequest, workplaces: Sequence[Workplace]) -> Iterator[Assignment]:
    rows = {row.row: row for row in workplaces}
    for fixed in request.fixed:
        if (row := rows.get(fixed.row)) is not None:
            yield Assignment(
                workplace=row.key,
                leg=Leg.WHOLE,
                wave=fixed.wave,
                technician=fixed.technician,
                start=fixed.start,
                end=fixed.start + timedelta(minutes=row.minutes),
                source=row.source,
                target=row.target,
            )
