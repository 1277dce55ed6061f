"""complete ten-step orders per second, against a hand-written workflow that makes the same calls.

Which activities an order calls is read from the history of one that ran before; the hand-written workflow calls them
in the same order with inputs of the same kind, so the database gets the same writes: once as ordinary activities,
which is how most people would write it, once as local activities, which leaves only what our own logic costs.
One worker process serves both; rounds alternate; 20 orders are under way at once.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

from temporalio.client import WorkflowHistory

from bench.ground.bare import BareCall, BareJob, BareOrder
from bench.ground.report import Figure, rate
from bench.ground.stand import BARE_QUEUE, Stand, stand, times
from bench.orders import BY_MACHINES, BY_PEOPLE, OrdersRun, installing, new_orders, said, work_off
from domain.contracts.contract import Contract
from domain.kinds import OrderKind
from domain.orders.order import Order

AT_ONCE = 20
ORDERS = times("ORDERS", 30)
ROUNDS = times("ROUNDS", 2)

Stages = tuple[tuple[BareCall, ...], ...]


def run() -> list[Figure]:
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    async with stand() as ground, ground.worker():
        machines = await _compared(ground, "by machines alone", BY_MACHINES, ())
        return machines + await _compared(ground, "with five commands", BY_PEOPLE, installing())


async def _compared(ground: Stand, name: str, contract: Contract, way: OrdersRun) -> list[Figure]:
    """The first order of each sort warms everything up and shows which calls are made."""
    (first,) = await new_orders(ground, OrderKind.INSTALL, contract, 1)
    handle = await work_off(ground, first, way)
    stages = calls_of(await handle.fetch_history())
    sorts: dict[str, Callable[[Order], Awaitable[object]]] = {
        "ours": lambda order: work_off(ground, order, way),
        "ordinary": lambda order: _bare(ground, BareJob(order=order, stages=stages, local=False), way),
        "local": lambda order: _bare(ground, BareJob(order=order, stages=stages, local=True), way),
    }
    rates: dict[str, list[float]] = {sort: [] for sort in sorts}
    for _ in range(ROUNDS):
        for sort, work in sorts.items():
            orders = await new_orders(ground, OrderKind.INSTALL, contract, ORDERS)
            rates[sort].append(await _per_second(work, orders))
    calls = sum(len(stage) for stage in stages)
    return [
        rate(f"{name}: {calls} calls as {sort} activities", rates["ours"], rates[sort], "orders/s")
        for sort in ("ordinary", "local")
    ]


async def _per_second(work: Callable[[Order], Awaitable[object]], orders: Sequence[Order]) -> float:
    waiting = list(orders)

    async def hand() -> None:
        while waiting:
            await work(waiting.pop())

    begin = perf_counter()
    await asyncio.gather(*(hand() for _ in range(AT_ONCE)))
    return len(orders) / (perf_counter() - begin)


async def _bare(ground: Stand, job: BareJob, way: OrdersRun) -> None:
    handle = await ground.client.start_workflow(BareOrder.run, job, id=f"bare/{job.order.no}", task_queue=BARE_QUEUE)
    for number, (actor, command) in enumerate(way):
        await handle.execute_update(BareOrder.command, said(number, actor, command))
    await handle.result()


def calls_of(history: WorkflowHistory) -> Stages:
    """The quick activities of an order, a stage per accepted command. What they are about stands in their summary."""
    stages: list[tuple[BareCall, ...]] = [()]
    for event in history.events:
        if event.HasField("workflow_execution_update_accepted_event_attributes"):
            stages.append(())
        elif event.HasField("marker_recorded_event_attributes"):
            data = event.marker_recorded_event_attributes.details["data"].payloads[0].data
            about = json.loads(event.user_metadata.summary.data)
            call = BareCall(activity=json.loads(data)["activity_type"], about=tuple(about.split(", ")))
            stages[-1] = (*stages[-1], call)
    return tuple(stages)
