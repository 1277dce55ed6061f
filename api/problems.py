"""Every refusal as problem+json (RFC 9457): all that is wrong at once, in the caller's language."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from pydantic import JsonValue
from sqlalchemy.exc import DatabaseError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.door.book import DoorBook
from api.door.log import REQUEST_ID
from api.door.visit import visit_of
from api.headers import API_HEADERS
from connectors.workshop.workshop import Crowded
from db.damage import file_of, says_damaged, says_full
from documents.wording import language_of, sentence, title
from domain.door import AtDoor
from domain.ids import case_no_of
from domain.refusals import Problem, Refused, TooFast
from domain.values import Value
from workflows.answers import StandsStill, TemporalAway

log = structlog.get_logger()

RETRY_AFTER = timedelta(seconds=5)
# Of rules that looked at everything; a longer list repeats itself.
MOST_SHOWN = 100
# Of faults in how a body is written: their number is in the caller's hands, and only these are worded.
MOST_FAULTS = 20
# What a person types into `type` decides which fields are right; pydantic puts it into the path of an error.
_TAG = "type"
# Steps of pydantic's own that are nowhere in a body; the last two are ours, where one thing or a list is read.
_UNNAMED = ("[key]", "[one]", "[many]")
# What stands at a place of which the body does not tell, as in a form.
_UNSEEN = object()


class Fault(Value):
    """`at` is a JSON pointer into the body, or `/query/…`, `/path/…`, `/header/…`."""

    code: str
    at: str
    message: str


class ProblemDocument(Value):
    """What was wrong with a request. `type` is stable, texts follow Accept-Language."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[Fault, ...]


class Unauthenticated(Refused):
    """The caller has no key, or none that is valid. `why` is for the log of the door and no answer says it."""

    status = 401

    def __init__(self, problem: Problem, *, why: str) -> None:
        super().__init__(problem)
        self.why = why


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


def answer_problems(app: FastAPI) -> None:
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(TooFast, _too_fast)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(TemporalAway, _away)
    app.add_exception_handler(StandsStill, _stands_still)
    app.add_exception_handler(Crowded, _crowded)
    app.add_exception_handler(DatabaseError, _database_wrong)
    app.add_exception_handler(IntegrityError, _overtaken)
    for gone in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(gone, _database_away)
    app.add_exception_handler(Exception, _unexpected)


def problem_response(
    request: Request,
    status: int,
    problems: Sequence[Problem],
    headers: Mapping[str, str] | None = None,
    count: int | None = None,
) -> Response:
    """`count` says how many there are where only the first are given."""
    language = language_of(request.headers.get("accept-language"))
    faults = tuple(
        Fault(code=problem.code, at=_writable(problem.at), message=_writable(sentence(problem, language)))
        for problem in problems[:MOST_SHOWN]
    )
    several = len(problems) > 1
    document = ProblemDocument(
        type=f"urn:imacflow:problem:{'invalid_request' if several else problems[0].code}",
        title=title(status, language),
        status=status,
        detail=sentence(_several(len(faults), count or len(problems)), language) if several else faults[0].message,
        instance=_writable(request.url.path),
        errors=faults,
    )
    named = {"Content-Language": language, "Vary": "Accept-Language", **API_HEADERS, **(headers or {})}
    # What fails unexpectedly is answered outside of everything that would add it.
    named[REQUEST_ID] = visit_of(request).request_id
    return ProblemResponse(document.model_dump(), status, headers=named)


def _several(shown: int, count: int) -> Problem:
    code = "several_problems" if shown == count else "many_problems"
    return Problem(code=code, values={"count": f"{count}", "shown": f"{shown}"})


def _writable(text: str) -> str:
    """Half of a surrogate pair, as a caller may send it, cannot be written as UTF-8."""
    return text.encode("utf-8", "replace").decode()


async def _refused(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)
    _note_at_door(request, refused)
    return problem_response(request, refused.status, refused.problems, _BESIDE.get(refused.status))


async def _too_fast(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, TooFast)
    return problem_response(request, refused.status, refused.problems, {"Retry-After": f"{refused.wait}"})


async def _invalid(request: Request, invalid: Exception) -> Response:
    assert isinstance(invalid, RequestValidationError)
    problems = problems_in(invalid.errors(), invalid.body)
    return problem_response(request, HTTPStatus.UNPROCESSABLE_ENTITY, problems, count=len(invalid.errors()))


def problems_in(errors: Sequence[Mapping[str, Any]], body: JsonValue) -> list[Problem]:
    """What pydantic found wrong with a body, each with its place in it."""
    return [
        Problem(
            code=_code(error),
            at=_pointer(error, body),
            values={"message": error["msg"]} | {name: str(value) for name, value in error.get("ctx", {}).items()},
        )
        for error in errors[:MOST_FAULTS]
    ]


def _code(error: Mapping[str, Any]) -> str:
    kind, given = error["type"], error.get("input")
    if kind == "union_tag_invalid" and isinstance(given, dict) and not isinstance(given.get(_TAG), str):
        # Null, a list or an object is no kind that somebody has named.
        return "union_tag_not_found"
    is_key = tuple(error["loc"]) == ("header", "idempotency-key")
    return "idempotency_key_malformed" if is_key and kind.startswith("string_") else kind


