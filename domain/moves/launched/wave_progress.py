"""How far a wave has come: its legs with their orders, what is open for a person, and how each workplace stands."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Self

from domain.cases.case import CaseProgress
from domain.cases.instructions import Instruction
from domain.cases.move_commands import CallOff
from domain.kinds import Leg, OrderKind
from domain.moves.plans.launches import PlannedLeg, WaveLaunch
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Line, Slug, Value


class WaveState(StrEnum):
    """Through: everything has run once, and nothing more goes on by itself."""

    RUNNING = "running"
    ON_HOLD = "on_hold"
    THROUGH = "through"
    DONE = "done"
    DONE_WITH_EXCEPTIONS = "done_with_exceptions"
    CALLED_OFF = "called_off"

    @property
    def is_final(self) -> bool:
        return self in (WaveState.DONE, WaveState.DONE_WITH_EXCEPTIONS, WaveState.CALLED_OFF)


class LegStatus(StrEnum):
    """Placed: its order is under way; stuck: the order waits for a person; refused: there could be no order.

    Failed: the order ended otherwise than completed, and everything is as before it. Lost: it is over and has never
    said how, because somebody has ended it in the engine; what it had done by then is still done.
    """

    WAITING = "waiting"
    PLACED = "placed"
    STUCK = "stuck"
    REFUSED = "refused"
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


class WorkplaceState(StrEnum):
    WAITING = "waiting"
    IN_FLIGHT = "in_flight"
    OK = "ok"
    FAILED = "failed"
    EXCEPTION = "exception"
    SKIPPED = "skipped"
    ROLLED_BACK = "rolled_back"

    @property
    def is_open(self) -> bool:
        """Whether somebody has to decide what comes of it."""
        return self in (WorkplaceState.FAILED, WorkplaceState.EXCEPTION)


class LegProgress(Value):
    """`plan` is what it began by, `untold` what its order has still to be told.

    A `withdrawn` leg in flight is not wanted any more.
    """

    planned: PlannedLeg
    status: LegStatus = LegStatus.WAITING
    attempt: int = 0
    order: Slug | None = None
    plan: int | None = None
    problem: Problem | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    untold: tuple[Instruction, ...] = ()
    withdrawn: bool = False

    @property
    def id(self) -> str:
        return self.planned.id

    @property
    def has_order(self) -> bool:
        return self.status in (LegStatus.PLACED, LegStatus.STUCK)

    def telling(self, instruction: Instruction) -> Self:
        return self.but(untold=(*self.untold, instruction)) if self.has_order else self

    def dropped(self, code: str, reason: str) -> Self:
        """Not wanted any more before it has begun."""
        return self.but(status=LegStatus.WITHDRAWN, problem=Problem(code=code, values={"reason": reason}))

    def again(self) -> Self:
        return self.but(status=LegStatus.WAITING, problem=None, ended_at=None, withdrawn=False)


class OpenPoint(Value):
    """A workplace that somebody has to look after; its clock bears the same name."""

    workplace: Slug
    row: int
    owner: Slug
    since: Instant

    @property
    def clock(self) -> str:
        """Rows stand elsewhere in another list; the workplace stays the same."""
        return self.workplace


class WorkplaceStanding(Value):
    """One row of a project as it stands: its result once it has one, and who looks after it until when otherwise."""

    workplace: Slug
    row: int
    kind: OrderKind
    wave: Slug
    state: WorkplaceState
    problem: Problem | None = None
    retryable: bool = False
    owner: Slug | None = None
    due: Instant | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    legs: tuple[LegProgress, ...] = ()

    @property
    def is_begun(self) -> bool:
        return any(leg.attempt for leg in self.legs)

    @property
    def orders(self) -> tuple[str, ...]:
        return tuple(leg.order for leg in self.legs if leg.order is not None)


class WaveCounts(Value):
    workplaces: int = 0
    waiting: int = 0
    in_flight: int = 0
    ok: int = 0
    failed: int = 0
    exceptions: int = 0
    skipped: int = 0
    rolled_back: int = 0

    @property
    def percent(self) -> int:
        """How much of what is still wanted has been verified."""
        wanted = self.workplaces - self.skipped - self.rolled_back
        return 100 * self.ok // wanted if wanted > 0 else 100

    @property
    def open(self) -> int:
        return self.failed + self.exceptions


def total(counts: Iterable[WaveCounts]) -> WaveCounts:
    numbers: Counter[str] = Counter()
    for one in counts:
        numbers.update(one.model_dump())
    return WaveCounts(**numbers)


class WaveProgress(CaseProgress):
    """`withdrawn` are workplaces that were taken out, here or before it opened, each with the reason."""

    state: WaveState = WaveState.RUNNING
    plan: int
    legs: tuple[LegProgress, ...] = ()
    points: tuple[OpenPoint, ...] = ()
    called_off: CallOff | None = None
    closing: bool = False
    loaded: bool = False
    tells_at: tuple[int, ...] = ()
    withdrawn: dict[Slug, Line] = {}

    def leg(self, leg_id: str) -> LegProgress | None:
        return next((leg for leg in self.legs if leg.id == leg_id), None)

    def with_leg(self, changed: LegProgress) -> Self:
        return self.but(legs=tuple(changed if leg.id == changed.id else leg for leg in self.legs))

    def point(self, workplace: str) -> OpenPoint | None:
        return next((point for point in self.points if point.workplace == workplace), None)


def begin(launch: WaveLaunch) -> WaveProgress:
    return WaveProgress(plan=launch.plan, tells_at=launch.tells_at, withdrawn=launch.withdrawn)


class WaveNews(Value):
    """What a project hears of one of its waves, and the plan that the wave followed then."""

    event_id: Slug
    wave: Slug
    state: WaveState
    counts: WaveCounts
    at: Instant
    plan: int | None = None


class ProjectWord(Value):
    """What a wave hears of its project: a command that goes for all waves."""

    event_id: Slug
    instruction: Instruction


def goes_back(legs: tuple[LegProgress, ...]) -> bool:
    return any(leg.planned.leg == Leg.BACK for leg in legs)
