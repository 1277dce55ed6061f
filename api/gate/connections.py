"""Connections that say nothing, and too many of them: who brings no head in time is let go, who is too much is told."""

import asyncio
from datetime import timedelta
from typing import cast

from fastapi import Request
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from api.problems import RETRY_AFTER, problem_response
from domain.refusals import Problem

HEAD_WITHIN = timedelta(seconds=10)
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

# Whether it lives is asked by whoever would start it anew.
_ALWAYS = ("/health/live",)


class PunctualProtocol(H11Protocol):
    """Uvicorn itself waits without end for a head that has begun, and for the first byte of a connection.

    Between two requests its own timeout for idle connections holds, in a body that of the route.
    """

    _head_due: asyncio.TimerHandle | None = None

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        # Uvicorn's own answer is plain text, to supervisors as well: they would end what only is busy.
        self._most, self.limit_concurrency = self.limit_concurrency, None
        self._house = self.app
        self.app = self._answer_if_few

    async def _answer_if_few(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_full = self._most is not None and len(self.connections) > self._most
        if not is_full or scope["path"] in _ALWAYS:
            await self._house(scope, receive, send)
            return
        headers = {"Retry-After": f"{RETRY_AFTER.total_seconds():.0f}", "Connection": "close"}
        answer = problem_response(Request(scope), 503, [Problem(code="too_many_connections")], headers)
        await answer(scope, receive, send)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._expect_a_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_answering():
            self._stop_waiting()
        else:
            self._expect_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

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
        transport = cast("asyncio.Transport | None", self.transport)
        if transport is None or transport.is_closing() or self._is_answering():
            return
        transport.write(_TOO_SLOW)
        transport.close()
