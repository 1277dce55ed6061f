"""Signing in, by a link that opens once or with a key, and signing out."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import Now, Tables, caller_by_key, let_in
from api.door.book import DoorBook
from api.door.visit import visit_of
from api.policy import Operation
from api.problems import Unauthenticated
from connectors.openid import OpenId
from db.access.keys import keys_by_id
from db.access.sessions import end_sessions, offered_session, open_session, session_shown, take_session
from db.contracts import people_by_id
from db.engine import Database
from db.names import customer_names
from documents.wording import sentence
from domain.door import AtDoor
from domain.keys import Key
from domain.refusals import Problem, Unknown
from web.refusals import SIGN_IN, see_other
from web.rendering import page
from web.session import (
    Here,
    check_line,
    check_origin,
    cookie_name,
    give_cookie,
    look_of,
    next_page,
    take_cookie,
)

router = APIRouter(include_in_schema=False)
MOST_TEXT = 500


@router.get(SIGN_IN, name="signInPage")
async def show_sign_in(request: Request, next: Annotated[str | None, Query(max_length=2000)] = None) -> Response:
    return sign_in_form(request, next_page(next))


@router.post(SIGN_IN, name="signIn")
async def sign_in(request: Request, database: Tables, now: Now) -> Response:
    """With a key. Who guesses waits, as everywhere."""
    check_line(request)
    check_origin(request)
    form = await request.form()
    shown, wanted = f"{form.get('key', '')}".strip()[:MOST_TEXT], next_page(f"{form.get('next', '/')}")
    visit, book = visit_of(request), book_of(request)
    visit.operation = "signIn"
    if not shown:
        return sign_in_form(request, wanted, Problem(code="key_to_type"), HTTPStatus.UNPROCESSABLE_ENTITY)
    book.strangers.check(visit.address, now, shown)
    try:
        key = await caller_by_key(database, shown, now, visit)
    except Unauthenticated as refused:
        book.refused(visit.entry(AtDoor.REFUSED, why=refused.why))
        return sign_in_form(request, wanted, refused.problems[0], HTTPStatus.UNAUTHORIZED)
    book.strangers.welcome(shown)
    await let_in(request, key, Operation.SIGN_IN, now)
    async with database.writing() as session:
        await leave_none_behind(session, request, now)
        text = await open_session(session, key, now, visit.address)
    return signed_in(request, wanted, text)


@router.get(f"{SIGN_IN}/{{token}}", name="signInLinkPage")
async def show_link(request: Request, token: str, database: Tables, now: Now) -> Response:
    """Opening it changes nothing: whoever looks through mails for a reader takes nothing from them."""
    key, name = await _offered(request, token, database, now)
    async with database.reading() as reading:
        named = await customer_names(reading, key.customers)
    customer = named.get(key.customer, key.customer) if key.customer else None
    values = {"key": key, "name": name, "customer": customer, "token": token, "problem": None}
    return page(request, "sign_in_link.html", look_of(request), values)


@router.post(f"{SIGN_IN}/{{token}}", name="signInByLink")
async def take_link(request: Request, token: str, database: Tables, now: Now) -> Response:
    check_line(request)
    check_origin(request)
    key, _ = await _offered(request, token, database, now)
    await let_in(request, key, Operation.SIGN_IN, now)
    async with database.writing() as session:
        await leave_none_behind(session, request, now)
        text = await take_session(session, token, now, visit_of(request).address)
    if text is None:
        raise _link_wrong()
    return signed_in(request, "/", text)


@router.post("/sign-out", name="signOut")
async def sign_out(request: Request, reader: Here, database: Tables, now: Now) -> Response:
    async with database.writing() as session:
        await end_sessions(session, reader.session.person, now, reader.session.id)
    request.app.state.lives.end({reader.session.id})
    answer = see_other(SIGN_IN)
    take_cookie(answer, request)
    return answer


async def _offered(request: Request, token: str, database: Database, now: datetime) -> tuple[Key, str]:
    """The key somebody acts with who takes this link, and their name. Raises `Unknown`, `TooFast`."""
    visit, book = visit_of(request), book_of(request)
    book.strangers.check(visit.address, now)
    async with database.reading() as reading:
        offered = await offered_session(reading, token, now)
        keys = await keys_by_id(reading, {offered.key}) if offered else {}
        people = await people_by_id(reading, [offered.person]) if offered else ()
    key = keys.get(offered.key) if offered else None
    if key is None or not key.is_valid_at(now):
        book.refused(visit.entry(AtDoor.REFUSED, why="sign_in_link_wrong"))
        raise _link_wrong()
    return key, people[0].name if people else key.person


async def leave_none_behind(session: AsyncSession, request: Request, now: datetime) -> None:
    """Whoever signs in anew in the same browser ends what was open there."""
    before = await session_shown(session, request.cookies.get(cookie_name(request), ""))
    if before is not None:
        await end_sessions(session, before.person, now, before.id)


def _link_wrong() -> Unknown:
    """Used, over and never made look alike."""
    return Unknown(Problem(code="sign_in_link_wrong"))


def signed_in(request: Request, address: str, text: str) -> Response:
    answer = see_other(address)
    give_cookie(answer, request, text)
    return answer


def sign_in_form(
    request: Request, wanted: str, problem: Problem | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    look = look_of(request)
    openid: OpenId | None = request.app.state.openid
    values = {
        "next": wanted,
        "problem": sentence(problem, look.language) if problem else None,
        "issuer": openid.host if openid else None,
    }
    return page(request, "sign_in.html", look, values, status=status)


def book_of(request: Request) -> DoorBook:
    book: DoorBook = request.app.state.book
    return book
