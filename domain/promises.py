"""The clocks of an order: what was promised for the whole and for single steps, and who is told on the way."""

from datetime import datetime, timedelta

from domain.chains import Approval
from domain.contracts import LadderRow
from domain.kinds import OrderState
from domain.orders import Order
from domain.people import Role
from domain.progress import LIVE, Progress
from domain.sla import ClockKind, ClockType, SlaClock
from domain.thresholds import DEADLINE, Threshold

WHOLE = "order"
_DONE_FOR_THE_USER = (OrderState.AWAITING_ACCEPTANCE, OrderState.COMPLETED)


def order_clock(order: Order) -> SlaClock:
    clock = SlaClock(
        name=WHOLE,
        kind=ClockKind.FULFILMENT,
        target=timedelta(minutes=order.terms.target_minutes),
        calendar_version=str(order.terms.calendar.version),
    )
    return clock.start(order.received_at)


def timed(order: Order, progress: Progress, at: datetime) -> Progress:
    """The progress with its clocks started, stopped and taken up again as its steps and state ask for.

    The promise to the customer is kept when the work is done; what is left then is a signature and our own bookkeeping.
    """
    clocks = {clock.name: clock for clock in progress.clocks}
    whole = clocks[WHOLE]
    if progress.state in _DONE_FOR_THE_USER:
        clocks[WHOLE] = whole.stop(at)
    elif whole.stopped_at is not None and not progress.state.is_final:
        clocks[WHOLE] = whole.reopen(at)
    for step in order.chain.steps:
        now = progress.step(step.id)
        name = f"{step.id}/{now.round}"
        if now.status not in LIVE and name in clocks:
            clocks[name] = clocks[name].stop(now.closed_at or at)
        elif now.status in LIVE and step.target_minutes is not None and name not in clocks:
            target = timedelta(minutes=step.target_minutes)
            clock = SlaClock(name=name, kind=ClockKind.STEP, type=ClockType.OLA, target=target)
            clocks[name] = _held_alike(clock.start(now.opened_at or at), progress)
    timed_clocks = tuple(clocks.values())
    return progress if timed_clocks == progress.clocks else progress.but(clocks=timed_clocks)


def _held_alike(clock: SlaClock, progress: Progress) -> SlaClock:
    for hold in progress.holds:
        clock = clock.hold(hold)
    return clock


def ladder_of(order: Order, clock: SlaClock) -> tuple[LadderRow, ...]:
    """The contract's ladder for the whole order; a step reminds whoever must act, then the SDM."""
    if clock.name == WHOLE:
        return order.terms.ladder
    step = order.chain.step(clock.name.partition("/")[0])
    acting = step.role if isinstance(step, Approval) else Role.COORDINATOR
    return (
        LadderRow(at=Threshold(percent=50), tell=(acting,)),
        LadderRow(at=DEADLINE, tell=(acting, Role.SDM)),
    )
