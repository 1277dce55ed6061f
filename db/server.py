"""What a database server says of itself; a file says little."""

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import PROGRAM

_LOAD = text(
    """
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most,
           count(*) FILTER (WHERE backend_type = 'client backend') AS used,
           count(*) FILTER (WHERE is_ours) AS ours,
           count(DISTINCT application_name) FILTER (WHERE is_ours) AS processes
    FROM pg_stat_activity, LATERAL (
        SELECT application_name LIKE :ours AND application_name <> current_setting('application_name') AS is_ours
    ) AS whose
    """
)
_CROWDED = ("too many clients", "too many connections", "remaining connection slots")


class Load(NamedTuple):
    """Connections there may be for anybody, those open now, and what of them our other processes have."""

    most: int
    used: int
    ours: int
    processes: int


async def server_of(session: AsyncSession) -> str:
    """Product and version."""
    if _is_file(session):
        return f"SQLite {(await session.execute(text('SELECT sqlite_version()'))).scalar_one()}"
    return f"PostgreSQL {(await session.execute(text('SHOW server_version'))).scalar_one()}"


async def load_of(session: AsyncSession) -> Load | None:
    """None for a file."""
    if _is_file(session):
        return None
    found = (await session.execute(_LOAD, {"ours": f"{PROGRAM}%"})).one()
    return Load(*found)


async def clock_of(session: AsyncSession) -> datetime:
    told: datetime = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return told.astimezone(UTC)


def _is_file(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def says_crowded(reason: str) -> bool:
    """Whether a server lets nobody else in for now."""
    return any(words in reason for words in _CROWDED)
