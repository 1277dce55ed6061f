"""How many workflow tasks a worker takes at once: of cases it knows as many as come, of others what it can replay."""

import asyncio
import os
import threading
from collections import deque

from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    WorkerTuner,
)

# A case of some 430 events takes about 0.4 s of one core to be replayed; each that begins beside others makes all of
# them later. So many are done well within `TASK_TIMEOUT`; with a hundred each was taken away seven times.
COLD_PER_CORE = 4
WARM = 100
ACTIVITIES = 100
# They share one processor and one database: many more at once would each take longer than a quick try may.
QUICK_AT_ONCE = 32


class Places:
    """Asked for by the loop, given back by any thread."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._lock = threading.Lock()
        self._waiting: deque[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = deque()

    def take_at_once(self) -> bool:
        with self._lock:
            if self._free <= 0:
                return False
            self._free -= 1
            return True

    async def take(self) -> None:
        if self.take_at_once():
            return
        loop = asyncio.get_running_loop()
        waiter = loop, loop.create_future()
        with self._lock:
            self._waiting.append(waiter)
        # One may have been given back in between.
        if self.take_at_once():
            self.give_back()
        try:
            await waiter[1]
        except asyncio.CancelledError:
            self._leave(waiter)
            raise

    def give_back(self) -> None:
        with self._lock:
            while self._waiting:
                loop, waiter = self._waiting.popleft()
                if not loop.is_closed():
                    loop.call_soon_threadsafe(_call_up, waiter)
                    return
            self._free += 1

    def _leave(self, waiter: tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]) -> None:
        with self._lock:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
                return
        # It was called up already, and does not need the place any more.
        self.give_back()


def _call_up(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class TaskPlaces(CustomSlotSupplier):
    """Tasks from the sticky queue are of cases in the cache; whatever comes from the common one is replayed first."""

    def __init__(self, cold: int, warm: int) -> None:
        self._cold, self._warm = Places(cold), Places(warm)

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        places = self._of(ctx)
        await places.take()
        return _Permit(places)

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        places = self._of(ctx)
        return _Permit(places) if places.take_at_once() else None

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        """Reserved is used, to us."""

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        assert isinstance(ctx.permit, _Permit)
        ctx.permit.places.give_back()

    def _of(self, ctx: SlotReserveContext) -> Places:
        return self._warm if ctx.is_sticky else self._cold


class _Permit(SlotPermit):
    def __init__(self, places: Places) -> None:
        self.places = places


def tuner(cores: int | None = None) -> WorkerTuner:
    """By the cores this process may use, unless they are given."""
    cold = COLD_PER_CORE * (cores or len(os.sched_getaffinity(0)))
    return WorkerTuner.create_composite(
        workflow_supplier=TaskPlaces(cold, WARM),
        activity_supplier=FixedSizeSlotSupplier(ACTIVITIES),
        local_activity_supplier=FixedSizeSlotSupplier(QUICK_AT_ONCE),
        nexus_supplier=FixedSizeSlotSupplier(1),
    )
