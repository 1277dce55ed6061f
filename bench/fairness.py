"""seconds until an order's first step is open, while another customer has hundreds of orders under way.

Once these are the orders of a project, which come after everything else, and once orders like any other, with which the
other customer's takes turns. The baseline is a server that heeds neither priority nor fairness. One worker; the orders
are placed one after the other, each when the one before is open, as long as there is a backlog.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from sqlmodel import func, select

from bench.ground.report import Figure
from bench.ground.stand import QUEUE, Stand, stand, times
from bench.orders import new_orders
from db.orders import OrderRow, order_row
from domain.kinds import OrderKind
from domain.orders.order import Order
from tests.world import CONTRACT, part
from workflows.client import Temporal

UNDER_WAY = times("UNDER_WAY", 300)
HEAD_START = 1.0
DEAF = {"matching.useNewMatcher": "false", "matching.enableFairness": "false"}
UNFAIR = {"matching.enableFairness": "false"}
HOUSE: dict[str, str] = {}
LOADS = {"orders of a project": True, "other orders": False}


def run() -> list[Figure]:
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    figures = []
    for load, of_project in LOADS.items():
        deaf = await _measured(DEAF, of_project=of_project)
        for name, config in (("by priority alone", UNFAIR), ("by priority and fairness", HOUSE)):
            ours = await _measured(config, of_project=of_project)
            title = f"{UNDER_WAY} {load}, {name}"
            for what, of in (("median", median), ("slowest", max)):
                figures.append(Figure(f"{title}: {what}", of(ours), of(deaf), of(deaf) / of(ours), "s"))
    return figures


async def _measured(config: Mapping[str, str], *, of_project: bool) -> list[float]:
    async with stand(config) as ground, ground.worker():
        (first,) = await _some(ground, 1, of_project=False)
        await _until_open(ground, first)
        load = await _some(ground, UNDER_WAY, of_project=of_project)
        temporal = Temporal(ground.client, QUEUE)
        placing = asyncio.gather(*(temporal.start_order(order) for order in load))
        await asyncio.sleep(HEAD_START)
        waits: list[float] = []
        while await _written(ground) < 1 + UNDER_WAY + len(waits):
            (order,) = await _some(ground, 1, of_project=False)
            waits.append(await _until_open(ground, order.but(customer="falke")))
        await placing
        return waits


async def _some(ground: Stand, number: int, *, of_project: bool) -> Sequence[Order]:
    orders = await new_orders(ground, OrderKind.MOVE, CONTRACT, number)
    return [order.but(part=part(datetime.now(UTC))) for order in orders] if of_project else orders


async def _until_open(ground: Stand, order: Order) -> float:
    begin = perf_counter()
    await Temporal(ground.client, QUEUE).start_order(order)
    while True:
        async with ground.database.reading() as session:
            if await order_row(session, order.no) is not None:
                return perf_counter() - begin
        await asyncio.sleep(0.01)


async def _written(ground: Stand) -> int:
    async with ground.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(OrderRow))).scalar_one()
