"""A change of the order's workflow that somebody forgot to guard: it waits before it does anything."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.orders.order import Order


@workflow.defn(name="OrderWorkflow")
class Unpatched:
    @workflow.run
    async def run(self, order: Order) -> None:
        await workflow.sleep(1)
