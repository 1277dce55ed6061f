"""Every route at its largest: a body filled to its limits, right or wrong, costs little and stops nobody else."""

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from api.gate.bodies import most_values
from api.gate.bytes import body_limit
from domain.people import Role
from tests.api.bodies import Maker, Operation, operations
from tests.api.house import House

# On a machine that does the calibration loop in this time.
MOST_CPU = 1.0
LONGEST_STANDSTILL = 0.1
USUAL_LOOP = 0.11
MOST_MEMORY = 200_000
LOOP = 3_000_000
TRIES = 3


def machine() -> float:
    """How many times slower this machine is at this moment, by processor time."""
    since = time.process_time()
    total = 0
    for number in range(LOOP):
        total += number
    return max((time.process_time() - since) / USUAL_LOOP, 1.0)


@dataclass
class Spent:
    cpu: float = 0.0
    standstill: float = 0.0
    memory: int = 0


@asynccontextmanager
async def measured() -> AsyncIterator[Spent]:
    """Processor time, the longest stretch in which nobody else was served, and kilobytes at the peak."""
    spent = Spent()
    heart = asyncio.create_task(_beat(spent))
    await asyncio.sleep(0.01)
    _forget_the_peak()
    before, since = _peak(), time.process_time()
    yield spent
    await asyncio.sleep(0.01)
    spent.cpu = time.process_time() - since
    spent.memory = _peak() - before
    heart.cancel()
    with suppress(asyncio.CancelledError):
        await heart


async def _beat(spent: Spent) -> None:
    # Processor time of this thread: a busy machine makes everything late, and that is no fault of ours.
    last = time.thread_time()
    while True:
        await asyncio.sleep(0.002)
        now = time.thread_time()
        spent.standstill, last = max(spent.standstill, now - last), now


def _forget_the_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def filled(document: dict[str, object], operation: Operation, wrong: bool) -> bytes:
    """As many values as the route takes, in as many bytes as it takes."""
    budget = most_values(operation.path) - 100
    while True:
        made = json.dumps(Maker(document, budget).largest(operation.schema, wrong), separators=(",", ":")).encode()
        if len(made) <= body_limit(operation.path):
            return made
        budget = budget * 3 // 4


@pytest.mark.parametrize("wrong", [False, True], ids=["right", "wrong"])
async def test_every_route_answers_its_largest_body_at_little_cost(cut_off: House, wrong: bool) -> None:
    admin = await cut_off.caller(Role.ADMIN, "admin")
    document = cut_off.app.openapi()
    await admin.get("/health/live")
    dear: list[str] = []

    for operation in operations(document):
        body = filled(document, operation, wrong)
        # The least of three: what another process does to the caches of the processor is no cost of ours.
        found = [said async for said in _dear(admin, operation, body)]
        dear += found[-1:] if len(found) == TRIES else []

    assert not dear, "\n".join(dear)


async def _dear(admin: httpx2.AsyncClient, operation: Operation, body: bytes) -> AsyncIterator[str]:
    """What it cost each time that it was too much; ends with the first time that it was not."""
    for number in range(TRIES):
        gc.collect()
        slow = machine()
        async with measured() as spent:
            answer = await admin.request(
                operation.method,
                operation.url,
                content=body,
                headers={"Content-Type": "application/json", "Idempotency-Key": f"k{number}"},
            )
        if (
            spent.cpu <= MOST_CPU * slow
            and spent.standstill <= LONGEST_STANDSTILL * slow
            and spent.memory <= MOST_MEMORY
        ):
            return
        yield f"{operation.name}: {len(body)} bytes, {answer.status_code}, {spent}"
