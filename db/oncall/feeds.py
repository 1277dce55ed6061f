"""Calendar feeds of rotas: who made them, for whom, and when they end. The address itself is never stored."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from domain.oncall.feeds import CalendarFeed


class FeedRow(SQLModel, table=True):
    __tablename__ = "calendar_feeds"

    id: str = Field(primary_key=True, max_length=20)
    rota: str = Field(max_length=64, index=True)
    person: str | None = Field(default=None, max_length=64)
    made_by: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def as_feed(self) -> CalendarFeed:
        return CalendarFeed.model_validate(self.model_dump())


async def add_feed(session: AsyncSession, feed: CalendarFeed) -> None:
    session.add(FeedRow(**feed.model_dump(exclude={"url"})))


async def feed_by_id(session: AsyncSession, feed: str) -> CalendarFeed | None:
    row = await session.get(FeedRow, feed)
    return row.as_feed() if row else None


async def feeds_of(session: AsyncSession, rota: str) -> Sequence[CalendarFeed]:
    query = select(FeedRow).where(col(FeedRow.rota) == rota).order_by(col(FeedRow.made_at), col(FeedRow.id))
    return [row.as_feed() for row in (await session.execute(query)).scalars()]


async def end_feed(session: AsyncSession, feed: str, at: datetime) -> bool:
    """Whether it has not ended before."""
    going_on = col(FeedRow.ends_at).is_(None) | (col(FeedRow.ends_at) > at)
    ended = update(FeedRow).where(col(FeedRow.id) == feed, going_on).values(ends_at=at)
    done = await session.execute(ended.execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount == 1


async def end_feeds_of(session: AsyncSession, person: str, at: datetime) -> None:
    """All that somebody has made or follows end then, unless they do so before."""
    theirs = (col(FeedRow.person) == person) | (col(FeedRow.made_by) == person)
    going_on = col(FeedRow.ends_at).is_(None) | (col(FeedRow.ends_at) > at)
    ended = update(FeedRow).where(theirs, going_on).values(ends_at=at)
    await session.execute(ended.execution_options(synchronize_session=False))
