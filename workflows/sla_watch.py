"""Watching a case's clocks and holds: one timer for whatever falls due next, none while nothing can."""

from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow

from domain.cases.case import CaseProgress
from domain.cases.events import Happening
from domain.clocks.sla import SlaClock
from domain.clocks.thresholds import DEADLINE, DueThreshold, Threshold
from domain.clocks.windows import BeyondHorizon
from domain.times import ZERO
from workflows.case import Case

P = TypeVar("P", bound=CaseProgress)
# Done exactly when it is due is in time: so a threshold is looked at just after its instant, never at it.
TICK = timedelta(milliseconds=1)


async def watch(case: Case[P]) -> None:
    """Fire thresholds and end holds as they fall due, until cancelled. A clock on hold costs no events."""
    await case.hours.all_until(workflow.now())
    while True:
        try:
            _catch_up(case)
            due = _next(case)
        except BeyondHorizon as beyond:
            await case.hours.further(beyond)
            continue
        await _wait(case, due)


async def _wait(case: Case[P], due: datetime | None) -> None:
    watched = (case.progress.clocks, case.progress.holds)

    def turned() -> bool:
        nonlocal watched
        now = (case.progress.clocks, case.progress.holds)
        if now == watched:
            return False
        watched = now
        return _turned(case, due)

    left = None if due is None else max(due - workflow.now(), TICK)
    summary = f"next deadline step at {due:%Y-%m-%d %H:%M}Z" if due else None
    try:
        await workflow.wait_condition(turned, timeout=left, timeout_summary=summary)
    except TimeoutError:
        return


def _turned(case: Case[P], due: datetime | None) -> bool:
    try:
        return _next(case) != due
    except BeyondHorizon:
        return True


def _next(case: Case[P]) -> datetime | None:
    """When something falls due next."""
    now = workflow.now()
    turns = [hold.end for hold in case.progress.holds if hold.max_until is not None]
    for clock in case.clocks:
        turns += [hold.end for hold in clock.held_by(now) if hold.max_until is not None]
        dues = _dues(case, clock, now)
        turns += [min(due.at + _patience(case, due) for due in dues) + TICK] if dues else []
    return min(turns, default=None)


def _catch_up(case: Case[P]) -> None:
    now = workflow.now()
    _end_holds(case, now)
    for clock in case.clocks:
        dues = [due for due in _dues(case, clock, now) if due.at + _patience(case, due) < now]
        if dues:
            _fire(case, clock, dues, now)


def _dues(case: Case[P], clock: SlaClock, now: datetime) -> list[DueThreshold]:
    return clock.dues(case.hours.of(clock), _thresholds(case, clock), now) if clock.started_at else []


def _patience(case: Case[P], due: DueThreshold) -> timedelta:
    return case.spread if due.threshold.spent(timedelta(days=1)) < timedelta(days=1) else ZERO


def _thresholds(case: Case[P], clock: SlaClock) -> list[Threshold]:
    return list(dict.fromkeys(point for row in case.ladder(clock) for point in row.points()))


def _end_holds(case: Case[P], now: datetime) -> None:
    ended = [hold for hold in case.progress.holds if hold.end <= now]
    if ended:
        kept = tuple(hold for hold in case.progress.holds if hold not in ended)
        case.advance(case.progress.but(holds=kept))
        for hold in ended:
            case.note(Happening.HOLD_ENDED, values={"code": hold.reason})


def _fire(case: Case[P], clock: SlaClock, dues: list[DueThreshold], now: datetime) -> None:
    """Of several that fell due while nobody watched only the highest is told, the rest are recorded."""
    told, hours = dues[-1], case.hours.of(clock)
    end = clock.threshold_due(hours, DEADLINE, now)
    reached = clock
    for due in dues:
        reached = reached.reach(due, now)
    reached = reached.record_breach(hours, now)
    clocks = tuple(reached if other is clock else other for other in case.clocks)
    case.progress = case.progress.but(clocks=clocks)
    missed = reached.breached_at is not None and clock.breached_at is None
    for due in dues:
        what = Happening.DEADLINE_MISSED if due.threshold == DEADLINE else Happening.THRESHOLD_REACHED
        case.note(what, values=_facts(clock, due, now, collapsed=due is not told))
    facts = {
        "clock": clock.name,
        "clock_kind": str(clock.kind),
        "percent": str(told.threshold.percent),
        "due": told.at.isoformat(),
    }
    facts |= {"clock_due": end.isoformat()} if end else {}
    case.escalate(clock, told, "deadline_missed" if missed else "deadline_near", facts)


def _facts(clock: SlaClock, due: DueThreshold, now: datetime, *, collapsed: bool) -> dict[str, str]:
    late = (now - due.at).total_seconds()
    return {
        "clock": clock.name,
        "clock_type": clock.type,
        "percent": str(due.threshold.percent),
        "due": due.at.isoformat(),
        "late_seconds": f"{late:.3f}",
        "collapsed": "yes" if collapsed else "no",
    }
