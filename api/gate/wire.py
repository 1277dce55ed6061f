"""Requests as they are written on the line: what two may read differently, or costs us most to read, is refused."""

import re

import h11

# A body in crumbs costs us more than its sender: a few are no harm, of many only such as hold something are taken.
MOST_CHUNKS = 200
LEAST_BYTES_PER_CHUNK = 256
# Reading one costs us many times what its bytes are worth.
MOST_HEADERS = 100
_HEAD = re.compile(rb"\r?\n\r?\n")
_TWO_LENGTHS = {b"content-length", b"transfer-encoding"}


class CarefulLine(h11.Connection):
    """Our side of one connection. Raises `h11.RemoteProtocolError`, as for everything else that is no HTTP."""

    def __init__(self) -> None:
        super().__init__(h11.SERVER)
        self._chunks = 0
        self._bytes = 0

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        if self.their_state is h11.IDLE and _HEAD.split(self.trailing_data[0], 1)[0].count(b"\n") > MOST_HEADERS:
            raise h11.RemoteProtocolError("a head in crumbs")
        event = super().next_event()
        if isinstance(event, h11.Data):
            self._count(event)
        elif isinstance(event, h11.Request):
            self._chunks = self._bytes = 0
            if {name for name, _ in event.headers} >= _TWO_LENGTHS:
                # Somebody in front of us may go by the other: what is a body to them would be a request to us.
                raise h11.RemoteProtocolError("two lengths of one body")
        return event

    def _count(self, data: h11.Data) -> None:
        self._chunks += data.chunk_start
        self._bytes += len(data.data)
        if self._chunks > MOST_CHUNKS and self._bytes < self._chunks * LEAST_BYTES_PER_CHUNK:
            raise h11.RemoteProtocolError("a body in crumbs")
