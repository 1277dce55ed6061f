"""Service hours as plain UTC intervals: what a workflow may compute with, no time zone in sight."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Annotated, Protocol, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer, model_validator

from domain.times import ZERO, Instant, utc


class BeyondHorizon(LookupError):
    """The answer lies outside these windows, or there are none yet: fetch more of them and ask again."""

    def __init__(self, message: str, windows: "Windows | None" = None) -> None:
        super().__init__(message)
        self.windows = windows


class ServiceHours(Protocol):
    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Service time within [start, end); none when the end lies before the start."""

    def add(self, start: datetime, span: timedelta) -> datetime:
        """The smallest instant x with elapsed(start, x) >= span: closing time, never the next opening."""


class RoundTheClock:
    """Always open, for as long as there are dates."""

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        return max(ZERO, utc(end) - utc(start))

    def add(self, start: datetime, span: timedelta) -> datetime:
        return utc(start) + span


@dataclass(frozen=True, slots=True)
class Openings:
    """Disjoint open intervals, with the open time in front of each, so that every question is a bisection."""

    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    before: tuple[timedelta, ...]
    total: timedelta

    @classmethod
    def of(cls, intervals: Iterable[tuple[datetime, datetime]]) -> Self:
        """Intervals come in order; those that touch become one."""
        starts: list[datetime] = []
        ends: list[datetime] = []
        for start, end in intervals:
            if ends and ends[-1] == start:
                ends[-1] = end
            else:
                starts.append(start)
                ends.append(end)
        *before, total = accumulate((end - start for start, end in zip(starts, ends, strict=True)), initial=ZERO)
        return cls(tuple(starts), tuple(ends), tuple(before), total)

    def until(self, at: datetime) -> timedelta:
        """Open time in front of this instant."""
        i = bisect_right(self.starts, at) - 1
        return ZERO if i < 0 else self.before[i] + min(at, self.ends[i]) - self.starts[i]

    def reached(self, spent: timedelta) -> datetime:
        """The smallest instant with so much open time in front of it, for 0 < spent <= total."""
        i = bisect_left(self.before, spent) - 1
        return self.starts[i] + (spent - self.before[i])


class TimeRules(BaseModel):
    """Frozen data that may keep what it worked out from itself in cached properties."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )

    def __copy__(self) -> Self:
        # model_copy(update=...) starts here: a changed copy must not answer from the old rules.
        copied = super().__copy__()
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


# Seconds since 1970 take half the room of a written date, and a history holds hundreds of them.
Edge = Annotated[Instant, PlainSerializer(lambda at: int(at.timestamp()), return_type=int, when_used="json")]


class Windows(TimeRules):
    """A calendar's open intervals from start to end (whole seconds), with what they were made from."""

    start: Instant
    end: Instant
    opens: tuple[tuple[Edge, Edge], ...]
    calendar_version: str = ""
    region: str = ""
    holidays_version: str = ""
    tzdata: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        edges = [self.start, *(edge for opening in self.opens for edge in opening), self.end]
        if any(earlier > later for earlier, later in pairwise(edges)) or any(a == b for a, b in self.opens):
            raise ValueError("windows must be sorted, disjoint and within the horizon")
        return self

    @cached_property
    def openings(self) -> Openings:
        return Openings.of(self.opens)

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        spent = self.openings.until(self._covered(end)) - self.openings.until(self._covered(start))
        return max(ZERO, spent)

    def add(self, start: datetime, span: timedelta) -> datetime:
        since = self._covered(start)
        if span < ZERO:
            raise ValueError("A negative span cannot be added.")
        if not span:
            return since
        spent = self.openings.until(since) + span
        if spent > self.openings.total:
            raise BeyondHorizon(f"{span} of service time from {since} end after {self.end}.", self)
        return self.openings.reached(spent)

    def is_open(self, at: datetime) -> bool:
        instant = self._covered(at)
        return any(start <= instant < end for start, end in self.opens)

    def _covered(self, at: datetime) -> datetime:
        instant = utc(at)
        if self.start <= instant <= self.end:
            return instant
        raise BeyondHorizon(f"{instant} is not between {self.start} and {self.end}.", self)
