from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from pydantic import ValidationError

from domain.clocks.calendars import Calendar
from domain.clocks.events import CancelClock, ClockEvent, ResetClock, ResumeClock, StopClock, play
from domain.clocks.holds import ClockHold, HoldReason
from domain.clocks.sla import ClockKind, ClockType, SlaClock
from domain.clocks.thresholds import DEADLINE, DueThreshold, Threshold
from domain.times import ZERO
from tests.domain.clocks.clock_samples import (
    CLOSED_SITE,
    HALF,
    LUNCH,
    MOST,
    OFFICE,
    WAITING,
    at,
    clock,
    events,
    held,
    hold,
    hours,
    minutes,
)
from tests.domain.golden import GOLDEN, Case


def due(clock: SlaClock, now: str, calendar: Calendar = OFFICE) -> datetime | None:
    return clock.deadline(calendar, at(now))


@pytest.mark.parametrize("case", [pytest.param(case, id=case.why) for case in GOLDEN.of("deadline")])
def test_deadlines_are_as_agreed(case: Case) -> None:
    assert case.start
    assert case.deadline
    calendar = GOLDEN.calendars[case.calendar]
    promise = SlaClock(
        name="resolution", kind=ClockKind.RESOLUTION, target=timedelta(minutes=case.target_minutes)
    ).start(case.start)
    for reason, (start, end) in zip(HoldReason, case.holds, strict=False):
        promise = play(promise, [ClockHold(reason=reason, actor="anna", at=start), ResumeClock(end, reason)])
    now = max([case.start, *(end for _, end in case.holds)])

    assert promise.deadline(calendar, now) == case.deadline
    windows = calendar.windows(case.start, case.deadline + timedelta(days=1))
    assert promise.deadline(windows, now) == case.deadline


@pytest.mark.parametrize("case", [pytest.param(case, id=case.why) for case in GOLDEN.of("migrated_deadline")])
def test_deadlines_on_changed_service_hours_are_as_agreed(case: Case) -> None:
    assert case.start
    assert case.switch_at
    old, new = GOLDEN.calendars[case.calendar], GOLDEN.calendars[case.switch_to]
    promise = SlaClock(
        name="resolution", kind=ClockKind.RESOLUTION, target=timedelta(minutes=case.target_minutes)
    ).start(case.start)

    migrated = promise.migrate(old, "2", case.switch_at)

    assert migrated.deadline(new, case.switch_at) == case.deadline
    assert migrated.used(new, case.switch_at) == promise.used(old, case.switch_at)


@pytest.mark.parametrize(
    ("events", "now", "deadline", "used"),
    [
        pytest.param([], "10:00", "12:00", 2, id="running"),
        pytest.param([], "13:00", "12:00", 5, id="overdue, the date stays"),
        pytest.param([hold("09:00")], "15:00", None, 1, id="held: what remains, not a date"),
        pytest.param(held("09:00", "11:00"), "11:00", "14:00", 1, id="resumed"),
        pytest.param([hold("09:00", "11:00")], "11:30", "14:00", 1.5, id="resumed by itself, nobody came"),
        pytest.param([hold("09:00", "11:00")], "10:59", None, 1, id="held until just before that"),
        pytest.param(
            [hold("09:00", "11:00"), ResumeClock(at("12:00"), WAITING)],
            "12:00",
            "14:00",
            2,
            id="lifted too late counts as by itself",
        ),
        pytest.param(
            [hold("09:00"), hold("10:00", reason=CLOSED_SITE), ResumeClock(at("11:00"), WAITING)],
            "12:00",
            None,
            1,
            id="one of two reasons is left",
        ),
        pytest.param(
            [hold("09:00", "10:00"), hold("09:30", "11:00")],
            "11:30",
            "14:00",
            1.5,
            id="the same reason is prolonged",
        ),
        pytest.param(held("09:00", "09:00"), "10:00", "12:00", 2, id="lifted at once never held"),
        pytest.param([ResumeClock(at("09:00"), WAITING)], "10:00", "12:00", 2, id="nothing to resume"),
        pytest.param([StopClock(at("10:00"))], "16:00", None, 2, id="stopped"),
        pytest.param([StopClock(at("10:00")), hold("11:00")], "16:00", None, 2, id="a stopped clock cannot be held"),
        pytest.param([CancelClock(at("10:00"))], "16:00", None, 2, id="cancelled"),
        pytest.param([ResetClock(at("10:00"))], "11:00", "14:00", 1, id="reset: a new cycle from nothing"),
        pytest.param([hold("09:00"), ResetClock(at("10:00"))], "11:00", None, 0, id="reset while held stays held"),
    ],
)
def test_a_clock_says_what_is_used_and_when_it_is_due(
    events: list[ClockEvent], now: str, deadline: str | None, used: float
) -> None:
    promise = play(clock(), events)

    assert due(promise, now) == (at(deadline) if deadline else None)
    assert promise.used(OFFICE, at(now)) == hours(used)
    assert promise.remaining(OFFICE, at(now)) == hours(4 - used)


