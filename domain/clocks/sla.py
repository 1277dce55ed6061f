"""The clock of a promise: from what happened, what time is used, what is left and what is due when.

A clock keeps facts only (started, held, lifted, stopped) and works everything out from them and the
service hours it is handed. So the answer never depends on when a timer fired or in which order late
news arrived, and a clock that waits costs nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.clocks.holds import ClockHold, HoldReason, Span, without
from domain.clocks.thresholds import DEADLINE, DueThreshold, Reached, Threshold
from domain.clocks.windows import ServiceHours
from domain.times import ZERO, Instant, utc

# The calendars every case has: the service hours of its contract, and no hours at all.
SERVICE = "service"
ALWAYS = "always"


class ClockKind(StrEnum):
    RESPONSE = "response"
    RESOLUTION = "resolution"
    FULFILMENT = "fulfilment"
    STEP = "step"
    CERTIFICATE = "certificate"
    PROMISED = "promised"
    UPDATE = "update"
    VENDOR = "vendor"
    EXCEPTION = "exception"


class ClockType(StrEnum):
    """To whom the promise was made: the customer, our own teams, or to us by a vendor."""

    SLA = "SLA"
    OLA = "OLA"
    UC = "UC"

    @property
    def is_for_customers(self) -> bool:
        """What our own teams and vendors have promised us is not the customer's affair."""
        return self is ClockType.SLA


# To whom a promise of each kind is made.
MADE_TO: dict[ClockKind, ClockType] = {
    ClockKind.RESPONSE: ClockType.SLA,
    ClockKind.RESOLUTION: ClockType.SLA,
    ClockKind.FULFILMENT: ClockType.SLA,
    ClockKind.STEP: ClockType.OLA,
    ClockKind.CERTIFICATE: ClockType.UC,
    ClockKind.PROMISED: ClockType.SLA,
    ClockKind.UPDATE: ClockType.OLA,
    ClockKind.VENDOR: ClockType.UC,
    ClockKind.EXCEPTION: ClockType.OLA,
}


