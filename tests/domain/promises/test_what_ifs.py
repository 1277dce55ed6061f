"""Promises worked out again: what would be under other rules, and what new service hours would do."""

from datetime import timedelta

import pytest

from domain.clocks.calendars import Calendar
from domain.clocks.events import StopClock, play
from domain.clocks.explanations import ClockState
from domain.clocks.holds import ClockHold, HoldReason
from domain.clocks.reports import report
from domain.clocks.sla import ClockKind, SlaClock
from domain.clocks.thresholds import DEADLINE, Threshold
from domain.promises.what_ifs import Running, WhatIf, compare, moves
from domain.times import ZERO
from tests.domain.clocks.clock_samples import HALF, LUNCH, OFFICE, WAITING, at, clock, held, hold, hours

AROUND_THE_CLOCK = Calendar.model_validate({"zone": "Europe/Berlin", "always": True, "version": 9})
VENDOR = HoldReason.WAITING_VENDOR


def test_a_report_adds_up_and_looks_ahead_to_the_deadline() -> None:
    told = report(play(clock(12, start="15:00"), held("16:00", "16:30")), OFFICE, at("16:45"))

    assert (told.used, told.remaining, told.deadline) == (hours(1.25), hours(10.75), at("10-22 09:30"))
    past, ahead = ([(part.state, part.end - part.start) for part in parts] for parts in (told.segments, told.ahead))
    assert past == [
        (ClockState.RUNNING, hours(1)),
        (ClockState.HELD, hours(0.5)),
        (ClockState.RUNNING, hours(0.25)),
    ]
    assert sum((length for state, length in ahead if state is ClockState.RUNNING), ZERO) == told.remaining
    assert (told.ahead[0].start, told.ahead[-1].end) == (at("16:45"), told.deadline)


@pytest.mark.parametrize(
    ("promise", "now", "deadline", "breached"),
    [
        pytest.param(clock().stop(at("10:00")), "16:00", "12:00", None, id="done in time: what stood then"),
        pytest.param(clock().stop(at("13:00")), "16:00", "12:00", "12:00", id="done late"),
        pytest.param(clock().cancel(at("10:00")), "16:00", "12:00", None, id="cancelled"),
        pytest.param(clock().hold(hold("10:00")), "16:00", None, None, id="held: no date"),
        pytest.param(clock().hold(hold("13:00")), "16:00", "12:00", "12:00", id="held when it was late already"),
        pytest.param(
            clock().migrate(OFFICE, "2", at("13:00")), "16:00", "12:00", "12:00", id="late before its hours changed"
        ),
    ],
)
def test_a_report_says_when_it_was_due(promise: SlaClock, now: str, deadline: str | None, breached: str | None) -> None:
    told = report(promise, OFFICE, at(now))

    assert (told.deadline, told.breached_at) == (
        at(deadline) if deadline else None,
        at(breached) if breached else None,
    )
    assert promise.ended_at is None or told.ahead == ()


def test_a_report_says_who_was_told_how_late() -> None:
    promise = clock().attach(OFFICE, [HALF], at("10:30"))
    (due,) = promise.dues(OFFICE, [DEADLINE], at("13:00"))

    told = report(promise.reach(due, at("12:00") + timedelta(seconds=7)), OFFICE, at("13:00"))

    assert [(past.threshold.percent, past.lateness) for past in told.reached] == [(50, None), (100, hours(7 / 3600))]


@pytest.mark.parametrize(
    ("what_if", "deadline", "used"),
    [
        pytest.param(WhatIf(calendar=LUNCH), "14:00", 4.5, id="a lunch break"),
        pytest.param(WhatIf(target_minutes=120), "11:00", 5.5, id="a shorter target"),
        pytest.param(WhatIf(holding=()), "12:00", 6.5, id="no hold counts"),
        pytest.param(WhatIf(holding=(VENDOR,)), "13:00", 5.5, id="only the vendor's delay counts"),
        pytest.param(WhatIf(holding=(WAITING, VENDOR)), "14:00", 4.5, id="both count"),
    ],
)
def test_other_rules_make_another_deadline(what_if: WhatIf, deadline: str, used: float) -> None:
    promise = play(clock(4), held("09:00", "10:00")).record_breach(OFFICE, at("13:30"))
    at_the_vendors = ClockHold(reason=VENDOR, actor="anna", at=at("10:00"), lifted_at=at("11:00"))

    told = compare(promise, OFFICE, what_if, at("14:30"), holds=[*promise.holds, at_the_vendors])

    assert (told.agreed.deadline, told.agreed.used, told.agreed.breached_at) == (at("13:00"), hours(5.5), at("13:00"))
    assert (told.supposed.deadline, told.supposed.used) == (at(deadline), hours(used))
    assert told.supposed.breached_at == (at(deadline) if at(deadline) < at("14:30") else None)


