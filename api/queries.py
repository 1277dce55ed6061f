"""What may be asked behind the question mark: names a route knows, each once unless it takes several, none empty."""

from collections.abc import Iterator, Mapping, Sequence
from types import NoneType
from typing import ClassVar, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from domain.refusals import Problem
from domain.values import Value


class QueryValue(Value):
    """All that can stand there are texts, whatever is meant by them."""

    takes_texts: ClassVar[bool] = True


_SEVERAL = (list, tuple, set, frozenset, Sequence)


def query_problems(request: Request, route: APIRoute) -> list[Problem]:
    """All at once: names nobody knows, those given twice or without a value, and characters nobody can keep."""
    if not request.query_params:
        return []
    known = _known(request, route)
    problems: list[Problem] = []
    seen: set[str] = set()
    for name, text in request.query_params.multi_items():
        codes = _wrong(name, text, known, is_again=name in seen)
        problems += [Problem(code=code, at=f"/query/{name}", values={"name": name}) for code in codes]
        seen.add(name)
    return list({(problem.code, problem.at): problem for problem in problems}.values())


def _wrong(name: str, text: str, known: Mapping[str, bool], *, is_again: bool) -> Iterator[str]:
    """`known` says of each name whether it may be given several times."""
    if name not in known:
        yield "query_unknown"
    elif is_again and not known[name]:
        yield "query_twice"
    elif not text:
        yield "query_empty"
    if "\0" in text:
        yield "character_forbidden"


def _known(request: Request, route: APIRoute) -> Mapping[str, bool]:
    """The route's own, and those of whatever it depends on; they are the same for every request."""
    remembered: dict[int, Mapping[str, bool]] = request.app.state.queries
    if id(route) not in remembered:
        remembered[id(route)] = dict(_names(route.dependant))
    return remembered[id(route)]


def _names(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    for parameter in dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = kind.model_fields.items()
            yield from ((field.alias or name, takes_several(field.annotation)) for name, field in fields)
        else:
            yield parameter.alias, takes_several(kind)
    for below in dependant.dependencies:
        yield from _names(below)


def takes_several(annotation: object) -> bool:
    if (get_origin(annotation) or annotation) in _SEVERAL:
        return True
    return any(takes_several(one) for one in get_args(annotation) if one is not NoneType)
