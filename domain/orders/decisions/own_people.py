"""Steps that the customer's own people have: given to them and back, as incidents are."""

from collections.abc import Collection
from datetime import datetime

from domain.cases.case import HoursOf
from domain.cases.order_commands import HandOver, HolderKind
from domain.contracts.chains import LABOUR, Evidence, Verification
from domain.keys import CUSTOMERS_OWN
from domain.orders.decisions.asked import OrderAsked
from domain.orders.order import Order
from domain.orders.progress import OwnPeopleStint, Progress, StepStatus
from domain.orders.promises import WHOLE
from domain.people import Role
from domain.refusals import NotAllowed, Problem, Unacceptable, conflict
from domain.times import MINUTE

# What somebody does, or sees to; what is decided is asked of whoever decides it.
GIVABLE = (*LABOUR, Verification, Evidence)
_THERE = (StepStatus.OPEN, StepStatus.STARTED)


def hand_over(asked: OrderAsked, command: HandOver) -> Progress:
    if asked.actor.role in CUSTOMERS_OWN:
        return _given_back(asked, command)
    if command.instead_of is not None:
        raise Unacceptable(Problem(code="instead_of_needless", at="/instead_of"))
    if command.kind == HolderKind.CUSTOMER:
        return _given(asked, command)
    if not command.is_back_to_desk:
        raise Unacceptable(Problem(code="step_only_to_own_people", at="/kind"))
    if asked.progress.with_own_people(asked.step_id) is None:
        raise conflict("step_not_given", step=asked.step_id)
    return _over(asked.case, asked.progress, [asked.step_id], asked.at)


def _given(asked: OrderAsked, command: HandOver) -> Progress:
    """The promise to the customer goes on; where the contract says so, the order waits for them."""
    if command.to != Role.CONTACT or not asked.case.people(Role.CONTACT):
        raise Unacceptable(Problem(code="no_own_people", at="/to"))
    if asked.progress.with_own_people(asked.step_id) is not None:
        raise conflict("step_given_already", step=asked.step_id)
    stint = OwnPeopleStint(step=asked.step_id, since=asked.at)
    progress = asked.progress.but(own_people=(*asked.progress.own_people, stint))
    return progress.waiting_for_own_people(asked.actor, asked.at) if asked.case.terms.contact_holds else progress


def _given_back(asked: OrderAsked, command: HandOver) -> Progress:
    """They give back what they have, and nothing else."""
    is_theirs = asked.progress.with_own_people(asked.step_id) is not None
    if not is_theirs or asked.actor.person not in asked.case.people(Role.CONTACT):
        raise NotAllowed(Problem(code="step_not_with_you", values={"step": asked.step_id}))
    if not command.is_back_to_desk:
        raise NotAllowed(Problem(code="step_only_back_to_desk", at="/to"))
    return _over(asked.case, asked.progress, [asked.step_id], asked.at)


def _over(order: Order, progress: Progress, steps: Collection[str], at: datetime) -> Progress:
    """They have these no longer, and nothing waits for them where they have nothing any more."""
    stints = tuple(one.but(until=at) if one.step in steps and one.until is None else one for one in progress.own_people)
    is_over = all(one.until is not None for one in stints)
    progress = progress.but(own_people=stints)
    return progress.waiting_no_longer(at) if order.terms.contact_holds and is_over else progress


def settled_up(order: Order, progress: Progress, at: datetime) -> Progress:
    """Nobody has a step that is over."""
    over = [
        one.step
        for one in progress.own_people
        if one.until is None and (progress.ending is not None or progress.step(one.step).status not in _THERE)
    ]
    return _over(order, progress, over, at) if over else progress


def counted(progress: Progress, hours_of: HoursOf) -> Progress:
    """With the minutes of what is over, by the hours of what was promised. Raises `BeyondHorizon`."""
    if all(one.until is None or one.minutes is not None for one in progress.own_people):
        return progress
    clock = next(clock for clock in progress.clocks if clock.name == WHOLE)
    hours = hours_of(clock)
    return progress.but(
        own_people=tuple(
            one.but(minutes=clock.spent_between(hours, one.since, one.until) // MINUTE)
            if one.until is not None and one.minutes is None
            else one
            for one in progress.own_people
        )
    )
