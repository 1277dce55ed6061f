"""A move project that was launched: what its workflow and those of its waves are started with."""

from pydantic import Field

from domain.cases.wave_briefs import WaveBrief
from domain.clocks.calendars import Calendar
from domain.kinds import Leg, OrderKind
from domain.people import Role
from domain.times import Instant
from domain.values import Line, Slug, Value

AT_ONCE = 25


class Launched(Value):
    """What project and waves share. `plan` is the version that was approved; `at_once` bounds a wave's open orders.

    An exception is to be settled within `exception_minutes` of service time; its owner is whoever launched the project.
    """

    project: Slug
    customer: Slug
    contract: Slug
    name: Line
    site: Slug
    zone: str
    plan: int
    received_at: Instant
    launched_by: Slug
    approver: Slug
    calendar: Calendar
    team: dict[Role, tuple[Slug, ...]] = {}
    at_once: int = Field(default=AT_ONCE, ge=1, le=50)
    exception_minutes: int = Field(default=240, gt=0)


class Launch(Launched):
    """The input of a project's workflow. What is still open after `grace_days` (working days) ends as exceptions."""

    waves: tuple[WaveBrief, ...]
    grace_days: int = Field(default=5, ge=1, le=250)


class WaveLaunch(Launched):
    """The input of a wave's workflow: it tells its project when so much per cent of it has been verified.

    `withdrawn` are workplaces that were taken out before it opened, each with the reason.
    """

    wave: WaveBrief
    tells_at: tuple[int, ...] = ()
    withdrawn: dict[Slug, Line] = {}


class PlannedLeg(Value):
    """One order of a wave to be: the whole way of a workplace or, in a swap, one of its two legs.

    `row` is where it stands in the list; it begins when the legs in `after` are done.
    """

    workplace: Slug
    row: int
    leg: Leg
    kind: OrderKind = OrderKind.MOVE
    start: Instant
    after: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return leg_id(self.workplace, self.leg)


def leg_id(workplace: str, leg: Leg) -> str:
    return f"{workplace}.{leg}"
