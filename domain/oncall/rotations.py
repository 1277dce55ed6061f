"""Rotations: people who take turns, handing over at a wall time of their zone."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import Field

from domain.clocks.calendars import WEEK, WEEKDAYS, Weekday
from domain.clocks.closures import WallTime
from domain.refusals import Problem
from domain.times import YEARS, first_instant, zone
from domain.values import Slug, Value

Day = Annotated[date, Field(ge=date(YEARS[0], 1, 1), le=date(YEARS[-1], 12, 31))]


class Rotation(Value):
    """Members take turns from `start` on, each for so many local days; before it nobody is on call.

    A shift begins when the wall clock first shows the hand-over time: in a repeated hour at its first
    passing, in a skipped hour at the moment the clocks are put forward. So a day's shift has 23 or 25
    hours when the clocks change. A weekday says nothing new; it makes sure that hand-overs fall on it.
    """

    members: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=100)]
    start: Day
    hand_over: WallTime
    days: int = Field(default=WEEK, ge=1, le=366)
    weekday: Weekday | None = None

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
        return self.members[number % len(self.members)]

    def problems(self, at: str) -> list[Problem]:
        weekday = WEEKDAYS[self.start.weekday()]
        if self.weekday is None or (self.weekday == weekday and self.days % WEEK == 0):
            return []
        values = {"weekday": self.weekday, "start": weekday, "days": str(self.days)}
        return [Problem(code="handover_off_weekday", at=f"{at}/weekday", values=values)]
