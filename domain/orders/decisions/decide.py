"""What a command does to an order, or why it is refused.

`decide` is asked twice: by the update's validator, which drops the answer, and by its handler, which keeps it.
So a refusal leaves no trace, and every rule stands in one place.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.cases import order_commands as commands
from domain.cases.instructions import Instruction, heard_before
from domain.contracts.chains import (
    LABOUR,
    Acceptance,
    Appointment,
    Approval,
    Custody,
    Erasure,
    Evidence,
    StepBase,
    VendorDispatch,
    Verification,
    Work,
)
from domain.kinds import may_follow
from domain.orders.decisions import acceptance, appointments, approvals, course, proofs, verification, work
from domain.orders.decisions.asked import OrderAsked, conflict
from domain.orders.order import Order
from domain.orders.progress import Progress, StepStatus, state_of
from domain.orders.promises import timed
from domain.refusals import Problem, Unacceptable

_OPEN = frozenset({StepStatus.OPEN, StepStatus.STARTED})


@dataclass(frozen=True)
class OrderRule:
    """Which rule decides a command, and at which steps in which status it may be aimed."""

    decides: Callable[..., Progress]
    aims_at: tuple[type[StepBase], ...] = ()
    status: frozenset[StepStatus] = _OPEN


_ANY = (StepBase,)
# Far above what an order can need, far below what one workflow run may take (2,000 updates). Beyond so many it can
# only be cancelled.
MOST_COMMANDS = 1000
RULES: dict[type[commands.CommandBase], OrderRule] = {
    commands.Approve: OrderRule(approvals.approve, (Approval,)),
    commands.Reject: OrderRule(approvals.reject, (Approval,)),
    commands.Book: OrderRule(appointments.book, (Appointment,)),
    commands.Reschedule: OrderRule(appointments.reschedule, (Appointment,), frozenset({StepStatus.DONE})),
    commands.Start: OrderRule(work.start, (Work, VendorDispatch), frozenset({StepStatus.OPEN})),
    commands.LogWork: OrderRule(work.log_work, LABOUR, _OPEN | {StepStatus.DONE}),
    commands.Complete: OrderRule(work.complete, (Work, VendorDispatch)),
    commands.RecordErasure: OrderRule(proofs.record_erasure, (Erasure,)),
    commands.ConfirmCustody: OrderRule(proofs.confirm_custody, (Custody,)),
    commands.AddEvidence: OrderRule(proofs.add_evidence, (Evidence,)),
    commands.Verify: OrderRule(verification.verify, (Verification,)),
    commands.Accept: OrderRule(acceptance.accept, (Acceptance,)),
    commands.DeclineAcceptance: OrderRule(acceptance.decline, (Acceptance,)),
    commands.Hold: OrderRule(course.hold),
    commands.Resume: OrderRule(course.resume),
    commands.Migrate: OrderRule(course.migrate),
    commands.Cancel: OrderRule(course.cancel),
    commands.Retry: OrderRule(course.retry, _ANY, frozenset({StepStatus.STUCK, StepStatus.FAILED})),
    commands.Skip: OrderRule(course.skip, _ANY, _OPEN | {StepStatus.WAITING, StepStatus.STUCK, StepStatus.FAILED}),
}


def decide(order: Order, progress: Progress, instruction: Instruction) -> Progress:
    """The progress after a command.

    A request id that was heard before changes nothing. Raises `Refused` when the order is over or its state
    forbids the command, `NotAllowed` when the actor may not, `Unacceptable` when the command itself is wrong.
    """
    if heard_before(progress.given, instruction):
        return progress
    _check_under_way(progress, instruction.command)
    rule = _rule(progress, instruction.command)
    step_id = _aim(order, progress, instruction.command, rule) if rule.aims_at else ""
    at = _heard_at(progress, step_id, instruction)
    asked = OrderAsked(order, progress, instruction.actor, at, step_id)
    decided = rule.decides(asked, instruction.command)
    heard = instruction.but(command=instruction.command.but(step=step_id or None), given_at=at)
    return following(order, decided.but(given=(*decided.given, heard)), at)


def _heard_at(progress: Progress, step_id: str, instruction: Instruction) -> datetime:
    """When the API received it; but nothing is said to a step before it opened, however late its worker woke."""
    opened_at = progress.step(step_id).opened_at if step_id else None
    return max(instruction.given_at, opened_at or instruction.given_at)


def following(order: Order, progress: Progress, at: datetime) -> Progress:
    """The progress with the state and the clocks that its steps and holds make; the state table must allow it."""
    state = state_of(order, progress)
    if state != progress.state and not may_follow(progress.state, state):
        raise conflict("state_forbids", state=progress.state, after=state)
    return timed(order, progress.but(state=state), at)


def _check_under_way(progress: Progress, command: commands.CommandBase) -> None:
    is_ending = progress.ending is not None or isinstance(command, commands.Cancel)
    if len(progress.given) >= MOST_COMMANDS and not is_ending:
        raise conflict("too_many_commands", most=str(MOST_COMMANDS))
    if progress.state.is_final:
        raise conflict("order_is_over", state=progress.state)
    if progress.ending is not None and not isinstance(command, commands.Retry | commands.Skip):
        raise conflict("order_is_over", state=progress.ending.state)


def _rule(progress: Progress, command: commands.CommandBase) -> OrderRule:
    """While an order is being undone, only what a machine could not undo can still be decided."""
    rule = RULES[type(command)]
    return rule if progress.ending is None else replace(rule, status=rule.status & {StepStatus.STUCK})


def _aim(order: Order, progress: Progress, command: commands.CommandBase, rule: OrderRule) -> str:
    if command.step is not None:
        return _named(order, progress, command.step, rule)
    fitting = [
        step.id
        for step in order.chain.steps
        if isinstance(step, rule.aims_at) and progress.step(step.id).status in rule.status
    ]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise conflict("no_such_step_open", state=progress.state)
    # Time is often logged when the next piece of work has begun: what is under way is meant, not what is done.
    under_way = [step_id for step_id in fitting if progress.step(step_id).status in _OPEN]
    if len(under_way) == 1:
        return under_way[0]
    raise Unacceptable(Problem(code="step_ambiguous", at="/step", values={"steps": _listed(fitting)}))


def _named(order: Order, progress: Progress, step_id: str, rule: OrderRule) -> str:
    if step_id not in {step.id for step in progress.steps}:
        known = _listed(step.id for step in progress.steps)
        raise Unacceptable(Problem(code="step_unknown", at="/step", values={"step": step_id, "steps": known}))
    now = progress.step(step_id).status
    if not isinstance(order.chain.step(step_id), rule.aims_at) or now not in rule.status:
        raise conflict("step_not_ready", step=step_id, status=now)
    return step_id


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
