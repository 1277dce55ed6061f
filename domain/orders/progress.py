"""How far an order has come: its steps, what people have told it, its clocks, and the state that follows."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Self, TypeVar

from domain.assets.asset import Asset
from domain.cases.holders import HeldProgress, Stint
from domain.cases.incident_commands import HolderKind
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Book, CommandBase, Rest
from domain.clocks.sla import ClockType, SlaClock
from domain.contracts.chains import Acceptance, Appointment, Approval, Notice, Reservation, is_offered
from domain.kinds import OrderState
from domain.orders.order import Order
from domain.people import Actor, Role
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Line, Slug, Text, Value
from domain.vendors.certificates import DatedCertificate

C = TypeVar("C", bound=CommandBase)
# The clock of a certificate that is in question bears its step's id and this; those of steps bear their round.
CERTIFICATE_CLOCK = "certificate-"


class StepStatus(StrEnum):
    """`stuck`: it cannot go on as it is and a person must decide; `failed`: people could not do it."""

    WAITING = "waiting"
    OPEN = "open"
    STARTED = "started"
    STUCK = "stuck"
    FAILED = "failed"
    DONE = "done"
    SKIPPED = "skipped"
    UNDONE = "undone"


SETTLED = frozenset({StepStatus.DONE, StepStatus.SKIPPED})
LIVE = frozenset({StepStatus.OPEN, StepStatus.STARTED, StepStatus.STUCK, StepStatus.FAILED})


class StepProgress(Value):
    """`round` counts how often the step was opened: a declined acceptance or a wasted visit opens it again."""

    id: Slug
    type: Slug
    status: StepStatus = StepStatus.WAITING
    round: int = 0
    opened_at: Instant | None = None
    closed_at: Instant | None = None
    problem: Problem | None = None
    skip_proposed_by: Slug | None = None


class Ending(Value):
    """Why the order will not be completed."""

    state: Literal[OrderState.REJECTED, OrderState.CANCELLED, OrderState.FAILED]
    actor: Actor
    at: Instant
    reason: Text
    late: bool = False
    rest: Rest | None = None


class Quote(Value):
    """What an order will cost; `at_most` says that it may cost less. Whoever goes on with it has accepted it."""

    price: Decimal
    at_most: bool = False


class MissingGoods(Value):
    """Serials, or tags, that a recycler's list was the first to miss; `incident` looks for those that may bear data."""

    serials: tuple[Line, ...]
    data_bearing: tuple[Line, ...] = ()
    incident: Slug | None = None


class Custodian(Value):
    """Who has taken goods at a step, as the directory had it `at` that time, and the certificate that held then.

    What is found later is another entry.
    """

    step: Slug
    at: Instant
    vendor: Slug
    name: Line
    version: int
    certificate: DatedCertificate | None = None


class CertificateException(Value):
    """What has become questionable of a custodian while goods are with it: a person settles it, in time.

    `no` counts within the order; `reason` is why somebody doubts it, without one its certificate has ended. `due` is
    until when it is to be settled, as it was when the order was last written down; none while the order is held.
    """

    no: int
    step: Slug
    custodian: Custodian
    since: Instant
    target_minutes: int
    reason: Text | None = None
    settled_at: Instant | None = None
    settled_by: Slug | None = None
    finding: Line | None = None
    due: Instant | None = None

    @property
    def clock(self) -> str:
        return f"{self.step}/{CERTIFICATE_CLOCK}{self.no}"


class PartStanding(Value):
    """How an order of a bundle stands, as far as the bundle has heard; `problem` says why it is stuck or has ended."""

    step: Slug
    order: Slug
    state: OrderState = OrderState.REQUESTED
    stuck: bool = False
    problem: Problem | None = None


class OwnPeopleStint(Value):
    """A step's time with the customer's own people, which may go on.

    `minutes` are what of the time promised for the order passed meanwhile, once it is over: counted beside ours and
    never charged.
    """

    step: Slug
    since: Instant
    until: Instant | None = None
    minutes: int | None = None


