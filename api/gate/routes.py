"""Routes that take a body: who sends it is asked first, and it is read within bounds."""

from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import JsonValue

from api.dependencies import May
from api.gate.bodies import JSON, ReadBody, read_json

RouteHandler = Callable[[Request], Coroutine[Any, Any, Response]]


class _ReadRequest(Request):
    """Hands on what was read already, so that nobody reads it a second time or otherwise."""

    read: ReadBody

    async def body(self) -> bytes:
        return self.read.raw

    async def json(self) -> JsonValue:
        return self.read.value


class BoundedRoute(APIRoute):
    """FastAPI reads the body before it asks any dependency: a stranger's would be read, too."""

    def get_route_handler(self) -> RouteHandler:
        handler = super().get_route_handler()
        if self.body_field is None:
            return handler
        doors = tuple(_doors(self.dependant))
        is_json = getattr(self.body_field.field_info, "media_type", JSON) == JSON

        async def bounded(request: Request) -> Response:
            for may in doors:
                await may.admit(request, request.app.state.database, datetime.now(UTC))
            if not is_json:
                return await handler(request)
            read = _ReadRequest(request.scope, request.receive)
            read.read = await read_json(request)
            return await handler(read)

        return bounded


def _doors(dependant: Dependant) -> Iterator[May]:
    if isinstance(dependant.call, May):
        yield dependant.call
    for below in dependant.dependencies:
        yield from _doors(below)
