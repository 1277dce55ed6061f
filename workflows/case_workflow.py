"""What people and workers may say to a case of any kind, and what goes on beside its course until it ends."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

from temporalio import workflow

from domain.cases.case import CaseProgress
from domain.cases.instructions import Instruction
from domain.refusals import Refused
from domain.values import Slug
from workflows.case import Case
from workflows.receipts import Receipt
from workflows.refusals import as_failure
from workflows.sla_watch import watch

C = TypeVar("C", bound=Case[Any])


class CaseWorkflow(Generic[C]):
    """A kind of case makes its `case` in `__init__`; its `run` is its course, with what keeps it beside."""

    case: C

    async def kept(self, course: Coroutine[Any, Any, None], *keepers: Coroutine[Any, Any, None]) -> Receipt:
        """Return when the course is done; until then records are kept, clocks watched, and what else is to go on."""
        keeping = [asyncio.create_task(keeper) for keeper in (self.case.keep_records(), watch(self.case), *keepers)]
        over = asyncio.create_task(course)
        # The keepers never end by themselves: what is done first is the course, or a fault that must not be lost.
        done, _ = await workflow.wait([over, *keeping], return_when=asyncio.FIRST_COMPLETED)
        for task in keeping:
            task.cancel()
        for task in done:
            task.result()
        return self.case.receipt

    @workflow.update
    async def command(self, instruction: Instruction) -> Receipt:
        """Do what a person or system asks; answered when the case has come to rest and everything is written."""
        await self.case.reachable()
        await self.case.heed(instruction)
        await workflow.wait_condition(lambda: self.case.is_at_rest)
        return self.case.receipt

    @command.validator
    def check_command(self, instruction: Instruction) -> None:
        try:
            self.case.check(instruction)
        except Refused as refused:
            raise as_failure(refused) from refused

    @workflow.signal
    def look_again(self, event_id: Slug) -> None:
        """A worker has found the tables ahead of this case, as they can be after a crash of server and worker."""
        self.case.write_whole()

    @workflow.query
    def progress(self) -> CaseProgress:
        """For operators; pages read the tables."""
        progress: CaseProgress = self.case.progress
        return progress
