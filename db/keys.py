"""API keys: the secret is shown once and stored as a hash; a key has a role, a scope and an end."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime


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


async def key_row(session: AsyncSession, key_id: str) -> KeyRow | None:
    return await session.get(KeyRow, key_id)


async def list_keys(session: AsyncSession) -> Sequence[KeyRow]:
    return (await session.execute(select(KeyRow).order_by(col(KeyRow.created_at)))).scalars().all()
