"""One caller's connection: sends a prepared request again and again with next to no work of its own.

A full HTTP client costs about as much CPU per request as the API does, and would be what is measured.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, request: bytes) -> int:
        """The answer's status, once all of it has come."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("ascii").lower()
        length = head.partition("content-length: ")[2].partition("\r\n")[0]
        await self._reader.readexactly(int(length))
        return int(head.split(" ", 2)[1])


@asynccontextmanager
async def caller(host: str, port: int) -> AsyncIterator[Caller]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield Caller(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


def post(path: str, body: bytes, key: str, *more: str) -> bytes:
    head = [
        f"POST {path} HTTP/1.1",
        "host: bench",
        "content-type: application/json",
        f"content-length: {len(body)}",
        f"authorization: Bearer {key}",
        *more,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def get(path: str, headers: Mapping[str, str]) -> bytes:
    head = [f"GET {path} HTTP/1.1", "host: bench", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*head, "", ""]).encode()
