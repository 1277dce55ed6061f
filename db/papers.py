"""Papers: what is known of each file that is kept, and for which case somebody has handed it in.

What the files hold is in a folder beside an SQLite database; with PostgreSQL it is in the database, for those who ask
may run on another machine than those who have taken it in.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from db.engine import Database
from domain.papers import MEDIA_TYPES, KeptPaper, MediaType

_LONGEST_TYPE = 32


class PaperRow(SQLModel, table=True):
    """Written after what it holds: whatever has a row can be read."""

    __tablename__ = "papers"

    digest: str = Field(primary_key=True, max_length=64)
    media_type: str = Field(max_length=_LONGEST_TYPE)
    size: int
    kept_at: datetime = Field(sa_type=UtcDateTime)


class PaperContentRow(SQLModel, table=True):
    __tablename__ = "paper_contents"

    digest: str = Field(primary_key=True, max_length=64)
    content: bytes = Field(repr=False)


class HandedInRow(SQLModel, table=True):
    """Whoever knows a digest has not yet seen the paper: a case may name those that were handed in for it."""

    __tablename__ = "papers_handed_in"

    case: str = Field(primary_key=True, max_length=96)
    digest: str = Field(primary_key=True, max_length=64, foreign_key="papers.digest")
    by: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)


async def hand_in(session: AsyncSession, paper: KeptPaper, case: str, by: str, at: datetime) -> None:
    """Of something that is kept. Again, it changes nothing."""
    media_type = _LONG.get(paper.media_type, paper.media_type)
    await _once(session, PaperRow(digest=paper.digest, media_type=media_type, size=paper.size, kept_at=at))
    await _once(session, HandedInRow(case=case, digest=paper.digest, by=by, at=at))


async def handed_in(session: AsyncSession, case: str, digest: str) -> KeptPaper | None:
    """What is known of a paper that somebody has handed in for this case."""
    here = select(HandedInRow.digest).where(col(HandedInRow.case) == case, col(HandedInRow.digest) == digest)
    row = (await session.execute(select(PaperRow).where(col(PaperRow.digest).in_(here)))).scalar_one_or_none()
    return None if row is None else _kept(row)


async def all_handed_in(session: AsyncSession, cases: Collection[str]) -> Sequence[tuple[HandedInRow, KeptPaper]]:
    """What was handed in for any of these, oldest first."""
    query = select(HandedInRow, PaperRow).join(PaperRow, col(PaperRow.digest) == col(HandedInRow.digest))
    query = query.where(col(HandedInRow.case).in_(cases)).order_by(col(HandedInRow.at), col(HandedInRow.digest))
    return [(row, _kept(paper)) for row, paper in (await session.execute(query)).all()]


async def count_handed_in(session: AsyncSession, case: str) -> int:
    query = select(func.count()).select_from(HandedInRow).where(col(HandedInRow.case) == case)
    return (await session.execute(query)).scalar_one()


def _kept(row: PaperRow) -> KeptPaper:
    return KeptPaper(digest=row.digest, media_type=_typed(row.media_type), size=row.size)


# Names of types that are longer than their column are written as what such files are called.
_LONG: dict[MediaType, str] = {name: ending for name, ending in MEDIA_TYPES.items() if len(name) > _LONGEST_TYPE}
_SHORT = {ending: name for name, ending in _LONG.items()}


def _typed(stored: str) -> MediaType:
    return _SHORT.get(stored) or stored  # type: ignore[return-value]  # only such are written


class PaperTable:
    """What papers hold, in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, digest: str, content: bytes) -> None:
        async with self._database.writing() as session:
            await _once(session, PaperContentRow(digest=digest, content=content))

    async def get(self, digest: str) -> bytes | None:
        async with self._database.reading() as session:
            row = await session.get(PaperContentRow, digest)
        return None if row is None else row.content


async def _once(session: AsyncSession, row: SQLModel) -> None:
    on_postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(type(row)) if on_postgres else sqlite.insert(type(row))
    await session.execute(insert.on_conflict_do_nothing(), [row.model_dump()])
