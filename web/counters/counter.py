"""A form from which a case comes: taken once, refused beside its fields with all that was typed, or it is there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Protocol

from fastapi import Request, Response
from pydantic import JsonValue

from domain.refusals import Problem, Refused
from web.forms import KEY, PageForm, checked, said_in, typed_in
from web.refusals import see_other
from web.session import Reader
from workflows.answers import TemporalAway

_LONGEST_KEY = 64


class Counter(Protocol):
    """Somebody with a form. `kind` is the type of what they ask for."""

    @property
    def request(self) -> Request: ...
    @property
    def reader(self) -> Reader: ...
    @property
    def kind(self) -> Any: ...  # noqa: ANN401  # mypy knows no type of types
    @property
    def zone(self) -> str: ...

    async def form(self) -> PageForm:
        """Empty, under a key of its own."""

    def as_asked(self, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """What was typed, with what was settled before."""

    async def open_case(self, asked: Any, key: str, response: Response) -> str:  # noqa: ANN401  # of `kind`
        """Its address. Raises `Refused`, `TemporalAway`; twice under one key it is one case."""

    def page(self, form: PageForm, status: HTTPStatus) -> Response: ...


async def show(counter: Counter) -> Response:
    return counter.page(await counter.form(), HTTPStatus.OK)


async def take(counter: Counter, response: Response) -> Response:
    typed = typed_in(await counter.request.form())
    empty = await counter.form()
    form = replace(empty, typed=typed, key=next(iter(typed.get(KEY, ())), empty.key)[:_LONGEST_KEY])
    body, problems = said_in(typed, form.shapes, counter.zone)
    asked, wrong = checked(counter.kind, counter.as_asked(body))
    if problems or wrong:
        return _refused(counter, form, [*problems, *wrong])
    try:
        address = await counter.open_case(asked, form.key, response)
    except Refused as refused:
        return _refused(counter, form, refused.problems)
    except TemporalAway:
        return _refused(counter, form, [Problem(code="temporal_away")], HTTPStatus.SERVICE_UNAVAILABLE)
    return see_other(address)


def _refused(
    counter: Counter,
    form: PageForm,
    problems: Sequence[Problem],
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> Response:
    return counter.page(form.refused(problems, counter.reader.look.language), status)
