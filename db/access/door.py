"""The one log of what the door let in, refused or had changed. Rows are added and never changed: triggers see to it.

A later migration that copies this table (`batch_alter_table` on SQLite) has to make the triggers again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import pydantic
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from domain.door import NO_KEY, AtDoor, DoorEntry, NumberedEntry
from domain.values import Value


class DoorRow(SQLModel, table=True):
    """One `DoorEntry`, column by column."""

    __tablename__ = "door"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    what: str = Field(max_length=24)
    why: str | None = Field(default=None, max_length=64)
    key: str | None = Field(default=None, max_length=64, index=True)
    person: str | None = Field(default=None, max_length=64)
    role: str | None = Field(default=None, max_length=16)
    customer: str | None = Field(default=None, max_length=64, index=True)
    address: str = Field(max_length=200)
    operation: str | None = Field(default=None, max_length=64)
    about: str | None = Field(default=None, max_length=64, index=True)
    request_id: str | None = Field(default=None, max_length=64)
    count: int

    def as_entry(self) -> NumberedEntry:
        return NumberedEntry.model_validate(self.model_dump())


class DoorQuery(Value):
    """What is None narrows nothing; `before` is the number of the last entry that was shown."""

    customers: tuple[str, ...] | None
    what: AtDoor | None = None
    key: str | None = None
    about: str | None = None
    since: datetime | None = None
    before: int | None = pydantic.Field(default=None, ge=0, le=2**53)
    limit: int


def write_entries(session: AsyncSession, entries: Iterable[DoorEntry]) -> None:
    session.add_all(DoorRow(**entry.model_dump()) for entry in entries)


async def door_entries(session: AsyncSession, asked: DoorQuery) -> Sequence[NumberedEntry]:
    """The newest first. `key` is the one that came, `about` what was changed."""
    query = select(DoorRow).order_by(col(DoorRow.id).desc()).limit(asked.limit)
    if asked.customers is not None:
        query = query.where(col(DoorRow.customer).in_(asked.customers))
    for column, value in ((DoorRow.what, asked.what), (DoorRow.key, asked.key), (DoorRow.about, asked.about)):
        if value is not None:
            query = query.where(col(column) == value)
    if asked.since is not None:
        query = query.where(col(DoorRow.at) >= asked.since)
    if asked.before is not None:
        query = query.where(col(DoorRow.id) < asked.before)
    return [row.as_entry() for row in (await session.execute(query)).scalars()]


async def wrong_keys_since(session: AsyncSession, at: datetime) -> Sequence[NumberedEntry]:
    """Of all addresses: each process writes only some tens of them in a minute, however many come."""
    query = select(DoorRow).where(
        col(DoorRow.at) >= at, col(DoorRow.what) == AtDoor.REFUSED, col(DoorRow.why) != NO_KEY
    )
    return [row.as_entry() for row in (await session.execute(query)).scalars()]
