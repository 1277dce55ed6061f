"""One history after the other is replayed by one worker: each that is made loads every workflow anew."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Interceptor, Replayer

from domain.refusals import Refused
from workflows.runner import workflow_runner

# What was wrong with it; None when this version's code comes to its end.
Replay = Callable[[WorkflowHistory], Awaitable[BaseException | None]]


@asynccontextmanager
async def replaying(
    client: Client, workflows: Sequence[type], interceptors: Sequence[Interceptor] = ()
) -> AsyncIterator[Replay]:
    """To be called again once it has answered: there is one place."""
    replayer = Replayer(
        workflows=workflows,
        workflow_runner=workflow_runner(),
        data_converter=client.data_converter,
        interceptors=interceptors,
        workflow_failure_exception_types=[Refused],
    )
    handed = asyncio.Queue[WorkflowHistory]()

    async def histories() -> AsyncIterator[WorkflowHistory]:
        while True:
            yield await handed.get()

    async with replayer.workflow_replay_iterator(histories()) as replayed:

        async def replay(history: WorkflowHistory) -> BaseException | None:
            handed.put_nowait(history)
            return (await anext(replayed)).replay_failure

        yield replay
