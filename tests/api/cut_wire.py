"""A wire to Temporal that is cut when somebody wants it: what was asked gets there, and the answer never comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

ENOUGH = 65536


class Wire:
    """Passes everything on between our clients and the server, as long as it is whole."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._is_cut = False
        self._ends: set[asyncio.StreamWriter] = set()
        self.heard = 0

    def cut(self) -> None:
        """From now on the server hears what is asked, and whoever asks hears that the connection is gone."""
        self._is_cut, self.heard = True, 0

    def mend(self) -> None:
        self._is_cut = False

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._host, self._port)
        self._ends |= {writer, back}
        asked = asyncio.create_task(self._pass(reader, back, counts=True))
        await self._pass(there, writer, counts=False)
        asked.cancel()
        for end in (writer, back):
            self._ends.discard(end)
            end.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counts: bool) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(ENOUGH):
                if counts:
                    self.heard += self._is_cut
                elif self._is_cut:
                    return
                writer.write(piece)
                await writer.drain()

    def close(self) -> None:
        for end in self._ends:
            end.close()


@asynccontextmanager
async def wire_to(address: str) -> AsyncIterator[tuple[Wire, str]]:
    """The wire, and the address at its near end."""
    host, port = address.split(":")
    wire = Wire(host, int(port))
    near = await asyncio.start_server(wire.take, "127.0.0.1", 0)
    try:
        yield wire, f"127.0.0.1:{near.sockets[0].getsockname()[1]}"
    finally:
        near.close()
        wire.close()