class Progress(HeldProgress):
    """Everything about an order that can change. `burnt` says at its end who had it for how long, if a vendor had.

    `own_people` are the stints of steps given to the customer's IT.
    """

    state: OrderState = OrderState.REQUESTED
    steps: tuple[StepProgress, ...]
    appointment: Book | None = None
    assets: tuple[Asset, ...] = ()
    missing: tuple[MissingGoods, ...] = ()
    custodians: tuple[Custodian, ...] = ()
    exceptions: tuple[CertificateException, ...] = ()
    ending: Ending | None = None
    quote: Quote | None = None
    parts: tuple[PartStanding, ...] = ()
    own_people: tuple[OwnPeopleStint, ...] = ()

    def step(self, step_id: str) -> StepProgress:
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def with_step(self, step_id: str, **changes: object) -> "Progress":
        return self.but(steps=tuple(step.but(**changes) if step.id == step_id else step for step in self.steps))

    def opened(self, step_id: str, at: datetime) -> "Progress":
        return self.with_step(
            step_id,
            status=StepStatus.OPEN,
            round=self.step(step_id).round + 1,
            opened_at=at,
            closed_at=None,
            problem=None,
            skip_proposed_by=None,
        )

    def settled(self, step_id: str, at: datetime, status: StepStatus = StepStatus.DONE) -> "Progress":
        return self.with_step(step_id, status=status, closed_at=at, problem=None)

    def reopened(self, *step_ids: str) -> "Progress":
        """The steps wait again, so that the chain opens them once more."""
        progress = self
        for step_id in step_ids:
            progress = progress.with_step(step_id, status=StepStatus.WAITING, closed_at=None, problem=None)
        return progress

    def with_part(self, standing: PartStanding) -> "Progress":
        """Whichever order stood for that step before."""
        others = tuple(part for part in self.parts if part.step != standing.step)
        return self.but(parts=(*others, standing))

    def custodian(self, step_id: str) -> Custodian | None:
        """Whoever has the goods of this step, as it was last found."""
        return next((one for one in reversed(self.custodians) if one.step == step_id), None)

    def questioned(self, step_id: str, at: datetime, target_minutes: int, reason: str | None = None) -> "Progress":
        custodian = self.custodian(step_id)
        assert custodian is not None
        found = CertificateException(
            no=len(self.exceptions) + 1,
            step=step_id,
            custodian=custodian,
            since=at,
            target_minutes=target_minutes,
            reason=reason,
        )
        return self.but(exceptions=(*self.exceptions, found))

    def back_with_us(self, at: datetime) -> Self:
        """Another vendor that is at work has the order then, or the coordinators."""
        vendors = [job.vendor for job in self.jobs if job.is_taken and job.vendor is not None]
        if vendors:
            return self.held_now_by(HolderKind.VENDOR, vendors[-1], at)
        return self.held_now_by(HolderKind.TEAM, Role.COORDINATOR, at)

    def with_dues(self, due_of: Callable[[str], datetime | None]) -> "Progress":
        """As it is written down: with the deadlines of what is in question, by the names of its clocks."""
        if not self.in_question:
            return self
        dated = (one.but(due=due_of(one.clock)) if one.settled_at is None else one for one in self.exceptions)
        return self.but(exceptions=tuple(dated))

    @property
    def in_question(self) -> tuple[CertificateException, ...]:
        return tuple(one for one in self.exceptions if one.settled_at is None)

    def with_own_people(self, step_id: str) -> OwnPeopleStint | None:
        """Since when the customer's own people have this step, if they do."""
        return next((one for one in self.own_people if one.step == step_id and one.until is None), None)

    @property
    def parts_under_way(self) -> tuple[PartStanding, ...]:
        return tuple(part for part in self.parts if not part.state.is_final)

    def told(self, command: type[C] | tuple[type[C], ...], step_id: str) -> Iterator[tuple[Instruction, C]]:
        """What was told a step since it was last opened, oldest first."""
        opened_at = self.step(step_id).opened_at
        for instruction in self.given:
            told = instruction.command
            if isinstance(told, command) and told.step == step_id and opened_at and instruction.given_at >= opened_at:
                yield instruction, told

    def ready(self, order: Order) -> tuple[str, ...]:
        """Steps that may open now: everything before them is settled, and nothing holds the order.

        What is further before counts as well: after a wasted visit work waits for the new appointment.
        """
        if self.holds or self.ending is not None:
            return ()
        waiting = {step.id for step in self.steps if step.status == StepStatus.WAITING}
        settled = {step.id for step in self.steps if step.status in SETTLED}
        return tuple(
            step.id
            for step in order.chain.steps
            if step.id in waiting and settled.issuperset(step.after) and settled.issuperset(order.chain.before(step.id))
        )

    @property
    def is_missed(self) -> bool:
        """Whether a promise to the customer broke; what we promise ourselves is our own affair."""
        return any(clock.breached_at is not None for clock in self.clocks if clock.type == ClockType.SLA)

    @property
    def troubled(self) -> StepProgress | None:
        """A step that goes on only when a person has decided how; failed work asks nobody while all is undone."""
        asking = {StepStatus.STUCK} if self.ending is not None else {StepStatus.STUCK, StepStatus.FAILED}
        return next((step for step in self.steps if step.status in asking), None)

    @property
    def is_over(self) -> bool:
        """Whether nobody can tell its run anything more, be it that it is still being undone."""
        return self.state.is_final or self.ending is not None

    @property
    def is_chain_done(self) -> bool:
        return all(step.status in SETTLED for step in self.steps)


def begin(order: Order, clocks: tuple[SlaClock, ...]) -> Progress:
    steps = tuple(StepProgress(id=step.id, type=step.type) for step in order.chain.in_order())
    first = Stint(kind=HolderKind.TEAM, holder=Role.COORDINATOR, since=order.received_at)
    stints = (first,) if any(is_offered(step) for step in order.chain.steps) else ()
    return Progress(steps=steps, clocks=clocks, assets=order.assets, stints=stints)


_PREPARING = (Approval, Reservation, Appointment, Notice)


def state_of(order: Order, progress: Progress) -> OrderState:
    """The order's state as it follows from its steps and holds (DOMAIN.md 2); while it is undone it stays."""
    if progress.ending is not None:
        return progress.state
    if progress.is_chain_done:
        return OrderState.COMPLETED
    return OrderState.ON_HOLD if progress.holds else stage_of(order, progress)


def stage_of(order: Order, progress: Progress) -> OrderState:
    """The furthest stage that any step has brought the order to, held or not."""
    status = {step.id: step.status for step in progress.steps}
    steps = order.chain.steps
    begun = SETTLED | {StepStatus.STARTED, StepStatus.STUCK, StepStatus.FAILED}
    if any(isinstance(step, Acceptance) and status[step.id] in LIVE for step in steps):
        return OrderState.AWAITING_ACCEPTANCE
    if any(status[step.id] in begun for step in steps if not isinstance(step, _PREPARING)):
        return OrderState.IN_PROGRESS
    if progress.appointment is not None:
        return OrderState.SCHEDULED
    approved = all(status[step.id] in SETTLED for step in steps if isinstance(step, Approval))
    return OrderState.APPROVED if approved else OrderState.REQUESTED
