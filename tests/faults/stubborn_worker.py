"""A worker of whom an activity does not let go."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from temporalio import activity, workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from worker import told_to_stop
from workflows.client import connect

QUEUE = "stubborn"


class Stubborn(StrEnum):
    NEVER_ENDS = "never_ends"
    HEEDS_NO_CANCELLING = "heeds_no_cancelling"
    STANDS_IN_THE_WAY = "stands_in_the_way"


@workflow.defn
class Busy:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("stubborn", start_to_close_timeout=timedelta(hours=1))


async def never_ends() -> None:
    await asyncio.Event().wait()


async def heeds_no_cancelling() -> None:
    while True:
        try:
            await never_ends()
        except asyncio.CancelledError:
            continue


async def stands_in_the_way() -> None:
    while True:
        time.sleep(1)  # noqa: ASYNC251  # that is what is wrong with it


async def main(how: Stubborn, begun: Path) -> None:
    does: dict[Stubborn, Callable[[], Coroutine[object, object, None]]] = {
        Stubborn.NEVER_ENDS: never_ends,
        Stubborn.HEEDS_NO_CANCELLING: heeds_no_cancelling,
        Stubborn.STANDS_IN_THE_WAY: stands_in_the_way,
    }

    @activity.defn(name="stubborn")
    async def stubborn() -> None:
        begun.touch()  # noqa: ASYNC240  # a touch blocks nobody
        await does[how]()

    stop = told_to_stop(leave_within=timedelta(seconds=3))
    async with Worker(
        await connect(lazy=False),
        task_queue=QUEUE,
        workflows=[Busy],
        activities=[stubborn],
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=timedelta(seconds=1),
    ):
        await stop.wait()
