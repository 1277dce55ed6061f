"""Approving and rejecting; four eyes means the approver neither asked for the order nor placed it."""

from domain.cases.order_commands import Approve, Reject
from domain.contracts.chains import Approval
from domain.kinds import OrderState, may_follow
from domain.orders.decisions.asked import OrderAsked
from domain.orders.progress import Ending, Progress, Quote, stage_of
from domain.refusals import Problem, Unacceptable, conflict


def approve(asked: OrderAsked, command: Approve) -> Progress:
    _check_approver(asked)
    _check_price(asked, command)
    settled = asked.settle()
    return settled if command.price is None else settled.but(quote=Quote(price=command.price, at_most=command.at_most))


def reject(asked: OrderAsked, command: Reject) -> Progress:
    _check_approver(asked)
    stage = stage_of(asked.case, asked.progress)
    if not may_follow(stage, OrderState.REJECTED):
        raise conflict("state_forbids", state=stage, after=OrderState.REJECTED)
    ending = Ending(state=OrderState.REJECTED, actor=asked.actor, at=asked.at, reason=command.reason)
    return asked.progress.but(ending=ending)


def _check_price(asked: OrderAsked, command: Approve) -> None:
    """A quote names a price, and no other approval does."""
    step = asked.step
    quotes = isinstance(step, Approval) and step.quotes
    if quotes and command.price is None:
        raise Unacceptable(Problem(code="price_needed", at="/price"))
    if not quotes and (command.price is not None or command.at_most):
        raise Unacceptable(Problem(code="nothing_to_quote", at="/price", values={"step": step.id}))


def _check_approver(asked: OrderAsked) -> None:
    step = asked.step
    assert isinstance(step, Approval)
    asked.must_act_as(step.role)
    if step.four_eyes:
        check_other_eyes(asked)


def check_other_eyes(asked: OrderAsked) -> None:
    """Neither who wanted the order nor who placed it."""
    if asked.actor.person in (asked.case.request.requester, asked.case.placed_by):
        raise conflict("four_eyes", step=asked.step_id)
