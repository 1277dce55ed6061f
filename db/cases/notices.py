"""Notices that were written, and every attempt to deliver one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from domain.cases.notices import NoticeAttempt


class NoticeRow(SQLModel, table=True):
    """One attempt to reach one person by one channel, numbered per person. `person` is `role:…` where it has nobody."""

    __tablename__ = "notice_attempts"
    __table_args__ = (UniqueConstraint("key", "person", "attempt"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=200, index=True)
    case: str = Field(max_length=128, index=True)
    template: str = Field(max_length=64)
    person: str = Field(max_length=64)
    channel: str = Field(max_length=64)
    attempt: int
    outcome: str = Field(max_length=16)
    detail: str | None = Field(default=None, sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)

    def as_attempt(self) -> NoticeAttempt:
        return NoticeAttempt.model_validate(self.model_dump())


async def attempts_for(session: AsyncSession, key: str) -> Sequence[NoticeRow]:
    query = select(NoticeRow).where(col(NoticeRow.key) == key).order_by(col(NoticeRow.id))
    return (await session.execute(query)).scalars().all()


async def notices_of(session: AsyncSession, case: str) -> Sequence[NoticeRow]:
    query = select(NoticeRow).where(col(NoticeRow.case) == case).order_by(col(NoticeRow.id))
    return (await session.execute(query)).scalars().all()
