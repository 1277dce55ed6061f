"""API keys: the secret is shown once and stored as a hash; a key has a role, a scope and an end."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import bindparam
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import METADATA, UtcDateTime
from db.engine import Database
from domain.keys import Grant, Key, NewKey, Secret, digest, key_id_of, make
from domain.people import Role


class KeyRow(SQLModel, table=True):
    """`customer` None sees every customer. The id is the first part of the key and may be shown."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True, max_length=16)
    digest: str = Field(max_length=64)
    role: str = Field(max_length=16)
    person: str = Field(max_length=64)
    customer: str | None = Field(default=None, max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def as_key(self) -> Key:
        return Key.model_validate(self.model_dump(exclude={"digest"}))


# Asked with every request: built once, and read without the unit of work.
_KEY = select(*METADATA.tables["api_keys"].columns).where(col(KeyRow.id) == bindparam("key"))


async def key_row(session: AsyncSession, key_id: str) -> KeyRow | None:
    found = (await session.execute(_KEY, {"key": key_id})).mappings().one_or_none()
    return KeyRow(**found) if found else None


async def list_keys(session: AsyncSession, customers: tuple[str, ...] | None = None) -> Sequence[Key]:
    query = select(KeyRow).order_by(col(KeyRow.created_at), col(KeyRow.id))
    if customers is not None:
        query = query.where(col(KeyRow.customer).in_(customers))
    return [row.as_key() for row in (await session.execute(query)).scalars()]


async def add_key(session: AsyncSession, grant: Grant, at: datetime) -> NewKey:
    return _added(session, make(), grant, at)


async def revoke_key(session: AsyncSession, key_id: str, at: datetime) -> None:
    row = await session.get(KeyRow, key_id)
    if row is not None and row.revoked_at is None:
        row.revoked_at = at


async def ensure_admin_key(database: Database, path: Path) -> str:
    """The admin key in the file, which only its owner may read; made if it is missing or no longer valid."""
    now = datetime.now(UTC)
    text = _read(path)
    if await _is_valid(database, text, now):
        return text
    # The file comes first: a key that is only in the table would be lost for ever.
    secret = make()
    _write_privately(path, secret.text)
    async with database.writing() as session:
        _added(session, secret, Grant(role=Role.ADMIN, person="admin"), now)
    return secret.text


def _added(session: AsyncSession, secret: Secret, grant: Grant, at: datetime) -> NewKey:
    facts = grant.model_dump() | {"id": secret.id, "person": grant.person or f"key-{secret.id}", "created_at": at}
    session.add(KeyRow(digest=secret.digest, **facts))
    return NewKey(key=secret.text, **facts)


async def _is_valid(database: Database, text: str, at: datetime) -> bool:
    async with database.reading() as session:
        row = await key_row(session, key_id_of(text) or "")
    return row is not None and row.digest == digest(text) and row.as_key().is_valid_at(at)


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _write_privately(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{text}\n")
    draft.replace(path)
