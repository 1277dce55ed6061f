"""Keys of people who sign in by an issuer's word: nobody has their text, and they end with the next day."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from db.access.keys import KeyRow, key_row
from db.contracts import PersonRow
from domain.keys import OPENID, Grant, Key
from domain.openid import EMAIL, SignInRefused
from domain.people import Person


async def people_called(session: AsyncSession, claim: str, name: str) -> list[Person]:
    """Who has this e-mail address, or the id that another claim says."""
    if claim != EMAIL:
        row = await session.get(PersonRow, name)
        return [row.as_person()] if row else []
    query = select(PersonRow).where(col(PersonRow.person).icontains(name, autoescape=True)).limit(50)
    people = [row.as_person() for row in (await session.execute(query)).scalars()]
    return [person for person in people if person.email.casefold() == name.casefold()]


async def keys_granted(
    session: AsyncSession, subject: str, person: str, grants: Sequence[Grant], at: datetime
) -> list[Key]:
    """A key for each grant; what the issuer no longer says ends. To be asked in a turn of its own.

    Raises `SignInRefused` when the person was somebody else at the issuer so far, or that one somebody else here:
    an address that changes hands takes nobody along.
    """
    theirs = (col(KeyRow.person) == person) | (col(KeyRow.subject) == subject)
    query = select(KeyRow).where(theirs, col(KeyRow.subject).is_not(None), col(KeyRow.revoked_at).is_(None))
    known = list((await session.execute(query)).scalars())
    if any((row.person, row.subject) != (person, subject) for row in known):
        raise SignInRefused("openid_somebody_else")
    by_grant = {(row.role, row.customer): row for row in known}
    kept = []
    for grant in grants:
        row = by_grant.pop((grant.role, grant.customer), None)
        if row is None:
            row = key_row(grant, at, OPENID)
            row.issued_at, row.subject = at, subject
            session.add(row)
        elif grant.expires_at is not None:
            row.expires_at = grant.expires_at
        kept.append(row)
    for row in by_grant.values():
        row.expires_at = min(row.expires_at, at)
    await session.flush()
    return [row.as_key() for row in kept]
