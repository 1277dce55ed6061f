"""API keys: the secret is shown once and stored as a hash; a key has a maker, a role, a scope and an end."""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.access.door import write_entries
from db.columns import METADATA, UtcDateTime
from db.engine import Database, Glance
from db.turns import saving_turn
from domain.door import AtDoor, DoorEntry
from domain.keys import (
    LINK_LIFE,
    PROPOSAL_LIFE,
    STACK,
    USUAL_LIFE,
    Grant,
    Key,
    NewKey,
    Secret,
    check,
    digest,
    key_id_of,
    link_token,
    make,
    name_without_person,
)
from domain.people import Role
from domain.values import Value

# No text has it: what waits to be issued opens nothing.
_NO_DIGEST = ""
# A key of the stack's own that ends sooner is replaced at its next start.
_LAST_DAYS = timedelta(days=30)
ADMINISTRATOR = Grant(role=Role.ADMIN, person="admin")
_SECRETS = {"digest", "link_digest", "subject"}


class KeyRow(SQLModel, table=True):
    """`customer` None sees every customer. The id is the first part of the key and may be shown."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True, max_length=16)
    digest: str = Field(max_length=64, repr=False)
    role: str = Field(max_length=16)
    person: str = Field(max_length=64)
    customer: str | None = Field(default=None, max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str | None = Field(default=None, max_length=64)
    issued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    offered_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    link_digest: str | None = Field(default=None, max_length=64, repr=False)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_from: str | None = Field(default=None, max_length=200)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Of whom an issuer of OpenID Connect says so; nobody has a text that opens anything.
    subject: str | None = Field(default=None, max_length=64, index=True, repr=False)

    def as_key(self) -> Key:
        return Key.model_validate(self.model_dump(exclude=_SECRETS) | {"by_link": self.link_digest is not None})


class Use(Value):
    key: str
    at: datetime
    address: str


class KeptKey(NamedTuple):
    key: Key
    digest: str
    link_digest: str | None


_COLUMNS = tuple(METADATA.tables["api_keys"].columns.keys())
# Asked with every request: built once, and read without the unit of work.
_KEY = select(*METADATA.tables["api_keys"].columns).where(col(KeyRow.id) == bindparam("key"))
_USED = (
    update(KeyRow.__table__)  # type: ignore[attr-defined]  # every table class has one
    .where(col(KeyRow.id) == bindparam("key"))
    .values(last_used_at=bindparam("at"), last_used_from=bindparam("address"))
)


async def kept_key(session: Glance, key_id: str) -> KeptKey | None:
    found = (await session.execute(_KEY, {"key": key_id})).one_or_none()
    return _kept(tuple(found)) if found else None


# As long as nothing of it changes, it is made once.
@lru_cache(maxsize=1024)
def _kept(values: tuple[Any, ...]) -> KeptKey:
    row = KeyRow(**dict(zip(_COLUMNS, values, strict=True)))
    return KeptKey(row.as_key(), row.digest, row.link_digest)


async def keys_by_id(session: AsyncSession, ids: Iterable[str]) -> dict[str, Key]:
    query = select(KeyRow).where(col(KeyRow.id).in_(sorted(ids)))
    return {row.id: row.as_key() for row in (await session.execute(query)).scalars()}


async def list_keys(session: AsyncSession, customers: tuple[str, ...] | None = None) -> Sequence[Key]:
    query = select(KeyRow).order_by(col(KeyRow.created_at), col(KeyRow.id))
    if customers is not None:
        query = query.where(col(KeyRow.customer).in_(customers))
    return [row.as_key() for row in (await session.execute(query)).scalars()]


async def keys_of(session: AsyncSession, person: str) -> Sequence[Key]:
    query = select(KeyRow).where(col(KeyRow.person) == person).order_by(col(KeyRow.created_at), col(KeyRow.id))
    return [row.as_key() for row in (await session.execute(query)).scalars()]


async def add_key(session: AsyncSession, grant: Grant, at: datetime, *, by: str | None = None) -> NewKey:
    """A key that works at once; its text is in the answer and nowhere else."""
    return add_secret(session, make(), grant, at, by=by)


def add_secret(session: AsyncSession, secret: Secret, grant: Grant, at: datetime, *, by: str | None) -> NewKey:
    row = _row(secret.id, grant, at, by)
    row.digest, row.issued_at = secret.digest, at
    session.add(row)
    return NewKey(key=secret.text, **row.as_key().model_dump())


async def propose_key(session: AsyncSession, grant: Grant, at: datetime, *, by: str) -> Key:
    row = key_row(grant, at, by)
    row.offered_until = at + PROPOSAL_LIFE
    session.add(row)
    return row.as_key()


async def offer_key(session: AsyncSession, grant: Grant, at: datetime, *, by: str) -> tuple[Key, str]:
    """A key that its person takes by a link, and the link's token."""
    row = key_row(grant, at, by)
    token = link_token(row.id)
    row.offered_until, row.link_digest = at + LINK_LIFE, digest(token)
    session.add(row)
    return row.as_key(), token


