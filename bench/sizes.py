"""megabytes that each thousand open orders take: of the worker that knows them, of the server, and on disk.

Each is approved and booked, and waits for its technician. A hundred before them have everything loaded that is loaded
once. Memory is what a process alone holds of it (`Private_…` in Linux' smaps), and there is no baseline beside it.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from temporalio.client import WorkflowHandle

from bench.ground.report import Figure
from bench.ground.stand import QUEUE, Stand, stand, times
from bench.orders import new_orders, said, say, way
from domain.ids import order_workflow_id
from domain.kinds import OrderKind
from domain.orders.order import Order
from tests.world import CONTRACT
from workflows.client import Temporal
from workflows.order import OrderWorkflow
from workflows.receipts import Receipt

OPEN = times("OPEN", 1000)
BEFORE = 100
AT_ONCE = 20
# Of the shortest way of an Install: it is approved and booked.
SAID = 2
MEGABYTE = 1_000_000


def run() -> list[Figure]:
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    async with stand() as ground, ground.worker() as worker:
        await _open(ground, BEFORE)
        before = _held(ground, worker)
        await _open(ground, OPEN)
        after = _held(ground, worker)
    title = f"{OPEN} open orders"
    each = [
        Figure(f"{title}: {what}", (after[what] - before[what]) / OPEN * 1000 / MEGABYTE, None, None, "MB per 1,000")
        for what in after
    ]
    at_first = [Figure(f"before them: {what}", held / MEGABYTE, None, None, "MB") for what, held in before.items()]
    return [*at_first, *each]


async def _open(ground: Stand, number: int) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(order: Order) -> None:
        async with places:
            await Temporal(ground.client, QUEUE).start_order(order)
            handle: WorkflowHandle[OrderWorkflow, Receipt] = ground.client.get_workflow_handle(
                order_workflow_id(order.no)
            )
            for turn, (actor, command) in enumerate(way(order)[:SAID]):
                await say(handle, said(turn, actor, command))

    orders = await new_orders(ground, OrderKind.INSTALL, CONTRACT, number)
    await asyncio.gather(*(one(order) for order in orders))


def _held(ground: Stand, worker: int) -> Mapping[str, int]:
    return {
        "memory of the worker": _memory(worker),
        "memory of the server": _memory(ground.server),
        "disk, our tables": _disk(ground.folder, "imacflow.db"),
        "disk, Temporal": _disk(ground.folder, "temporal.db"),
    }


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def _disk(folder: Path, name: str) -> int:
    return sum(file.stat().st_size for file in folder.glob(f"{name}*"))
