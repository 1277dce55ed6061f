"""What people and workers may say to a case of any kind."""

from typing import Any, Generic, TypeVar

from temporalio import workflow

from domain.cases.case import CaseProgress
from domain.cases.instructions import Instruction
from domain.refusals import Refused
from domain.values import Slug
from workflows.case import Case
from workflows.receipts import Receipt
from workflows.refusals import as_failure

C = TypeVar("C", bound=Case[Any])


class CaseWorkflow(Generic[C]):
    """A kind of case makes its `case` in `__init__`; its `run` is its course, which the case keeps company."""

    case: C

    @workflow.update
    async def command(self, instruction: Instruction) -> Receipt:
        """Do what a person or system asks; answered when the case has come to rest and everything is written."""
        await self.case.reachable()
        await self.case.apply(instruction)
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
