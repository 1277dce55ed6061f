"""What a command does to an order, or why it is refused: which rule decides it, and at which step."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.cases import order_commands as commands
from domain.cases.decisions import CaseRules, decide_by
from domain.cases.instructions import Instruction
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
    is_offered,
)
from domain.kinds import may_follow
from domain.orders.decisions import (
    acceptance,
    appointments,
    approvals,
    course,
    custodians,
    own_people,
    proofs,
    vendors,
    verification,
    work,
)
from domain.orders.decisions.asked import OrderAsked
from domain.orders.decisions.offered import with_jobs_ended
from domain.orders.order import Order
from domain.orders.progress import Progress, StepStatus, state_of
from domain.orders.promises import timed
from domain.refusals import Problem, Unacceptable, conflict

_OPEN = frozenset({StepStatus.OPEN, StepStatus.STARTED})


@dataclass(frozen=True)
class OrderRule:
    """Which rule decides a command, and at which steps in which status it may be aimed.

    Of those it `fits` some. What `may_be_aimless` is told to the order as a whole where no step is named.
    """

    decides: Callable[..., Progress]
    aims_at: tuple[type[StepBase], ...] = ()
    status: frozenset[StepStatus] = _OPEN
    may_be_aimless: bool = False
    fits: Callable[[StepBase], bool] = lambda _: True

    def aims(self, step: StepBase) -> bool:
        return isinstance(step, self.aims_at) and self.fits(step)


_ANY = (StepBase,)
_TO_VENDORS = (Custody, VendorDispatch)
_UNTIL_DECIDED = _OPEN | {StepStatus.STUCK, StepStatus.FAILED}
RULES: dict[type[commands.CommandBase], OrderRule] = {
    commands.Approve: OrderRule(approvals.approve, (Approval,)),
    commands.Reject: OrderRule(approvals.reject, (Approval,)),
    commands.Book: OrderRule(appointments.book, (Appointment,)),
    commands.Reschedule: OrderRule(appointments.reschedule, (Appointment,), frozenset({StepStatus.DONE})),
    commands.Start: OrderRule(
        work.start, (Work, VendorDispatch), frozenset({StepStatus.OPEN}), fits=lambda step: not is_offered(step)
    ),
    commands.LogWork: OrderRule(work.log_work, LABOUR, _OPEN | {StepStatus.DONE}),
    commands.Complete: OrderRule(work.complete, (Work, VendorDispatch)),
    commands.Dispatch: OrderRule(vendors.dispatch, _TO_VENDORS, _UNTIL_DECIDED, fits=is_offered),
    commands.ReportVendor: OrderRule(vendors.report_vendor, _TO_VENDORS, _UNTIL_DECIDED, fits=is_offered),
    commands.RecordErasure: OrderRule(proofs.record_erasure, (Erasure,)),
    commands.AddErasureReport: OrderRule(proofs.add_erasure_report, (Erasure,)),
    commands.ConfirmCustody: OrderRule(proofs.confirm_custody, (Custody,)),
    commands.DeclareWaste: OrderRule(proofs.declare_waste, (Custody,), frozenset(StepStatus)),
    commands.AddRecyclerList: OrderRule(proofs.add_recycler_list, (Custody,), frozenset({StepStatus.DONE})),
    commands.DoubtCertificate: OrderRule(custodians.doubt_certificate, (Custody,), frozenset({StepStatus.DONE})),
    commands.SettleCertificate: OrderRule(custodians.settle_certificate, (Custody,), frozenset({StepStatus.DONE})),
    commands.AddEvidence: OrderRule(proofs.add_evidence, (Evidence,)),
    commands.AddPaper: OrderRule(proofs.add_paper, _ANY, frozenset(StepStatus), may_be_aimless=True),
    commands.Verify: OrderRule(verification.verify, (Verification,)),
    commands.Accept: OrderRule(acceptance.accept, (Acceptance,)),
    commands.DeclineAcceptance: OrderRule(acceptance.decline, (Acceptance,)),
    commands.HandOver: OrderRule(own_people.hand_over, own_people.GIVABLE),
    commands.Hold: OrderRule(course.hold),
    commands.Resume: OrderRule(course.resume),
    commands.Migrate: OrderRule(course.migrate),
    commands.Cancel: OrderRule(course.cancel),
    commands.Retry: OrderRule(course.retry, _ANY, frozenset({StepStatus.STUCK, StepStatus.FAILED})),
    commands.Skip: OrderRule(course.skip, _ANY, _OPEN | {StepStatus.WAITING, StepStatus.STUCK, StepStatus.FAILED}),
}


def following(order: Order, progress: Progress, at: datetime) -> Progress:
    """The progress with the state and the clocks that its steps and holds make; the state table must allow it."""
    progress = own_people.settled_up(order, progress, at)
    state = state_of(order, progress)
    if state != progress.state and not may_follow(progress.state, state):
        raise conflict("state_forbids", state=progress.state, after=state)
    return timed(order, with_jobs_ended(progress, at).but(state=state), at)


def _check_under_way(asked: OrderAsked) -> None:
    ending, state = asked.progress.ending, asked.progress.state
    if state.is_final:
        raise conflict("order_is_over", state=state)
    if ending is not None and not isinstance(asked.command, commands.Retry | commands.Skip):
        raise conflict("order_is_over", state=ending.state)


def _ends(asked: OrderAsked) -> bool:
    return asked.progress.ending is not None or isinstance(asked.command, commands.Cancel)


def _aimed(asked: OrderAsked) -> OrderAsked:
    """The step that is meant, and when it was said.

    That is when the API received it; but nothing is said to a step before it opened, however late its worker woke.
    """
    return _aimed_by(_rule(asked.progress, asked.command), asked)


def _aimed_by(rule: OrderRule, asked: OrderAsked) -> OrderAsked:
    is_aimed = rule.aims_at and (asked.command.step is not None or not rule.may_be_aimless)
    step_id = _aim(asked.case, asked.progress, asked.command, rule) if is_aimed else ""
    opened_at = asked.progress.step(step_id).opened_at if step_id else None
    heard = asked.instruction.but(
        command=asked.command.but(step=step_id or None), given_at=max(asked.at, opened_at or asked.at)
    )
    return replace(asked, instruction=heard, step_id=step_id)


def _rule(progress: Progress, command: commands.CommandBase) -> OrderRule:
    """While an order is being undone, only what a machine could not undo can still be decided."""
    rule = RULES[type(command)]
    return rule if progress.ending is None else replace(rule, status=rule.status & {StepStatus.STUCK})


def _aim(order: Order, progress: Progress, command: commands.CommandBase, rule: OrderRule) -> str:
    if command.step is not None:
        return _named(order, progress, command.step, rule)
    fitting = [
        step.id for step in order.chain.steps if rule.aims(step) and progress.step(step.id).status in rule.status
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
    if not rule.aims(order.chain.step(step_id)) or now not in rule.status:
        raise conflict("step_not_ready", step=step_id, status=now)
    return step_id


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


HEARD = CaseRules[OrderAsked, Progress](
    case="order",
    decides={command: rule.decides for command, rule in RULES.items()},
    not_for="not_for_orders",
    check=_check_under_way,
    ends=_ends,
    follow=lambda asked, decided: following(asked.case, decided, asked.at),
    aim=_aimed,
)


# What an order that has ended can still be told: it is kept beside it and moves nothing. How much there is of it,
# papers limit.
LATE = CaseRules[OrderAsked, Progress](
    case="order",
    decides={commands.AddPaper: proofs.add_paper, commands.AddRecyclerList: proofs.add_late_list},
    not_for="not_for_orders",
    check=lambda _: None,
    ends=lambda _: True,
    follow=lambda _, decided: decided,
    aim=lambda asked: _aimed_by(RULES[type(asked.command)], asked),
)


def decide(order: Order, progress: Progress, instruction: Instruction) -> Progress:
    return decide_by(HEARD, OrderAsked(order, progress, instruction))


def decide_late(order: Order, progress: Progress, instruction: Instruction) -> Progress:
    return decide_by(LATE, OrderAsked(order, progress, instruction))
