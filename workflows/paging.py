"""One page: call people one after the other until somebody takes it over, and again if they stay silent."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.pages import CallAsked, Pages
    from domain.cases.ranks import Rank
    from domain.ids import page_workflow_id
    from domain.oncall.page import Call, Page, PageHappening, PageState, StopPage
    from workflows.case_workflow import CaseWorkflow
    from workflows.effects import Slow, patiently
    from workflows.page_case import REPEATS, PageCase
    from workflows.receipts import Receipt
    from workflows.starting import TASK_TIMEOUT, paging_queue, priority

# Channels give up after ten seconds; a worker that died over a call is noticed after this.
CALL_WITHIN = timedelta(seconds=20)
TICK = timedelta(milliseconds=1)
NEWS = "page_news"


async def start_page(page: Page) -> None:
    """Called by a case's workflow. The page goes on by itself, even when its case has ended."""
    await workflow.start_child_workflow(
        PageWorkflow.run,
        page,
        id=page_workflow_id(page.case, page.no),
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        parent_close_policy=ParentClosePolicy.ABANDON,
        task_timeout=TASK_TIMEOUT,
        static_summary=f"page {page.no} of {page.incident}: {page.cause}",
        priority=priority(page.customer, Rank.PAGE),
    )


@workflow.defn
class PageWorkflow(CaseWorkflow[PageCase]):
    """Call people about a case until it is stopped."""

    @workflow.init
    def __init__(self, page: Page) -> None:
        self.case = PageCase(page)
        self.case.note(PageHappening.PAGED, values={"cause": page.cause})
        self._ringing: list[asyncio.Task[None]] = []
        self._reporting = False

    @workflow.run
    async def run(self, page: Page) -> Receipt:
        return await self.case.keep(self.find_somebody(), self.keep_reporting())

    async def find_somebody(self) -> None:
        while self.case.progress.state != PageState.STOPPED:
            await self.do_what_is_due()
            await self.wait_for_the_next()
        await self.hang_up()
        await self.case.all_told()
        await workflow.wait_condition(lambda: not self.case.news and not self._reporting)
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def do_what_is_due(self) -> None:
        """After an outage all that is overdue is done together, without waiting for its delays again."""
        if self.case.is_to_begin_anew:
            self.case.page_again()
        while self.case.is_due(workflow.now()) and self.case.has_step:
            await self.case.call_step()
        if self.case.is_due(workflow.now()):
            if workflow.patched(REPEATS):
                # Nobody may be left uncalled because they and the end fell due while every worker was away.
                self._ring_due()
            await self.case.turn_red()
        self._ring_due()

    def _ring_due(self) -> None:
        for call in self.case.calls_due():
            self._ringing.append(asyncio.create_task(self.ring(self.case.trying(call))))

    async def wait_for_the_next(self) -> None:
        due, state = self.case.wakes_at, self.case.progress.state
        left = None if due is None else max(due - workflow.now(), TICK)
        summary = f"next call at {due:%Y-%m-%d %H:%M:%S}Z" if due else None
        seen = self.case.progress

        def turned() -> bool:
            nonlocal seen
            # It may have been stopped while the last step's people were looked up.
            if self.case.progress.state == PageState.STOPPED or self._has_fault():
                return True
            if self.case.progress is seen:
                return False
            seen = self.case.progress
            return (self.case.wakes_at, seen.state) != (due, state)

        with suppress(TimeoutError):
            await workflow.wait_condition(turned, timeout=left, timeout_summary=summary)
        self._collect()

    async def ring(self, call: Call) -> None:
        method = call.attempts[-1].method
        asked = CallAsked(
            page=self.case.page,
            round=call.round,
            step=call.step,
            person=call.person,
            method=method,
            at=workflow.now(),
        )
        reached = await patiently(
            Pages.call,
            asked,
            summary=f"{method.name}: {call.person}",
            within=CALL_WITHIN,
            queue=paging_queue(workflow.info().task_queue),
        )
        self.case.tried(call, reached=reached)

    async def hang_up(self) -> None:
        """Whatever is still trying to reach somebody need not."""
        for task in self._ringing:
            task.cancel()
        for fault in await asyncio.gather(*self._ringing, return_exceptions=True):
            # A call that failed after it was called off is not tried again.
            if isinstance(fault, BaseException) and not is_cancelled_exception(fault) and not isinstance(fault, Slow):
                raise fault

    async def keep_reporting(self) -> None:
        """Tell the case what has become of the page, until cancelled."""
        case = workflow.get_external_workflow_handle(self.case.page.case)
        while True:
            await workflow.wait_condition(lambda: bool(self.case.news))
            self._reporting = True
            news = self.case.news.pop(0)
            try:
                await case.signal(NEWS, news)
            except ApplicationError:
                # The case has ended: nobody is left to hear of it, and the page's own journal has it.
                workflow.logger.info("page's case is gone", extra={"case": self.case.page.case})
            self._reporting = False

    @workflow.signal
    def stop(self, stop: StopPage) -> None:
        """The case needs nobody any more."""
        self.case.stop(stop.why)

    def _has_fault(self) -> bool:
        return any(task.done() and task.exception() for task in self._ringing)

    def _collect(self) -> None:
        """Forget the calls that are over; a fault in one is a fault of the workflow."""
        over = [task for task in self._ringing if task.done()]
        self._ringing = [task for task in self._ringing if not task.done()]
        for task in over:
            task.result()
