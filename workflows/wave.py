"""One wave of a move project, from its gate to its end: an order for each leg, and never too many at once."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.clocks.sla import SERVICE
    from domain.ids import project_workflow_id
    from domain.moves.launched.events import MoveHappening
    from domain.moves.launched.wave_progress import ProjectWord
    from domain.moves.plans.launches import WaveLaunch
    from domain.orders.news import OrderNews
    from domain.refusals import Refused
    from workflows.case_workflow import CaseWorkflow
    from workflows.hours import FURTHER
    from workflows.receipts import Receipt
    from workflows.sla_watch import watch
    from workflows.wave_case import WaveCase

LOOKS_EVERY = timedelta(hours=12)


@workflow.defn
class WaveWorkflow(CaseWorkflow[WaveCase]):
    """Move the workplaces of one wave."""

    @workflow.init
    def __init__(self, launch: WaveLaunch) -> None:
        self.case = WaveCase(launch)
        self.case.note(MoveHappening.WAVE_OPENED)
        self._is_reporting = False

    @workflow.run
    async def run(self, launch: WaveLaunch) -> Receipt:
        await self.case.hours.until(SERVICE, workflow.now() + FURTHER)
        return await self.case.keep(
            self.look_after(),
            watch(self.case),
            self.follow_plan(),
            self.place_orders(),
            self.tell_orders(),
            self.look_for_lost(),
            self.tell_project(),
        )

    async def look_after(self) -> None:
        # Rows that were tried again while the project was being closed are carried out first.
        await workflow.wait_condition(lambda: self.case.progress.closing and not self.case.has_placed)
        self.case.end()
        await workflow.wait_condition(lambda: self.case.news is None and not self._is_reporting)
        await self.case.all_told()
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def follow_plan(self) -> None:
        while True:
            await workflow.wait_condition(lambda: not self.case.progress.loaded)
            await self.case.load()

    async def place_orders(self) -> None:
        await _side_by_side(
            lambda: bool(self.case.ready), lambda: [self.case.place(leg) for leg in self.case.begin_ready()]
        )

    async def tell_orders(self) -> None:
        await _side_by_side(
            lambda: self.case.has_untold, lambda: [self.case.tell_order(leg) for leg in self.case.begin_telling()]
        )

    async def look_for_lost(self) -> None:
        """What is under way tells of itself; whether it still is under way is asked twice a day, not during holds."""
        while True:
            await workflow.wait_condition(lambda: self.case.waits_for_orders)
            try:
                await workflow.wait_condition(
                    lambda: not self.case.waits_for_orders,
                    timeout=LOOKS_EVERY,
                    timeout_summary="are all orders still there",
                )
            except TimeoutError:
                await self.case.look_for_lost()

    async def tell_project(self) -> None:
        while True:
            await workflow.wait_condition(lambda: self.case.news is not None)
            news, self.case.news, self._is_reporting = self.case.news, None, True
            project = workflow.get_external_workflow_handle(project_workflow_id(self.case.launch.project))
            try:
                await project.signal("wave_news", news)
            except ApplicationError as error:
                workflow.logger.info("project is over", extra={"wave": self.case.no, "why": error.message})
            self._is_reporting = False

    @workflow.signal
    def order_news(self, news: OrderNews) -> None:
        """An order of the wave has ended, is stuck, or goes on again."""
        self.case.hear(news)

    @workflow.signal
    def project_says(self, word: ProjectWord) -> None:
        """A command that goes for all waves; what this one has done or heard already changes nothing."""
        try:
            self.case.execute(word.instruction)
        except Refused as refused:
            workflow.logger.info("nothing to do", extra={"wave": self.case.no, "why": str(refused)})


async def _side_by_side(is_due: Callable[[], bool], begin: Callable[[], Iterable[Coroutine[Any, Any, None]]]) -> None:
    """Begin whatever is due: one order that cannot be reached yet keeps no other waiting."""
    under_way: list[asyncio.Task[None]] = []
    while True:
        await workflow.wait_condition(lambda: is_due() or any(task.done() for task in under_way))
        under_way.extend(asyncio.create_task(one) for one in begin())
        for task in [task for task in under_way if task.done()]:
            under_way.remove(task)
            task.result()
