"""Rotations: people who take turns, handing over at a wall time of their zone."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import takewhile
from typing import Annotated, NamedTuple, TypeVar

from pydantic import Field

from domain.clocks.calendars import WEEK, WEEKDAYS, Calendar, Weekday
from domain.clocks.closures import WallTime
from domain.oncall.shifts import Layer
from domain.refusals import Problem
from domain.times import Day, Instant, first_instant, zone
from domain.values import Line, Slug, Value

DutySpan = tuple[datetime, datetime]


class DutyTurn(NamedTuple):
    """From hand-over to hand-over. None is nobody: the rotation has not begun."""

    person: Slug | None
    start: datetime
    end: datetime


class UnderWay(Value):
    """The shift that ran when the rotation was changed; it ends as it would have."""

    person: Slug
    since: Instant
    until: Instant


class Rotation(Value):
    """Members take turns from `start` on, each for so many local days; before it nobody is on call.

    A shift begins when the wall clock first shows the hand-over time: in a repeated hour at its first
    passing, in a skipped hour at the moment the clocks are put forward. So a day's shift has 23 or 25
    hours when the clocks change. A weekday says nothing new; it makes sure that hand-overs fall on it.

    With `hours` it is on call only while they are open, or `outside` of them, and hands over in their zone; otherwise
    in the rota's. `first` is the place among the members of whoever has the shift that begins at the start. It and
    `under_way` are worked out when a rotation is changed.
    """

    members: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=100)]
    start: Day
    hand_over: WallTime
    days: int = Field(default=WEEK, ge=1, le=366)
    weekday: Weekday | None = None
    hours: Calendar | None = None
    outside: bool = False
    first: int = Field(default=0, ge=0, le=99)
    under_way: UnderWay | None = None

    def begins(self, number: int, zone_name: str) -> datetime:
        """When the shift of this number begins; the first is number 0."""
        midnight = datetime.combine(self.start, time.min) + timedelta(days=number * self.days)
        return first_instant(midnight + timedelta(minutes=self.hand_over), zone_name)

    def number_at(self, at: datetime, zone_name: str) -> int:
        """The shift in which an instant lies; negative before the first."""
        number = (at.astimezone(zone(zone_name)).date() - self.start).days // self.days
        while self.begins(number, zone_name) > at:
            number -= 1
        # Two hand-overs fall together where a zone has skipped a whole day.
        while self.begins(number + 1, zone_name) <= at:
            number += 1
        return number

    def member(self, number: int) -> Slug:
        return self.members[(number + self.first) % len(self.members)]

    def turn_at(self, at: datetime, zone_name: str) -> DutyTurn:
        return next(self.turns(at, zone_name))

    def turns(self, start: datetime, zone_name: str) -> Iterator[DutyTurn]:
        """One after the other without end, from the one in which this instant lies."""
        if self.under_way is None:
            yield from self._planned(start, zone_name)
            return
        running = DutyTurn(self.under_way.person, self.under_way.since, self.under_way.until)
        if start < running.start:
            before = takewhile(lambda turn: turn.start < running.start, self._planned(start, zone_name))
            yield from (turn._replace(end=min(turn.end, running.start)) for turn in before)
        if start < running.end:
            yield running
        for turn in self._planned(max(start, running.end), zone_name):
            yield turn._replace(start=max(turn.start, running.end))

    def _planned(self, start: datetime, zone_name: str) -> Iterator[DutyTurn]:
        number = max(0, self.number_at(start, zone_name))
        begin = self.begins(number, zone_name)
        if start < begin:
            yield DutyTurn(None, start, begin)
        while True:
            finish = self.begins(number + 1, zone_name)
            if begin < finish:
                yield DutyTurn(self.member(number), begin, finish)
            number, begin = number + 1, finish

    def zone_in(self, zone_name: str) -> str:
        return self.hours.zone if self.hours else zone_name

    def is_on_duty(self, at: datetime) -> bool:
        return self.hours is None or self.hours.is_open(at) != self.outside

    def duty(self, start: datetime, end: datetime) -> list[DutySpan]:
        """When within [start, end) somebody of it is on call, by its hours; in order."""
        if self.hours is None:
            return [(start, end)]
        opens = self.hours.timetable.kept_between(start, end)
        if not self.outside:
            return list(zip(opens.starts, opens.ends, strict=True))
        edges = zip((start, *opens.ends), (*opens.starts, end), strict=True)
        return [(since, until) for since, until in edges if since < until]

    def problems(self, at: str) -> list[Problem]:
        weekday = WEEKDAYS[self.start.weekday()]
        if self.weekday is None or (self.weekday == weekday and self.days % WEEK == 0):
            return []
        values = {"weekday": self.weekday, "start": weekday, "days": str(self.days)}
        return [Problem(code="handover_off_weekday", at=f"{at}/weekday", values=values)]


class FurtherRotation(Rotation):
    """Takes its part of a layer's hours: the nights, the weekends, or the hours of another country."""

    layer: Layer
    name: Line


RotationT = TypeVar("RotationT", bound=Rotation)
