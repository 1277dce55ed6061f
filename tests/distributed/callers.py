"""People who insist: whoever is not answered asks the other API, under the same key, until somebody answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import httpx2

from cli.demo.people import Keys
from cli.errors import CliError, Exit
from cli.http import Api, connected
from db.engine import Database
from tests.distributed.house import HOST

# However busy the machine is: what takes longer is lost.
INSISTS_FOR = 900.0
ASK_AGAIN = 0.25


@dataclass(frozen=True)
class Insistent(Api):
    """What may not be said twice is said once, to an API that listens."""

    ports: Iterator[int] = field(default_factory=lambda: cycle([0]))

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        give_up = time.monotonic() + INSISTS_FOR
        while True:
            request.url = request.url.copy_with(port=next(self.ports))
            try:
                return await super()._send(request)
            except CliError as error:
                if error.exit_code != Exit.UNREACHABLE or time.monotonic() > give_up:
                    raise
                if not may_be_repeated(request) and error.code != "api_away":
                    raise
            await asyncio.sleep(ASK_AGAIN)


def may_be_repeated(request: httpx2.Request) -> bool:
    return request.method in ("GET", "PUT") or "Idempotency-Key" in request.headers


@asynccontextmanager
async def insisting(ports: Sequence[int], key: str) -> AsyncIterator[Insistent]:
    async with connected(f"http://{HOST}:{ports[0]}", key, "en") as api:
        yield Insistent(api.client, cycle(ports))


class InsistentKeys(Keys):
    """Everybody of the example, each at both APIs."""

    def __init__(self, admin: Api, customer: str, database: Database, folder: Path, ports: Sequence[int]) -> None:
        super().__init__(admin, customer, database, folder, "en")
        self._ports = ports

    def api(self, key: str) -> AbstractAsyncContextManager[Api]:
        return insisting(self._ports, key)