def test_another_calendar_counts_from_the_start_whatever_hours_came_between() -> None:
    promise = clock(8).migrate(OFFICE, "2", at("10:00"))

    told = compare(promise, LUNCH, WhatIf(calendar=AROUND_THE_CLOCK), at("14:00"))

    assert (told.agreed.used, told.agreed.settled) == (hours(5), hours(2))
    assert (told.supposed.used, told.supposed.settled, told.supposed.deadline) == (hours(6), ZERO, at("16:00"))
    assert told.supposed.calendar_version == "9"


def test_a_preview_names_what_moves_and_what_becomes_overdue() -> None:
    late, held_up = clock(2), clock(8).hold(hold("12:30"))
    short, unmoved = clock(1, start="10-19 16:30"), clock(1, start="13:00")
    running = [
        Running(f"order/{name}", promise, OFFICE, AROUND_THE_CLOCK)
        for name, promise in (("late", late), ("held", held_up), ("short", short), ("unmoved", unmoved))
    ]

    told = moves(running, at("10-19 16:00"), at("08:15"))
    from_now_on = moves(running, at("08:15"), at("08:15"))

    assert [(move.case, move.becomes_overdue) for move in told] == [("order/short", True)]
    assert (told[0].deadline, told[0].new_deadline) == (at("08:30"), at("10-19 17:30"))
    assert from_now_on == ()


@pytest.mark.parametrize(
    ("promise", "moved"),
    [
        pytest.param(clock(8, start="14:00"), ("10-21 13:00", "22:00", False), id="what was used stays used"),
        pytest.param(clock(8, start="14:00").hold(hold("14:30")), None, id="held: nothing has been used since"),
        pytest.param(clock(2, start="12:00"), ("14:00", "14:00", False), id="late already: the date stays"),
    ],
)
def test_a_clock_moves_with_its_hours(promise: SlaClock, moved: tuple[str, str, bool] | None) -> None:
    told = moves([Running("order/x", promise, OFFICE, AROUND_THE_CLOCK)], at("16:00"), at("10-20 19:00"))

    expected = [] if moved is None else [(at(moved[0]), at(moved[1]), moved[2])]
    assert [(move.deadline, move.new_deadline, move.becomes_overdue) for move in told] == expected


def test_hours_that_changed_before_are_not_changed_back() -> None:
    promise = clock(8).migrate(AROUND_THE_CLOCK, "2", at("12:00"))

    told = moves([Running("order/x", promise, OFFICE, LUNCH)], at("08:00"), at("14:00"))

    assert [(move.remaining, move.new_remaining) for move in told] == [(hours(2), hours(3))]


def test_a_response_that_could_be_held() -> None:
    promise = clock(4, kind=ClockKind.RESPONSE)

    told = compare(promise, OFFICE, WhatIf(holding=(WAITING,)), at("11:00"), holds=[hold("09:00", "10:00")])

    assert (told.agreed.deadline, told.supposed.deadline) == (at("12:00"), at("13:00"))


def test_what_would_be_touches_nothing() -> None:
    promise = play(clock(), [*held("09:00", "10:00"), StopClock(at("11:00"))]).attach(
        OFFICE, [Threshold(percent=10)], at("12:00")
    )
    before = promise.model_dump_json()

    compare(promise, OFFICE, WhatIf(calendar=LUNCH, target_minutes=1, holding=()), at("16:00"))

    assert promise.model_dump_json() == before
