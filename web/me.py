"""Who I am here: my role, how the pages look to me, and my sessions."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import Now, Tables
from api.policy import may_approve
from db.access.keys import keys_by_id, keys_of
from db.access.sessions import act_as, end_sessions, sessions_of
from db.names import customer_names
from documents.wording import LANGUAGES
from domain.keys import Key, is_nobodys_id
from domain.people import Role
from domain.refusals import unknown
from domain.sessions import Session
from web.refusals import SIGN_IN, see_other
from web.rendering import page
from web.session import THEMES, Here, Reader, keep_look, take_cookie

router = APIRouter(include_in_schema=False)
ME = "/me"


@router.get(ME, name="mePage")
async def show_me(request: Request, reader: Here, database: Tables) -> Response:
    async with database.reading() as session:
        mine = await sessions_of(session, reader.session.person)
        roles = await _roles(session, reader)
        named = await customer_names(session, tuple({key.customer for key in roles if key.customer}))
    values = {
        "now": reader.now,
        "roles": roles,
        # Also those whom one sees in another role only.
        "customers": named,
        "sessions": [one for one in mine if one.is_open_at(reader.now) or _is_kept(one, reader)],
        "languages": LANGUAGES,
        "themes": THEMES,
    }
    return page(request, "me.html", reader.look, values, reader=reader)


@router.post(f"{ME}/look", name="changeLook")
async def change_look(request: Request, reader: Here) -> Response:
    form = await request.form()
    language = next((one for one in LANGUAGES if one == form.get("language")), reader.look.language)
    theme = next((one for one in THEMES if one == form.get("theme")), reader.look.theme)
    answer = see_other(ME)
    keep_look(answer, request, language, theme)
    return answer


@router.post(f"{ME}/role", name="changeRole")
async def change_role(request: Request, reader: Here, database: Tables) -> Response:
    """Act as another of one's own keys; no other can be chosen."""
    wanted = f"{(await request.form()).get('key', '')}"
    async with database.writing() as session:
        key = next((one for one in await _roles(session, reader) if one.id == wanted), None)
        if key is None:
            raise unknown("key", wanted[:64], "/key")
        await act_as(session, reader.session.id, key)
    request.app.state.lives.end({reader.session.id})
    return see_other("/")


@router.post(f"{ME}/end", name="endSession")
async def end_session(request: Request, reader: Here, database: Tables, now: Now) -> Response:
    """One of my sessions, or all of them."""
    wanted = f"{(await request.form()).get('session', '')}" or None
    async with database.writing() as session:
        ended = {one.id for one in await sessions_of(session, reader.session.person) if wanted in (None, one.id)}
        await end_sessions(session, reader.session.person, now, wanted)
    request.app.state.lives.end(ended)
    if reader.session.id not in ended:
        return see_other(ME)
    answer = see_other(SIGN_IN)
    take_cookie(answer, request)
    return answer


def _is_kept(session: Session, reader: Reader) -> bool:
    return session.floor_until is not None and reader.now < session.floor_until


async def _roles(session: AsyncSession, reader: Reader) -> Sequence[Key]:
    """What this session may act as. Who is nobody in particular has one key."""
    opened = (await keys_by_id(session, {reader.session.key}))[reader.session.key]
    keys = [opened] if is_nobodys_id(opened.person) else await keys_of(session, opened.person)
    return [key for key in keys if key.is_valid_at(reader.now) and _may_turn_into(opened, key)]


def _may_turn_into(opened: Key, other: Key) -> bool:
    """A key is no proof of being its person where a single administrator can have made it.

    So it leads to no other that approves or administers, and to none that sees more.
    """
    if other.id == opened.id or (opened.is_by_issuer and other.is_by_issuer):
        # What an issuer says of one person it says at once.
        return True
    weighs_more = other.role == Role.ADMIN or may_approve(other.role)
    took_two = opened.role in (Role.APPROVER, Role.ADMIN) and not opened.is_by_issuer
    return opened.customer in (None, other.customer) and (took_two or not weighs_more)
