"""API keys: who can do what with which, a link by which somebody takes one, and its end. No text of a key is shown."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access.keys import AtKeyDesk, KeyDesk, drop_key, make_key, seen_key, show_keys
from api.dependencies import Tables, Tail
from api.policy import ALLOWED, Operation
from db.contracts import list_people
from documents.wording import word
from domain.keys import Grant, KeyStanding
from domain.people import Person, Role
from domain.refusals import NotAllowed, Problem, Refused
from web.forms import FieldShape, PageForm, checked, said_in, shapes_of, typed_in
from web.marks import Mark
from web.order_sheets import names_of
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed
from web.shared.answers import Answers, whole_form

router = APIRouter(include_in_schema=False)
KEYS = "/keys"
NEW = f"{KEYS}/new"
Managing = Annotated[Reader, Depends(Signed(Operation.MANAGE_KEYS))]
MARKS = {
    KeyStanding.PROPOSED: Mark.GO,
    KeyStanding.SENT: Mark.WAIT,
    KeyStanding.LAPSED: Mark.LEFT,
    KeyStanding.VALID: Mark.OK,
    KeyStanding.EXPIRED: Mark.LEFT,
    KeyStanding.REVOKED: Mark.UNDONE,
}
# Who acts by pages is a person; machines are given theirs at the command line.
ROLES = tuple(role for role in Role if role in ALLOWED[Operation.SIGN_IN] | {Role.ADMIN})
_OVER = (KeyStanding.LAPSED, KeyStanding.EXPIRED, KeyStanding.REVOKED)
# More people than that are named by their id.
_MOST_OFFERED = 300


@router.get(KEYS, name="keysPage")
async def list_page(request: Request, reader: Managing, database: Tables) -> Response:
    keys = await show_keys(reader.key, database)
    lines = [(one, one.standing_at(reader.now)) for one in keys]
    lines.sort(key=lambda line: (line[1] in _OVER, line[0].person, line[0].role, line[0].created_at))
    makers = {one.made_by for one in keys if one.made_by}
    values = {
        "lines": lines,
        "marks_of": MARKS,
        "over": _OVER,
        "names": await names_of({*makers, *(one.person for one in keys)}, reader, database),
        "now": reader.now,
    }
    return page(request, "keys.html", reader.look, values, reader=reader)


@dataclass(frozen=True)
class SendingDesk:
    """Where somebody sends a person the link to a key."""

    request: Request
    reader: Reader
    keys: KeyDesk
    people: Sequence[Person]

    def form(self) -> PageForm:
        return PageForm(NEW, "send", secrets.token_hex(16), 0, tuple(self._fitted()), says="send_key_link")

    def _fitted(self) -> Iterator[FieldShape]:
        language = self.reader.look.language
        for shape in shapes_of(Grant):
            match shape.name:
                case "role":
                    yield shape.offering((f"{role}", word("role", role, language)) for role in ROLES)
                case "person":
                    needed = replace(shape, is_needed=True)
                    named = ((one.id, f"{one.name} ({one.id})") for one in self.people)
                    yield needed.offering(named) if len(self.people) <= _MOST_OFFERED else needed
                case "customer":
                    yield replace(shape, is_usual=True).offering(self.reader.customers.items())
                case _:
                    yield shape

    def page(self, form: PageForm, status: HTTPStatus = HTTPStatus.OK) -> Response:
        values = {"form": form, "now": self.reader.now}
        return page(self.request, "key_new.html", self.reader.look, values, reader=self.reader, status=status)

    async def send(self, form: PageForm) -> Response:
        body, problems = said_in(form.typed or {}, form.shapes, self.reader.zone)
        grant, wrong = checked(Grant, body)
        if problems or wrong:
            return self._refused(form, [*problems, *wrong])
        try:
            await make_key(grant, self.reader.key, self.keys, link=True)
        except NotAllowed:
            raise
        except Refused as refused:
            return self._refused(form, refused.problems)
        return see_other(KEYS)

    def _refused(self, form: PageForm, problems: Sequence[Problem]) -> Response:
        return self.page(form.refused(problems, self.reader.look.language), HTTPStatus.UNPROCESSABLE_ENTITY)


async def _desk(request: Request, reader: Managing, keys: AtKeyDesk, database: Tables) -> SendingDesk:
    async with database.reading() as session:
        people = await list_people(session, reader.key.customers)
    return SendingDesk(request, reader, keys, sorted(people, key=lambda one: one.name.casefold()))


AtDesk = Annotated[SendingDesk, Depends(_desk)]


@router.get(NEW, name="sendKeyPage")
async def new_page(desk: AtDesk) -> Response:
    return desk.page(desk.form())


@router.post(NEW, name="sendKeyByPage")
async def send(desk: AtDesk) -> Response:
    """Sent twice, one link goes out; another form sends another one."""
    answers: Answers = desk.request.app.state.answers
    typed = typed_in(await desk.request.form())
    form = replace(desk.form(), typed=typed)
    sent = whole_form(desk.request, desk.reader.session.id, typed)
    return await answers.alike(sent, lambda: desk.send(form))


@router.get(KEYS + "/{key_id}/revoke", name="revokeKeyPage")
async def revoke_page(request: Request, key_id: str, reader: Managing, database: Tables) -> Response:
    async with database.reading() as session:
        key = await seen_key(session, key_id, reader.key)
    names = await names_of({key.person}, reader, database)
    values = {"key": key, "standing": key.standing_at(reader.now), "marks_of": MARKS, "names": names, "now": reader.now}
    return page(request, "key_revoke.html", reader.look, values, reader=reader)


@router.post(KEYS + "/{key_id}/revoke", name="revokeKeyByPage")
async def revoke(key_id: str, reader: Managing, desk: AtKeyDesk, tail: Tail) -> Response:
    await drop_key(key_id, reader.key, desk, tail)
    return see_other(KEYS)
