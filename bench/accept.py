"""orders accepted per second over HTTP, against bare starts of a workflow with an input of the same size.

The API is a uvicorn process of its own with one key of a coordinator; each order is a new one under its own
Idempotency-Key, answered with its sheet once Temporal has it. A bare start gives a workflow id, a task queue and a text
as long as the order, nothing else: once straight to Temporal, and once behind an empty route of the same server, the
ceiling of any HTTP API. Rounds alternate. First nobody works on what was started; then one worker process does, and
before each round it is waited for until it has done all that it can. The same on PostgreSQL where there is one.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from sqlmodel import func, select
from temporalio.client import Client

from bench.ground.bare import Started
from bench.ground.callers import Caller, caller, post
from bench.ground.report import Figure, rate
from bench.ground.stand import BARE_QUEUE, Served, Stand, stand, times, until
from cli.stack.temporal_server import HOST
from db.access.keys import add_key
from db.cases.notices import NoticeRow
from domain.keys import Grant
from domain.kinds import OrderKind
from domain.people import Role
from tests.postgres import postgres_server
from tests.world import DESK, order, request

ASKED = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber", requester="p-vogel")
CALLERS = (1, 20, 100)
STARTS = times("STARTS", 100)
ROUNDS = times("ROUNDS", 3)
ACCEPTED = 202
_NUMBERS = count(1)
_TICKS = os.sysconf("SC_CLK_TCK")

StartWorkflow = Callable[[int], Awaitable[None]]


def run() -> list[Figure]:
    return [*asyncio.run(_on_sqlite()), *_on_postgres()]


def _on_postgres() -> list[Figure]:
    try:
        with postgres_server() as server, server.database() as url:
            return asyncio.run(_unworked("PostgreSQL, ", url))
    except pytest.skip.Exception as skipped:
        print(f"(PostgreSQL left out: {skipped.msg})")
        return []


async def _on_sqlite() -> list[Figure]:
    figures = await _unworked("", None)
    async with _ground(None) as ground, ground.stand.worker():
        for callers in CALLERS:
            figures += await _compared(f"a worker works, {callers} at once", ground, callers, worked=True)
    return figures


async def _unworked(where: str, url: str | None) -> list[Figure]:
    async with _ground(url) as ground:
        figures = []
        for callers in CALLERS:
            figures += await _compared(f"{where}{callers} at once", ground, callers, worked=False)
        return figures


@dataclass(frozen=True)
class AcceptGround:
    stand: Stand
    ours: Served
    ceiling: Served
    key: str
    text: str


@asynccontextmanager
async def _ground(url: str | None) -> AsyncIterator[AcceptGround]:
    async with stand(url=url) as made, made.api() as ours, made.api("bench.ground.bare_api:app") as ceiling:
        text = "x" * len(order(ASKED, datetime.now(UTC)).model_dump_json())
        yield AcceptGround(made, ours, ceiling, await _key(made), text)


async def _compared(name: str, ground: AcceptGround, callers: int, *, worked: bool) -> list[Figure]:
    body = ASKED.model_dump_json(exclude_defaults=True).encode()
    number = STARTS if callers > 1 else STARTS // 2
    placed = partial(_over_http, ground.ours, callers, lambda: _order(body, ground.key))
    behind = partial(_over_http, ground.ceiling, callers, lambda: post("/starts", ground.text.encode(), ""))
    ours, ceiling, bare, cpu = [], [], [], []
    for warm in (placed, behind):
        await warm(callers)  # whatever is made on first use
    for _ in range(ROUNDS):
        since = _computed(ground.ours)
        ours.append(await placed(number))
        cpu.append(1_000 * (_computed(ground.ours) - since) / number)
        await _worked_off(ground, worked)
        ceiling.append(await behind(number))
        await _worked_off(ground, worked)
        bare.append(await _per_second(number, callers, lambda _: _start(ground.stand.client, ground.text)))
        await _worked_off(ground, worked)
    return [
        rate(f"{name}, a start behind HTTP", ours, ceiling, "starts/s"),
        rate(f"{name}, a bare start", ours, bare, "starts/s"),
        Figure(f"{name}, CPU of the API for each", median(cpu), None, None, "ms"),
    ]


async def _worked_off(ground: AcceptGround, worked: bool) -> None:
    if worked:
        await until(partial(_is_worked_off, ground.stand))


async def _key(ground: Stand) -> str:
    async with ground.database.writing() as session:
        return (await add_key(session, Grant(role=Role.COORDINATOR, person="p-koch"), datetime.now(UTC))).key


def _order(body: bytes, key: str) -> bytes:
    return post("/api/v1/orders", body, key, f"idempotency-key: bench-{next(_NUMBERS)}")


async def _over_http(served: Served, callers: int, sent: Callable[[], bytes], number: int) -> float:
    async with AsyncExitStack() as closing:
        lines = [await closing.enter_async_context(caller(HOST, served.port)) for _ in range(callers)]
        return await _per_second(number, callers, lambda n: _place(lines[n], sent()))


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


def _computed(served: Served) -> float:
    """Seconds, its threads included."""
    user, system = Path(f"/proc/{served.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS


async def _is_worked_off(ground: Stand) -> bool:
    """Every order waits for its approval and has told so; every bare workflow has ended."""
    orders = await ground.client.count_workflows('WorkflowType = "OrderWorkflow"')
    running = await ground.client.count_workflows('WorkflowType = "Started" AND ExecutionStatus = "Running"')
    async with ground.database.reading() as session:
        told = select(func.count(func.distinct(NoticeRow.case))).where(NoticeRow.template == "approval_asked")
        written = (await session.execute(told)).scalar_one()
    return running.count == 0 and written == orders.count
