"""A clock as people read it: what is used and left, when it is due, who was told, and why all of that is so."""

from datetime import datetime

from domain.clocks.calendars import Calendar
from domain.clocks.explanations import ClockSegment, explain
from domain.clocks.holds import HoldReason
from domain.clocks.sla import ClockKind, ClockType, SlaClock
from domain.clocks.thresholds import DEADLINE, Threshold
from domain.clocks.windows import ServiceHours
from domain.times import Duration, Instant, SignedDuration, ZoneName
from domain.values import Line, Value


class Passed(Value):
    """A threshold behind the clock; without `fired_at` it was past before anybody watched."""

    threshold: Threshold
    due: Instant
    fired_at: Instant | None
    lateness: Duration | None


class ClockReport(Value):
    """One clock at one instant.

    `deadline` is the one that stood when the clock ended, and None while it is held. `segments` tell what has been
    until `at`: the running ones and `settled` add up to `used`. `ahead` goes on until the deadline.
    """

    name: Line
    kind: ClockKind
    type: ClockType
    cycle: int
    calendar_version: str
    zone: ZoneName
    at: Instant
    target: Duration
    used: Duration
    settled: Duration
    remaining: SignedDuration
    started_at: Instant | None
    stopped_at: Instant | None
    cancelled_at: Instant | None
    held_by: tuple[HoldReason, ...]
    deadline: Instant | None
    breached_at: Instant | None
    reached: tuple[Passed, ...]
    segments: tuple[ClockSegment, ...]
    ahead: tuple[ClockSegment, ...] = ()


def report(clock: SlaClock, calendar: Calendar, now: datetime) -> ClockReport:
    deadline = due_of(clock, calendar, now)
    until = now if deadline is None or clock.ended_at else max(now, deadline)
    story = explain(clock, calendar, until)
    return ClockReport(
        name=clock.name,
        kind=clock.kind,
        type=clock.type,
        cycle=clock.cycle,
        calendar_version=clock.calendar_version,
        zone=calendar.zone,
        at=now,
        target=clock.target,
        used=clock.used(calendar, now),
        settled=clock.settled,
        remaining=clock.remaining(calendar, now),
        started_at=clock.started_at,
        stopped_at=clock.stopped_at,
        cancelled_at=clock.cancelled_at,
        held_by=tuple(hold.reason for hold in clock.held_by(now)),
        deadline=deadline,
        breached_at=clock.breach(calendar, now),
        reached=tuple(
            Passed(threshold=past.threshold, due=past.due, fired_at=past.fired_at, lateness=past.lateness)
            for past in clock.reached
        ),
        segments=tuple(part.model_copy(update={"end": min(part.end, now)}) for part in story if part.start < now),
        ahead=tuple(part.model_copy(update={"start": max(part.start, now)}) for part in story if part.end > now),
    )


def due_of(clock: SlaClock, hours: ServiceHours, now: datetime) -> datetime | None:
    """When the target was or will be used up; after the end, the deadline that stood then. None while held."""
    at_its_end = clock.model_copy(update={"stopped_at": None, "cancelled_at": None})
    due = at_its_end.threshold_due(hours, DEADLINE, min(now, clock.ended_at or now))
    # What was used up under earlier service hours cannot be worked out under the present ones; its breach was kept.
    return clock.breached_at or due if due == clock.settled_at else due
