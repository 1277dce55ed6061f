"""One line per request: by which key, which operation, how it ended. Paths stay out: links are in them."""

import re
import secrets
import time
from contextlib import suppress
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.door.visit import DoorVisit, visit_in

log = structlog.get_logger("access")

REQUEST_ID = "X-Request-Id"
_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_CASE_NO = re.compile(r"[A-Z]-[0-9A-Za-z-]{1,40}")


class AccessLog:
    """Names every request, tells its caller the name, and writes the line when the answer has been sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = visit_in(scope)
        visit.request_id = _named_by_caller(scope) or secrets.token_hex(8)
        began, status = time.perf_counter(), 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = visit.request_id
            await send(message)

        try:
            with structlog.contextvars.bound_contextvars(request=visit.request_id):
                await self._app(scope, receive, named)
        except Exception:
            status = status or HTTPStatus.INTERNAL_SERVER_ERROR
            raise
        finally:
            seconds = time.perf_counter() - began
            _write(visit, scope, status, seconds)
            scope["app"].state.requests.add(_operation(visit, scope) or "none", int(status), seconds)


def _named_by_caller(scope: Scope) -> str | None:
    """The trace that the request is part of, as W3C's `traceparent` has it."""
    given = Headers(scope=scope).get("traceparent", "")
    found = _TRACE.fullmatch(given)
    return found[1] if found and found[1].strip("0") else None


def _case_in(scope: Scope) -> str | None:
    """Whatever else stands in a path may be anything."""
    no = str(scope.get("path_params", {}).get("no", ""))
    return no if _CASE_NO.fullmatch(no) else None


def _operation(visit: DoorVisit, scope: Scope) -> str | None:
    return visit.operation or getattr(scope.get("route"), "name", None)


def _write(visit: DoorVisit, scope: Scope, status: int, seconds: float) -> None:
    # No answer becomes an error because its line cannot be written.
    with suppress(OSError):
        log.info(
            "request",
            request=visit.request_id,
            operation=_operation(visit, scope),
            key=visit.caller.id if visit.caller else None,
            case=_case_in(scope),
            status=int(status),
            ms=round(seconds * 1000, 1),
        )
