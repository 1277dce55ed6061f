"""Doing what workflows have done: each act is tried, timed out and tried again as its workflow asked for."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.activity_result import ActivityResolution
from temporalio.bridge.proto.workflow_commands import ScheduleActivity, ScheduleLocalActivity
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from rehearsal.parcels import ByHand, cancelled, failure_of, input_of, of_activity, pack, timed_out, unpack
from rehearsal.virtual_time import Stopped, Task, VirtualTime

# Whatever else a stand-in raises is a fault of its own, which no repetition would mend.
AWAY_OR_REFUSED = ApplicationError | OSError
ActivityFunction = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class WantedActivity:
    """One activity that a workflow wants done."""

    name: str
    activity_id: str
    is_local: bool
    argument: Payload
    within: timedelta | None
    policy: RetryPolicy

    def wait_after(self, error: Exception | None, attempt: int) -> timedelta | None:
        """How long to wait before the next try; None when there is none."""
        policy = self.policy
        if policy.maximum_attempts and attempt >= policy.maximum_attempts:
            return None
        if isinstance(error, ApplicationError):
            if error.non_retryable or error.type in (policy.non_retryable_error_types or ()):
                return None
            if error.next_retry_delay is not None:
                return error.next_retry_delay
        longest = policy.maximum_interval or 100 * policy.initial_interval
        # Beyond so many doublings the span would only overflow.
        return min(policy.initial_interval * policy.backoff_coefficient ** min(attempt - 1, 30), longest)


def asked_by(command: ScheduleActivity | ScheduleLocalActivity) -> WantedActivity:
    spans = (command.start_to_close_timeout, command.schedule_to_close_timeout)
    return WantedActivity(
        name=command.activity_type,
        activity_id=command.activity_id,
        is_local=isinstance(command, ScheduleLocalActivity),
        argument=command.arguments[0],
        within=next((span.ToTimedelta() for span in spans if span.ToNanoseconds()), None),
        policy=RetryPolicy.from_proto(command.retry_policy),
    )


class Hands:
    """All activities by name, each called within virtual time. `hands_over` is given where nothing is packed."""

    def __init__(self, time: VirtualTime, acts: Iterable[ActivityFunction], hands_over: ByHand | None) -> None:
        self._time = time
        self._hands_over = hands_over
        self._acts = {act.__name__: (act, input_of(act)) for act in acts}

    def begin(self, asked: WantedActivity) -> Task[ActivityResolution]:
        return self._time.begin(self._done(asked))

    async def _done(self, asked: WantedActivity) -> ActivityResolution:
        act, kind = self._acts[asked.name]
        handed = self._hands_over.take(asked.argument) if self._hands_over else unpack(asked.argument, kind)
        attempt = 0
        while True:
            attempt += 1
            task = self._time.begin(_awaited(act(handed)))
            in_time = await self._finished(task, asked.within)
            if task.error is not None and not isinstance(task.error, AWAY_OR_REFUSED | Stopped):
                raise task.error
            if in_time and task.error is None:
                return _completed(task.result)
            wait = asked.wait_after(task.error if in_time else None, attempt)
            if wait is None:
                return _failed(asked, failure_of(task.error) if in_time and task.error else timed_out())
            await self._time.sleep(wait)

    async def _finished(self, task: Task[Any], within: timedelta | None) -> bool:
        """Whoever stops waiting for it, or has waited long enough, stops it."""
        try:
            return task.is_done or await self._time.ended(task, within)
        finally:
            task.is_heeded = True
            task.stop()


async def _awaited(awaitable: Awaitable[Any]) -> object:
    return await awaitable


def _completed(result: object) -> ActivityResolution:
    resolution = ActivityResolution()
    resolution.completed.result.CopyFrom(pack(result)[0])
    return resolution


def _failed(asked: WantedActivity, failure: Failure) -> ActivityResolution:
    resolution = ActivityResolution()
    cause = failure if asked.is_local else of_activity(asked.name, asked.activity_id, failure)
    resolution.failed.failure.CopyFrom(cause)
    return resolution


def called_off(asked: WantedActivity) -> ActivityResolution:
    resolution = ActivityResolution()
    cause = cancelled() if asked.is_local else of_activity(asked.name, asked.activity_id, cancelled())
    resolution.cancelled.failure.CopyFrom(cause)
    return resolution
