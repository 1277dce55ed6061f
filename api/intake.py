"""What may come in at all: how much, in which format, under which names, and made of which characters."""

from collections.abc import Iterator
from http import HTTPStatus

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import JsonValue
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.queries import query_problems
from domain.refusals import Problem, refuse_if

MOST_BYTES = 1_000_000
# Whole lists come as imports and into projects, and in a storm many alerts at once.
LIMITS = {"/api/v1/imports/": 20_000_000, "/api/v1/projects/": 20_000_000, "/api/v1/alerts": 8_000_000}
JSON = "application/json"


class BodyLimit:
    """Refuses a body while it comes in. FastAPI's own limit would answer in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next((most for path, most in LIMITS.items() if scope["path"].startswith(path)), MOST_BYTES)
        declared = Headers(scope=scope).get("content-length", "0")
        came = 0

        async def counted() -> Message:
            nonlocal came
            if _is_above(declared, limit):
                raise _too_large(limit)
            message = await receive()
            came += len(message.get("body", b""))
            if came > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, counted, send)


def _is_above(declared: str, limit: int) -> bool:
    # Python refuses to read numbers of more than 4,300 digits.
    return declared.isdecimal() and (len(declared) > len(str(limit)) or int(declared) > limit)


def _too_large(limit: int) -> HTTPException:
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail=f"{limit // 1_000_000} MB")


async def check_intake(request: Request) -> None:
    """Raises `Unacceptable` or a 415: what comes after may rely on names and characters."""
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    problems = query_problems(request, route)
    problems += [_forbidden(f"/path/{name}") for name, text in request.path_params.items() if "\0" in str(text)]
    if route.body_field is not None:
        problems += await _body_problems(request, getattr(route.body_field.field_info, "media_type", JSON))
    refuse_if(problems)


async def _body_problems(request: Request, expected: str) -> list[Problem]:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if expected != JSON:
        if given != expected:
            raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail=expected)
        return []
    body = await request.body()
    if not body:
        return []
    if given != JSON and not given.endswith("+json"):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail=expected)
    if not any(sign in body for sign in (b"\\u0000", b"\\ud", b"\\uD")):
        return []
    return [_forbidden(at) for at in _unwritable(await request.json())]


def _unwritable(body: JsonValue) -> Iterator[str]:
    """Where texts or names hold NUL, which no database keeps, or half a character."""
    waiting: list[tuple[str, JsonValue]] = [("", body)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{at}/{name}", name) for name in value]
            waiting += [(f"{at}/{name}", below) for name, below in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{at}/{position}", below) for position, below in enumerate(value)]
        elif isinstance(value, str) and any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in value):
            yield at


def _forbidden(at: str) -> Problem:
    return Problem(code="character_forbidden", at=at)
