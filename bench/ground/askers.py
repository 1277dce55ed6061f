"""Those who ask, in a process beside the server: what asking costs, and when they notice an answer, is their own.

It is told on its standard input what to ask, a line of JSON each, and says on its standard output how that went.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from bench.ground.callers import Caller, caller

_COMMAND = (sys.executable, "-m", "bench.ground.askers")
_OK, _BUSY = 200, 503
# In seconds.
_AGAIN = 0.5
# Bytes of one line.
_LONGEST = 2**24


@dataclass(frozen=True)
class Watched:
    """A stream, the case that it has to name, and the page that is asked for then. Requests as they are sent."""

    stream: str
    case: str
    page: str


@dataclass(frozen=True)
class Askers:
    host: str
    port: int
    _process: asyncio.subprocess.Process

    async def timed(self, readers: Sequence[Sequence[bytes]]) -> list[float]:
        """Seconds that each reader waits until all of theirs are answered; all begin at once, over open lines."""
        said = [[request.decode() for request in requests] for requests in readers]
        await self._tell({"do": "time", "readers": said})
        return [float(one) for one in await self._hear()]

    async def watch(self, watched: Sequence[Watched]) -> None:
        """Until all have their page and hear what happens."""
        await self._tell({"do": "watch", "watched": [asdict(one) for one in watched]})
        assert await self._hear() == "ready"

    async def ends(self) -> list[float]:
        """When each of those who watch has the page anew, by the clock of `perf_counter`."""
        return [float(one) for one in await self._hear()]

    async def _tell(self, what: dict[str, object]) -> None:
        assert self._process.stdin is not None
        line = json.dumps({**what, "host": self.host, "port": self.port})
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    async def _hear(self) -> Any:  # noqa: ANN401  # JSON
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "those who ask have gone"
        return json.loads(line)


@asynccontextmanager
async def askers(host: str, port: int) -> AsyncIterator[Askers]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*_COMMAND, stdin=pipe, stdout=pipe, limit=_LONGEST)
    try:
        yield Askers(host, port, process)
    finally:
        process.terminate()
        await process.wait()


def _say(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


async def _time(told: dict[str, Any]) -> None:
    async with AsyncExitStack() as open_:
        lines = [await open_.enter_async_context(caller(told["host"], told["port"])) for _ in told["readers"]]
        both = zip(lines, told["readers"], strict=True)
        _say(await asyncio.gather(*(_waits(line, requests) for line, requests in both)))


async def _waits(line: Caller, requests: Sequence[str]) -> float:
    begin = perf_counter()
    for request in requests:
        status = await line.send(request.encode())
        assert status == _OK, (status, request)
    return perf_counter() - begin


async def _watch(told: dict[str, Any]) -> None:
    async with AsyncExitStack() as open_:
        watching = []
        for one in told["watched"]:
            line = await open_.enter_async_context(caller(told["host"], told["port"]))
            stream, writer = await asyncio.open_connection(told["host"], told["port"])
            open_.callback(writer.close)
            writer.write(one["stream"].encode())
            head = await stream.readuntil(b"\r\n\r\n")
            assert b" 200 " in head.partition(b"\r\n")[0], head
            assert await line.send(one["page"].encode()) == _OK
            watching.append(_sees(stream, line, one))
        tasks = [asyncio.create_task(one) for one in watching]
        _say("ready")
        _say(await asyncio.gather(*tasks))


async def _sees(stream: asyncio.StreamReader, line: Caller, one: dict[str, str]) -> float:
    while f'"{one["case"]}"'.encode() not in await stream.readline():
        pass
    # Where each is made for itself, more are asked for than there are connections: a browser asks again.
    while (status := await line.send(one["page"].encode())) == _BUSY:  # noqa: ASYNC110  # the server tells nobody
        await asyncio.sleep(_AGAIN)
    assert status == _OK, status
    return perf_counter()


_WAYS = {"time": _time, "watch": _watch}


def _ask_as_told() -> None:
    for line in sys.stdin:
        told = json.loads(line)
        asyncio.run(_WAYS[told["do"]](told))


if __name__ == "__main__":
    _ask_as_told()
