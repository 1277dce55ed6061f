"""A project's plan as it is asked for, kept by version, approved by a person, and followed wave by wave."""

from pydantic import Field

from domain.cases.wave_briefs import Gate
from domain.clocks.calendars import Calendar
from domain.clocks.closures import WallTime
from domain.kinds import Leg, OrderKind
from domain.moves.plans.desk_sequence import waits_of
from domain.moves.plans.launches import PlannedLeg, leg_id
from domain.moves.plans.plan import Assignment, Basis, Plan, VendorCapacity
from domain.moves.plans.waves import LONGEST_DAY, CutBy, Freeze, Wave, WaveId
from domain.people import Actor
from domain.places import Place
from domain.refusals import Problem
from domain.times import Day, Instant
from domain.values import PER_CHOICE, Few, Line, Slug, Text, Value

USUAL_MINUTES = 75


class Effort(Value):
    """What a workplace takes: minutes of a technician with these skills, and whoever carries its kit."""

    minutes: int | None = Field(default=None, gt=0, le=LONGEST_DAY)
    skills: Few[Line] = ()
    carrier: Slug | None = None


class CrewMember(Value):
    """A technician of the plan; without `hours` they work while the project's first site can be entered."""

    id: Slug
    hours: Calendar | None = None
    daily_minutes: int = Field(default=480, gt=0, le=1440)
    skills: Few[Line] = ()


class DailyWindow(Value):
    """When proposed waves run: on the days that the list names or, without any, from the first on, so many at most.

    Technicians without hours of their own work in it only.
    """

    first: Day | None = None
    days: int = Field(default=60, ge=1, le=366)
    start: WallTime = Field(default=8 * 60, json_schema_extra={"default": "08:00"})
    end: WallTime = Field(default=16 * 60, json_schema_extra={"default": "16:00"})


class Fixed(Value):
    """Who does a row's work and when, because people say so: the plan is made around it, whatever it breaks."""

    row: int
    wave: Slug
    technician: Slug
    start: Instant


class PlanRequest(Value):
    """What a plan is made from beside the list. Waves that are not given are proposed, one after the other.

    They are cut by what the list says most clearly, if it is not said: its waves, its days, else floors. Without
    technicians those of the contract come. What is carried needs a carrier among the `vendors`. Workplaces that are
    `bound` to a wave move in it whenever it is: day and hour of the list no longer count for them. `gates` are those of
    waves by id, proposed ones too.
    """

    waves: tuple[Wave, ...] = Field(default=(), max_length=200, fail_fast=True)
    cut_by: CutBy | None = None
    window: DailyWindow = DailyWindow()
    technicians: tuple[CrewMember, ...] = Field(default=(), max_length=500)
    vendors: tuple[VendorCapacity, ...] = Field(default=(), max_length=100)
    freezes: tuple[Freeze, ...] = Field(default=(), max_length=200)
    interim: tuple[Place, ...] = Field(default=(), max_length=1_000, fail_fast=True)
    travel_minutes: int = Field(default=30, ge=0, le=LONGEST_DAY)
    minutes: int = Field(default=USUAL_MINUTES, gt=0, le=LONGEST_DAY)
    efforts: dict[OrderKind, Effort] = Field(default={}, max_length=PER_CHOICE)
    fixed: tuple[Fixed, ...] = Field(default=(), max_length=5_000, fail_fast=True)
    bound: dict[Slug, Slug] = Field(default={}, max_length=5_000)
    seed: int = Field(default=0, ge=0, lt=2**31)
    gates: dict[WaveId, Gate] = Field(default={}, max_length=200)

    def effort(self, kind: OrderKind) -> Effort:
        effort = self.efforts.get(kind, Effort())
        return effort.but(minutes=effort.minutes or self.minutes)


class NotPlanned(Value):
    """A row that has to be put right, or whose conflicts have to be accepted, before it can be planned."""

    row: int
    workplace: Slug
    why: tuple[Problem, ...]


class PlanApproval(Value):
    actor: Actor
    at: Instant
    reason: Text | None = None


class PlanHeader(Value):
    """A plan in short. Of the list's `rows` only `workplaces` could be planned, and `planned` found a time."""

    project: Slug
    version: int
    list_version: int
    at: Instant
    actor: Actor
    rows: int
    workplaces: int
    planned: int
    start: Instant | None = None
    end: Instant | None = None
    approved: PlanApproval | None = None


class ProjectPlan(PlanHeader):
    """`kept` had begun when the plan was made. `conflicts` are what people's own times break."""

    request: PlanRequest
    basis: Basis
    plan: Plan
    kept: tuple[Assignment, ...] = ()
    conflicts: tuple[Problem, ...] = ()
    not_planned: tuple[NotPlanned, ...] = ()

    @property
    def header(self) -> PlanHeader:
        return PlanHeader.model_construct(**{name: getattr(self, name) for name in PlanHeader.model_fields})


def legs_by_wave(plan: ProjectPlan) -> dict[str, list[PlannedLeg]]:
    """The orders of each wave to be, in the order in which they were planned. They may wait for legs of other waves.

    Each begins after those before it that leave the desk it goes to, kept or planned anew.
    """
    rows = plan.basis.workplaces
    times = {leg_id(entry.workplace, entry.leg): entry.start for entry in plan.plan.assignments}
    asides = {entry.workplace for entry in plan.plan.assignments if entry.leg is Leg.ASIDE}
    leaving = [leg_id(row.key, Leg.ASIDE if row.key in asides else Leg.WHOLE) for row in rows]
    waits = {rows[at].key: [leaving[other] for other in sorted(others)] for at, others in waits_of(rows).items()}
    by_key = {row.key: row for row in rows}
    found: dict[str, list[PlannedLeg]] = {wave.id: [] for wave in plan.basis.waves}
    for entry in plan.plan.assignments:
        row = by_key[entry.workplace]
        after = [] if entry.leg is Leg.ASIDE else waits[row.key]
        after = [leg_id(row.key, Leg.ASIDE), *after] if entry.leg is Leg.ON else after
        found[entry.wave].append(
            PlannedLeg(
                workplace=entry.workplace,
                row=row.row,
                leg=entry.leg,
                kind=row.kind,
                start=entry.start,
                after=tuple(earlier for earlier in after if earlier in times and times[earlier] < entry.start),
            )
        )
    return found


def legs_of(plan: ProjectPlan, wave: str) -> tuple[PlannedLeg, ...]:
    """As `legs_by_wave`, of one wave; none of one that the plan does not have."""
    return tuple(legs_by_wave(plan).get(wave, ()))
