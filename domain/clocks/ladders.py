"""Escalation ladders: who is told when a clock has come so far."""

from collections.abc import Iterable
from datetime import timedelta

from pydantic import Field

from domain.clocks.sla import ClockKind
from domain.clocks.thresholds import DEADLINE, Threshold
from domain.people import Role
from domain.values import Few, Slug, Value


class LadderRow(Value):
    """Who is told when a clock of this kind reaches a point of its way.

    `every_minutes` of service time it is told again, `times` in all. `channels` narrows how the people are told; none
    named means their usual way. `page` asks for an acknowledgement: the on-call people are paged.
    """

    clock: ClockKind = ClockKind.FULFILMENT
    at: Threshold
    tell: Few[Role] = ()
    level: int = Field(default=1, ge=0, le=9)
    channels: Few[Slug] = ()
    page: bool = False
    every_minutes: int | None = Field(default=None, gt=0, le=525_600)
    times: int = Field(default=1, ge=1, le=50)

    def points(self) -> tuple[Threshold, ...]:
        """The row's own threshold and those at which it is repeated."""
        pause = timedelta(minutes=self.every_minutes or 0)
        again = self.times if self.every_minutes else 1
        return tuple(self.at.model_copy(update={"offset": self.at.offset + n * pause}) for n in range(again))


def _row(clock: ClockKind, percent: int, level: int, *tell: Role) -> LadderRow:
    return LadderRow(clock=clock, at=Threshold(percent=percent), level=level, tell=tell)


# Proposals (DOMAIN.md 4) for whatever a contract does not arrange itself.
DEFAULT_LADDER = (
    _row(ClockKind.FULFILMENT, 75, 1, Role.COORDINATOR),
    _row(ClockKind.FULFILMENT, 90, 2, Role.SDM),
    _row(ClockKind.FULFILMENT, 100, 3, Role.SDM, Role.BRM, Role.REQUESTER),
    _row(ClockKind.RESPONSE, 50, 1, Role.SERVICE_DESK),
    _row(ClockKind.RESPONSE, 75, 2, Role.SDM),
    _row(ClockKind.RESPONSE, 100, 3, Role.SDM, Role.BRM, Role.REQUESTER),
    _row(ClockKind.RESOLUTION, 50, 0, Role.ASSIGNEE),
    _row(ClockKind.RESOLUTION, 75, 1, Role.ASSIGNEE, Role.TEAM_LEAD),
    _row(ClockKind.RESOLUTION, 90, 2, Role.SDM),
    _row(ClockKind.RESOLUTION, 100, 3, Role.SDM, Role.BRM, Role.REQUESTER),
    LadderRow(
        clock=ClockKind.RESOLUTION,
        at=Threshold(offset=timedelta(hours=4)),
        level=4,
        tell=(Role.MANAGEMENT,),
        every_minutes=240,
        times=5,
    ),
    _row(ClockKind.PROMISED, 75, 0, Role.ASSIGNEE),
    _row(ClockKind.PROMISED, 100, 2, Role.SDM, Role.REQUESTER),
    _row(ClockKind.UPDATE, 100, 0, Role.ASSIGNEE),
    _row(ClockKind.VENDOR, 75, 1, Role.VENDOR),
    _row(ClockKind.VENDOR, 100, 2, Role.VENDOR, Role.SDM),
    _row(ClockKind.EXCEPTION, 75, 1, Role.COORDINATOR),
    _row(ClockKind.EXCEPTION, 100, 2, Role.COORDINATOR, Role.SDM),
)


def rows_for(kind: ClockKind, arranged: Iterable[LadderRow]) -> tuple[LadderRow, ...]:
    """A contract's rows for one kind of clock, or the default ones; the deadline is among them in any case.

    A ladder without a row there tells nobody then, but the breach is recorded.
    """
    rows = tuple(row for row in arranged if row.clock == kind)
    rows = rows or tuple(row for row in DEFAULT_LADDER if row.clock == kind)
    return rows if any(DEADLINE in row.points() for row in rows) else (*rows, LadderRow(clock=kind, at=DEADLINE))
