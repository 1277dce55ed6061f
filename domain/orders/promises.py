"""The clocks of an order: what was promised for the whole and for single steps, and who is told on the way."""

from datetime import datetime, timedelta

from domain.clocks.holds import ClockHold
from domain.clocks.ladders import LadderRow, rows_for
from domain.clocks.sla import MADE_TO, ClockKind, SlaClock
from domain.clocks.thresholds import DEADLINE, Threshold
from domain.contracts.chains import Acceptance, Approval, AssetUpdate, Charge, Notice
from domain.orders.order import Order
from domain.orders.progress import CERTIFICATE_CLOCK, LIVE, SETTLED, Progress
from domain.people import Role
from domain.vendors.promises import vendor_clocks

WHOLE = "order"
_AFTERWARDS = (Acceptance, AssetUpdate, Charge, Notice)


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
    if progress.ending is not None:
        return progress.but(clocks=tuple(_cancelled(clock, progress.ending.at) for clock in progress.clocks))
    clocks = {clock.name: clock for clock in progress.clocks}
    whole = clocks[WHOLE] = _whole(order, progress, at, clocks[WHOLE])
    for step in order.chain.steps:
        now = progress.step(step.id)
        name = f"{step.id}/{now.round}"
        if now.status not in LIVE and name in clocks:
            clocks[name] = clocks[name].stop(now.closed_at or at)
        elif now.status in LIVE and step.target_minutes is not None and name not in clocks:
            target = timedelta(minutes=step.target_minutes)
            clock = SlaClock(name=name, kind=ClockKind.STEP, type=MADE_TO[ClockKind.STEP], target=target)
            clocks[name] = _held_by((*whole.held_by(at), *progress.holds), clock.start(now.opened_at or at))
    _time_exceptions(progress, at, clocks)
    for job in progress.jobs:
        clocks |= vendor_clocks(job, clocks)
    timed_clocks = tuple(clocks.values())
    return progress if timed_clocks == progress.clocks else progress.but(clocks=timed_clocks)


def _time_exceptions(progress: Progress, at: datetime, clocks: dict[str, SlaClock]) -> None:
    """What is in question of a certificate is to be settled in time; with the order the question ends."""
    for one in progress.exceptions:
        if one.clock not in clocks:
            target = timedelta(minutes=one.target_minutes)
            clock = SlaClock(name=one.clock, kind=ClockKind.STEP, type=MADE_TO[ClockKind.STEP], target=target)
            clocks[one.clock] = _held_by(progress.holds, clock.start(one.since))
        if one.settled_at is not None:
            clocks[one.clock] = clocks[one.clock].stop(one.settled_at)
        elif progress.is_chain_done:
            clocks[one.clock] = _cancelled(clocks[one.clock], at)


def _whole(order: Order, progress: Progress, at: datetime, clock: SlaClock) -> SlaClock:
    """Stopped when the last work for the customer was done, however late a machine saw to it."""
    promised = [progress.step(step.id) for step in order.chain.steps if not isinstance(step, _AFTERWARDS)]
    done = all(step.status in SETTLED for step in promised)
    if done and clock.stopped_at is None:
        return clock.stop(max((step.closed_at for step in promised if step.closed_at is not None), default=at))
    if clock.stopped_at is not None and not done:
        return _held_by(progress.holds, clock.reopen(at))
    return clock


def _cancelled(clock: SlaClock, at: datetime) -> SlaClock:
    return clock.cancel(max(at, clock.started_at or at))


def _held_by(holds: tuple[ClockHold, ...], clock: SlaClock) -> SlaClock:
    for hold in holds:
        clock = clock.hold(hold)
    return clock


def ladder_of(order: Order, clock: SlaClock) -> tuple[LadderRow, ...]:
    """The contract's ladder for the whole order; a step reminds whoever must act, then the SDM.

    Of an order in a project nobody is reminded: its wave watches over it. But a breach is recorded, and of certificates
    a wave knows nothing. A vendor is reminded of its own promise in any case.
    """
    if clock.kind == ClockKind.VENDOR:
        return rows_for(clock.kind, ())
    step_id, _, about = clock.name.partition("/")
    if order.part is not None and not about.startswith(CERTIFICATE_CLOCK):
        return (LadderRow(clock=clock.kind, at=DEADLINE),)
    if clock.name == WHOLE:
        return rows_for(clock.kind, order.terms.ladder)
    step = order.chain.step(step_id)
    acting = step.role if isinstance(step, Approval) else Role.COORDINATOR
    return (
        LadderRow(at=Threshold(percent=50), tell=(acting,)),
        LadderRow(at=DEADLINE, tell=(acting, Role.SDM)),
    )
