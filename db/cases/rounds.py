"""What is done now and then, by one worker at a time."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, SQLModel, col

from db.columns import UtcDateTime
from db.engine import Database

# The one that compares rows with history and looks at what stands still.
MINUTE = "minute"


class RoundRow(SQLModel, table=True):
    """Whoever has it until then does it; `looked_until` is how far the last one came."""

    __tablename__ = "rounds"

    name: str = Field(primary_key=True, max_length=32)
    taken_until: datetime = Field(sa_type=UtcDateTime)
    looked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


async def take_round(database: Database, name: str, at: datetime, every: timedelta) -> bool:
    """Whether it is ours now: once in this time, however many ask."""
    try:
        async with database.writing() as session:
            if await session.get(RoundRow, name) is None:
                session.add(RoundRow(name=name, taken_until=at + every))
                return True
            query = update(RoundRow).where(col(RoundRow.name) == name, col(RoundRow.taken_until) <= at)
            taken = await session.execute(query.values(taken_until=at + every).returning(col(RoundRow.name)))
            return taken.first() is not None
    except IntegrityError:
        # Two have taken the first one at once.
        return False


async def looked_until(database: Database, name: str) -> datetime | None:
    async with database.reading() as session:
        row = await session.get(RoundRow, name)
        return row.looked_until if row else None


async def has_looked(database: Database, name: str, until: datetime) -> None:
    async with database.writing() as session:
        await session.execute(update(RoundRow).where(col(RoundRow.name) == name).values(looked_until=until))