async def issue_key(session: AsyncSession, key: Key, at: datetime, *, link: str | None = None) -> NewKey | None:
    """Give a key that waits its secret; None when somebody else was faster, or its time is over."""
    secret = make(key.id)
    waits = (
        (col(KeyRow.id) == key.id)
        & col(KeyRow.issued_at).is_(None)
        & col(KeyRow.revoked_at).is_(None)
        & (col(KeyRow.offered_until) > at)
        & (col(KeyRow.expires_at) > at)
        & (col(KeyRow.link_digest) == (digest(link) if link is not None else None))
    )
    given = update(KeyRow).where(waits).values(digest=secret.digest, issued_at=at, link_digest=None)
    done = await session.execute(given.execution_options(synchronize_session=False))
    if not isinstance(done, CursorResult) or done.rowcount != 1:
        return None
    return NewKey(key=secret.text, **key.but(issued_at=at, by_link=False).model_dump())


async def revoke_key(session: AsyncSession, key_id: str, at: datetime) -> bool:
    """Whether it was not revoked before."""
    unrevoked = (col(KeyRow.id) == key_id) & col(KeyRow.revoked_at).is_(None)
    revoked = update(KeyRow).where(unrevoked).values(revoked_at=at)
    done = await session.execute(revoked.execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount == 1


async def end_keys(session: AsyncSession, person: str, ends: datetime, now: datetime) -> list[str]:
    """Let all keys of a person end then, or at once if that is past; those that have changed."""
    lasting = (col(KeyRow.person) == person) & col(KeyRow.revoked_at).is_(None) & (col(KeyRow.expires_at) > ends)
    found = list((await session.execute(select(KeyRow.id).where(lasting))).scalars())
    changes = {"expires_at": ends} if ends > now else {"revoked_at": now}
    done = update(KeyRow).where(col(KeyRow.id).in_(found)).values(changes)
    await session.execute(done.execution_options(synchronize_session=False))
    return found


async def note_uses(session: AsyncSession, uses: Iterable[Use]) -> None:
    # Always in the same order: two processes that write the same keys at once do not wait for each other in a ring.
    noted = [use.model_dump() for use in sorted(uses, key=lambda use: use.key)]
    if noted:
        await (await session.connection()).execute(_USED, noted)


def key_row(grant: Grant, at: datetime, by: str) -> KeyRow:
    """One that opens nothing as it is."""
    return _row(make().id, grant, at, by)


def _row(key_id: str, grant: Grant, at: datetime, by: str | None) -> KeyRow:
    facts = grant.model_dump() | {
        "person": grant.person or name_without_person(key_id),
        "expires_at": grant.expires_at or at + USUAL_LIFE,
    }
    return KeyRow(id=key_id, digest=_NO_DIGEST, created_at=at, made_by=by, **facts)


async def has_administrator(session: AsyncSession, at: datetime, *, but: str = "") -> bool:
    """Whether anybody can get in who may let in others, with another key than this and without their issuer."""
    query = select(KeyRow).where(col(KeyRow.role) == Role.ADMIN, col(KeyRow.customer).is_(None), col(KeyRow.id) != but)
    query = query.where(col(KeyRow.subject).is_(None))
    return any(row.as_key().is_valid_at(at) for row in (await session.execute(query)).scalars())


async def make_first_key(database: Database, at: datetime, hand_over: Callable[[NewKey], None]) -> bool:
    """An administrator's key, while none is valid; of two who make it at once, one does.

    It is handed over before it is kept: what reaches nobody opens nothing, and another is made the next time.
    """
    async with saving_turn(database, "key/first", None) as session:
        if await has_administrator(session, at):
            return False
        made = add_secret(session, make(), ADMINISTRATOR, at, by=STACK)
        write_entries(session, [DoorEntry(at=at, what=AtDoor.KEY_MADE, why="by_init", person=STACK, about=made.id)])
        await session.flush()
        hand_over(made)
    return True


async def ensure_admin_key(database: Database, path: Path) -> str:
    """The admin key in the file, which only its owner may read; made if it is missing or no longer valid."""
    return await ensure_key(database, path, ADMINISTRATOR)


async def ensure_key(database: Database, path: Path, grant: Grant) -> str:
    """A key that the stack makes for itself or for its example's people, kept in a file."""
    now = datetime.now(UTC)
    text = _read(path)
    if await _is_valid(database, text, now + _LAST_DAYS):
        return text
    # The file comes first: a key that is only in the table would be lost for ever.
    secret = make()
    write_privately(path, secret.text)
    async with database.writing() as session:
        made = add_secret(session, secret, grant, now, by=STACK)
        entry = DoorEntry(at=now, what=AtDoor.KEY_MADE, why="by_stack", person=STACK, about=made.id)
        write_entries(session, [entry.but(customer=made.customer)])
    return secret.text


async def _is_valid(database: Database, text: str, at: datetime) -> bool:
    async with database.reading() as session:
        kept = await kept_key(session, key_id_of(text) or "")
    return kept is not None and check(text, kept.digest) and kept.key.is_valid_at(at)


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def write_privately(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{text}\n")
    draft.replace(path)
