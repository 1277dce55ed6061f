"""What a worker says of itself: `live` while its loop answers, `ready` while it does its work."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

from connectors.health_port import ANSWER_WITHIN, Ask, HealthAnswer

LOOK_AGAIN = 5.0
# A check that nobody answers is not well by then: in time for the answer to name it.
CHECKED_WITHIN = 0.8 * ANSWER_WITHIN
_FIGURES = "text/plain; version=0.0.4"

Check = Callable[[], Awaitable[bool]]


class WorkerHealth:
    """`checks` say by their names what is well; all of them are, or the worker is not ready."""

    def __init__(self, checks: Mapping[str, Check], figures: Callable[[], Awaitable[str]]) -> None:
        self._checks = checks
        self._figures = figures
        self._drains = False

    @property
    def asks(self) -> Mapping[str, Ask]:
        return {"/health/live": self._live, "/health/ready": self._ready, "/metrics": self._metrics}

    def drain(self) -> None:
        """Nothing new is taken: whoever rolls out another need not wait for this one."""
        self._drains = True

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """What passes is noticed also while nobody asks."""

        async def look() -> None:
            while True:
                await self._found()
                await asyncio.sleep(LOOK_AGAIN)

        looking = asyncio.create_task(look())
        try:
            yield
        finally:
            looking.cancel()

    async def _live(self) -> HealthAnswer:
        return HealthAnswer(HTTPStatus.OK, '"up"')

    async def _ready(self) -> HealthAnswer:
        found = {name: "up" if is_well else "down" for name, is_well in (await self._found()).items()}
        if self._drains:
            found["polls"] = "drains"
        is_ready = set(found.values()) == {"up"}
        return HealthAnswer(HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE, json.dumps(found))

    async def _found(self) -> Mapping[str, bool]:
        said = await asyncio.gather(*map(_in_time, self._checks.values()), return_exceptions=True)
        return {name: found is True for name, found in zip(self._checks, said, strict=True)}

    async def _metrics(self) -> HealthAnswer:
        return HealthAnswer(HTTPStatus.OK, await self._figures(), _FIGURES)


async def _in_time(check: Check) -> bool:
    async with asyncio.timeout(CHECKED_WITHIN):
        return await check()
