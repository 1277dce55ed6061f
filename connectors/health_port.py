"""A port beside a program's work, for those who watch over it: a few paths, each with one short answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import NamedTuple

# Whoever asks says so at once, and in few words.
HEAD_WITHIN, ANSWER_WITHIN = 5.0, 10.0
LONGEST_HEAD = 8_192
MOST_AT_ONCE = 20


class HealthAnswer(NamedTuple):
    status: HTTPStatus
    text: str
    kind: str = "application/json"


Ask = Callable[[], Awaitable[HealthAnswer]]


@asynccontextmanager
async def health_port(host: str, port: int, asks: Mapping[str, Ask]) -> AsyncIterator[int]:
    """Answer GET for each path until the block ends; the port it has is handed in, where 0 was asked for."""
    line = _Line(asks)
    server = await asyncio.start_server(line.answer, host, port, limit=LONGEST_HEAD)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


class _Line:
    def __init__(self, asks: Mapping[str, Ask]) -> None:
        self._asks = asks
        self._busy = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._busy += 1
        try:
            told = await self._told(reader) if self._busy <= MOST_AT_ONCE else _plain(HTTPStatus.SERVICE_UNAVAILABLE)
            writer.write(_written(told))
            async with asyncio.timeout(HEAD_WITHIN):
                await writer.drain()
        except (OSError, TimeoutError):
            # Whoever has gone needs no answer.
            pass
        finally:
            self._busy -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _told(self, reader: asyncio.StreamReader) -> HealthAnswer:
        try:
            async with asyncio.timeout(HEAD_WITHIN):
                head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return _plain(HTTPStatus.BAD_REQUEST)
        method, _, rest = head.decode("latin-1").partition("\r\n")[0].partition(" ")
        ask = self._asks.get(rest.partition(" ")[0].partition("?")[0])
        if ask is None:
            return _plain(HTTPStatus.NOT_FOUND)
        if method != "GET":
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await ask()
        except TimeoutError:
            return _plain(HTTPStatus.SERVICE_UNAVAILABLE)


def _plain(status: HTTPStatus) -> HealthAnswer:
    return HealthAnswer(status, status.phrase, "text/plain")


def _written(told: HealthAnswer) -> bytes:
    body = told.text.encode()
    head = (
        f"HTTP/1.1 {told.status:d} {told.status.phrase}\r\nContent-Type: {told.kind}; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
