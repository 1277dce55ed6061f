"""API keys: made, listed and revoked. The text of a key is in the answer to its making and nowhere else."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import May, Now, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation
from db.contracts import people_by_id
from db.keys import add_key, key_row, list_keys, revoke_key
from domain.keys import Grant, Key, NewKey, granted, must_see
from domain.people import Role
from domain.refusals import Problem, Unacceptable, unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/keys", tags=["keys"])

Managing = Annotated[Key, Depends(May(Operation.MANAGE_KEYS))]


@router.get("", operation_id="listKeys")
async def show_keys(caller: Managing, database: Tables) -> Sequence[Key]:
    """All keys, revoked ones too, without their secrets."""
    async with database.reading() as session:
        return await list_keys(session, caller.customers)


@router.post("", operation_id="createKey", status_code=201)
async def make_key(grant: Grant, caller: Managing, database: Tables, now: Now) -> NewKey:
    """Make a key. Its text is shown this once."""
    allowed = granted(caller, grant, now)
    async with database.writing() as session:
        await _must_know_person(session, allowed)
        return await add_key(session, allowed, now)


@router.delete("/{key_id}", operation_id="deleteKey", status_code=204)
async def drop_key(key_id: Slug, caller: Managing, database: Tables, now: Now) -> None:
    """Revoke a key at once."""
    async with database.writing() as session:
        row = await key_row(session, key_id)
        if row is None:
            raise unknown("key", key_id)
        must_see(caller, row.customer, unknown("key", key_id))
        await revoke_key(session, key_id, now)


async def _must_know_person(session: AsyncSession, grant: Grant) -> None:
    """A key acts for somebody we know, and for a customer's person only within that customer."""
    if grant.person is None or grant.role in (Role.SYSTEM, Role.ADMIN):
        return
    found = await people_by_id(session, [grant.person])
    if not found or found[0].customer not in (None, grant.customer):
        raise Unacceptable(Problem(code="person_unknown", at="/person", values={"person": grant.person}))
