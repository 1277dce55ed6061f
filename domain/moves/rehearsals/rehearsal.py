"""Rehearsing a move project: what is known before, how people and systems may behave, and what came of one run."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from domain.assets.asset import Asset
from domain.contracts.contract import Contract
from domain.moves.lists.staging import StagedRow
from domain.moves.plans.launches import Launch
from domain.moves.plans.versions import ProjectPlan
from domain.moves.project import Project
from domain.places import Site
from domain.times import Instant
from domain.values import Slug, Value

MOST_RUNS = 200
LONGEST = 36_500


class Distributions(Value):
    """How long things take and how often they go wrong.

    All numbers are proposals until a house has measured its own. A time is drawn from a lognormal distribution: half of
    all draws are shorter than its middle, and `spread` is how far they scatter (0.3: two thirds within a quarter less
    and a third more). Chances are per visit; an outage of the register begins once in so many days on average.
    """

    pace: float = Field(default=1.0, gt=0, le=10)
    spread: float = Field(default=0.3, ge=0, le=2)
    custody_minutes: float = Field(default=5, gt=0, le=600)
    erasure_minutes: float = Field(default=20, gt=0, le=600)
    verification_minutes: float = Field(default=2, gt=0, le=600)
    answer_minutes: float = Field(default=30, gt=0, le=10_000)
    answer_spread: float = Field(default=0.8, ge=0, le=2)
    go_minutes: float = Field(default=15, gt=0, le=10_000)
    wasted_visit: float = Field(default=0.01, ge=0, le=1)
    failed_work: float = Field(default=0.01, ge=0, le=1)
    mismatch: float = Field(default=0.02, ge=0, le=1)
    outage_days: float = Field(default=20, gt=0, le=LONGEST)
    outage_minutes: float = Field(default=90, gt=0, le=10_000)


class RehearsalPack(Value):
    """Everything a rehearsal needs, as the tables have it: nothing is looked up while it runs.

    `rows` bear the keys of the plan's workplaces. Sites and technicians come with the plan.
    """

    launch: Launch
    plan: ProjectPlan
    project: Project
    rows: dict[Slug, StagedRow]
    contract: Contract
    sites: tuple[Site, ...]
    assets: tuple[Asset, ...]
    distributions: Distributions = Distributions()


class RowTrouble(StrEnum):
    """What hurts a row. Waited for: others could not begin in time because of it."""

    WASTED_VISIT = "wasted_visit"
    FAILED = "failed"
    MISMATCH = "mismatch"
    REFUSED = "refused"
    REGISTER_AWAY = "register_away"
    LATE = "late"
    WAITED_FOR = "waited_for"


class LegRun(Value):
    """How one leg went in one run. `bound_by` is the leg whose end it had to wait for, if it could not begin in time.

    It `ended` when its order was completed.
    """

    leg: str
    workplace: Slug
    row: int
    wave: Slug
    technician: Slug | None
    planned_start: Instant
    planned_end: Instant
    began: Instant | None = None
    ended: Instant | None = None
    bound_by: str | None = None
    troubles: frozenset[RowTrouble] = frozenset()


class Missed(Value):
    """A promise that was broken; of a row's own order or, without one, of the project's exceptions."""

    row: int
    clock: str


class RehearsedLoad(Value):
    technician: Slug
    day: date
    minutes: int


class RunOutcome(Value):
    """One run from launch to end. Not `finished` means that it was still under way when it was given up."""

    seed: int
    finished: bool
    ended: Instant
    waves: dict[Slug, Instant]
    legs: tuple[LegRun, ...]
    missed: tuple[Missed, ...]
    loads: tuple[RehearsedLoad, ...]
    exceptions: int
    messages: int
    minutes: int
    amount: Decimal
