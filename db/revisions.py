"""How far migrations have brought a database, and how far this code needs it. Alembic loads slowly and stays out."""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, inspect, text

from db.engine import Database

MIGRATIONS = Path(__file__).parent.parent / "migrations"
KNOWN = tuple(sorted(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")))
HEAD = KNOWN[-1]
_FOUND = text("SELECT version_num FROM alembic_version")


class SchemaStanding(StrEnum):
    """`ahead` is what a newer version has made, or something else altogether."""

    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"


class Schema(NamedTuple):
    """`found` is empty where nothing was ever made."""

    found: str

    @property
    def standing(self) -> SchemaStanding:
        if self.found == HEAD:
            return SchemaStanding.CURRENT
        return SchemaStanding.BEHIND if self.found in ("", *KNOWN) else SchemaStanding.AHEAD


async def schema_of(database: Database) -> Schema:
    async with database.reading() as session:
        connection = await session.connection()
        if not await connection.run_sync(_was_ever_migrated):
            return Schema("")
        return Schema((await connection.execute(_FOUND)).scalar() or "")


def _was_ever_migrated(connection: Connection) -> bool:
    return inspect(connection).has_table("alembic_version")
