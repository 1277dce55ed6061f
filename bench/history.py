"""events and bytes in the history of an order of each kind, from request to charge along its default chain.

The baseline is the aim for a default Install; the other kinds stand alone.
"""

import asyncio

from bench.orders import new_orders, way, work_off
from bench.report import Figure
from bench.stand import Stand, stand
from domain.kinds import OrderKind
from tests.world import CONTRACT

AIMS = {OrderKind.INSTALL: 60}


def run() -> list[Figure]:
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    async with stand() as ground, ground.worker():
        return [figure for kind in OrderKind for figure in await _of(ground, kind)]


async def _of(ground: Stand, kind: OrderKind) -> list[Figure]:
    (order,) = await new_orders(ground, kind, CONTRACT, 1)
    commands = way(order)
    handle = await work_off(ground, order, commands)
    told = await handle.describe()
    size = told.raw_description.workflow_execution_info.history_size_bytes
    aim = AIMS.get(kind)
    ratio = aim / told.history_length if aim else None
    return [
        Figure(
            f"{kind}, {len(order.chain.steps)} steps, {len(commands)} commands",
            told.history_length,
            aim,
            ratio,
            "events",
        ),
        Figure("", size, None, None, "bytes"),
    ]
