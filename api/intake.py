"""What may come in at all: how much, in which format, under which names, and made of which characters."""

from http import HTTPStatus

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.queries import query_problems
from domain.refusals import Problem, refuse_if

JSON = "application/json"


async def check_intake(request: Request) -> None:
    """Raises `Unacceptable` or a 415: what comes after may rely on names and characters."""
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    problems = query_problems(request, route)
    problems += [_forbidden(f"/path/{name}") for name, text in request.path_params.items() if "\0" in str(text)]
    if route.body_field is not None:
        _check_form(request, getattr(route.body_field.field_info, "media_type", JSON))
    refuse_if(problems)


def _check_form(request: Request, expected: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if expected not in (JSON, given):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail=expected)


def _forbidden(at: str) -> Problem:
    return Problem(code="character_forbidden", at=at)
