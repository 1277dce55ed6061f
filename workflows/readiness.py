"""Whether a worker does its work: the server sees it poll, and what it does has not failed for a while."""

import time
from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from workflows.telemetry import Figures

FINE_AGAIN = 60.0
ANSWER_WITHIN = timedelta(seconds=3)


async def is_polling(client: Client, task_queue: str, identity: str) -> bool:
    """Asks the server: what the worker believes of itself may be wrong."""
    question = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        queue = await client.workflow_service.describe_task_queue(question, timeout=ANSWER_WITHIN)
    except RPCError:
        return False
    return any(poller.identity == identity for poller in queue.pollers)


class UnfailingTasks:
    """Knows whether no task of a workflow has failed within the last minute."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._seen = 0.0
        self._last = float("-inf")

    async def hold(self) -> bool:
        failures = await self._figures.task_failures()
        if failures > self._seen:
            self._seen, self._last = failures, time.monotonic()
        return time.monotonic() - self._last >= FINE_AGAIN
