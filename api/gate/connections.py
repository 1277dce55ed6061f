"""Connections that say nothing, take nothing, or are too many: who wastes time is let go, who is too much is told."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import cast
from weakref import WeakKeyDictionary

import h11
from fastapi import Request
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from api.gate.seats import Seats
from api.gate.turns import turns_of
from api.gate.wire import CarefulLine
from api.problems import RETRY_AFTER, problem_response
from domain.refusals import Problem

HEAD_WITHIN = timedelta(seconds=10)
# A full buffer has to become half empty within it, or empty when nothing more is to come.
TAKEN_WITHIN = timedelta(seconds=30)
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
# What is read at once: as much as a head may have.
_PIECE = 16_384

# Whether it lives is asked by whoever would start it anew.
_ALWAYS = ("/health/live",)
_URGENT = tuple(f"GET {path} ".encode() for path in _ALWAYS)
# Of one server: each has a loop of its own.
_SEATS: WeakKeyDictionary[asyncio.AbstractEventLoop, Seats] = WeakKeyDictionary()


class _TurnFlow(FlowControl):
    """Where bytes wait that were read already, reading goes on with these."""

    def __init__(self, transport: asyncio.Transport, read_on: Callable[[], None]) -> None:
        super().__init__(transport)
        self._read_on = read_on

    def resume_reading(self) -> None:
        if self.read_paused:
            super().resume_reading()
            self._read_on()


class PunctualProtocol(H11Protocol):
    """Uvicorn itself waits without end for a head that has begun, for the first byte, and for its answers to be taken.

    Between two requests its own timeout for idle connections holds, in a body that of the route.
    """

    home: str | None = None
    _head_due: asyncio.TimerHandle | None = None
    _taking_due: asyncio.TimerHandle | None = None

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = CarefulLine()
        self._turns = turns_of(self.loop)
        self._unread = b""
        self._is_in_line = False
        # Uvicorn's own answer is plain text, to supervisors as well: they would end what only is busy.
        most, self.limit_concurrency = self.limit_concurrency, None
        proxies = f"{config.forwarded_allow_ips}" if config.proxy_headers else ""
        self._seats = None if most is None else _SEATS.setdefault(self.loop, Seats(most, proxies))
        self._house = self.app
        self.app = self._answer_if_seated

    async def _answer_if_seated(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._takes_a_seat() or scope["path"] in _ALWAYS:
            await self._house(scope, receive, send)
            return
        headers = {"Retry-After": f"{RETRY_AFTER.total_seconds():.0f}", "Connection": "close"}
        answer = problem_response(Request(scope), 503, [Problem(code="too_many_connections")], headers)
        await answer(scope, receive, send)

    def _takes_a_seat(self) -> bool:
        return self._seats is None or self._seats.has_one_for(self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.flow = _TurnFlow(transport, self._read_on)
        if self._seats is not None:
            self.home = self._seats.home_of(self.client[0] if self.client else "")
            # Whoever asks whether we live comes in, however many stand about.
            if not self._takes_a_seat() and (leaving := self._seats.one_to_leave_for(self)) is not None:
                cast("PunctualProtocol", leaving).transport.abort()
            if self._is_closing():
                return
        self._expect_a_head()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._unread += data
        self.transport.pause_reading()
        self._line_up()

    def handle_events(self) -> None:
        """Uvicorn would go through all that has come at once, whoever else waits."""
        if self.conn.trailing_data[0]:
            self._unset_keepalive_if_required()
            self._line_up()

    def take_turn(self) -> bool:
        """Read a piece of what has come; whether a request has begun with it."""
        self._is_in_line = False
        if self._is_closing():
            return False
        before = self.cycle
        if self._unread and not self.flow.read_paused and len(self.conn.trailing_data[0]) <= _PIECE:
            piece, self._unread = self._unread[:_PIECE], self._unread[_PIECE:]
            self.conn.receive_data(piece)
        super().handle_events()
        if self._is_closing():
            self._expect_taking()
        elif self._is_answering():
            self._stop_waiting()
        else:
            self._expect_a_head()
        self._read_on()
        return self.cycle is not before

    def _read_on(self) -> None:
        if self._is_closing():
            return
        if not self._unread and not self.flow.read_paused:
            self.transport.resume_reading()
            return
        # Uvicorn lets more come in after a body that nobody wanted, whatever there is to be read already.
        self.transport.pause_reading()
        if not self.flow.read_paused:
            self._line_up()

    def _line_up(self) -> None:
        if not self._is_in_line:
            self._is_in_line = True
            self._turns.line_up(self, is_urgent=self._unread.startswith(_URGENT))

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_expecting_taking()
        if self._seats is not None:
            self._seats.leave(self)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            # It has its answer already.
            self.transport.close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.get_write_buffer_size() and self._taking_due is None:
            self._expect_taking()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_taking()

    def resume_writing(self) -> None:
        self._stop_expecting_taking()
        super().resume_writing()

    def _is_closing(self) -> bool:
        transport = cast("asyncio.Transport | None", self.transport)
        return transport is None or transport.is_closing()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect_a_head(self) -> None:
        # From the first byte on: a byte now and then does not buy more time.
        if self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_WITHIN.total_seconds(), self._let_go)

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _let_go(self) -> None:
        self._head_due = None
        if self._is_closing() or self._is_answering():
            return
        if self._is_in_line:
            # It is we who are late.
            self._expect_a_head()
            return
        self.transport.write(_TOO_SLOW)
        self.transport.close()
        self._expect_taking()

    def _expect_taking(self) -> None:
        self._stop_expecting_taking()
        self._taking_due = self.loop.call_later(TAKEN_WITHIN.total_seconds(), self._drop_what_is_not_taken)

    def _stop_expecting_taking(self) -> None:
        if self._taking_due is not None:
            self._taking_due.cancel()
            self._taking_due = None

    def _drop_what_is_not_taken(self) -> None:
        self._taking_due = None
        if self.flow.write_paused or self.transport.is_closing():
            self.transport.abort()
