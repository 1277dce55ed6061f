"""Deadlines and explanations of a clock with a past: ours against a walk minute by minute."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from bench.calendars import BERLIN, HOLIDAYS, REPORTED, WRITTEN
from bench.ground.report import Figure, seconds
from domain.clocks.calendars import Calendar
from domain.clocks.explanations import explain
from domain.clocks.holds import ClockHold, HoldReason
from domain.clocks.reports import due_of, report
from domain.clocks.sla import ClockKind, SlaClock

MINUTE = timedelta(minutes=1)
TARGET = timedelta(hours=80)
# Two weeks with a hold in each and a solution that did not hold for a day.
NOW = REPORTED + timedelta(days=14)
PAUSES = [(timedelta(days=n), timedelta(days=n, hours=6)) for n in (1, 8)]
SOLVED = (timedelta(days=5), timedelta(days=6))


def lived() -> SlaClock:
    clock = SlaClock(name="resolution", kind=ClockKind.RESOLUTION, target=TARGET).start(REPORTED)
    for start, end in PAUSES:
        reason = HoldReason.WAITING_CUSTOMER
        clock = clock.hold(ClockHold(reason=reason, actor="bench", at=REPORTED + start)).resume(reason, REPORTED + end)
    return clock.stop(REPORTED + SOLVED[0]).reopen(REPORTED + SOLVED[1])


def walked() -> datetime:
    """The deadline, as somebody with a watch would find it."""
    paused = [(REPORTED + start, REPORTED + end) for start, end in (*PAUSES, SOLVED)]
    at, left = REPORTED, TARGET // MINUTE
    while left:
        local = at.astimezone(BERLIN)
        open_now = local.weekday() < 5 and 8 <= local.hour < 17 and local.date() not in HOLIDAYS
        left -= open_now and not any(start <= at < end for start, end in paused)
        at += MINUTE
    return at


def run() -> list[Figure]:
    calendar, clock = Calendar.model_validate(WRITTEN), lived()
    windows = calendar.windows(REPORTED, REPORTED + timedelta(days=90))
    deadlines = {due_of(clock, hours, NOW) for hours in (calendar, windows)} | {walked()}
    if len(deadlines) > 1:
        raise AssertionError(f"the deadline is not agreed: {deadlines}")
    by_hand = seconds(walked, times=3, rounds=2)
    return [
        per_second("deadlines on a calendar", partial(due_of, clock, calendar, NOW), by_hand),
        per_second("deadlines on a workflow's windows", partial(due_of, clock, windows, NOW), by_hand),
        per_second("explanations until the deadline", partial(explain, clock, calendar, walked()), by_hand),
        per_second(
            "reports: used, left, deadline, breach, explanation", partial(report, clock, calendar, NOW), by_hand
        ),
    ]


def per_second(name: str, asked: Callable[[], object], by_hand: float) -> Figure:
    ours = seconds(asked, times=300)
    return Figure(name, 1 / ours, 1 / by_hand, by_hand / ours, "per second")
