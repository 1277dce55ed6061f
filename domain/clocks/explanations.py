"""Why a deadline is what it is: every stretch of a clock's life, and whether it counted."""

from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from pydantic import BaseModel, ConfigDict

from domain.clocks.calendars import Calendar
from domain.clocks.holds import Span
from domain.clocks.sla import SlaClock
from domain.clocks.timetables import Coverage
from domain.times import Instant, utc


class ClockState(StrEnum):
    RUNNING = "running"
    HELD = "held"
    SOLVED = "solved"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    # Counted under earlier service hours: its share is the clock's `settled`.
    SETTLED = "settled"


STATES = {
    Coverage.OPEN: ClockState.RUNNING,
    Coverage.CLOSED: ClockState.CLOSED,
    Coverage.HOLIDAY: ClockState.HOLIDAY,
}


class ClockSegment(BaseModel):
    """`why` names the holiday, the closure or the hold reasons; closed without a reason is outside hours."""

    model_config = ConfigDict(frozen=True)

    start: Instant
    end: Instant
    state: ClockState
    why: str = ""


def explain(clock: SlaClock, calendar: Calendar, until: datetime) -> list[ClockSegment]:
    """A clock from its start to its end, or as far as asked; ask for its deadline to explain that."""
    if clock.started_at is None or utc(until) <= clock.started_at:
        return []
    end = min(utc(until), clock.ended_at or utc(until))
    turns = [clock.settled_at or clock.started_at, *(edge for pause in clock.pauses() for edge in pause)]
    edges = sorted({clock.started_at, end, *(turn for turn in turns if clock.started_at < turn < end)})
    return [segment for edge in pairwise(edges) for segment in _between(clock, calendar, Span(*edge))]


def _between(clock: SlaClock, calendar: Calendar, span: Span) -> list[ClockSegment]:
    if clock.settled_at is not None and span.start < clock.settled_at:
        return [ClockSegment(start=span.start, end=span.end, state=ClockState.SETTLED)]
    if any(solved.start <= span.start < solved.end for solved in clock.solved):
        return [ClockSegment(start=span.start, end=span.end, state=ClockState.SOLVED)]
    if holds := clock.held_by(span.start):
        why = ", ".join(hold.reason for hold in holds)
        return [ClockSegment(start=span.start, end=span.end, state=ClockState.HELD, why=why)]
    return [
        ClockSegment(start=part.start, end=part.end, state=STATES[part.kind], why=part.why)
        for part in calendar.segments(span.start, span.end)
    ]
