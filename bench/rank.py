"""seconds until somebody is called about a blocker that came last, while hundreds of orders wait for a worker.

All wait for one worker that begins; the blocker was reported after them. The baseline is a server that heeds neither
priority nor fairness. How long the orders take is said beside it: the page must not have to wait for them.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import NamedTuple

from sqlmodel import func, select

from bench.fairness import DEAF, HOUSE
from bench.ground.report import Figure
from bench.ground.stand import QUEUE, Stand, stand, times
from bench.orders import new_orders
from db.oncall.pages import page_row
from db.orders import OrderRow
from domain.kinds import OrderKind
from tests.world import CONTRACT, PAGED, furnish_on_call, incident, trouble
from workflows.client import Temporal

WAITING = times("WAITING", 1000)
# More wait at once than the API would let.
BATCH = 200
LOOK = 0.02


class Waited(NamedTuple):
    """Seconds since the worker began to poll."""

    called: float
    orders: float


def run() -> list[Figure]:
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    deaf, ours = await _measured(DEAF), await _measured(HOUSE)
    title = f"a blocker behind {WAITING} orders"
    return [
        Figure(f"{title}: until somebody is called", ours.called, deaf.called, deaf.called / ours.called, "s"),
        Figure(f"{title}: until all orders are open", ours.orders, deaf.orders, deaf.orders / ours.orders, "s"),
    ]


async def _measured(config: Mapping[str, str]) -> Waited:
    async with stand(config) as ground:
        await furnish_on_call(ground.database)
        temporal = Temporal(ground.client, QUEUE)
        for begin in range(0, WAITING, BATCH):
            orders = await new_orders(ground, OrderKind.MOVE, CONTRACT, min(BATCH, WAITING - begin))
            await asyncio.gather(*(temporal.start_order(order) for order in orders))
        reported = incident(trouble(priority="blocker", category="network"), datetime.now(UTC), PAGED)
        await temporal.start_incident(reported)
        async with ground.worker():
            began = perf_counter()
            called, opened = await asyncio.gather(_called(ground, reported.no, began), _opened(ground, began))
    return Waited(called, opened)


async def _called(ground: Stand, no: str, began: float) -> float:
    """An attempt stands in the table of pages once it was made."""
    while True:
        async with ground.database.reading() as session:
            row = await page_row(session, no, 1)
        if row is not None and any(call.attempts for call in row.as_progress().calls):
            return perf_counter() - began
        await asyncio.sleep(LOOK)


async def _opened(ground: Stand, began: float) -> float:
    while True:
        async with ground.database.reading() as session:
            opened = (await session.execute(select(func.count()).select_from(OrderRow))).scalar_one()
        if opened >= WAITING:
            return perf_counter() - began
        await asyncio.sleep(0.1)
