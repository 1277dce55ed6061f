"""What recurs: one list, which every worker makes Temporal follow when it starts."""

from datetime import timedelta
from functools import partial
from typing import NamedTuple

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from workflows.recurring.alert_cleaning import AlertCleaningWorkflow, AlertSilenceWorkflow
from workflows.recurring.case_check import CaseCheckWorkflow
from workflows.recurring.key_ends import KeyEndsWorkflow
from workflows.recurring.rota_news import RotaNewsWorkflow


class Recurring(NamedTuple):
    """`hour` is UTC; without one it recurs every hour. `name` is the schedule's id, after which its runs are called."""

    name: str
    workflow: type
    hour: int | None = None
    at_start: bool = False

    @property
    def hours(self) -> ScheduleRange:
        return ScheduleRange(0, 23) if self.hour is None else ScheduleRange(self.hour)


ROTA_NEWS = "rota-news"
CASE_CHECK = "case-check"
RECURRING = (
    Recurring("key-ends", KeyEndsWorkflow, hour=6),
    Recurring("alert-cleaning", AlertCleaningWorkflow, hour=3),
    Recurring("alert-silence", AlertSilenceWorkflow),
    Recurring(ROTA_NEWS, RotaNewsWorkflow),
    Recurring(CASE_CHECK, CaseCheckWorkflow, at_start=True),
)
# After an outage what was missed within a day is caught up once.
CATCH_UP = timedelta(days=1)


async def keep_schedules(client: Client, task_queue: str) -> None:
    """Any number of workers may do so at once."""
    for recurring in RECURRING:
        wanted = _schedule(recurring, task_queue)
        handle = client.get_schedule_handle(recurring.name)
        try:
            await client.create_schedule(recurring.name, wanted)
        except ScheduleAlreadyRunningError:
            await handle.update(partial(_corrected, wanted))
        if recurring.at_start:
            await handle.trigger(overlap=ScheduleOverlapPolicy.SKIP)


def _corrected(wanted: Schedule, found: ScheduleUpdateInput) -> ScheduleUpdate:
    # Whoever has paused it had a reason.
    wanted.state = found.description.schedule.state
    return ScheduleUpdate(wanted)


def _schedule(recurring: Recurring, task_queue: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(recurring.workflow.__name__, id=recurring.name, task_queue=task_queue),
        spec=ScheduleSpec(calendars=[ScheduleCalendarSpec(hour=[recurring.hours])]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
