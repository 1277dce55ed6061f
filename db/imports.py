"""What was imported: one row per run with its counts and all its problems."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from db.columns import UtcDateTime


class ImportRow(SQLModel, table=True):
    __tablename__ = "imports"

    id: str = Field(primary_key=True, max_length=32)
    customer: str = Field(max_length=64, index=True)
    file_name: str = Field(max_length=200)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)
    result: str = Field(sa_type=Text)
