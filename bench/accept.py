"""orders accepted per second over HTTP, against bare starts of a workflow with an input of the same size.

The API is a uvicorn process of its own with one key of a coordinator; each order is a new one without an
Idempotency-Key, answered with its sheet once Temporal has it. The bare start gives a workflow id, a task queue and a
text as long as the order, nothing else. Rounds alternate. First nobody works on what was started; then one worker
process does, and before each round it is waited for until it has done all that it can.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from itertools import count
from time import perf_counter

from sqlmodel import func, select
from temporalio.client import Client

from bench.bare import Started
from bench.callers import Caller, caller, post
from bench.report import Figure, rate
from bench.stand import BARE_QUEUE, Stand, stand, times, until
from cli.stack.temporal_server import HOST
from db.access.keys import add_key
from db.cases.notices import NoticeRow
from domain.keys import Grant
from domain.kinds import OrderKind
from domain.people import Role
from tests.world import DESK, order, request

ASKED = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber", requester="p-vogel")
CALLERS = (1, 20, 100)
STARTS = times("STARTS", 100)
ROUNDS = times("ROUNDS", 3)
ACCEPTED = 202
_NUMBERS = count(1)

StartWorkflow = Callable[[int], Awaitable[None]]


def run() -> list[Figure]:
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    async with stand() as ground, ground.api() as port:
        alone = [await _compared(ground, port, callers, worked=False) for callers in CALLERS]
    async with stand() as ground, ground.api() as port, ground.worker():
        return [*alone, *[await _compared(ground, port, callers, worked=True) for callers in CALLERS]]


async def _compared(ground: Stand, port: int, callers: int, *, worked: bool) -> Figure:
    sent = post("/api/v1/orders", ASKED.model_dump_json(exclude_defaults=True).encode(), await _key(ground))
    text = "x" * len(order(ASKED, datetime.now(UTC)).model_dump_json())
    number = STARTS if callers > 1 else STARTS // 2
    ours, bare = [], []
    await _over_http(port, callers, sent, callers)  # whatever is made on first use
    for _ in range(ROUNDS):
        ours.append(await _over_http(port, callers, sent, number))
        if worked:
            await until(partial(_is_worked_off, ground))
        bare.append(await _per_second(number, callers, lambda _: _start(ground.client, text)))
        if worked:
            await until(partial(_is_worked_off, ground))
    name = "a worker works" if worked else "nobody works"
    return rate(f"{name}, {callers} at once", ours, bare, "starts/s")


async def _key(ground: Stand) -> str:
    async with ground.database.writing() as session:
        return (await add_key(session, Grant(role=Role.COORDINATOR, person="p-koch"), datetime.now(UTC))).key


async def _over_http(port: int, callers: int, sent: bytes, number: int) -> float:
    async with AsyncExitStack() as closing:
        lines = [await closing.enter_async_context(caller(HOST, port)) for _ in range(callers)]
        return await _per_second(number, callers, lambda n: _place(lines[n], sent))


async def _place(line: Caller, sent: bytes) -> None:
    status = await line.send(sent)
    if status != ACCEPTED:
        raise AssertionError(f"the API answered {status}")


async def _start(client: Client, text: str) -> None:
    await client.start_workflow(Started.run, text, id=f"bare/{next(_NUMBERS)}", task_queue=BARE_QUEUE)


async def _per_second(number: int, callers: int, start: StartWorkflow) -> float:
    left = iter(range(number))

    async def call(caller: int) -> None:
        for _ in left:
            await start(caller)

    begin = perf_counter()
    await asyncio.gather(*(call(n) for n in range(callers)))
    return number / (perf_counter() - begin)


async def _is_worked_off(ground: Stand) -> bool:
    """Every order waits for its approval and has told so; every bare workflow has ended."""
    orders = await ground.client.count_workflows('WorkflowType = "OrderWorkflow"')
    running = await ground.client.count_workflows('WorkflowType = "Started" AND ExecutionStatus = "Running"')
    async with ground.database.reading() as session:
        told = select(func.count(func.distinct(NoticeRow.case))).where(NoticeRow.template == "approval_asked")
        written = (await session.execute(told)).scalar_one()
    return running.count == 0 and written == orders.count
