"""Places for tasks: few for those replayed first, many for the others; none is lost, whoever gives up waiting."""

import asyncio
import threading
from dataclasses import dataclass
from typing import cast

from temporalio.worker import SlotPermit, SlotReleaseContext, SlotReserveContext

from workflows.engine.places import COLD_PER_CORE, WARM, Places, TaskPlaces


@dataclass(frozen=True)
class Asked:
    """What of a reservation counts here."""

    is_sticky: bool


COLD, KNOWN = cast(SlotReserveContext, Asked(is_sticky=False)), cast(SlotReserveContext, Asked(is_sticky=True))


async def taken(places: TaskPlaces, asked: SlotReserveContext) -> list[SlotPermit]:
    permits = []
    while (permit := places.try_reserve_slot(asked)) is not None:
        permits.append(permit)
    return permits


async def test_tasks_to_be_replayed_take_no_place_of_the_others() -> None:
    places = TaskPlaces(COLD_PER_CORE, WARM)

    cold = await taken(places, COLD)

    assert (len(cold), len(await taken(places, KNOWN))) == (COLD_PER_CORE, WARM)
    places.release_slot(SlotReleaseContext(slot_info=None, permit=cold[0]))
    assert await places.reserve_slot(COLD) is not None


async def test_whoever_waits_gets_the_next_place_even_from_another_thread() -> None:
    places = Places(1)
    await places.take()
    waiting = [asyncio.create_task(places.take()) for _ in range(3)]
    await asyncio.sleep(0)

    for _ in waiting:
        giving = threading.Thread(target=places.give_back)
        giving.start()
        giving.join()
    await asyncio.gather(*waiting)

    assert not places.take_at_once()


async def test_who_gives_up_waiting_keeps_no_place() -> None:
    places = Places(1)
    await places.take()
    waiting = [asyncio.create_task(places.take()) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.gather(waiting[0], return_exceptions=True)
    # Called up and called off in the same moment.
    places.give_back()
    waiting[1].cancel()
    await asyncio.gather(waiting[1], return_exceptions=True)

    assert places.take_at_once()
    assert not places.take_at_once()
