"""seconds until a new worker has handled what live cases were told while nobody worked: it replays them all first.

The baseline is the bare replay of the same histories, one after the other, in one process without any server. What
was taken away because it took too long is counted.
"""

import asyncio
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from temporalio.api.enums.v1 import EventType, TimeoutType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from bench.ground.report import Figure
from bench.ground.stand import QUEUE, Stand, stand, times, until
from domain.ids import incident_workflow_id
from domain.refusals import Refused
from tests.world import incident, trouble
from workflows.client import Temporal
from workflows.runner import REGISTERED, workflow_runner

CASES = times("COLD_CASES", 40)
EVENTS = times("COLD_EVENTS", 430)
TOLD = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
HANDLED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


def run() -> list[Figure]:
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    async with stand() as ground:
        async with ground.worker():
            cases = [await _begin(ground) for _ in range(CASES)]
            await asyncio.gather(*(_grow(ground, case) for case in cases))
        began = perf_counter()
        await asyncio.gather(*(_tell(ground, case, "now") for case in cases))
        async with ground.worker():
            polls = perf_counter()
            await until(lambda: _are_handled(ground, cases))
            ours = perf_counter() - polls
        histories = [await ground.client.get_workflow_handle(case).fetch_history() for case in cases]
    waits = [_wait(list(history.events)) for history in histories]
    again = sum(_is_taken_away(event) for history in histories for event in _since_told(list(history.events)))
    bare = await _replayed(histories)
    events = round(median(len(history.events) for history in histories))
    title = f"{CASES} live cases of {events} events"
    print(f"(tasks taken away: {again}; waited p50 {median(waits):.1f} s, longest {max(waits):.1f} s)")
    print(f"(the worker polled {polls - began:.1f} s after they were told)")
    return [Figure(f"{title}: until all are handled", ours, bare, bare / ours, "s")]


async def _begin(ground: Stand) -> str:
    reported = incident(trouble(priority="minor"), datetime.now(UTC))
    await Temporal(ground.client, QUEUE).start_incident(reported)
    return incident_workflow_id(reported.no)


async def _grow(ground: Stand, case: str) -> None:
    handle = ground.client.get_workflow_handle(case)
    number = 0
    while (await handle.describe()).history_length < EVENTS:
        number += 1
        await _tell(ground, case, f"{number}")


async def _tell(ground: Stand, case: str, name: str) -> None:
    await ground.client.get_workflow_handle(case).signal("look_again", f"told-{name}")


async def _are_handled(ground: Stand, cases: list[str]) -> bool:
    for case in cases:
        described = await ground.client.get_workflow_handle(case).describe()
        if described.raw_description.HasField("pending_workflow_task"):
            return False
    return True


def _since_told(events: list[HistoryEvent]) -> list[HistoryEvent]:
    last = max(place for place, event in enumerate(events) if event.event_type == TOLD)
    return events[last:]


def _is_taken_away(event: HistoryEvent) -> bool:
    """Not so a task that waited for the worker that is gone."""
    timed_out = event.workflow_task_timed_out_event_attributes
    return timed_out.timeout_type == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE


def _wait(events: list[HistoryEvent]) -> float:
    told, *after = _since_told(events)
    handled = next(event for event in after if event.event_type == HANDLED)
    return (handled.event_time.ToDatetime() - told.event_time.ToDatetime()).total_seconds()


async def _replayed(histories: list[WorkflowHistory]) -> float:
    replayer = Replayer(
        workflows=REGISTERED,
        workflow_runner=workflow_runner(),
        data_converter=pydantic_data_converter,
        workflow_failure_exception_types=[Refused],
    )
    begin = perf_counter()
    for history in histories:
        await replayer.replay_workflow(history)
    return perf_counter() - begin
