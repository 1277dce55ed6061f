"""What a request costs this process: processor time, the longest stretch in which nobody else is served, memory."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

LONGEST_STANDSTILL = 0.1
# What a machine takes for the calibration loop, if it is neither slow nor held up.
USUAL_LOOP = 0.11
LOOP = 3_000_000
USUAL_MAKING = 0.12
DOCUMENTS = 4
DOCUMENT = json.dumps([{"name": f"value {number}", "of": [number, number / 7]} for number in range(30_000)])
# The least of them: what another process does to the caches of the processor, for seconds on end, is no cost of ours.
TRIES = 8


def machine() -> float:
    """How many times slower this machine is at this moment, by processor time: in a loop, and where values are made.

    The second suffers most where others use the same memory and caches.
    """
    since = time.process_time()
    total = 0
    for number in range(LOOP):
        total += number
    looped, since = time.process_time() - since, time.process_time()
    for _ in range(DOCUMENTS):
        json.loads(DOCUMENT)
    made = time.process_time() - since
    return max(looped / USUAL_LOOP, made / USUAL_MAKING, 1.0)


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
