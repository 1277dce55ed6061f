"""What rehearsals have found, one per plan: the newest counts."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from db.columns import UtcDateTime
from domain.moves.rehearsals.forecasts import Rehearsal


class RehearsalRow(SQLModel, table=True):
    __tablename__ = "rehearsals"

    project: str = Field(primary_key=True, max_length=64, foreign_key="projects.id")
    plan: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    rehearsal: str = Field(sa_type=Text)

    def as_rehearsal(self) -> Rehearsal:
        return Rehearsal.model_validate_json(self.rehearsal)


async def rehearsal_of(session: AsyncSession, project_id: str, plan: int) -> Rehearsal | None:
    row = await session.get(RehearsalRow, (project_id, plan))
    return row.as_rehearsal() if row else None


async def store_rehearsal(session: AsyncSession, found: Rehearsal, at: datetime) -> None:
    text = found.model_dump_json()
    await session.merge(RehearsalRow(project=found.project, plan=found.plan, at=at, rehearsal=text))