def _note_at_door(request: Request, refused: Refused) -> None:
    """Whoever raises them, routes, rules or workflows: here all refusals of callers come by."""
    book: DoorBook = request.app.state.book
    if isinstance(refused, Unauthenticated):
        book.refused(visit_of(request).entry(AtDoor.REFUSED, why=refused.why))
    elif refused.status == HTTPStatus.FORBIDDEN:
        book.refused(visit_of(request).entry(AtDoor.FORBIDDEN, why=refused.problems[0].code))


def _pointer(error: Mapping[str, Any], body: object) -> str:
    source, *path = error["loc"]
    steps = [] if source == "body" else [str(source)]
    here = body if source == "body" else _UNSEEN
    is_new = True
    for place, step in enumerate(path):
        is_absent = error["type"] == "missing" and place == len(path) - 1
        if step in _UNNAMED or _is_choice(here, step, is_new=is_new, is_absent=is_absent):
            is_new = False
            continue
        steps.append(str(step).replace("~", "~0").replace("/", "~1"))
        here, is_new = _below(here, step), True
    return "".join(f"/{step}" for step in steps)


def _is_choice(here: object, step: str | int, *, is_new: bool, is_absent: bool) -> bool:
    """Whether a step only says which of several ways to read it was tried on what stands here.

    `is_new`: none was said of it before. A kind may be called like one of its own fields, which then comes again.
    """
    if isinstance(step, int):
        return False
    if isinstance(here, dict):
        return is_new if here.get(_TAG) == step else step not in here and not is_absent
    return here is None or isinstance(here, list | str | int | float)


def _below(here: object, step: str | int) -> object:
    if isinstance(here, dict):
        return here.get(str(step))
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return here[step]
    return _UNSEEN


# Deadlocks, transactions that cannot be put one after the other, and locks not had in time.
_DISK_FULL = "53100"
_BUSY = ("40P01", "40001", "55P03")
_CODES = {
    HTTPStatus.BAD_REQUEST: "body_unreadable",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_TIMEOUT: "body_too_slow",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "media_type_wrong",
}


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_at(request))
    problem = Problem(code=_CODES.get(status, "body_unreadable"), values={"expected": error.detail})
    return problem_response(request, status, [problem], headers)


def _methods_at(request: Request) -> list[str]:
    """All of them: the router itself names only those of the first route with this path."""
    path = request.url.path
    found = [route for route in iter_route_contexts(request.app.routes) if route.path_regex.match(path)]
    return sorted({method for route in found for method in route.methods or ()})


async def _stands_still(request: Request, still: Exception) -> Response:
    assert isinstance(still, StandsStill)
    log.error("case stands still", case=still.case, tries=still.tries)
    values = {"case": case_no_of(still.case)[1], "tries": str(still.tries)}
    problem = Problem(code="case_stands_still", values=values)
    later = {"Retry-After": f"{still.retry_after.total_seconds():.0f}"}
    return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, [problem], later)


async def _away(request: Request, away: Exception) -> Response:
    log.warning("temporal is away", cause=away.__cause__ or away)
    return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, [Problem(code="temporal_away")], _retry())


async def _crowded(request: Request, _: Exception) -> Response:
    return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, [Problem(code="workshop_crowded")], _retry())


async def _overtaken(request: Request, error: Exception) -> Response:
    """Whoever checks before writing takes turns, so it is only what nobody has thought of that ends here."""
    log.warning("another was quicker", operation=visit_of(request).operation, cause=error.__cause__ or error)
    return problem_response(request, HTTPStatus.CONFLICT, [Problem(code="another_was_quicker")])


async def _database_away(request: Request, error: Exception) -> Response:
    assert isinstance(error, OperationalError | InterfaceError | PoolTimeout)
    # Two that wait for each other, or one that has waited too long: the database is there, and has undone it all.
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, OperationalError) else None
    is_busy = state in _BUSY
    log.warning("database is busy" if is_busy else "database is away", cause=error)
    code = "database_busy" if is_busy else "database_away"
    if isinstance(error, OperationalError) and (says_full(error.orig) or state == _DISK_FULL):
        code = "no_space"
    return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, [Problem(code=code)], _retry())


async def _unexpected(request: Request, error: Exception) -> Response:
    # The server logs the error itself; its text never leaves the house.
    visit = visit_of(request)
    log.error("request fails", operation=visit.operation, request=visit.request_id, error=error)
    return problem_response(request, HTTPStatus.INTERNAL_SERVER_ERROR, [Problem(code="unexpected")])


async def _database_wrong(request: Request, error: Exception) -> Response:
    """SQLite says of a damaged file that the database is wrong, where others say so of a question."""
    assert isinstance(error, DatabaseError)
    if not says_damaged(error.orig):
        return await _unexpected(request, error)
    log.error("database file is damaged", cause=error)
    request.app.state.file.suspect()
    file = file_of(request.app.state.database.url)
    values = {"file": file.name if file else "", "reason": str(error.orig)}
    damaged = Problem(code="database_damaged", values=values)
    return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, [damaged], _retry())


def _retry() -> Mapping[str, str]:
    return {"Retry-After": f"{RETRY_AFTER.total_seconds():.0f}"}


# What goes with a refusal of this status.
_BESIDE: Mapping[int, Mapping[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: _retry(),
}
