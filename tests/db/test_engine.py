"""What a database promises whoever writes to it."""

import asyncio
import random
import sqlite3

import pytest
from sqlalchemy import make_url, text

from db.engine import Database, open_database
from tests.patience import PATIENCE


async def test_writers_who_are_cancelled_anywhere_leave_no_lock_and_no_row(database: Database) -> None:
    async def write(mark: int) -> None:
        async with database.writing() as session:
            await session.execute(text("SELECT count(*) FROM marks"))
            await session.execute(text(f"INSERT INTO marks VALUES ({mark})"))
            await session.execute(text("SELECT count(*) FROM marks"))
            await asyncio.Event().wait()

    async with database.writing() as session:
        await session.execute(text("CREATE TABLE marks (mark INTEGER)"))
    moments = random.Random(4)  # moments, not secrets
    ends = []
    for _ in range(40):
        writers = [asyncio.ensure_future(write(mark)) for mark in range(3)]
        await asyncio.sleep(moments.random() * 0.006)
        for writer in writers:
            writer.cancel()
        # Whoever logs the error holds the frames of the cancelled writer, and with them its cursor.
        ends += await asyncio.gather(*writers, return_exceptions=True)
        async with asyncio.timeout(PATIENCE), database.writing() as session:
            kept = (await session.execute(text("SELECT mark FROM marks"))).scalars().all()
        assert kept == []

    assert {type(end) for end in ends} == {asyncio.CancelledError}


async def test_a_glance_at_a_file_that_others_keep_to_themselves_waits_and_holds_up_nobody(database: Database) -> None:
    if not database.url.startswith("sqlite"):
        pytest.skip("only SQLite keeps a whole file to one")
    others = sqlite3.connect(make_url(database.url).database or "", isolation_level=None)
    others.execute("PRAGMA locking_mode=EXCLUSIVE")
    others.execute("BEGIN EXCLUSIVE")
    others.execute("CREATE TABLE marks (mark INTEGER)")

    async def glance() -> int:
        async with database.glancing() as session:
            return int((await session.execute(text("SELECT count(*) FROM marks"))).scalar_one())

    waiting = asyncio.create_task(glance())
    # Whoever waited for the file here would wait for half a minute.
    async with asyncio.timeout(15):
        for _ in range(20):
            await asyncio.sleep(0.005)

    assert not waiting.done()
    others.execute("COMMIT")
    others.close()
    async with asyncio.timeout(PATIENCE):
        assert await waiting == 0


async def test_a_glance_over_a_connection_that_was_lost_goes_over_another(database: Database) -> None:
    if not database.url.startswith("postgresql"):
        pytest.skip("a file is not lost")
    async with database.glancing() as session:
        await session.execute(text("SELECT 1"))
    async with database.writing() as session:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        await session.execute(text(f"{ended} AND datname = current_database()"))

    async with asyncio.timeout(PATIENCE), database.glancing() as session:
        assert (await session.execute(text("SELECT 1"))).scalar_one() == 1


async def test_what_was_committed_by_anybody_makes_another_version_and_nothing_else_does(
    database: Database, database_url: str
) -> None:
    others = open_database(database_url)
    async with database.writing() as session:
        await session.execute(text("CREATE TABLE marks (mark INTEGER)"))
    versions = [await database.version()]

    for writer in (database, others, database):
        async with writer.writing() as session:
            await session.execute(text("INSERT INTO marks VALUES (1)"))
        versions.append(await database.version())
    await others.close()
    for _ in range(3):
        async with database.reading() as session:
            await session.execute(text("SELECT mark FROM marks"))
    at_rest = [await database.version() for _ in range(3)]

    assert len(set(versions)) == len(versions)
    # A server cleans up by itself now and then.
    assert len({versions[-1], *at_rest}) == 1 or not database.url.startswith("sqlite")


async def test_databases_that_are_opened_one_after_the_other_have_no_version_alike(database_url: str) -> None:
    first, second = open_database(database_url), open_database(database_url)

    assert await first.version() != await second.version()
    await first.close()
    await second.close()
