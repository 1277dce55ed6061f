"""Whatever happens to a clock, it says the same as a walk through every minute: used, due, breached, told.

The suite walks some traces; `make test-traces` walks 10,000.
"""

import os
import random
from datetime import datetime, timedelta
from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.clocks.calendars import Calendar
from domain.clocks.holds import ClockHold, HoldReason
from domain.clocks.ladders import LadderRow, rows_for
from domain.clocks.sla import ClockKind, ClockType, SlaClock
from domain.clocks.thresholds import DEADLINE, Threshold
from domain.clocks.windows import BeyondHorizon, Windows
from tests.domain.clocks.clock_walk import END, ClockWalk, Point
from tests.domain.clocks.minute_walk import MINUTE, MinuteWalk
from tests.domain.clocks.random_calendars import DAYS, SEASONS, ZONES, some_calendar

TRACES = int(os.environ.get("IMAC_TEST_TRACES", "80"))
# Each takes a moment to walk, and many traces share them.
CALENDARS = 2 if TRACES < 1_000 else 20
LAST = (DAYS - 5) * 24 * 60
OPEN_AT_LEAST = 1_200

dice = st.integers(0, CALENDARS - 1)
# Nothing at all, minutes, or days: events of one instant are as likely as a weekend between two.
pauses = st.one_of(st.just(0), st.integers(0, 90), st.integers(0, 4_000))
targets = st.integers(1, 60).map(lambda count: count * 20)
reasons = st.sampled_from(HoldReason)
kinds = st.sampled_from([(ClockKind.RESOLUTION, kind) for kind in ClockType] + [(ClockKind.RESPONSE, ClockType.SLA)])
places = st.tuples(st.sampled_from(sorted(SEASONS)), st.sampled_from(ZONES), dice)
rungs = st.tuples(
    st.sampled_from((25, 50, 75, 90, 100, 150)), st.sampled_from((0, 0, -60, 30, 240)), st.sampled_from((None, 60, 240))
)
ladders = st.lists(rungs, min_size=1, max_size=4)


@cache
def service_hours(season: str, zone: str, number: int) -> tuple[Calendar, Windows, list[bool]]:
    """The same service hours as a calendar, as a workflow knows them, and minute by minute."""
    chance, start = random.Random(f"{season} {zone} {number}"), SEASONS[season]
    while True:
        written = some_calendar(chance, zone, start)
        walk = MinuteWalk.over(written, start, DAYS)
        if walk.before[LAST] >= OPEN_AT_LEAST:
            calendar = Calendar.model_validate(written)
            return calendar, calendar.windows(start, start + timedelta(days=DAYS)), walk.opens


