"""Engines and sessions for SQLite and PostgreSQL."""

import logging
import os
import socket
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Executable, Result, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool, StaticPool

from domain.channels.sealing import Sealer

_SEALER = "sealer"
# Programs of ours tell a server by this who they are.
PROGRAM = "imacflow/"

# Below this it writes every value of every statement.
logging.getLogger("aiosqlite").setLevel(logging.INFO)

# Whoever holds a lock and says nothing more must not keep everybody else for ever.
_PATIENCE = "-c lock_timeout=20s -c idle_in_transaction_session_timeout=60s"


# Of the connections that a process may have, so many stay open when nobody needs them,
_KEPT_OPEN = 10
# and so many more are for glances alone.
_GLANCES = 5


def _to_connect() -> dict[str, str]:
    """The name is what `imac doctor` counts processes by."""
    name = f"{PROGRAM}{socket.gethostname()[:32]}/{os.getpid()}"
    return {"options": _PATIENCE, "connect_timeout": "10", "application_name": name}


class Glance(Protocol):
    """As much of a session as small reads need."""

    async def execute(self, statement: Executable, params: Mapping[str, Any] | None = None, /) -> Result[Any]: ...


Elsewhere = Callable[[], Awaitable[AsyncSession]]

# What a server sees committed at a moment: it says the same as long as nobody has begun or ended a change.
_COMMITTED = text("SELECT txid_current_snapshot()::text")


class _AtHand:
    """Reads over a connection that is at hand; where that is busy or lost, as everybody else does.

    A file of SQLite is read where it is asked: to hand over to another thread and back costs more than a few rows.
    Whatever keeps it busy is waited for elsewhere, so that nobody stands still meanwhile. A connection to a server is
    not asked beforehand whether it still stands.
    """

    def __init__(self, connection: Connection | AsyncConnection, elsewhere: Elsewhere) -> None:
        self._connection = connection
        self._elsewhere = elsewhere

    async def execute(self, statement: Executable, params: Mapping[str, Any] | None = None, /) -> Result[Any]:
        try:
            if isinstance(self._connection, Connection):
                return self._connection.execute(statement, params)
            return await self._connection.execute(statement, params)
        except OperationalError:
            return await (await self._elsewhere()).execute(statement, params)


@dataclass(frozen=True)
class Database:
    """One database. `writing` begins with the write lock in hand; `reading` never waits for writers.

    `glancing` is `reading` for the few rows that nearly every request begins with.
    """

    url: str
    _writer: AsyncEngine
    _reader: AsyncEngine
    _sealer: Sealer | None = None
    _glancer: Engine | AsyncEngine | None = None
    _counter: Engine | None = None
    _opened: object = field(default_factory=object)

    async def version(self) -> object:
        """The same at two times only if nothing was committed in between; what cannot be told is like nothing else.

        A file of SQLite counts for each of its connections what others have committed: always the same one is asked.
        """
        try:
            if self._counter is not None:
                with self._counter.connect() as connection:
                    return self._opened, connection.exec_driver_sql("PRAGMA data_version").scalar_one()
            async with self.glancing() as session:
                return self._opened, (await session.execute(_COMMITTED)).scalar_one()
        except OperationalError:
            return object()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction that is committed when the block ends and rolled back when it raises."""
        async with self._sessions_to_write.begin() as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions_to_read() as session:
            yield session

    @asynccontextmanager
    async def glancing(self) -> AsyncIterator[Glance]:
        async with AsyncExitStack() as closing:

            async def elsewhere() -> AsyncSession:
                return await closing.enter_async_context(self.reading())

            if isinstance(self._glancer, Engine):
                yield _AtHand(closing.enter_context(self._glancer.connect()), elsewhere)
            elif self._glancer is not None:
                yield _AtHand(await closing.enter_async_context(self._glancer.connect()), elsewhere)
            else:
                yield await elsewhere()

    @cached_property
    def _sessions_to_write(self) -> async_sessionmaker[AsyncSession]:
        return self._sessions(self._writer)

    @cached_property
    def _sessions_to_read(self) -> async_sessionmaker[AsyncSession]:
        return self._sessions(self._reader)

    def _sessions(self, engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
        return async_sessionmaker(engine, expire_on_commit=False, info={_SEALER: self._sealer})

    @property
    def in_use(self) -> int:
        """Connections that somebody works with at the moment."""
        engines = (self._writer, self._reader, self._glancer)
        pools = {id(engine.pool): engine.pool for engine in engines if engine is not None}.values()
        return sum(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))

    async def forget_deleted(self) -> None:
        """What was overwritten is also taken out of the file; PostgreSQL does so by itself, by and by."""
        if self._reader is not self._writer:
            async with self._reader.connect() as connection:
                for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                    await connection.exec_driver_sql(statement)

    async def close(self) -> None:
        if self._counter is not None:
            self._counter.dispose()
        if isinstance(self._glancer, Engine):
            self._glancer.dispose()
        elif self._glancer is not None:
            await self._glancer.dispose()
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
        usual = {name: value for name, value in _to_connect().items() if name not in make_url(url).query}
        glances = min(connections // 4, _GLANCES)
        kept = min(connections - glances, _KEPT_OPEN)
        engine = create_async_engine(
            url,
            pool_size=kept,
            max_overflow=connections - glances - kept,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=usual,
        )
        if not glances:
            return Database(url, engine, engine, sealer)
        glancer = create_async_engine(
            url,
            pool_size=glances,
            max_overflow=0,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args=usual,
        )
        return Database(url, engine, engine, sealer, glancer)
    # SQLite lets one write at a time, and whoever waits inside it looks again only now and then: within this process
    # writers queue for one connection instead.
    writer, reader = _sqlite(url, pool_size=1, max_overflow=0), _sqlite(url)
    event.listen(writer.sync_engine, "begin", _take_write_lock)
    return Database(url, writer, reader, sealer, _in_place(url), _in_place(url, poolclass=StaticPool))


def _in_place(url: str, **pool: Any) -> Engine:  # noqa: ANN401  # what engines are made with
    return create_engine(
        make_url(url).set(drivername="sqlite"),
        connect_args={"check_same_thread": False, "timeout": 0, "isolation_level": None},
        hide_parameters=True,
        **pool,
    )


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
