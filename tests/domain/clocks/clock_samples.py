"""Clocks, and what may happen to them."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from domain.clocks.events import ClockEvent, ResumeClock, StopClock
from domain.clocks.holds import ClockHold, HoldReason
from domain.clocks.sla import ClockKind, ClockType, SlaClock
from domain.clocks.thresholds import Threshold
from tests.domain.golden import GOLDEN

# 8 to 17 in Berlin, closed from noon on Christmas Eve until the 26th.
OFFICE = GOLDEN.calendars["A"]
# The same with an hour for lunch.
LUNCH = GOLDEN.calendars["D"]
HALF, MOST = Threshold(percent=50), Threshold(percent=75)
WAITING, CLOSED_SITE = HoldReason.WAITING_CUSTOMER, HoldReason.SITE_CLOSED


def at(written: str) -> datetime:
    """A time on Tuesday 20 October 2026, or on another day of that autumn."""
    day, _, time = written.rpartition(" ")
    return datetime.fromisoformat(f"2026-{day or '10-20'}T{time}+{'02:00' if day < '10-25' else '01:00'}")


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def clock(
    target: float = 4,
    *,
    start: str = "08:00",
    kind: ClockKind = ClockKind.RESOLUTION,
    made_to: ClockType = ClockType.SLA,
) -> SlaClock:
    return SlaClock(name="resolution", kind=kind, type=made_to, target=hours(target)).start(at(start))


def hold(start: str, max_until: str | None = None, reason: HoldReason = WAITING) -> ClockHold:
    return ClockHold(reason=reason, actor="anna", at=at(start), max_until=at(max_until) if max_until else None)


def held(start: str, end: str, reason: HoldReason = WAITING) -> list[ClockEvent]:
    return [hold(start, reason=reason), ResumeClock(at(end), reason)]


minutes = st.integers(0, 14 * 24 * 60).map(lambda count: at("10-19 08:00") + timedelta(minutes=count))
reasons = st.sampled_from(HoldReason)
events = st.lists(
    st.one_of(
        st.builds(ClockHold, reason=reasons, actor=st.just("anna"), at=minutes),
        st.builds(ResumeClock, at=minutes, reason=reasons),
        st.builds(StopClock, at=minutes),
    ),
    max_size=8,
)
