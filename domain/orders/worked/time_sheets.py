"""The time sheet of an order: every stretch of work as it was told, the parts that went into it, and the minutes."""

from domain.orders.charges import WorkLog, work_logs
from domain.orders.order import Order
from domain.orders.progress import OwnPeopleStint, Progress
from domain.times import Instant
from domain.values import Value


class TimeSheet(Value):
    """Minutes are as they were worked; what they are rounded to stands with what is charged.

    `own_people` is what the customer's own people had meanwhile: beside ours, and never charged.
    """

    stretches: tuple[WorkLog, ...]
    own_people: tuple[OwnPeopleStint, ...] = ()

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.stretches)

    @property
    def step(self) -> str:
        """What was worked on last."""
        return max(self.stretches, key=lambda one: one.ended_at).step

    @property
    def dated(self) -> Instant:
        ended = (one.until for one in self.own_people if one.until is not None)
        return max((*(one.ended_at for one in self.stretches), *ended))

    @property
    def people(self) -> frozenset[str]:
        return frozenset(one.person for one in self.stretches if one.person is not None)


def time_sheet(order: Order, progress: Progress) -> TimeSheet | None:
    """None while nobody of ours has told of any work; a visit for nothing is work as well."""
    logs = (log for log in work_logs(order, progress) if log.minutes or log.parts or log.wasted)
    stretches = tuple(sorted(logs, key=lambda log: log.started_at))
    theirs = tuple(one for one in progress.own_people if one.until is not None)
    return TimeSheet(stretches=stretches, own_people=theirs) if stretches else None
