"""complete ten-step orders per second with two worker processes, against one, on PostgreSQL where there is one.

Rounds alternate on the same servers; 40 orders are under way at once. Two workers help only where there are processors
for them beside Temporal's server and PostgreSQL, which run on this machine as well: how many there are is said.
"""

import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from time import perf_counter

import pytest

from bench.ground.report import Figure, rate
from bench.ground.stand import Stand, stand, times
from bench.orders import BY_MACHINES, new_orders, work_off
from domain.kinds import OrderKind
from domain.orders.order import Order
from tests.postgres import postgres_server

AT_ONCE = 40
WARMING = 20
ORDERS = times("WORKED", 120)
ROUNDS = times("ROUNDS", 3)


def run() -> list[Figure]:
    try:
        with postgres_server() as server, server.database() as url:
            return asyncio.run(_run(f"PostgreSQL, {os.cpu_count()} processors", url))
    except pytest.skip.Exception as skipped:
        print(f"(PostgreSQL left out, SQLite in its place: {skipped.msg})")
        return asyncio.run(_run(f"SQLite, {os.cpu_count()} processors", None))


async def _run(where: str, url: str | None) -> list[Figure]:
    rates: dict[int, list[float]] = {1: [], 2: []}
    async with stand(url=url) as ground:
        for _ in range(ROUNDS):
            for workers, seen in rates.items():
                seen.append(await _per_second(ground, workers))
    return [rate(f"{where}: two workers, against one", rates[2], rates[1], "orders/s")]


async def _per_second(ground: Stand, workers: int) -> float:
    async with AsyncExitStack() as working:
        for _ in range(workers):
            await working.enter_async_context(ground.worker())
        # Until the last to begin polls as well.
        await _worked_off(ground, await new_orders(ground, OrderKind.INSTALL, BY_MACHINES, WARMING))
        orders = await new_orders(ground, OrderKind.INSTALL, BY_MACHINES, ORDERS)
        begin = perf_counter()
        await _worked_off(ground, orders)
        return len(orders) / (perf_counter() - begin)


async def _worked_off(ground: Stand, orders: Sequence[Order]) -> None:
    waiting = list(orders)

    async def hand() -> None:
        while waiting:
            await work_off(ground, waiting.pop(), ())

    await asyncio.gather(*(hand() for _ in range(AT_ONCE)))
