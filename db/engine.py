"""Engines and sessions for SQLite and PostgreSQL."""

import logging
import os
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from domain.channels.sealing import Sealer

_SEALER = "sealer"
# Programs of ours tell a server by this who they are.
PROGRAM = "imacflow/"

# Below this it writes every value of every statement.
logging.getLogger("aiosqlite").setLevel(logging.INFO)

# Whoever holds a lock and says nothing more must not keep everybody else for ever.
_PATIENCE = "-c lock_timeout=20s -c idle_in_transaction_session_timeout=60s"


# Of the connections that a process may have, so many stay open when nobody needs them.
_KEPT_OPEN = 10


def _to_connect() -> dict[str, str]:
    """The name is what `imac doctor` counts processes by."""
    name = f"{PROGRAM}{socket.gethostname()[:32]}/{os.getpid()}"
    return {"options": _PATIENCE, "connect_timeout": "10", "application_name": name}


@dataclass(frozen=True)
class Database:
    """One database. `writing` begins with the write lock in hand; `reading` never waits for writers."""

    url: str
    _writer: AsyncEngine
    _reader: AsyncEngine
    _sealer: Sealer | None = None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction that is committed when the block ends and rolled back when it raises."""
        async with self._sessions(self._writer).begin() as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions(self._reader)() as session:
            yield session

    def _sessions(self, engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
        return async_sessionmaker(engine, expire_on_commit=False, info={_SEALER: self._sealer})

    @property
    def in_use(self) -> int:
        """Connections that somebody works with at the moment."""
        pools = {id(engine.pool): engine.pool for engine in (self._writer, self._reader)}.values()
        return sum(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))

    async def forget_deleted(self) -> None:
        """What was overwritten is also taken out of the file; PostgreSQL does so by itself, by and by."""
        if self._reader is not self._writer:
            async with self._reader.connect() as connection:
                for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                    await connection.exec_driver_sql(statement)

    async def close(self) -> None:
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


def sealer_of(session: AsyncSession) -> Sealer | None:
    """What the database's secrets are encrypted with."""
    sealer: Sealer | None = session.info[_SEALER]
    return sealer


def open_database(url: str, sealer: Sealer | None = None, connections: int = 30) -> Database:
    """`url` is sqlite+aiosqlite:///file or postgresql+psycopg://…; what `sealer` cannot open stays closed."""
    if not url.startswith("sqlite"):
        kept = min(connections, _KEPT_OPEN)
        engine = create_async_engine(
            url,
            pool_size=kept,
            max_overflow=connections - kept,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={name: value for name, value in _to_connect().items() if name not in make_url(url).query},
        )
        return Database(url, engine, engine, sealer)
    # SQLite lets one write at a time, and whoever waits inside it looks again only now and then: within this process
    # writers queue for one connection instead.
    writer, reader = _sqlite(url, pool_size=1, max_overflow=0), _sqlite(url)
    event.listen(writer.sync_engine, "begin", _take_write_lock)
    return Database(url, writer, reader, sealer)


class _SQLiteConnection(sqlite3.Connection):
    """Gives the write lock back when it is closed, whatever its caller was doing.

    A caller who is cancelled leaves a cursor behind, and SQLite keeps a closed connection with its transaction for as
    long as somebody holds a cursor of it: nobody could write any more.
    """

    def close(self) -> None:
        self.rollback()
        super().close()


def _sqlite(url: str, **pool: int) -> AsyncEngine:
    # Errors end up in logs; what was to be written may be a secret, and often is somebody's.
    engine = create_async_engine(
        url, connect_args={"timeout": 30, "factory": _SQLiteConnection}, hide_parameters=True, **pool
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401  # the driver's own type
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _take_write_lock(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def answers(database: Database) -> bool:
    async with database.reading() as session:
        return bool((await session.execute(text("SELECT 1"))).scalar_one())
