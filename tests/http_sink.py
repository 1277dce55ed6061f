"""A real HTTP server on loopback that keeps what it is sent and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpSink:
    """`status`, `headers` and `body` are the answer to everything, but first it says `at_first`, one after the other.

    While `silent` there is no answer.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    silent: bool = False
    at_first: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen; when opened again, at the same port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = first.split()
        pairs = (line.split(": ", 1) for line in lines if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.received.append(Received(method, target, headers, body))
        if not self.silent:
            given = {"Content-Length": str(len(self.body)), "Connection": "close"} | self.headers
            status = self.at_first.pop(0) if self.at_first else self.status
            head = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in given.items())]
            writer.write("\r\n".join([*head, "", ""]).encode() + self.body)
            await writer.drain()
            writer.close()
