"""How a route has something done in the workshop: as long as its caller waits for it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Protocol, TypeVar, TypeVarTuple

from fastapi import Depends, Request

from api.door.paces import pace_computing
from connectors.workshop.workshop import Crowded, Workshop

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_LOOKS_EVERY = 1.0


class Maker(Protocol):
    async def make(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """What the work comes to, wherever it is done."""


class WaitedFor:
    """The workshop, for one request, which is counted with the first job."""

    def __init__(
        self, workshop: Workshop, request: Request, pace: Callable[[Request], Awaitable[None]] | None = None
    ) -> None:
        self._workshop = workshop
        self._request = request
        self._pace_first = pace

    async def read(self, work: Callable[[*Ts], bytes], *arguments: *Ts) -> bytes:
        await self._pace()
        return await self._while_waited_for(self._workshop.read(work, *arguments))

    async def make(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        await self._pace()
        return await self._while_waited_for(self._workshop.make(work, *arguments))

    async def _pace(self) -> None:
        pace, self._pace_first = self._pace_first, None
        if pace is not None:
            await pace(self._request)

    async def _while_waited_for(self, job: Coroutine[None, None, T]) -> T:
        under_way = asyncio.ensure_future(job)
        try:
            while not (await asyncio.wait({under_way}, timeout=_LOOKS_EVERY))[0]:
                if await self._request.is_disconnected():
                    # Nobody hears the answer; what counts is that the bench is free.
                    raise Crowded
            return under_way.result()
        finally:
            under_way.cancel()


async def workshop_for(request: Request) -> WaitedFor:
    return WaitedFor(request.app.state.workshop, request, pace_computing)


AtWorkshop = Annotated[WaitedFor, Depends(workshop_for)]