def test_a_clock_that_has_not_started_promises_nothing() -> None:
    waiting = SlaClock(name="set up", kind=ClockKind.STEP, target=hours(4))

    assert (due(waiting, "12:00"), waiting.used(OFFICE, at("12:00"))) == (None, ZERO)


@pytest.mark.parametrize(
    ("kind", "made_to", "reason", "stands_still"),
    [
        pytest.param(ClockKind.RESPONSE, ClockType.SLA, WAITING, False, id="a response cannot be held"),
        pytest.param(ClockKind.RESOLUTION, ClockType.SLA, WAITING, True, id="the customer keeps us waiting"),
        pytest.param(
            ClockKind.RESOLUTION,
            ClockType.SLA,
            HoldReason.WAITING_VENDOR,
            False,
            id="the vendor is our concern",
        ),
        pytest.param(
            ClockKind.RESOLUTION,
            ClockType.OLA,
            HoldReason.WAITING_VENDOR,
            True,
            id="our team waits for the vendor",
        ),
        pytest.param(
            ClockKind.RESOLUTION,
            ClockType.UC,
            HoldReason.WAITING_VENDOR,
            False,
            id="the vendor waits for itself",
        ),
    ],
)
def test_not_every_reason_holds_every_clock(
    kind: ClockKind, made_to: ClockType, reason: HoldReason, stands_still: bool
) -> None:
    promise = clock(kind=kind, made_to=made_to).hold(hold("09:00", reason=reason))

    assert promise.running(at("10:00")) is not stands_still


def test_events_of_one_instant_have_one_order_however_they_arrive() -> None:
    now = at("10:00")
    events: list[ClockEvent] = [StopClock(now), ResetClock(now), hold("10:00"), ResumeClock(now, WAITING)]

    outcomes = {play(clock(), order) for order in permutations(events)}

    assert len(outcomes) == 1
    assert (outcomes.pop().cycle, due(play(clock(), events), "10:00")) == (2, at("14:00"))


def test_a_new_cycle_begins_without_a_past() -> None:
    promise = play(clock(), held("09:00", "10:00")).attach(OFFICE, [HALF], at("12:00")).reset(at("16:00"))

    assert (promise.cycle, promise.holds, promise.reached, promise.breached_at) == (2, (), (), None)


def test_the_hold_that_ends_next_by_itself_is_known() -> None:
    promise = clock().hold(hold("09:00", "12:00")).hold(hold("09:00", "11:00", CLOSED_SITE))
    assert promise.next_resume
    assert promise.next_resume.reason is CLOSED_SITE

    promise = promise.resume(CLOSED_SITE, at("11:00"))

    assert promise.next_resume
    assert promise.next_resume.reason is WAITING
    assert promise.stop(at("11:30")).next_resume is None


@pytest.mark.parametrize(
    ("events", "now", "breach"),
    [
        pytest.param([], "12:00", None, id="not at the deadline itself"),
        pytest.param([], "12:01", "12:00", id="a minute later"),
        pytest.param([StopClock(at("12:00"))], "16:00", None, id="done exactly at the deadline"),
        pytest.param([StopClock(at("12:01"))], "16:00", "12:00", id="done a minute late"),
        pytest.param([CancelClock(at("11:00"))], "16:00", None, id="cancelled in time"),
        pytest.param([hold("12:01")], "12:02", "12:00", id="a hold comes too late"),
        pytest.param(held("09:00", "11:00"), "14:00", None, id="held time is given back"),
        pytest.param([ResetClock(at("13:00"))], "13:30", None, id="the next cycle has its own"),
    ],
)
def test_a_breach_is_decided_from_what_happened_when(events: list[ClockEvent], now: str, breach: str | None) -> None:
    assert play(clock(), events).breach(OFFICE, at(now)) == (at(breach) if breach else None)


def test_done_after_closing_is_late_though_no_service_time_passed() -> None:
    promise = clock(9).stop(at("20:00"))

    assert promise.used(OFFICE, at("21:00")) == hours(9)
    assert promise.breach(OFFICE, at("21:00")) == at("17:00")


def test_solved_time_is_not_used_when_a_case_is_reopened() -> None:
    reopened = clock().stop(at("10:00")).reopen(at("10-21 09:00"))

    assert reopened.cycle == 1
    assert due(reopened, "10-21 09:00") == at("10-21 11:00")


def test_a_changed_target_counts_from_the_original_start_and_keeps_the_holds() -> None:
    promise = play(clock(8), held("09:00", "10:00"))

    assert due(promise.change_target(OFFICE, hours(2), at("10:30")), "10:30") == at("11:00")


