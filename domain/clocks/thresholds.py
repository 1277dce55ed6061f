"""Points on a clock's way at which somebody is told."""

from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from domain.times import ZERO, Instant
from domain.values import Exact


class Threshold(Exact, BaseModel):
    """A point on a clock's way: a share of its target, then earlier or later by some service time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    percent: int = Field(100, gt=0, le=1000)
    offset: timedelta = ZERO

    @property
    def name(self) -> str:
        """As it stands in keys: `75`, or `100+240` for four hours after the deadline."""
        minutes = int(self.offset.total_seconds() // 60)
        return f"{self.percent}{minutes:+}" if minutes else str(self.percent)

    def spent(self, target: timedelta) -> timedelta:
        """The service time that is used when it is reached."""
        return max(ZERO, target * self.percent / 100 + self.offset)


DEADLINE = Threshold()


class DueThreshold(NamedTuple):
    threshold: Threshold
    at: datetime


class Reached(BaseModel):
    """A threshold nobody needs to be told of again; without fired_at it was past before anybody watched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: Threshold
    due: Instant
    fired_at: Instant | None = None

    @property
    def lateness(self) -> timedelta | None:
        return None if self.fired_at is None else self.fired_at - self.due
