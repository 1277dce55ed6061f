"""Telling a case something by a form: sent twice it is said once, and nothing typed is lost until it is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Protocol

from fastapi import Request, Response
from pydantic import JsonValue

from api.dependencies import Context, request_id
from domain.cases.case import CaseProgress
from domain.cases.events import Event
from domain.people import Role
from domain.refusals import NotAllowed, Problem, Refused, Unknown
from web.forms import KEY, SEQ, PageForm, checked, said_in, typed_in
from web.refusals import see_other
from web.session import Reader
from workflows.answers import TemporalAway

_LONGEST_SEQ, _LONGEST_NAME = 10, 64


class CaseDesk(Protocol):
    """One case before somebody who is about to tell it something. `kind` is the type of its commands."""

    @property
    def request(self) -> Request: ...
    @property
    def reader(self) -> Reader: ...
    @property
    def context(self) -> Context: ...
    @property
    def kind(self) -> Any: ...  # noqa: ANN401  # mypy knows no type of types
    @property
    def address(self) -> str: ...
    @property
    def progress(self) -> CaseProgress: ...
    @property
    def zone(self) -> str: ...

    async def form(self, command: str) -> PageForm:
        """Raises `Unknown` for no command at all, `NotAllowed` for one that is not this role's."""

    def as_said(self, command: str, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]: ...

    async def send(self, said: Any, key: str, response: Response) -> None: ...  # noqa: ANN401  # of `kind`

    async def events(self) -> Sequence[Event]: ...

    async def page(self, form: PageForm, news: Sequence[Event], status: HTTPStatus) -> Response: ...


async def ask(desk: CaseDesk, command: str) -> Response:
    return await desk.page(await desk.form(command), (), HTTPStatus.OK)


async def tell(desk: CaseDesk, command: str, response: Response) -> Response:
    typed = typed_in(await desk.request.form())
    empty = await desk.form(command)
    form = replace(empty, typed=typed)
    key = _first(typed, KEY) or form.key
    heard_as = request_id(desk.reader.key, key)
    if any(given.request_id == heard_as for given in desk.progress.given):
        return see_other(desk.address)
    if news := await _news(desk, since=_first(typed, SEQ)):
        return await desk.page(form, news, HTTPStatus.CONFLICT)
    body, problems = said_in(typed, form.shapes, desk.zone)
    said, wrong = checked(desk.kind, desk.as_said(command, body))
    if problems or wrong:
        return await _refused(desk, form, [*problems, *wrong])
    try:
        await desk.send(said, key, response)
    except (NotAllowed, Unknown):
        raise
    except Refused as refused:
        return await _refused(desk, form, refused.problems)
    except TemporalAway:
        return await _refused(desk, form, [Problem(code="temporal_away")], HTTPStatus.SERVICE_UNAVAILABLE)
    return see_other(desk.address)


def _first(typed: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(typed.get(name, ())), "")[:_LONGEST_NAME]


async def _refused(
    desk: CaseDesk, form: PageForm, problems: Sequence[Problem], status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    return await desk.page(form.refused(problems, desk.reader.look.language), (), status)


async def _news(desk: CaseDesk, *, since: str) -> Sequence[Event]:
    """What has happened since the form was shown, if people had a hand in it: what machines do was to be expected."""
    if since == f"{desk.progress.seq}":
        return ()
    # It begins with the first event, also where nobody had written it yet.
    seen = int(since) if since.isascii() and since.isdecimal() and len(since) < _LONGEST_SEQ else 0
    news = [event for event in await desk.events() if event.seq > max(seen, 1)]
    return news if any(event.actor.role != Role.SYSTEM for event in news) else ()
