"""One order from request to charge."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.billing import Billing, Post
    from domain.cases.events import Happening
    from domain.clocks.sla import SERVICE
    from domain.contracts.chains import AssetUpdate, Charge, Reservation
    from domain.contracts.prices import ENDED, Charges
    from domain.orders.charges import ending_lines, unfinished_lines, unfinished_logs, worked_until
    from domain.orders.departures import goes_under_certificate
    from domain.orders.news import OrderNews
    from domain.orders.order import Order
    from domain.orders.progress import StepStatus
    from domain.orders.standing import begun
    from workflows.case_workflow import CaseWorkflow
    from workflows.effects import Impossible, Slow
    from workflows.order_case import HUMAN, OrderCase
    from workflows.receipts import Receipt
    from workflows.sla_watch import watch
    from workflows.steps import HANDLERS
    from workflows.steps.custody import watch_certificates

# Work of orders that had been cancelled or failed before was not charged.
CHARGES_UNFINISHED = "charges-unfinished"


@workflow.defn
class OrderWorkflow(CaseWorkflow[OrderCase]):
    """Run one order's service chain from request to charge."""

    @workflow.init
    def __init__(self, order: Order) -> None:
        self.case = OrderCase(order, begun(order, workflow.now()))
        self.case.note(Happening.PLACED)
        self.case.note_open_steps()
        self._under_way: dict[str, asyncio.Task[None]] = {}

    @workflow.run
    async def run(self, order: Order) -> Receipt:
        await self.case.hours.all_until(workflow.now())
        beside = [watch(self.case)]
        if goes_under_certificate(self.case.order):
            beside.append(watch_certificates(self.case))
        return await self.case.keep(self.fulfil(), *beside)

    @workflow.signal
    def order_news(self, news: OrderNews) -> None:
        """An order of this bundle tells of itself."""
        self.case.hear(news)

    async def fulfil(self) -> None:
        await self.perform_chain()
        if self.case.progress.ending is not None:
            await self.undo()
        await self.close()

    async def perform_chain(self) -> None:
        """Open steps as soon as what they wait for is settled, until all are settled or the order is to end."""
        while not self._is_over():
            self._open_ready_steps()
            self._perform_open_steps()
            await workflow.wait_condition(lambda: self._is_over() or self._has_news())
            self._collect()

    async def undo(self) -> None:
        """Stop what is under way, then compensate newest first; what cannot be undone waits for a person."""
        for task in self._under_way.values():
            task.cancel()
        stopped = await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        for fault in stopped:
            if isinstance(fault, Exception) and not is_cancelled_exception(fault) and not isinstance(fault, Slow):
                raise fault
        for step_id in (*self._perhaps_done(), *reversed(self.case.undoable)):
            await self._undo_step(step_id)

    async def close(self) -> None:
        ending = self.case.progress.ending
        if ending is not None:
            await self._charge_ending()
            self.case.progress = self.case.progress.but(state=ending.state)
        await self.case.burn()
        reason = {"reason": ending.reason} if ending else {}
        self.case.note(self.case.progress.state, values=reason)
        self.case.tell_others(ended=True)
        await self.case.all_told()
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _is_over(self) -> bool:
        return self.case.progress.is_chain_done or self.case.progress.ending is not None

    def _has_news(self) -> bool:
        under_way = self._under_way.values()
        ready = self.case.progress.ready(self.case.order)
        return bool(ready or self._unattended()) or any(task.done() for task in under_way)

    def _open_ready_steps(self) -> None:
        for step_id in self.case.progress.ready(self.case.order):
            self.case.open(step_id)

    def _perform_open_steps(self) -> None:
        for step_id in self._unattended():
            self._under_way[step_id] = asyncio.create_task(self._perform(step_id))

    def _unattended(self) -> list[str]:
        """Open steps nobody performs yet, among them those that a command has opened again."""
        return [step.id for step in self.case.progress.steps if step.status in HUMAN and step.id not in self._under_way]

    async def _perform(self, step_id: str) -> None:
        step = self.case.order.chain.step(step_id)
        try:
            await HANDLERS[step.type].perform(self.case, step)
        except Impossible as impossible:
            self.case.stick(step_id, impossible.problem)

    def _collect(self) -> None:
        """Forget the performances that are over; a fault in one is a fault of the workflow."""
        for step_id, task in list(self._under_way.items()):
            if task.done():
                del self._under_way[step_id]
                task.result()

    def _perhaps_done(self) -> list[str]:
        """What a machine may have done in a task that was lost; putting back what was never done is nothing."""
        return [
            step.id
            for step in reversed(self.case.order.chain.in_order())
            if isinstance(step, Reservation | AssetUpdate | Charge) and not step.irreversible
            if step.id not in self.case.undoable
        ]

    async def _undo_step(self, step_id: str) -> None:
        step = self.case.order.chain.step(step_id)
        undo = HANDLERS[step.type].undo
        assert undo is not None  # only steps that can be undone are on the list
        while self.case.status(step_id) != StepStatus.SKIPPED:
            try:
                await undo(self.case, step)
            except Impossible as impossible:
                self.case.stick(step_id, impossible.problem)
                await workflow.wait_condition(lambda: self.case.status(step_id) != StepStatus.STUCK)
            else:
                if step_id not in self.case.undoable:
                    return
                self.case.advance(self.case.progress.with_step(step_id, status=StepStatus.UNDONE))
                self.case.note(Happening.STEP_UNDONE, step=step_id)
                return

    async def _charge_ending(self) -> None:
        """Work, a wasted visit and a late cancellation cost something even though nothing was delivered."""
        order, progress = self.case.order, self.case.progress
        lines = ending_lines(order, progress)
        if unfinished_logs(order, progress) and workflow.patched(CHARGES_UNFINISHED):
            until = max(workflow.now(), worked_until(order, progress))
            lines = (*unfinished_lines(order, progress, await self.case.hours.until(SERVICE, until)), *lines)
        if lines:
            charges = Charges(
                order_no=order.no, customer=order.customer, contract=order.terms.contract, lines=lines, n=ENDED
            )
            await self.case.act(
                Billing.post_charges,
                Post(charges=charges, at=workflow.now()),
                summary="charge the effort",
            )