@pytest.mark.parametrize(
    ("before", "after", "breach"),
    [
        pytest.param(2, 8, "10:00", id="a longer target does not heal the breach of the shorter"),
        pytest.param(8, 2, "10:00", id="a shorter target may be past already"),
        pytest.param(8, 6, None, id="both still hold"),
    ],
)
def test_a_breach_outlives_a_changed_target(before: float, after: float, breach: str | None) -> None:
    changed = clock(before).change_target(OFFICE, hours(after), at("12:00"))

    assert changed.breach(OFFICE, at("12:00")) == (at(breach) if breach else None)


def test_a_breach_outlives_changed_service_hours() -> None:
    migrated = clock(2).migrate(OFFICE, "2", at("12:00"))

    assert migrated.breach(LUNCH, at("16:00")) == at("10:00")


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        pytest.param(HALF, "10:00", id="half of the target"),
        pytest.param(DEADLINE, "12:00", id="the deadline"),
        pytest.param(Threshold(offset=hours(-0.5)), "11:30", id="half an hour before"),
        pytest.param(Threshold(offset=hours(4)), "16:00", id="four hours after"),
        pytest.param(Threshold(offset=hours(8)), "10-21 11:00", id="eight service hours after, on the next day"),
        pytest.param(Threshold(offset=hours(-9)), "08:00", id="longer before than there is time"),
    ],
)
def test_thresholds_fall_due_in_service_time(threshold: Threshold, expected: str) -> None:
    assert clock().threshold_due(OFFICE, threshold, at("08:00")) == at(expected)


def test_thresholds_come_one_after_the_other_and_never_twice() -> None:
    promise, told = clock(), []

    while next_due := promise.next_due(OFFICE, [DEADLINE, HALF, MOST], at("08:00")):
        told.append(next_due)
        promise = promise.reach(next_due, next_due.at + timedelta(seconds=3))

    assert told == [
        DueThreshold(HALF, at("10:00")),
        DueThreshold(MOST, at("11:00")),
        DueThreshold(DEADLINE, at("12:00")),
    ]
    assert [reached.lateness for reached in promise.reached] == [timedelta(seconds=3)] * 3


@pytest.mark.parametrize(
    ("events", "now", "expected"),
    [
        pytest.param([hold("10:01")], "10:02", "10:00", id="held after it was due, before its timer fired"),
        pytest.param([hold("09:59")], "10:02", None, id="held before"),
        pytest.param([StopClock(at("10:01"))], "10:02", "10:00", id="stopped after it was due"),
        pytest.param([StopClock(at("10:00"))], "10:02", None, id="stopped exactly when it was due"),
        pytest.param(held("09:00", "09:30"), "09:45", "10:30", id="moved by a hold"),
    ],
)
def test_no_threshold_is_lost_or_told_too_soon(events: list[ClockEvent], now: str, expected: str | None) -> None:
    next_due = play(clock(), events).next_due(OFFICE, [HALF], at(now))

    assert (next_due and next_due.at) == (at(expected) if expected else None)


def test_thresholds_already_past_are_marked_and_not_told_again() -> None:
    changed = clock(8).change_target(OFFICE, hours(4), at("11:30")).attach(OFFICE, [HALF, MOST, DEADLINE], at("11:30"))

    assert [(past.threshold, past.due, past.lateness) for past in changed.reached] == [
        (HALF, at("10:00"), None),
        (MOST, at("11:00"), None),
    ]
    assert changed.next_due(OFFICE, [HALF, MOST, DEADLINE], at("11:30")) == DueThreshold(DEADLINE, at("12:00"))


@given(events, minutes)
def test_at_the_deadline_exactly_the_target_is_used(events: list[ClockEvent], now: datetime) -> None:
    promise = play(clock(20, start="10-19 08:00"), [event for event in events if event.at <= now])

    deadline = promise.deadline(OFFICE, now)

    assert deadline is None or promise.used(OFFICE, deadline) == promise.target


@pytest.mark.parametrize(
    "impossible",
    [
        pytest.param(lambda: clock().stop(at("07:00")), id="done before it began"),
        pytest.param(lambda: clock(0), id="no time at all"),
        pytest.param(lambda: hold("09:00", "09:00"), id="a hold that ends as it begins"),
        pytest.param(lambda: clock().stop(datetime(2026, 10, 20)), id="a time without a zone"),  # noqa: DTZ001
    ],
)
def test_what_cannot_have_happened_is_refused(impossible: Callable[[], object]) -> None:
    with pytest.raises(ValidationError):
        impossible()


def test_a_clock_survives_the_history() -> None:
    promise = play(clock(), [*held("09:00", "10:00"), StopClock(at("11:00"))]).reopen(at("12:00"))
    promise = promise.attach(OFFICE, [HALF], at("12:30"))

    assert SlaClock.model_validate_json(promise.model_dump_json()) == promise
