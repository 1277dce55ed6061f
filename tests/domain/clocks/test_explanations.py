from datetime import datetime

from hypothesis import given, settings

from domain.clocks.events import ClockEvent, play
from domain.clocks.explanations import ClockState, explain
from domain.times import ZERO
from tests.domain.clocks.clock_samples import CLOSED_SITE, LUNCH, OFFICE, at, clock, events, held, hours, minutes


def test_a_deadline_is_explained_stretch_by_stretch() -> None:
    promise = play(
        clock(12, start="12-23 16:00"),
        [*held("12-24 09:00", "12-24 10:00"), *held("12-24 09:30", "12-24 11:00", CLOSED_SITE)],
    )

    story = explain(promise, OFFICE, at("12-28 09:00"))

    assert [(f"{part.start:%d. %H:%M}", part.state, part.why) for part in story] == [
        ("23. 15:00", ClockState.RUNNING, ""),
        ("23. 16:00", ClockState.CLOSED, ""),
        ("24. 07:00", ClockState.RUNNING, ""),
        ("24. 08:00", ClockState.HELD, "waiting_customer"),
        ("24. 08:30", ClockState.HELD, "waiting_customer, site_closed"),
        ("24. 09:00", ClockState.HELD, "site_closed"),
        ("24. 10:00", ClockState.RUNNING, ""),
        ("24. 11:00", ClockState.CLOSED, ""),
        ("28. 07:00", ClockState.RUNNING, ""),
    ]


def test_an_explanation_tells_solved_and_settled_time_apart() -> None:
    promise = clock().stop(at("09:00")).reopen(at("10:00")).migrate(OFFICE, "2", at("11:00")).stop(at("11:30"))

    story = explain(promise, LUNCH, at("16:00"))

    assert [part.state for part in story] == [ClockState.SETTLED] * 3 + [ClockState.RUNNING]
    assert promise.used(LUNCH, at("16:00")) == hours(2.5)


@settings(deadline=None)
@given(events, minutes)
def test_the_running_stretches_of_an_explanation_are_the_used_time(events: list[ClockEvent], now: datetime) -> None:
    promise = play(clock(start="10-19 08:00"), events)

    running = [part for part in explain(promise, OFFICE, now) if part.state is ClockState.RUNNING]

    assert sum((part.end - part.start for part in running), ZERO) == promise.used(OFFICE, now)
