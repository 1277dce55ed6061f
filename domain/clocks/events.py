"""What happens to a clock, as data: several events of one instant have one order."""

from collections.abc import Iterable

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from domain.clocks.holds import ClockHold, HoldReason
from domain.clocks.sla import SlaClock
from domain.times import Instant

FROZEN = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=FROZEN)
class StopClock:
    at: Instant


@dataclass(frozen=True, config=FROZEN)
class ResetClock:
    at: Instant


@dataclass(frozen=True, config=FROZEN)
class CancelClock:
    at: Instant


@dataclass(frozen=True, config=FROZEN)
class ResumeClock:
    at: Instant
    reason: HoldReason


ClockEvent = StopClock | ResetClock | CancelClock | ClockHold | ResumeClock
# At the same instant the work that was done counts first, and a hold lifted at once never held.
ORDER = (StopClock, ResetClock, CancelClock, ClockHold, ResumeClock)


def play(clock: SlaClock, events: Iterable[ClockEvent]) -> SlaClock:
    for event in sorted(events, key=lambda event: (event.at, ORDER.index(type(event)))):
        clock = _after(clock, event)
    return clock


def _after(clock: SlaClock, event: ClockEvent) -> SlaClock:
    match event:
        case StopClock():
            return clock.stop(event.at)
        case ResetClock():
            return clock.reset(event.at)
        case CancelClock():
            return clock.cancel(event.at)
        case ClockHold():
            return clock.hold(event)
        case ResumeClock():
            return clock.resume(event.reason, event.at)
