"""What may come in at all: how much, in which format, under which names, and made of which characters."""

from collections.abc import Container
from http import HTTPStatus

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from api.queries import query_problems
from domain.refusals import Problem, refuse_if

JSON = "application/json"
FORM = "multipart/form-data"


async def check_intake(request: Request) -> None:
    """Raises `Unacceptable` or a 415: what comes after may rely on names and characters."""
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    problems = query_problems(request, route)
    problems += [_forbidden(f"/path/{name}") for name, text in request.path_params.items() if "\0" in str(text)]
    if route.body_field is not None:
        expected = getattr(route.body_field.field_info, "media_type", JSON)
        _check_form(request, expected)
        if expected == FORM:
            problems += _wrong_parts(await request.form(), {part.alias for part in route.dependant.body_params})
    refuse_if(problems)


def _check_form(request: Request, expected: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if expected not in (JSON, given):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail=expected)


def _wrong_parts(form: FormData, known: Container[str]) -> list[Problem]:
    """Of several with one name the last would be read and the others left, of those nobody knows all."""
    problems: dict[str, Problem] = {}
    seen: set[str] = set()
    for name, part in form.multi_items():
        code = "form_part_unknown" if name not in known else "form_part_twice" if name in seen else None
        if code is None and isinstance(part, str):
            code = "form_part_no_file"
        if code is not None:
            problems.setdefault(name, Problem(code=code, at=f"/{name[:100]}", values={"name": name[:100]}))
        seen.add(name)
    return list(problems.values())


def _forbidden(at: str) -> Problem:
    return Problem(code="character_forbidden", at=at)
