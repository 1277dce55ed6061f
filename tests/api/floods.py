"""Senders that never rest: `python -m tests.api.floods KIND PORT SOURCE` keeps all connections busy it may have."""

import selectors
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass

from cli.stack.temporal_server import HOST

CONNECTIONS = 220
PIECE = 65_536
CHUNKED = b"POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
CRUMB = b"1\r\na\r\n"


@dataclass(frozen=True)
class Flood:
    """`takes` says whether answers are read; where they are not, what is sent is sent again and again."""

    sent: bytes
    takes: bool = True


def asked(path: str, more: bytes = b"") -> bytes:
    return b"GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n" % (path.encode(), more)


FLOODS = {
    "crumbs": Flood(CHUNKED + CRUMB * 40_000),
    "as many crumbs as may be": Flood((CHUNKED + CRUMB * 200 + b"0\r\n\r\n") * 50, takes=False),
    "small chunks": Flood(CHUNKED + (b"100\r\n" + b"a" * 256 + b"\r\n") * 4_000),
    "answers nobody reads": Flood(asked("/api/v1/orders") * 2_000, takes=False),
    "health nobody reads": Flood(asked("/health/live") * 2_000, takes=False),
    "a document nobody reads": Flood(asked("/openapi.json") * 500, takes=False),
    "one request a connection": Flood(asked("/nowhere", b"Connection: close\r\n")),
    "heads of crumbs": Flood(asked("/nowhere", b"a:b\r\n" * 2_500)),
    "no HTTP": Flood(b"\0rubbish\r\n\r\n"),
}


class Sender:
    def __init__(self, flood: Flood, port: int, source: str) -> None:
        self._flood = flood
        self._sent = 0
        self.line = socket.socket()
        self.line.bind((source, 0))
        self.line.setblocking(False)
        if not flood.takes:
            self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        with suppress(BlockingIOError):
            self.line.connect((HOST, port))

    def go_on(self, ready: int) -> bool:
        """Whether the connection still stands."""
        with suppress(BlockingIOError):
            if ready & selectors.EVENT_READ and self._flood.takes and not self.line.recv(PIECE):
                return False
            if ready & selectors.EVENT_WRITE:
                self._sent += self.line.send(self._flood.sent[self._sent : self._sent + PIECE])
                if self._sent == len(self._flood.sent) and not self._flood.takes:
                    self._sent = 0
        return True

    @property
    def wanted(self) -> int:
        is_done = self._sent == len(self._flood.sent)
        return (selectors.EVENT_READ * self._flood.takes) | (0 if is_done else selectors.EVENT_WRITE)


def main(kind: str, port: int, source: str) -> None:
    flood, lines = FLOODS[kind], selectors.DefaultSelector()

    def another() -> None:
        sender = Sender(flood, port, source)
        lines.register(sender.line, sender.wanted, sender)

    for _ in range(CONNECTIONS):
        another()
    while True:
        for key, ready in lines.select():
            sender: Sender = key.data
            try:
                stands = sender.go_on(ready)
            except OSError:
                stands = False
            if stands:
                lines.modify(sender.line, sender.wanted, sender)
                continue
            lines.unregister(sender.line)
            sender.line.close()
            another()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
