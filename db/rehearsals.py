"""What rehearsals have found, one per plan: the newest counts."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from db.columns import UtcDateTime


class RehearsalRow(SQLModel, table=True):
    __tablename__ = "rehearsals"

    project: str = Field(primary_key=True, max_length=64, foreign_key="projects.id")
    plan: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    rehearsal: str = Field(sa_type=Text)