class SlaClock(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: ClockKind
    type: ClockType = ClockType.SLA
    target: timedelta = Field(gt=ZERO)
    # By which of its case's calendars it runs.
    hours: str = SERVICE
    calendar_version: str = ""
    cycle: int = 1
    started_at: Instant | None = None
    stopped_at: Instant | None = None
    cancelled_at: Instant | None = None
    holds: tuple[ClockHold, ...] = ()
    # From each solution that did not hold to its reopening.
    solved: tuple[Span, ...] = ()
    # What was used under earlier service hours, and since when the present ones count.
    settled: timedelta = ZERO
    settled_at: Instant | None = None
    reached: tuple[Reached, ...] = ()
    breached_at: Instant | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.started_at and self.ended_at and self.ended_at < self.started_at:
            raise ValueError("a clock cannot end before it starts")
        return self

    # What happens to a clock. Whatever no longer applies (a hold on a stopped clock) changes nothing.

    def start(self, at: datetime) -> Self:
        return self if self.started_at else self._with(started_at=at)

    def stop(self, at: datetime) -> Self:
        """A breach that a timer recorded before late news of the end arrived was none."""
        if self.ended_at:
            return self
        broken = self.breached_at is not None and self.breached_at < utc(at)
        return self._with(stopped_at=at, holds=self._lifted(at), breached_at=self.breached_at if broken else None)

    def cancel(self, at: datetime) -> Self:
        return self if self.ended_at else self._with(cancelled_at=at, holds=self._lifted(at))

    def hold(self, hold: ClockHold) -> Self:
        """Reasons form a set: asking again for the same one replaces its max_until from then on."""
        if self.ended_at or not self.heeds(hold.reason):
            return self
        return self._with(holds=(*self._lifted(hold.at, hold.reason), hold))

    def resume(self, reason: HoldReason, at: datetime) -> Self:
        return self._with(holds=self._lifted(at, reason))

    def reset(self, at: datetime) -> Self:
        """Begin the next cycle from nothing; what still holds the clock goes on holding it."""
        return type(self)(
            name=self.name,
            kind=self.kind,
            type=self.type,
            target=self.target,
            hours=self.hours,
            calendar_version=self.calendar_version,
            cycle=self.cycle + 1,
            started_at=at,
            holds=tuple(hold for hold in self.holds if hold.end > utc(at)),
        )

    def reopen(self, at: datetime) -> Self:
        """Go on in the same cycle; the time it counted as solved is not used."""
        if self.stopped_at is None:
            return self
        return self._with(stopped_at=None, solved=(*self.solved, Span(self.stopped_at, at)))

    def change_target(self, hours: ServiceHours, target: timedelta, at: datetime) -> Self:
        """The new target counts from the original start; a breach of the old one stays a breach."""
        return self._with(target=target, breached_at=self.breach(hours, at))

    def migrate(self, old: ServiceHours, calendar_version: str, at: datetime, *, hours: str = SERVICE) -> Self:
        """Run on other service hours from now on; what was used stays used."""
        return self._with(
            hours=hours,
            settled=self.used(old, at),
            settled_at=at,
            calendar_version=calendar_version,
            breached_at=self.breach(old, at),
        )

    def reach(self, due: DueThreshold, fired_at: datetime) -> Self:
        return self._with(reached=(*self.reached, Reached(threshold=due.threshold, due=due.at, fired_at=fired_at)))

    def attach(self, hours: ServiceHours, thresholds: Sequence[Threshold], at: datetime) -> Self:
        """Watch these thresholds from now on: those already past are marked, no ladder is replayed."""
        past = [due for due in self.dues(hours, thresholds, at) if due.at <= utc(at)]
        marked = (Reached(threshold=due.threshold, due=due.at) for due in past)
        return self._with(reached=(*self.reached, *marked))

    def record_breach(self, hours: ServiceHours, now: datetime) -> Self:
        return self._with(breached_at=self.breach(hours, now))

    # What a clock says.

    @property
    def ended_at(self) -> datetime | None:
        return self.stopped_at or self.cancelled_at

    @property
    def next_resume(self) -> ClockHold | None:
        """The first hold that ends by itself and that nobody has lifted yet."""
        waiting = [hold for hold in self.holds if hold.max_until and not hold.lifted_at]
        return min(waiting, key=lambda hold: hold.end, default=None)

    def heeds(self, reason: HoldReason) -> bool:
        """A response or an agreed date cannot be held, and waiting for a vendor stops our teams' clocks only."""
        if self.kind in (ClockKind.RESPONSE, ClockKind.PROMISED):
            return False
        return reason is not HoldReason.WAITING_VENDOR or self.type is ClockType.OLA

    def held_by(self, now: datetime) -> tuple[ClockHold, ...]:
        return tuple(hold for hold in self.holds if hold.holds(utc(now)))

    def running(self, now: datetime) -> bool:
        started = self.started_at is not None and self.started_at <= utc(now)
        ended = self.ended_at is not None and self.ended_at <= utc(now)
        return started and not ended and not self.held_by(now)

    def runs(self, now: datetime) -> tuple[Span, ...]:
        """The stretches of time in which the clock ran on its present service hours."""
        since = self.settled_at or self.started_at
        if since is None:
            return ()
        until = min(utc(now), self.ended_at or utc(now))
        return without(Span(since, until), self.pauses())

    def spent_between(self, hours: ServiceHours, start: datetime, end: datetime) -> timedelta:
        """What of its time passed between these; held time counts for nobody."""
        parts = ((max(run.start, start), min(run.end, end)) for run in self.runs(end))
        return sum((hours.elapsed(since, until) for since, until in parts if since < until), ZERO)

    def pauses(self) -> tuple[Span, ...]:
        return (*self.solved, *(Span(hold.at, hold.end) for hold in self.holds))

    def used(self, hours: ServiceHours, now: datetime) -> timedelta:
        return sum((hours.elapsed(run.start, run.end) for run in self.runs(now)), self.settled)

    def remaining(self, hours: ServiceHours, now: datetime) -> timedelta:
        """What is left of the target; negative by the service time it is overdue."""
        return self.target - self.used(hours, now)

    def deadline(self, hours: ServiceHours, now: datetime) -> datetime | None:
        """When the target is used up; no date while the clock is held or has ended."""
        return self.threshold_due(hours, DEADLINE, now) if self.running(now) else None

    def threshold_due(self, hours: ServiceHours, threshold: Threshold, now: datetime) -> datetime | None:
        """When it was or will be reached, unless the clock is held or has ended before."""
        missing = threshold.spent(self.target) - self.settled
        if missing <= ZERO:
            return self.settled_at or self.started_at
        for run in self.runs(now):
            spent = hours.elapsed(run.start, run.end)
            if missing <= spent:
                return hours.add(run.start, missing)
            missing -= spent
        return hours.add(now, missing) if self.running(now) else None

    def dues(self, hours: ServiceHours, thresholds: Iterable[Threshold], now: datetime) -> list[DueThreshold]:
        """The thresholds not yet reached, in the order in which they fall due.

        One that fell due before a hold or a stop is still here, however late its timer; done exactly
        when it is due is in time.
        """
        reached = {past.threshold for past in self.reached}
        open_dues = [
            DueThreshold(threshold, due)
            for threshold in thresholds
            if threshold not in reached
            and (due := self.threshold_due(hours, threshold, now)) is not None
            and (self.ended_at is None or due < self.ended_at)
        ]
        return sorted(open_dues, key=lambda due: (due.at, due.threshold.spent(self.target)))

    def next_due(self, hours: ServiceHours, thresholds: Iterable[Threshold], now: datetime) -> DueThreshold | None:
        return next(iter(self.dues(hours, thresholds, now)), None)

    def breach(self, hours: ServiceHours, now: datetime) -> datetime | None:
        """When the promise broke: decided from when it was due and when it was done, never from a timer."""
        if self.breached_at is not None:
            return self.breached_at
        due = self.threshold_due(hours, DEADLINE, now)
        return due if due is not None and due < min(self.ended_at or utc(now), utc(now)) else None

    def _lifted(self, at: datetime, reason: HoldReason | None = None) -> tuple[ClockHold, ...]:
        return tuple(hold.lifted(utc(at)) if reason in {None, hold.reason} else hold for hold in self.holds)

    def _with(self, **facts: object) -> Self:
        return type(self).model_validate(dict(self) | facts)
