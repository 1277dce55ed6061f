"""Taking turns: whoever checks something before writing waits for whoever else does.

On SQLite the write lock is enough, as one transaction writes at a time. On PostgreSQL locks of our own say who waits
for whom. Whoever takes several takes them in the order in which they stand here, or two would wait for each other.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database


class _Lock(IntEnum):
    """The first number of a lock; the second is a hash, and two names that share one only wait longer."""

    EVERYBODYS = 7_042_110
    CUSTOMERS = 7_042_111
    NAME = 7_042_112
    REGISTER = 7_042_113
    RELATIONS = 7_042_114


# Each is one number, and has been since before there were others.
_INTAKE = text("SELECT pg_advisory_xact_lock(7042102)")
_JOURNAL = text("SELECT pg_advisory_xact_lock(7042101)")

_EVERYBODYS = text(f"SELECT pg_advisory_xact_lock({_Lock.EVERYBODYS:d}, 0)")
_SHARED = text(f"SELECT pg_advisory_xact_lock_shared({_Lock.EVERYBODYS:d}, 0)")
_CUSTOMERS = text(f"SELECT pg_advisory_xact_lock({_Lock.CUSTOMERS:d}, hashtext(:customer))")
_NAME = text(f"SELECT pg_advisory_xact_lock({_Lock.NAME:d}, hashtext(:name))")
_RELATIONS = text(f"SELECT pg_advisory_xact_lock({_Lock.RELATIONS:d}, hashtext(:customer))")
_REGISTER = text(f"SELECT pg_advisory_xact_lock({_Lock.REGISTER:d}, hashtext(:customer))")


@asynccontextmanager
async def saving_turn(database: Database, name: str, customer: str | None) -> AsyncIterator[AsyncSession]:
    """A transaction in which nobody else saves what is called so, or anything of the customer's.

    What is everybody's, having no customer, is saved while nobody saves anything: customers' own things are checked
    against it, and it against them. Names are like `site/adler-hq`.
    """
    async with database.writing() as session:
        if _has_many_writers(session):
            if customer is None:
                await session.execute(_EVERYBODYS)
            else:
                await session.execute(_SHARED)
                await session.execute(_CUSTOMERS, {"customer": customer})
                await session.execute(_NAME, {"name": name})
        yield session


async def take_register_turn(session: AsyncSession, customer: str) -> None:
    """Until the transaction ends, nobody else changes the customer's assets: two would take the same from stock."""
    if _has_many_writers(session):
        await session.execute(_REGISTER, {"customer": customer})


async def take_relations_turn(session: AsyncSession, customer: str) -> None:
    """Nobody else ties the customer's incidents together: two would close a loop of which each sees one half."""
    if _has_many_writers(session):
        await session.execute(_RELATIONS, {"customer": customer})


async def take_intake_turn(session: AsyncSession) -> None:
    """Two requests with the same new alert would otherwise both find it new."""
    if _has_many_writers(session):
        await session.execute(_INTAKE)


async def take_journal_turn(session: AsyncSession) -> None:
    """Two transactions that write events at once would otherwise publish their numbers out of order.

    A reader who had seen the higher one would never get the lower. Whoever reads a case before its events are written
    takes it before reading.
    """
    if _has_many_writers(session):
        await session.execute(_JOURNAL)


def _has_many_writers(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"
