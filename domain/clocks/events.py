"""What happens to a clock, as data: several events of one instant have one order."""

from collections.abc import Iterable

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from domain.clocks.holds import Hold, HoldReason
from domain.clocks.sla import SlaClock
from domain.times import Instant

FROZEN = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=FROZEN)
class Stop:
    at: Instant


@dataclass(frozen=True, config=FROZEN)
class Reset:
    at: Instant


@dataclass(frozen=True, config=FROZEN)
class Cancel:
    at: Instant


@dataclass(frozen=True, config=FROZEN)
class Resume:
    at: Instant
    reason: HoldReason


ClockEvent = Stop | Reset | Cancel | Hold | Resume
# At the same instant the work that was done counts first, and a hold lifted at once never held.
ORDER = (Stop, Reset, Cancel, Hold, Resume)


def play(clock: SlaClock, events: Iterable[ClockEvent]) -> SlaClock:
    for event in sorted(events, key=lambda event: (event.at, ORDER.index(type(event)))):
        clock = _after(clock, event)
    return clock


def _after(clock: SlaClock, event: ClockEvent) -> SlaClock:
    match event:
        case Stop():
            return clock.stop(event.at)
        case Reset():
            return clock.reset(event.at)
        case Cancel():
            return clock.cancel(event.at)
        case Hold():
            return clock.hold(event)
        case Resume():
            return clock.resume(event.reason, event.at)
