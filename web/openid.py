"""Signing in at one's own issuer of OpenID Connect: going there, and coming back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import Now, Tables, let_in
from api.door.visit import visit_of
from api.policy import Operation
from connectors.openid import BACK, IssuerAway, OpenId
from db.access.openid import keys_granted, people_called
from db.access.sessions import open_session, session_shown
from db.engine import Database
from db.turns import saving_turn
from domain.door import AtDoor
from domain.keys import Key
from domain.openid import BEGUN_LIFE, Begun, Claims, SignInRefused, begin, grants_of, name_in, person_of, subject_of
from domain.refusals import Problem, Unknown
from web.refusals import see_other
from web.session import check_line, cookie_name, is_encrypted, next_page
from web.sign_in import book_of, leave_none_behind, sign_in_form, signed_in

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)
THERE = "/sign-in/openid"
_LONGEST = 4_000
# It is kept in a cookie, of which there may be some.
LONGEST_NEXT = 500
# Several tabs may be on their way at once: each has a cookie of its own.
_OF_STATE = 8


class WayBack(BaseModel):
    """What an issuer has somebody bring; it may add what it likes."""

    code: Annotated[str | None, Field(max_length=_LONGEST)] = None
    state: Annotated[str, Field(max_length=_LONGEST)] = ""
    iss: Annotated[str | None, Field(max_length=_LONGEST)] = None
    error: Annotated[str | None, Field(max_length=_LONGEST)] = None

    def its_code(self) -> str:
        """Raises `SignInRefused`."""
        if self.error is not None or self.code is None:
            raise SignInRefused("openid_denied")
        return self.code


@router.get(THERE, name="signInAtIssuer")
async def go_there(
    request: Request, now: Now, next: Annotated[str | None, Query(max_length=_LONGEST)] = None
) -> Response:
    check_line(request)
    wanted = next_page(next)
    openid, begun = _openid(request), begin(wanted if len(wanted) <= LONGEST_NEXT else "/", now)
    try:
        answer = see_other(await openid.address(begun, now))
    except IssuerAway as away:
        return _away(request, away, begun.next)
    answer.set_cookie(
        _cookie(request, begun.state),
        urlsafe_b64encode(begun.model_dump_json().encode()).decode(),
        max_age=int(BEGUN_LIFE.total_seconds()),
        httponly=True,
        secure=is_encrypted(request),
        samesite="lax",
    )
    return answer


@router.get(BACK, name="signInFromIssuer")
async def come_back(
    request: Request,
    said: Annotated[WayBack, Query()],
    database: Tables,
    now: Now,
) -> Response:
    check_line(request)
    openid, visit = _openid(request), visit_of(request)
    visit.operation = "signInFromIssuer"
    book_of(request).strangers.check(visit.address, now)
    wanted = "/"
    try:
        begun = _begun(request, said.state, now)
        wanted = begun.next
        claims = await openid.claims(said.its_code(), said.iss, begun, now)
        key, text = await _let_in(request, openid, claims, database, now)
    except SignInRefused as refused:
        if refused.code == "openid_not_begun" and await _is_in(request, database, now):
            # Another tab was quicker, or somebody went back by one page.
            return see_other("/")
        book_of(request).refused(visit.entry(AtDoor.REFUSED, why=refused.code))
        answer = sign_in_form(request, wanted, refused.problems[0], HTTPStatus.FORBIDDEN)
    except IssuerAway as away:
        answer = _away(request, away, wanted)
    else:
        visit.shown = key.id
        answer = signed_in(request, next_page(wanted), text)
    # Used once, whatever has come of it.
    answer.delete_cookie(_cookie(request, said.state), httponly=True, secure=is_encrypted(request), samesite="lax")
    return answer


async def _let_in(
    request: Request, openid: OpenId, claims: Claims, database: Database, now: datetime
) -> tuple[Key, str]:
    """The key somebody acts with now, and the text of their cookie. Raises `SignInRefused`."""
    subject, name = subject_of(claims), name_in(claims, openid.trust)
    async with saving_turn(database, "openid", None) as session:
        person = person_of(await people_called(session, openid.trust.person, name), now)
        grants = grants_of(claims, openid.trust, person, now)
        key, *_ = await keys_granted(session, subject, person.id, grants, now)
        await let_in(request, key, Operation.SIGN_IN, now)
        await leave_none_behind(session, request, now)
        return key, await open_session(session, key, now, visit_of(request).address)


async def _is_in(request: Request, database: Database, now: datetime) -> bool:
    async with database.reading() as reading:
        session = await session_shown(reading, request.cookies.get(cookie_name(request), ""))
    return session is not None and session.is_open_at(now)


def _begun(request: Request, state: str, now: datetime) -> Begun:
    """What this browser has begun. Raises `SignInRefused`."""
    try:
        begun = Begun.model_validate_json(urlsafe_b64decode(request.cookies.get(_cookie(request, state), "")))
    except ValueError:
        raise SignInRefused("openid_not_begun") from None
    if begun.state != state:
        raise SignInRefused("openid_not_begun")
    begun.must_go_on_at(now)
    return begun


def _cookie(request: Request, state: str) -> str:
    return f"{cookie_name(request)}-{''.join(sign for sign in state[:_OF_STATE] if sign.isalnum())}"


def _away(request: Request, away: IssuerAway, wanted: str) -> Response:
    log.warning("the issuer is away", reason=away.reason)
    return sign_in_form(request, wanted, Problem(code="openid_away"), HTTPStatus.SERVICE_UNAVAILABLE)


def _openid(request: Request) -> OpenId:
    openid: OpenId | None = request.app.state.openid
    if openid is None:
        raise Unknown(Problem(code="not_found"))
    return openid
