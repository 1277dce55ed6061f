"""API keys: made, proposed, confirmed, listed and revoked. The text of a key is in one answer and nowhere else.

What lets somebody approve or administer is never in one administrator's hands: for somebody else it takes a second
one, or the person takes it themselves by a link that is sent to nobody but them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.links import KeyPost, OurKeyPost
from api.dependencies import May, Now, Tables, Tail
from api.door.visit import DoorVisit, visit_of
from api.gate.routes import BoundedRoute
from api.policy import Operation, may_approve
from db.access.door import write_entries
from db.access.keys import (
    add_key,
    has_administrator,
    issue_key,
    kept_key,
    list_keys,
    offer_key,
    propose_key,
    revoke_key,
)
from db.contracts import list_contracts, people_by_id
from db.engine import Database
from db.turns import saving_turn
from domain.door import AtDoor
from domain.keys import Grant, Key, NewKey, check_proposer, check_second, granted, must_see
from domain.people import Person, Role, leavers
from domain.refusals import Problem, Refused, Unacceptable, refuse_if, unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/keys", tags=["keys"])

Managing = Annotated[Key, Depends(May(Operation.MANAGE_KEYS))]
# FastAPI's own type for additional responses.
_WAITS: dict[int | str, dict[str, Any]] = {
    202: {"model": Key, "description": "It waits: for a second administrator, or for its person to take it."}
}


@dataclass(frozen=True)
class KeyDesk:
    """What somebody who makes keys has at hand."""

    database: Database
    now: datetime
    visit: DoorVisit
    post: KeyPost


async def _desk(request: Request, database: Tables, now: Now, post: OurKeyPost) -> KeyDesk:
    return KeyDesk(database, now, visit_of(request), post)


AtKeyDesk = Annotated[KeyDesk, Depends(_desk)]


@router.get("", operation_id="listKeys")
async def show_keys(caller: Managing, database: Tables) -> Sequence[Key]:
    """List all keys, including revoked ones, without their secrets."""
    async with database.reading() as session:
        return await list_keys(session, caller.customers)


@router.post("", operation_id="createKey", status_code=201, response_model=NewKey, responses=_WAITS)
async def make_key(
    grant: Grant,
    caller: Managing,
    desk: AtKeyDesk,
    link: Annotated[bool, Query(description="Send the person a link to collect the key.")] = False,
) -> NewKey | Response:
    """Create a key. Its text is shown once.

    A key that lets somebody else approve or administer is only proposed (202) until a second administrator confirms it;
    with `link`, its person is sent a link by which they take it within ten minutes.
    """
    allowed, token, now = granted(caller, grant, desk.now), None, desk.now
    made: NewKey | Key
    async with desk.database.writing() as session:
        person = await _known_person(session, allowed, is_needed=link, now=now)
        allowed = allowed.until(person.leaves_at if person else None)
        if link:
            (made, token), what = await offer_key(session, allowed, now, by=caller.person), AtDoor.KEY_LINK_SENT
        elif await _takes_two(session, caller, allowed):
            check_proposer(caller)
            made, what = await propose_key(session, allowed, now, by=caller.person), AtDoor.KEY_PROPOSED
        else:
            made, what = await add_key(session, allowed, now, by=caller.person), AtDoor.KEY_MADE
        write_entries(session, [desk.visit.entry(what, about=made.id)])
    if person is not None and token is not None:
        await _send(desk, person, made, token)
    return made if isinstance(made, NewKey) else JSONResponse(made.model_dump(mode="json"), 202)


async def _send(desk: KeyDesk, person: Person, key: Key, token: str) -> None:
    """Raises `Refused` when the link could not be sent; then nothing waits behind it."""
    try:
        await desk.post.send(person, key, token)
    except Refused:
        async with desk.database.writing() as session:
            await revoke_key(session, key.id, datetime.now(UTC))
            write_entries(session, [desk.visit.entry(AtDoor.KEY_REVOKED, why="key_link_not_sent", about=key.id)])
        raise


@router.post("/{key_id}/confirmation", operation_id="confirmKey", status_code=201)
async def confirm_key(key_id: Slug, caller: Managing, desk: AtKeyDesk) -> NewKey:
    """Confirm a key proposed by another administrator. Its text is shown once."""
    async with desk.database.writing() as session:
        key = await seen_key(session, key_id, caller)
        check_second(caller, key, desk.now)
        made = await issue_key(session, key, desk.now)
        if made is None:
            raise Refused(Problem(code="key_not_proposed", values={"key": key_id, "standing": "valid"}))
        write_entries(session, [desk.visit.entry(AtDoor.KEY_CONFIRMED, about=key_id)])
    return made


@router.delete("/{key_id}", operation_id="deleteKey", status_code=204)
async def drop_key(key_id: Slug, caller: Managing, desk: AtKeyDesk, tail: Tail) -> None:
    """Revoke a key immediately, including for responses in progress; or withdraw a proposed key.

    The last administrator's key is not revoked: create another one first.
    """
    # Two administrators who revoke each other's key at once would leave none.
    async with saving_turn(desk.database, f"key/{key_id}", None) as session:
        await _must_leave_administrator(session, await seen_key(session, key_id, caller), desk.now)
        if await revoke_key(session, key_id, desk.now):
            write_entries(session, [desk.visit.entry(AtDoor.KEY_REVOKED, about=key_id)])
    tail.end(key_id)


async def _must_leave_administrator(session: AsyncSession, key: Key, at: datetime) -> None:
    if key.administers_all and key.is_valid_at(at) and not await has_administrator(session, at, but=key.id):
        raise Refused(Problem(code="last_administrator_key", values={"key": key.id}))


async def seen_key(session: AsyncSession, key_id: str, caller: Key) -> Key:
    kept = await kept_key(session, key_id)
    if kept is None:
        raise unknown("key", key_id)
    must_see(caller, kept.key.customer, unknown("key", key_id))
    return kept.key


async def _known_person(session: AsyncSession, grant: Grant, *, is_needed: bool, now: datetime) -> Person | None:
    """A key acts for somebody we know and who is still there; for a customer's person only within that customer."""
    if grant.person is None and is_needed:
        raise Unacceptable(Problem(code="key_needs_person", at="/person", values={"role": grant.role}))
    if grant.person is None:
        return None
    found = await people_by_id(session, [grant.person])
    if not found or found[0].customer not in (None, grant.customer):
        raise Unacceptable(Problem(code="person_unknown", at="/person", values={"person": grant.person}))
    refuse_if(leavers({"/person": grant.person}, found, now))
    return found[0]


async def _takes_two(session: AsyncSession, caller: Key, grant: Grant) -> bool:
    """Whether it would let somebody else approve or administer, be it by the role or because a contract names them."""
    if grant.person is None or grant.person == caller.person:
        return False
    if grant.role in (Role.APPROVER, Role.ADMIN):
        return True
    if not may_approve(grant.role):
        return False
    customers = None if grant.customer is None else (grant.customer,)
    contracts = await list_contracts(session, customers)
    return any(grant.person in contract.approving_people() for contract in contracts)
