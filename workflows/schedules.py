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

from workflows.key_ends import KeyEndsWorkflow


class Recurring(NamedTuple):
    """`hour` is UTC. `name` is the schedule's id and what its runs are called after."""

    name: str
    workflow: type
    hour: int


RECURRING = (Recurring("key-ends", KeyEndsWorkflow, hour=6),)
# After an outage what was missed within a day is caught up once.
CATCH_UP = timedelta(days=1)


async def keep_schedules(client: Client, task_queue: str) -> None:
    """Any number of workers may do so at once."""
    for recurring in RECURRING:
        wanted = _schedule(recurring, task_queue)
        try:
            await client.create_schedule(recurring.name, wanted)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(recurring.name).update(partial(_corrected, wanted))


def _corrected(wanted: Schedule, found: ScheduleUpdateInput) -> ScheduleUpdate:
    # Whoever has paused it had a reason.
    wanted.state = found.description.schedule.state
    return ScheduleUpdate(wanted)


def _schedule(recurring: Recurring, task_queue: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(recurring.workflow.__name__, id=recurring.name, task_queue=task_queue),
        spec=ScheduleSpec(calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(recurring.hour)])]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
