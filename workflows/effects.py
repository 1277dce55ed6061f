"""How a workflow acts on the world: quickly where it can, patiently where it must.

What is usually done within milliseconds is tried as a local activity, which costs one event. When that fails or
takes too long, the same activity is scheduled as a durable one that retries until the other side is back: both run
under the same business key, so that a first try which did succeed changes nothing.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType

from activities.failures import IMPOSSIBLE
from domain.refusals import Problem

In = TypeVar("In")
Out = TypeVar("Out")
Activity = Callable[[Any, In], Awaitable[Out]]

QUICK = timedelta(seconds=2)
MINUTE = timedelta(minutes=1)
# Including the wait for a free place in a busy worker, which is no fault of the other side. Together they end before
# the workflow task does (`TASK_TIMEOUT`), or another worker would be given what still runs here.
QUEUED = timedelta(seconds=4)
ONCE = RetryPolicy(maximum_attempts=1)
PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=5)
)


class Slow(Exception):
    """The quick try failed; the patient one will tell."""


class Impossible(Exception):
    """No repetition will make it work; a person has to act."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


async def quickly(activity: Activity[In, Out], asked: In, *, summary: str) -> Out:
    """Raises `Slow` or `Impossible`."""
    with _understood():
        return await workflow.execute_local_activity_method(
            activity,
            asked,
            start_to_close_timeout=QUICK,
            schedule_to_close_timeout=QUEUED,
            retry_policy=ONCE,
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=summary,
        )


async def patiently(
    activity: Activity[In, Out], asked: In, *, summary: str, within: timedelta = MINUTE, queue: str | None = None
) -> Out:
    """However long the other side is away; one try may take as long as `within`. Raises `Impossible`."""
    with _understood():
        return await workflow.execute_activity_method(
            activity,
            asked,
            task_queue=queue,
            start_to_close_timeout=within,
            retry_policy=PATIENT,
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=summary,
        )


async def act(activity: Activity[In, Out], asked: In, *, summary: str) -> Out:
    """Quickly if possible, else patiently. Raises `Impossible`."""
    try:
        return await quickly(activity, asked, summary=summary)
    except Slow:
        return await patiently(activity, asked, summary=summary)


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except FailureError as error:
        # Raised from itself, it would be its own cause, and nobody could tell any more that it was called off.
        if is_cancelled_exception(error):
            raise
        raise _meaning(error) from error


def _meaning(error: FailureError) -> Slow | Impossible:
    # A local activity's failure comes bare, a durable one's inside an ActivityError.
    cause = error.cause if isinstance(error, ActivityError) else error
    if isinstance(cause, ApplicationError) and cause.type == IMPOSSIBLE:
        return Impossible(Problem.model_validate(cause.details[0]))
    return Slow()