class Traces(RuleBasedStateMachine):
    @initialize(hours=places, kind=kinds, minutes=targets, rows=ladders, at=pauses)
    def begin(
        self,
        hours: tuple[str, str, int],
        kind: tuple[ClockKind, ClockType],
        minutes: int,
        rows: list[tuple[int, int, int | None]],
        at: int,
    ) -> None:
        self.season, self.zone, number = hours
        self.calendar, self.windows, opens = service_hours(self.season, self.zone, number)
        promise = SlaClock(name="promise", kind=kind[0], type=kind[1], target=minutes * MINUTE)
        self.clock = promise.start(self.instant(at))
        self.walk = ClockWalk.begun(opens, minutes, heeded(*kind), at)
        self.last = at
        self.points = climbed(kind[0], rows)

    @property
    def now(self) -> datetime:
        return self.instant(self.walk.now)

    def instant(self, minute: int) -> datetime:
        return SEASONS[self.season] + minute * MINUTE

    def later(self, pause: int) -> datetime:
        """Something happens: from here on nothing can have happened before."""
        self.walk.walk(min(self.walk.now + pause, LAST))
        self.last = self.walk.now
        return self.now

    @rule(pause=pauses, reason=reasons, lasts=st.none() | st.integers(1, 3_000))
    def hold(self, pause: int, reason: HoldReason, lasts: int | None) -> None:
        at = self.later(pause)
        until = None if lasts is None else at + lasts * MINUTE
        self.clock = self.clock.hold(ClockHold(reason=reason, actor="anna", at=at, max_until=until))
        self.walk.hold(reason, None if lasts is None else self.walk.now + lasts)

    @rule(pause=pauses, reason=reasons)
    def resume(self, pause: int, reason: HoldReason) -> None:
        self.clock = self.clock.resume(reason, self.later(pause))
        self.walk.resume(reason)

    @rule(pause=pauses)
    def stop(self, pause: int) -> None:
        self.clock = self.clock.stop(self.later(pause))
        self.walk.stop(self.walk.now)

    @rule(ago=st.integers(0, 300))
    def stop_with_late_news(self, ago: int) -> None:
        at = max(self.last, self.walk.now - ago)
        self.clock = self.clock.stop(self.instant(at))
        self.walk.stop(at)
        self.last = self.walk.now

    @precondition(lambda self: self.walk.state == "stopped")
    @rule(pause=pauses)
    def reopen(self, pause: int) -> None:
        self.clock = self.clock.reopen(self.later(pause))
        self.walk.reopen()

    @rule(pause=pauses, rarely=st.integers(0, 3))
    def cancel(self, pause: int, rarely: int) -> None:
        if not rarely:
            self.clock = self.clock.cancel(self.later(pause))
            self.walk.cancel()

    @rule(pause=pauses)
    def reset(self, pause: int) -> None:
        self.clock = self.clock.reset(self.later(pause))
        self.walk.reset()

    @rule(pause=pauses, minutes=targets)
    def change_priority(self, pause: int, minutes: int) -> None:
        at = self.later(pause)
        self.clock = self.clock.change_target(self.calendar, minutes * MINUTE, at)
        self.walk.change_target(minutes)

    @rule()
    def attach(self) -> None:
        """The ladder is put up anew, as after a change of priority: what is past is marked and not told."""
        self.clock = self.clock.attach(self.calendar, list(self.points), self.now)
        self.walk.attach(frozenset(self.points.values()))

    @rule(pause=pauses, number=dice)
    def migrate(self, pause: int, number: int) -> None:
        at = self.later(pause)
        self.clock = self.clock.migrate(self.calendar, f"{number}", at)
        self.calendar, self.windows, opens = service_hours(self.season, self.zone, number)
        self.walk.migrate(opens)

    @rule(point=st.sampled_from((END, END, Point(50, 0), Point(75, 0))), minutes=st.integers(-1, 1))
    def come_to_a_due_time(self, point: Point, minutes: int) -> None:
        """What matters most happens at the deadline itself, and just beside it."""
        due = self.walk.due(point)
        if due is not None and due + minutes <= LAST:
            self.walk.walk(max(self.walk.now, due + minutes))

    @rule(pause=pauses)
    def look(self, pause: int) -> None:
        """A timer fires, perhaps late: what is due is told once, of several only the highest."""
        self.walk.walk(min(self.walk.now + pause, LAST))
        dues = [due for due in self.clock.dues(self.calendar, self.points, self.now) if due.at < self.now]
        for due in dues:
            self.clock = self.clock.reach(due, self.now)
        self.clock = self.clock.record_breach(self.calendar, self.now)

        firing = self.walk.look(frozenset(self.points.values()))

        assert {self.points[due.threshold] for due in dues} == firing.points
        if firing.told is not None:
            told = self.points[dues[-1].threshold]
            assert told.spent(self.walk.target) == firing.told.spent(self.walk.target)

    @invariant()
    def both_say_the_same(self) -> None:
        clock, walk, calendar = self.clock, self.walk, self.calendar
        assert clock.running(self.now) == walk.is_running
        assert {hold.reason.value for hold in clock.held_by(self.now)} == walk.holding.keys()
        assert clock.used(calendar, self.now) == walk.used * MINUTE
        assert clock.remaining(calendar, self.now) == (walk.target - walk.used) * MINUTE
        assert self.within(clock.deadline(calendar, self.now)) == walk.deadline
        dues = {self.points[due.threshold]: self.within(due.at) for due in clock.dues(calendar, self.points, self.now)}
        assert dues == walk.dues(frozenset(self.points.values()))
        assert self.within(clock.breach(calendar, self.now)) == walk.breach()
        # What the workflow knows of the hours ends somewhere; before that it must say the same.
        assert self.on_windows() == clock.deadline(calendar, self.now)

    def within(self, at: datetime | None) -> int | None:
        return None if at is None else min((at - SEASONS[self.season]) // MINUTE, len(self.walk.opens))

    def on_windows(self) -> datetime | None:
        try:
            return self.clock.deadline(self.windows, self.now)
        except BeyondHorizon:
            return self.clock.deadline(self.calendar, self.now)


def heeded(kind: ClockKind, made_to: ClockType) -> frozenset[str]:
    """DOMAIN.md 3: a response cannot be held, and a vendor's delay never holds what the customer was promised."""
    if kind is ClockKind.RESPONSE:
        return frozenset()
    always = {"waiting_customer", "waiting_delivery", "site_closed", "agreed_date", "force_majeure"}
    return frozenset(always | ({"waiting_vendor"} if made_to is ClockType.OLA else set()))


def climbed(kind: ClockKind, rows: list[tuple[int, int, int | None]]) -> dict[Threshold, Point]:
    """The thresholds of a ladder, beside the points at which somebody is to be told."""
    written = [
        LadderRow(
            clock=kind,
            at=Threshold(percent=percent, offset=minutes * MINUTE),
            every_minutes=every,
            times=3 if every else 1,
        )
        for percent, minutes, every in rows
    ]
    others = [LadderRow(clock=ClockKind.PROMISED, at=Threshold(percent=10))]
    thresholds = [point for row in rows_for(kind, [*written, *others]) for point in row.points()]
    points = {
        Point(percent, minutes + n * (every or 0)) for percent, minutes, every in rows for n in range(3 if every else 1)
    } | {END}
    paired = {threshold: Point(threshold.percent, threshold.offset // MINUTE) for threshold in thresholds}
    assert set(paired.values()) == points
    assert DEADLINE in paired
    return paired


TestTraces = Traces.TestCase
TestTraces.settings = settings(
    max_examples=TRACES, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
