"""Move projects to be rehearsed, made from dice as plans are."""

from datetime import timedelta

from domain.assets.asset import Asset, AssetStatus
from domain.cases.wave_briefs import Gate, WaveBrief
from domain.clocks.calendars import Calendar
from domain.moves.lists.kits import KitMove
from domain.moves.lists.staging import StagedRow
from domain.moves.plans.launches import Launch
from domain.moves.plans.plan import Basis, Technician
from domain.moves.plans.planning import plan
from domain.moves.plans.versions import PlanRequest, ProjectPlan
from domain.moves.plans.waves import Wave, Workplace
from domain.moves.project import Project
from domain.moves.rehearsals.rehearsal import Distributions, RehearsalPack
from domain.people import Actor, Role
from domain.places import Place
from tests.domain.moves.plans.plan_samples import OFFICE, SITES, at, big, site, technicians
from tests.world import CONTRACT

LAUNCHED = at("2026-04-10 12:00")
USUAL, UNGATED = Distributions(), Gate()
CALM = Distributions(spread=0, wasted_visit=0, failed_work=0, mismatch=0, outage_days=36_500, answer_spread=0)
# More would make a wave's history too long (TEMPORAL.md).
MOST_IN_A_WAVE = 250
PLANNER = Actor(person="p-koch", role=Role.COORDINATOR)
SERVICE = Calendar.model_validate(
    {"zone": "Europe/Berlin", "weekly": {day: [["07:00", "19:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
)


def packed(basis: Basis, chances: Distributions = USUAL, gate: Gate = UNGATED) -> RehearsalPack:
    """What the tables would hold of a project that is planned like this, every wave behind the same gate."""
    numbered = tuple(row.but(row=number) for number, row in enumerate(basis.workplaces, start=2))
    basis = basis.but(workplaces=numbered)
    made = plan(basis, steps=0)
    project = Project(id="umzug", customer="adler", contract=CONTRACT.id, name="Umzug", sites=SITES)
    kept = ProjectPlan(
        project=project.id,
        version=1,
        list_version=1,
        at=LAUNCHED,
        actor=PLANNER,
        rows=len(numbered),
        workplaces=len(numbered),
        planned=len({entry.workplace for entry in made.assignments}),
        request=PlanRequest(),
        basis=basis,
        plan=made,
    )
    counted = {wave.id: sum(entry.wave == wave.id for entry in made.assignments) for wave in basis.waves}
    briefs = (
        WaveBrief(id=wave.id, start=wave.start, end=wave.end, after=wave.after, gate=gate, workplaces=counted[wave.id])
        for wave in basis.waves
        if counted[wave.id]
    )
    return RehearsalPack(
        launch=Launch(
            project=project.id,
            customer=project.customer,
            contract=CONTRACT.id,
            name=project.name,
            site=SITES[0],
            zone="Europe/Berlin",
            plan=1,
            received_at=LAUNCHED,
            launched_by="p-koch",
            approver="p-huber",
            calendar=SERVICE,
            team=CONTRACT.team,
            waves=tuple(briefs),
        ),
        plan=kept,
        project=project,
        rows={row.key: _row(row) for row in numbered},
        contract=CONTRACT.but(calendar=SERVICE),
        sites=basis.sites,
        assets=tuple(asset for row in numbered for asset in _kit(row)),
        distributions=chances,
    )


def _row(row: Workplace) -> StagedRow:
    tags = tuple(asset.tag for asset in _kit(row))
    move = KitMove(kind=row.kind, holder=f"Mensch {row.key}", assets=tags, source=row.source, target=row.target)
    return StagedRow(row=row.row, key=row.key, said={}, cells=(), move=move)


def _kit(row: Workplace) -> list[Asset]:
    return [
        Asset(
            tag=f"{row.key}-{number}",
            customer="adler",
            serial=f"S-{row.key}-{number}",
            status=AssetStatus.DEPLOYED,
            place=row.source,
            holder=f"Mensch {row.key}",
        )
        for number in range(row.kit)
    ]


def large(workplaces: int, seed: int = 0) -> Basis:
    """As `big`, with people enough for any number of workplaces."""
    basis = big(seed, workplaces)
    people = [
        Technician(id=f"t{n}", hours=OFFICE, daily_minutes=480, skills=("cad",) * (n < 12))
        for n in range(max(12, workplaces // 24))
    ]
    rows = tuple(row.but(vendor=None) for row in basis.workplaces)
    waves = tuple(wave.but(capacity=MOST_IN_A_WAVE) for wave in basis.waves)
    return basis.but(workplaces=rows, waves=waves, technicians=tuple(people), vendors=())


def small(workplaces: int = 6, people: int = 2) -> Basis:
    """One floor on one day, with a second day after it."""
    rows = [
        Workplace(key=f"w{n}", source=_desk(f"old{n}"), target=_desk(f"new{n}"), minutes=60) for n in range(workplaces)
    ]
    first = at("2026-04-13 07:00")
    waves = (
        Wave(id="one", start=first, end=first + timedelta(hours=12), capacity=max(workplaces // 2, 1)),
        Wave(id="two", start=first + timedelta(days=1), end=first + timedelta(days=1, hours=12), after=("one",)),
    )
    return Basis(workplaces=tuple(rows), waves=waves, technicians=technicians(people), sites=tuple(map(site, SITES)))


def _desk(name: str) -> Place:
    return Place(site="nord", floor="1", room="r", desk=name)
