"""Starting, logging and completing work; a wasted visit goes back to the appointment."""

from domain.cases.order_commands import Complete, LogWork, Start
from domain.contracts.chains import Appointment, Charge, Work
from domain.kinds import OrderKind, OrderState
from domain.orders.decisions.appointments import called_off
from domain.orders.decisions.asked import OrderAsked
from domain.orders.decisions.offered import can_be_told
from domain.orders.progress import Ending, Progress, StepStatus
from domain.refusals import Problem, Unacceptable, conflict


def start(asked: OrderAsked, command: Start) -> Progress:
    return asked.progress.with_step(asked.step_id, status=StepStatus.STARTED)


def log_work(asked: OrderAsked, command: LogWork) -> Progress:
    """Work may be logged until the order is charged."""
    _check_log(asked, command)
    charged = [step.id for step in asked.case.chain.steps if isinstance(step, Charge)]
    if any(asked.progress.step(step_id).status != StepStatus.WAITING for step_id in charged):
        raise conflict("already_charged")
    return asked.progress


def complete(asked: OrderAsked, command: Complete) -> Progress:
    _check_taken(asked)
    _check_log(asked, command)
    if command.outcome == "wasted_visit":
        return _come_again(asked)
    if command.outcome == "failed":
        return _fail(asked, command)
    _check_list(asked, command)
    return asked.settle()


def _check_taken(asked: OrderAsked) -> None:
    """Where vendors are asked, one has to have taken the job before anything comes of it."""
    if not can_be_told(asked.progress, asked.step, "complete"):
        raise conflict("nobody_has_accepted", step=asked.step_id)


def _come_again(asked: OrderAsked) -> Progress:
    step = asked.step
    if not (isinstance(step, Work) and step.on_site):
        raise conflict("not_on_site", step=step.id)
    chain = asked.case.chain
    before = chain.before(step.id)
    appointments = [s.id for s in chain.steps if isinstance(s, Appointment) and s.id in before]
    # Of several visits the earlier ones have taken place. Orders of other kinds that are under way have decided
    # otherwise, and decide that again when they are replayed.
    several = chain.kind == OrderKind.ASSIST
    earlier = {one for later in appointments for one in appointments if several and one in chain.before(later)}
    again = (one for one in appointments if one not in earlier)
    return called_off(asked.progress.reopened(*again, step.id), asked.at)


def _fail(asked: OrderAsked, command: Complete) -> Progress:
    step = asked.step
    why = Problem(code="work_failed", values={"reason": command.reason or ""})
    failed = asked.progress.with_step(step.id, status=StepStatus.FAILED, problem=why)
    if isinstance(step, Work) and step.on_failure == "compensate":
        reason = command.reason or "work failed"
        return failed.but(ending=Ending(state=OrderState.FAILED, actor=asked.actor, at=asked.at, reason=reason))
    return failed


def _check_list(asked: OrderAsked, command: Complete) -> None:
    """No list means that everything on it was done; a list must then be whole."""
    step = asked.step
    if isinstance(step, Work) and command.checklist is not None:
        missing = [item for item in step.checklist if item not in command.checklist]
        if missing:
            values = {"items": ", ".join(missing)}
            raise Unacceptable(Problem(code="checklist_incomplete", at="/checklist", values=values))


def _check_log(asked: OrderAsked, command: LogWork | Complete) -> None:
    """Work lies between the order and now; a part without a price of its own must stand in the price list."""
    started_at = command.started_at
    problems = []
    if started_at is not None and not asked.case.received_at <= started_at <= asked.at:
        problems.append(Problem(code="not_within_order", at="/started_at"))
    listed = asked.case.terms.prices.parts
    problems += [
        Problem(code="part_unknown", at=f"/parts/{position}", values={"part": use.part})
        for position, use in enumerate(command.parts)
        if use.unit_price is None and use.part not in listed
    ]
    if problems:
        raise Unacceptable(*problems)
