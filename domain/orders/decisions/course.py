"""Holding, resuming, cancelling, retrying and skipping: steering an order as a whole."""

from datetime import timedelta

from domain.cases.order_commands import Cancel, Hold, Migrate, Rest, Resume, Retry, Skip
from domain.contracts.chains import (
    CONSENT,
    Approval,
    AssetUpdate,
    Charge,
    Custody,
    Erasure,
    Evidence,
    Notice,
    PartOrder,
    Reservation,
    Verification,
)
from domain.kinds import OrderKind, OrderState
from domain.orders.decisions.approvals import check_other_eyes
from domain.orders.decisions.asked import OrderAsked
from domain.orders.decisions.custodians import check_unquestioned
from domain.orders.progress import SETTLED, Ending, Progress, StepStatus
from domain.refusals import Problem, Unacceptable, conflict


def hold(asked: OrderAsked, command: Hold) -> Progress:
    """What is open may be finished; no further step opens until every hold has ended."""
    return asked.progress.held(command, asked.actor, asked.at)


def resume(asked: OrderAsked, command: Resume) -> Progress:
    return asked.progress.resumed(command, asked.at)


def migrate(asked: OrderAsked, command: Migrate) -> Progress:
    return asked.progress.with_calendar(command, asked.looked_up)


def cancel(asked: OrderAsked, command: Cancel) -> Progress:
    """Until the kind's cut-off; late when the appointment is near or past (it can then be charged)."""
    chain, progress = asked.case.chain, asked.progress
    if chain.cutoff is not None and progress.step(chain.cutoff).status in SETTLED:
        raise conflict("past_cutoff", step=chain.cutoff)
    notice = timedelta(hours=asked.case.terms.prices.late_cancellation_hours)
    late = progress.appointment is not None and asked.at > progress.appointment.window.start - notice
    ending = Ending(
        state=OrderState.CANCELLED,
        actor=asked.actor,
        at=asked.at,
        reason=command.reason,
        late=late,
        rest=_rest(asked, command),
    )
    return _unasked(asked).but(ending=ending)


def _rest(asked: OrderAsked, command: Cancel) -> Rest | None:
    """Of a bundle it is said what becomes of what is under way, and of anything else nothing can be."""
    under_way = asked.progress.parts_under_way
    if under_way and command.rest is None:
        values = {"orders": ", ".join(part.order for part in under_way)}
        raise Unacceptable(Problem(code="rest_undecided", at="/rest", values=values))
    if command.rest is not None and not asked.case.parts:
        raise Unacceptable(Problem(code="rest_needless", at="/rest"))
    return command.rest


def _unasked(asked: OrderAsked) -> Progress:
    """What somebody was to look at is not looked at any more; only what cannot be undone is left to decide."""
    verifications = (step.id for step in asked.case.chain.steps if isinstance(step, Verification))
    stuck = (step_id for step_id in verifications if asked.progress.step(step_id).status == StepStatus.STUCK)
    return asked.progress.reopened(*stuck)


def retry(asked: OrderAsked, command: Retry) -> Progress:
    return asked.progress.reopened(asked.step_id)


_MACHINES = (Reservation, AssetUpdate, Charge, Notice, PartOrder)


def _is_mandatory(asked: OrderAsked) -> bool:
    """Without the register nothing is complete; without erasure the register would refuse the goods for ever; what a
    customer is to be asked first nobody answers for them; and no goods go past whoever must be certified for them."""
    step = asked.step
    erasing = asked.case.chain.kind in (OrderKind.REMOVE, OrderKind.DISPOSE)
    asks_first = isinstance(step, Approval) and (step.quotes or (asked.case.item is not None and step.id == CONSENT.id))
    certified = isinstance(step, Custody) and step.certificate is not None
    return isinstance(step, AssetUpdate) or (erasing and isinstance(step, Erasure)) or asks_first or certified


def skip(asked: OrderAsked, command: Skip) -> Progress:
    step, now = asked.step, asked.progress.step(asked.step_id)
    if asked.progress.ending is None and _is_mandatory(asked):
        raise conflict("step_mandatory", step=step.id)
    if isinstance(step, Approval) and step.four_eyes:
        check_other_eyes(asked)
    if isinstance(step, Evidence):
        check_unquestioned(asked)
    # What a machine is doing may have been done already; it is left out before, or when it cannot go on.
    if isinstance(step, _MACHINES) and now.status in (StepStatus.OPEN, StepStatus.STARTED):
        raise conflict("step_under_way", step=step.id)
    if now.skip_proposed_by is None:
        return asked.progress.with_step(step.id, skip_proposed_by=asked.actor.person)
    if now.skip_proposed_by == asked.actor.person:
        raise conflict("second_person_needed", step=step.id)
    return asked.progress.settled(step.id, asked.at, StepStatus.SKIPPED)
