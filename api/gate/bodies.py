"""How much a body may hold, counted before anything is made of it; what was read is handed on once."""

import json
import math
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple

import jiter
from fastapi import Request
from pydantic import JsonValue
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from domain.refusals import Problem, Unacceptable, refuse_if

JSON = "application/json"
# Whoever asks for nothing more gets an answer within a second, however the body is filled.
MOST_VALUES = 10_000
_MORE_VALUES = (
    # In a storm many alerts come at once.
    (re.compile("/api/v1/alerts(/alertmanager)?"), 60_000),
    # Thousands of rows with what may become of each.
    (re.compile("/api/v1/projects/[^/]+/plans/[^/]+/rehearsal"), 60_000),
    (re.compile("/api/v1/projects/[^/]+/plans"), 60_000),
    # A year of what was done under a contract.
    (re.compile("/api/v1/simulations"), 60_000),
    # A customer with all of its people.
    (re.compile("/api/v1/contract-checks"), 60_000),
)
MOST_FAULTS = 20
# Possessive: a text that never ends is met once, not once from each of its quotation marks.
_TEXTS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)
_WHERE = re.compile(r"^(?P<what>.*) at line (?P<line>\d+) column (?P<column>\d+)$", re.DOTALL)
_TWICE = re.compile(r'^Detected duplicate key (?P<name>".*")$', re.DOTALL)
# What a number of these forms holds may be infinite, which no database and no JSON keeps.
_HUGE = (re.compile(rb"[eE]\+?\d{3}"), re.compile(rb"\d{300}"))
_SUSPECT = (rb"\u0000", rb"\ud", rb"\uD")


class ReadBody(NamedTuple):
    """What came, and what it says; no value for an empty body."""

    raw: bytes
    value: JsonValue = None


def most_values(path: str) -> int:
    return next((most for pattern, most in _MORE_VALUES if pattern.fullmatch(path)), MOST_VALUES)


async def read_json(request: Request) -> ReadBody:
    """Raises `Unacceptable` with the place and what to do, or a 415."""
    try:
        raw = await request.body()
    except ClientDisconnect:
        # Nobody is there to hear it; a fault of ours it is not.
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None
    if not raw:
        return ReadBody(raw)
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != JSON and not given.endswith("+json"):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail=JSON)
    _check_number_of_values(raw, most_values(request.url.path))
    value = _parsed(raw.removeprefix(b"\xef\xbb\xbf"))
    if any(pattern.search(raw) for pattern in _HUGE) or any(sign in raw for sign in _SUSPECT):
        refuse_if([problem for _, problem in zip(range(MOST_FAULTS), unwritable(value), strict=False)])
    return ReadBody(raw, value)


def _check_number_of_values(raw: bytes, most: int) -> None:
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") < most:
        return
    signs = _TEXTS.sub(b"", raw)
    if signs.count(b",") + signs.count(b"[") + signs.count(b"{") >= most:
        raise Unacceptable(Problem(code="json_too_many_values", values={"most": f"{most}"}))


def _parsed(raw: bytes) -> JsonValue:
    try:
        value: JsonValue = jiter.from_json(raw, catch_duplicate_keys=True, allow_inf_nan=False)
    except ValueError as error:
        return _parsed_otherwise(raw, str(error))
    return value


def _parsed_otherwise(raw: bytes, why: str) -> JsonValue:
    found = _WHERE.match(why)
    what, line, column = (found["what"], found["line"], found["column"]) if found else (why, "1", "1")
    if twice := _TWICE.match(what):
        name = twice["name"].strip('"')[:100]
        raise Unacceptable(Problem(code="json_name_twice", values={"name": name, "line": line, "column": column}))
    if "recursion" in what:
        raise Unacceptable(Problem(code="json_too_deep", values={"line": line, "column": column}))
    if any(sign in raw for sign in _SUSPECT[1:]) and (value := _with_half_characters(raw)) is not None:
        return value
    raise Unacceptable(Problem(code="json_malformed", values={"line": line, "column": column}))


def _with_half_characters(raw: bytes) -> JsonValue:
    """Python reads what the stricter reader does not: with it the half character's place can be named."""
    try:
        value: JsonValue = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value


# A value with its way to it, from the last step to the first: worded only where something is wrong.
_Way = tuple["_Way | None", str | int]


def unwritable(body: JsonValue) -> Iterator[Problem]:
    """Texts or names with NUL, which no database keeps, or half a character; numbers beyond all bounds."""
    waiting: list[tuple[_Way | None, JsonValue]] = [(None, body)]
    while waiting:
        way, value = waiting.pop()
        if isinstance(value, dict):
            for name, below in value.items():
                waiting += [((way, name), name), ((way, name), below)]
        elif isinstance(value, list):
            waiting += [((way, place), below) for place, below in enumerate(value)]
        elif isinstance(value, str) and any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in value):
            yield Problem(code="character_forbidden", at=_pointer(way))
        elif isinstance(value, float) and not math.isfinite(value):
            yield Problem(code="finite_number", at=_pointer(way))


def _pointer(way: _Way | None) -> str:
    steps: list[str] = []
    while way is not None:
        way, step = way
        steps.append(str(step).replace("~", "~0").replace("/", "~1")[:200])
    return "".join(f"/{step}" for step in reversed(steps))
